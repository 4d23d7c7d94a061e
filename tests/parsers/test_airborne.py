"""Take-off and landing by height, motion, motors and the aircraft's own reports together."""

import numpy as np
import pandas as pd
import pytest

from parsers import AirborneTime, Aircraft, Log, Source
from parsers._clocks._move_local_times_out_of_tables import move_local_times_out_of_tables
from parsers._tables import CAPTURES, TRACK, build_table, empty_table, event_table_from_rows
from parsers._track_values._find_airborne_time import WHEN_LOG_BEGINS, log_with_airborne_time

SECOND = 1_000_000_000
Numbers = list[float]

#: On the ground for 20 s, up to 20 m in 10 s, there for 30 s, down in 10 s, 20 s on the ground.
FLIGHT = [0.0] * 20 + [2.0 * i for i in range(10)] + [20.0] * 30
FLIGHT += [20.0 - 2.0 * i for i in range(10)] + [0.0] * 20
#: What a second of it takes, and where it took off and landed.
TOOK_OFF, LANDED = 20.0, 70.0


def made_log(
    heights: Numbers | None = None,
    *,
    agl: Numbers | None = None,
    speeds: Numbers | None = None,
    climbs: Numbers | None = None,
    motors: dict[float, bool] | None = None,
    reports: dict[float, bool] | None = None,
    step_s: float = 1.0,
    model: str | None = None,
    latitudes: Numbers | None = None,
    longitudes: Numbers | None = None,
) -> Log:
    """Return a log that was not judged yet: a row each step, and changes by second."""
    given = heights or agl or speeds or latitudes or []
    times = (np.arange(len(given)) * step_s * SECOND).astype(np.int64)
    columns = {
        "height_ato_m": heights, "height_agl_m": agl, "ground_speed_mps": speeds,
        "vertical_speed_mps": climbs, "latitude_deg": latitudes,
    }  # fmt: skip
    track = build_table(
        TRACK,
        {name: np.array(values, np.float64) for name, values in columns.items() if values}
        | {"time": times, "source_offset": np.arange(len(given)) * 10}
        | ({"longitude_deg": np.array(longitudes or [0.0] * len(given))} if latitudes else {}),
        len(given),
    )
    rows: list[dict[str, object]] = [
        {
            "time": round(second * SECOND),
            "kind": "arm" if on else "disarm",
            "text": WHEN_LOG_BEGINS if second == 0 else "",
            "severity": "info",
            "grade": "reported",
            "record": "ARM",
            "source_offset": 1,
        }
        for second, on in (motors or {}).items()
    ]
    rows += [
        {
            "time": round(second * SECOND),
            "kind": "airborne.report",
            "text": WHEN_LOG_BEGINS if second == 0 else "",
            "severity": "info",
            "grade": "reported",
            "value": float(flies),
            "record": "STATE",
            "source_offset": 2,
        }
        for second, flies in (reports or {}).items()
    ]
    return Log(
        Source("a.log", 1, "00" * 32, "made"),
        Aircraft(model=model),
        track=track,
        events=event_table_from_rows(rows),
    )


def spans_of(log: Log, *, is_media: bool = False) -> list[tuple[float | None, float | None]]:
    """Return take-off and landing of each flight, seconds; ``None``: not in the log."""
    judged = log_with_airborne_time(log, is_media=is_media).airborne
    assert judged is not None
    return [
        (
            span.start_ns / SECOND if span.takeoff_recorded else None,
            span.end_ns / SECOND if span.landing_recorded else None,
        )
        for span in judged.spans
    ]


def is_about(
    found: list[tuple[float | None, float | None]], takeoff: float, landing: float
) -> bool:
    """Return whether there is one flight with these times, within two seconds."""
    ((began, ended),) = found
    return began == pytest.approx(takeoff, abs=2) and ended == pytest.approx(landing, abs=2)


def test_height_alone_tells_a_flight() -> None:
    assert is_about(spans_of(made_log(FLIGHT)), TOOK_OFF, LANDED)


@pytest.mark.parametrize(
    "flat", [{0: False}, {0: True}, {0: False, 20: False}], ids=["ground", "air", "twice"]
)
def test_a_report_that_lies_flat_hides_no_flight(flat: dict[float, bool]) -> None:
    assert is_about(spans_of(made_log(FLIGHT, reports=flat)), TOOK_OFF, LANDED)


def test_a_report_that_flickers_cuts_no_flight() -> None:
    flicker = {0: False, 20: True, 40: False, 40.14: True, 45: False, 47: True, 70: False}
    assert is_about(spans_of(made_log(FLIGHT, reports=flicker)), TOOK_OFF, LANDED)


