"""A height or position that stands still while the log's other columns move is no observation."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers import Log
from parsers._track_values import _mask_contradicted_values as masks

TITLES = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(meters),"
    "altitude_above_seaLevel(meters),speed(m/s),isPhoto,isVideo,message"
)
SECONDS = 61
Column = Callable[[int], float]


@pytest.fixture
def read_columns(tmp_path: Path) -> Callable[..., Log]:
    """Return what reads a table of given columns."""
    return partial(_read_columns, tmp_path / "flight.csv")


def _read_columns(path: Path, **columns: Column) -> Log:
    """Return a table of a minute in which everything moves but what ``columns`` say otherwise."""
    moving: dict[str, Column] = {
        "latitude": lambda s: 50.5 + s * 5e-5,
        "longitude": lambda s: -3.5,
        "height": lambda s: float(s),
        "altitude": lambda s: 100.0 + s,
        "speed": lambda s: 5.5,
    }
    of = moving | columns
    rows = [
        f"{1000 * s},2026-05-14 09:{s // 60:02}:{s % 60:02},{of['latitude'](s):.7f},"
        f"{of['longitude'](s):.7f},{of['height'](s):.3f},{of['altitude'](s):.3f},"
        f"{of['speed'](s)},0,0,"
        for s in range(SECONDS)
    ]
    path.write_text("\n".join([TITLES, *rows, ""]), "utf-8")
    return parsers.read(path)


def known(log: Log, column: str) -> int:
    return int(log.track[column].count())


def reasons(log: Log) -> list[str]:
    return [issue.reason for issue in log.issues]


def test_a_log_in_which_everything_moves_keeps_everything(read_columns: Callable[..., Log]) -> None:
    log = read_columns()
    assert [known(log, name) for name in ("latitude_deg", "height_ato_m", "altitude_amsl_m")] == [
        SECONDS
    ] * 3
    assert not log.issues


def test_heights_of_zero_while_the_aircraft_climbs_are_no_heights(
    read_columns: Callable[..., Log],
) -> None:
    log = read_columns(height=lambda s: 0.0)
    assert known(log, "height_ato_m") == 0
    assert known(log, "altitude_amsl_m") == SECONDS
    assert "height_above_takeoff" not in log.facts
    assert reasons(log) == [
        "61 heights above take-off that stand still while its other columns say that it climbed: "
        "left out"
    ]


def test_altitudes_of_zero_while_the_aircraft_climbs_are_no_altitudes(
    read_columns: Callable[..., Log],
) -> None:
    log = read_columns(altitude=lambda s: 0.0)
    assert known(log, "altitude_amsl_m") == 0
    assert known(log, "height_ato_m") == SECONDS


@pytest.mark.parametrize(("speed", "kept"), [(1.6, 61), (0.0, 61), (0.99, 61), (1.7, 1), (5.5, 1)])
def test_a_position_that_never_changes_was_measured_once_at_most(
    read_columns: Callable[..., Log], speed: float, kept: int
) -> None:
    # It adds up to 50 m in 31 s at 1.62 m/s; below 1 m/s it is noise.
    log = read_columns(latitude=lambda s: 50.5, speed=lambda s: speed * (s < 31))
    assert known(log, "latitude_deg") == kept
    assert ("positions that stand still" in " ".join(reasons(log))) == (kept == 1)


def test_a_position_that_freezes_in_flight_is_known_until_then(
    read_columns: Callable[..., Log],
) -> None:
    log = read_columns(latitude=lambda s: 50.5 + min(s, 30) * 5e-5)
    assert log.track.latitude_deg.notna().tolist() == [True] * 31 + [False] * 30


def test_positions_of_few_decimals_stand_still_for_a_step_and_no_longer(
    read_columns: Callable[..., Log],
) -> None:
    # 0.001 degrees are 111 m, which takes 20 s.
    log = read_columns(latitude=lambda s: round(50.5 + s * 5e-5, 3))
    assert known(log, "latitude_deg") == SECONDS


def test_a_hover_stands_still_and_is_observed(read_columns: Callable[..., Log]) -> None:
    def still(value: float) -> Column:
        return lambda s: value

    log = read_columns(
        latitude=still(50.5), height=still(40.0), altitude=still(140.0), speed=still(0.3)
    )
    assert known(log, "latitude_deg") == known(log, "height_ato_m") == SECONDS
    assert not log.issues


def test_a_receiver_that_drifts_on_the_ground_takes_no_height_away(
    read_columns: Callable[..., Log],
) -> None:
    log = read_columns(latitude=lambda s: 50.5, height=lambda s: 0.0, speed=lambda s: 0.4)
    assert known(log, "height_ato_m") == SECONDS


def test_level_flight_over_a_receiver_that_drifts_keeps_its_height(
    read_columns: Callable[..., Log],
) -> None:
    log = read_columns(height=lambda s: 40.0, altitude=lambda s: 140 + s / 3.01)
    assert known(log, "height_ato_m") == SECONDS


def test_one_wrong_altitude_takes_no_height_away(read_columns: Callable[..., Log]) -> None:
    log = read_columns(
        height=lambda s: 30.0, altitude=lambda s: 130.0 + 25 * (s == 20), speed=lambda s: 5.0
    )
    assert known(log, "height_ato_m") == SECONDS


@pytest.mark.parametrize(
    ("climb_mps", "other_m", "kept"),
    [(1.0, np.nan, 0), (0.4, np.nan, 61), (0.0, np.nan, 61), (1.0, 100.0, 61)],
)
def test_a_vertical_speed_contradicts_a_height_that_stands_alone(
    climb_mps: float, other_m: float, kept: int
) -> None:
    of = {
        "height_ato_m": 0.0,
        "altitude_amsl_m": other_m,
        "ground_speed_mps": 0.0,
        "vertical_speed_mps": climb_mps,
    }
    values = {name: np.full(SECONDS, value) for name, value in of.items()}
    mask = masks._standing_heights_mask("height_ato_m", values, np.arange(SECONDS, dtype=float))
    assert int((~mask).sum()) == kept


def test_runs_are_those_of_ten_seconds_or_more_without_a_pause() -> None:
    seconds = np.array([0.0, 5, 9.9, 20, 30, 41, 50])
    same = np.array([True, True, False, True, True, True])
    assert list(masks._long_runs(same, seconds)) == [(3, 4)]
