"""What a JSON file holds, by its keys.

Facts: samples and published interfaces of the programs that are named; GUTMA's flight logging
protocol; DJI's Cloud API; DJI FlightHub 2's OpenAPI; the aircraft JSON of readsb.
"""

import re

from dji_audit.file_kinds import _kind_of_unparsed_file as kinds
from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._recognise_evidence_in_field_names import describe_evidence_in_field_names

#: Kinds that each of several sets of keys shows.
_GUTMA = kinds.make_evidence_file_kind("GUTMA flight log", "a program of the maker")
_SKYDIO = kinds.make_evidence_file_kind("Skydio flight telemetry", "Skydio Cloud")
_DJI_CLOUD = kinds.make_evidence_file_kind(
    "messages of DJI Cloud API", "FlightHub 2, or a text editor"
)
_FLIGHTHUB = "FlightHub 2, or a text editor"
_GOOGLE_PLACES = kinds.make_evidence_file_kind("location history of Google", "a program for phones")
_KEY = re.compile(r"\"([^\"\\\n]{1,80})\"[ \t\r\n]{0,40}:")
#: A list of names of columns is a key for each of its columns.
_NAME_IN_LIST = re.compile(r"\"([A-Za-z][\w. ]{1,60})\"[ \t\r\n]{0,40}[,\]]")
#: Keys that a program's files have, and the kind of such a file: the first that fits.
_KNOWN: tuple[tuple[frozenset[str], kinds.FileKind], ...] = tuple(
    (frozenset(keys.split()), kind)
    for keys, kind in (
        ("flight_logging_items", _GUTMA),
        ("flight_logging_keys", _GUTMA),
        (
            "details_headers details_data",
            kinds.make_evidence_file_kind(
                "Parrot FreeFlight log", "Parrot's app or a converter of .pud files"
            ),
        ),
        (
            "frameTimeStates",
            kinds.FileKind(
                "DJI flight record as JSON",
                kinds.FileKindRelevance.MAY_HOLD_EVIDENCE,
                advice="audit the record that it was made from (DJIFlightRecord_….txt)",
            ),
        ),
        ("vehicle_serial gps_points", _SKYDIO),
        ("vehicle_serial flight_id", _SKYDIO),
        ("vehicle_id vehicle_pose", _SKYDIO),
        (
            "QH QT",
            kinds.make_evidence_file_kind(
                "query log of AdGuard Home", "AdGuard Home, or export it as CSV"
            ),
        ),
        # Answers of FlightHub 2's OpenAPI: the names of fields of its reference, task management.
        (
            "original_url preview_url file_type",
            kinds.make_evidence_file_kind("list of media files of FlightHub 2", _FLIGHTHUB),
        ),
        (
            "wayline_uuid task_type",
            kinds.make_evidence_file_kind("flight tasks of FlightHub 2", _FLIGHTHUB),
        ),
        (
            "template_types device_model_key",
            kinds.make_harmless_file_kind("list of planned routes of FlightHub 2"),
        ),
        (
            "task_uuid track points",
            kinds.make_evidence_file_kind("trajectory of FlightHub 2", _FLIGHTHUB),
        ),
        ("bid tid", _DJI_CLOUD),
        ("mode_code attitude_head", _DJI_CLOUD),
        (
            "hex alt_baro",
            kinds.make_evidence_file_kind("ADS-B log of readsb", "tar1090, or a text editor"),
        ),
        (
            "icao24 states",
            kinds.make_evidence_file_kind("ADS-B log of OpenSky", "a text editor"),
        ),
        ("latitudeE7 longitudeE7", _GOOGLE_PLACES),
        ("semanticSegments", _GOOGLE_PLACES),
        (
            "kismet_device_base_macaddr",
            kinds.make_evidence_file_kind("Wi-Fi devices of Kismet", "Kismet"),
        ),
        (
            "mavpackettype",
            kinds.make_evidence_file_kind(
                "MAVLink messages as JSON", "a text editor, and audit the .tlog or .bin itself"
            ),
        ),
        (
            "_source layers",
            kinds.make_evidence_file_kind(
                "packets as JSON", "Wireshark, and audit the capture itself"
            ),
        ),
        ("UASZoneList", kinds.make_zone_file_kind("zone file (ED-269)")),
        ("ground_control_zones", kinds.make_zone_file_kind("zone file")),
        ("fileType groundStation mission", kinds.make_zone_file_kind("mission of QGroundControl")),
    )
)
_STRING = r"\"(?:[^\"\\\n]|\\.){0,200}\""
_OBJECT = re.compile(rf"\s{{0,200}}\{{\s{{0,200}}(?:{_STRING}\s{{0,40}}:|\}}|\Z)")
#: Lists within lists, and the first value of the innermost with what follows it.
_LIST = re.compile(
    rf"\s{{0,200}}(?:\[\s{{0,40}}){{1,8}}(?:\{{|\]|\Z|(?:{_STRING}|-?\d[\d.eE+-]{{0,30}}|true|false|null)"
    r"\s{0,40},)"
)
_REPORT_OF_OURS = re.compile(r"\"schema\": ?\"dji-audit/")
_GEOJSON = re.compile(r"\"type\"\s{0,9}:\s{0,9}\"(FeatureCollection|Feature|\w{5,18})\"")
_LINES = frozenset({"LineString", "MultiLineString"})
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_POINTS = frozenset({"Point", "MultiPoint"})
#: Properties that a feature of a track has.
_TIMES_OF_TRACK = frozenset({"time", "times", "timestamp", "coordTimes", "coordinateProperties"})


def looks_like_json(text: str) -> bool:
    """Return whether a text begins as JSON does; a line such as ``[10:00:00] …`` does not."""
    return _OBJECT.match(text) is not None or _LIST.match(text) is not None


def recognise_json(sample: FileSample) -> kinds.FileKind | None:
    """Return what a JSON file holds; ``None``: the file is no JSON."""
    if not looks_like_json(sample.text_of_first_16384_bytes):
        return None
    text = sample.text_of_start_middle_and_end
    if _REPORT_OF_OURS.search(text):
        return kinds.make_harmless_file_kind("document of dji-audit")
    keys = {match[1] for match in _KEY.finditer(text)}
    for needed, kind in _KNOWN:
        if needed <= keys:
            listed = " and ".join(sorted(needed))
            return (
                kind.with_evidence_text(f"it has {listed}")
                if kind.relevance is not kinds.FileKindRelevance.ZONES
                else kind
            )
    if (geo := _recognise_geojson(text, keys)) is not None:
        return geo
    names = keys | {match[1] for match in _NAME_IN_LIST.finditer(text)}
    if sign := describe_evidence_in_field_names(names):
        return kinds.make_guessed_evidence_file_kind("JSON file", "a text editor", sign)
    sign = "no key for a position, a flight or a contact was seen"
    return kinds.FileKind("JSON file", kinds.FileKindRelevance.NO_EVIDENCE, sign, is_guess=True)


def _recognise_geojson(text: str, keys: set[str]) -> kinds.FileKind | None:
    """Return what GeoJSON holds: areas are zones, lines and points may be a track."""
    types = {match[1] for match in _GEOJSON.finditer(text)}
    if "coordinates" not in keys or not types & (_LINES | _AREAS | _POINTS):
        return None
    if types & _LINES or (types & _POINTS and not types & _AREAS and keys & _TIMES_OF_TRACK):
        return kinds.make_evidence_file_kind(
            "GeoJSON with a line or track", "QGIS", "it has lines or timed points"
        )
    return kinds.make_zone_file_kind("zone file (GeoJSON)")
