"""``dji-audit zones``: what its commands do."""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dji_audit.cli._table import format_table, terminal_width
from dji_audit.cli._terminal import fail, safe_text, print_message, print_data
from dji_audit.cli._user_data import stored_zone_files, zone_store_folder
from dji_audit.keys.private_files import write_private
from dji_audit.report.documents import spreadsheet_cell
from dji_audit.zones import (
    SuppliedZones,
    Datum,
    Limit,
    Point,
    Zone,
    ZoneError,
    load_zones,
    parse_limit,
    read_zones,
    lint_zone_file,
    zones_at,
)

INSIDE, UNDETERMINED = 1, 4
Row = dict[str, Any]


def list_command(files: Sequence[Path], format_: str, store: str | None) -> int:
    """List zones; return the exit code."""
    brought = _given_or_stored(files, store)
    _print_rows([_zone_row(zone) for zone in brought.zones], format_, ("id", "name", "kind", "effect",
           "limits", "active", "file", "path"))  # fmt: skip
    for file in brought.files:
        source = file.source
        left = f", {_count(len(file.skipped), 'thing')} left out" if file.skipped else ""
        print_message(f"{safe_text(source.name)}: {source.format}, {_count(len(file.zones), 'zone')}{left}")
    return 0


def import_command(files: Sequence[Path], store: str | None) -> int:
    """Keep files that read whole; return the exit code."""
    folder = zone_store_folder(store)
    if folder is None:
        raise fail("--zone-store none keeps nothing")
    contents = []
    for path in _expand_folders(files):
        try:
            found = read_zones(path)
            contents.append((path.name, path.read_bytes(), found))
        except ZoneError as error:
            raise fail(f"{error}; nothing was kept") from error
        except OSError as error:
            raise fail(f"{path}: {(error.strerror or str(error)).lower()}") from error
        if not found.zones:
            raise fail(f"{path.name}: holds no zone; nothing was kept")
    for name, data, found in contents:
        # The hash keeps two editions of one name apart.
        kept = folder / f"{found.source.sha256[:8]}_{name}"
        count = _count(len(found.zones), "zone")
        try:
            if kept.is_file() and kept.read_bytes() == data:
                print_message(f"kept already {safe_text(name)}: {count}, in {safe_text(kept)}")
                continue
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(kept, data)
        except OSError as error:
            raise fail(f"{kept}: {(error.strerror or str(error)).lower()}") from error
        print_message(f"kept {safe_text(name)}: {count}, in {safe_text(kept)}")
    return 0


def check_command(place: str, files: Sequence[Path], format_: str, store: str | None) -> int:
    """Say which zones a place lies in; return the exit code."""
    where, height, time = _parse_point(place)
    paths = [*stored_zone_files(store), *files]
    if not paths:
        raise fail("no zones: name files with --zones, or keep some with zones import")
    brought = _load_zone_files(paths)
    rows = []
    for answer in zones_at(brought.index, where, height, time):
        if answer.within is False:
            continue
        told = "inside" if answer.within else f"cannot be told: {answer.reason}"
        rows.append(_zone_row(answer.zone) | {"answer": told, "edge_m": round(answer.depth_m, 1)})
    _print_rows(rows, format_, ("answer", "id", "name", "effect", "limits", "edge_m", "active", "file"))
    inside = sum(row["answer"] == "inside" for row in rows)
    untold = len(rows) - inside
    print_message(
        f"in {inside} of {_count(len(brought.zones), 'zone')}"
        + (f"; {untold} untold" if untold else "")
    )
    return INSIDE if inside else UNDETERMINED if untold else 0


