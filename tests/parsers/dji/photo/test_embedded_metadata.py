"""Metadata in places other than the first EXIF and XMP: read, used for want of others, or named."""

import struct
import time

import pytest

import parsers
from parsers import Content, Log
from parsers.dji.photo._exif import Exif, parse_bracketed_name_values, read_exif
from sample_logs.dji_photo import exif, photo, segment, tiff, xmp
from tests.parsers.dji.media_reading import read_media, reasons

DJI = {0x010F: "DJI", 0x0110: "FC330"}
PLACE = {"GpsLatitude": "+50.5", "GpsLongitude": "-3.5"}
Entries = dict[int, tuple[int, int, bytes]]
FLOATS = {3: 3.0, 4: -4.0, 6: 1.5, 7: 95.0, 8: -2.5, 9: -45.0, 10: 100.0, 11: 0.5}


def read(data: bytes) -> Log:
    return read_media("DJI_0001.JPG", data)


def directory(entries: Entries, at: int, following: int = 0) -> bytes:
    """Return a directory that lies at ``at``, with its values behind it."""
    rows, values = b"", b""
    behind = at + 2 + 12 * len(entries) + 4
    for tag, (kind, count, content) in sorted(entries.items()):
        if len(content) > 4:
            rows += struct.pack("<HHII", tag, kind, count, behind + len(values))
            values += content
        else:
            rows += struct.pack("<HHI", tag, kind, count) + content.ljust(4, b"\0")
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following) + values


def text(value: str) -> tuple[int, int, bytes]:
    return 2, len(value) + 1, value.encode() + b"\0"


def degrees(value: int) -> tuple[int, int, bytes]:
    return 5, 3, struct.pack("<6I", value, 1, 30, 1, 0, 1)


GPS = {1: text("N"), 2: degrees(50), 3: text("W"), 4: degrees(3)}


def structure(
    maker_note: bytes = b"", second: dict[int, tuple[int, int, bytes]] | None = None
) -> bytes:
    """Return a TIFF structure of DJI with maker's notes, and a directory that follows the first."""
    first = {0x010F: text("DJI"), 0x0110: text("FC330"), 0x8769: (4, 1, struct.pack("<I", 400))}
    out = bytearray(b"II*\0\x08\0\0\0" + directory(first, 8, 800 if second else 0)).ljust(
        400, b"\0"
    )
    out += directory({0x927C: (7, len(maker_note), maker_note)} if maker_note else {}, 400)
    if second is None:
        return bytes(out)
    return bytes(out.ljust(800, b"\0")) + directory(second, 800)


def in_jpeg(tags: bytes, *more: bytes) -> bytes:
    return photo([segment(0xE1, b"Exif\0\0" + tags), *more])


def notes() -> bytes:
    # Values of four bytes stand in their entries, so the directory may lie anywhere.
    rows = {tag: (11, 1, struct.pack("<f", value)) for tag, value in FLOATS.items()}
    return directory(rows, 0)


def test_maker_notes_give_angles_and_speed_where_xmp_has_none() -> None:
    (row,) = read(in_jpeg(structure(notes()))).track.to_dict("records")
    assert (row["heading_deg"], row["pitch_deg"], row["roll_deg"]) == (95.0, 1.5, -2.5)
    assert (row["gimbal_yaw_deg"], row["gimbal_pitch_deg"], row["gimbal_roll_deg"]) == (
        100.0, -45.0, 0.5,
    )  # fmt: skip
    assert (row["ground_speed_mps"], row["course_deg"]) == (5.0, pytest.approx(306.8698976))


def test_xmp_counts_more_than_maker_notes() -> None:
    packet = xmp({"GimbalPitchDegree": "-90.00", "FlightYawDegree": "+10.0"})
    (row,) = read(in_jpeg(structure(notes()), packet)).track.to_dict("records")
    assert (row["gimbal_pitch_deg"], row["heading_deg"]) == (-90.0, 10.0)


def test_text_in_brackets_is_read_from_maker_notes_and_segments() -> None:
    note = b"[ae_dbg_info:\1\2\3][sensor_id:7JBSL97100000H\0\0\0\0]tail"
    log = read(in_jpeg(structure(note)))
    assert log.aircraft.camera_serial == "7JBSL97100000H"
    assert log.records("EXIF")["MakerNote.ae_dbg_info"].tolist() == [""]
    log = read(in_jpeg(structure(), segment(0xE7, b"DJI-DBG\0[sensor_id:4X9SJBK02AA04M\0\0]")))
    assert log.aircraft.camera_serial == "4X9SJBK02AA04M"
    assert log.records("Text").sensor_id.tolist() == ["4X9SJBK02AA04M"]
    assert log.issues == ()


def test_maker_notes_of_an_unknown_form_are_named() -> None:
    assert "maker's notes are of an unknown form" in reasons(read(in_jpeg(structure(b"\x99" * 60))))


@pytest.mark.parametrize("pointer", [0x8825, 0x014A])
def test_a_position_in_a_further_directory_is_in_the_records(pointer: int) -> None:
    at = 1200
    second = {0x010F: text("DJI"), pointer: (4, 1, struct.pack("<I", at))}
    tags = structure(second=second).ljust(at, b"\0")
    tags += directory(GPS if pointer == 0x8825 else {0x0110: text("inner")}, at)
    log = read(in_jpeg(tags))
    (row,) = log.records("EXIF").to_dict("records")
    if pointer == 0x8825:
        assert row["IFD1.GPSLatitude"] == (50.0, 30.0, 0.0)
        # The first directory has none: it is used, and said to be.
        assert (log.track.latitude_deg[0], log.track.longitude_deg[0]) == (50.5, -3.5)
        assert "GPSLatitude, GPSLongitudeRef, GPSLongitude stand in the directory IFD1" in reasons(
            log
        )
    else:
        assert row["IFD1.SubIFD0.Model"] == "inner"


