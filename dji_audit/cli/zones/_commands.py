"""``dji-audit zones``: what its commands do."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dji_audit.cli._terminal import (
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
)
from dji_audit.cli._text_table import format_table, terminal_width_or_none
from dji_audit.cli._user_data import stored_zone_files, zone_store_folder
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import spreadsheet_safe_cell, terminal_safe_text
from dji_audit.keys.private_files import write_private_file
from dji_audit.zones import (
    UNIT_EXTENTS_FILE,
    LatLonBox,
    Limit,
    Point,
    SuppliedZones,
    VerticalDatum,
    Zone,
    ZoneError,
    ZoneFile,
    completeness_box_file_content,
    completeness_text,
    lint_zone_file,
    load_zones,
    no_zone_in_files_text,
    non_hidden_files_below,
    parse_lat_lon_box,
    parse_limit,
    read_completeness_boxes_by_zone_file_hash,
    read_zones_of_file,
    skipped_item_position_text,
    skipped_possible_zones_near,
    zones_at_position,
)

#: Features left out of a file that are named one by one when it is stored.
_MOST_LEFT_OUT = 20
Row = dict[str, Any]


def list_command(files: Sequence[Path], format_: str, store: str | None) -> int:
    """List zones; return the exit code."""
    paths = list(files) or list(stored_zone_files(store))
    loaded = _load_zone_files_or_exit(paths) if paths else None
    if loaded is None:
        print_to_stderr("0 zones are stored; store some with zones import")
    zones = loaded.zones if loaded is not None else ()
    columns = ("id", "name", "kind", "effect", "limits", "active", "file", "path")
    _print_zone_rows([_zone_table_row(zone) for zone in zones], format_, columns)
    for file in loaded.files if loaded is not None else ():
        source = file.source
        print_to_stderr(
            f"{terminal_safe_text(source.name)}: {source.format}, "
            f"{pluralised_count(len(file.zones), 'zone')}; "
            f"{terminal_safe_text(completeness_text(file))}"
            if file.zones or file.skipped_items_that_may_be_zones
            else f"{terminal_safe_text(source.name)}: {source.format}, no zone"
        )
    return 0


def import_command(files: Sequence[Path], store: str | None, extent: str | None = None) -> int:
    """Store files, and say what of them was left out; return the exit code.

    Args:
        files: Zone files, and folders of them.
        store: The zone store; ``None``: the user's own.
        extent: South, west, north and east of the area for which they are complete.
    """
    folder = zone_store_folder(store)
    if folder is None:
        raise print_error_and_return_exit("--zone-store none stores nothing")
    try:
        box = None if extent is None else parse_lat_lon_box(extent)
    except ZoneError as error:
        raise print_error_and_return_exit(str(error)) from error
    contents = []
    for path in _zone_files_below(files):
        try:
            zone_file = read_zones_of_file(path)
            contents.append((path.name, path.read_bytes(), replace(zone_file, unit_extent=box)))
        except ZoneError as error:
            raise print_error_and_return_exit(f"{error}; nothing was stored") from error
        except OSError as error:
            raise print_os_error_and_return_exit(path, error) from error
        if not zone_file.zones:
            raise print_error_and_return_exit(
                f"{path.name}: {no_zone_in_files_text([zone_file])}; nothing was stored"
            )
    for name, data, zone_file in contents:
        # The hash distinguishes two editions of the same name.
        stored = folder / f"{zone_file.source.sha256[:8]}_{name}"
        count = pluralised_count(len(zone_file.zones), "zone")
        count += f"; {terminal_safe_text(completeness_text(zone_file))}"
        try:
            if box is not None:
                _store_zone_file_extent(folder, zone_file.source.sha256, box)
            if stored.is_file() and stored.read_bytes() == data:
                print_to_stderr(
                    f"already stored {terminal_safe_text(name)}: {count}, "
                    f"in {terminal_safe_text(stored)}"
                )
                _print_left_out_features(zone_file)
                continue
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private_file(stored, data)
        except OSError as error:
            raise print_os_error_and_return_exit(stored, error) from error
        print_to_stderr(
            f"stored {terminal_safe_text(name)}: {count}, in {terminal_safe_text(stored)}"
        )
        _print_left_out_features(zone_file)
    return 0


def _print_left_out_features(zone_file: ZoneFile) -> None:
    """Print each feature that was not read as a zone, with its position and the reason."""
    for item in zone_file.skipped_items_that_may_be_zones[:_MOST_LEFT_OUT]:
        text = terminal_safe_text(f"{skipped_item_position_text(item)}: {item.reason}")
        print_to_stderr(f"left out {text}")
    more = len(zone_file.skipped_items_that_may_be_zones) - _MOST_LEFT_OUT
    if more > 0:
        print_to_stderr(f"left out … and {more:,} more, each named by zones lint")


def _store_zone_file_extent(folder: Path, sha256: str, extent: LatLonBox) -> None:
    """Store where the unit says that a zone file is complete."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        extents = {**read_completeness_boxes_by_zone_file_hash(folder), sha256: extent}
    except ZoneError as error:
        raise print_error_and_return_exit(str(error)) from error
    write_private_file(folder / UNIT_EXTENTS_FILE, completeness_box_file_content(extents))


