"""Areas in KML, or in KMZ, which is KML in an archive.

KML describes graphics and has no fields for zones.

- **Limits come from the text**, never from heights of the geometry: the export of NATS
  (UK AIP, 3-D) draws every zone ``relativeToGround``, while the text of 156 of its 924
  zones counts from mean sea level and of 41 in flight levels.  The
  recognised forms are "Upper limit: ... Lower limit: ..." in a description, a line of two
  limits such as "GND - 4000FT AGL", and data fields named ``upper`` and ``lower``.
  An extruded area without such a text keeps the height of its top, datum not stated.
- **One zone may have many faces.**  A solid is drawn as a top, a bottom and a wall for
  each edge: walls are not areas, and top and bottom are the same area.  If there are only
  walls, their base lines are joined to a ring.
- **Where the text describes the boundary and all of it is understood**, its circles and
  arcs replace the corners drawn from them (``_aip_boundary``), if both are in the same
  position.

The document's time span, or the "data effective" of its text, is its effective date.
A zone is active in the time span of its placemark, else of its folder; in its text the only
recognised time of activity is "H24".  What a zone means is a line of its description by itself
or behind a colon ("Restriction: PROHIBITED"), else the name of its folder; prose is not searched
for such words, for "danger of prosecution" makes no danger area.

Spaces beside the commas of a position, which KML does not allow but many files have, are accepted
where the meaning is clear.  Points and lines are not areas and are skipped; so is what a link
names, because nothing is fetched, and what further documents of an archive hold.  A placemark
whose area or limits cannot be read is left out, with its number.  Styles and pictures are ignored.
XML goes through defusedxml, archives are unpacked within bounds (``_zone_file_content``).
"""

import datetime as dt
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from dji_audit.zones import _model as model
from dji_audit.zones._completeness_area import bounds_despite_unread_points
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import build_valid_point
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._aip_boundary import parse_aip_boundary
from dji_audit.zones.formats._aviation_text import parse_limit, parse_limit_field
from dji_audit.zones.formats._footprint_of_solid import (
    FaceOfKmlSolid,
    solid_footprint_and_face_heights,
)
from dji_audit.zones.formats._stated_times import (
    ScheduleReadings,
    in_time_zone,
    parse_stated_time,
    schedule_readings,
)
from dji_audit.zones.formats._xml_elements import (
    child_text,
    first_child_named,
    local_name,
    stripped_text_of_element,
)
from dji_audit.zones.formats._zone_effect_from_restriction_words import effect_of_restriction

_UPPER = re.compile(r"Upper limit:\s*([^\n]*)", re.I)
_LOWER = re.compile(r"Lower limit:\s*([^\n]*)", re.I)
_EFFECTIVE = re.compile(r"data effective (\d{4}-\d\d-\d\d)")
_ALWAYS = re.compile(r"\bH24\b")
#: Words of the name of a folder -> effect.
_EFFECTS_OF_FOLDERS = (
    (re.compile(r"\bprohibited\b", re.I), model.ZoneEffect.PROHIBITED),
    (re.compile(r"\brestricted\b", re.I), model.ZoneEffect.AUTHORISATION),
    (re.compile(r"\bdanger (?:area|zone)s?\b", re.I), model.ZoneEffect.ADVISORY),
)
#: A line that is the title of an area, as in "FAD71 : HARTEBEESPOORT DANGER AREA".
_TITLE = re.compile(r"[A-Z0-9 :./()'-]*\b(PROHIBITED|RESTRICTED|DANGER) AREA", re.ASCII)
#: Labels after which a line states the effect; any other is of something else, as of a limit.
_EFFECT_LABELS = ("restriction", "type", "class")
#: Effects that do not count as an entry: a text must not contradict them.
_HARMLESS = (model.ZoneEffect.ADVISORY, model.ZoneEffect.NONE)
_CONTRADICTION = re.compile(r"\b(?:prohibited|forbidden|restricted)\b", re.I)
_NOT_STATED = model.ZoneEffect.NOT_STATED
_MAX_REMARKS = 4000
#: A character by a number that no character has: Python turns no number of thousands of digits.
_IMPOSSIBLE_REFERENCE = re.compile(r"&#(?:[0-9]{9,}|x[0-9a-f]{9,});?", re.I)
#: Element -> how a reason names it.
_POINTS_AND_LINES = {
    "Point": "a point",
    "LineString": "a line",
    "LinearRing": "a closed line",
    "Track": "a track",
    "Model": "a model",
}


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether the root element is that of KML."""
    return file.xml is not None and local_name(file.xml) == "kml"


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every area; one that cannot be read is skipped, with the number of its placemark."""
    root = file.xml
    if root is None:
        raise model.ZoneError("not KML")
    effective = _effective_date(root)
    title = next(
        (stripped_text_of_element(node) for node in root.iter() if local_name(node) == "name"), ""
    )
    source = file.build_zone_source(FORMAT.name, edition=title, effective_from=effective)
    items: list[model.Zone | model.SkippedItem] = []
    remarks: list[model.ReadingRemark] = []
    for number, (placemark, folder) in enumerate(_placemarks_with_folders(root), 1):
        path = f"placemark {number}"
        try:
            faces = list(_polygon_faces(placemark, path))
            if faces:
                items.append(_build_zone(placemark, faces, folder, path, source, remarks))
            else:
                items.append(_skipped_item(placemark, path))
        except model.ZoneError as error:
            items.append(_skipped_item(placemark, path, error.message_without_path(path)))
    links = [node for node in root.iter() if local_name(node) == "NetworkLink"]
    items += [
        model.SkippedItem(
            f"link {number}", "what a link names is not fetched", child_text(link, "name")
        )
        for number, link in enumerate(links, 1)
    ]
    items += [
        model.SkippedItem(name, "a further document of the archive, which is not read")
        for name in file.unread_kml_document_names
    ]
    return model.build_zone_file(source, items, remarks)