def test_parts_of_a_position_are_never_of_two_pictures() -> None:
    found = Exif(tags={"GPSLatitude": (50.0, 30.0, 0.0)})
    assert (
        found.take_missing_tags_and_return_names({"GPSLatitudeRef": "S", "GPSLongitudeRef": "W"})
        == []
    )
    assert found.take_missing_tags_and_return_names({"DateTimeOriginal": "2026"}) == [
        "DateTimeOriginal"
    ]


def test_a_position_in_the_exif_of_a_further_picture_only_is_used_and_said() -> None:
    tags = structure().ljust(900, b"\0")
    pointing = directory({0x8825: (4, 1, struct.pack("<I", 100))}, 8)
    inner = (b"II*\0\x08\0\0\0" + pointing).ljust(100, b"\0") + directory(GPS, 100)
    log = read(in_jpeg(tags) + in_jpeg(inner))
    assert (log.track.latitude_deg[0], log.track.longitude_deg[0]) == (50.5, -3.5)
    assert "stand in the EXIF of a further picture only: used" in reasons(log)


def test_directories_in_a_circle_are_read_once_and_said() -> None:
    tags = bytearray(structure(second={0x0110: text("x")}))
    tags[800 + 2 + 12 : 800 + 2 + 16] = struct.pack("<I", 8)
    assert "it was before" in reasons(read(in_jpeg(bytes(tags))))


def test_a_tag_that_is_not_listed_has_its_number_for_a_name() -> None:
    found = read_exif(tiff({"IFD0": {0xABCD: "secret place"}}), 0, 4000)
    assert found.tags["IFD.0xabcd"] == "secret place"


def test_metadata_of_a_picture_behind_the_first_is_used_where_the_first_has_none() -> None:
    inner = photo([exif({"IFD0": DJI}), xmp(PLACE | {"RelativeAltitude": "+12.5"})])
    log = read(in_jpeg(structure()) + inner)
    (row,) = log.track.to_dict("records")
    assert (row["latitude_deg"], row["height_ato_m"]) == (50.5, 12.5)
    assert "a packet further on is used" in reasons(log)


def test_metadata_of_a_further_picture_that_contradicts_the_first_is_an_issue() -> None:
    inner = photo([exif({"IFD0": DJI}), xmp(PLACE | {"GpsLatitude": "+48.1"})])
    log = read(in_jpeg(structure(), xmp(PLACE)) + inner)
    assert log.track.latitude_deg.tolist() == [50.5]
    assert "further XMP states GpsLatitude 48.1, the first 50.5: not used" in reasons(log)
    same = read(in_jpeg(structure(), xmp(PLACE)) + photo([xmp(PLACE)]))
    assert same.issues == ()
    assert len(same.records("XMP")) == 2


def test_metadata_of_a_preview_in_a_dng_is_used_where_it_has_none_of_its_own() -> None:
    preview = photo([xmp(PLACE | {"RelativeAltitude": "+12.5"})])
    content = Content("DJI_0001.DNG", structure() + preview)
    log = parsers.identify(content).read(content, ())
    (row,) = log.track.to_dict("records")
    assert (row["latitude_deg"], row["height_ato_m"]) == (50.5, 12.5)
    assert "a packet further on is used" in reasons(log)


def test_extended_xmp_is_read_in_the_order_of_its_parts() -> None:
    packet = b'<x:xmpmeta xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" '
    packet += b" " * 30 + b'drone-dji:Hidden="51.5"/>'
    parts = [
        segment(
            0xE1,
            b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32
            + struct.pack(">II", len(packet), at) + packet[at : at + 50],
        )
        for at in (50, 0, 100)
    ]  # fmt: skip
    log = read(in_jpeg(structure(), xmp(PLACE), *parts))
    assert "51.5" in log.records("XMP").Hidden.tolist()


@pytest.mark.parametrize(
    ("marker", "body", "reason"),
    [
        (0xE9, b"position 50.123456 north, 3.5 west", "APP9 holds text of an unknown form"),
        (0xE9, b"\x01\x02\x03\x04binary", "APP9 begins"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0", "not looked into"),
        (0xE9, bytes(40), ""),
        (0xE2, b"ICC_PROFILE\0\1\1" + b"\x11" * 40, ""),
        (0xE3, b"\x11\x99" * 40, ""),
    ],
)
def test_a_segment_of_an_unknown_form_is_named(marker: int, body: bytes, reason: str) -> None:
    log = read(in_jpeg(structure(), segment(marker, body)))
    assert reason in reasons(log) if reason else not log.issues
    if body.isascii() and b"position" in body:
        assert log.records("Text").text.tolist() == [body.decode()]


def test_a_comment_is_kept() -> None:
    log = read(in_jpeg(structure(), segment(0xFE, b"taken over the river")))
    assert log.records("Text").text.tolist() == ["taken over the river"]


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_hostile_metadata_cost_little(size: int) -> None:
    begun = time.perf_counter()
    parse_bracketed_name_values(b"[a:" * (size // 3))
    parse_bracketed_name_values(b"[" * size)
    read(in_jpeg(structure()) + b"Exif\0\0II*\0" * (size // 10))
    read(in_jpeg(structure()) + b"<x:xmpmeta" * (size // 10))
    assert time.perf_counter() - begun < 1.0 + 3.0 * size / 1_000_000
