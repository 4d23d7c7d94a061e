"""A DJI log carries a fact only where a failure, had there been one, would stand in that file."""

from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers import Content, Log
from sample_logs import dji_bodies, dji_txt
from tests.conftest import required
from tests.parsers.dji.txt.made import NAME, custom, flight, home, patched

#: Facts that no format of DJI's records, whatever the file holds.
NEVER = {"live_stream", "contact", "remote_id_broadcast", "operator_identity", "data_mode"}
ZONE_TEXT = "GEO: You are in a Warning Zone (Unpaved Airports). Fly with caution."
CAMERA = dji_bodies.camera(capturing=False, recording_s=None, video_mode=False, photos_left=10)


def facts_of(name: str, data: bytes) -> Log:
    (log,) = parsers.read_content(Content(name, data)).logs
    return log


def record(*more: tuple[int, bytes], version: int = 11) -> Log:
    """Return a record of 40 fixes with Home at each second, and some other records."""
    homes = {number: [(2, home())] for number in range(0, 40, 10)}
    homes[5] = list(more)
    return facts_of(NAME, dji_txt.encode(version, flight(40, homes)))


def test_a_record_carries_what_its_records_state_and_never_more() -> None:
    facts = record().facts
    assert {
        "position", "height_above_takeoff", "velocity", "takeoff_landing", "motor_state",
        "limit_reached", "zone_restriction", "motor_fault", "sensor_fault", "link_loss", "failsafe",
        "record_sequence", "clock_utc", "pilot_position", "flight_totals", "upload_mark",
    } <= set(facts)  # fmt: skip
    assert not NEVER & set(facts)
    assert not {"altitude_amsl", "audio", "photo", "video", "sensor", "zone_warning"} & set(facts)


@pytest.mark.parametrize(
    ("more", "facts"),
    [
        ((25, patched(CAMERA, 23, 14)), {"photo", "video", "sensor"}),
        ((25, patched(CAMERA, 23, 26)), {"photo", "video"}),  # an XT 2 has two sensors
        ((28, dji_bodies.text("1.0.0.1")), {"zone_warning"}),
        ((51, b"\0"), {"zone_warning"}),
        ((10, dji_bodies.text(ZONE_TEXT)), {"zone_warning"}),
        ((10, dji_bodies.text("Landing")), set()),
    ],
)
def test_a_record_of_one_kind_adds_its_facts(more: tuple[int, bytes], facts: set[str]) -> None:
    assert set(record(more).facts) - set(record().facts) == facts


def test_limits_need_home_records_throughout() -> None:
    """A phone that writes the home point when it changes writes no limit that is reached."""
    long = [*flight(1, {0: [(2, home())]}), *flight(200)]
    assert "limit_reached" not in facts_of(NAME, dji_txt.encode(11, long)).facts


def test_a_language_that_is_not_known_is_not_silence() -> None:
    zones = (28, dji_bodies.text("1.0.0.1"))
    understood = record(zones, (9, dji_bodies.text("Taking off"))).facts["zone_warning"]
    assert understood.not_understood == ""
    foreign = record(zones, (9, dji_bodies.text("Decollo in corso"))).facts["zone_warning"]
    assert "Decollo" in foreign.not_understood
    assert foreign.not_understood.endswith(".")


def test_an_encrypted_record_carries_none() -> None:
    keys = [dji_txt.fake_keys(14, range(64))]
    log = facts_of(NAME, dji_txt.encode(14, flight(20), keys=keys))
    assert log.encrypted
    assert log.facts == {}


READER = (
    "CUSTOM.date [local],CUSTOM.updateTime [local],OSD.flyTime [s],OSD.latitude,OSD.longitude,"
    "OSD.height [m],OSD.altitude [m]"
)
TIME = "6/21/2018,10:39:{second:04.1f} PM,{second},50.5,-3.5,{height},100"


def table(columns: dict[str, list[str]], heights: list[float] | None = None) -> Log:
    """Return a table of Flight Reader with some columns more, ten rows a second."""
    count = len(next(iter(columns.values()))) if columns else 3
    heights = heights or [1.0] * count
    lines = [",".join([READER, *columns])]
    for row in range(count):
        cells = [values[row] for values in columns.values()]
        lines.append(",".join([TIME.format(second=row / 10, height=heights[row]), *cells]))
    return facts_of("flight.csv", ("\n".join(lines) + "\n").encode())


def test_a_table_without_columns_of_faults_carries_none() -> None:
    facts = table({}).facts
    assert "position" in facts
    assert not {"motor_fault", "sensor_fault", "limit_reached", "photo", "video"} & set(facts)
    # Its altitude is the height and a constant.
    assert "altitude_amsl" not in facts


def test_columns_of_faults_are_read_as_events_and_carry_faults() -> None:
    log = table(
        {
            "OSD.isNotEnoughForce": ["False", "True", "False", "True", "False"],
            "OSD.isCompassError": ["False", "False", "True", "True", "False"],
            "OSD.isMotorOn": ["False", "True", "True", "True", "False"],
            "APP.warning": ["", "", "Compass error.", "", ""],
        }
    )
    assert {"motor_fault", "sensor_fault", "motor_state"} <= set(log.facts)
    faults = log.events[log.events.kind == "fault"]
    # A drop of one row is bridged; the message does not tell the column's fault again.
    assert sorted(faults.text) == ["compass error", "not enough force"]
    assert set(faults.severity) == {"warning"}
    assert log.events[log.events.kind.isin(["arm", "disarm"])].kind.tolist() == ["arm", "disarm"]


