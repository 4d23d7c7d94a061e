"""A permission covers what it says and no more; what it covers stays listed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.authorisations_of_findings import load_authorisations
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import PolicyEntry, PolicyParameterValueAndSource, load_policy
from dji_audit.compliance.rules import (
    ExampleFlight,
    build_example_flight_and_audit_context,
    rules_by_id,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FLIGHT_FIELDS,
    UPLOAD,
    example_network_log_as_context_fields,
)
from dji_audit.flights import assemble_flights
from tests.dji_audit.conftest import MakeLog

HEAD = ["reference", "by", "reason", "rules", "start", "end"]
USUAL = {
    "reference": "A-1", "by": "Insp A", "reason": "search by night", "rules": "height_limit",
    "start": "2026-05-14T09:00:00Z", "end": "2026-05-14T09:10:00Z",
}  # fmt: skip
#: Above 120 m from second 10 to 20 and from 40 to 50.
HEIGHTS = [130.0 if 10 <= second <= 20 or 40 <= second <= 50 else 60.0 for second in range(60)]


@pytest.fixture
def result(tmp_path: Path, make_log: MakeLog) -> Callable[..., RuleResult]:
    """Return what height_limit comes to on the flight, with some authorisations."""

    def of(*rows: dict[str, Any], longitudes: list[float] | None = None) -> RuleResult:
        columns = [*HEAD, *dict.fromkeys(name for row in rows for name in row if name not in HEAD)]
        lines = [",".join(columns)]
        lines += [",".join(str((USUAL | row).get(name, "")) for name in columns) for row in rows]
        path = tmp_path / "authorisations.csv"
        path.write_text("\n".join(lines) + "\n")
        track = {
            "height_ato_m": HEIGHTS,
            "latitude_deg": [50.0] * 60,
            "longitude_deg": longitudes or [-4.0] * 60,
        }
        log = make_log(track, aircraft=parsers.Aircraft(serial="S1"))
        case = replace(AuditContext(), authorisations=load_authorisations(path))
        return apply_policy_entry_to_flight(
            assemble_flights(log)[0], load_policy().rules["height_limit"], case
        )

    return of


Result = Callable[..., RuleResult]


def test_a_permission_for_the_whole_time_turns_the_failure_into_an_authorised_one(
    result: Result,
) -> None:
    found = result({})
    assert found.outcome is Outcome.FAIL_AUTHORISED
    assert found.reason.endswith("Authorised: A-1.")
    assert len(found.findings) == 2
    for finding in found.findings:
        assert finding.is_authorised
        assert finding.authorisation is not None
        assert finding.authorisation.text == "authorised: A-1 by Insp A, search by night"
        assert finding.evidence[-1].file == "authorisations.csv"
        assert finding.evidence[-1].offset == len(",".join(HEAD)) + 1
        assert found.outcome_of_finding(finding) is Outcome.FAIL_AUTHORISED


def test_one_interval_that_is_covered_leaves_the_other_a_failure(result: Result) -> None:
    found = result({"end": "2026-05-14T09:00:30Z"})
    assert found.outcome is Outcome.FAIL
    assert found.reason.endswith("Authorised: 1 of 2.")
    covered, open_ = found.findings
    assert covered.is_authorised
    assert open_.authorisation is None
    assert found.outcome_of_finding(covered) is Outcome.FAIL_AUTHORISED
    assert found.outcome_of_finding(open_) is Outcome.FAIL


def test_an_interval_that_is_covered_in_part_stays_a_failure_and_says_which_part_is_not(
    result: Result,
) -> None:
    found = result({"start": "2026-05-14T09:00:00Z", "end": "2026-05-14T09:00:15Z"})
    assert found.outcome is Outcome.FAIL
    assert found.reason.endswith("Authorised: 0 of 2, 1 in part.")
    cover = found.findings[0].authorisation
    assert cover is not None
    assert not cover.is_complete
    assert cover.text == "authorised only in part: nothing covers 09:00:15 UTC to 09:00:20 UTC"


def test_two_permissions_cover_together_what_neither_covers_alone(result: Result) -> None:
    found = result(
        {"reference": "A-2", "start": "2026-05-14T09:00:15Z", "end": "2026-05-14T09:00:55Z"},
        {"end": "2026-05-14T09:00:16Z"},
    )
    assert found.outcome is Outcome.FAIL_AUTHORISED
    assert found.findings[0].authorisation is not None
    assert found.findings[0].authorisation.references == ("A-2", "A-1")


def test_two_permissions_with_a_hole_between_them_do_not_cover_the_hole(result: Result) -> None:
    found = result({"end": "2026-05-14T09:00:14Z"}, {"start": "2026-05-14T09:00:16Z"})
    cover = found.findings[0].authorisation
    assert cover is not None
    assert cover.text == "authorised only in part: nothing covers 09:00:14 UTC to 09:00:20 UTC"


@pytest.mark.parametrize(
    ("row", "covered"),
    [
        ({"up_to": 130}, True),
        ({"up_to": 125}, False),
        ({"aircraft": "S9; s1"}, True),
        ({"aircraft": "S9"}, False),
        ({"rules": "distance_limit"}, False),
        ({"rules": "distance_limit; height_limit"}, True),
        ({"subjects": "zone 7"}, False),
        ({"latitude": 50.0, "longitude": -4.0, "radius_m": 100}, True),
        ({"latitude": 50.01, "longitude": -4.0, "radius_m": 1000}, False),
        ({"start": "2026-05-13T09:00:00Z", "end": "2026-05-13T09:10:00Z"}, False),
    ],
)
def test_a_permission_covers_what_it_says_and_no_more(
    result: Result, row: dict[str, Any], covered: bool
) -> None:
    assert (result(row).outcome is Outcome.FAIL_AUTHORISED) == covered


def test_a_permission_up_to_a_height_says_what_was_reached(result: Result) -> None:
    cover = result({"up_to": 125}).findings[0].authorisation
    assert cover is not None
    assert cover.text == "authorised only in part: A-1 allows up to 125, and 130.0 was reached"


def test_every_fix_of_the_interval_must_lie_in_the_place_that_is_allowed(result: Result) -> None:
    place = {"latitude": 50.0, "longitude": -4.0, "radius_m": 100}
    away = [-4.0 + (0.01 if second == 15 else 0.0) for second in range(60)]
    first, second = result(place, longitudes=away).findings
    assert first.authorisation is not None
    assert first.authorisation.text.startswith(
        "authorised only in part: A-1 reaches 100 m from its centre"
    )
    assert second.is_authorised


PART = "authorised only in part: nothing covers"


#: Second 10 to 20 is above the limit.
@pytest.mark.parametrize(
    ("begin", "end", "text"),
    [
        ("09:00:10", "09:00:20", "authorised: A-1 by Insp A, search by night"),
        ("09:00:11", "09:10:00", f"{PART} 09:00:10 UTC to"),
        ("09:00:00", "09:00:19", f"{PART} 09:00:19 UTC to"),
        ("09:00:20", "09:00:30", f"{PART} 09:00:10 UTC to"),
        ("09:00:00", "09:00:10", f"{PART} 09:00:10 UTC to"),
        ("09:00:21", "09:00:30", ""),
        ("09:00:00", "09:00:09", ""),
    ],
)
def test_the_edges_of_a_permission_are_part_of_it(
    result: Result, begin: str, end: str, text: str
) -> None:
    row = {"start": f"2026-05-14T{begin}Z", "end": f"2026-05-14T{end}Z"}
    coverage = result(row).findings[0].authorisation
    assert (coverage.text if coverage is not None else "").startswith(text)
    assert (coverage is None) == (not text)


def test_permissions_that_touch_cover_without_a_hole(result: Result) -> None:
    found = result({"end": "2026-05-14T09:00:15Z"}, {"start": "2026-05-14T09:00:15Z"})
    assert found.outcome is Outcome.FAIL_AUTHORISED
    coverage = found.findings[0].authorisation
    assert coverage is not None
    assert coverage.references == ("A-1", "A-1")
    assert coverage.is_complete


def test_what_is_covered_in_part_is_counted_apart(result: Result) -> None:
    first = result({"end": "2026-05-14T09:00:30Z"})
    assert first.reason.endswith("Authorised: 1 of 2.")
    second = result({"end": "2026-05-14T09:00:45Z"})
    assert second.reason.endswith("Authorised: 1 of 2, 1 in part.")
    assert [finding.is_authorised for finding in second.findings] == [True, False]


@pytest.mark.parametrize(("radius_m", "covered"), [(717, True), (716, False)])
def test_a_fix_may_lie_on_the_circle(result: Result, radius_m: float, covered: bool) -> None:
    place = {"latitude": 50.0, "longitude": -3.99, "radius_m": radius_m}
    assert (result(place).outcome is Outcome.FAIL_AUTHORISED) == covered


def test_a_finding_without_a_time_is_never_authorised(tmp_path: Path, make_log: MakeLog) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(HEAD) + "\n" + ",".join(USUAL.values()) + "\n")
    case = replace(AuditContext(), authorisations=load_authorisations(path))
    log = make_log({"height_ato_m": [130.0], "time": [None]})
    entry = load_policy().rules["height_limit"].model_copy(update={"valid_from": None})
    assert (
        apply_policy_entry_to_flight(assemble_flights(log)[0], entry, case).outcome is Outcome.FAIL
    )


def test_what_nobody_can_allow_no_permission_covers(
    tmp_path: Path, make_log: MakeLog, start: pd.Timestamp
) -> None:
    path = tmp_path / "a.csv"
    row = USUAL | {"rules": "log_integrity"}
    path.write_text(",".join(HEAD) + "\n" + ",".join(row.values()) + "\n")
    case = replace(AuditContext(), authorisations=load_authorisations(path))
    log = make_log({"height_ato_m": [1.0]}, issues=(parsers.Issue(10, 5000, "zeros"),))
    entry = load_policy().rules["log_integrity"]
    assert (
        apply_policy_entry_to_flight(assemble_flights(log)[0], entry, case).outcome is Outcome.FAIL
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"latitude": 50.0}, "a circle needs latitude, longitude and radius_m"),
        ({"end": "2026-05-14T08:00:00Z"}, "end is before start"),
        ({"by": ""}, "by: must be given"),
        ({"rules": ";"}, "rules: "),
    ],
)
def test_a_permission_that_makes_no_sense_is_refused(
    result: Result, row: dict[str, Any], told: str
) -> None:
    with pytest.raises(SuppliedFileError, match="line 2") as caught:
        result(row)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("row", "accepted"),
    [
        ({"latitude": 90, "longitude": 180, "radius_m": 0.1}, True),
        ({"latitude": -90, "longitude": -180, "radius_m": 0.1}, True),
        ({"latitude": 90.1, "longitude": 0, "radius_m": 1}, False),
        ({"latitude": -90.1, "longitude": 0, "radius_m": 1}, False),
        ({"latitude": 0, "longitude": 180.1, "radius_m": 1}, False),
        ({"latitude": 0, "longitude": -180.1, "radius_m": 1}, False),
        ({"latitude": 0, "longitude": 0, "radius_m": 0}, False),
        ({"reference": "A", "by": "B", "reason": "C"}, True),
        ({"start": "2026-05-14T09:10:00Z"}, True),
        ({"start": "2026-05-14T09:10:01Z"}, False),
    ],
)
def test_a_permission_has_its_ranges(result: Result, row: dict[str, Any], accepted: bool) -> None:
    if accepted:
        result(row)
    else:
        with pytest.raises(SuppliedFileError):
            result(row)


def test_a_contact_is_authorised_though_signs_that_break_nothing_stand_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "authorisations.csv"
    row = USUAL | {"rules": "data_sync_endpoint", "end": "2026-05-14T10:00:00Z"}
    path.write_text(",".join(HEAD) + "\n" + ",".join(row[name] for name in HEAD) + "\n")
    said = {"time": 1, "kind": "sync", "text": "flight record sync on", "value": 1.0}
    flown = {**FLIGHT_FIELDS, "events": (*FLIGHT_FIELDS["events"], said)}
    flight, case = build_example_flight_and_audit_context(
        ExampleFlight(
            Outcome.FAIL, "", context=example_network_log_as_context_fields(UPLOAD), **flown
        )
    )
    entry = load_policy().rules["data_sync_endpoint"]
    assert apply_policy_entry_to_flight(flight, entry, case).outcome is Outcome.FAIL
    authorised_case = replace(case, authorisations=load_authorisations(path))
    found = apply_policy_entry_to_flight(flight, entry, authorised_case)
    assert [finding.is_authorised for finding in found.findings] == [True, False]
    assert found.outcome is Outcome.FAIL_AUTHORISED


#: The rules whose findings somebody can have allowed beforehand.
CAN_BE_ALLOWED = {
    "audio_recorded", "country_of_production", "data_sync_endpoint", "distance_limit",
    "dock_distance", "fence_disabled_in_flight", "firmware_approved", "flight_profile",
    "geofence_event", "height_limit", "live_stream", "local_data_mode", "log_upload",
    "maker_of_concern", "night_flight", "operating_area", "recording_without_purpose",
    "retention_overdue", "rtk_position_disclosure", "third_party_sdk", "unknown_host",
    "zone_entry",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(rules_by_id()))
def test_only_what_somebody_can_allow_is_covered_by_a_permission_for_all_times(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "authorisations.csv"
    row = USUAL | {"rules": name, "start": "2000-01-01T00:00:00Z", "end": "2090-01-01T00:00:00Z"}
    path.write_text(",".join(HEAD) + "\n" + ",".join(row[each] for each in HEAD) + "\n")
    rule = rules_by_id()[name]
    example = next(each for each in rule.examples if each.outcome is Outcome.FAIL)
    flight, case = build_example_flight_and_audit_context(example)
    values = {key: PolicyParameterValueAndSource(value=value, source="x") for key, value in
              example.parameters.items()}  # fmt: skip
    entry = PolicyEntry.model_validate(
        {"id": name, "rule": name, "status": "engineering", "citation": "x", "parameters": values}
    )
    case = replace(case, authorisations=load_authorisations(path))
    found = apply_policy_entry_to_flight(flight, entry, case)
    assert any(each.is_authorised for each in found.findings) == (name in CAN_BE_ALLOWED)
    assert (found.outcome is Outcome.FAIL_AUTHORISED) == (name in CAN_BE_ALLOWED)
