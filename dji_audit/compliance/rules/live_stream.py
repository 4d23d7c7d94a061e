"""No live video left the unit's control.

A host that takes live video, or a conversation by RTMP or RTSP with any host,
shows a stream.  The port of one of these (1935, 554) with more than asking takes
sent to it is a sign, and the finding says that it is the port.  The unit's own
server belongs among ``allowed_hosts``.  Addresses of the local network are left
out: so apps show the aircraft's own picture.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.network import Met
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._network import (
    NetworkParameters,
    hosts_of,
    look,
    named_in,
)
from dji_audit.compliance.rules._network_example import FLIGHT, MAPS, network, talk
from dji_audit.compliance.rules._ports import by_port, told_with
from dji_audit.compliance.rules._rule import Inputs, Parameters, Rule, Verdict
from dji_audit.flights import Flight

_PROTOCOLS = frozenset({"rtmp", "rtmps", "rtsp", "rtsps", "srt", "rtp"})


class LiveStream(NetworkParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each host that video may have been streamed to."""
    if not isinstance(parameters, LiveStream):
        raise TypeError("live_stream takes LiveStream")
    seen = look(flight, parameters, inputs)
    known, least = inputs.case.catalogue, parameters.upload_bytes

    def shown(met: Met) -> str:
        return by_port(met, "live_stream", _PROTOCOLS, known, least)

    broken, listed = hosts_of(
        seen,
        RULE.id,
        lambda met: met.outside and (met.known.has(frozenset({"live_stream"})) or bool(shown(met))),
        told_with(shown),
    )
    return seen.verdict(
        broken,
        listed,
        "No host that takes live video was met.",
        f"Live video may have gone to {named_in(broken)}.",
    )


_STREAM = talk(None, address="203.0.113.9", port=1935, protocol="tcp", bytes_up=40_000_000)

RULE = Rule(
    "live_stream",
    "No live video left the unit's control",
    "Contacts of network logs and of the flight's own logs: hosts, protocols, ports.",
    "Too little of the window was watched, or names were hidden; what was seen is listed.",
    LiveStream,
    check,
    authorisable=True,
    examples=(
        Example(Outcome.FAIL, "40 MB sent to the port of RTMP", **FLIGHT, case=network(_STREAM)),
        Example(
            Outcome.PASS, "a stream to the unit's own server", **FLIGHT, case=network(_STREAM),
            parameters={"allowed_hosts": ["203.0.113.9"]},
        ),
        Example(
            Outcome.NOT_ASSESSABLE, "a capture of half an hour", **FLIGHT,
            case=network(MAPS, hours=0.5),
        ),
    ),
)  # fmt: skip
