"""Which sensor took a photo: every sign of it in the file, strongest first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..._model import Issue
from ._file import Photo

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
#: End of the name -> sensor; ``_S`` is a picture of the controller's screen.
_ENDINGS = (
    (re.compile(r"_MS_\w{1,8}$|_MS$", re.IGNORECASE), "multispectral"),
    (re.compile(r"_[TR]$"), "thermal"),
    (re.compile(r"_[WZV]$"), "visible"),
)


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of a sensor."""

    sensor: str
    why: str
    offset: int


@dataclass(frozen=True, slots=True)
class Sensor:
    """What took the photo, and why we say so."""

    name: str
    signs: tuple[Sign, ...]
    issues: tuple[Issue, ...]

    @property
    def why(self) -> str:
        """The strongest sign."""
        return self.signs[0].why if self.signs else "nothing in the file names the sensor"


def judge(photo: Photo) -> Sensor:
    """Return the sensor by the strongest sign; signs that disagree are an issue."""
    signs = tuple(_signs(photo))
    if not signs:
        return Sensor("unknown", (), ())
    taken = signs[0]
    issues = tuple(
        Issue(sign.offset, 0, f"the sensor is {taken.sensor} by {taken.why}, but {sign.sensor}"
              f" by {sign.why}")
        for sign in signs[1:]
        if sign.sensor != taken.sensor
    )  # fmt: skip
    return Sensor(taken.sensor, signs, issues)


def _signs(photo: Photo) -> Iterator[Sign]:
    yield from _by_xmp(photo)
    yield from _by_segments(photo)
    yield from _by_exif(photo)
    stem = photo.name.rpartition(".")[0]
    for pattern, sensor in _ENDINGS:
        if pattern.search(stem):
            yield Sign(sensor, f"the end of the file's name ({stem.rpartition('_')[2]})", 0)
            return


def _by_xmp(photo: Photo) -> Iterator[Sign]:
    source = photo.xmp.text("ImageSource") or ""
    band = photo.xmp.text("BandName") or photo.xmp.others.get("Camera:BandName") or ""
    for name, text in (("ImageSource", source), ("BandName", band)):
        if text:
            sensor = _sensor_of(text)
            if sensor:
                yield Sign(sensor, f"XMP {name} {text}", photo.xmp.offset)


def _sensor_of(text: str) -> str | None:
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


def _by_segments(photo: Photo) -> Iterator[Sign]:
    for marker in (_APP3, _APP4):
        found = [segment for segment in photo.segments if segment.marker == marker]
        frame = _FRAMES.get(sum(segment.size - 4 for segment in found))
        if frame:
            yield Sign("thermal", f"a raw frame of {frame} in APP{marker - 0xE0}", found[0].offset)
    for segment in photo.segments:
        if segment.marker == _APP4 and segment.begins.startswith(_PARAMETERS):
            yield Sign("thermal", "thermal parameters in APP4", segment.offset)
        elif segment.marker == _APP1 and segment.begins.startswith(b"FLIR\0"):
            yield Sign("thermal", "FLIR's data in APP1", segment.offset)
            return


def _by_exif(photo: Photo) -> Iterator[Sign]:
    palette = photo.exif.text("ImageDescription") or ""
    if palette.lower().replace(" ", "") in _PALETTES:
        yield Sign("thermal", f"the palette {palette} in EXIF", photo.exif_at)
        return
    exposure, speed = photo.exif.number("ExposureTime"), photo.exif.number("ISO")
    if exposure and speed and exposure > 0 and speed > 0:
        yield Sign("visible", "exposure time and ISO in EXIF", photo.exif_at)
