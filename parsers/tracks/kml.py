"""Tracks in KML 2.2 and 2.3: where a device was, and when.  KMZ is KML in an archive.

Who writes it: Google Earth, My Tracks and the programs that took its place, phones, converters.
Facts: OGC 07-147r2 and 12-007r2 (KML 2.2, 2.3) and Google's reference of its extensions.  A track
says nothing of who or what carried the device: it is no flight, and a person declares whose it is.

- ``gx:Track`` (``Track`` in 2.3) holds a ``when`` for each ``coord``.  Where their numbers differ
  it is not known which belong together, and the positions have no times.
- Where a file has no track, its points with a ``TimeStamp`` or a ``TimeSpan`` are one: a span says
  that the device was there when it began and when it ended.
- Where it has neither, its lines are: positions without times, which no rule uses.  A
  ``TimeSpan`` of a line does not say when the device was at which of its points.
- A ``when`` without a zone is a local time, and needs a declared clock; one without a time of day
  is none.
- The third number of a position stays in the records: from which level it counts depends on
  ``altitudeMode``, and phones differ.
- An array of numbers named ``accuracy`` is the error of each position, metres.

A file with areas is one of zones (``docs/zones/kml.md``), unless it has a track too.  Damage costs
the placemark that it hits, from there on.  A document type is refused, and so are more than 512 MB
and more than five million points.

Not decoded: styles, angles, models, network links; lines and points of a file that has a track.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .._dji_keychains import Keychains
from .._file_content import Content
from .._formats import Format
from .._model import Issue, Log
from ._damage_tolerant_xml import Element, XmlDocument, root_element_name
from ._track_log_from_points import (
    FACTS,
    MOST_POINTS,
    PointList,
    TrackDocument,
    build_track_log,
    parse_number,
)

#: Bytes in which a track, a time, a line or an area is looked for: styles may stand before them.
_LOOKED_AT = 1 << 24
#: Namespace of WPML, in which DJI Pilot 2, DJI Fly and FlightHub 2 keep planned routes.
_PLANNED = re.compile(rb"http://www\.(?:dji|uav)\.com/wpmz/")
_TRACK = re.compile(rb"<(?:\w{1,20}:)?Track[\s>]")
_TIME = re.compile(rb"<(?:\w{1,20}:)?(?:when|TimeStamp|TimeSpan)[\s>]")
_LINE = re.compile(rb"<(?:\w{1,20}:)?LineString[\s>]")
_PLACE = re.compile(rb"<(?:\w{1,20}:)?(?:Point|LineString)[\s>]")
_AREA = re.compile(rb"<(?:\w{1,20}:)?Polygon[\s>]")
#: Exports of flights say in their description which program made them; KML has no field for it.
_PROGRAM = re.compile(r"\bMade by (dji-audit [\w.+-]{1,40}?)(?=[.\s]*(?:\s|<|$))")
_ACCURACY_NAMES = {"accuracy", "horizontal_accuracy", "horizontalaccuracy"}


class _TextWithOffset(NamedTuple):
    """The text of an element, and the byte where the element begins."""

    offset: int
    text: str


@dataclass(slots=True)
class _TrackElement:
    """The times, positions and errors of one ``gx:Track``."""

    times: list[str] = field(default_factory=list)
    coordinates: list[_TextWithOffset] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    #: Whether a time followed a position, so that they alternate.
    alternates: bool = False
    is_whole: bool = False


@dataclass(slots=True)
class _Placemark:
    """What a placemark says of a point or line."""

    #: Of a stamp, its instant; of a span, when it began and when it ended.
    times: list[_TextWithOffset] = field(default_factory=list)
    points: list[_TextWithOffset] = field(default_factory=list)
    lines: list[_TextWithOffset] = field(default_factory=list)


@dataclass(slots=True)
class _TracksAndPlacemarks:
    """What was found in a document."""

    #: By the identity of their elements, which are kept so that no two have the same.
    tracks: dict[int, _TrackElement] = field(default_factory=dict)
    placemarks: dict[int, _Placemark] = field(default_factory=dict)
    kept: list[Element] = field(default_factory=list)
    version: str | None = None
    program: str | None = None
    count: int = 0

    def get_or_add_track(self, element: Element) -> _TrackElement:
        """Return what is known of a ``gx:Track``."""
        if id(element) not in self.tracks:
            self.tracks[id(element)] = _TrackElement()
            self.kept.append(element)
        return self.tracks[id(element)]

    def get_or_add_placemark(self, element: Element) -> _Placemark:
        """Return what is known of a placemark."""
        if id(element) not in self.placemarks:
            self.placemarks[id(element)] = _Placemark()
            self.kept.append(element)
        return self.placemarks[id(element)]


def claims(content: Content) -> bool:
    """Return whether a document of KML holds a track, times, or lines and no areas."""
    if root_element_name(content.head) != "kml":
        return False
    data = content.data[:_LOOKED_AT]
    if _PLANNED.search(data):
        return False  # a route that DJI's programs plan, whether or not anybody flew it
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data[: len(data) // 2 * 2].decode("utf-16", "replace").encode()
    if _TRACK.search(data):
        return True
    if _AREA.search(data):
        return False
    return bool(_LINE.search(data) or (_TIME.search(data) and _PLACE.search(data)))


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the tracks of a file, or else its points with times, or else its lines.

    Raises:
        CorruptLogError: If no point can be read, or the file has a document type or is too large.
    """
    del keys  # nothing is encrypted
    document = XmlDocument(content, b"<Placemark", "<kml><Document>", is_lost_with_damage=False)
    found, issues = _TracksAndPlacemarks(), list[Issue]()
    for element in document.elements():
        _collect_track_or_placemark_field(found, element)
        if found.count > MOST_POINTS:
            size = len(content) - element.offset
            what = f"more than {MOST_POINTS:,} places and times: the rest is not read"
            issues.append(Issue(element.offset, size, what))
            break
    points, lines, record = PointList(), PointList(), "Track point"
    for track in found.tracks.values():
        _add_gx_track_points(points, track, issues)
    if not len(points):
        record = "Placemark"
        for placemark in found.placemarks.values():
            _add_placemark_points(points, placemark)
    for placemark in found.placemarks.values():
        _add_line_points(lines, placemark, content, issues)
    if not len(points):
        record, points, lines = "Line point", lines, PointList()
    return build_track_log(
        content,
        TrackDocument(
            format_name=FORMAT.name,
            version=found.version or None,
            program=found.program,
            track_record=record,
            track=points,
            others={"Line point": lines},
            issues=issues,
            gaps=document.gaps,
            is_utc_without_zone=False,
        ),
    )


