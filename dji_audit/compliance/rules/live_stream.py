"""No live video left the control of the unit.

A contact with a host that accepts live video, or an RTMP or RTSP conversation with any host,
shows a stream.  More bytes than a request needs, sent to the port of one of these protocols
(1935, 554), are a sign, and the finding says that it is the port.  List the server of the unit
in ``allowed_hosts``.  Addresses of the local network do not count: apps use them to show the
picture of the aircraft.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.network import HostContacts
from dji_audit.compliance.rules._example import (
    FLIGHT_FIELDS,
    MAPS,
    Example,
    example_contact,
    example_network,
)
from dji_audit.compliance.rules._network import (
    NetworkParameters,
    host_findings,
    hosts_text,
    network_check,
    port_text,
    text_with,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

_PROTOCOLS = frozenset({"rtmp", "rtmps", "rtsp", "rtsps", "srt", "rtp"})


class LiveStream(NetworkParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: LiveStream, inputs: RuleInputs) -> CheckResult:
    """List each host to which video may have been streamed."""
    host_check = network_check(flight, parameters, inputs)
    known, least = inputs.context.catalogue, parameters.upload_bytes

    def shown(contact: HostContacts) -> str:
        return port_text(
            contact, category="live_stream", protocols=_PROTOCOLS, catalogue=known, min_bytes=least
        )

    broken, listed = host_findings(
        host_check,
        lambda contact: (
            contact.is_external
            and (
                contact.catalogue_match.has_category(frozenset({"live_stream"}))
                or bool(shown(contact))
            )
        ),
        text_with(shown),
    )
    return host_check.result(
        broken,
        listed,
        "There was no contact with a host that accepts live video.",
        f"Live video may have gone to {hosts_text(broken)}.",
    )


_STREAM = example_contact(
    None, address="203.0.113.9", port=1935, protocol="tcp", bytes_up=40_000_000
)

RULE = Rule(
    id="live_stream",
    title="No live video left the control of the unit",
    looks_at="Contacts of network logs and of the logs of the flight: hosts, protocols, ports.",
    not_assessable=(
        "Too little of the window was recorded, or names were hidden; findings stay listed."
    ),
    parameters=LiveStream,
    check=check,
    authorisable=True,
    examples=(
        Example(
            Outcome.FAIL,
            "40 MB sent to the RTMP port",
            **FLIGHT_FIELDS,
            context=example_network(_STREAM),
        ),
        Example(
            Outcome.PASS,
            "a stream to the server of the unit",
            **FLIGHT_FIELDS,
            context=example_network(_STREAM),
            parameters={"allowed_hosts": ["203.0.113.9"]},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a capture of half an hour",
            **FLIGHT_FIELDS,
            context=example_network(MAPS, hours=0.5),
        ),
    ),
)
