"""Who and where: the aircraft, as its header and its own words say; home and operator; hosts."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..._hosts import find_hosts
from ..._model import Aircraft, Mention, Place
from ..._runs import runs
from . import _enums as words
from ._clock import NAT
from ._dat_file import DatFile, Typed
from ._event_rows import floats
from ._track import positions

#: What a line states -> how it begins.
_STATED = {
    "serial": re.compile(r"\bMc\s+ID\s*:\s*([\w-]{4,32})"),
    "firmware": re.compile(r"\bMc\s+Ver\s*:\s*v?([\w.]{3,32})"),
    "battery": re.compile(r"\[L-BATTERY\]\s*Serial number\s*:\s*([\w-]{3,32})"),
    "board": re.compile(r"\bBoard\s*:\s*([\w-]{3,32})"),
}
_STEP_DEG = {"home": 1e-5, "pilot": 2e-4}
_MOST_PLACES, _MOST_MENTIONS = 200, 1000


def aircraft(file: DatFile) -> Aircraft:
    """Return what the header and the lines of the log say of the aircraft."""
    said = stated_values(file)
    headers = file.explained.headers
    firmware = {"flight controller": said["firmware"][0]} if said["firmware"] else {}
    if headers and headers[0].built:
        firmware["flight controller (built)"] = headers[0].built
    if said["board"]:
        firmware["board"] = said["board"][0]
    return Aircraft(
        maker="DJI",
        model=headers[0].model if headers else None,
        flight_controller_serial=said["serial"][0] if said["serial"] else None,
        battery_serial=said["battery"][0] if said["battery"] else None,
        firmware=firmware,
    )


def stated_values(file: DatFile) -> dict[str, list[str]]:
    """Return every value that lines of the log state of the aircraft, each once."""
    found: dict[str, dict[str, None]] = {name: {} for name in _STATED}
    for _, _, line in file.texts:
        for name, pattern in _STATED.items():
            if match := pattern.search(line):
                found[name][match[1]] = None
    return {name: list(values) for name, values in found.items()}


def mentions(file: DatFile) -> tuple[Mention, ...]:
    """Return the hosts and URLs that stand in the texts of the log."""
    found = []
    for row, kind, line in file.texts:
        for _, host, text in find_hosts(line.encode()):
            found.append(Mention(host, text, words.TEXTS[kind], int(file.offsets[row])))
            if len(found) == _MOST_MENTIONS:
                return tuple(found)
    return tuple(found)


def places(file: DatFile) -> tuple[Place, ...]:
    """Return the home points, and where the operator's tablet was."""
    home, tablet = file.of("HOME"), file.of("FOLLOW_ME")
    found: list[Place] = []
    if len(home):
        is_set = np.nan_to_num(floats(home.records["home_set"])) == 1
        found += _moves(file, home, "home", "HOME.latitude_deg", is_set)
    if len(tablet):
        every = np.ones(len(tablet), bool)
        found += _moves(file, tablet, "pilot", "FOLLOW_ME.latitude_deg", every)
    return tuple(found)


def _moves(
    file: DatFile,
    typed: Typed,
    kind: str,
    record: str,
    usable: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> Iterator[Place]:
    """Yield a point each time it moved by more than a step; at most some hundred."""
    step = _STEP_DEG[kind]
    latitude, longitude, _ = positions(
        typed.records["latitude_deg"], typed.records["longitude_deg"]
    )
    cell = np.round(latitude / step) * 1e7 + np.round(longitude / step)
    found = [run for run in runs(np.where(usable, cell, np.nan)) if np.isfinite(run.value)]
    for run in found[:_MOST_PLACES]:
        row = int(typed.rows[run.first])
        ns = int(file.times.ns[row])
        yield Place(
            kind,
            None if ns == NAT else pd.Timestamp(ns, unit="ns", tz="UTC"),
            float(latitude[run.first]),
            float(longitude[run.first]),
            None,
            record,
            int(file.offsets[row]),
        )
