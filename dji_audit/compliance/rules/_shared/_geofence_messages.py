"""What aircraft and app reported of fences, zones and limits, by what it means for a unit.

Four kinds of report are told apart: a warning is advice, a restriction limits or refuses a
flight, a breach says that the aircraft is where it must not be, and an action is what it did about
it.  That a limit is in force, or that a breach is over, is no event at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dji_audit.compliance.outcomes import RankedEnum
from dji_audit.compliance.rules._shared._event_episodes import (
    WHOLE_FLIGHT_S,
    EventEpisode,
    group_into_event_episodes,
)
from dji_audit.compliance.rules._shared._logged_events import (
    ClassifiedEvent,
    LoggedEvent,
    logged_events_of_kinds,
)
from dji_audit.compliance.rules._shared._logged_fence_state import log_format_reports_fences
from dji_audit.flights import Flight, cache_for_last_flight

#: Seconds between two reports of one breach: what the aircraft does about it comes at once.
BRIDGE_S = 10.0

_KINDS = (
    "geofence.warning", "geofence.breach", "geofence.limit", "geofence.refused", "geofence.action",
    "limit.height", "limit.distance",
)  # fmt: skip
#: Records and columns in which an app tells its pilot something, in words.
_APP_RECORDS = re.compile(r"app|message|warning|tip", re.IGNORECASE)
#: Limits that a pilot or the beginner mode sets, in the words of the formats.
_SET_LIMIT = re.compile(r"radius limit|near a boundary|distance or height limit", re.IGNORECASE)
_OVER = re.compile(r"cleared|\bok\b|re-?entered", re.IGNORECASE)


class GeofenceMessageMeaning(RankedEnum):
    """What a report means, the gravest first."""

    BREACH = "breach"
    ACTION = "action"
    LIMIT = "limit because of a zone"
    REFUSED = "refusal"
    ADVICE = "warning"
    REACHED = "limit that the app said was reached"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class GeofenceMessage(ClassifiedEvent):
    """One report, what it concerns, and what it means."""

    subject: str
    meaning: GeofenceMessageMeaning

    @property
    def is_from_app(self) -> bool:
        """Whether an app told its pilot so, in words."""
        return _APP_RECORDS.search(self.event.record) is not None


#: Subjects of reports.
FENCE, ZONE = "fence", "zone"
DISTANCE_LIMIT, HEIGHT_LIMIT, ANY_LIMIT = "distance limit", "height limit", "limit"


@cache_for_last_flight
def geofence_episodes(flight: Flight) -> Sequence[EventEpisode[GeofenceMessage]]:
    """Return what was reported of fences, zones and limits: one episode for each happening.

    Breaches are told apart in time.  Warnings, refusals and limits that were reached are one
    episode a flight for each subject, and so is mere context.
    """
    reports = [
        _geofence_message_of_event(flight, event)
        for event in logged_events_of_kinds(flight, _KINDS)
    ]
    grave: list[EventEpisode[GeofenceMessage]] = []
    others: list[GeofenceMessage] = []
    for episode in group_into_event_episodes(reports, lambda report: report.subject, BRIDGE_S):
        if gravest_message_meaning(episode).rank <= GeofenceMessageMeaning.LIMIT.rank:
            grave.append(episode)
        else:
            others += episode.parts
    # Context of a subject of which there is more to say is part of that.
    mild = group_into_event_episodes(others, lambda report: report.subject, WHOLE_FLIGHT_S)
    told = {episode.subject for episode in grave}
    return grave + [
        episode
        for episode in mild
        if gravest_message_meaning(episode) is not GeofenceMessageMeaning.CONTEXT
        or episode.subject not in told
    ]


def gravest_message_meaning(episode: EventEpisode[GeofenceMessage]) -> GeofenceMessageMeaning:
    """Return what the gravest report of an episode means."""
    return min((report.meaning for report in episode.parts), key=lambda role: role.rank)


def messages_with_any_of_meanings(
    episode: EventEpisode[GeofenceMessage], *roles: GeofenceMessageMeaning
) -> list[GeofenceMessage]:
    """Return the reports of an episode that have some roles, in time order."""
    return [report for report in episode.parts if report.meaning in roles]


def distinct_message_texts(reports: Sequence[GeofenceMessage]) -> list[str]:
    """Return what some reports say, each text once, without regard to capital letters."""
    texts: dict[str, str] = {}
    for report in reports:
        texts.setdefault(report.event.text.casefold(), report.event.text)
    return list(texts.values())


def _geofence_message_of_event(flight: Flight, event: LoggedEvent) -> GeofenceMessage:
    if event.kind.startswith("limit."):
        subject = DISTANCE_LIMIT if event.kind == "limit.distance" else HEIGHT_LIMIT
        report = GeofenceMessage(event, subject, GeofenceMessageMeaning.REACHED)
        return (
            report
            if report.is_from_app
            else GeofenceMessage(event, subject, GeofenceMessageMeaning.CONTEXT)
        )
    if event.kind == "geofence.limit":
        if _SET_LIMIT.search(event.text):
            return GeofenceMessage(event, DISTANCE_LIMIT, GeofenceMessageMeaning.CONTEXT)
        is_proven = event.grade != "inferred" and event.severity != "info"
        return GeofenceMessage(
            event,
            ZONE,
            GeofenceMessageMeaning.LIMIT if is_proven else GeofenceMessageMeaning.CONTEXT,
        )
    if event.kind == "geofence.breach" and _SET_LIMIT.search(event.text):
        return GeofenceMessage(event, ANY_LIMIT, GeofenceMessageMeaning.BREACH)
    is_fence = (
        log_format_reports_fences(flight.logs[event.source_index]) or "fence" in event.text.lower()
    )
    return GeofenceMessage(
        event, FENCE if is_fence else ZONE, _meaning_of_boundary_message(event, is_fence)
    )


def _meaning_of_boundary_message(event: LoggedEvent, is_fence: bool) -> GeofenceMessageMeaning:
    if event.kind == "geofence.warning":
        # An app tells its pilot of zones in messages of any rank.
        is_minor = is_fence and event.severity == "info"
        return (
            GeofenceMessageMeaning.CONTEXT
            if is_minor or _OVER.search(event.text)
            else GeofenceMessageMeaning.ADVICE
        )
    return {
        "geofence.breach": GeofenceMessageMeaning.BREACH,
        "geofence.action": GeofenceMessageMeaning.ACTION,
        "geofence.refused": GeofenceMessageMeaning.REFUSED,
    }[event.kind]
