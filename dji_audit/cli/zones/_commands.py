"""``dji-audit zones``: what its commands do."""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dji_audit.cli._stores_zones import kept_zones, zone_folder
from dji_audit.cli._table import columns, width_of_terminal
from dji_audit.cli._terminal import fail, plain, say, tell
from dji_audit.keys.files import write_private
from dji_audit.report.documents import cell
from dji_audit.zones import (
    BroughtZones,
    Datum,
    Limit,
    Point,
    Zone,
    ZoneError,
    load_zones,
    parse_limit,
    read_zones,
    remarks,
    zones_at,
)

FOUND, UNTOLD = 1, 4
Plain = dict[str, Any]


def list_command(files: Sequence[Path], format_: str, store: str | None) -> int:
    """List zones; return the exit code."""
    brought = _brought(files, store)
    _print([_zone_row(zone) for zone in brought.zones], format_, ("id", "name", "kind", "effect",
           "limits", "active", "file", "path"))  # fmt: skip
    for file in brought.files:
        source = file.source
        left = f", {_count(len(file.left_out), 'thing')} left out" if file.left_out else ""
        say(f"{plain(source.name)}: {source.format}, {_count(len(file.zones), 'zone')}{left}")
    return 0


def import_command(files: Sequence[Path], store: str | None) -> int:
    """Keep files that read whole; return the exit code."""
    folder = zone_folder(store)
    if folder is None:
        raise fail("--zone-store none keeps nothing")
    contents = []
    for path in _expanded(files):
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
                say(f"kept already {plain(name)}: {count}, in {plain(kept)}")
                continue
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(kept, data)
        except OSError as error:
            raise fail(f"{kept}: {(error.strerror or str(error)).lower()}") from error
        say(f"kept {plain(name)}: {count}, in {plain(kept)}")
    return 0


def check_command(place: str, files: Sequence[Path], format_: str, store: str | None) -> int:
    """Say which zones a place lies in; return the exit code."""
    where, height, time = _asked(place)
    paths = [*kept_zones(store), *files]
    if not paths:
        raise fail("no zones: name files with --zones, or keep some with zones import")
    brought = _loaded(paths)
    rows = []
    for answer in zones_at(brought.index, where, height, time):
        if answer.within is False:
            continue
        told = "inside" if answer.within else f"cannot be told: {answer.reason}"
        rows.append(_zone_row(answer.zone) | {"answer": told, "edge_m": round(answer.depth_m, 1)})
    _print(rows, format_, ("answer", "id", "name", "effect", "limits", "edge_m", "active", "file"))
    inside = sum(row["answer"] == "inside" for row in rows)
    untold = len(rows) - inside
    say(
        f"in {inside} of {_count(len(brought.zones), 'zone')}"
        + (f"; {untold} untold" if untold else "")
    )
    return FOUND if inside else UNTOLD if untold else 0


def lint_command(files: Sequence[Path], format_: str, store: str | None) -> int:
    """Print what there is to say of zone files; return the exit code."""
    paths = _expanded(files) or list(kept_zones(store))
    if not paths:
        raise fail("no zone files: name some, or keep some with zones import")
    rows: list[Plain] = []
    broken = 0
    for path in paths:
        try:
            found = read_zones(path)
        except ZoneError as error:
            broken += 1
            say(f"unread   {plain(error)}")
            continue
        except OSError as error:
            raise fail(f"{path}: {(error.strerror or str(error)).lower()}") from error
        rows += [
            {"file": one.file, "path": one.path, "zone": one.zone, "remark": one.text}
            for one in remarks(found)
        ]
    _print(rows, format_, ("file", "path", "zone", "remark"))
    told = [(len(paths), "file"), (len(rows), "remark")]
    said = ", ".join(_count(number, noun) for number, noun in told)
    say(said + (f", {broken} unread" if broken else ""))
    return 2 if broken else FOUND if rows else 0


def _brought(files: Sequence[Path], store: str | None) -> BroughtZones:
    paths = list(files) or list(kept_zones(store))
    if not paths:
        raise fail("no zones: name files, or keep some with zones import")
    return _loaded(paths)


def _loaded(paths: Sequence[Path]) -> BroughtZones:
    try:
        return load_zones(paths)
    except ZoneError as error:
        raise fail(str(error)) from error


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _expanded(files: Sequence[Path]) -> list[Path]:
    out: list[Path] = []
    for path in files:
        inside = (
            sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        )
        out += [one for one in inside if not one.name.startswith(".")]
    return out


def _asked(text: str) -> tuple[Point, Limit | None, dt.datetime]:
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


def _zone_row(zone: Zone) -> Plain:
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


def _print(rows: Sequence[Mapping[str, Any]], format_: str, shown: Sequence[str]) -> None:
    if format_ == "json":
        tell(json.dumps(list(rows), indent=1, ensure_ascii=False) + "\n")
    elif format_ == "jsonl":
        tell("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    elif format_ == "csv":
        held = io.StringIO()
        writer = csv.writer(held, lineterminator="\n")
        names = list(rows[0]) if rows else list(shown)
        writer.writerow(names)
        writer.writerows([cell(row[name]) for name in names] for row in rows)
        tell(held.getvalue())
    elif rows:
        table = [[name.upper() for name in shown]]
        table += [[plain(row[name])[:90] for name in shown] for row in rows]
        tell(
            columns(table, width=width_of_terminal(), cut=frozenset(range(1, len(table[0])))) + "\n"
        )
