"""The summary in the header of a log agrees with its records.

An app writes totals beside its records: number of fixes, greatest height and speed, photos,
duration, time and position of the start.  It also names the file by the time of its device.  The
rule compares each with the records.  An inconsistency is an observation, not an accusation: apps
crash, and their totals are sometimes wrong.  A difference that lost bytes of the log may explain
is not held against it.  The finding gives both values and the bytes.
"""

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from dji_audit.common.clock_difference_less_time_zone import differences_less_nearest_time_zone_s
from dji_audit.common.plain_english import duration_text, pluralised_count
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import ENCRYPTED_REASON, DataNeed
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters, non_negative_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    LogCitedAsEvidence,
    logs_judged_by_rules_about_whole_logs,
    logs_that_begin_with_this_flight,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    carries_fact_in_understood_form,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import distance_m
from parsers import Log, LogHeaderTotals, NamedPosition

#: Device time in the name of a record of the app.
_NAMED = re.compile(r"(\d{4}-\d\d-\d\d)_\[(\d\d)-(\d\d)-(\d\d)\]")
#: Bytes that could not be decoded may have held so many times the fixes that as many others hold,
#: and height and ground speed may have changed so much in each second of them (m and m/s).
_FIXES_OF_LOST_BYTES, _MOST_CHANGE_PER_S = 2.0, 10.0


_MAY_BE_OF_LOST_RECORDS = (
    "Parts of the log could not be read, which may be why its totals are others than those of its "
    "records."
)
_START_DELAY = "first fix after the stated start"


class HeaderMismatchParameters(Parameters):
    """Parameters of the rule: greatest difference of two values."""

    height_tolerance_m: float = non_negative_parameter_field(0.1, "Of the greatest height.")
    speed_tolerance_mps: float = non_negative_parameter_field(0.1, "Of the greatest ground speed.")
    count_tolerance: int = non_negative_parameter_field(9, "Of the number of fixes.")
    start_tolerance_s: float = non_negative_parameter_field(
        10.0, "Of the first fix after the start."
    )
    duration_tolerance_s: float = non_negative_parameter_field(
        10.0, "Of the duration, and of the time of all videos."
    )
    place_tolerance_m: float = non_negative_parameter_field(100.0, "Of the start position, metres.")
    name_tolerance_s: float = non_negative_parameter_field(
        60.0, "Of the time in the name, whole quarters of an hour aside."
    )


def check(flight: Flight, parameters: HeaderMismatchParameters, inputs: RuleInputs) -> CheckResult:
    """Compare each value in the header of a log with its records."""
    logs = logs_judged_by_rules_about_whole_logs(flight)
    # Versions of one record state one value each: it counts once.
    findings, compared = list[Finding](), dict[tuple[str, str, str], None]()
    unsettled = dict[str, None]()
    for flight_log in logs:
        for pair in _compare_header_values(flight_log.log, parameters):
            if pair.may_be_of_lost_records:
                unsettled[pair.name] = None
                continue
            compared[pair.name, pair.stated, pair.measured] = None
            if pair.difference > pair.tolerance:
                findings.append(_header_difference_finding(flight_log, pair, inputs))
    values = pluralised_count(len(compared), "value")
    names = ", ".join(dict.fromkeys(name for name, _, _ in compared))
    return CheckResult.from_findings(
        findings,
        f"{values} in the header agree{'s' * (len(compared) == 1)} with the records of the log: "
        f"{names}.{_unsettled_values_text(unsettled)}",
        f"{len(findings)} of {values} in the header do not agree with the records."
        f"{_unsettled_values_text(unsettled)}",
    )


def _unsettled_values_text(names: Collection[str]) -> str:
    """Return a sentence on values that the lost parts of a log may explain; empty: on none."""
    if not names:
        return ""
    return f" Not settled, since parts of the log could not be read: {', '.join(names)}."


