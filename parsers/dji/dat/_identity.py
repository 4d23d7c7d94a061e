"""Who and where: the aircraft, as its header and its own words say; home and operator; hosts."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..._model import Aircraft, HostReference, NamedPosition
from ..._shared._find_hosts import find_hosts
from ..._track_values._positions import mask_positions
from ..._track_values._value_runs import find_runs
from .._event_rows import NAT, as_floats
from .._records_of_one_type import RecordsOfOneType
from . import _enum_names as enum_names
from ._indexed_dat_file import DatFile

#: What a line states -> how it begins.
_LINE_PATTERNS = {
    "serial": re.compile(r"\bMc\s+ID\s*:\s*([\w-]{4,32})"),
    "firmware": re.compile(r"\bMc\s+Ver\s*:\s*v?([\w.]{3,32})"),
    "battery": re.compile(r"\[L-BATTERY\]\s*Serial number\s*:\s*([\w-]{3,32})"),
    "board": re.compile(r"\bBoard\s*:\s*([\w-]{3,32})"),
}
_STEP_DEG = {"home": 1e-5, "pilot": 2e-4}
_MOST_POINTS, _MOST_HOST_REFERENCES = 200, 1000


def read_aircraft(file: DatFile) -> Aircraft:
    """Return what the header and the lines of the log say of the aircraft."""
    stated = stated_values(file)
    headers = file.gaps.headers
    firmware = {"flight controller": stated["firmware"][0]} if stated["firmware"] else {}
    if headers and headers[0].build_date:
        firmware["flight controller (built)"] = headers[0].build_date
    if stated["board"]:
        firmware["board"] = stated["board"][0]
    return Aircraft(
        maker="DJI",
        model=headers[0].model if headers else None,
        flight_controller_serial=stated["serial"][0] if stated["serial"] else None,
        battery_serial=stated["battery"][0] if stated["battery"] else None,
        firmware=firmware,
    )


def stated_values(file: DatFile) -> dict[str, list[str]]:
    """Return every value that lines of the log state of the aircraft, each once."""
    values_by_name: dict[str, dict[str, None]] = {name: {} for name in _LINE_PATTERNS}
    for _, _, line in file.text_lines:
        for name, pattern in _LINE_PATTERNS.items():
            if match := pattern.search(line):
                values_by_name[name][match[1]] = None
    return {name: list(values) for name, values in values_by_name.items()}


def host_references(file: DatFile) -> tuple[HostReference, ...]:
    """Return the hosts and URLs that stand in the texts of the log."""
    references = []
    for row, kind, line in file.text_lines:
        for _, host, text in find_hosts(line.encode()):
            references.append(
                HostReference(host, text, enum_names.TEXT_RECORDS[kind], int(file.offsets[row]))
            )
            if len(references) == _MOST_HOST_REFERENCES:
                return tuple(references)
    return tuple(references)


def named_positions(file: DatFile) -> tuple[NamedPosition, ...]:
    """Return the home points, and where the operator's tablet was."""
    home, tablet = file.records_of_type("HOME"), file.records_of_type("FOLLOW_ME")
    positions: list[NamedPosition] = []
    if len(home):
        is_set = np.nan_to_num(as_floats(home.records["home_set"])) == 1
        positions += _distinct_positions(file, home, "home", "HOME.latitude_deg", is_set)
    if len(tablet):
        every = np.ones(len(tablet), bool)
        positions += _distinct_positions(file, tablet, "pilot", "FOLLOW_ME.latitude_deg", every)
    return tuple(positions)


def _distinct_positions(
    file: DatFile,
    typed: RecordsOfOneType,
    kind: str,
    record: str,
    usable: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> Iterator[NamedPosition]:
    """Yield a point each time it moved by more than a step; at most some hundred."""
    step = _STEP_DEG[kind]
    fixes = mask_positions(typed.records["latitude_deg"], typed.records["longitude_deg"])
    latitude, longitude = fixes.latitude_deg, fixes.longitude_deg
    cell = np.round(latitude / step) * 1e7 + np.round(longitude / step)
    fix_runs = [run for run in find_runs(np.where(usable, cell, np.nan)) if np.isfinite(run.value)]
    for run in fix_runs[:_MOST_POINTS]:
        row = int(typed.rows[run.first])
        ns = int(file.times.ns[row])
        yield NamedPosition(
            kind,
            None if ns == NAT else pd.Timestamp(ns, unit="ns", tz="UTC"),
            float(latitude[run.first]),
            float(longitude[run.first]),
            None,
            record,
            int(file.offsets[row]),
        )