def test_a_report_without_lift_makes_no_flight() -> None:
    standing = made_log([0.0] * 60, motors={0: True}, reports={0: False, 30: True, 31.1: False})
    assert spans_of(standing) == []


def test_six_armings_without_lift_are_no_flight() -> None:
    motors = {float(5 * i): i % 2 == 0 for i in range(1, 13)}
    log = log_with_airborne_time(made_log([0.02 * (i % 3) for i in range(80)], motors=motors))
    assert log.airborne is not None
    assert log.airborne.spans == ()
    assert "armed" in log.airborne.not_flown_because
    assert "0.0 to 0.0 m" in log.airborne.not_flown_because
    assert not log.events["kind"].isin(["takeoff", "landing"]).any()


def test_a_height_that_drifts_with_motors_off_is_no_flight() -> None:
    drift = made_log([0.5 * i for i in range(60)], motors={0: False})
    assert spans_of(drift) == []


def test_a_height_that_leaps_at_the_origin_is_no_flight() -> None:
    assert spans_of(made_log([0.0] * 20 + [584.0] * 40, motors={0: False, 10: True})) == []


def test_motors_that_stop_end_the_flight_before_the_log_does() -> None:
    log = made_log(FLIGHT[:60] + [20.0] * 20, motors={0: False, 15: True, 60: False})
    assert is_about(spans_of(log), TOOK_OFF, 60)


def test_a_log_that_begins_in_the_air_has_no_take_off() -> None:
    log = made_log([20.0] * 30 + FLIGHT[60:], speeds=[4.0] * 40 + [0.0] * 20, motors={0: True})
    ((takeoff, landing),) = spans_of(log)
    assert takeoff is None
    assert landing == pytest.approx(40, abs=2)
    kinds = log_with_airborne_time(log).events["kind"].tolist()
    assert "takeoff" not in kinds
    assert "landing" in kinds


def test_a_log_that_ends_armed_and_in_the_air_has_no_landing() -> None:
    ((takeoff, landing),) = spans_of(made_log(FLIGHT[:50], motors={0: True}))
    assert takeoff == pytest.approx(TOOK_OFF, abs=2)
    assert landing is None


def test_a_hover_below_the_take_off_is_no_landing() -> None:
    over_a_slope = FLIGHT[:60] + [-1.3] * 32 + FLIGHT[40:]
    log = made_log(over_a_slope, motors={0: True}, reports={0: False, 20: True, 122: False})
    assert len(spans_of(log)) == 1


@pytest.mark.parametrize(("below_m", "landed"), [(2.0, True), (18.0, False)])
def test_a_log_that_ends_in_a_hover_below_the_take_off_has_no_landing(
    below_m: float, landed: bool
) -> None:
    down = FLIGHT[:60] + [20.0 - 2.0 * i for i in range(round((20 + below_m) / 2))]
    log = made_log(down + [-below_m] * 4, motors={0: True}, reports={0: False, int(TOOK_OFF): True})
    ((_, ended),) = spans_of(log)
    assert (ended is not None) == landed


def test_a_barometer_that_lands_twelve_metres_low_lands() -> None:
    low = FLIGHT[:60] + [20.0 - 3.2 * i for i in range(10)] + [-12.0] * 30
    log = made_log(low, motors={0: True, 95: False}, reports={0: False, 20: True, 71: False})
    assert is_about(spans_of(log), TOOK_OFF, 70)


def test_two_seconds_on_the_ground_divide_no_flight_and_twenty_do() -> None:
    up = FLIGHT[20:70]
    for pause, flights in ((2, 1), (20, 2)):
        log = made_log([0.0] * 20 + up + [0.0] * pause + up + [0.0] * 20, motors={0: True})
        assert len(spans_of(log)) == flights


def test_without_heights_motors_and_reports_tell() -> None:
    log = made_log(motors={0: False, 5: True, 80: False}, reports={0: False, 10: True, 75: False})
    assert is_about(spans_of(log), 10, 75)


def test_without_heights_speed_tells() -> None:
    log = made_log(speeds=[0.0] * 10 + [20.0] * 20 + [0.0] * 20, motors={1: True})
    assert is_about(spans_of(log), 10, 30)


@pytest.mark.parametrize("hover_s", [3, 30])
def test_speed_alone_tells_a_flight_but_neither_take_off_nor_landing(hover_s: int) -> None:
    log = made_log(speeds=[0.0] * 10 + [20.0] * 20 + [0.0] * hover_s + [20.0] * 20 + [0.0] * 20)
    assert spans_of(log) == [(None, None)]
    stood = made_log([1.0] * 30, speeds=[0.0] * 30)
    assert spans_of(stood) == []


