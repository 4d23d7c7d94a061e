"""The serial numbers in each log are the same in every place that carries one.

An app writes the serial number of the aircraft into its Details, into the record by which it
recovers a flight, and into the records of the components and the home point; an autopilot sends
the number of its board in messages and in texts.  The rule compares them place by place.  Where
they differ, parts were exchanged, records of two aircraft stand in one log, or one place was
edited: the log does not show which.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import Any

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, observation_from_logs_showing_subject
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    LogCitedAsEvidence,
    logs_judged_by_rules_about_whole_logs,
    logs_that_begin_with_this_flight,
)
from dji_audit.compliance.rules._shared._example_flights import ExampleFlight
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight, may_be_serial_of_same_aircraft, normalised_serial
from parsers import Log, StatedSerial

#: Parts of which an aircraft has one, so that two numbers in one kind of record differ as well.
_ONE_ONLY = ("aircraft", "flight controller")
#: Texts of a board may be cut: so many characters must be the same.
_MIN_PREFIX = 12


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """Compare the serial numbers of each part in each log."""
    findings, compared = list[Finding](), dict[str, None]()
    for flight_log in logs_judged_by_rules_about_whole_logs(flight):
        for part, places in _logged_serials_by_part_and_record_kind(flight_log.log).items():
            if len(places) > 1:
                compared[f"{part} in {', '.join(places)}"] = None
            findings += _finding_of_differing_serials_of_one_part(flight_log, part, places, inputs)
    what = "; ".join(compared) or "nothing"
    return CheckResult.from_findings(
        findings,
        f"Compared, and the same: {what}.",
        f"{len(findings)} serial number{'s differ' if len(findings) > 1 else ' differs'} from "
        f"place to place; compared: {what}.",
    )


def _logged_serials_by_part_and_record_kind(
    log: Log,
) -> Mapping[str, Mapping[str, list[StatedSerial]]]:
    """Return part -> kind of record -> what it states."""
    places: dict[str, dict[str, list[StatedSerial]]] = defaultdict(lambda: defaultdict(list))
    for each in log.stated_serials:
        places[each.part][each.record].append(each)
    return places


def _finding_of_differing_serials_of_one_part(
    flight_log: LogCitedAsEvidence,
    part: str,
    places: Mapping[str, list[StatedSerial]],
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield that the numbers of one part differ, as one finding with all of them."""
    differ = [
        (one[0], other[0])
        for one, other in combinations(places.values(), 2)
        if not any(_may_be_same_serial(a, b) for a in one for b in other)
    ]
    if part in _ONE_ONLY:
        differ += [
            (one, other)
            for stated in places.values()
            for one, other in combinations(stated, 2)
            if not _may_be_same_serial(one, other)
        ]
    if not differ:
        return
    one, other = differ[0]
    shown = _distinct_serials([each for pair in differ for each in pair])
    yield inputs.finding(
        f"inconsistent serial number of the {part}: {one.record} states {one.serial}, "
        f"{other.record} states {other.serial}",
        grade="reported",
        evidence=[
            flight_log.evidence(
                offset=each.source_offset,
                record=each.record,
                field=f"serial number of the {part}",
                value=each.serial,
            )
            for each in shown
        ],
        subject=f"{part} of {flight_log.log.source.name}",
    )


def _may_be_same_serial(one: StatedSerial, other: StatedSerial) -> bool:
    """Return whether two numbers may be one, in any of its forms: texts of a board may be cut."""
    return may_be_serial_of_same_aircraft(
        normalised_serial(one.serial), normalised_serial(other.serial), _MIN_PREFIX
    )


def _distinct_serials(stated: Collection[StatedSerial]) -> list[StatedSerial]:
    return list(dict.fromkeys(stated))


def _availability_of_serials_in_two_places(
    flight: Flight, _parameters: Any, _context: AuditContext
) -> DataNeedObservation:
    """Return whether a log states a serial number in two places."""
    subject = "a serial number in two places"
    names = [
        each.log.source.name
        for each in logs_that_begin_with_this_flight(flight)
        if any(
            len(places) > 1 for places in _logged_serials_by_part_and_record_kind(each.log).values()
        )
    ]
    reason = "No log of the flight states a serial number in more than one place."
    return observation_from_logs_showing_subject(flight, subject, names, reason)


def _example_log_with_serials(*stated: tuple[str, str, str]) -> dict[str, Any]:
    """Return a log that states serial numbers: part, number and record of each."""
    return {
        "stated_serials": tuple(
            StatedSerial(part, serial, record, 100 + 10 * number)
            for number, (part, serial, record) in enumerate(stated)
        )
    }


_NEEDS = (
    DataNeed(
        "second serial",
        _availability_of_serials_in_two_places,
        words="a serial number that the log states in two places",
    ),
)
_ONE, _OTHER = "1ZNBH2K00C0001", "1ZNBH2K00C0002"
_CASES: tuple[tuple[Outcome, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        Outcome.PASS, "the same number in Details and Recover",
        (("aircraft", _ONE, "Details"), ("aircraft", _ONE, "Recover")),
    ),
    (
        Outcome.FAIL, "a number in Details that differs from that in Recover",
        (("aircraft", _OTHER, "Details"), ("aircraft", _ONE, "Recover")),
    ),
    (
        Outcome.FAIL, "two aircraft in the records of the home point",
        (("aircraft", _ONE, "Home"), ("aircraft", _OTHER, "Home")),
    ),
    (
        Outcome.PASS, "two batteries of which Details name the first",
        (
            ("battery", "B1", "Details"), ("battery", "B1", "ComponentSerial"),
            ("battery", "B2", "ComponentSerial"),
        ),
    ),
    (
        Outcome.NOT_ASSESSABLE, "a log that states its serial number once",
        (("aircraft", _ONE, "Details"),),
    ),
)  # fmt: skip
_EXAMPLES = tuple(
    ExampleFlight(outcome, title, log_fields=_example_log_with_serials(*stated))
    for outcome, title, stated in _CASES
)
RULE = Rule(
    id="serial_consistency",
    title="The serial numbers in each log are the same in every place",
    parameters=Parameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="Serial numbers of aircraft and parts in every record that carries one.",
    not_assessable="No log of the flight states a serial number in more than one place.",
)
