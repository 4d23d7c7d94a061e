"""What a log states of itself agrees with what it holds.

An app writes totals beside its records: how many fixes, the greatest height and
speed, photos, duration, where and when it began; and it names the file by the time
on its device.  Each is held against the records.  An inconsistency is an
observation, not an accusation: apps crash, and their own totals are sometimes wrong.
The finding gives both values and the bytes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._log_tracks import SAID_BEFORE, whole_logs
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
)
from dji_audit.flights import WGS84, Flight
from parsers import Log, Place, Stated

#: The time on the device in the name of an app's record.
_NAMED = re.compile(r"(\d{4}-\d\d-\d\d)_\[(\d\d)-(\d\d)-(\d\d)\]")
#: Zones are whole quarters of an hour ahead of UTC, by no more than this.
_QUARTER_S, _FARTHEST_ZONE_S = 900.0, 14 * 3600.0


class HeaderMismatch(Parameters):
    """Parameters of the rule: how far two values may lie apart."""

    height_tolerance_m: float = Field(0.1, ge=0, description="Of the greatest height.")
    speed_tolerance_mps: float = Field(0.1, ge=0, description="Of the greatest ground speed.")
    count_tolerance: int = Field(9, ge=0, description="Of the number of fixes.")
    start_tolerance_s: float = Field(10.0, ge=0, description="Of the first fix after the start.")
    duration_tolerance_s: float = Field(10.0, ge=0, description="Of the duration.")
    place_tolerance_m: float = Field(100.0, ge=0, description="Of the place where it began.")
    name_tolerance_s: float = Field(
        60.0, ge=0, description="Of the time in the name, whole quarters of an hour aside."
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A value that a log states, and the same of its records."""

    name: str
    stated: str
    held: str
    apart: float
    tolerance: float
    record: str
    field: str
    offset: int | None
    #: Whether it is known that apps state it wrongly at times.
    doubtful: bool = False


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Hold each value that a log states of itself against its records."""
    if not isinstance(parameters, HeaderMismatch):
        raise TypeError("header_mismatch takes HeaderMismatch")
    logs = [(told_by, telling.log) for told_by, telling in whole_logs(flight)]
    if not logs:
        return SAID_BEFORE
    found, compared = list[Finding](), 0
    for told_by, log in logs:
        for pair in _pairs(log, parameters):
            compared += 1
            if pair.apart > pair.tolerance:
                found.append(_finding(flight, told_by, pair, inputs.severity))
    if not compared and any(log.encrypted for _, log in logs):
        return unknowable("The log is encrypted and no key for it was given.")
    if not compared:
        return unknowable("The log states nothing of itself to hold against its records.")
    values = f"{compared} value{'s' * (compared > 1)}"
    return judged(
        found,
        f"{values} that the log states of itself agree with its records.",
        f"{len(found)} of {values} that the log states of itself do not agree.",
    )


def _finding(flight: Flight, told_by: int, pair: _Pair, severity: Severity) -> Finding:
    return Finding(
        RULE.id,
        Severity.LOW if pair.doubtful and severity.rank > Severity.LOW.rank else severity,
        f"inconsistent {pair.name}: {pair.record} says {pair.stated}, the records hold {pair.held}",
        "measured",
        (evidence(flight, pair.offset, pair.record, pair.field, pair.stated, told_by),),
    )


def _pairs(log: Log, parameters: HeaderMismatch) -> Iterator[_Pair]:
    if log.stated is not None and len(log.track):
        yield from _totals(log, log.stated, parameters)
    yield from _began(log, parameters)
    yield from _named(log, parameters)


def _totals(log: Log, stated: Stated, parameters: HeaderMismatch) -> Iterator[_Pair]:
    """Yield each total of the app beside the same value of the records."""
    track = log.track
    times = track["time"].dropna()
    lasted = (times.iloc[-1] - times.iloc[0]).total_seconds() if len(times) else None
    late = None
    if stated.start is not None and len(times):
        late = (times.iloc[0] - stated.start).total_seconds()
    for name, told, held, tolerance, unit in (
        ("number of fixes", stated.fix_count, len(track), parameters.count_tolerance, ""),
        (
            "greatest height above take-off", stated.max_height_ato_m,
            _greatest(track, "height_ato_m"), parameters.height_tolerance_m, " m",
        ),
        (
            "greatest ground speed", stated.max_ground_speed_mps,
            _greatest(track, "ground_speed_mps"), parameters.speed_tolerance_mps, " m/s",
        ),
        (
            "number of photos", stated.photo_count,
            int((log.captures["kind"] == "photo").sum()), 0, "",
        ),
        ("duration", stated.duration_s, lasted, parameters.duration_tolerance_s, " s"),
        (
            "first fix after the start stated",
            None if late is None else 0.0, late, parameters.start_tolerance_s, " s",
        ),
    ):  # fmt: skip
        if told is not None and held is not None:
            yield _Pair(
                name, f"{told:g}{unit}", f"{held:g}{unit}", abs(told - held), tolerance,
                stated.record, name, stated.source_offset, name == "number of photos",
            )  # fmt: skip


def _began(log: Log, parameters: HeaderMismatch) -> Iterator[_Pair]:
    """Yield where the log says that it began, and its first position."""
    fixes = log.track[["latitude_deg", "longitude_deg"]].dropna()
    place = next((place for place in log.places if place.kind == "start"), None)
    if place is None or not len(fixes):
        return
    latitude, longitude = (float(value) for value in fixes.iloc[0])
    apart = WGS84.inv(place.longitude_deg, place.latitude_deg, longitude, latitude)[2]
    yield _Pair(
        "place of the start",
        f"{place.latitude_deg:.6f}, {place.longitude_deg:.6f}",
        f"{latitude:.6f}, {longitude:.6f}, {apart:.0f} m away",
        apart,
        parameters.place_tolerance_m,
        place.record,
        "start",
        place.source_offset,
    )


def _named(log: Log, parameters: HeaderMismatch) -> Iterator[_Pair]:
    """Yield the time in the file's name, in some zone, and when the log says that it began."""
    named = _NAMED.search(PurePosixPath(log.source.name).name)
    start = log.stated.start if log.stated is not None else None
    if named is None or start is None:
        return
    try:
        local = pd.Timestamp(f"{named[1]}T{named[2]}:{named[3]}:{named[4]}Z")
    except ValueError:
        return
    ahead = (local - start).total_seconds()
    off = abs(ahead - round(ahead / _QUARTER_S) * _QUARTER_S)
    yield _Pair(
        "time in the name",
        named[0],
        f"{start:%Y-%m-%d %H:%M:%S} UTC, {ahead / 3600:+.2f} h",
        off if abs(ahead) <= _FARTHEST_ZONE_S else abs(ahead),
        parameters.name_tolerance_s,
        "file name",
        "time",
        None,
    )


