"""Flights as they were flown: what is one, what is none, and what goes on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights import assemble_flights
from dji_audit.flights.join._join_logs import join_logs
from dji_audit.flights.join._log_summary import summarise_each_part_of_log
from parsers import AirborneSpan, AirborneTime

SECOND = 1_000_000_000


def subtitles(start: str, seconds: int, *, north_deg: float = 0.0, height_m: float = 50.0) -> str:
    """Return subtitles of a flight north at about 5 m/s: a cue each second."""
    begin = np.datetime64(start)
    cues = []
    for n in range(seconds):
        at = str(begin + np.timedelta64(n, "s")).replace("T", " ")
        clock = f"{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}"
        cues.append(
            f"{n + 1}\n{clock},000 --> {clock},990\n"
            f'<font size="28">FrameCnt: {n + 1}, DiffTime: 1000ms\n{at}.000\n'
            f"[iso: 100] [latitude: {50 + north_deg + 4.5e-5 * n:.6f}] [longitude: 8.000000] "
            f"[rel_alt: {height_m:.3f} abs_alt: 150.000]</font>\n"
        )
    return "\n".join(cues)


@pytest.fixture
def read_clips(tmp_path: Path) -> Callable[..., list[parsers.Log]]:
    """Return a function that reads clips, each under a name that a camera gives."""

    def read(*texts: str) -> list[parsers.Log]:
        for number, text in enumerate(texts, 1):
            (tmp_path / f"DJI_{number:04d}.SRT").write_text(text, encoding="utf-8")
        return [parsers.read(path) for path in sorted(tmp_path.glob("*.SRT"))]

    return read


def test_parts_of_one_recording_are_one_flight_and_one_capture(
    read_clips: Callable[..., list[parsers.Log]],
) -> None:
    logs = read_clips(
        subtitles("2025-06-14T10:30:00", 200),
        subtitles("2025-06-14T10:33:20", 100, north_deg=200 * 4.5e-5),
    )
    (flight,) = assemble_flights(*logs)
    assert flight.duration_s == pytest.approx(300, abs=1.5)
    assert (flight.begins_in_air, flight.ends_in_air) == (True, True)
    assert str(flight.local_start) == "2025-06-14 10:30:00"
    assert len(flight.logs) == 2
    assert len(flight.captures) == 1
    assert {index for index, _ in flight.log_offsets_of_captures[0]} == {0, 1}


@pytest.mark.parametrize(("start", "flights"), [("10:33:00", 1), ("10:44:00", 2), ("10:46:00", 2)])
def test_a_break_of_a_quarter_of_an_hour_is_not_one_flight(
    read_clips: Callable[..., list[parsers.Log]], start: str, flights: int
) -> None:
    logs = read_clips(
        subtitles("2025-06-14T10:30:00", 120), subtitles(f"2025-06-14T{start}", 60, north_deg=0.006)
    )
    found = assemble_flights(*logs)
    assert len(found) == flights
    assert all(len(flight.captures) == len(flight.logs) for flight in found)


def test_a_clip_that_begins_far_away_is_another_flight(
    read_clips: Callable[..., list[parsers.Log]],
) -> None:
    logs = read_clips(
        subtitles("2025-06-14T10:30:00", 100), subtitles("2025-06-14T10:31:45", 60, north_deg=0.1)
    )
    assert len(assemble_flights(*logs)) == 2


def test_a_log_in_which_nothing_flew_is_no_flight_and_says_what_it_shows(
    make_log: Callable[..., parsers.Log],
) -> None:
    still = {"latitude_deg": [50.0] * 30, "longitude_deg": [8.0] * 30}
    log = make_log(still)
    stood = make_log(still, airborne=AirborneTime((), "heights from 0.0 to 0.1 m; never armed"))
    assert assemble_flights(stood) == ()
    (unjoined,) = join_logs(summarise_each_part_of_log(stood, 0)).unjoined
    assert unjoined.alignment.reason == "did not fly: heights from 0.0 to 0.1 m; never armed"
    # A log that was not judged may have flown.
    assert len(assemble_flights(log)) == 1


def test_a_log_that_shows_nothing_is_not_said_to_have_stayed_on_the_ground(
    make_log: Callable[..., parsers.Log],
) -> None:
    empty = make_log({}, airborne=AirborneTime((), parsers.NO_SIGN_OF_FLIGHT_OR_GROUND))
    (unjoined,) = join_logs(summarise_each_part_of_log(empty, 0)).unjoined
    assert unjoined.alignment.reason == parsers.NO_SIGN_OF_FLIGHT_OR_GROUND


def test_the_time_in_the_air_is_that_of_the_spans(
    make_log: Callable[..., parsers.Log], start: pd.Timestamp
) -> None:
    spans = (
        AirborneSpan(start.value + 10 * SECOND, start.value + 40 * SECOND, True, True),
        AirborneSpan(start.value + 60 * SECOND, start.value + 99 * SECOND, True, False),
    )
    track = {"latitude_deg": [50.0] * 100, "longitude_deg": [8.0] * 100}
    first, second = assemble_flights(make_log(track, airborne=AirborneTime(spans)))
    assert (first.duration_s, second.duration_s) == (30.0, 39.0)
    assert (first.ends_in_air, second.ends_in_air) == (False, True)
    assert second.landing is None
    assert (len(first.track), len(second.track)) == (50, 50)


def test_two_parts_of_one_recording_of_the_cases(samples: Path) -> None:
    folder = samples.parent / "cases" / "dji_srt_split_parts"
    if not folder.is_dir():
        pytest.skip("the cases are not here")
    (flight,) = assemble_flights(*(parsers.read(path) for path in sorted(folder.glob("*.SRT"))))
    assert flight.duration_s == pytest.approx(300, abs=1.5)
    assert len(flight.captures) == 1


@pytest.mark.parametrize(
    ("file", "durations"),
    [
        # The flag is 0 in all rows; the height is not.
        ("dji_csv/*/DJIFlightRecord_2018-06-20_?09-16-53?.csv", [193.9]),
        # Two flips of the landed flag without lift.
        ("mavlink/roboto-ai*/**/test.ulg", []),
        # An engine run.
        ("dji_txt/*/2143-*.txt", []),
        # The landed flag drops for 1.15 s.
        ("mavlink/PX4+pyulog/test/sample_log_small.ulg", []),
        # The landing is reported, and the log goes on.
        ("mavlink/MACS*/logs/00000369.BIN", [39.8]),
        # The first data is of the flight.
        ("mavlink/Auterion*/**/esc_status_log.ulg", [37.6]),
    ],
)
def test_real_logs_have_the_flights_that_their_bytes_show(
    samples: Path, file: str, durations: list[float]
) -> None:
    (path,) = samples.glob(file)
    flights = assemble_flights(parsers.read(path))
    assert [flight.duration_s for flight in flights] == [
        pytest.approx(duration, abs=5, rel=0.05) for duration in durations
    ]
