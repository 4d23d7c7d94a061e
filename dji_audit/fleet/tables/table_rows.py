"""The rows of a run as rows of the tables of a fleet: table, and a value for each column."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatch

import pandas as pd
import shapely

from dji_audit.compliance.outcomes import Outcome
from dji_audit.fleet.tables.flight_hardware_and_track_rows import (
    FlightHardwareRow,
    FlightTrackRow,
    track_row_values,
)
from dji_audit.fleet.tables.schema import FLEET_TABLES
from dji_audit.report.event_rows import EventRow
from dji_audit.report.json_values import iso_utc_text
from dji_audit.report.media_capture_rows import FlightCaptureRow
from dji_audit.report.network_contact_rows import ContactRow, NetworkCoverageOfFlightRow
from dji_audit.report.rows import (
    FileRow,
    FindingRow,
    FlightRow,
    MediaFilesCaptureRow,
    PolicyRuleRow,
    RuleResultRow,
)

#: Name of a table, and the values of a row by column; a column that is not named is missing.
TableRow = tuple[str, Mapping[str, object]]

#: Name of a table -> its columns in order.
COLUMNS_OF_TABLES = {table.name: table.column_names for table in FLEET_TABLES}

#: Columns of a flight that its row in the report has under the same name.
_FLIGHT_FIELDS = (
    "page", "file", "sha256", "local_start", "duration_s", "maker", "aircraft", "aircraft_name",
    "serial", "app", "distance_m", "max_height_ato_m", "max_home_distance_m",
    "start_latitude_deg", "start_longitude_deg", "place", "region", "grid_reference", "timezone",
    "fixes", "videos", "video_s", "photos", "thermal", "simulated", "received_only", "findings",
    "remarks", "encrypted", "issues", "bytes_not_decoded", "cut_short", "files", "disagreements",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowsOfOneTable:
    """Rows of one table as they go into it.

    The values of all rows stand behind one another, since one long list of values is read from a
    file several times as fast as very many short ones.
    """

    table: str
    #: Of each row a value for each column of the table, in their order.
    values: tuple[object, ...]

    @property
    def rows(self) -> list[tuple[object, ...]]:
        """The values of each row."""
        each = iter(self.values)
        return list(zip(*[each] * len(COLUMNS_OF_TABLES[self.table]), strict=True))


def values_in_column_order(table_row: TableRow) -> tuple[object, ...]:
    """Return a value for each column of its table; ``None`` for one that is not named."""
    table, values = table_row
    return tuple(map(values.get, COLUMNS_OF_TABLES[table]))


def rows_of_each_table(rows: Iterable[object]) -> tuple[RowsOfOneTable, ...]:
    """Return rows of a run, such as those of one flight, as they go into the tables.

    Raises:
        TypeError: If the tables hold no rows of one of these kinds.
    """
    found: dict[str, list[object]] = defaultdict(list)
    for row in rows:
        for table_row in table_rows_of_any_report_row(row):
            found[table_row[0]] += values_in_column_order(table_row)
    return tuple(RowsOfOneTable(table, tuple(own)) for table, own in found.items())


@singledispatch
def table_rows_of_any_report_row(row: object) -> Iterator[TableRow]:
    """Yield the rows of the tables that hold one row of a run.

    Raises:
        TypeError: If the tables hold no rows of this kind.
    """
    raise TypeError(f"no table of a fleet holds a {type(row).__name__}")


@table_rows_of_any_report_row.register
def _table_rows_of_file(row: FileRow) -> Iterator[TableRow]:
    yield (
        "files",
        {
            "name": row.name,
            "status": str(row.status),
            "reason": row.reason,
            "kind": row.kind,
            "advice": row.advice,
            "size": row.size,
            "sha256": row.sha256,
            "format": row.format,
            "format_version": row.format_version,
            "bytes_not_decoded": sum(issue.size for issue in row.issues),
            "issues": len(row.issues),
            "container_sha256": row.container_sha256,
            "app": row.app,
            "key_request": row.key_request,
            "flights": len(row.flights),
        },
    )


@table_rows_of_any_report_row.register
def _table_rows_of_flight(row: FlightRow) -> Iterator[TableRow]:
    captures = row.captures.rows if row.captures is not None else None
    values: dict[str, object] = {name: getattr(row, name) for name in _FLIGHT_FIELDS}
    start = iso_utc_text(row.start if row.start is not None else row.takeoff)
    values |= {
        "flight": row.id,
        "entry": "log",
        "start": start,
        "takeoff": iso_utc_text(row.takeoff),
        "landing": iso_utc_text(row.landing),
        "month": start[:7] if start else None,
        "thermal_s": total_media_duration_of_kind_s(captures, "video", "thermal"),
        "audio_s": total_media_duration_of_kind_s(captures, "audio"),
        "verdict": str(row.verdict),
        "geometry": _point_wkb(row.start_longitude_deg, row.start_latitude_deg),
        "worst": None if row.worst is None else str(row.worst),
        **{str(outcome): row.outcomes.get(outcome, 0) for outcome in Outcome},
    }
    yield "flights", values
    for source in row.sources:
        yield (
            "logs",
            {
                "flight": row.id,
                "role": "flight",
                "file": source.file,
                "sha256": source.sha256,
                "container_sha256": source.container_sha256,
                "format": source.format,
                "start": iso_utc_text(source.start),
                "end": iso_utc_text(source.end),
                "fixes": source.fixes,
                "clock": source.clock.source,
                "clock_method": source.clock.method,
                "clock_offset_s": source.clock.offset_s,
                "clock_uncertainty_s": source.clock.uncertainty_s,
                "copy_of": source.copy_of,
            },
        )
    for part, version in row.firmware.items():
        yield "flight_firmware", {"flight": row.id, "part": part, "version": version}
    for capture in captures or ():
        yield (
            "captures",
            {
                "flight": row.id,
                "start": iso_utc_text(capture.start),
                "end": iso_utc_text(capture.end),
                "kind": capture.kind,
                "sensor": capture.sensor,
                "grade": capture.grade,
                "shown_by": "log",
                "media_file": capture.media_file,
                "file": capture.file,
                "sha256": capture.sha256,
                "offset": capture.offset,
            },
        )


@table_rows_of_any_report_row.register
def _table_rows_of_one_media_capture(row: MediaFilesCaptureRow) -> Iterator[TableRow]:
    for stream in row.streams:
        for flight in stream.flights or (None,):
            yield (
                "captures",
                {
                    "flight": flight,
                    "start": iso_utc_text(stream.start),
                    "end": iso_utc_text(stream.end),
                    "kind": stream.kind,
                    "sensor": stream.sensor,
                    "shown_by": "media",
                    "media_file": row.name,
                    "latitude_deg": stream.latitude_deg,
                    "longitude_deg": stream.longitude_deg,
                    "file": stream.file,
                    "sha256": stream.sha256,
                    "offset": stream.source_offset,
                },
            )


@table_rows_of_any_report_row.register
def _table_rows_of_finding(row: FindingRow) -> Iterator[TableRow]:
    shown_by = row.evidence[0] if row.evidence else None
    settled = row.acknowledgement
    yield (
        "findings",
        {
            "flight": row.flight,
            "rule": row.rule,
            "outcome": row.outcome,
            "severity": str(row.severity),
            "grade": row.grade,
            "summary": row.summary,
            "start": iso_utc_text(row.start),
            "end": iso_utc_text(row.end),
            "latitude_deg": row.latitude_deg,
            "longitude_deg": row.longitude_deg,
            "peak": row.peak,
            "subject": row.subject,
            "authorisation": None if row.authorisation is None else row.authorisation.text,
            "acknowledgement": None if settled is None else settled.text,
            "fingerprint": row.fingerprint,
            "file": None if shown_by is None else shown_by.file,
            "sha256": None if shown_by is None else shown_by.sha256,
            "offset": None if shown_by is None else shown_by.offset,
            "record": None if shown_by is None else f"{shown_by.record}.{shown_by.field}",
            "acknowledged_as": None if settled is None else settled.fingerprint,
        },
    )


@table_rows_of_any_report_row.register
def _table_rows_of_one_policy_rule(row: PolicyRuleRow) -> Iterator[TableRow]:
    names = ("rule", "applied_rule", "title", "status", "citation")
    yield "rules", {name: getattr(row, name) for name in names}


@table_rows_of_any_report_row.register
def _table_rows_of_rule_result(row: RuleResultRow) -> Iterator[TableRow]:
    lacking = [it for it in row.observations if not it.is_met]
    yield (
        "results",
        {
            "flight": row.flight,
            "rule": row.rule,
            "outcome": str(row.outcome),
            "reason": row.reason,
            "coverage": row.coverage,
            "lacking": _joined_distinct_texts(it.subject for it in lacking),
            "remedy": _joined_distinct_texts(it.remedy for it in lacking if it.remedy),
        },
    )


@table_rows_of_any_report_row.register
def _table_rows_of_event(row: EventRow) -> Iterator[TableRow]:
    names = (
        "flight", "kind", "severity", "text", "value", "latitude_deg", "longitude_deg", "file",
        "sha256", "offset",
    )  # fmt: skip
    values: dict[str, object] = {name: getattr(row, name) for name in names}
    yield "events", values | {"time": iso_utc_text(row.time)}


@table_rows_of_any_report_row.register
def _table_rows_of_contact(row: ContactRow) -> Iterator[TableRow]:
    shown_by = row.evidence[0] if row.evidence else None
    names = (
        "flight", "contacted_by", "host", "has_name", "is_local", "claim", "bytes_up",
        "bytes_down", "hosting",
    )  # fmt: skip
    lists = ("devices", "apps", "operators", "categories", "jurisdictions", "ldm_modules")
    values: dict[str, object] = {name: getattr(row, name) for name in names}
    values |= {name: _joined_distinct_texts(getattr(row, name)) for name in lists}
    values |= {
        "first": iso_utc_text(row.first),
        "last": iso_utc_text(row.last),
        "rows": row.row_count,
        "file": None if shown_by is None else shown_by.file,
        "sha256": None if shown_by is None else shown_by.sha256,
        "offset": None if shown_by is None else shown_by.offset,
        "record": None if shown_by is None else shown_by.record,
    }
    yield "contacts", values


@table_rows_of_any_report_row.register
def _table_rows_of_network_coverage(row: NetworkCoverageOfFlightRow) -> Iterator[TableRow]:
    blind = [f"{name}: {count}" for name, count in row.blind_spots.items() if count]
    yield (
        "coverage",
        {
            "flight": row.flight,
            "window_start": iso_utc_text(row.window_start),
            "window_end": iso_utc_text(row.window_end),
            "share": row.covered_fraction,
            "insufficient_reason": row.insufficient_reason,
            "devices": _joined_distinct_texts(row.devices),
            "blind_spots": _joined_distinct_texts(blind),
        },
    )
    # Each network log is named with every flight whose time it may record.
    for log in row.logs:
        yield (
            "logs",
            {
                "role": "network",
                "file": log.file,
                "sha256": log.sha256,
                "format": log.format,
                "start": iso_utc_text(log.start),
                "end": iso_utc_text(log.end),
                "clock": log.clock,
                "clock_uncertainty_s": log.clock_uncertainty_s,
                "not_counted": log.not_counted or None,
            },
        )


@table_rows_of_any_report_row.register
def _table_rows_of_flight_component(row: FlightHardwareRow) -> Iterator[TableRow]:
    yield "parts", {name: getattr(row, name) for name in row.__slots__}


@table_rows_of_any_report_row.register
def _table_rows_of_flight_track(row: FlightTrackRow) -> Iterator[TableRow]:
    yield "tracks", track_row_values(row)


def total_media_duration_of_kind_s(
    captures: Iterable[FlightCaptureRow] | None, kind: str, sensor: str | None = None
) -> float | None:
    """Return how long captures of a kind lasted together, overlaps once; ``None``: not known.

    Args:
        captures: The captures of a flight; ``None``: its logs do not record them.
        kind: ``video`` or ``audio``.
        sensor: Only of this sensor; ``None``: of any.
    """
    if captures is None:
        return None
    wanted = [it for it in captures if it.kind == kind and sensor in (None, it.sensor)]
    spans = sorted(
        (it.start, it.end) for it in wanted if it.start is not None and it.end is not None
    )
    if wanted and not spans:
        return None
    total, until = pd.Timedelta(0), None
    for start, end in spans:
        begin = start if until is None or start > until else until
        if end > begin:
            total += end - begin
        until = end if until is None or end > until else until
    return round(total.total_seconds(), 1)


def _point_wkb(longitude: float | None, latitude: float | None) -> bytes | None:
    if longitude is None or latitude is None:
        return None
    wkb: bytes = shapely.to_wkb(shapely.Point(longitude, latitude))
    return wkb


def _joined_distinct_texts(texts: Iterable[object]) -> str:
    """Return texts as one, each once."""
    return "; ".join(dict.fromkeys(map(str, texts)))