@pytest.mark.parametrize(("sinks_mps", "landing"), [(14.0, 37), (6.0, None)])
def test_what_falls_to_the_ground_landed_where_it_fell(
    sinks_mps: float, landing: float | None
) -> None:
    # The estimate goes on falling below the ground, and then wanders: it never rests.
    falling = [100.0 - sinks_mps * i for i in range(int(160 / sinks_mps))]
    wanders = [-60.0, -57.0, -54.0, -57.0] * 5
    ((began, ended),) = spans_of(made_log([100.0, 101.0] * 15 + falling + wanders))
    assert began is None
    assert ended is None if landing is None else ended == pytest.approx(landing, abs=2)


def test_a_measured_height_tells_where_the_ground_is() -> None:
    hover = [0.0] * 10 + [0.4] * 20 + [1.6] * 10 + [0.3] * 20
    agl = [0.1] * 10 + [0.6] * 20 + [1.8] * 10 + [0.1] * 20
    log = made_log(hover, agl=agl, motors={0: True, 59: False}, reports={0: False, 10: True})
    assert is_about(spans_of(log), 10, 40)


def test_a_crash_ends_the_flight_though_nothing_rests() -> None:
    falling = FLIGHT[:60] + [20.0 - 7.0 * i for i in range(4)] + [-3.0, -4.0, -4.0, -4.0]
    climbs = [0.0] * 60 + [-7.0] * 4 + [-3.0, -2.0, -1.5, -1.0]
    log = made_log(falling, climbs=climbs, motors={0: True, 67: False})
    assert is_about(spans_of(log), TOOK_OFF, 63)


@pytest.mark.parametrize("model", ["ground rover", "submarine"])
def test_what_drives_or_dives_does_not_fly(model: str) -> None:
    log = log_with_airborne_time(made_log(FLIGHT, model=model))
    assert log.airborne == AirborneTime((), f"a {model} does not fly")


def test_a_recording_that_moves_about_low_began_in_the_air() -> None:
    latitudes = [50.0 + 1e-4 * i for i in range(60)]
    log = made_log([-2.4] * 60, latitudes=latitudes)
    assert spans_of(log, is_media=True) == [(None, None)]


def test_a_landing_at_180_degrees_is_one() -> None:
    # At rest, positions lie on either side of it.
    longitudes = [179.999999 if row % 4 < 2 else -179.999999 for row in range(len(FLIGHT))]
    log = made_log(FLIGHT, latitudes=[50.0] * len(FLIGHT), longitudes=longitudes)
    assert is_about(spans_of(log), TOOK_OFF, LANDED)


def test_a_recording_that_pauses_for_a_quarter_of_an_hour_shows_two_flights() -> None:
    log = made_log([50.0] * 40, speeds=[5.0] * 40)
    times = pd.DatetimeIndex(
        (np.concatenate([np.arange(20), 900 + np.arange(20)]) * SECOND).view("datetime64[ns]")
    ).tz_localize("UTC")
    apart = Log(log.source, track=log.track.assign(time=times))
    assert spans_of(apart, is_media=True) == [(None, None), (None, None)]


def test_times_without_utc_are_those_of_the_logs_own_clock() -> None:
    log = made_log(FLIGHT, motors={0: True})
    apart = move_local_times_out_of_tables("elapsed", log.track, log.events, empty_table(CAPTURES))
    local = Log(log.source, track=apart.track, events=apart.events, local_times=apart.times)
    judged = log_with_airborne_time(local)
    assert is_about(spans_of(local), TOOK_OFF, LANDED)
    assert judged.local_times is not None
    assert judged.events["time"].isna().all()
    assert len(judged.local_times.events) == len(judged.events) == 3
    rows = np.flatnonzero(judged.events["kind"] == "takeoff")
    seconds = judged.local_times.events[rows].astype(np.int64) / SECOND
    assert seconds.tolist() == [pytest.approx(TOOK_OFF, abs=2)]


def test_events_name_the_row_that_shows_them() -> None:
    events = log_with_airborne_time(made_log(FLIGHT, motors={0: True})).events
    moves = events[events["kind"].isin(["takeoff", "landing"])]
    assert set(moves["grade"]) == {"inferred"}
    seconds = moves["time"].astype("int64") // SECOND
    assert (moves["source_offset"] == seconds * 10).all()


def test_what_shows_nothing_is_said_to_show_nothing() -> None:
    judged = log_with_airborne_time(made_log()).airborne
    assert judged is not None
    assert judged.spans == ()
    assert "neither" in judged.not_flown_because
    # A short recording on the ground may be of a flight.
    assert log_with_airborne_time(made_log([0.0] * 3), is_media=True).airborne is None
