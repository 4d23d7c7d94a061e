"""Episodes of fences, zones and limits as sentences that stand alone."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dji_audit.common.plain_english import as_sentence, duration_text
from dji_audit.compliance.rules._shared._event_episodes import (
    EventEpisode,
    group_into_event_episodes,
)
from dji_audit.compliance.rules._shared._fence_excursion import (
    FenceExcursion,
    fence_boundary_words,
    fences_named_by_breach,
    find_excursion_of_breach,
)
from dji_audit.compliance.rules._shared._finding_sentences import (
    interval_text,
    position_relative_to_takeoff_text,
)
from dji_audit.compliance.rules._shared._geofence_messages import (
    DISTANCE_LIMIT,
    GeofenceMessage,
    GeofenceMessageMeaning,
    distinct_message_texts,
    gravest_message_meaning,
    messages_with_any_of_meanings,
)
from dji_audit.compliance.rules._shared._logged_events import logged_events_of_kinds
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import distances_from_home_m

#: Durations and counts that an event states of itself: the sentence states them once.
_OWN_DURATION = re.compile(r" for [\d.,]+ s\b( \([\d,]+ frames?\))?")
_CHANGED_SETTING = re.compile(
    r"(?P<name>\w{1,60}) = (?P<new>[\d.]{1,40})\S{0,20} \(was (?P<old>[\d.]{1,40})\)"
)
_MODE_CHANGE = re.compile(r"changed to (?P<mode>[\w ]{1,60}?) because")
_MODE_AFTER = re.compile(r"(?P<mode>[\w ]+), (?P<delay>[\d.]+ s) after the breach")
_REPORT_ONLY = re.compile(r"FENCE_ACTION = 0\b|GF_ACTION = [01]\b")
#: Seconds before a breach in which a changed setting is its likely cause.
_CAUSE_S = 5.0
#: Seconds within which two logs state one message.
_SAME_REPORT_S = 2.0


def breached_fence_bits_excursions_and_text(
    flight: Flight, episode: EventEpisode[GeofenceMessage]
) -> tuple[int, list[FenceExcursion], str]:
    """Return which fences a breach concerns, how far the track went, and the fences in words."""
    breaches = [
        report.event
        for report in messages_with_any_of_meanings(episode, GeofenceMessageMeaning.BREACH)
    ]
    bits = 0
    for event in breaches:
        bits |= int(event.value) if event.value is not None and 0 < event.value < 16 else 0
    start, end = episode.start, episode.end
    fences = fences_named_by_breach(flight, bits, start)
    excursions: list[FenceExcursion] = []
    if start is not None and end is not None:
        found = (find_excursion_of_breach(flight, fence, start, end) for fence in fences)
        excursions = [excursion for excursion in found if excursion is not None]
    # Of two fences that the log does not tell apart, the one that the track is beyond.
    shown = [excursion.fence for excursion in excursions] or fences
    return bits, excursions, fence_boundary_words(shown, bits)


def fence_breach_sentence(flight: Flight, episode: EventEpisode[GeofenceMessage]) -> str:
    """Return a breach of a fence: how far, how long, where, from what cause, and what followed."""
    _, excursions, fence_words = breached_fence_bits_excursions_and_text(flight, episode)
    breaches = messages_with_any_of_meanings(episode, GeofenceMessageMeaning.BREACH)
    if not breaches:
        texts = "; ".join(
            distinct_message_texts(
                messages_with_any_of_meanings(episode, GeofenceMessageMeaning.ACTION)
            )
        )
        return as_sentence(f"{texts} {_time_and_position_text(flight, episode.start, episode.end)}")
    start, end = first_start_and_last_end(breaches)
    deepest = max(excursions, key=lambda each: each.depth_m, default=None)
    if deepest is not None and start is not None and end is not None:
        start, end = min(start, deepest.start), max(end, deepest.end)
    depth = f" by {_height_or_distance_text(deepest.depth_m)}" if deepest is not None else ""
    what = f"Beyond {fence_words}{depth} {_time_and_position_text(flight, start, end)}"
    cause = _fence_setting_change_before_breach_text(flight, start)
    return as_sentence(f"{what}{cause}; {_aircraft_reaction_text(flight, episode)}")


def zone_breach_or_limit_sentence(flight: Flight, episode: EventEpisode[GeofenceMessage]) -> str:
    """Return a breach of a zone, or a limit or refusal because of one, and what came with it."""
    role = gravest_message_meaning(episode)
    main = messages_with_any_of_meanings(episode, role)
    start, end = first_start_and_last_end(main)
    texts = [_OWN_DURATION.sub("", text) for text in distinct_message_texts(main)]
    others = [
        _OWN_DURATION.sub("", text)
        for text in distinct_message_texts(
            [each for each in episode.parts if each.meaning is not role]
        )
    ]
    number = _count_messages_without_repeats(main)
    count = f", {number} times" if role is GeofenceMessageMeaning.REFUSED and number > 1 else ""
    also = f"; with it: {'; '.join(others[:3])}" if others else ""
    return as_sentence(
        f"{'; '.join(texts[:3])}{count} {_time_and_position_text(flight, start, end)}{also}"
    )


def zone_warning_sentence(flight: Flight, episode: EventEpisode[GeofenceMessage]) -> str:
    """Return what app or aircraft warned of, once for the flight."""
    warnings = messages_with_any_of_meanings(episode, GeofenceMessageMeaning.ADVICE)
    first = warnings[0]
    who = "The app" if first.is_from_app else "The aircraft"
    texts = [_OWN_DURATION.sub("", text) for text in distinct_message_texts(warnings)]
    quoted = " and ".join(f'"{text}"' for text in texts[:2])
    more = f" and {len(texts) - 2} more" if len(texts) > 2 else ""
    return f"{who} warned: {quoted}{more} {_first_time_and_position_text(flight, warnings)}."


def limit_reached_sentence(flight: Flight, episode: EventEpisode[GeofenceMessage]) -> str:
    """Return that an app said that a limit was reached, and how far away or high that was."""
    told = messages_with_any_of_meanings(episode, GeofenceMessageMeaning.REACHED)
    count = _count_messages_without_repeats(told)
    times = f" {count} times," if count > 1 else ""
    held = [
        report
        for report in episode.parts
        if report.meaning is GeofenceMessageMeaning.CONTEXT and report.end
    ]
    longest_s = max(
        ((r.end - r.start).total_seconds() for r in held if r.end and r.start), default=0.0
    )
    stayed = f"; it stayed there for up to {duration_text(longest_s)}" if longest_s >= 1 else ""
    reached = greatest_height_or_distance_m(flight, episode)
    unit = "m from home" if episode.subject == DISTANCE_LIMIT else "m above take-off"
    value = (
        f"; at most {_height_or_distance_text(reached)[:-2]} {unit}" if reached is not None else ""
    )
    text = distinct_message_texts(told)[0]
    return (
        f'The app told the pilot "{text}"{times} {_first_time_and_position_text(flight, told)}'
        f"{value}{stayed}."
    )


def limit_in_force_or_setting_sentence(
    flight: Flight, episode: EventEpisode[GeofenceMessage]
) -> str:
    """Return mere context: that a limit was in force, or a setting."""
    texts = [_OWN_DURATION.sub("", text) for text in distinct_message_texts(episode.parts)]
    more = f" and {len(texts) - 3} more" if len(texts) > 3 else ""
    when = _time_and_position_text(flight, episode.start, episode.end)
    return as_sentence(f"{'; '.join(texts[:3])}{more} {when}; no breach was reported")


def unlikely_height_limit_reason(flight: Flight, episode: EventEpisode[GeofenceMessage]) -> str:
    """Return why a reached height limit cannot be true, in a clause; empty: it can.

    An aircraft far below the limit in force has not reached it, whatever a flag says.
    """
    height_m = greatest_height_or_distance_m(flight, episode)
    limits = [
        event.value
        for event in logged_events_of_kinds(flight, ["limit.config"])
        if event.value is not None
        and event.text.startswith("height limit")
        and _overlaps_episode(event.time, event.end, episode)
    ]
    if height_m is None or not limits or episode.subject == DISTANCE_LIMIT:
        return ""
    if height_m >= 0.8 * min(limits):
        return ""
    return f"that is far below the limit of {min(limits):g} m in force, so no limit was reached"


def greatest_height_or_distance_m(
    flight: Flight, episode: EventEpisode[GeofenceMessage]
) -> float | None:
    """Return the greatest height or distance from home in an episode, metres; ``None``: unknown."""
    track = flight.track
    if episode.start is None or episode.end is None or not len(track):
        return None
    margin = pd.Timedelta(seconds=1)
    rows = track[track["time"].between(episode.start - margin, episode.end + margin)]
    if episode.subject != DISTANCE_LIMIT:
        values = rows["height_ato_m"].to_numpy(np.float64)
    elif flight.home is not None:
        values = distances_from_home_m(rows, flight.home)
    else:
        return None
    return float(np.nanmax(values)) if np.isfinite(values).any() else None


def first_start_and_last_end(
    reports: Sequence[GeofenceMessage],
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return the first start and the last end of some reports; ``None``: not known."""
    starts = [report.start for report in reports if report.start is not None]
    ends = [end for report in reports if (end := report.end or report.start) is not None]
    return min(starts, default=None), max(ends, default=None)


