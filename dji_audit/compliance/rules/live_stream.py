"""No live video left the control of the unit.

A contact with a host that accepts live video, or an RTMP or RTSP conversation with any host,
shows a stream.  More bytes than a request needs, sent to the port of one of these protocols
(1935, 554), are a sign, and the finding says that it is the port.  List the server of the unit
in ``allowed_hosts``.  Addresses of the local network do not count: apps use them to show the
picture of the aircraft.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._shared._example import (
    CAPTURE_TOO_SHORT,
    example_tls_contact,
    example_with_contacts,
)
from dji_audit.compliance.rules._shared._network_rules import (
    CONTACTS_AND_PORTS,
    NetworkParameters,
    hosts_text,
    network_rule,
    network_rule_inputs,
    port_findings,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, RuleInputs
from dji_audit.flights import Flight

_PROTOCOLS = frozenset({"rtmp", "rtmps", "rtsp", "rtsps", "srt", "rtp"})


class LiveStreamParameters(NetworkParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: LiveStreamParameters, inputs: RuleInputs) -> CheckResult:
    """List each host to which video may have been streamed."""
    host_check = network_rule_inputs(flight, parameters, inputs)
    breaches, informational = port_findings(
        host_check, "live_stream", _PROTOCOLS, parameters.upload_bytes
    )
    return host_check.check_result(
        breaches,
        informational,
        "There was no contact with a host that accepts live video.",
        f"Live video may have gone to {hosts_text(breaches)}.",
    )


_STREAM = example_tls_contact(
    None, address="203.0.113.9", port=1935, protocol="tcp", bytes_up=40_000_000
)
_OWN_SERVER = {"allowed_hosts": ["203.0.113.9"]}

_EXAMPLES = (
    example_with_contacts(Outcome.FAIL, "40 MB sent to the RTMP port", _STREAM),
    example_with_contacts(
        Outcome.PASS, "a stream to the server of the unit", _STREAM, parameters=_OWN_SERVER
    ),
    CAPTURE_TOO_SHORT,
)
RULE = network_rule(
    "live_stream",
    "No live video left the control of the unit",
    LiveStreamParameters,
    check,
    _EXAMPLES,
    CONTACTS_AND_PORTS,
)
