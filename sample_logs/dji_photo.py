"""Write photos of the story, with EXIF and XMP as DJI's cameras write them.

From descriptions of the formats; no reader is imported.  A photo is a JPEG of one grey block with
the segments before it that matter: EXIF with a thumbnail, XMP and, of the thermal one, a raw frame
and parameters.  The thumbnails show fields and a track: by day, and in the palette White Hot.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sample_logs import jpeg
from sample_logs.facts import file_facts
from sample_logs.story import (
    AIRCRAFT_SERIAL,
    CAMERA_SERIAL,
    HOME_ALTITUDE_M,
    Sample,
    Story,
)

ZONE = timedelta(hours=1)
#: Pixels of the small thermal camera.
FRAME = (160, 120)
#: Colours of fields from above.
_FIELDS: tuple[jpeg.Colour, ...] = (
    (98, 126, 62), (132, 148, 74), (164, 146, 92), (76, 104, 58), (116, 98, 70), (150, 160, 96),
)  # fmt: skip
_SECTIONS = ("IFD0", "Exif", "GPS")
_POINTERS = {"Exif": 0x8769, "GPS": 0x8825}

Value = str | int | tuple[int, int] | Sequence[tuple[int, int]]
Tags = Mapping[str, Mapping[int, Value]]


def write_dji_photo(folder: Path, story: Story) -> dict[str, Any]:
    """Write the first photo up high as two cameras took it at once; return what is true."""
    tick = story.photos[-2]
    sample = story.samples[tick]
    stem = f"DJI_{_local(sample):%Y%m%d%H%M%S}_0002"
    photos = {f"{stem}_W.JPG": wide(sample), f"{stem}_T.JPG": thermal(sample)}
    truths = {}
    for name, data in photos.items():
        (folder / name).write_bytes(data)
        truths[name] = _truth(sample, data, thermal="_T" in name)
    return truths


def wide(sample: Sample) -> bytes:
    """Return the photo of the wide camera: it says UTC."""
    properties = {
        "ImageSource": "WideCamera",
        "UTCAtExposure": f"{_utc(sample):%Y-%m-%dT%H:%M:%S}.{sample.utc_ms % 1000:03d}000",
        **_state(sample),
    }
    tags = _tags(sample, "default", {0x829A: (1, 500), 0x8827: 100})
    return photo([exif(tags, thumbnail=jpeg.blocks(_scene(sample))), xmp(properties)])


def thermal(sample: Sample, frame: tuple[int, int] = FRAME) -> bytes:
    """Return the radiometric photo of the thermal camera: its clock has no zone.

    Args:
        sample: The moment it is taken at.
        frame: Width and height of its raw frame in pixels.
    """
    raw = bytes(2 * frame[0] * frame[1])
    tags = _tags(sample, "WhiteHot", {0xA405: 40})
    grey = [[_white_hot(colour) for colour in row] for row in _scene(sample)]
    extra = [exif(tags, thumbnail=jpeg.blocks(grey))]
    extra += [xmp({"ImageSource": "InfraredCamera", **_state(sample)})]
    extra += [segment(0xE3, raw), segment(0xE4, b"\xff\xd2\xd1\xffiirp" + bytes(64))]
    return photo(extra)


def photo(segments: Sequence[bytes]) -> bytes:
    """Return a JPEG of one grey block with segments before its picture."""
    plain = jpeg.tiny(8, 8)
    return plain[:2] + b"".join(segments) + plain[2:]


def segment(marker: int, content: bytes) -> bytes:
    """Return a JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def xmp(properties: Mapping[str, str], *, others: str = "", prefix: str = "drone-dji") -> bytes:
    """Return the segment of an XMP packet with properties of DJI as attributes."""
    lines = "\n".join(f'   {prefix}:{name}="{text}"' for name, text in properties.items())
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about="DJI Meta Data"\n'
        f'    xmlns:{prefix}="http://www.dji.com/drone-dji/1.0/"\n{others}{lines}>\n'
        '  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    )
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())


def exif(tags: Tags, order: str = "<", *, thumbnail: bytes = b"") -> bytes:
    """Return the segment of an EXIF structure, with a second directory if it has a thumbnail."""
    return segment(0xE1, b"Exif\0\0" + tiff(tags, order, thumbnail=thumbnail))


def tiff(tags: Tags, order: str = "<", *, thumbnail: bytes = b"") -> bytes:
    """Return a TIFF structure with directories of text, whole numbers and rationals."""
    out = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    sizes = {
        name: 2 + 12 * (len(tags.get(name, {})) + 2 * (name == "IFD0")) + 4 for name in _SECTIONS
    }
    places, at = {}, 8
    for name in _SECTIONS:
        places[name], at = at, at + sizes[name]
    second, at = at, at + (2 + 12 * 3 + 4 if thumbnail else 0)
    values = b""
    for name in _SECTIONS:
        entries = dict(tags.get(name, {}))
        if name == "IFD0":
            entries |= {tag: places[section] for section, tag in _POINTERS.items()}
        rows = b""
        for tag, value in sorted(entries.items()):
            kind, count, content = _encoded(value, order)
            if len(content) > 4:
                rows += struct.pack(order + "HHII", tag, kind, count, at + len(values))
                values += content
            else:
                rows += struct.pack(order + "HHI", tag, kind, count) + content.ljust(4, b"\0")
        follows = second if thumbnail and name == "IFD0" else 0
        out += struct.pack(order + "H", len(entries)) + rows + struct.pack(order + "I", follows)
    if thumbnail:
        stated = {0x0103: 6, 0x0201: at + len(values), 0x0202: len(thumbnail)}
        rows = b"".join(struct.pack(order + "HHII", tag, 4, 1, n) for tag, n in stated.items())
        out += struct.pack(order + "H", len(stated)) + rows + bytes(4)
    return out + values + thumbnail


