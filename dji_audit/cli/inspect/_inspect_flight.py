"""``dji-audit inspect --flight``: one flight, its sources, clocks and conflicts."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import typer

import parsers
from dji_audit.camera_view import CameraPoses, camera_poses
from dji_audit.cli._options import InspectOptions
from dji_audit.cli._terminal import (
    checked_timezone_name,
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
    print_to_stdout,
)
from dji_audit.cli._text_table import format_table
from dji_audit.cli.evidence._read_logs import (
    ingest_settings_from_options,
    read_joined_evidence_and_unread_files,
    reread_and_merge_flights_or_exit,
)
from dji_audit.cli.inspect._inspect_log import data_frame_in_output_format
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.camera_poses_with_declared_cameras import camera_poses_over_terrain
from dji_audit.compliance.context import load_audit_context
from dji_audit.flights import ALIGNMENT_METHODS, ClockAlignment, Disagreement, Flight, ValueInLog
from dji_audit.ingest.evidence_joined_into_flights import UnmergedFlightSummary
from dji_audit.report.flight_rows import flight_with_logs_and_disagreements
from dji_audit.report.json_values import as_json_value

_MOST_IDS = 30
#: Sides of a disagreement that are shown; JSON has all.
_MOST_SIDES = 12


def inspect_flight_command(flight: str, paths: Sequence[Path], options: InspectOptions) -> int:
    """Print one flight of those that some logs record; return the exit code."""
    declared = options.camera_timezone
    camera_timezone = checked_timezone_name(declared) if declared else None
    table, format_ = options.table, options.format
    try:
        context = load_audit_context(options.elevation_and_camera_files())
        settings = ingest_settings_from_options(options)
        evidence, unread = read_joined_evidence_and_unread_files(
            paths_with_those_listed_on_stdin(paths), settings, camera_timezone
        )
    except (SuppliedFileError, parsers.InvalidKeysError) as error:
        raise print_error_and_return_exit(str(error)) from error
    (selected,) = reread_and_merge_flights_or_exit(
        evidence, [select_flight(evidence.flights, flight)]
    )
    if table is not None:
        print_to_stdout(data_frame_in_output_format(getattr(selected, table), format_))
    elif format_ == "table":
        typer.echo(describe_flight(selected, camera_poses_over_terrain(selected, context)))
    elif format_ == "csv":
        raise print_error_and_return_exit(
            "a flight is not a table: use --format json, or name a table with --table"
        )
    else:
        details = flight_with_logs_and_disagreements(
            selected, camera_poses_over_terrain(selected, context)
        )
        indent = None if format_ == "jsonl" else 1
        typer.echo(json.dumps(as_json_value(details), indent=indent, sort_keys=True))
    return ExitCode.INCOMPLETE if unread else ExitCode.DONE


def select_flight(
    flights: Sequence[UnmergedFlightSummary], flight_id: str
) -> UnmergedFlightSummary:
    """Return the flight with an id, or with the only id that begins so.

    Raises:
        typer.Exit: If there is none, or more than one.
    """
    matches = [candidate for candidate in flights if candidate.id == flight_id]
    matches = matches or [candidate for candidate in flights if candidate.id.startswith(flight_id)]
    if len(matches) == 1:
        return matches[0]
    known = ", ".join(candidate.id for candidate in flights[:_MOST_IDS]) or "none"
    more = f" and {len(flights) - _MOST_IDS} more" if len(flights) > _MOST_IDS else ""
    count = "no flight" if not matches else f"{len(matches)} flights"
    raise print_error_and_return_exit(
        f"{count} with id {terminal_safe_text(flight_id)}; the ids are {known}{more}",
        ExitCode.NOTHING,
    )


def describe_flight(flight: Flight, camera: CameraPoses | None = None) -> str:
    """Return a flight and its sources as text."""
    parts = [
        format_table(_flight_header_rows(flight)),
        "Sources\n" + format_table(_source_rows(flight)),
        "Clocks\n" + format_table(_clock_rows(flight)),
        "Camera view\n" + format_table(_camera_view_rows(camera or camera_poses(flight))),
    ]
    if flight.column_sources:
        parts.append("Columns from other logs\n" + format_table(_column_source_rows(flight)))
    alternatives = [
        (
            f"  {_source_file_name(flight, index)}",
            alternative.flight_id,
            f"{alternative.match.score:.2f}",
        )
        for index, source in enumerate(flight.sources)
        for alternative in source.alternative_flights
    ]
    if alternatives:
        parts.append(
            "Alternative flights (fit equally well, not joined)\n" + format_table(alternatives)
        )
    parts.append(_disagreements_text(flight))
    if flight.sequence_gaps:
        lines = [f"  {terminal_safe_text(gap.text)}" for gap in flight.sequence_gaps]
        parts.append("Remarks (not proof)\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _flight_header_rows(flight: Flight) -> list[tuple[str, str]]:
    aircraft = flight.aircraft

    def format_time(
        time: pd.Timestamp | None, local: pd.Timestamp | None, is_cut: bool | None, cut: str
    ) -> str:
        if time is not None:
            return f"{time:%Y-%m-%d %H:%M:%S} UTC"
        if local is not None:
            return f"{local:%Y-%m-%d %H:%M:%S} by the clock of the log"
        return f"not recorded: the log {cut} in the air" if is_cut else "not recorded"

    return [
        ("Flight", flight.id),
        ("Aircraft", terminal_safe_text(aircraft.model or "not stated")),
        (
            "Serial",
            terminal_safe_text(
                aircraft.serial or aircraft.flight_controller_serial or "not stated"
            ),
        ),
        (
            "Take-off",
            format_time(flight.takeoff, flight.local_takeoff, flight.begins_in_air, "begins"),
        ),
        (
            "Landing",
            format_time(flight.landing, flight.local_landing, flight.ends_in_air, "ends"),
        ),
        ("Captures", str(len(flight.captures))),
    ]


def _source_rows(flight: Flight) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("", "FILE", "FORMAT", "FROM (UTC)", "TO", "FIXES", "SCORE", "SERIAL", "APART", "TIME")
    ]
    for index, source in enumerate(flight.sources):
        match = source.match
        begin, end = (
            "?" if time is None else f"{time:%H:%M:%S}" for time in (source.start, source.end)
        )
        kind = source.log.source.format + ", encrypted" * source.log.encrypted
        row = [str(index), terminal_safe_text(source.log.source.name), kind, begin, end]
        row.append(str(len(source.track)))
        if match is None:
            row += ["-", "-", "-", "-"]
        elif source.copy_of is not None:
            row += [f"copy of {source.copy_of}", "equal" if match.serials_agree else "?", "-", "-"]
        else:
            serial = {True: "equal", False: "CONTRADICTS", None: "?"}[match.serials_agree]
            apart = "?" if match.distance_m is None else f"{match.distance_m:.1f} m"
            shared = "?" if match.overlap is None else f"{100 * match.overlap:.0f} %"
            row += [f"{match.score:.2f}", serial, apart, shared]
        rows.append(tuple(row))
    return rows


def _clock_rows(flight: Flight) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("", "OFFSET", "WITHIN", "DRIFT", "HOW")]
    for index, source in enumerate(flight.sources):
        alignment = source.alignment
        if source.start_of_elapsed_clock is not None:
            offset = f"from {source.start_of_elapsed_clock:%H:%M:%S}"
        else:
            offset = "not aligned" if alignment.offset_s is None else f"{alignment.offset_s:+.3f} s"
        within = "?" if alignment.uncertainty_s is None else f"{alignment.uncertainty_s:g} s"
        method = alignment.reason or ALIGNMENT_METHODS[alignment.method]
        how = f"{alignment.source or 'no clock'}; {method}"
        rows.append(
            (str(index), offset, within, _clock_drift_text(alignment), terminal_safe_text(how))
        )
    return rows


def _clock_drift_text(alignment: ClockAlignment) -> str:
    if alignment.method == "reference" or not alignment.is_aligned:
        return "-"
    if alignment.drift is None:
        return "?"
    gains, within = alignment.drift.s_per_h, alignment.drift.uncertainty_s_per_h
    return f"{gains:+.2f} ±{within:.2f} s/h" if gains else f"0 ±{within:.2f} s/h"


def _column_source_rows(flight: Flight) -> list[tuple[str, str]]:
    return [
        (f"  {column}", _source_file_name(flight, index))
        for column, index in sorted(flight.column_sources.items())
    ]


def _camera_view_rows(camera: CameraPoses) -> list[tuple[str, str]]:
    if camera.unknown_view_reason:
        return [("  not known", terminal_safe_text(camera.unknown_view_reason))]
    grade = f" [{camera.fov_grade}]" if camera.fov_grade else ""
    width = terminal_safe_text(camera.fov_source or "stated by the file of each recording")
    return [
        (f"  field of view{grade}", width),
        ("  ground", terminal_safe_text(camera.ground_height_source_text)),
    ]


def _source_file_name(flight: Flight, index: int) -> str:
    return terminal_safe_text(flight.logs[index].source.name)


def _disagreements_text(flight: Flight) -> str:
    if not flight.disagreements:
        several = len(flight.logs) > 1
        return "Disagreements   " + ("none beyond stated errors" if several else "one log only")
    lines = [
        line
        for disagreement in flight.disagreements
        for line in _disagreement_lines(flight, disagreement)
    ]
    return f"Disagreements ({len(flight.disagreements)})\n" + "\n".join(lines)


def _disagreement_lines(flight: Flight, disagreement: Disagreement) -> list[str]:
    limit = ""
    if disagreement.difference is not None and disagreement.tolerance is not None:
        unit = disagreement.unit
        difference, tolerance = disagreement.difference, disagreement.tolerance
        limit = f" ({difference:g} {unit} apart, {tolerance:g} {unit} allowed)"
    lines = [f"  {disagreement.kind}: {terminal_safe_text(disagreement.text)}{limit}"]
    lines += [
        f"      {_describe_value_in_log(flight, side)}" for side in disagreement.sides[:_MOST_SIDES]
    ]
    if len(disagreement.sides) > _MOST_SIDES:
        lines.append(
            f"      and {len(disagreement.sides) - _MOST_SIDES} more: --format json lists all"
        )
    return lines


def _describe_value_in_log(flight: Flight, side: ValueInLog) -> str:
    where = "the whole file" if side.offset is None else f"byte {side.offset}"
    name = _source_file_name(flight, side.source_index)
    field, value = f"{terminal_safe_text(side.record)}.{side.field}", terminal_safe_text(side.value)
    return f"{name}, {where}, {field} = {value}"
