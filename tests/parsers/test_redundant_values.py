"""What a log states more than once: readings of sensors, counts, serial numbers, clocks, totals."""

import struct
from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers._track_values._redundant_sensor_readings import (
    SensorReadingFields,
    column_scaling_conversion,
    hectopascal_to_metres,
    read_sensor_readings,
    speed_and_course_to_north_east_up,
)
from tests.parsers.records_of_frame import RecordsOfFrame

STEM = "DJIFlightRecord_2026-05-14_[10-01-58]"
#: Sample -> quantities with the records that give readings of them.
READINGS = {
    f"{STEM}.txt": {"position": {"OSD"}, "velocity": {"OSD"}, "height": {"OSD"}},
    "00000042.BIN": {"position": {"GPS", "POS"}, "velocity": {"GPS"}},
    "2026-05-14 12-01-58.tlog": {"position": {"GPS_RAW_INT", "GLOBAL_POSITION_INT"}},
    "log_42_2026-5-14-14-01-58.ulg": {
        "position": {"vehicle_gps_position", "vehicle_global_position"}
    },
}


@pytest.mark.parametrize("name", READINGS)
def test_a_log_gives_the_readings_of_each_sensor(name: str, sample_logs: Path) -> None:
    log = parsers.read(sample_logs / name)
    for quantity, records in READINGS[name].items():
        found = [each for each in log.sensor_readings if each.quantity == quantity]
        assert records <= {each.record for each in found}
        for each in found:
            assert (np.diff(each.offsets) > 0).all()
            assert len(each.offsets) == len(each.seconds) == len(each.numbers)
            assert each.offsets[-1] < log.source.size


def test_positions_of_two_sensors_of_a_sample_lie_together(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / "00000042.BIN")
    positions = [each for each in log.sensor_readings if each.quantity == "position"]
    middles = np.array([np.median(each.numbers, axis=0) for each in positions])
    assert np.ptp(middles, axis=0).max() < 1e-3


def test_the_first_fields_that_a_record_has_are_read() -> None:
    fields = (
        SensorReadingFields("position", "receiver", "A", ("latitude_deg", "longitude_deg")),
        SensorReadingFields(
            "position", "receiver", "A", ("lat", "lon"), None, column_scaling_conversion(1e-7, 1e-7)
        ),
    )
    (found,) = read_sensor_readings(
        {"A": RecordsOfFrame(lat=[515_000_000.0] * 4, lon=[-1e7] * 4)}, fields
    )
    assert found.numbers.tolist() == [[51.5, -1.0]] * 4
    assert np.isnan(found.seconds).all()


def test_readings_without_a_fix_and_zeros_are_left_out() -> None:
    fields = (
        SensorReadingFields("position", "receiver", "A", ("x", "y"), None, None, ("fix", 3.0)),
    )
    records = {
        "A": RecordsOfFrame(
            x=[0.0, 51.5, 51.5, 51.5, 95.0], y=[0.0, 1.0, 1.0, 1.0, 1.0], fix=[3.0] * 5
        )
    }
    (found,) = read_sensor_readings(records, fields)
    assert found.offsets.tolist() == [10, 20, 30]
    no_fix = {"A": RecordsOfFrame(x=[51.5] * 4, y=[1.0] * 4, fix=[2.0] * 4)}
    assert read_sensor_readings(no_fix, fields) == ()


@pytest.mark.parametrize(
    ("where", "latitude"),
    [
        # Left over from the last flight, before the first fix.
        (slice(0, 5), 48.0),
        # Near 0 N 0 E, where a filter wanders that has no fix.
        (slice(0, 5), 0.005),
        # Far off for a moment, as the value of a damaged record is.
        (slice(30, 32), 12.0),
    ],
)
def test_positions_that_a_track_leaves_out_are_no_readings_either(
    where: slice, latitude: float
) -> None:
    fields = (SensorReadingFields("position", "receiver", "A", ("x", "y"), ("t", 1.0)),)
    x, y = 51.5 + 1e-4 * np.arange(40), np.full(40, 1.0)
    x[where], y[where] = latitude, 0.005
    records = {"A": RecordsOfFrame(x=x.tolist(), y=y.tolist(), t=[float(n) for n in range(40)])}
    (found,) = read_sensor_readings(records, fields)
    kept = np.delete(np.arange(40), np.r_[where])
    assert found.seconds.tolist() == kept.tolist()
    assert found.numbers[:, 0].min() >= 51.5


def test_each_sender_has_readings_of_its_own() -> None:
    fields = (SensorReadingFields("height", "barometer", "A", ("alt",)),)
    records = {"A": RecordsOfFrame(alt=[1.0, 9.0] * 3, system=[1, 2] * 3)}
    found = read_sensor_readings(records, fields)
    assert {each.source: each.numbers[:, 0].tolist() for each in found} == {
        "barometer 1": [1.0] * 3,
        "barometer 2": [9.0] * 3,
    }


def test_dense_readings_are_thinned_to_five_a_second() -> None:
    times = [n * 0.005 for n in range(2000)]
    fields = (SensorReadingFields("height", "filter", "A", ("alt",), ("t", 1.0)),)
    (found,) = read_sensor_readings({"A": RecordsOfFrame(alt=times, t=times)}, fields)
    assert 0.18 < float(np.median(np.diff(found.seconds))) < 0.2


@pytest.mark.parametrize("times", [[0.0, 1e308, -1e308, 5.0], [0.0, 5e-324, 1e-323, 1.5e-323]])
def test_times_of_any_size_are_no_error(times: list[float]) -> None:
    fields = (SensorReadingFields("height", "filter", "A", ("alt",), ("t", 1.0)),)
    found = read_sensor_readings({"A": RecordsOfFrame(alt=[1.0, 2.0, 3.0, 4.0], t=times)}, fields)
    assert len(found) <= 1


