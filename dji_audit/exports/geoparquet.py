"""GeoParquet 1.1: one table of features, and every fix of the tracks as a row.

The features and their properties are those of the GeoJSON export, each property a column; rows
with ``feature`` = ``fix`` hold the columns of the track. Geometry is WKB in WGS 84, longitude
first, without heights, cut at the antimeridian; times are UTC to the microsecond.

Facts: the specification of GeoParquet 1.1.0 (opengeospatial/geoparquet): file metadata ``geo`` with
``version``, ``primary_column``, ``columns``; ``crs`` left out means OGC:CRS84.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pydantic import JsonValue

from dji_audit.exports._export_format import (
    ExportFormat,
    ExportProvenance,
    FlightParts,
    MissingExtraError,
)
from dji_audit.exports._exported_flight import ExportedFlight
from dji_audit.exports._flight_map_features import MapFeature, flight_features
from dji_audit.report.json_values import as_json_value

if TYPE_CHECKING:
    import pyarrow as pa

#: Columns of features -> type of Arrow; ``json``: text that holds JSON.
_COLUMNS = {
    "id": "text", "feature": "text", "flight": "text", "name": "text", "start": "time",
    "end": "time", "kind": "text", "sensor": "text", "severity": "text", "grade": "text",
    "outcome": "text", "value": "number", "media_file": "text", "aircraft": "text",
    "aircraft_name": "text", "serial": "text", "clock": "text", "local_start": "text",
    "zone_id": "text", "effect": "text", "limits": "text", "lower": "text", "upper": "text",
    "active": "text", "inclusion": "flag", "in_finding": "flag", "error_95_m": "number",
    "is_clipped": "flag", "is_simulated": "flag", "is_cut": "flag",
    "fixes_without_position": "count",
    "capture": "text", "source_file": "text", "source_sha256": "text",
    "source_offset": "count", "source_record": "text",
}  # fmt: skip
#: Columns of the track that rows of fixes have.
_FIX_COLUMNS = {
    "altitude_amsl_m": "number", "height_ato_m": "number", "height_agl_m": "number",
    "ground_speed_mps": "number", "vertical_speed_mps": "number", "course_deg": "number",
    "heading_deg": "number", "pitch_deg": "number", "roll_deg": "number",
    "gimbal_yaw_deg": "number", "gimbal_pitch_deg": "number", "gimbal_roll_deg": "number",
    "satellites": "count", "horizontal_error_m": "number", "vertical_error_m": "number",
    "battery_pct": "number", "flight_mode": "text",
}  # fmt: skip
_GEOMETRY = "geometry"
#: Rows that are written together.
_ROW_GROUP = 65_536


def _raise_if_pyarrow_missing() -> None:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            'GeoParquet needs pyarrow: pip install "dji-audit[parquet]"'
        ) from error


def _feature_schema() -> "pa.Schema":
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "number": pa.float64(),
        "count": pa.int64(),
        "flag": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    columns = {**_COLUMNS, **_FIX_COLUMNS}
    fields = [pa.field(name, types[kind]) for name, kind in columns.items()]
    return pa.schema([*fields, pa.field(_GEOMETRY, pa.binary())])


def _document_parts_of_flight(flight: ExportedFlight) -> tuple[bytes, ...]:
    """Return the rows of a flight as a table of Arrow, and what else the document needs."""
    import pyarrow as pa

    features = list(flight_features(flight))
    tables = [_arrow_table_of_features(features), _arrow_table_of_fixes(flight)]
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, _feature_schema()) as writer:
        for table in tables:
            writer.write_table(table)
    shapes = [shapely.from_wkb(wkb) for table in tables for wkb in _wkb_geometries_of_table(table)]
    kinds = sorted({shape.geom_type for shape in shapes})
    about: dict[str, JsonValue] = {
        "flight": flight.id,
        "sources": as_json_value(flight.sources),
        "kinds": list(kinds),
        "bounds": [round(float(edge), 8) for edge in shapely.total_bounds(shapes)]
        if shapes
        else None,
    }
    return stream.getvalue(), json.dumps(about, sort_keys=True).encode("ascii")


def _wkb_geometries_of_table(table: "pa.Table") -> list[bytes]:
    return [wkb for wkb in table[_GEOMETRY].to_pylist() if wkb is not None]


def _arrow_table_of_features(features: Sequence[MapFeature]) -> "pa.Table":
    import pyarrow as pa

    rows = [{"id": feature.id, **feature.properties} for feature in features]
    columns: dict[str, Any] = {
        name: [_property_as_column_value(row.get(name), kind) for row in rows]
        for name, kind in {**_COLUMNS, **_FIX_COLUMNS}.items()
    }
    columns[_GEOMETRY] = [
        None
        if feature.geometry is None
        else shapely.to_wkb(shapely.from_geojson(json.dumps(feature.geometry)))
        for feature in features
    ]
    return pa.table(columns, schema=_feature_schema())


def _property_as_column_value(value: JsonValue, kind: str) -> object:
    """Return a property as the value of a column; what stands at each point of a line is a fix."""
    if isinstance(value, list):
        return None
    if kind == "time" and isinstance(value, str):
        return int(np.datetime64(value.removesuffix("Z"), "us").astype(np.int64))
    return value


def _arrow_table_of_fixes(flight: ExportedFlight) -> "pa.Table":
    import pyarrow as pa

    track = flight.track
    fixes, count = track.fixes, len(track)
    offsets = fixes["source_offset"].to_numpy(np.int64)
    first = flight.sources[0]
    times = fixes["time"].to_numpy("datetime64[us]")
    constant: Mapping[str, str] = {
        "feature": "fix",
        "flight": flight.id,
        "source_file": first.file,
        "source_sha256": first.sha256,
        "source_record": track.record,
    }
    columns: dict[str, Any] = {name: [text] * count for name, text in constant.items()}
    columns["id"] = [f"{flight.id}/fix/{number}" for number in range(1, count + 1)]
    columns["start"] = columns["end"] = pa.array(times, pa.timestamp("us", tz="UTC"))
    columns["source_offset"] = offsets
    for name, kind in _FIX_COLUMNS.items():
        if kind == "text":
            columns[name] = track.column_texts_with_invisible_chars_escaped(name)
        else:
            values = fixes[name].to_numpy(np.float64, na_value=np.nan)
            columns[name] = pa.array(values, from_pandas=True).cast(
                _feature_schema().field(name).type
            )
    columns[_GEOMETRY] = shapely.to_wkb(shapely.points(track.longitude, track.latitude)).tolist()
    names = _feature_schema().names
    missing = {name: [None] * count for name in names if name not in columns}
    return pa.table({name: (columns | missing)[name] for name in names}, schema=_feature_schema())


def _document_from_parts(
    flights: Sequence[FlightParts], basis: ExportProvenance
) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    kinds: set[str] = set()
    boxes: list[list[float]] = []
    sources: list[JsonValue] = []
    with pq.ParquetWriter(
        stream, _feature_schema(), compression="zstd", write_page_index=True
    ) as writer:
        for parts in flights:
            with pa.ipc.open_stream(parts(0)) as reader:
                table = reader.read_all()
            if table.num_rows:
                writer.write_table(table, row_group_size=_ROW_GROUP)
            about = json.loads(parts(1))
            kinds.update(about["kinds"])
            sources.append({"flight": about["flight"], "sources": about["sources"]})
            if about["bounds"]:
                boxes.append(about["bounds"])
        column: dict[str, JsonValue] = {
            "encoding": "WKB",
            "geometry_types": list(sorted(kinds)),
            "edges": "planar",
            "orientation": "counterclockwise",
        }
        if boxes:
            west, south, east, north = np.array(boxes).T
            column["bbox"] = [
                float(west.min()), float(south.min()), float(east.max()), float(north.max()),
            ]  # fmt: skip
        geo = {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}
        made_by = {
            "tool": "dji-audit",
            "version": basis.tool_version,
            "policy": f"{basis.policy_name} {basis.policy_version}".strip(),
            "generated": basis.generated.isoformat() if basis.generated else None,
            "case": basis.case.to_json_object(),
            "flights": sources,
        }
        writer.add_key_value_metadata(
            {
                "geo": json.dumps(geo, sort_keys=True),
                "dji_audit": json.dumps(made_by, sort_keys=True),
            }
        )
    yield stream.getvalue()


FORMAT = ExportFormat(
    name="geoparquet",
    title='GeoParquet 1.1, needs the extra "parquet"',
    suffix=".parquet",
    flight_parts=_document_parts_of_flight,
    document=_document_from_parts,
    check_installed=_raise_if_pyarrow_missing,
)