def _count_messages_without_repeats(reports: Sequence[GeofenceMessage]) -> int:
    """Return how often something was reported: two logs hold the same message twice."""
    return len(group_into_event_episodes(reports, lambda _report: "", _SAME_REPORT_S))


def _fence_setting_change_before_breach_text(flight: Flight, start: pd.Timestamp | None) -> str:
    """Return which setting of the fence was changed just before a breach, in a clause."""
    if start is None:
        return ""
    for event in reversed(logged_events_of_kinds(flight, ["geofence.config"])):
        match = _CHANGED_SETTING.match(event.text)
        if match is None or event.time is None:
            continue
        lead_s = (start - event.time).total_seconds()
        if -1.0 <= lead_s <= _CAUSE_S:
            before = f"{lead_s:.1f} s before" if lead_s >= 0.05 else "in the same moment"
            return (
                f"; {before}, {match['name']} had been changed from {match['old']} to "
                f"{match['new']}, so the fence came to the aircraft"
            )
    return ""


def _aircraft_reaction_text(flight: Flight, episode: EventEpisode[GeofenceMessage]) -> str:
    actions = messages_with_any_of_meanings(episode, GeofenceMessageMeaning.ACTION)
    for action in sorted(actions, key=lambda report: report.event.grade == "inferred"):
        text = action.event.text
        if match := _MODE_CHANGE.search(text):
            return f"the aircraft changed to {match['mode']}"
        if match := _MODE_AFTER.match(text):
            return f"the aircraft changed to {match['mode']} {match['delay']} later"
        return f'the aircraft reported "{text}"'
    settings = [event.text for event in logged_events_of_kinds(flight, ["geofence.config"])]
    if any(_REPORT_ONLY.match(text) for text in settings):
        return "the aircraft was set to report only"
    return "no reaction of the aircraft was recorded"


def _first_time_and_position_text(flight: Flight, reports: Sequence[GeofenceMessage]) -> str:
    """Return time and place of the first of some reports, and how many there are."""
    first = reports[0].start
    place = position_relative_to_takeoff_text(flight, first)
    when = interval_text(first, None)
    if _count_messages_without_repeats(reports) > 1:
        when = f"first {when}"
    return f"{when}, {place}" if place else when


def _time_and_position_text(
    flight: Flight, start: pd.Timestamp | None, end: pd.Timestamp | None
) -> str:
    place = position_relative_to_takeoff_text(flight, start)
    when = interval_text(start, end)
    return f"{when}, {place}" if place else when


def _overlaps_episode(
    start: pd.Timestamp | None, end: pd.Timestamp | None, episode: EventEpisode[GeofenceMessage]
) -> bool:
    if start is None or episode.start is None or episode.end is None:
        return False
    return start <= episode.end and (end is None or end >= episode.start)


def _height_or_distance_text(metres: float) -> str:
    return f"{metres:.1f} m" if metres < 9.95 else f"{metres:.0f} m"
