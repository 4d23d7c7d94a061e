"""GeoJSON (RFC 7946): one collection of features, each with times, source and units in its names.

* Positions are longitude and latitude of WGS 84 and nothing else: a third number would be a height
  above the ellipsoid, which no log states. Heights stand among the properties, each with its datum
  in the name.
* Lines and areas that cross the antimeridian are cut; outer rings run counterclockwise.
* ``coordTimes`` holds the time of each point of a line, as togeojson writes and others read it; the
  heights of the points stand beside it, in the same order. Where a log has no UTC there is
  ``local_times`` instead.
* One line for each feature, so that two exports can be compared line by line.
"""

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from dji_audit.exports._export_format import ExportFormat, ExportProvenance, FlightParts
from dji_audit.exports._exported_flight import ExportedFlight
from dji_audit.exports._flight_map_features import flight_features
from dji_audit.report.json_values import as_json_value

#: What every reader of the numbers must know.
ABOUT_NUMBERS: dict[str, JsonValue] = {
    "positions": "WGS 84 longitude and latitude, degrees",
    "times": "UTC; the clock of each source says how they are known",
    "altitude_amsl_m": "metres above mean sea level, as the log states it",
    "height_ato_m": "metres above the take-off point, neither above the sea nor above the ground",
    "height_agl_m": "metres above the ground below, as measured",
    "source_offset": "byte in the source file",
}


def _document_parts_of_flight(flight: ExportedFlight) -> tuple[bytes, ...]:
    features = [
        _json_line(
            {
                "type": "Feature",
                "id": feature.id,
                "properties": dict(feature.properties),
                "geometry": feature.geometry,
            }
        )
        for feature in flight_features(flight)
    ]
    about: dict[str, JsonValue] = {
        "id": flight.id,
        "sources": as_json_value(flight.sources),
        "column_sources": as_json_value(flight.column_sources),
        "view": flight.view_source,
        "zones_compared": flight.zone_count,
        "zones_here": len(flight.zones),
    }
    return b",\n".join(features), _json_line(about)


def _document_from_parts(
    flights: Sequence[FlightParts], basis: ExportProvenance
) -> Iterator[bytes]:
    about: dict[str, JsonValue] = {
        "tool": {"name": "dji-audit", "version": basis.tool_version},
        "policy": {"name": basis.policy_name, "version": basis.policy_version},
        "generated": basis.generated.isoformat() if basis.generated else None,
        "case": as_json_value(basis.case.to_json_object()),
        "units": ABOUT_NUMBERS,
    }
    yield b'{"type":"FeatureCollection",\n"dji_audit":' + _json_line(about)
    yield b',\n"flights":[' + b",\n".join(parts(1) for parts in flights)
    yield b'],\n"features":[\n'
    for number, parts in enumerate(flights):
        yield (b",\n" if number else b"") + parts(0)
    yield b"\n]}\n"


def _json_line(value: JsonValue) -> bytes:
    text = json.dumps(
        value, separators=(",", ":"), sort_keys=True, ensure_ascii=True, allow_nan=False
    )
    return text.encode("ascii")


FORMAT = ExportFormat(
    name="geojson",
    title="GeoJSON (RFC 7946) for geographic information systems",
    suffix=".geojson",
    flight_parts=_document_parts_of_flight,
    document=_document_from_parts,
)
