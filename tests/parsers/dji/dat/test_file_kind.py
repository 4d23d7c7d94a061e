"""Every kind of DAT is named for what it is, and no other file is claimed."""

import zlib
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers import Content, Log
from parsers.dji.dat import _export_container as _stream
from parsers.dji.dat._recognise_dat_file import claims
from sample_logs import dji_dat
from sample_logs.dji_dat import Record

from .made import START, flight, line, read, read_bytes


def noise(size: int) -> bytes:
    return np.random.default_rng(1).integers(0, 256, size, np.uint8).tobytes()


def kinds(log: Log) -> list[str]:
    return [span.kind for span in log.coverage]


@pytest.mark.parametrize("value", [b"\0", b"\xff"])
def test_a_blank_file_under_the_name_of_a_flight_is_no_log_that_was_read(value: bytes) -> None:
    reading = parsers.read_content(Content("FLY007.DAT", value * 100_000))
    assert reading.logs == ()
    assert str(reading.account.error) == (
        "at byte 0 (0x0): expected records, found nothing but "
        f"100,000 bytes of 0x{value.hex()}: erased, or never written"
    )


def test_records_after_a_blank_start_are_carved() -> None:
    log = read_bytes(bytes(9000) + dji_dat.encode(flight(2), b""), "FLY007.DAT")
    assert len(log.track) == 20


def test_a_v3_header_over_cipher_text_is_encrypted_and_names_the_aircraft() -> None:
    log = read_bytes(dji_dat.header(aircraft=63) + noise(50_000))
    assert log.encrypted
    assert log.aircraft.model == "Mini 2"
    assert kinds(log) == ["header", "encrypted"]
    assert "its header is in clear" in log.issues[0].reason


def test_even_bytes_under_the_name_of_a_flight_are_encrypted_or_unknown() -> None:
    log = read_bytes(noise(50_000), "FLY103.DAT")
    assert log.encrypted
    assert kinds(log) == ["encrypted"]
    assert noise(32).hex(" ") in log.issues[0].reason


def test_a_header_and_nothing_else_says_that_nothing_is_recorded() -> None:
    log = read_bytes(dji_dat.header())
    assert kinds(log) == ["header"]
    assert "nothing was recorded" in log.issues[0].reason


@pytest.mark.parametrize("stated", [0, 5, 2**63, 100_000])
def test_a_locked_log_whose_header_lies_is_still_accounted_for(stated: int) -> None:
    data = bytearray(dji_dat.locked("e3t_zv900", "SERIAL01", noise(3000)))
    data[8:16] = stated.to_bytes(8, "little")
    log = read_bytes(bytes(data))
    assert (log.aircraft.model, log.aircraft.serial) == ("Goggles 2 (e3t_zv900)", "SERIAL01")
    assert sum(span.size for span in log.coverage) == len(data)
    assert log.encrypted


def test_a_v1_log_has_its_own_numbers_and_header() -> None:
    head = dji_dat.header(1, aircraft=6)
    log = read_bytes(dji_dat.encode(flight(20, rate_hz=600.0, gps_kind=5), head))
    assert log.source.format_version == "V1"
    assert log.record_counts == {"GPS": 100, "OSD": 200}
    assert log.coverage[0].size == 128
    assert log.clock.source is not None


@pytest.mark.parametrize("packed", [True, False])
def test_every_flight_of_an_export_is_read_and_named(packed: bool) -> None:
    flights = [
        (f"FLY01{n}.DAT", dji_dat.encode(flight(5, start=START + timedelta(hours=n))))
        for n in range(3)
    ]
    log = read_bytes(dji_dat.export(flights, packed), "export.dat")
    assert len(log.track) == 150
    frame = log.records("OSD")
    assert frame["entry"].value_counts().to_dict() == {name: 50 for name, _ in flights}
    assert frame["offset"].is_monotonic_increasing
    assert frame["entry_offset"].iloc[[0, 50, 100]].eq(256).all()
    assert log.events.record.str.contains("FLY012.DAT@").any()


