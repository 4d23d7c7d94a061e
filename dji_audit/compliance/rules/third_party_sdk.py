"""No contact with services of third parties that are built into apps.

Analytics, crash reports, push messages and maps of others than the maker come
with the app and see who uses it, when, and often where.  The same services are
built into many apps, so that a contact from a tablet may come from another app
than the one that flies; where the capture names the app, the finding does too.
"""

from pydantic import Field

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.network import Met
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._network import (
    NetworkParameters,
    Roles,
    hosts_of,
    look,
    named_in,
    whose,
)
from dji_audit.compliance.rules._network_example import FLIGHT, MAPS, UPLOAD, network
from dji_audit.compliance.rules._rule import Inputs, Parameters, Rule, Verdict
from dji_audit.flights import Flight


class ThirdPartySdk(NetworkParameters):
    """Parameters of the rule."""

    #: Roles of third parties that the unit accepts, such as ``maps``.
    allowed_categories: Roles = Field(default_factory=list)


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each third party's service that was met."""
    if not isinstance(parameters, ThirdPartySdk):
        raise TypeError("third_party_sdk takes ThirdPartySdk")
    seen = look(flight, parameters, inputs)
    allowed = frozenset(parameters.allowed_categories)
    broken, listed = hosts_of(
        seen,
        RULE.id,
        lambda met: any(
            row.specificity == "shared_sdk" and row.category not in allowed
            for row in met.known.rows
        ),
        _told,
    )
    return seen.verdict(
        broken,
        listed,
        "No service of a third party was met.",
        f"Services of third parties were met: {named_in(broken)}.",
    )


def _told(met: Met) -> str:
    by = f", by {', '.join(sorted(met.apps))}" if met.apps else ", by which app is not shown"
    carries = sorted({row.carries for row in met.known.owned if row.carries})
    what = f", which may tell {' and '.join(carries)}" if carries else ""
    return f"{whose(met.known)}{by}{what}"


RULE = Rule(
    "third_party_sdk",
    "No service of a third party was talked to",
    "Contacts of network logs and of the flight's own logs.",
    "Too little of the window was watched, or names were hidden; what was seen is listed.",
    ThirdPartySdk,
    check,
    authorisable=True,
    examples=(
        Example(Outcome.FAIL, "a map of a third party fetched", **FLIGHT, case=network(MAPS)),
        Example(
            Outcome.PASS, "a map fetched where maps are accepted", **FLIGHT, case=network(MAPS),
            parameters={"allowed_categories": ["maps"]},
        ),
        Example(
            Outcome.NOT_ASSESSABLE, "a capture of half an hour", **FLIGHT,
            case=network(UPLOAD, hours=0.5),
        ),
    ),
)  # fmt: skip