def test_a_message_tells_a_fault_where_no_column_does() -> None:
    log = table({"APP.warning": ["", "Compass error. Fly with caution.", "RC signal lost."]})
    assert log.events.kind.tolist() == ["fault", "link.lost"]


def test_messages_that_repeat_a_state_are_one_event_to_its_end() -> None:
    lost = ["", *["RC signal lost."] * 3, "", *["RC signal lost. Returning to home."] * 3]
    log = table({"APP.tip": [*lost, *[""] * 90, "RC signal lost."]})
    rows = np.flatnonzero(log.events.kind == "link.lost")
    own = log.local_times
    assert own is not None
    seconds = (own.events_end - own.events) / np.timedelta64(1, "s")
    assert seconds[rows].tolist() == [0.6, 0.0]
    assert set(log.events.text[rows]) == {"RC signal lost."}


def test_columns_of_a_camera_that_was_not_there_carry_no_photo() -> None:
    false = ["False"] * 3
    without = {"CAMERA.isPhoto": false, "CAMERA.isVideo": false}
    assert "photo" not in table(without | {"CAMERA.sdCardIsInserted": false}).facts
    with_card = table(without | {"CAMERA.sdCardIsInserted": ["True"] * 3})
    assert {"photo", "video"} <= set(with_card.facts)


@pytest.mark.parametrize(
    ("rows_with_flag", "stated", "photos"),
    [
        # The app's mark of the shutter, and the camera's own state within its lag of 3 s.
        ([1, 4], "1", 1),
        ([1, 31], "1", 1),
        ([1, 32], "1", 2),
        # The table counts both, or does not count.
        ([1, 4], "2", 2),
        ([1, 4], "", 2),
        # A photo is confirmed once, and no more photos go than the table does not count.
        ([1, 4, 7], "2", 2),
        ([1, 4, 20, 23], "2", 2),
        ([1, 4, 20, 23], "3", 3),
    ],
)
def test_a_flag_that_the_camera_confirms_is_one_photo(
    rows_with_flag: list[int], stated: str, photos: int
) -> None:
    flags = ["True" if row in rows_with_flag else "False" for row in range(40)]
    log = table({"CAMERA.isPhoto": flags, "DETAILS.photoNum": [stated] * 40}, [1.0] * 40)
    assert len(log.captures) == photos
    said = f"it stands {len(rows_with_flag)} times, and the table counts {stated}"
    assert log.captures["source"].str.contains(said).all() == (photos < len(rows_with_flag))


def test_a_height_above_ground_that_stands_still_while_it_climbs_is_not_measured() -> None:
    log = table(
        {"OSD.vpsHeight [m]": ["1.0", "2.0", "6.1", "6.1", "6.1", "6.1", "2.0", "2.0"]},
        [1.0, 2.0, 6.0, 9.0, 20.0, 6.0, 2.0, 2.0],
    )
    by_row = log.track.sort_values("source_offset").height_agl_m
    assert by_row.isna().tolist() == [False, False, False, True, True, True, False, False]
    works = ["True", "False", "True"]
    flagged = table({"OSD.vpsHeight [m]": ["1.0", "1.1", "1.2"], "OSD.isSwaveWork": works})
    assert flagged.track.sort_values("source_offset").height_agl_m.isna().tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "name",
    [
        "dji_txt_zone_warning_zh",
        "dji_txt_zone_warning_fr",
        "dji_txt_zone_warning_ja",
        "dji_csv_zone_warning_de",
        "dji_csv_zone_warning_zh",
    ],
)
def test_a_zone_warning_in_another_language_is_told_or_said_not_to_be_understood(
    name: str, samples: Path
) -> None:
    folder = samples.parent / "cases" / name
    required(f"the case {name}", folder.is_dir())
    (path,) = folder.glob("DJI*.txt") if "_txt_" in name else folder.glob("*.csv")
    log = parsers.read(path)
    assert (log.events.kind == "geofence.warning").any()
    assert log.facts["zone_warning"].not_understood


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("DJI_20260514100443_0001_D.SRT", {"motor_fault", "audio", "clock_utc"}),
        ("DJI_20260514100915_0002_W.JPG", {"video", "takeoff_landing", "audio"}),
        ("DJI_202605141001_001_Timestamp.MRK", {"sensor", "height_above_takeoff", "altitude_amsl"}),
        ("FLY042.DAT", {"photo", "video", "sensor", "audio", "flight_totals"}),
    ],
)
def test_files_of_other_kinds_carry_only_what_they_hold(
    name: str, never: set[str], sample_logs: Path
) -> None:
    facts = parsers.read(sample_logs / name).facts
    assert "position" in facts
    assert not (never | NEVER) & set(facts)


def test_a_video_shows_sound_where_it_lists_its_tracks(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / "DJI_20260514100443_0001_D.MP4")
    assert {"video", "audio", "sensor"} <= set(log.facts)


def test_clocks_of_custom_records_give_utc() -> None:
    only_clock = [(5, custom(100 * number)) for number in range(5)]
    assert "clock_utc" not in facts_of(NAME, dji_txt.encode(11, only_clock)).facts