def test_an_export_whose_stream_is_damaged_is_read_to_there() -> None:
    data = bytearray(dji_dat.export([("FLY011.DAT", dji_dat.encode(flight(60)))]))
    whole = len(read_bytes(bytes(data)).track)
    data[len(data) // 2] ^= 0xFF
    log = read_bytes(bytes(data))
    assert whole * 0.3 < len(log.track) < whole
    assert any("zlib stream" in issue.reason for issue in log.issues)
    assert not log.encrypted


def test_a_bomb_is_inflated_to_a_limit_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_stream, "MOST_INFLATED", 1_000_000)
    bomb = dji_dat.export([("FLY011.DAT", dji_dat.encode(flight(2)) + bytes(50_000_000))])
    assert len(bomb) < 60_000
    log = read_bytes(bomb)
    assert len(log.track) == 20
    assert any("holds more than 1000000 bytes" in issue.reason for issue in log.issues)
    assert sum(span.size for span in log.coverage) == len(bomb)


def test_an_encrypted_entry_of_an_export_is_told_beside_one_in_clear() -> None:
    entries = [
        ("FLY011.DAT", dji_dat.encode(flight(2))),
        ("FLY012.DAT", dji_dat.locked("e3t_wm169", "SERIAL02", noise(5000))),
    ]
    log = read_bytes(dji_dat.export(entries, packed=False))
    assert len(log.track) == 20
    assert log.encrypted
    assert kinds(log)[-1] == "encrypted"


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("any zlib stream", zlib.compress(b"a picture or a text" * 500)),
        ("a zip archive", b"PK\x03\x04" + noise(5000)),
        ("a video", b"\0\0\0\x20ftypisom" + bytes(20) + noise(5000)),
        ("a text", b"date,time,lat,lon\n1,2,3,4\n" * 300),
        ("a database", b"SQLite format 3\0" + bytes(4000)),
        ("nothing", b""),
        ("a byte A4", b"\xa4" + bytes(5000)),
        ("a DUML capture, whose version is 1", bytes.fromhex("550d0433") * 2000),
    ],
)
def test_other_files_of_that_name_are_not_claimed(what: str, data: bytes) -> None:
    assert not claims(Content("FLY001.DAT", data)), what


@pytest.mark.parametrize("data", [bytes(5000), b"\xff" * 5000, noise(5000)])
def test_blank_and_even_bytes_of_another_name_are_not_claimed(data: bytes) -> None:
    assert not claims(Content("firmware.bin", data))


def test_no_sample_of_another_format_is_claimed(samples: Path) -> None:
    others = [path for path in sorted(samples.rglob("*")) if path.is_file()]
    mine = [path for path in others if claims(parsers.open_content(path))]
    assert {path.parent.parent.name for path in mine} <= {"dji_dat"}
    assert len(mine) == 4


def of_product(number: int) -> list[Record]:
    """Return records whose OSD state a product."""
    return [
        record._replace(payload=record.payload[:48] + bytes([number]) + record.payload[49:])
        if record.type == dji_dat.OSD
        else record
        for record in flight(2)
    ]


def carved(records: list[Record]) -> Log:
    """Return the log of records of which the header was lost."""
    return read_bytes(bytes(9000) + dji_dat.encode(records, b""), "FLY005.DAT")


def test_carved_records_state_model_and_serial_by_their_own_bytes() -> None:
    log = carved([*of_product(24), line(3, "Mc  ID  : 03Z0012345")])
    assert log.aircraft.model == "Phantom 4 Pro"
    assert log.aircraft.flight_controller_serial == "03Z0012345"
    (issue,) = [each for each in log.issues if "header is missing" in each.reason]
    assert issue.reason.endswith("the model, Phantom 4 Pro, is that of OSD.product_type")
    assert issue.offset in log.track["source_offset"].tolist()


def test_the_board_names_the_model_where_no_record_states_a_product() -> None:
    log = carved([*of_product(0), line(3, "Board   : wm220v3")])
    assert log.aircraft.model == "Mavic Pro"
    assert any("is that of fly_log" in each.reason for each in log.issues)


def test_nothing_that_states_the_model_is_no_model() -> None:
    log = carved(of_product(0))
    assert log.aircraft.model is None
    assert any("no record states the model" in each.reason for each in log.issues)
    assert not any("header is missing" in each.reason for each in read(flight(2)).issues)
