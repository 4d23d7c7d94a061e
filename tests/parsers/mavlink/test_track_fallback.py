"""Where the fused position is lost, the receiver's stands in: no row is hidden, and it is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from parsers import Content, Log, identify, read
from tests.conftest import ROOT
from tests.parsers.mavlink.tlog.test_log import Station

LOGS = ROOT / "sample_logs"
DATAFLASH, ULOG = LOGS / "00000042.BIN", LOGS / "log_42_2026-5-14-14-01-58.ulg"


def without_ulog_format(data: bytearray) -> None:
    at = data.index(b"vehicle_global_position:")
    data[at : at + 24] = bytes(24)


def without_ulog_subscription(data: bytearray) -> None:
    at = data.rindex(b"vehicle_global_position")
    data[at - 6 : at] = bytes(6)


def without_definition(data: bytearray) -> None:
    at = data.index(b"POS\0Q")
    data[at - 5 : at] = bytes(5)


@pytest.mark.parametrize(
    ("path", "damage", "usual", "instead"),
    [
        (ULOG, without_ulog_format, "vehicle_global_position", "vehicle_gps_position"),
        (ULOG, without_ulog_subscription, "vehicle_global_position", "vehicle_gps_position"),
        (DATAFLASH, without_definition, "POS", "GPS"),
    ],
    ids=["ulog format", "ulog subscription", "dataflash"],
)
def test_damage_that_takes_the_fused_position_leaves_the_receivers_and_an_issue(
    path: Path, damage: Callable[[bytearray], None], usual: str, instead: str
) -> None:
    whole = read(path)
    assert whole.track_record == usual
    assert not [one for one in whole.issues if "stands in" in one.reason]
    data = bytearray(path.read_bytes())
    damage(data)
    content = Content(path.name, bytes(data))
    log = identify(content).read(content, ())
    assert log.track_record == instead
    told = [one for one in log.issues if "stands in" in one.reason]
    assert [one.reason for one in told] == [
        f"{instead} stands in for {usual} in {len(log.track)} rows of the track: "
        "the log has no readable record of it"
    ]
    assert 0 < len(log.track) <= whole.record_counts[instead]
    assert told[0].offset == log.track.source_offset.min()
    assert log.track.source_offset.isin(log.records(instead).offset).all()


def test_a_filter_that_never_started_hides_no_fix_of_the_receiver() -> None:
    station = Station()
    for _ in range(20):
        station.beat()
        station.tell_time()
        station.hear("global_position_int", lat=0, lon=0)
        station.hear("gps_raw_int", fix_type=3, lat=501234567, lon=81234567, alt=200_000)
    log = heard(station)
    assert log.track_record == "GPS_RAW_INT"
    assert (log.track.latitude_deg == 50.1234567).all()
    assert any("GPS_RAW_INT stands in for GLOBAL_POSITION_INT" in one.reason for one in log.issues)


def heard(station: Station) -> Log:
    content = Content("flight.tlog", bytes(station.data))
    return identify(content).read(content, ())
