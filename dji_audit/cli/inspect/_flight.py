"""``dji-audit inspect --flight``: one flight, its sources, clocks and conflicts."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

import parsers
from dji_audit.cli._logs import read_logs
from dji_audit.cli._table import format_table
from dji_audit.cli._terminal import check_timezone, expand_paths, fail, print_data, safe_text
from dji_audit.cli._user_data import open_key_store
from dji_audit.cli.audit._audit import keychain_files
from dji_audit.cli.inspect._log import format_frame
from dji_audit.compliance.camera_view import camera_view
from dji_audit.compliance.context import ContextFiles, load_context
from dji_audit.flights import (
    ALIGNMENT_METHODS,
    ClockAlignment,
    Disagreement,
    Flight,
    SourceValue,
    assemble,
)
from dji_audit.report.rows import flight_details
from dji_audit.supplied_tables import ContextError
from dji_audit.view import CameraPoses, camera_poses

PARTLY_READ, NOTHING_AUDITABLE = 4, 3
_MOST_IDS = 30
#: Sides of a disagreement that are shown; JSON has all.
_MOST_SIDES = 12


def inspect_flight_command(
    flight: str,
    paths: Sequence[Path],
    table: str | None,
    format_: str,
    keys: Sequence[Path],
    key_store: str | None,
    camera_timezone: str | None,
    context_files: ContextFiles,
) -> int:
    """Print one flight of those that some logs record; return the exit code."""
    checked_timezone = check_timezone(camera_timezone) if camera_timezone else None
    try:
        context = load_context(context_files)
        logs, unread = read_logs(
            expand_paths(paths), keychain_files(keys), open_key_store(key_store)
        )
    except (ContextError, parsers.EncryptedLogError) as error:
        raise fail(str(error)) from error
    selected = select_flight(assemble(*logs, timezone=checked_timezone), flight)
    if table is not None:
        print_data(format_frame(getattr(selected, table), format_))
    elif format_ == "table":
        typer.echo(describe_flight(selected, camera_view(selected, context)))
    elif format_ == "csv":
        raise fail("a flight is not a table: use --format json, or name a table with --table")
    else:
        details = flight_details(selected, camera_view(selected, context))
        indent = None if format_ == "jsonl" else 1
        typer.echo(json.dumps(details, indent=indent, sort_keys=True))
    return PARTLY_READ if unread else 0


def select_flight(flights: Sequence[Flight], flight_id: str) -> Flight:
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
    raise fail(f"{count} with id {safe_text(flight_id)}; the ids are {known}{more}", NOTHING_AUDITABLE)


def describe_flight(flight: Flight, found: CameraPoses | None = None) -> str:
    """Return a flight and its sources as text."""
    parts = [
        format_table(_head(flight)),
        "Sources\n" + format_table(_sources(flight)),
        "Clocks\n" + format_table(_clocks(flight)),
        "Camera view\n" + format_table(_camera_view(found or camera_poses(flight))),
    ]
    if flight.column_sources:
        parts.append("Columns from other logs\n" + format_table(_columns(flight)))
    rivals = [
        (f"  {_file_name(flight, place)}", rival.flight_id, f"{rival.match.score:.2f}")
        for place, telling in enumerate(flight.sources)
        for rival in telling.alternative_flights
    ]
    if rivals:
        parts.append("Fits these flights as well, and was joined to none\n" + format_table(rivals))
    parts.append(_disagreements(flight))
    if flight.sequence_gaps:
        lines = [f"  {safe_text(remark.text)}" for remark in flight.sequence_gaps]
        parts.append("Remarks, never proof\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _head(flight: Flight) -> list[tuple[str, str]]:
    aircraft = flight.aircraft

    def when(time: object) -> str:
        return "not shown" if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"

    return [
        ("Flight", flight.id),
        ("Aircraft", safe_text(aircraft.model or "not stated")),
        ("Serial", safe_text(aircraft.serial or aircraft.flight_controller_serial or "not stated")),
        ("Take-off", when(flight.takeoff)),
        ("Landing", when(flight.landing)),
        ("Captures", str(len(flight.captures))),
    ]


def _sources(flight: Flight) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("", "FILE", "FORMAT", "FROM (UTC)", "TO", "FIXES", "SCORE", "SERIAL", "APART", "TIME")
    ]
    for place, telling in enumerate(flight.sources):
        match = telling.match
        begin, end = (
            "?" if time is None else f"{time:%H:%M:%S}" for time in (telling.start, telling.end)
        )
        kind = telling.log.source.format + ", encrypted" * telling.log.encrypted
        row = [str(place), safe_text(telling.log.source.name), kind, begin, end]
        row.append(str(len(telling.track)))
        if match is None:
            row += ["-", "-", "-", "-"]
        elif telling.copy_of is not None:
            row += [f"copy of {telling.copy_of}", "equal" if match.serials_agree else "?", "-", "-"]
        else:
            serial = {True: "equal", False: "CONTRADICTS", None: "?"}[match.serials_agree]
            apart = "?" if match.distance_m is None else f"{match.distance_m:.1f} m"
            shared = "?" if match.overlap is None else f"{100 * match.overlap:.0f} %"
            row += [f"{match.score:.2f}", serial, apart, shared]
        rows.append(tuple(row))
    return rows


def _clocks(flight: Flight) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("", "OFFSET", "WITHIN", "DRIFT", "HOW")]
    for place, telling in enumerate(flight.sources):
        placing = telling.alignment
        if telling.elapsed_epoch is not None:
            offset = f"from {telling.elapsed_epoch:%H:%M:%S}"
        else:
            offset = "not placed" if placing.offset_s is None else f"{placing.offset_s:+.3f} s"
        within = "?" if placing.uncertainty_s is None else f"{placing.uncertainty_s:g} s"
        how = (
            f"{placing.source or 'no clock'}; {placing.reason or ALIGNMENT_METHODS[placing.method]}"
        )
        rows.append((str(place), offset, within, _drift(placing), safe_text(how)))
    return rows


def _drift(placing: ClockAlignment) -> str:
    if placing.method == "reference" or not placing.is_aligned:
        return "-"
    if placing.drift is None:
        return "?"
    gains, within = placing.drift.s_per_h, placing.drift.uncertainty_s_per_h
    return f"{gains:+.2f} ±{within:.2f} s/h" if gains else f"0 ±{within:.2f} s/h"


def _columns(flight: Flight) -> list[tuple[str, str]]:
    return [
        (f"  {column}", _file_name(flight, place))
        for column, place in sorted(flight.column_sources.items())
    ]


def _camera_view(found: CameraPoses) -> list[tuple[str, str]]:
    if found.unknown_reason:
        return [("  not known", safe_text(found.unknown_reason))]
    grade = f" [{found.fov_grade}]" if found.fov_grade else ""
    width = safe_text(found.fov_source or "of each recording, by its own file")
    return [(f"  field of view{grade}", width), ("  ground", safe_text(found.ground_source))]


def _file_name(flight: Flight, place: int) -> str:
    return safe_text(flight.logs[place].source.name)


def _disagreements(flight: Flight) -> str:
    if not flight.disagreements:
        several = len(flight.logs) > 1
        return "Disagreements   " + ("none beyond stated errors" if several else "one log only")
    lines = [line for one in flight.disagreements for line in _disagreement_lines(flight, one)]
    return f"Disagreements ({len(flight.disagreements)})\n" + "\n".join(lines)


def _disagreement_lines(flight: Flight, one: Disagreement) -> list[str]:
    limit = ""
    if one.difference is not None and one.tolerance is not None:
        limit = f" ({one.difference:g} {one.unit} apart, {one.tolerance:g} {one.unit} allowed)"
    lines = [f"  {one.kind}: {safe_text(one.text)}{limit}"]
    lines += [f"      {_statement(flight, said)}" for said in one.sides[:_MOST_SIDES]]
    if len(one.sides) > _MOST_SIDES:
        lines.append(f"      and {len(one.sides) - _MOST_SIDES} more: --format json lists all")
    return lines


def _statement(flight: Flight, said: SourceValue) -> str:
    where = "the whole file" if said.offset is None else f"byte {said.offset}"
    name = _file_name(flight, said.source_index)
    return f"{name}, {where}, {safe_text(said.record)}.{said.field} = {safe_text(said.value)}"
