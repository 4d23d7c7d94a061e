"""Flights of Parrot's FreeFlight apps as JSON (``.pud`` files that were converted).

Who writes it: converters of FreeFlight's ``.pud`` files, and Parrot's former cloud.  Facts: the
columns as public readers of such files use them (the descriptions of Bebop's ``.pud`` and of
Parrot's GroundSdk), and ARSDK's messages of the same names (flying and alert states, attitude in
radians, speeds to north, east and down).  No real file was at hand.

``details_headers`` names the columns of ``details_data``; ``time`` is milliseconds since ``date``;
500 stands for a position that is not known.

**Altitude.** Readers of such files take it for metres, centimetres or millimetres.  It is the
height above take-off in that of these units in which it climbs as far as the vertical speed says;
where the flight does not show the unit, it stays in ``records("Detail")``.

Not decoded: the binary ``.pud`` itself; ``flip_type``; the strength of the Wi-Fi.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._dji_keychains import Keychains
from .._file_content import Content
from .._formats import Format
from .._model import Aircraft, Issue, Log, NamedPosition, Source
from .._track_values._mask_false_positions import replace_false_positions_with_nan
from .._track_values._mask_impossible_values import values_with_nan_beyond_bound
from .._track_values._value_runs import find_runs
from .._which_facts_logs_record import FactDeclaration
from ..dji._event_rows import NAT, in_air_or_on_ground_text, make_event_row
from ..dji._shared_fact_declarations import IDENTITY_FACTS, fact_declarations_of_track_columns
from ._json_tables_of_names_and_rows import (
    Floats,
    JsonTable,
    begins_as_json_object_with_words,
    log_of_json_rows,
    read_json_table,
    row_times_ns,
    text_at_document_path,
)

#: Of a coordinate: not known.
_NO_POSITION = 500.0
#: ``flying_state`` -> flight mode; the states in the air; those that say nothing of it.
_STATES = ("landed", "taking off", "hovering", "flying", "landing", "emergency")
_IN_AIR, _ON_GROUND = (2, 3), (0,)
#: ``alert_state`` -> text, kind and severity.
_ALERTS = {
    1: ("emergency stop by the user", "action", "serious"),
    2: ("motors cut out", "fault", "serious"),
    3: ("battery critical", "battery", "serious"),
    4: ("battery low", "battery", "warning"),
    5: ("tilted too far", "fault", "serious"),
}
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2}T)(\d{2}):?(\d{2}):?(\d{2})([+-]\d{2}):?(\d{2})|Z")
#: Metres of each unit that an altitude may have.
_UNITS_M = (1.0, 0.01, 0.001)
#: Metres up and down by the vertical speed that show the unit, and by what factor they may differ.
_LEAST_CLIMB_M, _FACTOR = 5.0, 2.5
_FASTEST_MPS, _MOST_POSITIONS = 100.0, 10_000


def claims(content: Content) -> bool:
    """Return whether the first bytes are JSON with the names of both lists of such a file."""
    return begins_as_json_object_with_words(content, b'"details_headers"', b'"product_gps_l')


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the rows of a flight.

    Raises:
        CorruptLogError: If no row can be read.
    """
    del keys  # nothing is encrypted
    table = read_json_table(content, "details_headers", "details_data")
    start_ns = _parse_date_ns(text_at_document_path(table.document, "date"))
    times = row_times_ns(table.numbers_of_column("time") / 1000, start_ns)
    fixes = replace_false_positions_with_nan(
        _replace_value_with_nan(table.numbers_of_column("product_gps_latitude"), _NO_POSITION),
        _replace_value_with_nan(table.numbers_of_column("product_gps_longitude"), _NO_POSITION),
        times,
    )
    north, east, down = (
        values_with_nan_beyond_bound(table.numbers_of_column(f"speed_v{axis}"), _FASTEST_MPS)
        for axis in "xyz"
    )
    states = table.numbers_of_column("flying_state")
    heights, unit = _heights_m_and_source_unit_m(table.numbers_of_column("altitude"), down, times)
    charge = table.numbers_of_column("battery_level")
    track: dict[str, Any] = {
        "time": times,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
        "height_ato_m": heights,
        "ground_speed_mps": np.hypot(north, east),
        "vertical_speed_mps": 0.0 - down,
        "heading_deg": np.degrees(
            values_with_nan_beyond_bound(table.numbers_of_column("angle_psi"), 7)
        )
        % 360,
        "pitch_deg": np.degrees(
            values_with_nan_beyond_bound(table.numbers_of_column("angle_theta"), 4)
        ),
        "roll_deg": np.degrees(
            values_with_nan_beyond_bound(table.numbers_of_column("angle_phi"), 4)
        ),
        "battery_pct": np.where((charge > 0) & (charge <= 100), charge, np.nan),
        "flight_mode": [_flying_state_name(each) for each in states],
    }
    issues = list(fixes.issues("rows", np.array(table.offsets, np.int64)))
    if unit is None and np.isfinite(table.numbers_of_column("altitude")).any():
        issues.append(Issue(0, 0, "the unit of altitudes does not show: they stay in the records"))
    return log_of_json_rows(
        Source.from_content(content, FORMAT.name, text_at_document_path(table.document, "version")),
        table,
        "Detail",
        aircraft=_aircraft_identity(table),
        clock_source="clock of the device" if start_ns is not None else None,
        track=track,
        events=_event_rows(table, states, times),
        named_positions=_controller_positions(table, times, start_ns is not None),
        issues=issues,
    )


