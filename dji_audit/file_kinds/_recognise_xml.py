"""What an XML or HTML file holds, by its elements."""

import html
import re

from dji_audit.file_kinds import _kind_of_unparsed_file as kinds
from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._recognise_evidence_in_field_names import describe_evidence_in_field_names
from dji_audit.file_kinds._recognise_planned_routes import recognise_wpml_route
from dji_audit.file_kinds._recognise_tables import (
    describe_evidence_in_laid_out_table,
    numbers_look_like_track,
)

_ROOT = re.compile(r"<(?:[A-Za-z][\w.-]{0,40}:)?([A-Za-z][\w.-]{0,60})[\s/>]")
_DECLARATIONS = re.compile(r"\s{0,400}<(?:\?xml|!DOCTYPE|!--|[A-Za-z])")
#: What stands before the root: skipped, and looked at no further than it is long.
_COMMENT = re.compile(r"<!--.{0,4000}?-->|<\?.{0,400}?\?>|<!DOCTYPE[^>\[]{0,400}>", re.S)
_NAMES = re.compile(
    r"<(?:[A-Za-z][\w.-]{0,40}:)?([A-Za-z][\w.-]{0,60})|\s([A-Za-z][\w.-]{0,40})=[\"']"
)
_KML_TRACK = re.compile(r"<(?:\w{1,20}:)?(?:Track|MultiTrack|when|TimeStamp)[\s>]")
#: Lines may be the outlines of zones where there are areas too.
_KML_LINE = re.compile(r"<(?:\w{1,20}:)?LineString[\s>]")
_KML_AREA = re.compile(r"<(?:\w{1,20}:)?Polygon[\s>]")
#: A field with its name as text, as in a property list.
_FIELD_AS_TEXT = re.compile(r"<(?:key|name|string)>([^<]{1,60})<")

#: Where the cells and rows of a table in a web page end.
_CELL_END = re.compile(r"</t[dh]>", re.I)
_ROW_END = re.compile(r"</tr>", re.I)
_TAG = re.compile(r"<[^<>]{0,2000}>")
#: Elements of spreadsheets that hold the text of cells, and elements that only spreadsheets have.
_CELL_TEXT = re.compile(r"<(?:t|text:p|(?:ss:)?Data)(?: [^<>]{0,200})?>([^<]{1,60})<")
_SPREADSHEET = re.compile(r"<(?:sst|worksheet|Workbook|office:spreadsheet)[\s>]")

_GPX = kinds.make_evidence_file_kind("GPX track", "a program for GPX")
_KNOWN = {
    "gpx": _GPX,
    "TrainingCenterDatabase": kinds.make_evidence_file_kind(
        "TCX activity of a watch", "Garmin's program"
    ),
    "pdml": kinds.make_evidence_file_kind(
        "packets as XML", "Wireshark, and audit the capture itself"
    ),
    "detection-run": kinds.make_evidence_file_kind("Wi-Fi devices of Kismet", "Kismet"),
    "osm": kinds.make_harmless_file_kind("map data (OpenStreetMap)"),
    "AIXMBasicMessage": kinds.make_zone_file_kind("zone file (AIXM)"),
    # Its camera and its light have a latitude and a longitude.
    "theme": kinds.make_harmless_file_kind("theme of an Office document"),
    "svg": kinds.make_harmless_file_kind("SVG picture"),
}
_KML = kinds.make_evidence_file_kind("KML track", "Google Earth")


def recognise_xml(sample: FileSample) -> kinds.FileKind | None:
    """Return what an XML or HTML file holds; ``None``: the file is neither."""
    text = sample.text_of_first_16384_bytes
    if not _DECLARATIONS.match(text):
        return None
    root = _root_element_name(text)
    if root is None:
        return None
    if (
        root == "kml"
        and (route := recognise_wpml_route(sample.text_of_start_middle_and_end)) is not None
    ):
        return route
    if root == "kml":
        has_line = _KML_LINE.search(sample.text_of_start_middle_and_end) and not _KML_AREA.search(
            sample.text_of_start_middle_and_end
        )
        if has_line or _KML_TRACK.search(sample.text_of_start_middle_and_end):
            return _KML.with_evidence_text("it has a line, a track or times")
        return kinds.make_zone_file_kind("zone file (KML)")
    if root in _KNOWN:
        return _KNOWN[root]
    if root.lower() == "html":
        return _recognise_web_page(sample)
    name = f"XML file ({root})"
    names = {match[1] or match[2] for match in _NAMES.finditer(sample.text_of_start_middle_and_end)}
    names |= {match[1] for match in _FIELD_AS_TEXT.finditer(sample.text_of_start_middle_and_end)}
    if _SPREADSHEET.search(text):
        names |= {match[1] for match in _CELL_TEXT.finditer(sample.text_of_start_middle_and_end)}
    if sign := describe_evidence_in_field_names(names):
        return kinds.make_guessed_evidence_file_kind(name, "a text editor", sign)
    sign = "no element for a position, a flight or a contact was seen"
    return kinds.FileKind(name, kinds.FileKindRelevance.NO_EVIDENCE, sign, is_guess=True)


def _recognise_web_page(sample: FileSample) -> kinds.FileKind:
    """Return what a web page holds, by its tables and by the numbers in it."""
    text = sample.text_of_start_middle_and_end
    rows = _CELL_END.sub("\t", _ROW_END.sub("\n", text.replace("\n", " ")))
    sign = describe_evidence_in_laid_out_table(html.unescape(_TAG.sub(" ", rows)))
    if not sign and numbers_look_like_track(text):
        sign = "its numbers look like the coordinates of a track"
    if sign:
        return kinds.make_guessed_evidence_file_kind("web page", "a spreadsheet or a browser", sign)
    return kinds.make_harmless_file_kind(
        "web page", "no table with a position, a flight or a contact was seen"
    )


def _root_element_name(text: str) -> str | None:
    """Return the name of the root element, without its namespace."""
    at = 0
    for _ in range(64):
        rest = text[at : at + 8192]
        at += len(rest) - len(rest.lstrip())
        skipped = _COMMENT.match(text, at)
        if skipped is None:
            break
        at = skipped.end()
    root = _ROOT.match(text, at)
    return root[1] if root else None
