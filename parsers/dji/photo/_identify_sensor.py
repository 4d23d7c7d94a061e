"""Which sensor took a photo: every sign of it in the file, strongest first."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..._model import Issue
from ._photo_file import Photo

#: 16-bit pixels of the thermal frames that DJI's R-JPEGs hold in APP3 or, of the XT S, in APP4.
_FRAMES = {
    2 * width * height: f"{width} x {height}"
    for width, height in ((1280, 1024), (640, 512), (640, 480), (336, 256), (320, 256), (160, 120))
}
_APP1, _APP3, _APP4 = 0xE1, 0xE3, 0xE4
#: What APP4 of an R-JPEG begins with: H20T's parameters; the containers of later cameras.
_PARAMETERS = (b"\xaa\x55\x12\x06", b"\xff\xd2\xd1\xffiirp", b"\xff\xd2\xd1\xffhirp")
_PALETTES = {
    "whitehot", "blackhot", "redhot", "greenhot", "fulgurite", "ironred", "hotiron", "medical",
    "arctic", "rainbow", "rainbow1", "rainbow2", "tint", "hotspot",
}  # fmt: skip
#: End of the name -> sensor; ``_S`` is a picture of the controller's screen, ``_D`` the only
#: picture of a camera with one lens.
_NAME_ENDINGS = (
    (re.compile(r"_MS_\w{1,8}$|_MS$", re.IGNORECASE), "multispectral"),
    (re.compile(r"_[TR]$"), "thermal"),
    (re.compile(r"_[WZVD]$"), "visible"),
)


class SensorEvidence(NamedTuple):
    """One sign of a sensor."""

    sensor: str
    reason: str
    offset: int


class PhotoSensor(NamedTuple):
    """What took the photo, and why we say so."""

    name: str
    evidence: tuple[SensorEvidence, ...]
    issues: tuple[Issue, ...]

    @property
    def reason(self) -> str:
        """The strongest sign."""
        return self.evidence[0].reason if self.evidence else "nothing in the file names the sensor"


def identify_sensor(photo: Photo) -> PhotoSensor:
    """Return the sensor by the strongest sign; signs that disagree are an issue."""
    signs = tuple(_find_sensor_evidence(photo))
    if not signs:
        return PhotoSensor("unknown", (), ())
    taken = signs[0]
    issues = tuple(
        Issue(sign.offset, 0, f"the sensor is {taken.sensor} by {taken.reason}, but {sign.sensor}"
              f" by {sign.reason}")
        for sign in signs[1:]
        if sign.sensor != taken.sensor
    )  # fmt: skip
    return PhotoSensor(taken.sensor, signs, issues)


def _find_sensor_evidence(photo: Photo) -> Iterator[SensorEvidence]:
    yield from _sensor_evidence_in_xmp(photo)
    yield from _sensor_evidence_in_jpeg_segments(photo)
    yield from _sensor_evidence_in_exif(photo)
    stem = photo.name.rpartition(".")[0]
    for pattern, sensor in _NAME_ENDINGS:
        if pattern.search(stem):
            yield SensorEvidence(
                sensor, f"the end of the file's name ({stem.rpartition('_')[2]})", 0
            )
            return


def _sensor_evidence_in_xmp(photo: Photo) -> Iterator[SensorEvidence]:
    source = photo.xmp.first_dji_property_text("ImageSource") or ""
    band = (
        photo.xmp.first_dji_property_text("BandName")
        or photo.xmp.others.get("Camera:BandName")
        or ""
    )
    for name, text in (("ImageSource", source), ("BandName", band)):
        if text:
            sensor = _sensor_from_word(text)
            if sensor:
                yield SensorEvidence(sensor, f"XMP {name} {text}", photo.xmp.offset)


def _sensor_from_word(text: str) -> str | None:
    word = text.lower()
    if "infrared" in word or "thermal" in word or word == "lwir":
        return "thermal"
    if word.startswith(("ms", "ndvi", "ndre", "multi")) or word in (
        "green", "red", "rededge", "red edge", "nir", "blue",
    ):  # fmt: skip
        return "multispectral"
    if any(part in word for part in ("wide", "zoom", "visible", "tele", "default", "rgb")):
        return "visible"
    return None


def _sensor_evidence_in_jpeg_segments(photo: Photo) -> Iterator[SensorEvidence]:
    for marker in (_APP3, _APP4):
        segments = [segment for segment in photo.segments if segment.marker == marker]
        frame = _FRAMES.get(sum(segment.size - 4 for segment in segments))
        if frame:
            yield SensorEvidence(
                "thermal", f"a raw frame of {frame} in APP{marker - 0xE0}", segments[0].offset
            )
    for segment in photo.segments:
        if segment.marker == _APP4 and segment.head.startswith(_PARAMETERS):
            yield SensorEvidence("thermal", "thermal parameters in APP4", segment.offset)
        elif segment.marker == _APP1 and segment.head.startswith(b"FLIR\0"):
            yield SensorEvidence("thermal", "FLIR's data in APP1", segment.offset)
            return


def thermal_palette(photo: Photo) -> str | None:
    """Return the palette of a thermal picture as the camera calls it; ``None``: not stated."""
    palette = photo.exif.tag_text("ImageDescription") or ""
    return palette if palette.lower().replace(" ", "") in _PALETTES else None


def _sensor_evidence_in_exif(photo: Photo) -> Iterator[SensorEvidence]:
    palette = thermal_palette(photo)
    if palette is not None:
        yield SensorEvidence("thermal", f"the palette {palette} in EXIF", photo.exif_offset)
        return
    exposure, speed = photo.exif.numeric_value("ExposureTime"), photo.exif.numeric_value("ISO")
    if exposure and speed and exposure > 0 and speed > 0:
        yield SensorEvidence("visible", "exposure time and ISO in EXIF", photo.exif_offset)