def _parse_date_ns(text: str | None) -> int | None:
    """Return ``2019-05-10T101500+0000`` as nanoseconds since 1970; ``None``: it is none."""
    found = _DATE.fullmatch(text or "")
    if found is None or found[1] is None:
        return None
    day, hour, minute, second, zone_hours, zone_minutes = found.groups()
    try:
        instant = dt.datetime.fromisoformat(
            f"{day}{hour}:{minute}:{second}{zone_hours}:{zone_minutes}"
        )
    except ValueError:
        return None
    return int(instant.timestamp()) * 10**9 if 2000 <= instant.year <= 2099 else None


def _replace_value_with_nan(values: Floats, missing: float) -> Floats:
    return np.where(values == missing, np.nan, values)


def _heights_m_and_source_unit_m(
    altitudes: Floats, down_mps: Floats, times: npt.NDArray[np.int64]
) -> tuple[Floats, float | None]:
    """Return altitudes in metres, and the unit that the vertical speed shows; ``None``: none."""
    known = np.isfinite(altitudes) & np.isfinite(down_mps) & (times != NAT)
    heights, speeds, seconds = altitudes[known], down_mps[known], times[known] / 1e9
    if len(heights) > 1:
        steps_s = np.clip(np.diff(seconds), 0, 2)
        climbed_m = float(np.sum(abs(speeds[1:] + speeds[:-1]) / 2 * steps_s))
        changed = float(np.sum(abs(np.diff(heights))))
        for unit in _UNITS_M:
            if climbed_m >= _LEAST_CLIMB_M and 1 / _FACTOR < changed * unit / climbed_m < _FACTOR:
                return altitudes * unit, unit
    return np.full(len(altitudes), np.nan), None


def _flying_state_name(code: float) -> str | None:
    if not 0 <= code < 256:
        return None
    return _STATES[int(code)] if code < len(_STATES) else f"state {int(code)}"


def _aircraft_identity(table: JsonTable) -> Aircraft:
    firmware = text_at_document_path(table.document, "software_version")
    phone = [
        text_at_document_path(table.document, name)
        for name in ("controller_application", "controller_model")
    ]
    return Aircraft(
        maker="Parrot",
        model=text_at_document_path(table.document, "product")
        or text_at_document_path(table.document, "product_name"),
        serial=text_at_document_path(table.document, "serial_number"),
        app=" on ".join(each for each in phone if each) or None,
        firmware={"aircraft": firmware} if firmware else {},
    )


def _event_rows(
    table: JsonTable, states: Floats, times: npt.NDArray[np.int64]
) -> Iterator[dict[str, Any]]:
    stated = np.flatnonzero(np.isin(states, (*_IN_AIR, *_ON_GROUND)))
    for run in find_runs(np.isin(states[stated], _IN_AIR).astype(np.float64)):
        row = int(stated[run.first])
        yield make_event_row(
            int(times[row]), "airborne.report", in_air_or_on_ground_text(run),
            "Detail.flying_state",
            table.offsets[row], value=run.value,
        )  # fmt: skip
    for run in find_runs(table.numbers_of_column("alert_state")):
        alert = _ALERTS.get(int(run.value)) if run.value == run.value else None
        if alert is not None:
            text, kind, severity = alert
            yield make_event_row(
                int(times[run.first]), kind, text, "Detail.alert_state",
                table.offsets[run.first], value=run.value, severity=severity,
            )  # fmt: skip


def _controller_positions(
    table: JsonTable, times: npt.NDArray[np.int64], is_utc: bool
) -> Iterator[NamedPosition]:
    """Yield where the controller was, once for each place."""
    fixes = replace_false_positions_with_nan(
        _replace_value_with_nan(table.numbers_of_column("controller_gps_latitude"), _NO_POSITION),
        _replace_value_with_nan(table.numbers_of_column("controller_gps_longitude"), _NO_POSITION),
    )
    last, count = (np.nan, np.nan), 0
    for row in np.flatnonzero(np.isfinite(fixes.latitude_deg)).tolist():
        place = float(fixes.latitude_deg[row]), float(fixes.longitude_deg[row])
        if place == last or count >= _MOST_POSITIONS:
            continue
        last, count = place, count + 1
        time = pd.Timestamp(int(times[row]), tz="UTC") if is_utc and times[row] != NAT else None
        yield NamedPosition(
            "controller", time, *place, None, "Detail.controller_gps_latitude", table.offsets[row]
        )


FORMAT = Format(
    name="parrot-freeflight",
    title="flight of Parrot's FreeFlight as JSON",
    reference="public readers of FreeFlight's .pud files; ARSDK's messages",
    claims=claims,
    read=read,
    facts=(
        *fact_declarations_of_track_columns(
            "rows", "time", "latitude_deg", "longitude_deg", "height_ato_m", "ground_speed_mps"
        ),
        FactDeclaration("takeoff_landing", "flying states"),
        *IDENTITY_FACTS,
    ),
)