def test_a_text_where_a_number_should_be_is_no_reading() -> None:
    fields = (SensorReadingFields("height", "filter", "A", ("alt",)),)
    assert read_sensor_readings({"A": RecordsOfFrame(alt=["a", "b", "c", "d"])}, fields) == ()  # type: ignore[list-item]


def test_readings_of_many_senders_are_bounded() -> None:
    fields = (SensorReadingFields("height", "filter", "A", ("alt",)),)
    many = RecordsOfFrame(
        alt=[float(n) for n in range(300)], system=[float(n % 100) for n in range(300)]
    )
    assert len(read_sensor_readings({"A": many}, fields)) == 4


def test_speed_and_course_become_north_east_and_up() -> None:
    found = speed_and_course_to_north_east_up(np.array([[10.0, 90.0, 2.0], [5.0, 180.0, -1.0]]))
    assert found == pytest.approx(np.array([[0.0, 10.0, -2.0], [-5.0, 0.0, 1.0]]), abs=1e-9)


def test_ten_hectopascal_near_the_ground_are_83_metres() -> None:
    low, high = hectopascal_to_metres(np.array([[1013.25], [1003.25]]))[:, 0]
    assert low == pytest.approx(0.0, abs=1e-6)
    assert high == pytest.approx(83.3, abs=0.3)


# counts


def frame_v1(sequence: int, payload: bytes = bytes(9), message: int = 0, extra: int = 50) -> bytes:
    """Return a heartbeat of system 1, with its stamp."""
    head = bytes([len(payload), sequence, 1, 1, message])
    crc = 0xFFFF
    for byte in head + payload + bytes([extra]):
        low = byte ^ (crc & 0xFF)
        low ^= (low << 4) & 0xFF
        crc = (crc >> 8) ^ (low << 8) ^ (low << 3) ^ (low >> 4)
    stamp = struct.pack(">Q", 1_778_749_200_000_000 + 1_000_000 * sequence)
    return stamp + b"\xfe" + head + payload + struct.pack("<H", crc & 0xFFFF)


def heartbeat(sequence: int) -> bytes:
    return frame_v1(sequence, struct.pack("<IBBBBB", 0, 2, 3, 81, 4, 3))


def log_of(data: bytes, name: str, folder: Path) -> parsers.Log:
    path = folder / name
    path.write_bytes(data)
    return parsers.read(path)


def test_a_frame_that_is_missing_shows_by_its_number(tmp_path: Path) -> None:
    frames = [heartbeat(n) for n in range(60)]
    whole = log_of(b"".join(frames), "a.tlog", tmp_path)
    (count,) = whole.logger_counts
    assert (count.unit, count.total, len(count.stated)) == ("frames", 60, 0)
    del frames[20:23]
    cut = log_of(b"".join(frames), "b.tlog", tmp_path)
    (count,) = cut.logger_counts
    assert (count.stated - count.found).tolist() == [3.0]
    assert int(count.ends[0]) == 20 * len(frames[0])


def dataflash(*records: tuple[str, bytes]) -> bytes:
    """Return a DataFlash log with definitions of ``DSF`` and ``XX`` and some records of them."""
    layouts = {
        "FMT": (128, 89, "BBnNZ", "Type,Length,Name,Format,Columns"),
        "DSF": (129, 3 + 12, "QI", "TimeUS,Bytes"),
        "XX": (130, 3 + 8, "Q", "TimeUS"),
    }
    out = b""
    for name, (number, size, formats, columns) in layouts.items():
        out += b"\xa3\x95\x80" + struct.pack(
            "<BB4s16s64s", number, size, name.encode(), formats.encode(), columns.encode()
        )
    for name, body in records:
        out += b"\xa3\x95" + bytes([layouts[name][0]]) + body
    return out


def dataflash_with_counts(missing: int) -> bytes:
    """Return a log whose second count says so many bytes more than lie before it."""
    head = len(dataflash())
    return dataflash(
        *[("XX", struct.pack("<Q", 1000 * n)) for n in range(10)],
        ("DSF", struct.pack("<QI", 20_000, head + 110)),
        *[("XX", struct.pack("<Q", 30_000 + 1000 * n)) for n in range(10)],
        ("DSF", struct.pack("<QI", 50_000, 110 + missing)),
    )


@pytest.mark.parametrize("missing", [0, 33])
def test_the_bytes_that_the_logger_counted_are_those_of_the_file(
    missing: int, tmp_path: Path
) -> None:
    log = log_of(dataflash_with_counts(missing), "a.bin", tmp_path)
    (count,) = log.logger_counts
    assert count.unit == "bytes"
    assert (count.stated - count.found).tolist() == [0.0, float(missing)]


# serial numbers, clocks, totals


def test_a_record_of_the_app_states_its_serial_number_in_several_places(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / f"{STEM}.txt")
    places = {each.record for each in log.stated_serials if each.part == "aircraft"}
    assert len(places) > 1
    assert {each.serial for each in log.stated_serials if each.part == "aircraft"} == {
        log.aircraft.serial
    }


def test_a_telemetry_log_holds_the_clock_of_the_ground_station(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / "2026-05-14 12-01-58.tlog")
    (clock,) = log.other_clocks
    assert clock.can_be_set
    assert log.clock.offset_s is not None
    ahead_s = float(np.median(clock.other_s - clock.own_s))
    assert ahead_s == pytest.approx(-log.clock.offset_s, abs=1.0)
