"""Position and height agree with the other sensors of the aircraft.

Over ten seconds, the displacement between two positions is compared with the velocity in the same
log, and the change of the altitude above sea level with the change of the height above take-off.
Most logs take both from one filter, so they agree even if the receiver was deceived: agreement is
no proof, and a disagreement shows that something is inconsistent, but not what.  Both are judged by
the aircraft's own clock and in the air only: an app stamps fixes unevenly, and an aircraft that
stands may have its origin set.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.plain_english import (
    number_and_lesser_limit_texts,
    percent_text,
    pluralised_count,
)
from dji_audit.common.time_intervals import (
    NO_INTERVALS,
    interval_intersection,
    interval_union,
    one_time_interval,
    total_duration_s,
)
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import (
    DataNeed,
    airborne_span,
    availability_of_facts_in_air,
)
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, positive_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    AirborneLogTrack,
    Floats,
    airborne_positions_data_need,
    airborne_track_of_each_log,
    split_at_time_gaps,
)
from dji_audit.compliance.rules._shared._event_episodes import (
    group_into_event_episodes,
    merge_findings_into_one,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight, cache_for_last_flight

#: Seconds.  The velocity between fixes farther apart than this is not known.
_HOLE_S = 2.5
#: Metres within which the difference of two heights is a constant: their resolutions together.
_CONSTANT_M = 0.5
#: Metres a second below which a velocity without a course counts as none: 5 m in ten seconds.
_HOVER_MPS = 0.5


class SpoofingSignsParameters(Parameters):
    """Parameters of the rule."""

    window_s: float = positive_parameter_field(10.0, "Time over which both are compared, seconds.")
    drift_m: float = positive_parameter_field(
        40.0, "Metres by which position and velocity may differ over that time."
    )
    height_m: float = positive_parameter_field(
        40.0, "Metres by which the changes of both heights may differ."
    )


@dataclass(frozen=True, slots=True)
class _SensorDifferencesOverWindows:
    """By how much two sensors differ over the window that begins at each fix."""

    #: Field in the evidence: ``position`` or a column of the track.
    field: str
    metres: Floats
    limit_m: float


def check(flight: Flight, parameters: SpoofingSignsParameters, inputs: RuleInputs) -> CheckResult:
    """Compare position with velocity, and the two heights, in each log."""
    findings, largest_m = list[Finding](), dict[str, float]()
    for track in airborne_track_of_each_log(flight):
        for difference in _sensor_differences(flight, track, parameters):
            if np.isfinite(difference.metres).any():
                peak_m = float(np.nanmax(difference.metres))
                largest_m[difference.field] = max(peak_m, largest_m.get(difference.field, 0.0))
            findings += _sensor_difference_findings(track, difference, parameters.window_s, inputs)
    # Several logs of a flight show one disagreement each: it is the same.
    findings = [
        merge_findings_into_one(
            episode.parts, max(episode.parts, key=lambda it: it.peak or 0.0).summary
        )
        for episode in group_into_event_episodes(
            findings, lambda it: it.subject or "", parameters.window_s
        )
    ]
    return CheckResult.from_findings(
        findings,
        _largest_position_and_height_differences_text(largest_m, parameters),
        f"{pluralised_count(len(findings), 'interval')} in which sensors disagree.",
    )


def _largest_position_and_height_differences_text(
    largest_m: Mapping[str, float], parameters: SpoofingSignsParameters
) -> str:
    """Return what was compared, and by how much it differs at most, in sentences.

    Args:
        largest_m: Field that was compared -> largest difference, metres.
        parameters: Those of the rule.
    """
    texts = []
    if "position" in largest_m:
        texts.append(
            f"Position and velocity differ by at most {largest_m['position']:.0f} m over "
            f"{parameters.window_s:g} s ({parameters.drift_m:g} m allowed)."
        )
    if "altitude_amsl_m" in largest_m:
        texts.append(
            "The altitude above sea level and the height above take-off differ by at most "
            f"{largest_m['altitude_amsl_m']:.1f} m ({parameters.height_m:g} m allowed)."
        )
    else:
        texts.append(
            "The altitude above sea level was not compared: no log holds one that is more than the "
            "height above take-off and a constant."
        )
    return " ".join(texts)


def _availability_of_comparable_sensors(
    flight: Flight, parameters: SpoofingSignsParameters, _context: AuditContext
) -> DataNeedObservation:
    """Return for how much of the time in the air position and velocity could be compared."""
    velocity = availability_of_facts_in_air(flight, ("velocity",))
    span = airborne_span(flight)
    if not velocity.share or span is None:
        return velocity
    windows, fixes = [NO_INTERVALS], [NO_INTERVALS]
    names = []
    for track in airborne_track_of_each_log(flight):
        difference = _sensor_differences(flight, track, parameters)[0]
        rows = np.flatnonzero(np.isfinite(difference.metres))
        if not len(rows) or "velocity" not in track.flight_log.log.facts:
            continue
        first_s = track.time_at(0).value / 1e9
        fixes.append(one_time_interval(first_s, first_s + float(track.seconds[-1])))
        starts = first_s + track.seconds[rows]
        windows.append(interval_union(np.column_stack([starts, starts + parameters.window_s])))
        names.append(track.flight_log.log.source.name)
    begin_s, end_s = (time.value / 1e9 for time in span)
    # Before the first fix and after the last nothing can be compared; that positions were
    # recorded there is another need.
    stretch = interval_intersection(interval_union(*fixes), one_time_interval(begin_s, end_s))
    seen = interval_intersection(interval_union(*windows), stretch)
    length_s = total_duration_s(stretch)
    share = min(1.0, total_duration_s(seen) / length_s) if length_s else 0.0
    compared = percent_text(share)
    return DataNeedObservation(
        subject="position and velocity together",
        share=share,
        sources=tuple(names),
        reason=""
        if share == 1
        else f"Position and velocity could be compared for {compared} of the time in the air.",
    )


@cache_for_last_flight
def _sensor_differences(
    _flight: Flight, track: AirborneLogTrack, parameters: SpoofingSignsParameters
) -> list[_SensorDifferencesOverWindows]:
    """Return by how much sensors differ over the window that begins at each fix."""
    later, is_whole = _window_end_indices_and_gapless_mask(track.seconds, parameters.window_s)
    position = track.north_east_m
    speed, course = (
        track.column_values("ground_speed_mps"),
        np.radians(track.column_values("course_deg")),
    )
    # An aircraft that hovers has no course, and goes nowhere in the window.
    is_hovering = np.isnan(course) & (speed < _HOVER_MPS)
    speed, course = np.where(is_hovering, 0.0, speed), np.where(is_hovering, 0.0, course)
    parts = []
    for moved, rate in zip(position, (speed * np.cos(course), speed * np.sin(course)), strict=True):
        flown = _integrate_rate_over_fixes(track.seconds, rate)
        parts.append((moved[later] - moved) - (flown[later] - flown))
    offset = track.column_values("altitude_amsl_m") - track.column_values("height_ato_m")
    # Without a position the altitude above sea level is not valid.
    offset = np.where(np.isfinite(position[0]), offset, np.nan)
    if _heights_differ_by_constant(offset, track.column_values("height_ato_m")):
        offset = np.full(len(offset), np.nan)
    heights = abs(offset[later] - offset)
    return [
        _SensorDifferencesOverWindows(
            "position", np.where(is_whole, np.hypot(*parts), np.nan), parameters.drift_m
        ),
        _SensorDifferencesOverWindows(
            "altitude_amsl_m", np.where(is_whole, heights, np.nan), parameters.height_m
        ),
    ]


def _heights_differ_by_constant(offset: Floats, height: Floats) -> bool:
    """Return whether two heights are one and a constant, so that comparing them shows nothing."""
    known = np.isfinite(offset)
    return bool(
        known.any() and np.ptp(offset[known]) <= _CONSTANT_M and np.ptp(height[known]) > _CONSTANT_M
    )


def _window_end_indices_and_gapless_mask(
    seconds: Floats, window_s: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return for each fix the fix that ends its window, and whether there is no gap between."""
    later = np.minimum(np.searchsorted(seconds, seconds + window_s), len(seconds) - 1)
    holes = np.concatenate(([0], np.cumsum(np.diff(seconds) > _HOLE_S)))
    return later, (seconds[later] - seconds >= window_s) & (holes[later] == holes)


