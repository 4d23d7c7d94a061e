"""What the logs of an incident cannot establish, and what only people can say."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

import parsers
from dji_audit.common.plain_english import duration_text, pluralised_count
from dji_audit.flights import Flight, FlightSource

#: Facts that an inquiry asks for -> the sentence where no log would have recorded them.
_NOT_RECORDED = {
    "position": "No log states where the aircraft was.",
    "height_above_takeoff": "No log states the height above take-off.",
    "height_above_ground": "The height above the ground was not measured; heights are those above "
    "take-off.",
    "velocity": "No log states the speed of the aircraft.",
    "motor_state": "No log states whether the motors ran.",
    "motor_fault": "No log would have shown a fault of a motor or propeller.",
    "sensor_fault": "No log would have shown a fault of compass or other sensors.",
    "link_loss": "No log would have shown that the control link was lost.",
    "failsafe": "No log would have shown a fail-safe or a forced landing.",
    "pilot_position": "No log states where the pilot or the home point was.",
    "video": "No log would have shown whether video was recorded.",
    "photo": "No log would have shown whether photos were taken.",
    "audio": "No log would have shown whether sound was recorded.",
    "sensor": "No log states which sensor of the camera recorded.",
    "live_stream": "No log would have shown whether the picture was streamed to others.",
    "zone_warning": "No log would have shown a warning about a zone.",
    "clock_utc": "No log states times in UTC.",
}
#: Seconds without a fix that are said, and most of such gaps that are named.
_LONG_GAP_S, _MOST_GAPS = 2.0, 20

#: What an inquiry must ask people, because no log holds it.
QUESTIONS = (
    "Who held the controller, and were they licensed, rested and current on this type?",
    "Who else was in the crew, and could anyone see the aircraft?",
    "What was the flight for, and who authorised it?",
    "Was anybody hurt, what was damaged, and what was done at once?",
    "What were wind, rain and visibility on the spot?",
    "Where were people, vehicles and buildings?",
    "Who has had aircraft, batteries, cards and controller since, and were they sealed?",
)


def sentences_on_what_is_unknown(
    flight: Flight, start: pd.Timestamp, end: pd.Timestamp, quantities: frozenset[str]
) -> Iterator[str]:
    """Yield a sentence for each thing that the logs cannot establish about a stretch of time.

    Args:
        flight: The flight.
        start: First instant of the stretch.
        end: Its last.
        quantities: Those of ``QUANTITIES`` that some log records in the stretch.
    """
    yield from _sentences_on_gaps_between_fixes(flight, start, end)
    for fact, sentence in _NOT_RECORDED.items():
        if not any(fact in log.facts for log in flight.logs):
            yield sentence
    for quantity, sentence in (
        ("sticks", "How the sticks were held is not recorded."),
        ("obstacle", "What the obstacle sensors saw is not recorded as distances."),
        ("link", "The strength of the radio link is not recorded."),
    ):
        if quantity not in quantities:
            yield sentence
    for source in flight.sources:
        yield from _sentences_on_unread_parts_and_clock_of_log(source)
    undated = [
        source
        for source in flight.sources
        if source.is_media and _is_clock_error_of_log_unknown(source)
    ]
    if undated:
        yield (
            f"How exact the times of {pluralised_count(len(undated), 'picture or video file')} "
            "are is not known."
        )


def _is_clock_error_of_log_unknown(source: FlightSource) -> bool:
    return source.alignment.is_aligned and source.alignment.uncertainty_s is None


def _sentences_on_gaps_between_fixes(
    flight: Flight, start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[str]:
    """Yield where no log has a fix: before it begins, after it ends, and in gaps."""
    instants = [
        source.track["time"].dropna().to_numpy("datetime64[ns]")
        for source in flight.sources
        if len(source.track)
    ]
    times = np.sort(np.concatenate(instants)) if instants else np.array([], "datetime64[ns]")
    low, high = (edge.tz_convert("UTC").tz_localize(None).to_datetime64() for edge in (start, end))
    inside = times[(times >= low) & (times <= high)]
    if not len(inside):
        yield "No log has a fix in the time of the incident."
        return
    edges = np.concatenate([[low], inside, [high]])
    gaps_s = np.diff(edges) / np.timedelta64(1, "s")
    long = np.flatnonzero(gaps_s > _LONG_GAP_S)
    for index in long[:_MOST_GAPS]:
        begins, ends = (pd.Timestamp(edges[index + add]) for add in (0, 1))
        yield (
            f"From {begins:%H:%M:%S} to {ends:%H:%M:%S} UTC, {duration_text(gaps_s[index])}, no "
            "log has a fix."
        )
    if len(long) > _MOST_GAPS:
        yield f"No log has a fix in {pluralised_count(len(long) - _MOST_GAPS, 'later gap')} too."


def _sentences_on_unread_parts_and_clock_of_log(source: FlightSource) -> Iterator[str]:
    log: parsers.Log = source.log
    name = log.source.name
    if log.encrypted:
        yield f"{name} is encrypted, and part of it was not read for want of a key."
    lost = log.coverage_sizes.get("gap", 0)
    if lost:
        yield f"{pluralised_count(lost, 'byte')} of {name} could not be read."
    if not source.alignment.is_aligned:
        yield f"The clock of {name} could not be aligned with the others."
    elif source.is_media:
        return
    elif source.alignment.uncertainty_s:
        yield f"Times from {name} are known within {source.alignment.uncertainty_s:.1f} s."
    elif source.alignment.uncertainty_s is None:
        yield f"How exact the times from {name} are is not known."
