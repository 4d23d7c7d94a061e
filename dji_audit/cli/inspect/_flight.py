"""``dji-audit inspect --flight``: one flight, who tells of it, and what they disagree on."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

import parsers
from dji_audit.cli._audit import keychains
from dji_audit.cli._logs import read_logs
from dji_audit.cli._table import columns
from dji_audit.cli._terminal import check_zone, fail, paths_from, plain, tell
from dji_audit.cli.inspect._log import render
from dji_audit.cli.keys._store import store_of
from dji_audit.compliance.camera_view import look_of
from dji_audit.compliance.context import Brief, load_case
from dji_audit.flights import METHODS, Disagreement, Flight, Placing, Said, assemble
from dji_audit.report.rows import flight_details
from dji_audit.supplied_tables import CaseError
from dji_audit.view import Look, look

PARTLY_READ, NOTHING_AUDITABLE = 4, 3
_LISTED = 30
#: Sides of a disagreement that are shown; JSON has all.
_SIDES = 12


def inspect_flight_command(
    flight: str,
    paths: Sequence[Path],
    table: str | None,
    format_: str,
    keys: Sequence[Path],
    key_store: str | None,
    camera_zone: str | None,
    brief: Brief,
) -> int:
    """Print one flight of those that some logs tell of; return the exit code."""
    zone = check_zone(camera_zone) if camera_zone else None
    try:
        case = load_case(brief)
        logs, unread = read_logs(paths_from(paths), keychains(keys), store_of(key_store))
    except (CaseError, parsers.EncryptedLogError) as error:
        raise fail(str(error)) from error
    found = chosen(assemble(*logs, zone=zone), flight)
    if table is not None:
        tell(render(getattr(found, table), format_))
    elif format_ == "table":
        typer.echo(summary(found, look_of(found, case)))
    elif format_ == "csv":
        raise fail("a flight is no table: --format json, or --table")
    else:
        details = flight_details(found, look_of(found, case))
        indent = None if format_ == "jsonl" else 1
        typer.echo(json.dumps(details, indent=indent, sort_keys=True))
    return PARTLY_READ if unread else 0


def chosen(flights: Sequence[Flight], asked: str) -> Flight:
    """Return the flight of an id, or of the only id that begins so.

    Raises:
        typer.Exit: If there is none, or more than one.
    """
    found = [one for one in flights if one.id == asked]
    found = found or [one for one in flights if one.id.startswith(asked)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(one.id for one in flights[:_LISTED]) or "none"
    more = f" and {len(flights) - _LISTED} more" if len(flights) > _LISTED else ""
    what = "no flight" if not found else f"{len(found)} flights"
    raise fail(f"{what} of id {plain(asked)}; there are {known}{more}", NOTHING_AUDITABLE)


def summary(flight: Flight, found: Look | None = None) -> str:
    """Return what a flight is and who tells of it, for a person."""
    parts = [
        columns(_head(flight)),
        "Told by\n" + columns(_tellings(flight)),
        "Clocks\n" + columns(_clocks(flight)),
        "Where the camera looked\n" + columns(_view(found or look(flight))),
    ]
    if flight.columns_from:
        parts.append("Columns from other logs\n" + columns(_columns(flight)))
    rivals = [
        (f"  {_name(flight, place)}", rival.flight, f"{rival.match.score:.2f}")
        for place, telling in enumerate(flight.tellings)
        for rival in telling.rivals
    ]
    if rivals:
        parts.append("Fits these flights as well, and was joined to none\n" + columns(rivals))
    parts.append(_disagreements(flight))
    if flight.remarks:
        lines = [f"  {plain(remark.text)}" for remark in flight.remarks]
        parts.append("Remarks, never proof\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _head(flight: Flight) -> list[tuple[str, str]]:
    aircraft = flight.aircraft

    def when(time: object) -> str:
        return "not shown" if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"

    return [
        ("Flight", flight.id),
        ("Aircraft", plain(aircraft.model or "not stated")),
        ("Serial", plain(aircraft.serial or aircraft.flight_controller_serial or "not stated")),
        ("Take-off", when(flight.takeoff)),
        ("Landing", when(flight.landing)),
        ("Captures", str(len(flight.captures))),
    ]


def _tellings(flight: Flight) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("", "FILE", "FORMAT", "FROM (UTC)", "TO", "FIXES", "SCORE", "SERIAL", "APART", "TIME")
    ]
    for place, telling in enumerate(flight.tellings):
        match = telling.match
        begin, end = (
            "?" if time is None else f"{time:%H:%M:%S}" for time in (telling.start, telling.end)
        )
        kind = telling.log.source.format + ", encrypted" * telling.log.encrypted
        row = [str(place), plain(telling.log.source.name), kind, begin, end]
        row.append(str(len(telling.track)))
        if match is None:
            row += ["-", "-", "-", "-"]
        elif telling.copy_of is not None:
            row += [f"copy of {telling.copy_of}", "equal" if match.serial else "?", "-", "-"]
        else:
            serial = {True: "equal", False: "CONTRADICTS", None: "?"}[match.serial]
            apart = "?" if match.distance_m is None else f"{match.distance_m:.1f} m"
            shared = "?" if match.overlap is None else f"{100 * match.overlap:.0f} %"
            row += [f"{match.score:.2f}", serial, apart, shared]
        rows.append(tuple(row))
    return rows


def _clocks(flight: Flight) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("", "OFFSET", "WITHIN", "DRIFT", "HOW")]
    for place, telling in enumerate(flight.tellings):
        placing = telling.placing
        if telling.counts_from is not None:
            offset = f"from {telling.counts_from:%H:%M:%S}"
        else:
            offset = "not placed" if placing.offset_s is None else f"{placing.offset_s:+.3f} s"
        within = "?" if placing.uncertainty_s is None else f"{placing.uncertainty_s:g} s"
        how = f"{placing.source or 'no clock'}; {placing.reason or METHODS[placing.method]}"
        rows.append((str(place), offset, within, _drift(placing), plain(how)))
    return rows


def _drift(placing: Placing) -> str:
    if placing.method == "reference" or not placing.placed:
        return "-"
    if placing.drift is None:
        return "?"
    gains, within = placing.drift.s_per_h, placing.drift.uncertainty_s_per_h
    return f"{gains:+.2f} ±{within:.2f} s/h" if gains else f"0 ±{within:.2f} s/h"


def _columns(flight: Flight) -> list[tuple[str, str]]:
    return [
        (f"  {column}", _name(flight, place))
        for column, place in sorted(flight.columns_from.items())
    ]


def _view(found: Look) -> list[tuple[str, str]]:
    if found.why_not:
        return [("  not known", plain(found.why_not))]
    grade = f" [{found.lens_grade}]" if found.lens_grade else ""
    width = plain(found.lens or "of each recording, by its own file")
    return [(f"  field of view{grade}", width), ("  ground", plain(found.ground_words))]


def _name(flight: Flight, place: int) -> str:
    return plain(flight.logs[place].source.name)


def _disagreements(flight: Flight) -> str:
    if not flight.disagreements:
        several = len(flight.logs) > 1
        return "Disagreements   " + ("none beyond stated errors" if several else "one log only")
    lines = [line for one in flight.disagreements for line in _lines(flight, one)]
    return f"Disagreements ({len(flight.disagreements)})\n" + "\n".join(lines)


def _lines(flight: Flight, one: Disagreement) -> list[str]:
    limit = ""
    if one.apart is not None and one.allowed is not None:
        limit = f" ({one.apart:g} {one.unit} apart, {one.allowed:g} {one.unit} allowed)"
    lines = [f"  {one.what}: {plain(one.text)}{limit}"]
    lines += [f"      {_said(flight, said)}" for said in one.sides[:_SIDES]]
    if len(one.sides) > _SIDES:
        lines.append(f"      and {len(one.sides) - _SIDES} more: --format json names all")
    return lines


def _said(flight: Flight, said: Said) -> str:
    where = "the file as a whole" if said.offset is None else f"byte {said.offset}"
    name = _name(flight, said.told_by)
    return f"{name}, {where}, {plain(said.record)}.{said.field} = {plain(said.value)}"