def zones_at_position_command(
    place: str, files: Sequence[Path], format_: str, store: str | None
) -> int:
    """Print the zones that hold a position; return the exit code."""
    position, height, time = _parse_position_height_and_time(place)
    paths = [*stored_zone_files(store), *files]
    if not paths:
        raise print_error_and_return_exit(
            "no zones: name files with --zones, or store some with zones import"
        )
    loaded = _load_zone_files_or_exit(paths)
    rows = []
    for answer in zones_at_position(loaded.zone_index, position, height, time):
        if answer.within is False:
            continue
        verdict = "inside" if answer.within else f"undetermined: {answer.reason}"
        rows.append(
            _zone_table_row(answer.zone) | {"answer": verdict, "edge_m": round(answer.depth_m, 1)}
        )
    _print_zone_rows(
        rows, format_, ("answer", "id", "name", "effect", "limits", "edge_m", "active", "file")
    )
    inside = sum(row["answer"] == "inside" for row in rows)
    undetermined = len(rows) - inside
    print_to_stderr(
        f"in {inside} of {pluralised_count(len(loaded.zones), 'zone')}"
        + (f"; {undetermined} undetermined" if undetermined else "")
    )
    doubts = list(_reasons_zones_may_be_missing(loaded, position))
    for doubt in doubts:
        print_to_stderr(terminal_safe_text(doubt))
    if inside:
        return ExitCode.NEEDS_LOOK
    return ExitCode.INCOMPLETE if undetermined or doubts else ExitCode.DONE


def _reasons_zones_may_be_missing(zones: SuppliedZones, position: Point) -> Iterator[str]:
    """Yield why the files may lack a zone at a position."""
    latitude, longitude = (np.array([angle]) for angle in position)
    if not any(
        extent.positions_inside_mask(latitude, longitude)[0] for extent in zones.completeness_areas
    ):
        yield "undetermined: the position lies outside of where the files are complete"
    for file, items in skipped_possible_zones_near(zones, latitude, longitude):
        named = "; ".join(
            f"{skipped_item_position_text(item)}: {item.reason}" for item in items[:2]
        )
        more = f"; and {len(items) - 2:,} more" if len(items) > 2 else ""
        yield f"undetermined: {file.source.name} holds what was left out near it: {named}{more}"


def lint_command(files: Sequence[Path], format_: str, store: str | None) -> int:
    """Print the remarks on zone files; return the exit code."""
    paths = _zone_files_below(files) or list(stored_zone_files(store))
    if not paths:
        raise print_error_and_return_exit(
            "no zone files: name some, or store some with zones import"
        )
    rows: list[Row] = []
    broken = 0
    for path in paths:
        try:
            zone_file = read_zones_of_file(path)
        except ZoneError as error:
            broken += 1
            print_to_stderr(f"unread   {terminal_safe_text(error)}")
            continue
        except OSError as error:
            raise print_os_error_and_return_exit(path, error) from error
        rows += [
            {"file": remark.file, "path": remark.path, "zone": remark.zone, "remark": remark.text}
            for remark in lint_zone_file(zone_file)
        ]
    _print_zone_rows(rows, format_, ("file", "path", "zone", "remark"))
    counts = [(len(paths), "file"), (len(rows), "remark")]
    summary = ", ".join(pluralised_count(number, noun) for number, noun in counts)
    print_to_stderr(summary + (f", {broken} unread" if broken else ""))
    if broken:
        return ExitCode.USAGE_OR_IO
    return ExitCode.NEEDS_LOOK if rows else ExitCode.DONE