def _skipped_item(placemark: Element, path: str, fault: str = "") -> model.SkippedItem:
    """Return a placemark without an area; a drawn line or point may stand for one.

    Args:
        placemark: The element.
        path: Its position.
        fault: Why the area that it draws cannot be read; empty: it draws none.
    """
    drawn = [
        _POINTS_AND_LINES[local_name(node)]
        for node in placemark.iter()
        if local_name(node) in _POINTS_AND_LINES
    ]
    points: list[model.Point] = []
    unknown = 0
    for node in placemark.iter():
        if local_name(node) == "coordinates":
            try:
                positions = list(_parse_coordinates(stripped_text_of_element(node), path))
                points += [
                    build_valid_point(position[1], position[0], path) for position in positions
                ]
            except model.ZoneError:
                # It is left out in any case, but where it lies is not known for certain.
                unknown += 1
    return model.SkippedItem(
        path,
        fault or (f"{drawn[0]} is not an area" if drawn else "no polygon"),
        name=child_text(placemark, "name"),
        bounds=bounds_despite_unread_points(points, unknown),
        may_be_zone=bool(drawn or fault),
    )


@dataclass(frozen=True, slots=True)
class _KmlFolder:
    """The name and the time span of the folder in which a placemark is."""

    #: Empty: no folder with a name.
    name: str = ""
    time_span: Element | None = None


def _placemarks_with_folders(root: Element) -> Iterator[tuple[Element, _KmlFolder]]:
    stack = [(root, _KmlFolder())]
    while stack:
        current, within = stack.pop()
        if local_name(current) == "Placemark":
            yield current, within
            continue
        if local_name(current) == "Folder":
            span = first_child_named(current, "TimeSpan")
            within = _KmlFolder(
                child_text(current, "name") or within.name,
                within.time_span if span is None else span,
            )
        stack += [(child, within) for child in reversed(current)]


def _build_zone(
    placemark: Element,
    faces: list[FaceOfKmlSolid],
    folder: _KmlFolder,
    path: str,
    source: model.ZoneSource,
    remarks: list[model.ReadingRemark],
) -> model.Zone:
    """Return the zone that a placemark draws; what of it cannot be read is added to remarks."""
    name = child_text(placemark, "name") or path
    text = strip_html_markup(child_text(placemark, "description"))
    areas, tops = solid_footprint_and_face_heights(faces, path)
    lower, upper = _parse_lower_and_upper_limit(placemark, text, tops, path)
    described = parse_aip_boundary(text, areas)
    shape: tuple[model.Shape, ...] = areas if described is None else (described,)
    own_span = first_child_named(placemark, "TimeSpan")
    try:
        times = _readings_of_time_span(folder.time_span if own_span is None else own_span, shape)
    except ValueError as error:
        reason = f"expected a date and time, found {error}"
        unread = f"times that cannot be read ({reason}): treated as always active"
        remarks.append(model.ReadingRemark(path, unread, name))
        times = ScheduleReadings(())
    return model.Zone(
        id=name,
        name=name,
        kind=folder.name,
        effect=_parse_effect(text, folder.name),
        shape=shape,
        lower=lower,
        upper=upper,
        source=source,
        path=path,
        schedule=times.schedule,
        schedule_stated=bool(times.schedule) or _ALWAYS.search(text) is not None,
        other_schedules=times.others,
        schedule_doubt=times.doubt,
        remarks=text[:_MAX_REMARKS],
    )