def lint_command(files: Sequence[Path], format_: str, store: str | None) -> int:
    """Print what there is to say of zone files; return the exit code."""
    paths = _expand_folders(files) or list(stored_zone_files(store))
    if not paths:
        raise fail("no zone files: name some, or keep some with zones import")
    rows: list[Row] = []
    broken = 0
    for path in paths:
        try:
            found = read_zones(path)
        except ZoneError as error:
            broken += 1
            print_message(f"unread   {safe_text(error)}")
            continue
        except OSError as error:
            raise fail(f"{path}: {(error.strerror or str(error)).lower()}") from error
        rows += [
            {"file": one.file, "path": one.path, "zone": one.zone, "remark": one.text}
            for one in lint_zone_file(found)
        ]
    _print_rows(rows, format_, ("file", "path", "zone", "remark"))
    told = [(len(paths), "file"), (len(rows), "remark")]
    said = ", ".join(_count(number, noun) for number, noun in told)
    print_message(said + (f", {broken} unread" if broken else ""))
    return 2 if broken else INSIDE if rows else 0


def _given_or_stored(files: Sequence[Path], store: str | None) -> SuppliedZones:
    paths = list(files) or list(stored_zone_files(store))
    if not paths:
        raise fail("no zones: name files, or keep some with zones import")
    return _load_zone_files(paths)


def _load_zone_files(paths: Sequence[Path]) -> SuppliedZones:
    try:
        return load_zones(paths)
    except ZoneError as error:
        raise fail(str(error)) from error


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _expand_folders(files: Sequence[Path]) -> list[Path]:
    out: list[Path] = []
    for path in files:
        inside = (
            sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        )
        out += [one for one in inside if not one.name.startswith(".")]
    return out


def _parse_point(text: str) -> tuple[Point, Limit | None, dt.datetime]:
    """Return place, height and time of ``LAT,LON,ALT,TIME``."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4:
        raise fail(
            f"{text!r} is not LAT,LON,ALT,TIME, as in 50.61,-3.96,120m AGL,2026-05-14T09:00Z"
        )
    try:
        place = float(parts[0]), float(parts[1])
        time = dt.datetime.fromisoformat(parts[3])
    except ValueError as error:
        raise fail(f"{text!r} is not LAT,LON,ALT,TIME: {error}") from error
    if not (abs(place[0]) <= 90 and abs(place[1]) <= 180):
        raise fail(f"{parts[0]}, {parts[1]} is no place on Earth")
    if time.tzinfo is None:
        raise fail(f"{parts[3]} has no zone; write Z or +01:00")
    height = parse_limit(parts[2]) if parts[2] else None
    if parts[2] and (height is None or height.value is None or height.datum is Datum.NOT_STATED):
        raise fail(f"{parts[2]!r} is no height that says what it counts from, as in 120m AGL")
    return place, height, time


def _zone_row(zone: Zone) -> Row:
    return {
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind,
        "effect": zone.effect.value,
        "lower": str(zone.lower),
        "upper": str(zone.upper),
        "limits": zone.limits_text,
        "inclusion": zone.inclusion,
        "active": _active(zone),
        "authority": zone.authority,
        "edition": zone.source.edition,
        "file": zone.source.name,
        "sha256": zone.source.sha256,
        "format": zone.source.format,
        "path": zone.path,
    }


def _active(zone: Zone) -> str:
    if not zone.schedule:
        return "always" if zone.schedule_stated else "not stated"
    return f"{len(zone.schedule)} period{'s' * (len(zone.schedule) > 1)}"


def _print_rows(rows: Sequence[Mapping[str, Any]], format_: str, shown: Sequence[str]) -> None:
    if format_ == "json":
        print_data(json.dumps(list(rows), indent=1, ensure_ascii=False) + "\n")
    elif format_ == "jsonl":
        print_data("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    elif format_ == "csv":
        held = io.StringIO()
        writer = csv.writer(held, lineterminator="\n")
        names = list(rows[0]) if rows else list(shown)
        writer.writerow(names)
        writer.writerows([spreadsheet_cell(row[name]) for name in names] for row in rows)
        print_data(held.getvalue())
    elif rows:
        table = [[name.upper() for name in shown]]
        table += [[safe_text(row[name])[:90] for name in shown] for row in rows]
        print_data(
            format_table(table, width=terminal_width(), shortenable=frozenset(range(1, len(table[0])))) + "\n"
        )
