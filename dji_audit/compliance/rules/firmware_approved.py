"""The firmware and the app in use are approved by the unit.

The log names the versions of some parts; the inventory lists the approved versions.  A part
that only the log names is not judged.  A part that only the inventory lists cannot be
assessed.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from dji_audit.common.plain_english import pluralised_count, sentence_case
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared import _aircraft_inventory_row as inventory_row
from dji_audit.compliance.rules._shared._example_flights import (
    EXAMPLE_AIRCRAFT,
    ExampleFlight,
    example_flight_with_inventory,
)
from dji_audit.compliance.rules._shared._flight_evidence import evidence_of_record_in_flight_log
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """Compare each version that a log names with the approved versions."""
    row = inventory_row.inventory_row_or_stop_check(flight, inputs)
    approved = row.record.approved_firmware_versions_by_part()
    if not approved:
        return CheckResult.not_assessable_because(
            "The inventory names no approved firmware for the aircraft."
        )
    running_versions = _firmware_versions_and_log_index_by_part(flight)
    findings = []
    for part, (versions, source_index) in running_versions.items():
        if part not in approved:
            continue
        approved_text = " or ".join(sorted(approved[part]))
        for version in versions:
            if _comparable_version(version) in map(_comparable_version, approved[part]):
                continue
            version_bytes = evidence_of_record_in_flight_log(
                flight,
                offset=None,
                record="aircraft",
                field=part,
                value=version,
                source_index=source_index,
            )
            summary = (
                f"{sentence_case(part)} ran version {version}, and the unit approved "
                f"{approved_text}; known from {version_bytes.file} and the inventory."
            )
            findings.append(
                inventory_row.inventory_finding(
                    flight,
                    row,
                    inputs,
                    field="firmware_approved",
                    summary=summary,
                    further_evidence=(version_bytes,),
                )
            )
    absent = [part for part in approved if part not in running_versions]
    if not findings and absent:
        return CheckResult.not_assessable_because(
            f"No log names the version of: {', '.join(absent)}."
        )
    checked_text = ", ".join(part for part in running_versions if part in approved)
    count = len(findings)
    return CheckResult.from_findings(
        findings,
        f"Approved: {checked_text}.",
        f"{pluralised_count(count, 'version')} not approved.",
    )


#: Numbers between dots, as each program writes them: "3.4.2.24", "03.04.02.24", "v3.4.2.24".
_DOTTED_NUMBERS = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)*)(?!\w)")


def _comparable_version(version: str) -> str:
    """Return a version without what only its writing differs in: zeros in front, "v", capitals."""
    return _DOTTED_NUMBERS.sub(
        lambda found: ".".join(number.lstrip("0") or "0" for number in found[1].split(".")),
        version.casefold().strip(),
    )


def _firmware_versions_and_log_index_by_part(
    flight: Flight,
) -> Mapping[str, tuple[tuple[str, ...], int]]:
    """Return part -> versions and index of the log that names it; the first log counts.

    An aircraft with two parts of one kind, such as batteries, may run two versions.
    """
    findings: dict[str, tuple[tuple[str, ...], int]] = {}
    for source_index, log in enumerate(flight.logs):
        named = [*log.aircraft.firmware.items()]
        if log.aircraft.app:
            named.append(("app", log.aircraft.app))
        versions_by_part: dict[str, dict[str, None]] = {}
        for part, version in named:
            # A number in brackets numbers parts of one kind.
            versions_by_part.setdefault(part.partition(" (")[0].lower(), {})[version] = None
        for part, versions in versions_by_part.items():
            findings.setdefault(part, (tuple(versions), source_index))
    return findings


def _example_flight_with_firmware_versions(
    outcome: Outcome,
    description: str,
    firmware: dict[str, str],
    approved: str = "flight controller=3.4.2.24",
) -> ExampleFlight:
    """Return a flight with the versions in its log and the approved versions."""
    aircraft = replace(EXAMPLE_AIRCRAFT, firmware=firmware)
    row = {"serial": "S1", "firmware_approved": approved}
    return example_flight_with_inventory(outcome, description, row, aircraft=aircraft)


_NEEDS = (
    inventory_row.inventory_supplied_data_need(),
    inventory_row.stated_constant_fact_data_need("firmware"),
)
_EXAMPLES = (
    _example_flight_with_firmware_versions(
        Outcome.PASS, "the approved version", {"flight controller (6)": "3.4.2.24"}
    ),
    _example_flight_with_firmware_versions(
        Outcome.FAIL, "another version", {"flight controller (6)": "3.4.3.0"}
    ),
    _example_flight_with_firmware_versions(
        Outcome.FAIL,
        "two batteries of which one has another version",
        {"battery (0)": "1.0", "battery (1)": "2.0"},
        "battery=1.0",
    ),
    _example_flight_with_firmware_versions(
        Outcome.NOT_ASSESSABLE, "a log that names no version", {}
    ),
)
RULE = Rule(
    id="firmware_approved",
    title="Firmware and app were approved versions",
    parameters=Parameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Versions in the log; approved versions in the inventory.",
    not_assessable=(
        "The inventory lacks the aircraft or its approved versions, or the log names no versions."
    ),
)
