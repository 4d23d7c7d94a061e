"""Blocks out of their place and several power-ons: the tables of a DataFlash log stay in order."""

import numpy as np
import pytest

from tests.parsers.mavlink.dataflash.test_log import NOON, WEEK, Writer, flight, fly

SECOND = np.timedelta64(1, "s")


def displaced() -> Writer:
    """Return a log in which 0.6 s of the flight stand behind what came after them."""
    log = flight(fixes=10)
    fly(log, 0)
    late, early = Writer(), Writer()
    for part in (late, early):
        part.types = log.types
        part.data.clear()
    # The second half of two seconds is written first.
    for part, first in ((late, 1_000_000), (early, 0)):
        for number in range(5):
            at = 12_000_000 + first + number * 200_000
            part.write("POS", at, 520_000_100 + number, 130_000_000, 100.0, 30.0, 30.0)
    early.write("MODE", 12_100_000, 9, 9, 2)
    early.write("ERR", 12_200_000, 9, 2)
    late.write("ERR", 13_100_000, 9, 0)
    late.write("MODE", 13_200_000, 5, 5, 2)
    log.data += late.data + early.data
    return log


def test_rows_of_a_block_out_of_its_place_stand_where_their_time_is() -> None:
    track = displaced().read().track
    assert track["time"].is_monotonic_increasing
    assert not track["source_offset"].is_monotonic_increasing
    assert len(track) == 20


def test_a_breach_whose_end_stands_before_it_in_the_file_still_ends() -> None:
    events = displaced().read().events
    breach = events[events["kind"] == "geofence.breach"].iloc[0]
    assert breach["time"].to_datetime64() == NOON + np.timedelta64(2200, "ms")
    assert breach["end"].to_datetime64() == NOON + np.timedelta64(3100, "ms")


def test_the_mode_of_a_row_is_that_of_its_time() -> None:
    track = displaced().read().track
    modes = dict(zip(track["time"], track["flight_mode"], strict=True))
    told = [mode for at, mode in modes.items() if at.to_datetime64() > NOON + 2 * SECOND]
    assert told == ["LAND"] * 5 + ["LOITER"] * 4


def test_what_was_open_when_the_power_went_is_not_closed_by_the_next_flight() -> None:
    log = flight(fixes=20)
    log.write("ERR", 13_000_000, 9, 2)
    log.write("MAVC", 13_000_000, 1, 1, 255, 190, 0, 2500, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    log.write("MAVC", 13_100_000, 1, 1, 255, 190, 0, 534, 0, 2, 0, 0, 0, 0, 0, 0, 0)
    fly(log, 20, boot_us=14_000_000)
    fly(log, 20, week=WEEK + 1, boot_us=5_000_000)
    log.write("ERR", 8_000_000, 9, 2)
    log.write("ERR", 8_500_000, 9, 0)
    log.write("MAVC", 8_600_000, 1, 1, 255, 190, 0, 2501, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    log.write("MAVC", 8_700_000, 1, 1, 255, 190, 0, 2000, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    found = log.read()
    breaches = found.events[found.events["kind"] == "geofence.breach"]
    assert len(breaches) == 2
    assert breaches["end"].isna().tolist() == [True, False]
    captures = found.captures
    # The sensor was changed while the video ran, which makes two of it.
    assert captures["kind"].tolist() == ["video", "video", "photo"]
    assert captures["sensor"].tolist() == ["unknown", "thermal", "unknown"]
    last = captures.iloc[1]
    assert last["end"] - captures["start"].iloc[0] < np.timedelta64(10, "s")
    assert "end of the log" in last["source"]


@pytest.mark.parametrize("table", ["track", "events"])
def test_rows_without_a_time_come_last_in_file_order(table: str) -> None:
    log = flight(fixes=5)
    for number in range(5):
        log.write("POS", 5_000 + number, 520_000_000, 130_000_000, 100.0, 30.0, 30.0)
        log.write("ATT", 5_000 + number, 0, 0, 0)
    log.write("EV", 6_000, 28)
    frame = getattr(log.read(), table)
    missing = frame["time"].isna()
    assert missing.any()
    assert missing.is_monotonic_increasing
    assert frame["source_offset"][missing].is_monotonic_increasing
