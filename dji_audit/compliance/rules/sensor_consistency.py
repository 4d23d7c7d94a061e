"""The sensors of the aircraft agree with one another on position, height and motion.

Most logs hold more than the one track that is drawn: the position of the satellite receiver and
the fused one, the heights of barometer, satellites and filter, velocities, the charge that the
battery counts.  Whatever two of them say of the same thing is compared, beyond the errors of both.
A difference shows that something is inconsistent, but not which side is right: a sensor fails, a
receiver is deceived, a log is edited.  What comes from one filter agrees even if the filter is
wrong, so agreement is no proof.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dji_audit.common.plain_english import (
    number_and_lesser_limit_texts,
    percent_text,
    pluralised_count,
)
from dji_audit.common.time_intervals import (
    NO_INTERVALS,
    Intervals,
    interval_union,
    total_duration_s,
)
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, observation_of_encrypted_flight
from dji_audit.compliance.findings import DataNeedObservation, Evidence, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import (
    Parameters,
    non_negative_parameter_field,
    positive_parameter_field,
)
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    AirborneLogTrack,
    airborne_track_of_each_log,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._sensors._sensor_reading_comparisons import (
    SensorComparisonsOfLog,
    SensorComparisonTolerances,
    SensorReadingDifference,
    SensorReadingDifferences,
    sensor_readings_in_air,
)
from dji_audit.flights import Flight, cache_for_last_flight
from parsers import SensorReadings

#: Windows over which changes are compared, seconds: short ones for steps, long ones for drifts.
_HEIGHT_WINDOWS_S = (20.0, 60.0)
_CLIMB_WINDOWS_S = (10.0, 30.0)
_MOTION_WINDOWS_S = (4.0, 10.0, 30.0, 100.0, 300.0)
#: Names of what is compared, in the order of the report, and the words of a difference.
_SUBJECTS = {
    "position": "positions",
    "height": "heights",
    "held height": "heights",
    "climb": "heights and vertical speeds",
    "motion": "positions and velocities",
    "charge": "counted charges",
}

#: What differs, a clause for each kind of comparison.
_DIFFERENCES = {
    "position": (
        "inconsistent position: {position_one} and {position_other} are {value} m apart, {limit}"
    ),
    "height": (
        "inconsistent height: the changes of {one} and {other}{over} differ by {value} m, {limit}"
    ),
    "held height": (
        "inconsistent height: {one} stays at exactly {held:.1f} m, its greatest value, while "
        "{other} changes by {value} m,"
    ),
    "climb": (
        "inconsistent height: the change of {one}{over} and the vertical speed of {other} differ "
        "by {value} m, {limit}"
    ),
    "motion": (
        "inconsistent motion: {position_one} and the way by {velocity_other}{over} differ by "
        "{value} m, {limit}"
    ),
    "charge": (
        "inconsistent charge: the charge that the {one} counts steps by {value} mAh between "
        "two records, {limit}"
    ),
}


class SensorConsistencyParameters(Parameters):
    """Parameters of the rule."""

    position_m: float = positive_parameter_field(25.0, "Metres by which two positions may differ.")
    lag_s: float = non_negative_parameter_field(
        1.0, "Seconds by which two sensors may lag; counts with the speed."
    )
    height_m: float = positive_parameter_field(
        6.0, "Metres by which the changes of two heights may differ."
    )
    satellite_height_m: float = positive_parameter_field(
        18.0, "The same where one is of a satellite receiver."
    )
    height_share: float = non_negative_parameter_field(
        0.1, "Share of the change of height that counts besides."
    )
    held_height_m: float = positive_parameter_field(
        2.5, "Metres that a height may change while another stays exactly at its greatest value."
    )
    motion_m: float = positive_parameter_field(
        20.0, "Metres by which position and velocity may differ."
    )
    velocity_mps: float = non_negative_parameter_field(0.3, "Error of a velocity that lasts, m/s.")
    charge_mah: float = positive_parameter_field(150.0, "Step of the charge of the battery, mAh.")


@dataclass(frozen=True, slots=True, eq=False)
class _SensorComparisonSummaryOfLog:
    """What the sensors of one log say of the same things."""

    track: AirborneLogTrack
    #: What was compared -> the sensors.
    sources: dict[str, set[str]]
    #: What differs by more than is allowed -> where it differs most.
    worst: dict[str, SensorReadingDifference]
    #: Seconds of the track in which anything was compared.
    intervals: Intervals


def check(
    flight: Flight, parameters: SensorConsistencyParameters, inputs: RuleInputs
) -> CheckResult:
    """Compare what the sensors of each log say of the same thing."""
    findings, compared = list[Finding](), dict[str, set[str]]()
    for comparison in _compare_sensors_of_each_log(flight, _tolerances_from_parameters(parameters)):
        for subject, sources in comparison.sources.items():
            compared.setdefault(subject, set()).update(sources)
        findings += [
            _sensor_difference_finding(comparison.track, each, inputs)
            for each in comparison.worst.values()
        ]
    what = _compared_sensors_text(compared)
    count = f"{len(findings)} inconsistenc{'y' if len(findings) == 1 else 'ies'}"
    return CheckResult.from_findings(
        findings,
        f"Compared, and in agreement within their errors: {what}.",
        f"{count} between sensors; compared: {what}.",
    )


def _tolerances_from_parameters(
    parameters: SensorConsistencyParameters,
) -> SensorComparisonTolerances:
    return SensorComparisonTolerances(**parameters.model_dump())


@cache_for_last_flight
def _compare_sensors_of_each_log(
    flight: Flight, tolerances: SensorComparisonTolerances
) -> tuple[_SensorComparisonSummaryOfLog, ...]:
    """Return for each log with a track in the air what its sensors say."""
    # Damage gives numbers of any size.
    with np.errstate(all="ignore"):
        return tuple(
            _compare_sensors_of_log(track, tolerances)
            for track in airborne_track_of_each_log(flight)
        )


def _compare_sensors_of_log(
    track: AirborneLogTrack, tolerances: SensorComparisonTolerances
) -> _SensorComparisonSummaryOfLog:
    """Compare pair by pair, and keep only the largest difference of each kind."""
    compared = dict[str, set[SensorReadings]]()
    worst = dict[str, SensorReadingDifference]()
    intervals = [NO_INTERVALS]
    for differences in _all_reading_differences(track, tolerances):
        sensors = differences.compared_sensors()
        if not sensors:
            continue
        subject = differences.subject
        compared.setdefault(_SUBJECTS[subject], set()).update(sensors)
        intervals.append(differences.compared_intervals())
        for each in differences.differences_beyond_tolerance():
            known = worst.get(subject)
            is_worse = each.greatest_ratio_to_tolerance > (
                1 if known is None else known.greatest_ratio_to_tolerance
            )
            if is_worse and any(True for _ in each.runs_beyond_tolerance()):
                worst[subject] = each
    if "height" in worst:
        worst.pop("held height", None)
    sources = {
        subject: {f"{each.source} ({each.record})" for each in readings}
        for subject, readings in compared.items()
    }
    return _SensorComparisonSummaryOfLog(track, sources, worst, interval_union(*intervals))


def _all_reading_differences(
    track: AirborneLogTrack, tolerances: SensorComparisonTolerances
) -> Iterator[SensorReadingDifferences]:
    readings = sensor_readings_in_air(track.flight_log.flight, track)
    comparisons = SensorComparisonsOfLog(readings, tolerances)
    yield from comparisons.differences_of_each_two_positions()
    yield from comparisons.height_change_differences(_HEIGHT_WINDOWS_S)
    yield from comparisons.height_and_vertical_speed_differences(_CLIMB_WINDOWS_S)
    yield from comparisons.position_and_velocity_differences(_MOTION_WINDOWS_S)
    yield from comparisons.battery_charge_step_differences()


def _compared_sensors_text(compared: dict[str, set[str]]) -> str:
    """Return what was compared: "heights by barometer (BARO), filter (XKF1)"."""
    texts = []
    for subject in dict.fromkeys(_SUBJECTS.values()):
        if subject in compared:
            names = sorted(compared[subject])
            texts.append(f"{subject} by {', '.join(names)}")
    return "; ".join(texts) or "nothing"


def _sensor_difference_finding(
    track: AirborneLogTrack, each: SensorReadingDifference, inputs: RuleInputs
) -> Finding:
    runs = list(each.runs_beyond_tolerance())
    first, last = max(
        runs, key=lambda run: float(each.ratios_to_tolerance[run[0] : run[1] + 1].max())
    )
    row = first + int(np.argmax(each.ratios_to_tolerance[first : last + 1]))
    start, end = (
        _time_of_fix_nearest_to_offset(track, int(each.one.offsets[at])) for at in (first, last)
    )
    others = len(runs) - 1
    more = f"; {pluralised_count(others, 'further such interval')}" if others else ""
    flight = track.flight_log.flight
    return inputs.finding(
        finding_sentence(_sensor_difference_text(each, row), flight, start, end) + more,
        grade="measured",
        evidence=_evidence_of_both_sensors(track, each, row),
        start=start,
        end=end,
        position=lat_lon_of_last_fix_before(flight, start),
        peak=float(each.metres[row]),
        subject=f"{each.subject} of {track.flight_log.log.source.name}",
    )


def _quantity_by_source(quantity: str, source: str) -> str:
    """Return a quantity and its source in words; some sources name their quantity themselves."""
    return f"the {source}" if source.startswith(quantity) else f"the {quantity} of the {source}"


def _sensor_difference_text(each: SensorReadingDifference, row: int) -> str:
    one, other = (f"{it.source} ({it.record})" for it in (each.one, each.other))
    unit = "mAh" if each.subject == "charge" else "m"
    is_height = each.subject in ("height", "held height", "climb")
    value, allowed = number_and_lesser_limit_texts(
        float(each.metres[row]), float(each.allowed_m[row]), decimals=int(is_height)
    )
    return _DIFFERENCES[each.subject].format(
        one=one,
        other=other,
        position_one=_quantity_by_source("position", one),
        position_other=_quantity_by_source("position", other),
        velocity_other=_quantity_by_source("velocity", other),
        value=value,
        held=each.one.numbers[row, 0],
        over="" if each.window_s is None else f" over {each.window_s:g} s",
        limit=f"more than {allowed} {unit} allowed,",
    )


def _evidence_of_both_sensors(
    track: AirborneLogTrack, each: SensorReadingDifference, row: int
) -> list[Evidence]:
    """Return the bytes of both sides, at the reading and where its window ends."""
    rows = [row]
    if each.window_s is not None:
        until = each.one.seconds[row] + each.window_s
        rows.append(min(int(np.searchsorted(each.one.seconds, until)), len(each.one.offsets) - 1))
    elif each.subject == "charge" and row:
        rows.insert(0, row - 1)
    shown = [(each.one, at) for at in rows]
    if each.other is not each.one:
        at = int(np.searchsorted(each.other.offsets, each.one.offsets[row]))
        shown.append((each.other, min(at, len(each.other.offsets) - 1)))
    return [_reading_evidence(track, readings, at) for readings, at in shown]


def _reading_evidence(track: AirborneLogTrack, readings: SensorReadings, row: int) -> Evidence:
    digits = 7 if readings.quantity == "position" else 2
    return track.flight_log.evidence(
        offset=int(readings.offsets[row]),
        record=readings.record,
        field=readings.field,
        value=", ".join(f"{value:.{digits}f}" for value in readings.numbers[row]),
    )


def _time_of_fix_nearest_to_offset(track: AirborneLogTrack, offset: int) -> pd.Timestamp:
    """Return the time of the fix that was written next to a byte."""
    return track.time_at(int(np.argmin(abs(track.offsets - offset))))


def _availability_of_second_sensor(
    flight: Flight, parameters: SensorConsistencyParameters, _context: AuditContext
) -> DataNeedObservation:
    """Return for how much of the time in the air two sensors could be compared."""
    subject = "two sensors that measure the same thing"
    if encrypted := observation_of_encrypted_flight(flight, subject):
        return encrypted
    share, names = 0.0, []
    for comparison in _compare_sensors_of_each_log(flight, _tolerances_from_parameters(parameters)):
        length_s = float(np.ptp(comparison.track.seconds))
        seen_s = total_duration_s(comparison.intervals)
        if seen_s and length_s:
            share = max(share, min(1.0, seen_s / length_s))
            names.append(comparison.track.flight_log.log.source.name)
    if not share:
        reason = "No log of the flight holds two sensors that measure the same thing in the air."
        return DataNeedObservation.for_subject_not_seen(subject, reason)
    return DataNeedObservation(
        subject=subject,
        share=share,
        sources=tuple(names),
        reason=""
        if share == 1
        else f"Two sensors could be compared for {percent_text(share)} of the time in the air.",
    )


_SECONDS = [float(second) for second in range(60)]


def _example_sensor_readings(
    quantity: str, source: str, record: str, values: Sequence[Sequence[float]]
) -> SensorReadings:
    offsets = np.arange(100, 100 + 10 * len(values), 10)
    return SensorReadings(
        quantity, source, record, "Value", offsets, np.array(_SECONDS), np.array(values, float)
    )


def _example_track() -> dict[str, Sequence[Any]]:
    return hover_example_track_at_heights(
        *[50.0] * 60, latitude_deg=[51.5 + 9e-5 * second for second in _SECONDS]
    )


def _example_log_with_two_positions(*extra_m: float) -> dict[str, Any]:
    """Return a log with the position of a satellite receiver, and the fused one beside it."""
    return {
        "sensor_readings": (
            _example_sensor_readings(
                "position", "satellite receiver", "GPS", [(51.5 + 9e-5 * s, -1.0) for s in _SECONDS]
            ),
            _example_sensor_readings(
                "position", "fused position", "POS",
                [
                    (51.5 + 9e-5 * s + 9e-6 * more, -1.0)
                    for s, more in zip(_SECONDS, extra_m, strict=True)
                ],
            ),
        )
    }  # fmt: skip


def _example_log_with_two_heights(limit_m: float) -> dict[str, Any]:
    """Return a log of a climb whose height above take-off ends at a limit, and its barometer."""
    climb = [(1.0 * second,) for second in _SECONDS]
    return {
        "sensor_readings": (
            _example_sensor_readings(
                "height", "height above take-off", "POS", [(min(h, limit_m),) for (h,) in climb]
            ),
            _example_sensor_readings("height", "barometer", "BARO", climb),
        )
    }  # fmt: skip


_NEEDS = (
    DataNeed(
        "second sensor",
        _availability_of_second_sensor,
        0.8,
        "two sensors that measure the same thing, for 80 % of the time in the air",
    ),
)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a satellite position 3 m from the fused one",
        _example_track(),
        log_fields=_example_log_with_two_positions(*[3.0] * 60),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a satellite position that is 200 m from the fused one for half the flight",
        _example_track(),
        log_fields=_example_log_with_two_positions(*[200.0 * (second > 30) for second in _SECONDS]),
    ),
    ExampleFlight(
        Outcome.PASS,
        "a climb that barometer and filter show alike",
        _example_track(),
        log_fields=_example_log_with_two_heights(100.0),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a height that ends at 30 m while the barometer climbs on",
        _example_track(),
        log_fields=_example_log_with_two_heights(30.0),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE, "a log with one position and one height", _example_track()
    ),
)
RULE = Rule(
    id="sensor_consistency",
    title="The sensors of the aircraft agree with one another",
    parameters=SensorConsistencyParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Satellite and fused positions; heights of barometer, satellites and filter; velocities; "
        "the charge of the battery: whatever two sensors of one log say of the same thing."
    ),
    not_assessable="No log of the flight holds two sensors that measure the same thing in the air.",
)