def _load_zone_files_or_exit(paths: Sequence[Path]) -> SuppliedZones:
    try:
        return load_zones(paths)
    except ZoneError as error:
        raise print_error_and_return_exit(str(error)) from error


def _zone_files_below(files: Sequence[Path]) -> list[Path]:
    expanded: list[Path] = []
    for path in files:
        try:
            expanded += non_hidden_files_below(path) if path.is_dir() else [path]
        except ZoneError as error:
            raise print_error_and_return_exit(str(error)) from error
    return [path for path in expanded if not path.name.startswith(".")]


def _parse_position_height_and_time(text: str) -> tuple[Point, Limit | None, dt.datetime]:
    """Return position, height and time of ``LAT,LON,ALT,TIME``."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4:
        raise print_error_and_return_exit(
            f"{text!r} is not LAT,LON,ALT,TIME, as in 50.61,-3.96,120m AGL,2026-05-14T09:00Z"
        )
    try:
        position = float(parts[0]), float(parts[1])
        time = dt.datetime.fromisoformat(parts[3])
    except ValueError as error:
        raise print_error_and_return_exit(f"{text!r} is not LAT,LON,ALT,TIME: {error}") from error
    if not (abs(position[0]) <= 90 and abs(position[1]) <= 180):
        raise print_error_and_return_exit(f"{parts[0]}, {parts[1]} is not a position on Earth")
    if time.tzinfo is None:
        raise print_error_and_return_exit(
            f"{parts[3]} has no time zone; add Z or an offset such as +01:00"
        )
    height = parse_limit(parts[2]) if parts[2] else None
    if parts[2] and (
        height is None or height.value is None or height.datum is VerticalDatum.NOT_STATED
    ):
        raise print_error_and_return_exit(
            f"{parts[2]!r} is not a height with its datum, such as 120m AGL"
        )
    return position, height, time


def _zone_table_row(zone: Zone) -> Row:
    return {
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind,
        "effect": zone.effect.value,
        "lower": str(zone.lower),
        "upper": str(zone.upper),
        "limits": zone.limits_text,
        "inclusion": zone.inclusion,
        "active": _zone_activity_text(zone),
        "authority": zone.authority,
        "edition": zone.source.edition,
        "file": zone.source.name,
        "sha256": zone.source.sha256,
        "format": zone.source.format,
        "path": zone.path,
    }


def _zone_activity_text(zone: Zone) -> str:
    """Return in short when a zone is active: always, not stated, or a number of periods."""
    if not zone.schedule:
        return "always" if zone.schedule_stated else "not stated"
    if any(period.ends_before_start for period in zone.schedule):
        return "contradictory: always"
    return pluralised_count(len(zone.schedule), "period")


def _print_zone_rows(
    rows: Sequence[Mapping[str, Any]], format_: str, columns: Sequence[str]
) -> None:
    if format_ == "json":
        print_to_stdout(json.dumps(list(rows), indent=1, ensure_ascii=False) + "\n")
    elif format_ == "jsonl":
        print_to_stdout("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    elif format_ == "csv":
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        names = list(rows[0]) if rows else list(columns)
        writer.writerow(names)
        writer.writerows([spreadsheet_safe_cell(row[name]) for name in names] for row in rows)
        print_to_stdout(stream.getvalue())
    elif rows:
        table = [[name.upper() for name in columns]]
        table += [[terminal_safe_text(row[name])[:90] for name in columns] for row in rows]
        print_to_stdout(
            format_table(
                table,
                width=terminal_width_or_none(),
                shortenable=frozenset(range(1, len(table[0]))),
            )
            + "\n"
        )