def _readings_of_time_span(
    span: Element | None, shape: tuple[model.Shape, ...]
) -> ScheduleReadings:
    """Return the times of a time span; none where it states none.

    Raises:
        ValueError: With what it states, if that is not a time.
    """
    if span is None:
        return ScheduleReadings(())
    words = child_text(span, "begin"), child_text(span, "end")
    try:
        begin = parse_stated_time(words[0]) if words[0] else None
        end = parse_stated_time(words[1], is_end=True) if words[1] else None
    except ValueError as error:
        found = " to ".join(repr(word)[:40] for word in words if word)
        raise ValueError(found) from error
    if begin is None and end is None:
        return ScheduleReadings(())

    def build_period(time_zone: dt.tzinfo) -> tuple[model.ActivePeriod, ...]:
        return (model.ActivePeriod(in_time_zone(begin, time_zone), in_time_zone(end, time_zone)),)

    return schedule_readings(build_period, shape)


def _parse_lower_and_upper_limit(
    placemark: Element, text: str, tops: set[float], path: str
) -> tuple[model.Limit, model.Limit]:
    """Return both limits as the text states them, or else the height of an extruded top."""
    fields = {name.lower(): value for name, value in _extended_data_name_value_pairs(placemark)}
    lower = _parse_limit_text(
        fields.get("lower") or _first_regex_group(_LOWER, text), f"{path}: lower limit"
    )
    upper = _parse_limit_text(
        fields.get("upper") or _first_regex_group(_UPPER, text), f"{path}: upper limit"
    )
    if upper is model.NOT_STATED and lower is model.NOT_STATED:
        lower, upper = next(_limit_pairs_in_text(text), (lower, upper))
    if (
        upper is model.NOT_STATED
        and lower is model.NOT_STATED
        and _has_any_extruded_geometry(placemark)
        and len(tops) == 1
    ):
        return model.SURFACE, model.Limit(model.VerticalDatum.NOT_STATED, next(iter(tops)), "m")
    return lower, upper


def _limit_pairs_in_text(text: str) -> Iterator[tuple[model.Limit, model.Limit]]:
    """Yield the limits of each line that consists of exactly two limits."""
    for line in text.split("\n"):
        below, dash, above = line.partition(" - ")
        lower, upper = parse_limit(below), parse_limit(above)
        if dash and lower is not None and upper is not None:
            yield lower, upper


def _parse_limit_text(text: str, path: str) -> model.Limit:
    if not text:
        return model.NOT_STATED
    limit = parse_limit_field(text)
    if limit is None:
        raise model.ZoneError(f"{path}: expected a limit as in 2000 FT SFC, found {text[:40]!r}")
    return limit


def _first_regex_group(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1].strip() if match else ""


def _parse_effect(text: str, folder: str) -> model.ZoneEffect:
    """Return what the description states in a line of its own, else the name of the folder."""
    lines = text.split("\n")
    stated = [effect for effect in map(_effect_of_line, lines) if effect]
    effect = next(iter(stated), _effect_of_folder(folder))
    if stated and effect in _HARMLESS and _CONTRADICTION.search(text):
        return next((each for each in stated if each not in _HARMLESS), _NOT_STATED)
    return effect


def _effect_of_line(line: str) -> model.ZoneEffect | None:
    """Return what a line states; ``None``: nothing."""
    title = _TITLE.fullmatch(line)
    label, colon, value = line.partition(":")
    if title:
        words = title[1]
    elif not colon or label.strip().lower() in _EFFECT_LABELS:
        words = (value if colon else line).strip()
    else:
        return None
    # A letter by itself may be anything.
    effect = effect_of_restriction(words) if len(words) > 1 else _NOT_STATED
    return None if effect is _NOT_STATED else effect


