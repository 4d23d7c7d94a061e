"""Tracks in GPX 1.0 and 1.1: where a device was, and when.

Who writes it: watches, phones, trackers of vehicles, programs that convert tracks.  Facts: the
schemas of GPX 1.0 and 1.1 (topografix.com/GPX/1/0, /1/1).  A track says nothing of who or what
carried the device: it is no flight, and a person declares whose it is.

- ``trkpt`` is a point of a track; ``time`` is UTC, and so is one without a zone, which the log
  remarks on: some programs write local time.
- ``hdop`` has no unit and stays in ``records("Track point")``; an ``accuracy`` in metres, which
  Android programs write as an extension, is the error of the position.
- ``ele`` stays in the records: the schema does not say from which level it counts.
- ``speed`` is in m/s, of GPX 1.0 or in an extension; ``fix`` of ``none`` means no position.
- ``wpt`` and ``rtept`` are marks and plans: records, and no part of the track.

Damage costs the points that it hits: reading goes on at the next point.  A document type is
refused, and so are more than 512 MB and more than five million points.

Not decoded: links, extensions of other names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from .._dji_keychains import Keychains
from .._errors import FileContainsNoLogError
from .._file_content import Content
from .._formats import Format
from .._model import Issue, Log
from ._damage_tolerant_xml import Element, XmlDocument, root_element_name
from ._track_log_from_points import (
    FACTS,
    LONGEST_TEXT,
    MOST_POINTS,
    PointList,
    TrackDocument,
    build_track_log,
    parse_number,
)

_POINTS: Mapping[str, str] = MappingProxyType(
    {"trkpt": "Track point", "wpt": "Waypoint", "rtept": "Route point"}
)
#: Element in a point -> the number that it is.
_NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "ele": "elevation_m",
        "hdop": "hdop",
        "sat": "satellites",
        "speed": "speed_mps",
        "course": "course_deg",
        "accuracy": "accuracy_m",
        "hacc": "accuracy_m",
        "horizontalaccuracy": "accuracy_m",
    }
)


@dataclass(slots=True)
class _PointBeingRead:
    """What the elements of a point said so far; of no point: nothing was read yet."""

    element: Element | None = None
    values: dict[str, float] = field(default_factory=dict)
    time: str | None = None
    name: str | None = None
    has_fix: bool | None = None


def claims(content: Content) -> bool:
    """Return whether the root element is that of GPX."""
    return root_element_name(content.head) == "gpx"


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the points of every track of a file.

    Raises:
        CorruptLogError: If no point can be read, or the file has a document type or is too large.
        FileContainsNoLogError: If it holds marks or plans and no track.
    """
    del keys  # nothing is encrypted
    document = XmlDocument(content, b"<trkpt", "<gpx><trk><trkseg>", is_lost_with_damage=True)
    lists = {record: PointList() for record in _POINTS.values()}
    point, version, program = _PointBeingRead(), None, None
    issues: list[Issue] = []
    for element in document.elements():
        if element.name in _POINTS:
            if not _is_below_point_limit_else_add_issue(lists, element, content, issues):
                break
            if point.element is not element:
                point = _PointBeingRead(element)
            _add_point(lists[_POINTS[element.name]], element, point, content)
        elif (around := _enclosing_point_element(element)) is not None:
            if point.element is not around:
                point = _PointBeingRead(around)
            _collect_value_of_point(point, element)
        if version is None and (root := element.root_element).name == "gpx":
            version = root.attributes.get("version", "")[:20]
            program = root.attributes.get("creator", "")[:LONGEST_TEXT]
    track = lists.pop("Track point")
    if not len(track) and any(map(len, lists.values())):
        raise FileContainsNoLogError(f"{content.name} holds waypoints or routes, and no track")
    return build_track_log(
        content,
        TrackDocument(
            format_name=FORMAT.name,
            version=version or None,
            program=program or None,
            track_record="Track point",
            track=track,
            others=lists,
            issues=issues,
            gaps=document.gaps,
            is_utc_without_zone=True,
        ),
    )


def _enclosing_point_element(element: Element) -> Element | None:
    """Return the point of which an element states something; ``None``: it states nothing of one."""
    around, is_extension = element.parent, False
    while around is not None and around.name not in _POINTS:
        is_extension = is_extension or around.name == "extensions"
        around = around.parent
    return around if is_extension or around is element.parent else None


def _is_below_point_limit_else_add_issue(
    lists: Mapping[str, PointList], element: Element, content: Content, issues: list[Issue]
) -> bool:
    if sum(map(len, lists.values())) < MOST_POINTS:
        return True
    what = f"more than {MOST_POINTS:,} points: the rest is not read"
    issues.append(Issue(element.offset, len(content) - element.offset, what))
    return False


def _collect_value_of_point(point: _PointBeingRead, element: Element) -> None:
    """Take what an element within a point states."""
    name = element.name.lower()
    if name in _NUMBERS:
        point.values.setdefault(_NUMBERS[name], parse_number(element.text))
    elif name == "time" and point.time is None:
        point.time = element.text
    elif name == "name":
        point.name = element.text
    elif name == "fix":
        point.has_fix = element.text != "none"


def _add_point(
    points: PointList, element: Element, point: _PointBeingRead, content: Content
) -> None:
    position = {
        "latitude_deg": parse_number(element.attributes.get("lat")),
        "longitude_deg": parse_number(element.attributes.get("lon")),
    }
    if point.has_fix is False:
        position = {}
    # As long as a point is, looked for no further than any is.
    end = content.data.find(b">", element.offset, element.offset + 4096)
    length = max(1, end + 1 - element.offset)
    points.add(
        element.offset,
        length,
        point.time,
        {**point.values, **position},
        name=point.name,
        has_fix=point.has_fix,
    )


FORMAT = Format(
    name="gpx",
    title="track in GPX",
    reference="schemas of GPX 1.0 and 1.1, topografix.com/GPX/1/1",
    claims=claims,
    read=read,
    states_no_owner=True,
    facts=FACTS,
)