def _encoded(value: Value, order: str) -> tuple[int, int, bytes]:
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return 2, len(text), text
    if isinstance(value, int):
        return 4, 1, struct.pack(order + "I", value)
    pairs = [value] if isinstance(value[0], int) else value
    flat = [number for pair in pairs for number in pair]  # type: ignore[union-attr]
    return 5, len(flat) // 2, struct.pack(f"{order}{len(flat)}I", *flat)


def _tags(sample: Sample, palette: str, exposure: Mapping[int, Value]) -> Tags:
    stamp = f"{_local(sample):%Y:%m:%d %H:%M:%S}"
    return {
        "IFD0": {
            0x010E: palette, 0x010F: "DJI", 0x0110: "SYNTHETIC", 0x0131: "01.00.0000",
            0x0132: stamp,
        },
        "Exif": {0x9003: stamp, 0xA431: CAMERA_SERIAL, 0x920A: (91, 10), **exposure},
        "GPS": {
            0x01: "N" if sample.latitude_deg >= 0 else "S",
            0x02: _degrees(sample.latitude_deg),
            0x03: "E" if sample.longitude_deg >= 0 else "W",
            0x04: _degrees(sample.longitude_deg),
            0x06: (round((HOME_ALTITUDE_M + sample.height_m) * 1000), 1000),
        },
    }  # fmt: skip


def _scene(sample: Sample) -> list[list[jpeg.Colour]]:
    """Return fields as seen from above where a photo is taken, a track through them, and a fire."""
    left, top = round(sample.east_m / 6), round(-sample.north_m / 6)
    return [[_ground(left + across, top + down) for across in range(20)] for down in range(15)]


def _ground(across: int, down: int) -> jpeg.Colour:
    if across % 23 == 11 and down % 19 == 7:
        return 250, 240, 200
    if (across + 2 * down) % 37 in (0, 1):
        return 190, 178, 150
    return _FIELDS[(across // 7 * 3 + down // 6 * 5) % len(_FIELDS)]


def _white_hot(colour: jpeg.Colour) -> jpeg.Colour:
    """Return a colour as a thermal camera might: what is light by day is warm."""
    grey = round(0.5 * colour[0] + 0.4 * colour[1] + 0.1 * colour[2])
    warm = min(255, max(0, 2 * grey - 170))
    return warm, warm, warm


def _degrees(value: float) -> list[tuple[int, int]]:
    minutes, rest = divmod(abs(value) * 60, 1)
    degrees, minutes = divmod(minutes, 60)
    return [(int(degrees), 1), (int(minutes), 1), (round(rest * 60 * 10_000), 10_000)]


def _state(sample: Sample) -> dict[str, str]:
    north, east, down = sample.velocity_mps
    return {
        "GpsStatus": "Normal",
        "AltitudeType": "GpsFusionAlt",
        "GpsLatitude": f"{sample.latitude_deg:+.7f}",
        "GpsLongitude": f"{sample.longitude_deg:+.7f}",
        "AbsoluteAltitude": f"{HOME_ALTITUDE_M + sample.height_m:+.3f}",
        "RelativeAltitude": f"{sample.height_m:+.3f}",
        "GimbalRollDegree": "+0.00",
        "GimbalYawDegree": f"{sample.yaw_deg:+.2f}",
        "GimbalPitchDegree": f"{sample.gimbal_pitch_deg:+.2f}",
        "FlightRollDegree": f"{sample.roll_deg:+.2f}",
        "FlightYawDegree": f"{sample.yaw_deg:+.2f}",
        "FlightPitchDegree": f"{sample.pitch_deg:+.2f}",
        "FlightXSpeed": f"{north:.1f}",
        "FlightYSpeed": f"{east:.1f}",
        "FlightZSpeed": f"{down:.1f}",
        "DroneModel": "Mavic 2",
        "DroneSerialNumber": AIRCRAFT_SERIAL,
        "CameraSerialNumber": CAMERA_SERIAL,
    }


def _utc(sample: Sample) -> datetime:
    return datetime.fromtimestamp(sample.utc_ms // 1000, UTC)


def _local(sample: Sample) -> datetime:
    """Return the camera's wall clock: British Summer Time, to the second."""
    return _utc(sample) + ZONE


def _truth(sample: Sample, data: bytes, *, thermal: bool) -> dict[str, Any]:
    utc = f"{_utc(sample):%Y-%m-%dT%H:%M:%S}.{sample.utc_ms % 1000:03d}Z"
    return {
        **file_facts("DJI photo", "jpeg", data),
        "clock": {
            "first_utc": utc,
            "last_utc": utc,
            "first_local": f"{_local(sample):%Y-%m-%d %H:%M:%S}",
            "last_local": f"{_local(sample):%Y-%m-%d %H:%M:%S}",
            "zone": "+01:00, which " + ("nothing in" if thermal else "UTCAtExposure of")
            + " the file says",
        },
        "captures": [
            {
                "kind": "photo",
                "start": utc,
                "end": utc,
                "sensor": "thermal" if thermal else "visible",
                "offset": data.index(b"<?xpacket begin"),
            }
        ],
        "fixes": [
            {
                "utc": utc,
                "latitude_deg": round(sample.latitude_deg, 7),
                "longitude_deg": round(sample.longitude_deg, 7),
                "height_m": sample.height_m,
                "offset": data.index(b"<?xpacket begin"),
            }
        ],
        "damage": [],
    }  # fmt: skip
