"""Who and where: the aircraft, as its header and its own words say; home and operator; hosts."""

import re
from dataclasses import dataclass

import numpy as np

from ..._model import Aircraft, HostReference, Issue, NamedPosition
from ..._shared._find_hosts import find_hosts
from .._distinct_positions import (
    HOME_STEP_DEG,
    PILOT_STEP_DEG,
    iterate_positions_more_than_a_step_apart,
)
from .._event_rows import as_floats
from .._shared_fields_and_enum_names import PRODUCT
from . import _enum_names as enum_names
from ._indexed_dat_file import DatFile

#: What a line states -> how it begins.
_LINE_PATTERNS = {
    "serial": re.compile(r"\bMc\s+ID\s*:\s*([\w-]{4,32})"),
    "firmware": re.compile(r"\bMc\s+Ver\s*:\s*v?([\w.]{3,32})"),
    "battery": re.compile(r"\[L-BATTERY\]\s*Serial number\s*:\s*([\w-]{3,32})"),
    "board": re.compile(r"\bBoard\s*:\s*([\w-]{3,32})"),
}


@dataclass(frozen=True, slots=True)
class ModelStatedByRecord:
    """The model of an aircraft that a record states, and the byte of that record."""

    model: str
    record: str
    offset: int


_MOST_HOST_REFERENCES = 1000


def read_aircraft(file: DatFile) -> Aircraft:
    """Return what the header and the lines of the log say of the aircraft."""
    stated = aircraft_values_in_text_lines(file)
    headers = file.gaps.headers
    firmware = {"flight controller": stated["firmware"][0]} if stated["firmware"] else {}
    if headers and headers[0].build_date:
        firmware["flight controller (built)"] = headers[0].build_date
    if stated["board"]:
        firmware["board"] = stated["board"][0]
    carved = aircraft_model_by_records(file)
    return Aircraft(
        maker="DJI",
        model=headers[0].model if headers else carved.model if carved else None,
        flight_controller_serial=stated["serial"][0] if stated["serial"] else None,
        battery_serial=stated["battery"][0] if stated["battery"] else None,
        firmware=firmware,
    )


def aircraft_model_by_records(file: DatFile) -> ModelStatedByRecord | None:
    """Return the model by the records of a log without its header, as carved ones are.

    The product that most OSD records state, else the board that a line names; ``None``: neither
    does, or the log has its header.
    """
    if file.gaps.headers:
        return None
    osd = file.records_of_type("OSD")
    if len(osd):
        numbers = as_floats(osd.records["product_type"])
        rows = np.flatnonzero(np.isfinite(numbers) & (numbers > 0))
        products, counts = np.unique(numbers[rows].astype(np.int64), return_counts=True)
        if len(products) and (model := PRODUCT.get(int(products[counts.argmax()]))):
            first = int(rows[np.argmax(numbers[rows] == products[counts.argmax()])])
            return ModelStatedByRecord(
                model, "OSD.product_type", int(file.offsets[osd.rows[first]])
            )
    for row, kind, line in file.text_lines_with_record_and_type:
        match = _LINE_PATTERNS["board"].search(line)
        if match and (model := enum_names.BOARD_MODELS.get(match[1].lower()[:5])):
            return ModelStatedByRecord(model, enum_names.TEXT_RECORDS[kind], int(file.offsets[row]))
    return None


def model_without_header_issues(file: DatFile) -> tuple[Issue, ...]:
    """Return what a log without its header rests its model on, or that nothing states it."""
    if file.gaps.headers or not len(file.frames):
        return ()
    found = aircraft_model_by_records(file)
    if found is None:
        words = "its header is missing, and no record states the model of the aircraft"
        return (Issue(0, 0, words),)
    words = f"its header is missing: the model, {found.model}, is that of {found.record}"
    return (Issue(found.offset, 0, words),)


def aircraft_values_in_text_lines(file: DatFile) -> dict[str, list[str]]:
    """Return every value that lines of the log state of the aircraft, each once."""
    values_by_name: dict[str, dict[str, None]] = {name: {} for name in _LINE_PATTERNS}
    for _, _, line in file.text_lines_with_record_and_type:
        for name, pattern in _LINE_PATTERNS.items():
            if match := pattern.search(line):
                values_by_name[name][match[1]] = None
    return {name: list(values) for name, values in values_by_name.items()}


def host_references(file: DatFile) -> tuple[HostReference, ...]:
    """Return the hosts and URLs that stand in the texts of the log."""
    references = []
    for row, kind, line in file.text_lines_with_record_and_type:
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
        positions += iterate_positions_more_than_a_step_apart(
            home, file.times.ns, "home", "HOME.latitude_deg", is_set, HOME_STEP_DEG
        )
    if len(tablet):
        every = np.ones(len(tablet), bool)
        positions += iterate_positions_more_than_a_step_apart(
            tablet, file.times.ns, "pilot", "FOLLOW_ME.latitude_deg", every, PILOT_STEP_DEG
        )
    return tuple(positions)
