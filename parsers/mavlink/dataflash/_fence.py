"""The geofence in a DataFlash log: what was set, what was breached, what was done about it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..._model import Fence
from .._shared._ardupilot import FENCE, FENCE_BREACHED, NAVIGATION, OUTSIDE_FENCE
from .._shared._fence import (
    COPTER_ACTIONS,
    ITEMS,
    POLYGON,
    action_severity,
    boundaries_text,
    breaches,
    circle_text,
    point_text,
    polygon_text,
    remark,
    switch_kind,
    text_kind,
)
from .._shared._fence_settings import Setting, drawn_fences, set_fences, switch
from ._clock import NAT
from ._command_events import refused
from ._context import Context, Row
from ._messages import Messages, whole

FENCE_COMMAND = 207
#: Events that say that the fence was switched on or off.
SWITCHED_ON, SWITCHED_OFF = 41, 42
#: A text this close to a reported breach speaks of that breach, seconds.
SAME_S = 2.0
#: A mode that changes this soon after a breach does so because of it, seconds.
BECAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Shape:
    """One shape of a listing of the fence."""

    row: int
    use: str
    shape: str
    points: tuple[tuple[float, float], ...]
    #: NaN of what is no circle.
    radius_m: float

    @property
    def text(self) -> str:
        """The shape in words."""
        if self.shape == "polygon":
            return polygon_text(self.use, self.points)
        if self.shape == "circle":
            return circle_text(self.use, *self.points[0], self.radius_m)
        return point_text(self.use, *self.points[0])


_SEVERITIES = {
    "geofence.breach": "serious",
    "geofence.refused": "warning",
    "geofence.warning": "notice",
    "geofence.disable": "warning",
    "geofence.enable": "notice",
    "geofence.config": "info",
}


def fence_events(log: Context) -> Iterator[Row]:
    """Yield every event about a fence."""
    yield from _settings(log)
    yield from _shapes(log)
    yield from _breached(log)
    yield from _refused(log)
    yield from _actions(log)
    yield from _commands(log)
    yield from _texts(log)


def _settings(log: Context) -> Iterator[Row]:
    found = log.named("PARM")
    for told in log.parameters:
        if not told.name.startswith("FENCE_"):
            continue
        record = f"Value ({told.name})"
        changed = "" if told.before is None else f" (was {told.before:g})"
        yield log.event(
            found,
            told.row,
            "geofence.config",
            f"{told.name} = {told.value:g}{changed}{_meaning(log, told.name, told.value)}",
            record=record,
            value=told.value,
        )
        if told.name == "FENCE_ENABLE" and told.before is not None:
            kind = "geofence.enable" if told.value else "geofence.disable"
            yield log.event(
                found,
                told.row,
                kind,
                "fence enabled by parameter" if told.value else "fence disabled by parameter",
                record=record,
                severity=_SEVERITIES[kind],
                value=told.value,
            )


def _meaning(log: Context, name: str, value: float) -> str:
    if value != value or value < 0:
        return ""
    if name == "FENCE_TYPE":
        return f": {boundaries_text(whole(value))}"
    if name == "FENCE_ACTION" and log.vehicle == "Copter" and value < len(COPTER_ACTIONS):
        return f": {COPTER_ACTIONS[whole(value)]}"
    return ""


def fences(log: Context) -> tuple[Fence, ...]:
    """Return the fences that the log tells of, as shapes."""
    settings = _statements(log)
    return (*set_fences(settings), *drawn_fences(_drawn(log), settings, POLYGON))


def _statements(log: Context) -> list[Setting]:
    """Return what was set of fences, and when they were switched, in order."""
    told: list[tuple[float, Setting]] = []
    found = log.named("PARM")
    utc = log.utc_ns(found).tolist() if len(found) else []
    for one in log.parameters:
        if one.name.startswith("FENCE_"):
            record, offset = f"PARM.Value ({one.name})", int(found.offsets[one.row])
            set_ = Setting(one.name, one.value, utc[one.row], record, offset)
            told.append((float(log.order(found)[one.row]), set_))
    events = log.named("EV")
    ids = events.numbers("Id")
    for row in np.flatnonzero(np.isin(ids, (SWITCHED_ON, SWITCHED_OFF))).tolist():
        on, at = bool(ids[row] == SWITCHED_ON), int(log.utc_ns(events)[row])
        place = float(log.order(events)[row])
        told.append((place, switch(on, at, "EV.Id", int(events.offsets[row]))))
    return [one for _, one in sorted(told, key=lambda each: (each[0], each[1].source_offset))]


def _drawn(log: Context) -> Iterator[Fence]:
    """Yield each shape of each listing that differs from the one before it."""
    found = log.named("FNCE")
    listings = list(_new_listings(found))
    for number, listing in enumerate(listings):
        start = _time(log, found, listing[0].row) if number else None
        later = listings[number + 1 :]
        end = _time(log, found, later[0][0].row) if later else None
        for each in listing:
            if each.shape in ("polygon", "circle"):
                yield Fence(
                    use=each.use,
                    shape=each.shape,
                    points=each.points,
                    radius_m=None if each.shape == "polygon" else each.radius_m,
                    height_m=None,
                    enabled=None,
                    start=start,
                    end=end,
                    record="FNCE.Type",
                    source_offset=int(found.offsets[each.row]),
                )


def _time(log: Context, found: Messages, row: int) -> pd.Timestamp | None:
    utc = int(log.utc_ns(found)[row])
    return None if utc == NAT else pd.Timestamp(utc, tz="UTC")


def _shapes(log: Context) -> Iterator[Row]:
    """Yield the polygons and circles of the fence, whole, each time another one is listed."""
    found = log.named("FNCE")
    for listing in _new_listings(found):
        for each in listing:
            yield log.event(
                found,
                each.row,
                "geofence.config",
                each.text,
                record="Type",
                value=each.radius_m,
            )


def _new_listings(found: Messages) -> Iterator[list[_Shape]]:
    """Yield the listings of the fence that differ from the one before them."""
    last: list[str] = []
    for listing in _listings(found):
        texts = [each.text for each in listing]
        if texts != last:
            last = texts
            yield listing


def _listings(found: Messages) -> list[list[_Shape]]:
    """Return the shapes of each listing of the fence; each begins with item 0."""
    kinds, counts = found.numbers("Type").tolist(), found.numbers("Count").tolist()
    points = list(zip(found.numbers("Lat").tolist(), found.numbers("Lng").tolist(), strict=True))
    radii, places = found.numbers("Radius").tolist(), found.numbers("Seq").tolist()
    listings: list[list[_Shape]] = []
    row = 0
    while row < len(found):
        use, shape = ITEMS.get(whole(kinds[row]), (f"type {kinds[row]:g}", "point"))
        size = 1
        if shape == "polygon":
            # One vertex an item; a vertex of another kind ends a polygon that is cut short.
            wanted = min(max(1, whole(counts[row])), len(found) - row)
            size = next((n for n in range(1, wanted) if kinds[row + n] != kinds[row]), wanted)
        radius = radii[row] if shape == "circle" else np.nan
        if not listings or places[row] == 0:
            listings.append([])
        listings[-1].append(_Shape(row, use, shape, tuple(points[row : row + size]), radius))
        row += size
    return listings


def _breached(log: Context) -> Iterator[Row]:
    found = log.named("ERR")
    for rows in log.runs(found, found.numbers("Subsys") == FENCE):
        codes = [whole(code) for code in found.numbers("ECode")[rows].tolist()]
        for breach in breaches(codes):
            end = None if breach.end is None else rows[breach.end]
            open_ended = "" if end is not None else "; not reported as over when the log ends"
            yield log.event(
                found,
                rows[breach.start],
                "geofence.breach",
                f"fence breached: {boundaries_text(breach.boundaries)}{open_ended}",
                record="ECode",
                severity="serious",
                value=float(breach.boundaries),
                end=end,
            )


def _refused(log: Context) -> Iterator[Row]:
    found = log.named("ERR")
    refused = (found.numbers("Subsys") == NAVIGATION) & (found.numbers("ECode") == OUTSIDE_FENCE)
    for row in np.flatnonzero(refused).tolist():
        yield log.event(
            found,
            row,
            "geofence.refused",
            "target refused: it lies outside the fence",
            record="ECode",
            severity="warning",
            value=float(OUTSIDE_FENCE),
        )


def _actions(log: Context) -> Iterator[Row]:
    modes = log.modes
    if modes.messages is None:
        return
    stated = modes.messages.first("Rsn") is not None
    reasons = modes.messages.numbers("Rsn")
    errors = log.named("ERR")
    starts = (errors.numbers("Subsys") == FENCE) & (errors.numbers("ECode") > 0)
    breached = np.sort(log.utc_ns(errors)[starts]) if len(errors) else np.empty(0, np.int64)
    inferred = np.zeros(len(reasons), np.bool_)
    if not stated and len(breached):
        utc = log.utc_ns(modes.messages)
        last = breached[np.maximum(np.searchsorted(breached, utc, side="right") - 1, 0)]
        inferred = (last != NAT) & (last <= utc) & (utc - last <= BECAUSE_S * 1e9)
    for name, row in zip(modes.names, modes.rows, strict=True):
        because = stated and reasons[row] == FENCE_BREACHED
        if because or inferred[row]:
            yield log.event(
                modes.messages,
                row,
                "geofence.action",
                f"changed to {name} because of a breached fence",
                record="Rsn" if because else "Mode",
                severity=action_severity(name),
                grade="reported" if because else "inferred",
            )


def _commands(log: Context) -> Iterator[Row]:
    found = log.named("MAVC")
    states, results, denied = found.numbers("P1"), found.numbers("Res"), refused(found)
    for row in np.flatnonzero(found.numbers("Cmd") == FENCE_COMMAND).tolist():
        kind = switch_kind(states[row], refused=bool(denied[row]))
        what = {0: "disable the fence", 1: "enable the fence", 2: "disable the fence floor"}
        answer = "accepted" if results[row] == 0 else f"answered with {results[row]:g}"
        yield log.event(
            found,
            row,
            kind,
            f"command to {what.get(whole(states[row]), 'switch the fence')}, {answer}",
            record="Cmd",
            severity=_SEVERITIES[kind],
            grade="reported" if results[row] == 0 else "commanded",
            value=float(states[row]),
        )


def _texts(log: Context) -> Iterator[Row]:
    found, errors = log.named("MSG"), log.named("ERR")
    fence = (errors.numbers("Subsys") == FENCE) & (errors.numbers("ECode") > 0)
    breached = np.sort(log.utc_ns(errors)[fence]) if len(errors) else np.empty(0, np.int64)
    for row, text in log.texts:
        kind = text_kind(text)
        if kind is None:
            continue
        if kind == "geofence.breach" and log.near(found, row, breached, SAME_S):
            kind = "geofence.warning"
        plain = remark(text)
        severity = plain[1] if plain else _SEVERITIES[kind]
        yield log.event(found, row, kind, text, record="Message", severity=severity)
