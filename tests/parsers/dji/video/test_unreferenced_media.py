"""One wrong bit in a table hides no telemetry, and what is not looked into is named."""

import struct
import time

import pytest

from parsers import Log
from sample_logs.dji_video import box, full, track
from tests.parsers.dji.media_reading import read_media, reasons

COUNT, CREATED_S, LASTING_MS = 40, 1_700_000_000, 4000


def field(number: int, content: bytes | float | int) -> bytes:
    """Return one field of a protocol buffer."""
    if isinstance(content, bytes):
        return varint(number << 3 | 2) + varint(len(content)) + content
    if isinstance(content, float):
        return varint(number << 3 | 1) + struct.pack("<d", content)
    return varint(number << 3) + varint(content)


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def message(number: int) -> bytes:
    """Return the message of a frame: position, altitude, height and angles of the gimbal."""
    place = field(1, field(1, 1) + field(2, 51.5 + number * 1e-5) + field(3, -0.12))
    position = field(4, place + field(2, 120_000))
    frame = field(3, position + field(5, field(1, 60_000 + number)))
    gimbal = field(4, field(3, field(1, 450) + field(3, 900)))
    first = field(1, field(1, field(1, b"dvtm_pm320.proto") + field(5, b"SYNTHETIC0001")))
    return (b"" if number else first) + field(3, frame + gimbal)


