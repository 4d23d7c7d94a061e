"""In declared Local Data Mode, the app contacted only hosts of exempt modules.

DJI states that an app in Local Data Mode stops all internet traffic, except that of exempted
modules; its Mobile SDK names twelve.  The unit declares with ``declared`` that the mode was
on, and with ``exempt`` which modules were exempted.  Each contact is compared with the module
of its category in the catalogue.

A host with several categories, or without a known module, may or may not be exempt: where some
modules are exempt, such a contact is listed and the rule is not assessable.  The same holds for
a contact with a third-party service from an app that the capture does not name, because the mode
binds the app and not the whole tablet.  Where the capture names the app, every contact of the DJI
app counts, and contacts of other apps do not.
"""

from pydantic import Field, field_validator

from dji_audit.compliance.findings import Finding
from dji_audit.compliance.network import OTHER_AIRCRAFT, HostContacts
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import parameter_field
from dji_audit.compliance.rules._shared._example_flights import (
    UPLOAD,
    example_flight_with_contacts,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._network_rules import (
    NetworkRuleInputs,
    NetworkRuleParameters,
    host_list_text,
    host_operator_and_purpose_text,
    network_rule_data_needs,
    network_rule_inputs,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.endpoints import LDM_MODULES
from dji_audit.flights import Flight


class LocalDataModeParameters(NetworkRuleParameters):
    """Parameters of the rule."""

    declared: bool = parameter_field(False, "Whether the unit declares that the mode was on.")
    exempt: list[str] = Field(
        default_factory=list, description="Modules that were exempted, spelled as DJI does."
    )

    @field_validator("exempt")
    @classmethod
    def _refuse_unknown_modules(cls, given: list[str]) -> list[str]:
        if unknown := set(given) - set(LDM_MODULES):
            known = ", ".join(LDM_MODULES)
            raise ValueError(f"no such module: {', '.join(sorted(unknown))}; there are {known}")
        return given


def check(flight: Flight, parameters: LocalDataModeParameters, inputs: RuleInputs) -> CheckResult:
    """Compare each contact of the app with the exempt modules."""
    if not parameters.declared:
        return CheckResult(
            Outcome.NOT_APPLICABLE, "The policy does not declare that Local Data Mode was on."
        )
    host_check = network_rule_inputs(flight, parameters, inputs)
    breaches, unclear, informational = list[Finding](), list[Finding](), list[Finding]()
    for contact in host_check.hosts:
        exemption = _exemption_outcome_and_reason(contact, frozenset(parameters.exempt))
        if exemption is None:
            continue
        outcome, text = exemption
        fails = contact.is_contacted and not contact.is_allowed and outcome is not Outcome.PASS
        severity = inputs.severity if fails and outcome is Outcome.FAIL else Severity.REMARK
        finding = host_check.finding(
            contact, f"{host_operator_and_purpose_text(contact)}, {text}", severity=severity
        )
        if not fails:
            informational.append(finding)
        else:
            (breaches if outcome is Outcome.FAIL else unclear).append(finding)
    return _build_check_result(host_check, breaches, unclear, informational)


def _build_check_result(
    host_check: NetworkRuleInputs,
    breaches: list[Finding],
    unclear: list[Finding],
    informational: list[Finding],
) -> CheckResult:
    if unclear and not breaches:
        return CheckResult.not_assessable_because(
            f"The name does not show whether contacts with {host_list_text(unclear)} were exempt.",
            [*unclear, *informational],
        )
    return host_check.check_result(
        breaches,
        [*unclear, *informational],
        "There was no contact except those of exempt modules.",
        f"Contacts that no exemption covers: {host_list_text(breaches)}.",
    )


def _exemption_outcome_and_reason(
    contact: HostContacts, exempt: frozenset[str]
) -> tuple[Outcome, str] | None:
    """Return whether exemptions cover a contact, and why; ``None``: it is not of the app."""
    rows = [
        row
        for row in contact.catalogue_match.non_generic_catalogue_rows
        if row.operator == "DJI" or row.ldm_exempt_module
    ]
    rows = [row for row in rows if row.category != "vendor_apex"] or rows
    apps = contact.apps
    is_dji_app = any("dji" in app.lower() for app in apps)
    if (
        contact.is_local
        or not (rows or is_dji_app)
        or contact.claim in ("indicator", OTHER_AIRCRAFT)
    ):
        return None
    if apps and not is_dji_app:
        return Outcome.PASS, f"by {', '.join(sorted(apps))}, to which the mode does not apply"
    modules = {row.ldm_exempt_module for row in rows} or {""}
    text = f"module {' or '.join(sorted(module or 'not stated' for module in modules))}"
    if modules <= exempt:
        return Outcome.PASS, f"{text}, exempt"
    if exempt and (modules & exempt or "" in modules):
        return Outcome.NOT_ASSESSABLE, f"{text}, exempt in part or not known to be exempt"
    if not is_dji_app and all(row.specificity == "shared_sdk" for row in rows):
        return Outcome.NOT_ASSESSABLE, f"{text}, the app is not known"
    return Outcome.FAIL, f"{text}, not exempt"


_ZONES = example_tls_contact("flysafe-api.dji.com")

_EXAMPLES = (
    example_flight_with_contacts(
        Outcome.FAIL,
        "a record sent in Local Data Mode",
        UPLOAD,
        parameters={"declared": True},
    ),
    example_flight_with_contacts(
        Outcome.PASS,
        "a request for zones, which is exempt",
        _ZONES,
        parameters={"declared": True, "exempt": ["FLY_SAFE"]},
    ),
    example_flight_with_contacts(
        Outcome.NOT_ASSESSABLE,
        "a host with many categories, one of them exempt",
        UPLOAD,
        parameters={"declared": True, "exempt": ["FIRMWARE_UPGRADE"]},
    ),
    example_flight_with_contacts(
        Outcome.NOT_APPLICABLE,
        "a unit that declares no Local Data Mode",
        UPLOAD,
    ),
)
RULE = Rule(
    id="local_data_mode",
    title="In Local Data Mode there was no contact except those of exempt modules",
    parameters=LocalDataModeParameters,
    check=check,
    needs=network_rule_data_needs,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Contacts of network logs and of the logs of the flight; the declaration of the unit.",
    not_assessable="Too little of the window was recorded, or a name does not show the module.",
)
