"""The need of rules about reports of zones: which kinds of report the logs could have shown."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import MIN_SHARE, DataNeed, availability_of_facts_in_air
from dji_audit.compliance.findings import DataNeedObservation
from dji_audit.compliance.rules._shared._logged_fence_state import facts_format_can_carry
from dji_audit.flights import Flight, FlightSource
from parsers import FACTS

#: Kinds of report, and what each is in a sentence.
MESSAGE_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "zone_warning": "warnings of zones",
        "zone_restriction": "refusals and limits because of zones",
        "limit_reached": "limits that were reached",
        "fence_breach": "breaches of its fence",
    }
)
_ZONE_KINDS = ("zone_warning", "zone_restriction", "limit_reached")


def possible_zone_message_kinds(flight: Flight) -> tuple[str, ...]:
    """Return the kinds of report that aircraft and apps of this kind can make, all of which count.

    An autopilot with a fence of its own knows no zones, and reaches a limit by breaching its
    fence; a DJI aircraft has zones and limits, and no fence.
    """
    kinds: dict[str, None] = {}
    for source in flight.sources:
        kinds |= dict.fromkeys(_possible_zone_message_kinds_of_log(source))
    return tuple(kinds) or tuple(MESSAGE_KINDS)


def any_log_is_of_kind_that_reports_zones(flight: Flight) -> bool:
    """Return whether any log of a flight is of a kind that reports zones, or of no known kind."""
    kinds = [facts_format_can_carry(source.log) for source in flight.sources]
    return any(not declared or "zone_warning" in declared for declared in kinds)


def availability_of_zone_messages(flight: Flight, kinds: Sequence[str]) -> DataNeedObservation:
    """Return how much of the time in the air all of some kinds of report would have shown."""
    observations = [availability_of_facts_in_air(flight, (kind,)) for kind in kinds]
    least = min(observations, key=lambda observation: observation.share)
    unmet = [each for each in observations if each.share <= 0 or each.share < MIN_SHARE]
    return replace(
        least,
        subject=" and ".join(FACTS[kind] for kind in kinds),
        sources=tuple(dict.fromkeys(name for each in observations for name in each.sources)),
        reason=" ".join(dict.fromkeys(each.reason for each in unmet if each.reason)),
        remedy=next((each.remedy for each in unmet if each.remedy), ""),
    )


def zone_messages_data_need() -> DataNeed:
    """Return the need that every kind of report that such a log can hold would have shown."""

    def observe(flight: Flight, _parameters: Any, _context: AuditContext) -> DataNeedObservation:
        return availability_of_zone_messages(flight, possible_zone_message_kinds(flight))

    return DataNeed(
        " or ".join(MESSAGE_KINDS),
        observe,
        words="every kind of report that such a log can hold: "
        f"{', '.join(MESSAGE_KINDS.values())}; for {MIN_SHARE:.0%} of the time in the air".replace(
            "%", " %"
        ),
    )


def _possible_zone_message_kinds_of_log(source: FlightSource) -> tuple[str, ...]:
    declared = facts_format_can_carry(source.log)
    if "fence_breach" in declared:
        return ("fence_breach",)
    # Whatever reports zones at all is asked for all that a DJI log reports of them.
    return _ZONE_KINDS if declared & set(_ZONE_KINDS) else ()
