"""Where Local Data Mode is declared, the app was silent but for what is exempt.

DJI says that an app in Local Data Mode stops all traffic to the internet, except
the modules that are exempted; its Mobile SDK names twelve.  The unit declares with
``declared`` that the mode was on, and with ``exempt`` which modules were exempted.
A contact is held against the module of its role in the catalogue.

A host with several roles, or whose module no source states, may be exempt or not:
where some modules are exempt, such a contact is listed and the rule is not
assessable.  So is one with a service of a third party from an app that the capture
does not name: the mode binds the app, not the whole tablet.  Where the capture names
the app, whatever DJI's app talks to counts, and what others talk to does not.
"""

from pydantic import Field, field_validator

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.network import Met
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._network import (
    Look,
    NetworkParameters,
    look,
    named_in,
    whose,
)
from dji_audit.compliance.rules._network_example import FLIGHT, UPLOAD, network, talk
from dji_audit.compliance.rules._rule import Inputs, Parameters, Rule, Verdict
from dji_audit.endpoints import LDM_MODULES
from dji_audit.flights import Flight


class LocalDataMode(NetworkParameters):
    """Parameters of the rule."""

    #: Whether the unit declares that the mode was on.
    declared: bool = False
    #: Modules that were exempted from it, spelled as DJI does.
    exempt: list[str] = Field(default_factory=list)

    @field_validator("exempt")
    @classmethod
    def _are_modules(cls, given: list[str]) -> list[str]:
        if unknown := set(given) - set(LDM_MODULES):
            known = ", ".join(LDM_MODULES)
            raise ValueError(f"no such module: {', '.join(sorted(unknown))}; there are {known}")
        return given


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Hold each contact of the app against the modules that are exempt."""
    if not isinstance(parameters, LocalDataMode):
        raise TypeError("local_data_mode takes LocalDataMode")
    if not parameters.declared:
        return Verdict(
            Outcome.NOT_APPLICABLE, "The policy does not declare that Local Data Mode was on."
        )
    seen = look(flight, parameters, inputs)
    broken, unclear, listed = list[Finding](), list[Finding](), list[Finding]()
    for met in seen.met:
        verdict = _covered(met, frozenset(parameters.exempt))
        if verdict is None:
            continue
        outcome, told = verdict
        fails = met.talked and not met.allowed and outcome is not Outcome.PASS
        weight = inputs.severity if fails and outcome is Outcome.FAIL else Severity.INFO
        finding = seen.finding(RULE.id, met, weight, f"{whose(met.known)}, {told}")
        if not fails:
            listed.append(finding)
        else:
            (broken if outcome is Outcome.FAIL else unclear).append(finding)
    return _verdict(seen, broken, unclear, listed)


def _verdict(
    seen: Look, broken: list[Finding], unclear: list[Finding], listed: list[Finding]
) -> Verdict:
    if unclear and not broken:
        return seen.unclear(
            f"Whether contacts with {named_in(unclear)} were exempt cannot be told from the name.",
            [*unclear, *listed],
        )
    return seen.verdict(
        broken,
        [*unclear, *listed],
        "No contact was seen but those of exempt modules.",
        f"Contacts that no exemption covers: {named_in(broken)}.",
    )


def _covered(met: Met, exempt: frozenset[str]) -> tuple[Outcome, str] | None:
    """Return whether exemptions cover a contact, and why; ``None``: it is not the app's."""
    rows = [row for row in met.known.owned if row.operator == "DJI" or row.ldm_exempt_module]
    rows = [row for row in rows if row.category != "vendor_apex"] or rows
    apps = met.apps
    bound = any("dji" in app.lower() for app in apps)
    if met.local or not (rows or bound) or met.claim == "indicator":
        return None
    if apps and not bound:
        return Outcome.PASS, f"by {', '.join(sorted(apps))}, which the mode does not bind"
    modules = {row.ldm_exempt_module for row in rows} or {""}
    told = f"module {' or '.join(sorted(module or 'not stated' for module in modules))}"
    if modules <= exempt:
        return Outcome.PASS, f"{told}, exempt"
    if exempt and (modules & exempt or "" in modules):
        return Outcome.NOT_ASSESSABLE, f"{told}, exempt in part or not known to be"
    if not bound and all(row.specificity == "shared_sdk" for row in rows):
        return Outcome.NOT_ASSESSABLE, f"{told}, by which app is not shown"
    return Outcome.FAIL, f"{told}, not exempt"


_ZONES = talk("flysafe-api.dji.com")

RULE = Rule(
    "local_data_mode",
    "In Local Data Mode nothing was talked to but what is exempt",
    "Contacts of network logs and of the flight's own logs; the unit's declaration.",
    "Too little of the window was watched, or a name does not tell which module spoke.",
    LocalDataMode,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.FAIL, "a record sent in Local Data Mode", **FLIGHT, case=network(UPLOAD),
            parameters={"declared": True},
        ),
        Example(
            Outcome.PASS, "zones asked for, which is exempt", **FLIGHT, case=network(_ZONES),
            parameters={"declared": True, "exempt": ["FLY_SAFE"]},
        ),
        Example(
            Outcome.NOT_ASSESSABLE, "a host with many roles, one of them exempt", **FLIGHT,
            case=network(UPLOAD), parameters={"declared": True, "exempt": ["FIRMWARE_UPGRADE"]},
        ),
        Example(
            Outcome.NOT_APPLICABLE, "a unit that declares no Local Data Mode", **FLIGHT,
            case=network(UPLOAD),
        ),
    ),
)  # fmt: skip