def _collect_track_or_placemark_field(found: _TracksAndPlacemarks, element: Element) -> None:
    """Take what an element states of a track or placemark."""
    parent, name = element.parent, element.name
    if found.version is None:
        found.version = element.root_element.attributes.get("xmlns", "").rpartition("/")[2][:20]
    if parent is None:
        return
    if parent.name == "Track":
        _collect_time_or_position_of_track(found, found.get_or_add_track(parent), element)
    elif name == "Track":
        found.get_or_add_track(element).is_whole = True
    elif name == "value" and parent.attributes.get("name", "").lower() in _ACCURACY_NAMES:
        around = _enclosing_element(element, "Track")
        if around is not None:
            found.get_or_add_track(around).accuracy.append(parse_number(element.text))
    elif name == "coordinates" and parent.name in ("Point", "LineString"):
        around = _enclosing_element(element, "Placemark")
        if around is not None:
            placemark = found.get_or_add_placemark(around)
            places = placemark.points if parent.name == "Point" else placemark.lines
            places.append(_TextWithOffset(element.offset, element.text))
            found.count += 1 + element.text.count(",") // 2
    elif name in ("when", "begin", "end") and parent.name in ("TimeStamp", "TimeSpan"):
        around = parent.parent
        if around is not None and around.name == "Placemark":
            found.get_or_add_placemark(around).times.append(
                _TextWithOffset(element.offset, element.text)
            )
            found.count += 1
    elif name == "description" and found.program is None:
        program = _PROGRAM.search(element.text[:4000])
        found.program = program[1] if program else None


def _collect_time_or_position_of_track(
    found: _TracksAndPlacemarks, track: _TrackElement, element: Element
) -> None:
    if element.name == "when":
        track.alternates = track.alternates or bool(track.coordinates)
        track.times.append(element.text)
    elif element.name == "coord":
        track.coordinates.append(_TextWithOffset(element.offset, element.text))
        found.count += 1


def _enclosing_element(element: Element, name: str) -> Element | None:
    around = element.parent
    while around is not None and around.name != name:
        around = around.parent
    return around


def _parse_kml_position(numbers: Sequence[str]) -> dict[str, float]:
    """Return longitude, latitude and height of a position; empty: it is none."""
    if len(numbers) not in (2, 3):
        return {}
    return {
        "longitude_deg": parse_number(numbers[0]),
        "latitude_deg": parse_number(numbers[1]),
        "elevation_m": parse_number(numbers[2]) if len(numbers) == 3 else math.nan,
    }


def _add_gx_track_points(points: PointList, track: _TrackElement, issues: list[Issue]) -> None:
    """Add the points of a ``gx:Track``, each with its time where it is known which is its own."""
    times, coordinates = track.times, track.coordinates
    # One that damage cut off has all of its times where they stand before its positions.
    are_paired = len(times) == len(coordinates) or (
        not track.is_whole and (track.alternates or len(times) > len(coordinates))
    )
    if coordinates and times and not are_paired:
        what = (
            f"{len(times):,} times for {len(coordinates):,} positions: which belong together is "
            "not known, so that the positions have none"
        )
        issues.append(Issue(coordinates[0].offset, 0, what))
    states_errors = len(track.accuracy) == len(coordinates)
    for number, (offset, text) in enumerate(coordinates):
        values = _parse_kml_position(text.split())
        if states_errors:
            values["accuracy_m"] = track.accuracy[number]
        time = times[number] if are_paired and number < len(times) else None
        points.add(offset, len(text), time, values)


def _add_placemark_points(points: PointList, placemark: _Placemark) -> None:
    """Add the point of a placemark with a time: of a span, when it began and when it ended."""
    if len(placemark.points) == 1:
        values = _parse_kml_position([part.strip() for part in placemark.points[0].text.split(",")])
        for offset, text in placemark.times:
            points.add(offset, len(text), text, values)


def _add_line_points(
    lines: PointList, placemark: _Placemark, content: Content, issues: list[Issue]
) -> None:
    """Add the points of the lines of a placemark: positions without times."""
    for begin, text in placemark.lines:
        if placemark.times:
            span = " to ".join(each.text[:40] for each in placemark.times[:2])
            what = f"a line of {span}: when the device was at which of its points is not stated"
            issues.append(Issue(begin, 0, what))
        at = begin
        for word in text.split():
            found = content.data.find(word.encode(), at + 1)
            at = found if found >= 0 else at + 1
            lines.add(at, len(word), None, _parse_kml_position(word.removesuffix(",").split(",")))


FORMAT = Format(
    name="kml",
    title="track in KML",
    reference="OGC 07-147r2 and 12-007r2 (KML 2.2, 2.3); Google's KML reference",
    claims=claims,
    read=read,
    states_no_owner=True,
    facts=FACTS,
)
