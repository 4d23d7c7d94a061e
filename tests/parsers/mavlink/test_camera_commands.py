"""What is asked of a camera means the same in all three formats."""

import numpy as np
import pytest

from parsers.mavlink._shared._camera_commands import (
    pair_recording_starts_and_stops,
    photo_without_match_mask,
    requested_capture,
    requested_sensor,
)
from tests.parsers.mavlink.dataflash.test_log import (
    NOON,
    WEEK,
    Writer,
    command,
    flight,
    with_shutter,
)
from tests.parsers.mavlink.tlog.test_log import START_US, Station, heard, when
from tests.parsers.mavlink.ulog.test_tables import command as ulog_command
from tests.parsers.mavlink.ulog.test_tables import instant
from tests.parsers.mavlink.ulog.test_writer import flight as ulog_flight

ITEMS = "TimeUS,CTot,CNum,CId,Prm1,Prm2,Prm3,Prm4,Lat,Lng,Alt,Frame"


@pytest.mark.parametrize(
    ("number", "params", "expected"),
    [
        (200, {4: 2}, "video"),
        (200, {4: 0}, "no video"),
        (203, {5: 1}, "photo"),
        (203, {5: 0}, None),
        (2000, {3: 1}, "photo"),
        (2000, {2: 5, 3: 0}, "photos"),
        (2001, {}, "no photos"),
        (2500, {}, "video"),
        (2501, {}, "no video"),
        (16, {}, None),
    ],
)
def test_a_command_asks_for_what_its_parameters_say(
    number: int, params: dict[int, float], expected: str | None
) -> None:
    assert requested_capture(number, [params.get(place, 0.0) for place in range(1, 8)]) == expected


def test_heat_in_either_picture_is_thermal_and_no_source_changes_nothing() -> None:
    assert requested_sensor([0, 1, 2, 0, 0, 0, 0]) == "thermal"
    assert requested_sensor([0, 1, 0, 0, 0, 0, 0]) == "visible"
    assert requested_sensor([0, 0, 0, 0, 0, 0, 0]) is None


def test_disarming_ends_a_recording_and_an_order_to_begin_again_does_not() -> None:
    places, begins = [1.0, 2.0, 6.0, 8.0, 9.0], [True, True, True, False, False]
    assert list(pair_recording_starts_and_stops(places, begins, [5.0])) == [(0, None), (2, 3)]
    assert list(pair_recording_starts_and_stops([1.0], [True], [])) == [(0, None)]
    assert list(pair_recording_starts_and_stops([], [], [])) == []


def mission(log: Writer, *, flown_by: str) -> None:
    """Write a mission when the aircraft is armed, and its items when they begin."""
    log.define("CMD", "QHHHffffLLfB", ITEMS)
    if flown_by == "MISE":
        log.define("MISE", "QHHHffffLLfB", ITEMS)
    listed = [(0, 16), (1, 16), (2, 2500), (3, 16), (4, 2501), (5, 203)]
    for number, item in listed:
        log.write("CMD", 10_000_000 + number, 6, number, item, *(0.0,) * 4, 0, 0, 0.0, 0)
    for at, number in ((10_400_000, 1), (11_000_000, 2), (11_500_000, 3), (13_000_000, 4)):
        item = listed[number][1]
        log.write(flown_by, at, 6, number, item, *(0.0,) * 4, 0, 0, 0.0, 0)
    log.write(flown_by, 13_200_000, 6, 5, 203, *(0.0,) * 4, 1, 0, 0.0, 0)


