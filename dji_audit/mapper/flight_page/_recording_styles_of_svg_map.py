"""How recordings look in the still picture, which is how they look on the map.

A sensor has its colour and a pattern over it; sensors that record at once take turns along the
line; sound on its own runs as two rails beside it; a photo has a shape by its sensor.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._page_track import SENSOR_BITS, PageTrack
from dji_audit.mapper.html._times import unix_ms
from dji_audit.report.sensor_words import SENSOR_WORDS

Floats = npt.NDArray[np.float64]

#: Sensor -> colour, and dashes over it, so that colour is never the only cue.
SENSOR_STYLE = {
    "visible": ("#d55e00", ""),
    "unknown": ("#0072b2", "9 7"),
    "multispectral": ("#00735c", "9 5 1 5"),
    "thermal": ("#332288", "1 7"),
}
SOUND_COLOUR = "#9a1760"
_LINE_WIDTH = 6.0
#: How long a stretch of one sensor is where several take turns, in units of the picture.
_TURN = 11
#: Distance of a rail of sound from the line.
_RAIL_DISTANCE = 9.4
#: Steps shorter than this have no direction of their own.
_LEAST_STEP = 3.0
_OUTLINE = 'stroke="#fff" stroke-width="1.5"'


@dataclass(frozen=True, slots=True)
class PhotoMark:
    """A photo that is marked on the picture: its instant, ms since 1970, and its sensor."""

    ms: int
    sensor: str


def photos_of_flight_with_known_time(flight: Flight) -> list[PhotoMark]:
    """Return the photos of a flight whose instant is known."""
    photos = flight.captures[flight.captures["kind"] == "photo"]
    pairs = zip(map(unix_ms, photos["start"]), photos["sensor"], strict=True)
    return [PhotoMark(ms, str(sensor)) for ms, sensor in pairs if ms is not None]


def sensors_of_bits(bits: int) -> list[str]:
    """Return the sensors of some bits of `PageTrack.recording`."""
    return [name for name in SENSOR_STYLE if bits & SENSOR_BITS[name]]


def video_stroke_attributes(bits: int) -> Iterator[str]:
    """Yield the attributes of the strokes of a video, from below to above.

    Args:
        bits: Of the sensors that record at once, of `SENSOR_BITS`; not 0.
    """
    sensors = sensors_of_bits(bits)
    if len(sensors) == 1:
        colour, dashes = SENSOR_STYLE[sensors[0]]
        yield f'stroke="{colour}" stroke-width="{_LINE_WIDTH:g}" stroke-linecap="round"'
        if dashes:
            yield (
                f'stroke="#fff" stroke-width="2.3" stroke-dasharray="{dashes}" '
                'stroke-linecap="round"'
            )
        return
    rest = _TURN * (len(sensors) - 1)
    for number, sensor in enumerate(sensors):
        yield (
            f'stroke="{SENSOR_STYLE[sensor][0]}" stroke-width="{_LINE_WIDTH:g}" '
            f'stroke-dasharray="{_TURN} {rest}" stroke-dashoffset="{-_TURN * number}"'
        )


def parallel_line_points_on_both_sides(x: Floats, y: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Yield the two lines beside a line; nothing for one that goes nowhere."""
    points = [0]
    for index in range(1, len(x)):
        step = (x[index] - x[points[-1]], y[index] - y[points[-1]])
        if step[0] ** 2 + step[1] ** 2 >= _LEAST_STEP**2:
            points.append(index)
    if len(points) < 2:
        return
    x, y = x[points], y[points]
    across, up = np.gradient(x), np.gradient(y)
    length = np.maximum(np.hypot(across, up), 1e-9)
    for side in (-_RAIL_DISTANCE, _RAIL_DISTANCE):
        yield x - side * up / length, y + side * across / length


def photo_mark_svg(x: float, y: float, sensor: str) -> str:
    """Return the mark of a photo as SVG."""
    if sensor == "thermal":
        return (
            f'<path d="M{x:.1f} {y - 6.5:.1f}l6.5 6.5-6.5 6.5-6.5-6.5z" fill="#332288" {_OUTLINE}/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.3" fill="#fff"/>'
        )
    fill, edge = {"visible": ("#14181d", _OUTLINE), "multispectral": ("#00735c", _OUTLINE)}.get(
        sensor, ("#fff", 'stroke="#14181d" stroke-width="1.7"')
    )
    return f'<path d="M{x - 4:.1f} {y - 4:.1f}h8v8h-8z" fill="{fill}" {edge}/>'


def video_label_of_sensor_bits(bits: int) -> str:
    """Return what the video of some sensors is called."""
    words = [SENSOR_WORDS[name] for name in sensors_of_bits(bits)]
    return f"Video, {' and '.join(words)}{' at once' if len(words) > 1 else ''}"


def recording_legend_html(track: PageTrack, photos: Iterable[PhotoMark]) -> str:
    """Return the items of the key for what was recorded, as HTML: those that there are."""
    line = '<path d="M2 6h30" fill="none" {}/>'
    none = "Whether video ran is not known: no times in UTC"
    if track.axis == "time":
        none = "No video shown by the logs"
    items = [(line.format('stroke="#5f6b76" stroke-width="2.5"'), none)]
    drawn = track.recording[track.position_mask]
    items += [
        ("".join(map(line.format, video_stroke_attributes(bits))), video_label_of_sensor_bits(bits))
        for bits in np.unique(drawn[drawn > 0]).tolist()
    ]
    if track.sound[track.position_mask].any():
        rails = f'<path d="M2 1.5h30M2 10.5h30" stroke="{SOUND_COLOUR}" stroke-width="2.2"/>'
        items.append((rails, "Sound on its own"))
    sensors = {photo.sensor if photo.sensor in SENSOR_WORDS else "unknown" for photo in photos}
    items += [
        (photo_mark_svg(17, 6, sensor), f"Photo, {SENSOR_WORDS[sensor]}")
        for sensor in SENSOR_WORDS
        if sensor in sensors
    ]
    return "".join(
        f'<li><svg viewBox="0 0 34 12" aria-hidden="true">{icon}</svg>{words}</li>'
        for icon, words in items
    )