def _availability_of_header_values(
    flight: Flight, parameters: HeaderMismatchParameters, _context: AuditContext
) -> DataNeedObservation:
    """Return whether any log states values of itself that its records can be compared with."""
    subject = "totals that the log states of itself"
    logs = logs_that_begin_with_this_flight(flight)
    pairs_by_log = {
        flight_log.log.source.name: list(_compare_header_values(flight_log.log, parameters))
        for flight_log in logs
        if carries_fact_in_understood_form(flight_log.log, "flight_totals")
    }
    comparing = [
        name
        for name, pairs in pairs_by_log.items()
        if not all(pair.may_be_of_lost_records for pair in pairs)
    ]
    if comparing:
        return DataNeedObservation.for_subject_seen_in_full(subject, *comparing)
    if any(pairs_by_log.values()):
        return DataNeedObservation.for_subject_not_seen(subject, _MAY_BE_OF_LOST_RECORDS)
    if encrypted := [each.log.source.name for each in logs if each.log.encrypted]:
        return DataNeedObservation.for_subject_not_seen(
            subject,
            ENCRYPTED_REASON,
            f"dji-audit keys request {encrypted[0]}",
        )
    reason = "The log has no header values to compare with its records."
    return DataNeedObservation.for_subject_not_seen(subject, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeaderComparison:
    """A value in the header of a log, and the same value from its records."""

    name: str
    stated: str
    measured: str
    difference: float
    tolerance: float
    record: str
    field: str
    offset: int | None
    #: Whether apps are known to state it wrongly at times.
    is_unreliable: bool = False
    #: The largest difference beyond the tolerance for which records that were lost may be why.
    most_of_lost_records: float = 0.0

    @property
    def may_be_of_lost_records(self) -> bool:
        """Whether the values differ, and no more than the lost parts of the log may explain."""
        return 0 < self.difference - self.tolerance <= self.most_of_lost_records


def _header_difference_finding(
    flight_log: LogCitedAsEvidence, pair: _HeaderComparison, inputs: RuleInputs
) -> Finding:
    return inputs.finding(
        f"inconsistent {pair.name}: {pair.record} states {pair.stated}, "
        f"the records hold {pair.measured}",
        severity=Severity.LOW
        if pair.is_unreliable and inputs.severity.rank > Severity.LOW.rank
        else None,
        grade="measured",
        evidence=(
            flight_log.evidence(
                offset=pair.offset,
                record=pair.record,
                field=pair.field,
                value=pair.stated,
            ),
        ),
    )


def _compare_header_values(
    log: Log, parameters: HeaderMismatchParameters
) -> Iterator[_HeaderComparison]:
    if log.header_summary is not None and len(log.track):
        yield from _compare_header_totals(log, log.header_summary, parameters)
    yield from _comparison_of_start_position_with_track(log, parameters)
    yield from _comparison_of_file_name_time_with_header(log, parameters)


def _compare_header_totals(
    log: Log, stated: LogHeaderTotals, parameters: HeaderMismatchParameters
) -> Iterator[_HeaderComparison]:
    """Yield each total of the header with the same value of the records."""
    track = log.track
    # Without a copy of all times.
    timed = np.flatnonzero(~track["time"].array.isna())
    times = track["time"].iloc[timed[[0, -1]]] if len(timed) else track["time"].iloc[:0]
    duration_s = (times.iloc[-1] - times.iloc[0]).total_seconds() if len(times) else None
    # Without a record of a camera the records hold no photo, whatever was taken.
    shows_photos = bool(stated.photo_count) or carries_fact_in_understood_form(log, "photo")
    delay_s = None
    if stated.start is not None and len(times):
        delay_s = (times.iloc[0] - stated.start).total_seconds()
    lost_fixes, lost_s = _most_fixes_and_seconds_lost(log, duration_s)
    most_changed = lost_s * _MOST_CHANGE_PER_S
    for name, stated_value, measured, tolerance, unit, most_of_lost_records in (
        (
            "number of fixes", stated.fix_count, len(track), parameters.count_tolerance, "",
            lost_fixes,
        ),
        (
            "greatest height above take-off", stated.max_height_ato_m,
            _greatest_track_value(track, "height_ato_m"), parameters.height_tolerance_m, " m",
            most_changed,
        ),
        (
            "greatest ground speed", stated.max_ground_speed_mps,
            _greatest_track_value(track, "ground_speed_mps"), parameters.speed_tolerance_mps,
            " m/s", most_changed,
        ),
        (
            "number of photos", stated.photo_count if shows_photos else None,
            int((log.captures["kind"] == "photo").sum()), 0, "", lost_fixes,
        ),
        ("duration", stated.duration_s, duration_s, parameters.duration_tolerance_s, " s", lost_s),
        (
            _START_DELAY,
            None if delay_s is None else 0.0, delay_s, parameters.start_tolerance_s, " s", lost_s,
        ),
    ):  # fmt: skip
        if stated_value is not None and measured is not None:
            # Of lost records fewer are counted, and less is seen; the first fix is later.
            is_as_after_loss = (measured < stated_value) is (name != _START_DELAY)
            yield _HeaderComparison(
                name=name,
                stated=f"{stated_value:g}{unit}",
                measured=f"{measured:g}{unit}",
                difference=abs(stated_value - measured),
                tolerance=tolerance,
                record=stated.record,
                field=name,
                offset=stated.source_offset,
                is_unreliable=name == "number of photos",
                most_of_lost_records=most_of_lost_records if is_as_after_loss else 0.0,
            )
    yield from _comparison_of_video_time(log, stated, parameters, lost_s)


def _most_fixes_and_seconds_lost(log: Log, duration_s: float | None) -> tuple[float, float]:
    """Return how many fixes, and of how many seconds, the lost parts of a log may have held.

    Args:
        log: The log.
        duration_s: The time between its first and last fix; ``None``: it has no times, and each
            lost fix may have been a second.
    """
    if log.is_truncated:
        return math.inf, math.inf
    lost = sum(issue.size for issue in log.issues)
    decoded = log.source.size - lost
    if not lost or decoded <= 0:
        return 0.0, 0.0
    fixes = 1 + _FIXES_OF_LOST_BYTES * len(log.track) * lost / decoded
    return fixes, fixes * (duration_s or len(log.track)) / len(log.track)


def _comparison_of_video_time(
    log: Log, stated: LogHeaderTotals, parameters: HeaderMismatchParameters, lost_s: float
) -> Iterator[_HeaderComparison]:
    """Yield the video time of the header and that of the recordings.

    Records of ``lost_s`` seconds may be lost.  Some apps count tens of seconds, and some leave out
    a video that was never stopped.
    """
    videos = log.captures[log.captures["kind"] == "video"]
    lasted_s = (videos["end"] - videos["start"]).dt.total_seconds()
    if stated.video_s is None or lasted_s.isna().any():
        return
    # Without a record of a camera the records hold no video, whatever was taken.
    if not stated.video_s and not carries_fact_in_understood_form(log, "video"):
        return
    was_stopped = ~videos["source"].str.contains("still recording", regex=False)
    whole_s, stopped_s = float(lasted_s.sum()), float(lasted_s[was_stopped].sum())
    yield _HeaderComparison(
        name="time of all videos",
        stated=f"{stated.video_s:g} s",
        measured=f"{whole_s:g} s",
        difference=min(
            difference_s
            for measured_s in (whole_s, stopped_s)
            for difference_s in (
                abs(stated.video_s - measured_s),
                # The tens that were not begun do not count.
                max(0.0, abs(10 * stated.video_s + 5 - measured_s) - 5),
            )
        ),
        tolerance=parameters.duration_tolerance_s,
        record=stated.record,
        field="video_time_s",
        offset=stated.source_offset,
        is_unreliable=True,
        most_of_lost_records=lost_s,
    )


def _comparison_of_start_position_with_track(
    log: Log, parameters: HeaderMismatchParameters
) -> Iterator[_HeaderComparison]:
    """Yield the start position in the header and the first position of the track."""
    start_point = next((each for each in log.named_positions if each.kind == "start"), None)
    if start_point is None:
        return
    latitudes, longitudes = (
        log.track[name].to_numpy(np.float64) for name in ("latitude_deg", "longitude_deg")
    )
    fixes = np.flatnonzero(np.isfinite(latitudes + longitudes))
    if not len(fixes):
        return
    latitude, longitude = float(latitudes[fixes[0]]), float(longitudes[fixes[0]])
    difference = distance_m(
        (start_point.latitude_deg, start_point.longitude_deg), (latitude, longitude)
    )
    yield _HeaderComparison(
        name="start position",
        stated=f"{start_point.latitude_deg:.6f}, {start_point.longitude_deg:.6f}",
        measured=f"{latitude:.6f}, {longitude:.6f}, {difference:.0f} m away",
        difference=difference,
        tolerance=parameters.place_tolerance_m,
        record=start_point.record,
        field="start",
        offset=start_point.source_offset,
    )


def _comparison_of_file_name_time_with_header(
    log: Log, parameters: HeaderMismatchParameters
) -> Iterator[_HeaderComparison]:
    """Yield the local time in the file name and the start time in the header."""
    name_match = _NAMED.search(PurePosixPath(log.source.name).name)
    start = log.header_summary.start if log.header_summary is not None else None
    if name_match is None or start is None:
        return
    try:
        local = pd.Timestamp(f"{name_match[1]}T{name_match[2]}:{name_match[3]}:{name_match[4]}Z")
    except ValueError:
        return
    offset_s = (local - start).total_seconds()
    yield _HeaderComparison(
        name="time in the file name",
        stated=name_match[0],
        measured=f"{start:%Y-%m-%d %H:%M:%S} UTC, {duration_text(abs(offset_s))} "
        f"{'earlier' if offset_s > 0 else 'later'}",
        difference=abs(float(differences_less_nearest_time_zone_s(offset_s))),
        tolerance=parameters.name_tolerance_s,
        record="file name",
        field="time",
        offset=None,
    )


def _greatest_track_value(track: pd.DataFrame, column: str) -> float | None:
    values = track[column].to_numpy(np.float64)
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else None


_START = pd.Timestamp("2026-05-14T09:00:00Z")

_NEEDS = (DataNeed("flight_totals", _availability_of_header_values),)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a header with the greatest height of the records",
        hover_example_track_at_heights(1.0, 50.0),
        log_fields={"header_summary": LogHeaderTotals("Details", 900, max_height_ato_m=50.0)},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a header with another greatest height than the records",
        hover_example_track_at_heights(1.0, 30.0),
        log_fields={"header_summary": LogHeaderTotals("Details", 900, max_height_ato_m=50.0)},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a header with a start position 5 km away",
        hover_example_track_at_heights(1.0, 30.0),
        log_fields={
            "named_positions": (NamedPosition("start", None, 51.545, -1.0, None, "Details", 900),)
        },
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a file name with a time that is wrong in every time zone",
        hover_example_track_at_heights(1.0, 30.0),
        file_name="DJIFlightRecord_2026-05-14_[10-07-00].txt",
        log_fields={"header_summary": LogHeaderTotals("Details", 900, start=_START)},
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log without header values",
        hover_example_track_at_heights(1.0, 30.0),
    ),
)
RULE = Rule(
    id="header_mismatch",
    title="The header of the log agrees with its records",
    parameters=HeaderMismatchParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Totals, start time and start position in the header; the time in the file name; the "
        "records."
    ),
    not_assessable=(
        "The log has no header values; or it is encrypted and no key for it was given; or its lost "
        "parts may be why header and records differ."
    ),
)