def visual(code: bytes) -> bytes:
    return box(code, bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HH", 320, 180) + bytes(50))


def video(
    code: bytes = b"djmd", extra: bytes = b"", user_data: bytes = b"", interleaved: bool = True
) -> bytes:
    """Return a video of a picture and of telemetry, frame by frame or one after the other."""
    head = box(b"ftyp", b"isom\0\0\2\0isommp42")
    pictures = [bytes([200 + n % 50]) * 100 for n in range(COUNT)]
    telemetry = [message(n) for n in range(COUNT)]
    pairs = zip(pictures, telemetry, strict=True)
    order = [each for pair in pairs for each in pair] if interleaved else [*pictures, *telemetry]
    places: dict[int, int] = {}
    at = len(head) + 8
    for each in order:
        places[id(each)] = at
        at += len(each)
    spent = [LASTING_MS // COUNT] * COUNT
    times = (CREATED_S + 2_082_844_800, LASTING_MS)
    tracks = [
        track(1, b"vide", "VideoHandler", visual(b"avc1"), pictures,
              [places[id(each)] for each in pictures], spent, times),
        track(2, b"meta", "DJI meta", box(code, bytes(8)), telemetry,
              [places[id(each)] for each in telemetry], spent, times),
    ]  # fmt: skip
    stated = struct.pack(">IIII", times[0], times[0], 1000, LASTING_MS)
    moving = full(b"mvhd", stated, bytes(76), struct.pack(">I", 3))
    more = [box(b"udta", user_data)] if user_data else []
    return head + box(b"mdat", *order, extra) + box(b"moov", moving, *tracks, *more)


def read(data: bytes) -> Log:
    return read_media("DJI_0001.MP4", data)


@pytest.mark.parametrize("interleaved", [True, False])
def test_a_whole_video_has_no_media_without_a_track(interleaved: bool) -> None:
    log = read(video(interleaved=interleaved))
    assert log.track.latitude_deg.tolist() == pytest.approx([51.5 + n * 1e-5 for n in range(COUNT)])
    assert log.issues == ()
    assert log.coverage_sizes["records"] == sum(len(message(n)) for n in range(COUNT))


@pytest.mark.parametrize("interleaved", [True, False])
@pytest.mark.parametrize("kind", [b"stsz", b"stco", b"stsc", b"stts", b"stsd", b"hdlr", b"stbl"])
def test_no_bit_of_the_tables_of_telemetry_hides_it_without_a_word(
    kind: bytes, interleaved: bool
) -> None:
    data = video(interleaved=interleaved)
    place = data.index(kind, data.index(kind) + 1)
    (size,) = struct.unpack_from(">I", data, place - 4)
    chosen = range(64, 8 * min(size, 60), 13)
    lost = 0
    for bit in (*range(64), *chosen):
        flipped = bytearray(data)
        flipped[place - 4 + bit // 8] ^= 1 << bit % 8
        log = read(bytes(flipped))
        fixes = int(log.track.latitude_deg.notna().sum())
        assert fixes == COUNT or log.issues, (kind, bit)
        lost += fixes < COUNT - 1
    # Nearly every message is read all the same: those of the tables that name them are gone.
    assert lost <= 12


def test_telemetry_whose_tables_are_gone_is_read_and_spread_over_the_clip() -> None:
    data = bytearray(video())
    at = data.index(b"stsz", data.index(b"stsz") + 1)
    data[at : at + 4] = b"xtsz"
    log = read(bytes(data))
    assert log.track.latitude_deg.tolist() == pytest.approx([51.5 + n * 1e-5 for n in range(COUNT)])
    assert "40 messages of djmd telemetry lie where no table of samples places them" in reasons(log)
    assert log.coverage_sizes["records"] == sum(len(message(n)) for n in range(COUNT))


def test_telemetry_in_a_track_of_an_unknown_code_is_read_and_said() -> None:
    log = read(video(code=b"djmx"))
    assert log.track.latitude_deg.notna().sum() == COUNT
    assert "a track of the unknown code 'djmx' holds djmd telemetry" in reasons(log)


def test_a_track_of_an_unknown_code_that_holds_none_is_named() -> None:
    data = video(code=b"camm")
    for number in range(COUNT):
        data = data.replace(message(number), b"\x99" * len(message(number)))
    log = read(data)
    assert "a track of the unknown code 'camm' (handler 'meta', 40 samples): not looked" in reasons(
        log
    )


def test_media_data_of_no_track_are_named_and_are_no_media() -> None:
    log = read(video(extra=b"$GPRMC,101010,A,5130.00,N,00007.20,W" * 20))
    assert "720 bytes of media data in 1 places, from here on, belong to no track" in reasons(log)
    # Bytes that are not decoded: the file counts as read in part.
    assert [(issue.size, log.coverage_sizes["gap"]) for issue in log.issues] == [(720, 720)]
    assert not read(video(extra=bytes(720))).issues


def user_text(kind: bytes, text: bytes) -> bytes:
    return box(kind, struct.pack(">HH", len(text), 0x15C7), text)


def test_place_speed_and_angles_in_user_data_of_older_aircraft_are_read() -> None:
    told = [
        (b"\xa9xyz", b"+51.4778-000.0014+120.5/"), (b"\xa9xsp", b"+3.00"), (b"\xa9ysp", b"-4.00"),
        (b"\xa9fyw", b"-90.10"), (b"\xa9fpt", b"+1.50"), (b"\xa9frl", b"-2.50"),
        (b"\xa9gyw", b"+84.10"), (b"\xa9gpt", b"-45.00"), (b"\xa9grl", b"+0.00"),
    ]  # fmt: skip
    data = video(user_data=b"".join(user_text(*each) for each in told))
    for number in range(COUNT):
        data = data.replace(message(number), b"\x99" * len(message(number)))
    log = read(data.replace(b"djmd", b"mp4v"))
    (row,) = log.track.to_dict("records")
    assert (row["latitude_deg"], row["longitude_deg"]) == (51.4778, -0.0014)
    assert (row["heading_deg"], row["pitch_deg"], row["roll_deg"]) == (269.9, 1.5, -2.5)
    assert (row["gimbal_yaw_deg"], row["gimbal_pitch_deg"]) == (84.1, -45.0)
    assert row["ground_speed_mps"] == 5.0
    assert "moov/udta/©gpt" in log.records("text").path.tolist()


def test_xmp_in_a_box_gives_its_place() -> None:
    packet = (
        b'<x:xmpmeta xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" '
        b'drone-dji:GpsLatitude="+51.5" drone-dji:GpsLongitude="-0.12"/>'
    )
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    log = read(video() + box(b"uuid", uuid + packet))
    assert log.records("XMP").GpsLatitude.tolist() == ["+51.5"]
    (start,) = log.named_positions
    assert (start.latitude_deg, start.longitude_deg, start.record) == (51.5, -0.12, "XMP")


def test_a_box_of_an_unknown_form_is_named_and_text_in_one_is_kept() -> None:
    log = read(video(user_data=box(b"zzzz", b"\x01\x02\x03\x04" * 10)))
    assert "a box 'zzzz' of 48 bytes: not looked into" in reasons(log)
    log = read(video(user_data=box(b"fsid", b"\0\0\0\0/DCIM/100MEDIA/DJI_0001.MP4")))
    assert "/DCIM/100MEDIA/DJI_0001.MP4" in log.records("text").text.tolist()
    assert not log.issues


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_hostile_boxes_and_media_cost_little(size: int) -> None:
    begun = time.perf_counter()
    read(video(extra=b"\x1a\x10" * (size // 2)))
    read(video(extra=b"\x1a\x00" * (size // 2)))
    read(video(user_data=box(b"zzzz", b"+1" * 400) * (size // 810)))
    assert time.perf_counter() - begun < 1.0 + 4.0 * size / 1_000_000
