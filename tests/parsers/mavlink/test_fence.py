"""What texts about fences mean is the same in all three formats."""

from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers.mavlink._shared import _fence_messages
from parsers.mavlink._shared._fences_from_parameters import (
    TimedFenceParameterValue,
    build_fence_switch_setting,
    fences_from_settings,
    split_drawn_fences_by_switching,
)
from parsers.mavlink.tlog import _status_text
from parsers.mavlink.ulog import _text_events
from tests.parsers.mavlink.dataflash.test_log import command, flight
from tests.parsers.mavlink.tlog.test_log import Station
from tests.parsers.mavlink.ulog.test_tables import command as ulog_command
from tests.parsers.mavlink.ulog.test_writer import flight as ulog_flight


@pytest.mark.parametrize(
    ("text", "kind", "severity"),
    [
        *(
            (text, "geofence.warning", "info")
            for text in (
                "PreArm: fence requires position",
                "PreArm: Fence enabled, need 3D Fix",
                "Geofence RTL requires valid home",
                "Polygon fence cleared",
            )
        ),
        ("PreArm: fences enabled, but none selected", "geofence.warning", "notice"),
        ("Arm: vehicle outside fence", "geofence.refused", "warning"),
    ],
)
def test_a_check_before_the_start_is_a_refusal_only_where_a_fence_is_crossed(
    text: str, kind: str, severity: str
) -> None:
    assert _fence_messages.harmless_fence_text_event_kind_and_severity(text) == (kind, severity)
    assert _fence_messages.fence_text_event_kind(text) == kind
    assert _status_text.status_text_event_kind(text, 4) == kind
    assert _text_events._text_event_kind(text) == kind


@pytest.mark.parametrize("text", ["PreArm: Need 3D Fix", "Fence breached", "Dest outside fence"])
def test_other_texts_are_left_to_what_they_say(text: str) -> None:
    assert _fence_messages.harmless_fence_text_event_kind_and_severity(text) is None


@pytest.mark.parametrize(
    ("mode", "severity"),
    [
        ("RTL", "warning"),
        ("BRAKE", "warning"),
        ("LAND", "serious"),
        ("QLAND", "serious"),
        ("AUTO.LAND", "serious"),
        ("Termination", "serious"),
        ("AUTO.RTL", "warning"),
    ],
)
def test_only_a_fence_that_ends_the_flight_is_serious(mode: str, severity: str) -> None:
    assert _fence_messages.severity_of_mode_chosen_by_fence(mode) == severity


def test_a_refused_command_switches_no_fence() -> None:
    log = flight()
    command(log, 11_000_000, 207, 0, result=4)
    made = ulog_flight()
    ulog_command(made, 10, 207, result=2, p1=0.0)
    station = Station()
    for _ in range(3):
        station.beat()
        station.tell_time()
    station.order(207, 0, result=2)
    for told in (log.read(), made.log(), station.read()):
        kinds = told.events[told.events.kind.str.startswith("geofence")]["kind"].tolist()
        assert kinds == ["geofence.warning"]


@pytest.mark.parametrize(
    ("state", "kind"), [(0, "geofence.disable"), (1, "geofence.enable"), (2, "geofence.disable")]
)
def test_an_accepted_command_switches_the_fence_in_every_format(state: int, kind: str) -> None:
    log = flight()
    command(log, 11_000_000, 207, state)
    made = ulog_flight()
    ulog_command(made, 10, 207, p1=float(state))
    for told in (log.read(), made.log()):
        found = told.events[told.events.kind.str.startswith("geofence")]
        assert found[["kind", "grade"]].to_numpy().tolist() == [[kind, "reported"]]


SECOND = 1_000_000_000


def settings(*told: tuple[float, str, float]) -> list[TimedFenceParameterValue]:
    return [
        TimedFenceParameterValue(name, value, int(at * SECOND), f"PARM.Value ({name})", 10 * number)
        for number, (at, name, value) in enumerate(told)
    ]


def test_the_kinds_that_the_mask_names_are_in_force() -> None:
    first = [(0, "FENCE_ALT_MAX", 60), (0, "FENCE_RADIUS", 100), (0, "FENCE_ALT_MIN", -10)]
    for mask, shapes in ((1, {"ceiling"}), (2, {"circle"}), (9, {"ceiling", "floor"}), (4, set())):
        told = settings((0, "FENCE_ENABLE", 1), (0, "FENCE_TYPE", mask), *first)
        found = fences_from_settings(told)
        assert {one.shape for one in found} == shapes
        assert all(one.enabled and one.start is None and one.end is None for one in found)


def test_a_change_ends_one_fence_and_begins_another_with_its_own_evidence() -> None:
    first = settings((0, "FENCE_ENABLE", 1), (0, "FENCE_TYPE", 2), (0, "FENCE_RADIUS", 100))
    wide, narrow = fences_from_settings([*first, *settings((5, "FENCE_RADIUS", 60))])
    at = pd.Timestamp(5 * SECOND, tz="UTC")
    assert (wide.radius_m, wide.start, wide.end) == (100, None, at)
    assert (narrow.radius_m, narrow.start, narrow.end) == (60, at, None)
    assert narrow.source_offset == 0


def test_a_fence_that_is_switched_off_is_told_as_such() -> None:
    told = settings((0, "FENCE_TYPE", 2), (0, "FENCE_RADIUS", 100), (0, "FENCE_ENABLE", 1))
    on, off = fences_from_settings([*told, *settings((9, "FENCE_ENABLE", 0))])
    assert (on.enabled, off.enabled) == (True, False)
    assert on.end == off.start == pd.Timestamp(9 * SECOND, tz="UTC")