@pytest.mark.parametrize("flown_by", ["CMD", "MISE"])
def test_a_mission_records_where_its_items_were_flown_and_not_where_they_are_listed(
    flown_by: str,
) -> None:
    log = flight()
    mission(log, flown_by=flown_by)
    found = log.read()
    assert found.captures["source"].tolist() == [f"{flown_by}.CId 2500", f"{flown_by}.CId 203"]
    video = found.captures.iloc[0]
    assert (video["kind"], video["grade"]) == ("video", "commanded")
    assert video["start"].to_datetime64() == NOON + np.timedelta64(1, "s")
    assert video["end"].to_datetime64() == NOON + np.timedelta64(3, "s")
    told = found.events[found.events.kind == "capture.command"]["text"].tolist()
    assert "mission item 2: start recording video" in told
    assert "mission item 2 begins: start recording video" in told


def test_photos_by_time_last_until_they_are_told_to_stop() -> None:
    log = flight()
    command(log, 11_000_000, 2000, 0, 2, 0)
    command(log, 13_000_000, 2001)
    found = log.read().captures
    assert found["kind"].tolist() == ["photo"]
    assert (found["end"] - found["start"]).dt.total_seconds().tolist() == [2.0]
    made = ulog_flight()
    ulog_command(made, 10, 2000, p3=0.0)
    ulog_command(made, 25, 2001)
    captures = made.log().captures
    assert list(captures.kind) == ["photo"]
    assert (list(captures.start), list(captures.end)) == ([instant(10)], [instant(25)])


def test_a_recording_is_cut_where_another_sensor_is_chosen() -> None:
    log = flight()
    command(log, 11_000_000, 2500)
    command(log, 12_000_000, 534, 0, 2)
    command(log, 12_500_000, 534, 0, 1, 2)
    command(log, 13_000_000, 2501)
    made = ulog_flight()
    ulog_command(made, 10, 2500)
    ulog_command(made, 20, 534, p2=2.0)
    ulog_command(made, 30, 2501)
    station = Station()
    for _ in range(3):
        station.beat()
        station.tell_time()
    station.order(2500)
    station.wait(10)
    station.hear("video_stream_status", 1, 100, stream_id=1, flags=3)
    station.wait(10)
    station.order(2501)
    for captures in (log.read().captures, made.log().captures, station.read().captures):
        assert captures["sensor"].tolist() == ["unknown", "thermal"]
        assert captures["end"][0] == captures["start"][1]
        assert captures["source_offset"].nunique() == 1


def test_a_second_flight_has_its_own_video_though_the_first_was_never_stopped() -> None:
    made = ulog_flight()
    ulog_command(made, 10, 2500)
    made.add("vehicle_status", 20_000_000, 2, 2, 1, 1, 6, False)
    made.add("vehicle_status", 30_000_000, 2, 2, 2, 1, 6, False)
    ulog_command(made, 40, 200, p4=2.0)
    ulog_command(made, 50, 2501)
    captures = made.log().captures
    assert list(captures.start) == [instant(10), instant(40)]
    assert list(captures.end) == [instant(20), instant(50)]


def test_a_photo_may_be_asked_for_with_either_form_of_a_command() -> None:
    station = Station()
    for _ in range(3):
        station.beat()
        station.tell_time()
    start = station.boot_ms
    station.hear("command_int", 255, 190, target_system=1, command=203, x=1)
    station.hear("command_ack", command=203)
    station.wait(10)
    station.beat()
    found = station.read().captures
    assert found["kind"].tolist() == ["photo"]
    assert found["start"].tolist() == [when(start)]


def test_each_report_of_a_better_witness_answers_for_one_photo() -> None:
    weak, strong = np.array([10, 20, 30, 90]), np.array([21, 11])
    assert photo_without_match_mask(weak, strong, 5).tolist() == [False, False, True, True]
    assert photo_without_match_mask(weak, strong[:0], 5).all()
    assert not len(photo_without_match_mask(weak[:0], strong, 5))
    # One report for two shots in a row leaves one of them.
    assert photo_without_match_mask(np.array([10, 12]), np.array([11]), 5).sum() == 1


