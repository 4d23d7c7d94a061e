"""No log was handed to a service that analyses logs or crashes.

Ground stations upload autopilot logs to public analysers by themselves once an
e-mail address was entered, and apps send what happened before a crash.  A mark on
the disk, such as the file that QGroundControl leaves beside a log that it has
uploaded, is a *confirmed upload* without any capture.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._network import NetworkParameters, hosts_of, look, named_in, whose
from dji_audit.compliance.rules._network_example import FLIGHT, MAPS, network, talk
from dji_audit.compliance.rules._rule import Inputs, Parameters, Rule, Verdict
from dji_audit.flights import Flight

_TAKING = frozenset({"crash_reporting", "log_upload"})


class LogUpload(NetworkParameters):
    """Parameters of the rule."""


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each service for logs or crashes that was met."""
    if not isinstance(parameters, LogUpload):
        raise TypeError("log_upload takes LogUpload")
    seen = look(flight, parameters, inputs)
    broken, listed = hosts_of(
        seen,
        RULE.id,
        # A mark on the disk names no host, and is an upload all the same.
        lambda met: (
            met.known.has(_TAKING)
            or (met.claim == "confirmed_upload" and not met.outside and not met.local)
        ),
        lambda met: whose(met.known) if met.outside else ", to a server that is not named",
    )
    return seen.verdict(
        broken,
        listed,
        "No service that takes logs or crashes was met.",
        f"Logs or crashes may have been handed over: {named_in(broken)}.",
    )


_LOGS = talk("logs.px4.io", path="/upload", protocol="https", bytes_up=9_000_000)

RULE = Rule(
    "log_upload",
    "No log was handed to a service that analyses logs",
    "Contacts of network logs and of the flight's own logs.",
    "Too little of the window was watched, or names were hidden; what was seen is listed.",
    LogUpload,
    check,
    authorisable=True,
    examples=(
        Example(Outcome.FAIL, "a log sent to a public analyser", **FLIGHT, case=network(_LOGS)),
        Example(Outcome.PASS, "a map fetched, and nothing else", **FLIGHT, case=network(MAPS)),
        Example(
            Outcome.NOT_ASSESSABLE, "a capture of half an hour", **FLIGHT,
            case=network(MAPS, hours=0.5),
        ),
    ),
)  # fmt: skip