def _effect_of_folder(name: str) -> model.ZoneEffect:
    effect = effect_of_restriction(name) if len(name) > 1 else _NOT_STATED
    if effect is not _NOT_STATED:
        return effect
    found = (each for words, each in _EFFECTS_OF_FOLDERS if words.search(name))
    return next(found, _NOT_STATED)


def _has_any_extruded_geometry(placemark: Element) -> bool:
    return any(
        local_name(node) == "extrude" and stripped_text_of_element(node) == "1"
        for node in placemark.iter()
    )


def _extended_data_name_value_pairs(placemark: Element) -> Iterator[tuple[str, str]]:
    for node in placemark.iter():
        if local_name(node) == "Data":
            yield node.get("name", ""), child_text(node, "value")
        elif local_name(node) == "SimpleData":
            yield node.get("name", ""), stripped_text_of_element(node)


def _polygon_faces(placemark: Element, path: str) -> Iterator[FaceOfKmlSolid]:
    """Yield each polygon as its rings."""
    polygons = (node for node in placemark.iter() if local_name(node) == "Polygon")
    for number, polygon in enumerate(polygons, 1):
        where = f"{path}, polygon {number}"
        outer = [
            r for b in polygon if local_name(b) == "outerBoundaryIs" for r in _parse_rings(b, where)
        ]
        inner = [
            r for b in polygon if local_name(b) == "innerBoundaryIs" for r in _parse_rings(b, where)
        ]
        if len(outer) != 1:
            raise model.ZoneError(f"{where}: expected one outer ring, found {len(outer)}")
        yield FaceOfKmlSolid(outer[0], tuple(inner))


def _parse_rings(boundary: Element, path: str) -> Iterator[tuple[tuple[float, float, float], ...]]:
    for node in boundary.iter():
        if local_name(node) == "coordinates":
            yield tuple(_parse_coordinates(stripped_text_of_element(node), path))


def _parse_coordinates(text: str, path: str) -> Iterator[tuple[float, float, float]]:
    """Yield longitude, latitude and height; a missing height is 0, as KML defines.

    KML allows no space within a position, but many programs write one after each comma.  Such
    text is read where its commas alone divide it into positions of two or three numbers.
    """
    words = text.split()
    if not all(map(_parse_position, words)):
        words = ",".join(part.strip() for part in text.split(",")).split()
    for number, word in enumerate(words, 1):
        position = _parse_position(word)
        if position is None:
            raise model.ZoneError(
                f"{path}, position {number}: expected longitude,latitude, found {word[:40]!r}"
            )
        yield position


def _parse_position(word: str) -> tuple[float, float, float] | None:
    try:
        # A missing height may leave its comma behind.
        numbers = [float(part) for part in word.removesuffix(",").split(",")]
    except ValueError:
        return None
    if len(numbers) not in (2, 3):
        return None
    return numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else 0.0


def _effective_date(root: Element) -> dt.datetime | None:
    """Return the effective date from the text or the time span of the document."""
    for document in root:
        stated = _EFFECTIVE.search(child_text(document, "description"))
        spans = (node for child in document if local_name(child) == "TimeSpan" for node in child)
        begins = [stripped_text_of_element(node) for node in spans if local_name(node) == "begin"]
        text = stated[1] if stated else next(iter(begins), "")
        try:
            time = dt.datetime.fromisoformat(text)
        except ValueError:
            continue
        return time if time.tzinfo else time.replace(tzinfo=dt.UTC)
    return None


def strip_html_markup(markup: str) -> str:
    """Return a description without its markup, line by line."""
    lines = re.sub(r"<br\s*/?>|</(?:td|tr|p|div)>", "\n", markup, flags=re.I)
    bare = html.unescape(_IMPOSSIBLE_REFERENCE.sub("\ufffd", re.sub(r"<[^<>]*>", " ", lines)))
    return "\n".join(filter(None, (" ".join(line.split()) for line in bare.split("\n"))))


FORMAT = ZoneFormat(
    name="kml",
    title="areas in KML or KMZ",
    reference="OGC KML 2.2; UK eAIP 3-D export of NATS (2022-12-29)",
    claims=claims,
    read=read,
)