def test_a_shot_of_a_series_that_the_shutter_did_not_confirm_stays_as_asked_for() -> None:
    log = with_shutter("CAM", "TRIG")
    place = (520_000_000, 130_000_000, 100, 100, 100, 0.0, 0.0, 0.0)
    for second in (11, 12, 13):
        log.write("TRIG", second * 1_000_000, 0, second, 1000, WEEK, *place)
        if second != 13:
            log.write("CAM", second * 1_000_000 + 90_000, 0, second, 1000, WEEK, *place)
    assert log.read().captures["source"].tolist() == ["CAM", "CAM", "TRIG"]


def test_photos_that_one_witness_lost_are_told_by_the_next() -> None:
    station = heard()
    for number in range(3):
        station.hear("camera_feedback", img_idx=number, time_usec=number)
        if number == 1:
            station.hear("camera_image_captured", 1, 100, image_index=1, capture_result=1)
        station.wait(10)
    station.beat()
    found = station.read().captures
    assert found["source"].tolist() == [
        "CAMERA_FEEDBACK", "CAMERA_IMAGE_CAPTURED", "CAMERA_FEEDBACK",
    ]  # fmt: skip


@pytest.mark.parametrize(("wrong_s", "believed"), [(0.5, True), (3600, False), (-10_000, False)])
def test_a_cameras_own_time_is_believed_within_the_log_only(wrong_s: float, believed: bool) -> None:
    station = heard()
    station.wait(5)
    at = station.boot_ms
    told = START_US + at * 1000 - int(wrong_s * 1e6)
    station.hear("camera_image_captured", 1, 100, image_index=1, capture_result=1, time_utc=told)
    station.beat()
    (start,) = station.read().captures["start"]
    assert (start == when(at)) == (not believed)


def test_an_order_that_is_sent_again_for_want_of_an_answer_is_one_photo() -> None:
    station = heard()
    for number in range(3):
        station.hear("command_long", 255, 190, target_system=1, command=203, param5=1,
                     confirmation=number)  # fmt: skip
        station.wait(1)
    station.order(203, 0, 0, 0, 0, 1)
    assert len(station.read().captures) == 2


def test_a_second_camera_of_px4_takes_its_own_photos() -> None:
    made = ulog_flight()
    made.format(
        "camera_capture", "uint64_t timestamp;uint32_t seq;int8_t result;uint8_t[3] _padding0;"
    )
    for instance in (0, 1):
        made.subscribe("camera_capture", "<QIb", instance=instance)
        made.add("camera_capture", (10 + 10 * instance) * 1_000_000, 1, 1, instance=instance)
    assert list(made.log().captures.start) == [instant(10), instant(20)]


def test_an_order_that_is_in_progress_is_not_refused() -> None:
    log = flight()
    command(log, 11_000_000, 2500, result=5)
    command(log, 12_000_000, 2501)
    assert log.read().captures["source"].tolist() == ["MAVC.Cmd 2500"]


def test_a_shutter_and_its_trigger_are_one_photo_where_utc_is_not_known() -> None:
    log = Writer()
    for name in ("CAM", "TRIG"):
        log.define(name, "QBH", "TimeUS,I,Img")
    for second in (1, 5):
        log.write("TRIG", second * 1_000_000, 0, second)
        log.write("CAM", second * 1_000_000 + 90_000, 0, second)
    found = log.read().captures
    assert found["source"].tolist() == ["CAM", "CAM"]
    assert found["start"].isna().all()


def test_a_count_tells_of_photos_and_its_leaps_of_another_card() -> None:
    station = heard()
    for count in (5, 7, 2000, 3):
        station.hear("camera_capture_status", 1, 100, image_count=count)
        station.wait(1)
    log = station.read()
    assert log.captures["source"].tolist() == ["CAMERA_CAPTURE_STATUS.image_count"] * 2
    leaps = log.events[log.events["kind"] == "capture.storage"]
    assert leaps["value"].tolist() == [1993.0, -1997.0]
    assert "from 7 to 2000" in leaps["text"].iloc[0]
    assert leaps["source_offset"].tolist() == station.offsets[-2:]
