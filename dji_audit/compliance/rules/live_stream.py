"""No live video left the control of the unit.

A contact with a host that accepts live video, or an RTMP or RTSP conversation with any host,
shows a stream.  More bytes than a request needs, sent to the port of one of these protocols
(1935, 554), are a sign, and the finding says that it is the port.  List the server of the unit
in ``allowed_hosts``.  Addresses of the local network do not count: apps use them to show the
picture of the aircraft.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._example import CAPTURE_TOO_SHORT, example_contact, network_example
from dji_audit.compliance.rules._network import (
    CONTACTS_AND_PORTS,
    NOT_ASSESSABLE,
    NetworkParameters,
    hosts_text,
    network_check,
    port_findings,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

_PROTOCOLS = frozenset({"rtmp", "rtmps", "rtsp", "rtsps", "srt", "rtp"})


class LiveStreamParameters(NetworkParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: LiveStreamParameters, inputs: RuleInputs) -> CheckResult:
    """List each host to which video may have been streamed."""
    host_check = network_check(flight, parameters, inputs)
    breaches, informational = port_findings(
        host_check, "live_stream", _PROTOCOLS, parameters.upload_bytes
    )
    return host_check.result(
        breaches,
        informational,
        "There was no contact with a host that accepts live video.",
        f"Live video may have gone to {hosts_text(breaches)}.",
    )


_STREAM = example_contact(
    None, address="203.0.113.9", port=1935, protocol="tcp", bytes_up=40_000_000
)

RULE = Rule(
    id="live_stream",
    title="No live video left the control of the unit",
    looks_at=CONTACTS_AND_PORTS,
    not_assessable=NOT_ASSESSABLE,
    parameters=LiveStreamParameters,
    check=check,
    authorisable=True,
    examples=(
        network_example(
            Outcome.FAIL,
            "40 MB sent to the RTMP port",
            _STREAM,
        ),
        network_example(
            Outcome.PASS,
            "a stream to the server of the unit",
            _STREAM,
            parameters={"allowed_hosts": ["203.0.113.9"]},
        ),
        CAPTURE_TOO_SHORT,
    ),
)
