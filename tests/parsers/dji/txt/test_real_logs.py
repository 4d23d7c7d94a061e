"""What 43 real records of eleven models hold, measured on their bytes and known from elsewhere."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log

APP_RECORDS = ["AppTip", "AppWarn", "AppSeriousWarn"]
WARNING_ZONE = "GEO: You are in a Warning Zone (Unpaved Airports). Fly with caution."


@pytest.fixture(scope="module")
def folder(samples: Path) -> Path:
    return samples / "dji_txt"


@pytest.fixture(scope="module")
def logs(folder: Path) -> dict[str, Log]:
    return {str(path.relative_to(folder)): parsers.read(path) for path in folder.rglob("*.txt")}


@pytest.fixture(scope="module")
def clear(logs: dict[str, Log]) -> dict[str, Log]:
    """The logs of versions 4 to 11, which need no key."""
    return {name: log for name, log in logs.items() if int(log.source.format_version or 0) < 13}


def one(logs: dict[str, Log], part: str) -> Log:
    found = [log for name, log in logs.items() if part in name]
    assert len(found) == 1, part
    return found[0]


def test_the_real_logs_of_version_4_to_11_hold_110551_fixes(clear: dict[str, Log]) -> None:
    assert len(clear) == 37
    assert sum(len(log.track) for log in clear.values()) == 110_551
    assert {log.source.format_version for log in clear.values()} == {"4", "8", "9", "10", "11"}


def test_no_byte_of_a_real_log_is_left_over(logs: dict[str, Log]) -> None:
    for name, log in logs.items():
        kinds = {span.kind for span in log.coverage}
        assert "gap" not in kinds, name
        assert kinds <= {"header", "records", "unknown", "media", "opaque", "encrypted"}, name
        assert not [issue for issue in log.issues if issue.size], name


def test_fixes_are_as_many_as_the_log_states_and_as_others_count(
    clear: dict[str, Log], folder: Path
) -> None:
    manifest = pd.read_csv(folder / "MANIFEST.tsv", sep="\t").set_index("file")
    equal = 0
    for name, log in clear.items():
        assert len(log.track) == int(manifest.osd_records_own[name])
        # The peer always drops the last frame, and more where it reads past a record.
        peer = int(manifest["frames_dji-log-parser-js"][name])
        assert 1 <= len(log.track) - peer <= 25, name
        assert log.header_summary is not None
        assert log.header_summary.fix_count is not None
        assert abs(log.header_summary.fix_count - len(log.track)) <= 9
        equal += log.header_summary.fix_count == len(log.track)
    assert equal >= 35


def test_what_a_log_states_of_itself_agrees_with_what_it_holds(clear: dict[str, Log]) -> None:
    for name, log in clear.items():
        stated, track = log.header_summary, log.track
        assert stated is not None
        assert stated.max_height_ato_m == pytest.approx(track.height_ato_m.max(), abs=1e-4), name
        speed = track.ground_speed_mps.max()
        assert stated.max_ground_speed_mps == pytest.approx(speed, abs=1e-4), name
        assert stated.start is not None
        assert abs((track.time.iloc[0] - stated.start).total_seconds()) < 0.1, name
        assert stated.duration_s is not None
        lasted = (track.time.iloc[-1] - track.time.iloc[0]).total_seconds()
        assert lasted == pytest.approx(stated.duration_s, abs=10), name


def test_clocks_run_forward_and_with_the_aircraft(clear: dict[str, Log]) -> None:
    for name, log in clear.items():
        custom = log.records("Custom")
        assert custom.time_ms.is_monotonic_increasing, name
        assert log.records("OSD").flight_time_s.is_monotonic_increasing, name
        assert log.clock.source == "clock of the app's device"
        assert log.track.time.notna().all(), name


def test_photos_are_as_many_as_the_log_states_but_for_one_flight(clear: dict[str, Log]) -> None:
    counted = {
        name: ((log.captures.kind == "photo").sum(), log.header_summary.photo_count)
        for name, log in clear.items()
        if log.header_summary is not None
    }
    different = {name: pair for name, pair in counted.items() if pair[0] != pair[1]}
    assert len(counted) == 37
    assert different == {"se0wtf+go-djilogs/testv3.txt": (9, 25)}
    assert counted["IgorKilipenko+dji-log-parser-js/DJIFlightRecord_2018-10-03_[13-23-50].txt"] == (
        88,
        88,
    )


def test_a_video_is_found_where_the_log_holds_no_camera_records_or_the_camera_says_so(
    clear: dict[str, Log],
) -> None:
    videos = {
        name: log.captures[log.captures.kind == "video"]
        for name, log in clear.items()
        if (log.captures.kind == "video").any()
    }
    assert len(videos) >= 15
    for name, found in videos.items():
        assert (found.end > found.start).all(), name
        assert found.source.str.contains("Custom.video_shoot|Camera.record_state").all()
    # Each of these aircraft has one camera with one sensor, or says which camera it carries.
    assert set(pd.concat(videos.values()).sensor) == {"visible"}


def test_every_text_of_the_app_decodes_and_becomes_an_event(clear: dict[str, Log]) -> None:
    total = 0
    for name, log in clear.items():
        held = sum(log.record_counts.get(record, 0) for record in APP_RECORDS)
        told = log.events[log.events.record.isin(APP_RECORDS)]
        assert len(told) == held, name
        assert (told.text.str.len() > 2).all(), name
        assert not told.text.str.contains("\ufffd").any(), name
        assert all(text.isprintable() for text in told.text), name
        total += held
    assert total == 190


def test_the_warnings_of_zones_become_geofence_warnings(clear: dict[str, Log]) -> None:
    texts = pd.concat([log.events for log in clear.values()], ignore_index=True)
    zones = texts[texts.text.str.startswith("GEO:")]
    assert len(zones) == 7
    assert set(zones.text) == {WARNING_ZONE}
    assert set(zones.kind) == {"geofence.warning"}
    assert set(zones.grade) == {"reported"}


def test_the_flight_at_its_distance_limit_shows_117_frames_out_of_limit(
    logs: dict[str, Log],
) -> None:
    """116 of them in a row, from 72.8 s to 84.6 s of flight time, and one more at 89.5 s."""
    log = one(logs, "2018-06-20_[09-04-19]")
    osd = log.records("OSD")
    beyond = osd[osd.out_of_limit]
    assert len(beyond) == 117
    run, last = beyond.iloc[:116], beyond.iloc[116]
    assert (np.diff(run.index) == 1).all()
    assert run.flight_time_s.iloc[0] == pytest.approx(72.8)
    assert run.flight_time_s.iloc[-1] == pytest.approx(84.6)
    assert last.flight_time_s == pytest.approx(89.5)
    assert not osd.accelerometer_over_range.any()

    told = log.events[log.events.record == "OSD.out_of_limit"]
    assert set(told.kind) == {"limit.distance"}
    assert told.value.sum() == 117
    assert told.source_offset.tolist() == [run.offset.iloc[0], last.offset]
    near = log.events[log.events.record == "Home.near_distance_limit"]
    assert (near.time.iloc[0] <= told.time.iloc[0]) & (near.end.iloc[0] >= told.end.iloc[-1])
    assert log.events.text.str.contains("Maximum Flight Distance Reached", case=False).any()


def test_no_other_real_flight_is_out_of_its_limit(clear: dict[str, Log]) -> None:
    frames = sum(int(log.records("OSD").out_of_limit.fillna(0).sum()) for log in clear.values())
    assert frames == 117


def test_the_battery_of_an_inspire_1_gives_its_digits_in_order(logs: dict[str, Log]) -> None:
    serials = {
        log.aircraft.battery_serial for log in logs.values() if log.aircraft.model == "Inspire 1"
    }
    # As the exported tables of these flights have it, and as text in the record.
    assert "6781073611" in serials
    assert all(serial and serial.isdigit() for serial in serials)


def test_a_log_of_two_segments_gives_both(logs: dict[str, Log]) -> None:
    log = one(logs, "mavic2_16.txt")
    markers = [span for span in log.coverage if span.kind == "header" and span.size == 4]
    assert len(markers) >= 1
    assert any(span.offset < log.source.size - 100_000 for span in markers)
    offsets = log.track.source_offset
    middle = min(span.offset for span in markers)
    assert (offsets < middle).any()
    assert (offsets > middle).any()
    assert len(log.track) == 9201


def test_what_the_app_appended_later_is_not_part_of_the_flight(logs: dict[str, Log]) -> None:
    """The same three flights, with and without firmware records after Details."""
    for bare, appended in (
        ("mavic2_1.txt", "phantom3_0.txt"),
        ("mavic2_2.txt", "phantom3_1.txt"),
        ("mavic2_9.txt", "phantom3_4.txt"),
    ):
        first, second = one(logs, bare), one(logs, appended)
        assert first.source.sha256 != second.source.sha256
        pd.testing.assert_frame_equal(first.track, second.track)
        assert first.aircraft.serial == second.aircraft.serial
        assert first.header_summary == second.header_summary
        extra = second.record_counts["Firmware"] - first.record_counts["Firmware"]
        assert extra >= 1
        assert second.events.time.max() == first.events.time.max()
        assert second.source.size - first.source.size in range(100, 115)


def test_who_flew_is_known_of_every_real_log_but_the_empty_one(logs: dict[str, Log]) -> None:
    for name, log in logs.items():
        if "minimal" in name:
            continue
        assert log.aircraft.model, name
        assert not log.aircraft.model.startswith("product "), name
        assert log.aircraft.app, name
        assert log.aircraft.serial is None or log.aircraft.serial.isalnum(), name


def test_encrypted_real_logs_still_tell_who_when_and_how_many_records(logs: dict[str, Log]) -> None:
    locked = {name: log for name, log in logs.items() if log.encrypted}
    assert len(locked) == 5
    for name, log in locked.items():
        assert log.track.empty
        assert log.aircraft.serial, name
        assert log.header_summary is not None
        assert log.header_summary.start is not None, name
        assert log.record_counts["OSD (encrypted)"] > 400, name
        assert log.record_counts["KeyStorage"] > 0, name


def test_every_pilot_stood_near_a_flight_or_the_place_is_not_theirs(clear: dict[str, Log]) -> None:
    """Latitude comes first in AppGPS: the other order puts pilots on the wrong continent."""
    near = 0
    for log in clear.values():
        fixes = log.track.dropna(subset=["latitude_deg"])
        for place in log.named_positions:
            if place.kind == "pilot" and len(fixes):
                away = np.hypot(
                    fixes.latitude_deg - place.latitude_deg,
                    fixes.longitude_deg - place.longitude_deg,
                ).min()
                near += away < 0.02
                assert away < 2, "a remembered place may be far, but on this side of the Earth"
    assert near >= 20