def _greatest(track: pd.DataFrame, column: str) -> float | None:
    values = track[column].to_numpy(np.float64)
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else None


_START = pd.Timestamp("2026-05-14T09:00:00Z")

RULE = Rule(
    "header_mismatch",
    "What the log states of itself agrees with what it holds",
    "Totals, start and place that a log states; the time in its name; its records.",
    "The log states nothing of itself, or is encrypted and no key for it was given.",
    HeaderMismatch,
    check,
    examples=(
        Example(
            Outcome.PASS,
            "a log that states the height it holds",
            hover(1.0, 50.0),
            log={"stated": Stated("Details", 900, max_height_ato_m=50.0)},
        ),
        Example(
            Outcome.FAIL,
            "a log that states another greatest height than its records hold",
            hover(1.0, 30.0),
            log={"stated": Stated("Details", 900, max_height_ato_m=50.0)},
        ),
        Example(
            Outcome.FAIL,
            "a log that says that it began 5 km away",
            hover(1.0, 30.0),
            log={"places": (Place("start", None, 51.545, -1.0, None, "Details", 900),)},
        ),
        Example(
            Outcome.FAIL,
            "a file whose name tells another time in any zone",
            hover(1.0, 30.0),
            name="DJIFlightRecord_2026-05-14_[10-07-00].txt",
            log={"stated": Stated("Details", 900, start=_START)},
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log that states nothing", hover(1.0, 30.0)),
    ),
)