def _integrate_rate_over_fixes(seconds: Floats, rate: Floats) -> Floats:
    """Return the integral of a rate from the first fix to each; NaN where it is not known.

    A step with one unknown end uses the rate at its other end.
    """
    known = np.flatnonzero(np.isfinite(rate))
    if not len(known):
        return np.full(len(rate), np.nan)
    filled = rate[known[np.clip(np.searchsorted(known, np.arange(len(rate))), 0, len(known) - 1)]]
    steps = np.diff(seconds) * (filled[1:] + filled[:-1]) / 2
    total = np.concatenate(([0.0], np.cumsum(steps)))
    return np.where(np.isfinite(rate), total, np.nan)


def _sensor_difference_findings(
    track: AirborneLogTrack,
    is_compared: _SensorDifferencesOverWindows,
    window_s: float,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield a finding for each run of windows in which two sensors differ too much."""
    beyond = np.flatnonzero(np.nan_to_num(is_compared.metres, nan=0.0) > is_compared.limit_m)
    for group in split_at_time_gaps(track.seconds, beyond, window_s):
        worst = int(group[np.argmax(is_compared.metres[group])])
        peak_text, limit_text = number_and_lesser_limit_texts(
            float(is_compared.metres[worst]), is_compared.limit_m
        )
        difference = f"{peak_text} m over {window_s:g} s"
        start = track.time_at(int(group[0]))
        end = track.time_at(int(group[-1])) + pd.Timedelta(seconds=window_s)
        allowed = f", more than the {limit_text} m allowed"
        if is_compared.field == "position":
            summary = f"position and velocity differ by {difference}"
            latitude = track.column_values("latitude_deg")[worst]
            longitude = track.column_values("longitude_deg")[worst]
            value = f"{latitude:.7f}, {longitude:.7f}"
        else:
            summary = "the altitude above sea level and the height above take-off differ by "
            summary += difference
            value = f"{track.column_values(is_compared.field)[worst]:.1f}"
        yield inputs.finding(
            finding_sentence(
                f"inconsistent: {summary}{allowed}",
                track.flight_log.flight,
                start,
                end,
                how="measured by the aircraft's own sensors",
            ),
            grade="measured",
            evidence=[track.evidence(worst, is_compared.field, value)],
            start=start,
            end=end,
            position=lat_lon_of_last_fix_before(track.flight_log.flight, start),
            peak=float(is_compared.metres[worst]),
            subject=is_compared.field,
        )


_SECONDS = [float(second) for second in range(40)]


def _example_eastward_track(*extra: float) -> dict[str, Sequence[Any]]:
    """Return a track that goes east at 5 m/s, with extra metres at each fix."""
    metres = [5.0 * second + more for second, more in zip(_SECONDS, extra, strict=True)]
    return hover_example_track_at_heights(
        *[50.0] * 40,
        longitude_deg=[-1.0 + each / 69_400 for each in metres],
        ground_speed_mps=[5.0] * 40,
        course_deg=[90.0] * 40,
    )


_NEEDS = (
    airborne_positions_data_need(),
    DataNeed("velocity", _availability_of_comparable_sensors),
)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a track that agrees with the velocity",
        _example_eastward_track(*[0.0] * 40),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a position that shifts by 10 m every second for ten seconds",
        _example_eastward_track(*[min(max(second - 15, 0), 10) * 10 for second in _SECONDS]),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "an altitude above sea level that rises by 60 m and a height that does not",
        hover_example_track_at_heights(*[50.0] * 40, altitude_amsl_m=[200.0] * 20 + [260.0] * 20),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log with positions only",
        hover_example_track_at_heights(*[50.0] * 40),
    ),
)
RULE = Rule(
    id="spoofing_signs",
    title="Position and height agree with the other sensors of the aircraft",
    parameters=SpoofingSignsParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="Positions, velocities and both heights of the fixes of each log.",
    not_assessable=(
        "Position or velocity were not recorded, or not together, for enough of the time in the "
        "air."
    ),
)