def test_px4_counts_0_as_no_limit_and_no_action_as_off() -> None:
    (circle,) = fences_from_settings(
        settings((0, "GF_MAX_HOR_DIST", 250), (0, "GF_MAX_VER_DIST", 0), (0, "GF_ACTION", 0))
    )
    assert (circle.shape, circle.radius_m, circle.enabled) == ("circle", 250, False)


@pytest.mark.parametrize(
    ("lowest", "highest", "shapes"),
    [(30, 120, ["ceiling", "floor"]), (0, 120, ["ceiling"]), (30, 30, []), (0, 0, [])],
)
def test_an_old_plane_has_a_ceiling_above_its_floor_or_none(
    lowest: float, highest: float, shapes: list[str]
) -> None:
    told = settings((0, "FENCE_MINALT", lowest), (0, "FENCE_MAXALT", highest))
    assert [one.shape for one in fences_from_settings(told)] == shapes
    assert all(one.enabled is None for one in fences_from_settings(told))
    off = fences_from_settings([*told, *settings((0, "FENCE_ACTION", 0))])
    assert [one.enabled for one in off] == [False] * len(shapes)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -5.0, 0.0])
def test_a_radius_that_is_none_sets_no_fence(value: float) -> None:
    assert not fences_from_settings(settings((0, "FENCE_TYPE", 3), (0, "FENCE_RADIUS", value)))


@pytest.mark.parametrize("ending", ["BIN", "tlog"])
def test_both_logs_of_the_simulated_breach_tell_the_radius_that_was_narrowed(
    samples: Path, ending: str
) -> None:
    log = parsers.read(samples / "mavlink" / "sitl" / f"sitl_copter357_fence_cam.{ending}")
    circles = [one for one in log.fences if one.shape == "circle"]
    assert [(one.radius_m, one.points) for one in circles] == [(100.0, ()), (60.0, ())]
    (breach,) = log.events[log.events.kind == "geofence.breach"].time
    assert circles[0].end == circles[1].start
    assert abs((circles[1].start - breach).total_seconds()) < 1


def test_the_errors_that_receivers_state_are_in_the_track(samples: Path) -> None:
    log = parsers.read(samples / "mavlink" / "sitl" / "sitl_copter357_fence_cam.BIN")
    assert log.track.horizontal_error_m.median() == pytest.approx(0.2)
    assert log.track.vertical_error_m.notna().sum() > 1000


def test_a_drawn_fence_is_cut_where_it_was_switched() -> None:
    log = flight()
    for name, value in (("FENCE_ENABLE", 0.0), ("FENCE_TYPE", 7.0), ("FENCE_RADIUS", 100.0)):
        log.write("PARM", 9_000_000, name, value, 0.0)
    log.write("FNCE", 9_500_000, 1, 0, 93, 520_000_000, 130_000_000, 0, 50.0)
    log.write("EV", 11_000_000, 41)
    log.write("EV", 13_000_000, 42)
    found = [(one.shape, one.radius_m, one.enabled) for one in log.read().fences]
    for size in (100.0, 50.0):
        assert [one for one in found if one[1] == size] == [
            ("circle", size, False),
            ("circle", size, True),
            ("circle", size, False),
        ]
    on = [one for one in log.read().fences if one.enabled]
    seconds = [(one.end - one.start).total_seconds() for one in on if one.start and one.end]
    assert seconds == [2.0, 2.0]


def test_a_fence_that_was_switched_on_was_not_on_before_if_nothing_says_so() -> None:
    first = settings((0, "FENCE_TYPE", 2), (0, "FENCE_RADIUS", 100))
    found = fences_from_settings(
        [
            *first,
            build_fence_switch_setting(on=True, time=5 * SECOND, record="EV.Id", source_offset=9),
        ]
    )
    assert [one.enabled for one in found] == [None, True]


def test_a_fence_keeps_its_own_beginning_and_end_where_it_is_cut() -> None:
    start, end = (pd.Timestamp(at * SECOND, tz="UTC") for at in (10, 20))
    fence = parsers.Geofence(
        use="inclusion", shape="circle", points=((50.0, 8.0),), radius_m=50.0, height_m=None,
        enabled=None, start=start, end=end, record="FNCE.Type", source_offset=0,
    )  # fmt: skip
    told = settings((0, "FENCE_ENABLE", 0), (5, "FENCE_ENABLE", 1), (15, "FENCE_ENABLE", 0),
                    (25, "FENCE_ENABLE", 1))  # fmt: skip
    parts = split_drawn_fences_by_switching([fence], told, 4)
    middle = pd.Timestamp(15 * SECOND, tz="UTC")
    assert [(one.start, one.end, one.enabled) for one in parts] == [
        (start, middle, True),
        (middle, end, False),
    ]


def test_the_state_of_a_fence_cuts_it_in_telemetry() -> None:
    station = Station()
    for number in range(6):
        station.beat()
        station.tell_time()
        on = 0x100000 if number in (2, 3) else 0
        station.hear("sys_status", onboard_control_sensors_present=0x100000,
                     onboard_control_sensors_enabled=on)  # fmt: skip
        if number == 0:
            for name, value in (("FENCE_ENABLE", 0), ("FENCE_TYPE", 2), ("FENCE_RADIUS", 80)):
                station.hear("param_value", param_id=name, param_value=value, param_type=9)
    assert [one.enabled for one in station.read().fences] == [False, True, False]
