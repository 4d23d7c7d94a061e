"""Whether the aircraft had a fence of its own, as its logs state it."""

import re
from dataclasses import replace
from enum import Enum
from typing import Any

from dji_audit.compliance.context import AuditContext, fences_stored_in_aircraft
from dji_audit.compliance.data_needs import DataNeed, fact_in_air_data_need
from dji_audit.compliance.findings import DataNeedObservation
from dji_audit.compliance.rules._shared._logged_events import logged_events_of_kinds
from dji_audit.flights import Flight, cache_for_last_flight
from parsers import Log, format_by_name

#: Texts of a log that state that a fence is on, that all are off, and that one has a shape or a
#: size that the log does not hold.
_ON = re.compile(r"fence on\b|FENCE_ENABLE = [1-9]|Fence number \d+ is in force")
_OFF = re.compile(r"fence off\b|FENCE_ENABLE = 0|GF_ACTION = 0|GF_MAX_(HOR|VER)_DIST = 0")
_UNKNOWN_SHAPE = re.compile(r"its shape is not logged")
_POINT_COUNT = re.compile(r"FENCE_TOTAL = ([1-9]\d*)")


class FenceOnOffOrNotStated(Enum):
    """What the logs of a flight state about a fence of the aircraft."""

    ON = "a fence was on"
    OFF = "no fence was on"
    NOT_STATED = "not stated"


@cache_for_last_flight
def fence_on_off_or_not_stated_in_logs(flight: Flight) -> FenceOnOffOrNotStated:
    """Return whether a fence was on at any time of the logs of a flight."""
    settings = [event.text for event in logged_events_of_kinds(flight, ["geofence.config"])]
    fences = [fence for log in flight.logs for fence in log.fences]
    if (
        any(fence.enabled for fence in fences)
        or any(_ON.match(text) for text in settings)
        or len(logged_events_of_kinds(flight, ["geofence.enable"]))
    ):
        return FenceOnOffOrNotStated.ON
    is_off = any(_OFF.match(text) for text in settings)
    if is_off or (fences and all(fence.enabled is False for fence in fences)):
        return FenceOnOffOrNotStated.OFF
    return FenceOnOffOrNotStated.NOT_STATED


@cache_for_last_flight
def fence_without_geometry_text(flight: Flight) -> str:
    """Return which fence that was on has no geometry in the logs, in a clause; empty: none."""
    settings = [event.text for event in logged_events_of_kinds(flight, ["geofence.config"])]
    if any(_UNKNOWN_SHAPE.search(text) for text in settings):
        return "a fence was drawn whose shape the log does not hold"
    if fence_on_off_or_not_stated_in_logs(flight) is not FenceOnOffOrNotStated.ON:
        return ""
    enabled = [fence for log in flight.logs for fence in log.fences if fence.enabled]
    points = [int(match[1]) for text in settings if (match := _POINT_COUNT.match(text))]
    if points and not any(fence.points for fence in enabled):
        return f"a fence of {points[-1]} points was stored whose shape the log does not hold"
    placed = {(zone.path, zone.kind) for zone in fences_stored_in_aircraft(flight)}
    for fence in enabled:
        if (fence.record, f"{fence.use} {fence.shape}") not in placed and not fence.points:
            size = "" if fence.radius_m is None else f" of {fence.radius_m:g} m"
            return f"a {fence.shape}{size} around home was on, and the log gives no home point"
    return ""


def log_format_reports_fences(log: Log) -> bool:
    """Return whether logs of this format report fences that a pilot sets."""
    return "fence_breach" in facts_format_can_carry(log)


def any_log_reports_fences(flight: Flight) -> bool:
    """Return whether any log of a flight is of a kind that reports fences, or of no known kind."""
    return any(
        log_format_reports_fences(log) or not facts_format_can_carry(log) for log in flight.logs
    )


def facts_format_can_carry(log: Log) -> frozenset[str]:
    """Return the facts that logs of this format can carry; empty: the format declares none."""
    known = format_by_name(log.source.format)
    return frozenset() if known is None else frozenset(declared.fact for declared in known.facts)


def fence_setting_data_need() -> DataNeed:
    """Return the need that the logs record how the fence is set, and state that one was on."""
    settings = fact_in_air_data_need("fence_setting")

    def observe(flight: Flight, parameters: Any, context: AuditContext) -> DataNeedObservation:
        observation = settings.observe(flight, parameters, context)
        if (
            not settings.is_met(observation)
            or fence_on_off_or_not_stated_in_logs(flight) is not FenceOnOffOrNotStated.NOT_STATED
        ):
            return observation
        return DataNeedObservation.for_subject_not_seen(
            observation.subject, "The log does not state whether a fence was on."
        )

    return replace(settings, observe=observe)
