"""Where what a unit supplies stops to count: authorisations, operations, aircraft, names, times."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dji_audit.common.supplied_tables import SuppliedFileError, SuppliedRow, SuppliedTable
from dji_audit.compliance.authorisations_of_findings import (
    Authorisation,
    _applies_to_finding,
    _beyond_authorisation_text,
    _uncovered_time_text,
)
from dji_audit.compliance.camera_poses_with_declared_cameras import declared_cameras_of_flight
from dji_audit.compliance.context import (
    AuditContext,
    _configuration_file_provenance,
    parse_camera_declaration,
)
from dji_audit.compliance.declared_clocks import (
    ClockDeclaration,
    mark_clocks_that_match_several_files,
)
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.inventory import (
    Inventory,
    InventoryAircraft,
    build_inventory,
)
from dji_audit.compliance.makers_of_concern import MakerListing
from dji_audit.compliance.network._flight_time_window import (
    ContactMatchSettings,
    time_window_for_contacts,
)
from dji_audit.compliance.network._host_names_from_dns import (
    fill_host_names,
    refused_dns_lookup_mask,
)
from dji_audit.compliance.network._network_watched_times import (
    NOT_WATCHED,
    NetworkWatchedTimes,
    merge_watched_times,
    times_watched_by_all,
    watched_times_of_log,
)
from dji_audit.compliance.operations_log import Operation, OperationsLog
from dji_audit.compliance.outcomes import Severity
from dji_audit.flights import Flight
from parsers import Aircraft, DeclaredClock, NetworkRecordingTimes
from tests.dji_audit.compliance.hand_made_values import watched

START = pd.Timestamp("2026-05-14T09:00:00Z")
A1 = frozenset({"height_limit"})


def after(seconds: float) -> pd.Timestamp:
    return START + pd.Timedelta(seconds=seconds)


def permission(start: float = 0, end: float = 100, **more: Any) -> Authorisation:
    given = {
        "reference": "A-1", "by": "Insp A", "reason": "search", "rules": ("height_limit",),
        "start": after(start).isoformat(), "end": after(end).isoformat(),
    } | more  # fmt: skip
    return Authorisation.model_validate(given)


def finding(start: float | None = 10, end: float | None = 20, **more: Any) -> Finding:
    return Finding(
        rule="height_limit", severity=Severity.HIGH, summary="", grade="reported", evidence=(),
        start=None if start is None else after(start), end=None if end is None else after(end),
        **more,
    )  # fmt: skip


def flown(longitudes: Sequence[float], serial: str = "S1", **more: Any) -> Flight:
    """Return what an authorisation sees of a flight: a fix a second at 50 degrees north."""
    track = pd.DataFrame(
        {
            "time": START + pd.to_timedelta(np.arange(len(longitudes)), unit="s"),
            "latitude_deg": [50.0] * len(longitudes),
            "longitude_deg": longitudes,
        }
    )
    aircraft = SimpleNamespace(serial=serial, flight_controller_serial=None)
    values = {"track": track, "logs": (SimpleNamespace(aircraft=aircraft),)} | more
    return cast("Flight", SimpleNamespace(**values))


# Authorisations


@pytest.mark.parametrize(
    ("start", "end", "found", "applies"),
    [
        (0, 10, finding(), True),
        (0, 9.999, finding(), False),
        (20, 30, finding(), True),
        (20.001, 30, finding(), False),
        # An instant ends when it begins.
        (0, 10, finding(10, None), True),
        (10.001, 30, finding(10, None), False),
        (0, 100, finding(None, None), False),
    ],
)
def test_a_permission_concerns_a_finding_that_it_touches(
    start: float, end: float, found: Finding, applies: bool
) -> None:
    assert _applies_to_finding(permission(start, end), found, A1, flown([])) == applies


@pytest.mark.parametrize(
    ("row", "found", "applies"),
    [
        ({"subjects": ("zone 7",)}, finding(subject="zone 7"), True),
        ({"subjects": ("zone 7",)}, finding(subject="zone 8"), False),
        ({"subjects": ("zone 7",)}, finding(), False),
        ({}, finding(subject="zone 7"), True),
        ({"aircraft": ("s 1",)}, finding(), True),
        ({"aircraft": ("S2",)}, finding(), False),
        ({"rules": ("distance_limit",)}, finding(), False),
    ],
)
def test_a_permission_concerns_its_subjects_aircraft_and_rules(
    row: dict[str, Any], found: Finding, applies: bool
) -> None:
    assert _applies_to_finding(permission(**row), found, A1, flown([])) == applies


@pytest.mark.parametrize(
    ("peak", "text"),
    [
        (130.0, ""),
        (130.01, "A-1 allows up to 130, and 130.0 was reached"),
        (None, "A-1 allows up to 130, and the peak is not known"),
    ],
)
def test_the_greatest_allowed_value_is_allowed(peak: float | None, text: str) -> None:
    assert _beyond_authorisation_text(permission(up_to=130), finding(peak=peak), flown([])) == text


CIRCLE = {"latitude": 50.0, "longitude": -4.0, "radius_m": 100.0}
#: A degree of longitude at 50 degrees north, metres.
DEGREE_M = 71_695.75


@pytest.mark.parametrize(
    ("second", "metres", "text"),
    [
        (15, 99.9, ""),
        (15, 100.4, "A-1 reaches 100 m from its centre, and the aircraft was 100 m away"),
        (10, 150, "A-1 reaches 100 m from its centre, and the aircraft was 150 m away"),
        (20, 150, "A-1 reaches 100 m from its centre, and the aircraft was 150 m away"),
        (9, 150, ""),
        (21, 150, ""),
    ],
)
def test_from_first_to_last_the_fixes_of_a_finding_lie_in_the_circle(
    second: int, metres: float, text: str
) -> None:
    longitudes = [-4.0 + (metres / DEGREE_M if row == second else 0.0) for row in range(30)]
    assert _beyond_authorisation_text(permission(**CIRCLE), finding(), flown(longitudes)) == text


def test_without_a_fix_the_position_of_the_finding_counts() -> None:
    unknown = "A-1 is limited to a circle, and the position of the aircraft is not known"
    near = {"latitude_deg": 50.0, "longitude_deg": -4.0}
    row = permission(**CIRCLE)
    assert _beyond_authorisation_text(row, finding(**near), flown([])) == ""
    assert _beyond_authorisation_text(row, finding(latitude_deg=50.0), flown([])) == unknown
    assert _beyond_authorisation_text(row, finding(longitude_deg=-4.0), flown([])) == unknown
    # Of an instant only the fix at that instant counts.
    track = flown([-4.0] * 10 + [-4.0, -3.9])
    assert _beyond_authorisation_text(row, finding(10, None), track) == ""


@pytest.mark.parametrize(
    ("spans", "text"),
    [
        ([(10, 20)], ""),
        ([(10, 19)], "nothing covers 09:00:19 UTC to 09:00:20 UTC"),
        ([(11, 20)], "nothing covers 09:00:10 UTC to 09:00:20 UTC"),
        ([(10, 15), (15, 20)], ""),
        ([(15, 20), (0, 15)], ""),
        ([(10, 15), (16, 20)], "nothing covers 09:00:15 UTC to 09:00:20 UTC"),
        # A short one after a long one takes nothing away.
        ([(0, 20), (5, 12)], ""),
    ],
)
def test_permissions_that_meet_cover_together(spans: list[tuple[float, float]], text: str) -> None:
    rows = [permission(*span) for span in spans]
    assert _uncovered_time_text(finding(), rows) == text


@pytest.mark.parametrize(
    ("row", "is_valid"),
    [
        ({"start": 100}, True),
        ({"start": 101}, False),
        (CIRCLE, True),
        (CIRCLE | {"radius_m": 0}, False),
        (CIRCLE | {"latitude": 90.1}, False),
        (CIRCLE | {"longitude": -180.1}, False),
        (CIRCLE | {"latitude": 90, "longitude": 180}, True),
        (CIRCLE | {"latitude": -90, "longitude": -180}, True),
        ({"latitude": 50.0}, False),
        ({"latitude": 50.0, "longitude": -4.0}, False),
        ({"radius_m": 5}, False),
        ({"rules": ()}, False),
        ({"reference": ""}, False),
        ({"by": ""}, False),
        ({"reason": ""}, False),
    ],
)
def test_a_permission_has_an_order_of_times_and_a_whole_circle_or_none(
    row: dict[str, Any], is_valid: bool
) -> None:
    if is_valid:
        permission(**row)
    else:
        with pytest.raises(ValidationError):
            permission(**row)


# Operations and aircraft


def operation(start: float, end: float, *serials: str) -> Operation:
    return Operation.model_validate(
        {
            "operation": "Op",
            "start": after(start).isoformat(),
            "end": after(end).isoformat(),
            "aircraft": serials,
        }
    )


@pytest.mark.parametrize(
    ("record", "contains"),
    [
        (operation(10, 20), True),
        (operation(11, 20), False),
        (operation(10, 19), False),
        (operation(10, 20, "s1", "S9"), True),
        (operation(10, 20, "S9"), False),
    ],
)
def test_an_operation_contains_a_flight_of_its_aircraft_from_start_to_end(
    record: Operation, contains: bool
) -> None:
    table = SimpleNamespace(rows=(SuppliedRow(record, None, 1),))
    operations = OperationsLog(cast("Any", table))
    found = list(operations.operations_containing_interval(after(10), after(20), frozenset({"S1"})))
    assert bool(found) == contains


def test_an_operation_may_be_an_instant_and_not_end_before_it_starts() -> None:
    operation(10, 10)
    with pytest.raises(ValidationError):
        operation(10, 9)


@pytest.mark.parametrize(
    ("field", "value", "is_valid"),
    [
        ("class_mark", "UK0", True), ("class_mark", "UK6", True), ("class_mark", "C6", True),
        ("class_mark", "none", True), ("class_mark", "UK7", False), ("class_mark", "C", False),
        ("mass_g", 0, False), ("mass_g", 0.1, True), ("retention_days", 0, True),
        ("retention_days", -1, False), ("serial", "", False),
        ("firmware_approved", ("app=1.2",), True), ("firmware_approved", ("app",), False),
        ("firmware_approved", ("=1.2",), False), ("firmware_approved", ("app=",), False),
    ],
)  # fmt: skip
def test_a_row_of_the_inventory_has_its_ranges(field: str, value: Any, is_valid: bool) -> None:
    row = {"serial": "S1", field: value}
    if is_valid:
        InventoryAircraft.model_validate(row)
    else:
        with pytest.raises(ValidationError):
            InventoryAircraft.model_validate(row)


def test_versions_of_a_part_are_collected_whatever_its_case() -> None:
    row = InventoryAircraft.model_validate(
        {"serial": "S1", "firmware_approved": ("App = 1.2", "app=1.3", "Camera=7=8")}
    )
    assert row.approved_firmware_versions_by_part() == {
        "app": frozenset({"1.2", "1.3"}),
        "camera": frozenset({"7=8"}),
    }


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "applies"),
    [
        (None, None, True), (dt.date(2026, 5, 14), None, True), (dt.date(2026, 5, 15), None, False),
        (None, dt.date(2026, 5, 14), True), (None, dt.date(2026, 5, 13), False),
    ],
)  # fmt: skip
def test_a_maker_is_on_a_list_on_its_first_and_last_day(
    valid_from: dt.date | None, valid_to: dt.date | None, applies: bool
) -> None:
    row = MakerListing(
        list="l", maker="Autel Robotics", aliases=("Autel",), valid_from=valid_from,
        valid_to=valid_to, verified=True, source="",
    )  # fmt: skip
    assert row.applies_on(dt.date(2026, 5, 14)) == applies
    assert [row.matches_maker(name) for name in ("AUTEL-robotics", "autel", "Autelis")] == [
        True, True, False,
    ]  # fmt: skip


def test_an_operation_and_a_clock_may_have_a_name_of_one_letter() -> None:
    for fields in ({"operation": "O"}, {"operation": ""}):
        given = {"start": after(0).isoformat(), "end": after(9).isoformat()} | fields
        if fields["operation"]:
            assert Operation.model_validate(given).operation == "O"
        else:
            with pytest.raises(ValidationError):
                Operation.model_validate(given)
    clock = ClockDeclaration.model_validate({"files": "*", "time": after(0).isoformat()})
    assert clock.declared_clock().pattern == "*"
    with pytest.raises(ValidationError):
        ClockDeclaration.model_validate({"files": "", "time": after(0).isoformat()})


@pytest.mark.parametrize(
    ("pattern", "names", "serves_several"),
    [
        ("*.txt", ["a.txt"], False), ("*.txt", ["a.txt", "b.txt"], True),
        ("*.txt", ["a.txt", "b.txt", "c.txt"], True), ("*.txt", ["a.txt", "b.csv"], False),
        # It may mean several within a container.
        ("*.txt", ["a.zip"], True), ("*.txt", [], True),
        ("a.txt", ["a.txt"], False), ("a.txt", ["x/a.txt", "y/a.txt"], False), ("a.txt", [], False),
    ],
)  # fmt: skip
def test_a_clock_that_may_mean_several_files_is_the_beginning_of_none(
    pattern: str, names: list[str], serves_several: bool
) -> None:
    clock = DeclaredClock(pattern, after(0).to_pydatetime())
    (found,) = mark_clocks_that_match_several_files([clock], names)
    assert found.serves_several_files is serves_several


@pytest.mark.parametrize(
    ("latitude", "longitude", "is_valid"),
    [
        (50.0, -4.0, True), (90, 180, True), (-90, -180, True), (0, 0, True), (None, None, True),
        (90.1, 0, False), (-90.1, 0, False), (0, 180.1, False), (0, -180.1, False),
        (50.0, None, False), (None, -4.0, False),
    ],
)  # fmt: skip
def test_a_dock_lies_somewhere_on_earth_or_is_not_given(
    latitude: float | None, longitude: float | None, is_valid: bool
) -> None:
    row = {"serial": "S", "dock_latitude_deg": latitude, "dock_longitude_deg": longitude}
    if not is_valid:
        with pytest.raises(ValidationError):
            InventoryAircraft.model_validate(row)
        return
    found = InventoryAircraft.model_validate(row)
    expected = None if latitude is None else (latitude, longitude)
    assert (found.dock_position, found.declared_cameras) == (expected, ())


def test_two_rows_of_one_serial_are_named_with_the_first_of_them() -> None:
    def inventory(*serials: str) -> Inventory:
        rows = tuple(
            SuppliedRow(InventoryAircraft.model_validate({"serial": serial}), None, number)
            for number, serial in enumerate(serials, 2)
        )
        return build_inventory(SuppliedTable("aircraft", "i.csv", "ab", rows))

    assert len(inventory("S1", "S2", "S3").table.rows) == 3
    with pytest.raises(SuppliedFileError) as caught:
        inventory("S1", "S2", "s 2")
    assert str(caught.value) == "i.csv: aircraft 4: s 2 appears twice, first as 3"


def test_a_camera_for_all_counts_where_no_log_of_a_flight_names_one() -> None:
    def declared(*models: str) -> tuple[str, ...]:
        logs = tuple(SimpleNamespace(aircraft=Aircraft(model=model)) for model in models)
        cameras = (parse_camera_declaration("H20"), parse_camera_declaration("S9=60x45"))
        context = AuditContext(cameras=cameras)
        flight = cast("Flight", SimpleNamespace(logs=logs))
        return tuple(camera.name for camera in declared_cameras_of_flight(flight, context))

    assert declared("Quadrotor", "Other") == ("Zenmuse H20 wide camera",)
    assert declared("Quadrotor", "Spark") == declared("Spark", "Quadrotor") == ()


def test_a_configuration_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "dji-audit.toml"
    path.write_text("x")
    given = _configuration_file_provenance(path)
    assert given is not None
    assert (given.kind, given.name, given.count) == ("configuration", "dji-audit.toml", 1)
    assert _configuration_file_provenance(None) is None
    drawn = SimpleNamespace(name="map.pmtiles", sha256="ab", description="roads")
    context = AuditContext(basemaps=(cast("Any", drawn),), configuration=given)
    assert [(it.kind, it.count) for it in context.supplied_files] == [
        ("configuration", 1), ("base map", 1),
    ]  # fmt: skip


def test_a_finding_without_both_times_needs_no_cover() -> None:
    assert _uncovered_time_text(finding(None, None), [permission()]) == ""
    assert _uncovered_time_text(finding(None, 20), []) == ""
    # An instant is covered where a permission holds at it.
    assert _uncovered_time_text(finding(10, None), [permission(10, 10)]) == ""


# Names and times of network logs


def contacts(*rows: tuple[float | None, str | None, str | None], **more: Any) -> pd.DataFrame:
    """Return contacts: second, host and address, each with a byte of its own."""
    return pd.DataFrame(
        {
            "time": START
            + pd.to_timedelta(np.array([row[0] for row in rows], np.float64), unit="s"),
            "host": pd.array([row[1] for row in rows], dtype="str"),
            "address": pd.array([row[2] for row in rows], dtype="str"),
            "device": ["192.0.2.7"] * len(rows),
            "log": [0] * len(rows),
            "source_offset": np.arange(len(rows)) * 10 + 5,
        }
        | more
    )


@pytest.mark.parametrize(
    ("seconds_later", "is_named"),
    [(0, True), (3600, True), (3601, False), (-2, True), (-3, False)],
)
def test_a_look_up_names_conversations_for_an_hour_and_clocks_differ_by_two_seconds(
    seconds_later: float, is_named: bool
) -> None:
    """Beyond the hour nothing is added for the clocks, which may differ only backwards."""
    rows = contacts((100, "a.example", "192.0.2.9"), (100 + seconds_later, None, "192.0.2.9"))
    found = fill_host_names(rows).iloc[1]
    expected = ("a.example", 0, 5) if is_named else (None, -1, -1)
    host = found["host"] if isinstance(found["host"], str) else None
    assert (host, found["name_log"], found["name_offset"]) == expected


def test_the_last_look_up_of_the_same_device_and_address_names() -> None:
    rows = contacts(
        (0, "a.example", "192.0.2.9"), (10, "b.example", "192.0.2.9"),
        (11, "c.example", "192.0.2.8"), (12, "d.example", "192.0.2.9"),
        (20, None, "192.0.2.9"), (None, None, "192.0.2.9"), (21, None, None),
        device=["x", "x", "x", "y", "x", "x", "x"],
    )  # fmt: skip
    found = fill_host_names(rows)
    assert found["host"].fillna("").tolist()[4:] == ["b.example", "", ""]
    assert found["name_offset"].tolist() == [-1] * 4 + [15, -1, -1]


@pytest.mark.parametrize(
    ("apart_s", "refused"), [(0, True), (2, True), (-2, True), (2.5, False), (-2.5, False)]
)
def test_a_refusal_within_two_seconds_is_that_of_the_look_up(apart_s: float, refused: bool) -> None:
    rows = contacts(
        (100, "a.example", None), (100 + apart_s, "a.example", None),
        protocol=["dns", "dns"], grade=["reported", "attempted"],
    )  # fmt: skip
    assert refused_dns_lookup_mask(rows).tolist() == [refused, False]
    rows.loc[1, "host"] = "b.example"
    assert refused_dns_lookup_mask(rows).tolist() == [False, False]


def window_of(**times: Any) -> tuple[float, float, float, float] | None:
    values: dict[str, Any] = dict.fromkeys(("takeoff", "landing", "start", "end"))
    values["log"] = SimpleNamespace(header_summary=None)
    flight = cast("Flight", SimpleNamespace(**(values | times)))
    found = time_window_for_contacts(flight, ContactMatchSettings())
    if found is None:
        return None
    instants = (found.start, found.end, found.flight_start, found.flight_end)
    first, last, begin, end = ((it - START).total_seconds() for it in instants)
    return first, last, begin, end


def test_the_window_is_of_take_off_and_landing_or_else_of_what_is_known() -> None:
    day = 86_400
    both = {"start": after(0), "end": after(100)}
    assert window_of() is None
    assert window_of(**both) == (-600, day + 100, 0, 100)
    flight = {"takeoff": after(10), "landing": after(90)}
    assert window_of(**both, **flight) == (-590, day + 90, 10, 90)
    assert window_of(end=after(100)) == (-500, day + 100, 100, 100)
    assert window_of(start=after(50)) == (-550, day + 50, 50, 50)
    # A landing before the take-off is none.
    assert window_of(takeoff=after(50), landing=after(40)) == (-550, day + 50, 50, 50)
    header = SimpleNamespace(header_summary=SimpleNamespace(start=after(5)))
    assert window_of(log=header) == (-595, day + 5, 5, 5)
    assert window_of(log=header, end=after(100)) == (-595, day + 100, 5, 100)
    # What the records show goes before what a header states.
    assert window_of(log=header, **both) == (-600, day + 100, 0, 100)


def rows_of(found: NetworkWatchedTimes) -> list[tuple[float, float, float]]:
    return [
        (begin, end, share)
        for (begin, end), share in zip(found.intervals.tolist(), found.shares.tolist(), strict=True)
    ]


def test_several_logs_watched_what_the_best_of_them_did() -> None:
    found = merge_watched_times([watched((0, 10, 0.5), (30, 40, 1.0)), watched((5, 20, 0.8))])
    assert rows_of(found) == [(0, 5, 0.5), (5, 10, 0.8), (10, 20, 0.8), (30, 40, 1.0)]
    assert found.watched_and_understood_s == pytest.approx(2.5 + 4 + 8 + 10)
    assert found.joined_intervals.tolist() == [[0, 20], [30, 40]]
    assert rows_of(merge_watched_times([])) == []


def test_of_several_devices_the_one_of_which_least_is_known_counts() -> None:
    one, two = watched((0, 10, 0.5), (20, 30, 1.0)), watched((5, 25, 0.8))
    assert rows_of(times_watched_by_all([one, two])) == [(5, 10, 0.5), (20, 25, 0.8)]
    assert rows_of(times_watched_by_all([one])) == rows_of(one)
    assert rows_of(times_watched_by_all([one, NOT_WATCHED])) == []
    assert rows_of(times_watched_by_all([])) == []


@pytest.mark.parametrize(
    ("first", "last", "offset_s", "expected"),
    [
        (-10, 30, 0, [(0, 30)]),
        (50, 200, 0, [(50, 100)]),
        (100, 200, 0, [(100, 100)]),
        (101, 200, 0, []),
        (-10, 0, 0, [(0, 0)]),
        (-10, -1, 0, []),
        (10, 30, 5, [(15, 35)]),
        (10, 30, -15, [(0, 15)]),
    ],
)
def test_what_a_log_watched_is_cut_to_the_window_on_its_shifted_clock(
    first: float, last: float, offset_s: float, expected: list[tuple[float, float]]
) -> None:
    """One in four records was not understood."""
    each = SimpleNamespace(start=after(first), end=after(last), read_count=3, unread_count=1)
    recorded = cast("NetworkRecordingTimes", SimpleNamespace(intervals=[each]))
    found = watched_times_of_log(recorded, after(0), after(100), offset_s)
    assert rows_of(found) == [(*span, 0.75) for span in expected]


@pytest.mark.parametrize(
    ("spans", "offset_s", "expected"),
    [
        ([(-20, -12), (-8, 0), (20, 30), (95, 99)], 10, [(2, 10), (30, 40)]),
        ([(2, 8), (12, 20), (30, 40), (105, 108), (112, 115)], -10,
         [(2, 10), (20, 30), (95, 98)]),
        ([(-9, -1), (0, 5), (99, 120), (121, 130)], 0, [(0, 5), (99, 100)]),
        ([(-9, -1), (101, 110)], 0, []),
    ],
)  # fmt: skip
def test_of_what_a_log_watched_the_stretches_of_the_window_are_taken(
    spans: list[tuple[float, float]], offset_s: float, expected: list[tuple[float, float]]
) -> None:
    stretches = [
        SimpleNamespace(start=after(begin), end=after(end), read_count=1, unread_count=0)
        for begin, end in spans
    ]
    recorded = cast("NetworkRecordingTimes", SimpleNamespace(intervals=stretches))
    found = watched_times_of_log(recorded, after(0), after(100), offset_s)
    assert rows_of(found) == [(*span, 1.0) for span in expected]
    if not offset_s:
        assert rows_of(watched_times_of_log(recorded, after(0), after(100))) == rows_of(found)
