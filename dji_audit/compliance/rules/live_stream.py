"""No live video left the control of the unit.

A contact with a host that accepts live video, or an RTMP or RTSP conversation with any host,
shows a stream.  More bytes than a request needs, sent to the port of one of these protocols
(1935, 554), are a sign, and the finding says that it is the port.  List the server of the unit
in ``allowed_hosts``.  Addresses of the local network do not count: apps use them to show the
picture of the aircraft.
"""

from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared._example_flights import (
    CAPTURE_TOO_SHORT,
    example_flight_with_contacts,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._network_rules import build_streaming_service_rule

_STREAM = example_tls_contact(
    None, address="203.0.113.9", port=1935, protocol="tcp", bytes_up=40_000_000
)
_OWN_SERVER = {"allowed_hosts": ["203.0.113.9"]}

_EXAMPLES = (
    example_flight_with_contacts(Outcome.FAIL, "40 MB sent to the RTMP port", _STREAM),
    example_flight_with_contacts(
        Outcome.PASS, "a stream to the server of the unit", _STREAM, parameters=_OWN_SERVER
    ),
    CAPTURE_TOO_SHORT,
)
RULE = build_streaming_service_rule(
    "live_stream",
    "No live video left the control of the unit",
    category="live_stream",
    protocols=frozenset({"rtmp", "rtmps", "rtsp", "rtsps", "srt", "rtp"}),
    min_bytes=lambda parameters: parameters.upload_bytes,
    no_contact_reason="There was no contact with a host that accepts live video.",
    contact_reason="Live video may have gone to",
    examples=_EXAMPLES,
)
