"""Broadcasts of a flight that other devices received: Remote ID, beside the aircraft's own logs."""

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.findings import DataNeedObservation
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._logged_events import LoggedEvent, logged_events_of_kinds
from dji_audit.flights import Disagreement, Flight

#: What the need of a received broadcast is about.
_SUBJECT = "Remote ID that a receiver recorded"


def indices_of_received_broadcasts(flight: Flight) -> list[int]:
    """Return the indices in ``flight.sources`` of what receivers recorded, copies left out."""
    return [
        index
        for index, source in enumerate(flight.sources)
        if source.is_from_receiver and source.copy_of is None
    ]


def disagreement_involves_broadcast(flight: Flight, disagreement: Disagreement) -> bool:
    """Return whether a received broadcast is a side of a disagreement."""
    return any(flight.sources[side.source_index].is_from_receiver for side in disagreement.sides)


def indices_of_contradicted_broadcasts(flight: Flight) -> set[int]:
    """Return the indices of broadcasts whose positions the first log of the flight contradicts."""
    return {
        side.source_index
        for disagreement in flight.disagreements
        if disagreement.kind == "position"
        for side in disagreement.sides[1:]
        if flight.sources[side.source_index].is_from_receiver
    }


def received_remote_id_events_of_record(
    flight: Flight, index: int, record: str
) -> list[LoggedEvent]:
    """Return the events of one record of what a receiver recorded, in time order."""
    return [
        event
        for event in logged_events_of_kinds(flight, ["remote_id"])
        if event.source_index == index and event.record == record
    ]


def compared_broadcast_data_need() -> DataNeed:
    """Return the need that a received broadcast and a log of the aircraft overlap in time."""
    subject = "a log of the aircraft beside its broadcast"

    def observe(
        flight: Flight, _parameters: Parameters, _context: AuditContext
    ) -> DataNeedObservation:
        indices = indices_of_received_broadcasts(flight)
        if flight.is_known_only_from_receivers or len(flight.track) < 2:
            return DataNeedObservation.for_subject_not_seen(
                subject,
                "No log of the aircraft is at hand to compare the broadcast with: only what it "
                "says of itself could be checked."
                if indices
                else "",
            )
        compared = [
            flight.sources[index]
            for index in indices
            if flight.sources[index].alignment.is_aligned and len(flight.sources[index].track) > 1
        ]
        if not compared:
            return DataNeedObservation.for_subject_not_seen(
                subject, "The clock of the receiver could not be aligned with that of the aircraft."
            )
        return DataNeedObservation.for_subject_seen_in_full(
            subject, *(each.log.source.name for each in compared)
        )

    return DataNeed("compared broadcast", observe, words=subject)


def received_broadcast_data_need() -> DataNeed:
    """Return the need that a receiver recorded a broadcast of the aircraft with positions."""

    def observe(
        flight: Flight, _parameters: Parameters, _context: AuditContext
    ) -> DataNeedObservation:
        sources = [flight.sources[index] for index in indices_of_received_broadcasts(flight)]
        if not sources:
            return DataNeedObservation.for_subject_not_seen(
                _SUBJECT, "No record of a receiver of Remote ID is among the logs of the flight."
            )
        with_positions = [source for source in sources if len(source.track) > 1]
        if not with_positions:
            return DataNeedObservation.for_subject_not_seen(
                _SUBJECT, "The broadcasts that were received state no position."
            )
        return DataNeedObservation.for_subject_seen_in_full(
            _SUBJECT, *(source.log.source.name for source in with_positions)
        )

    return DataNeed("received broadcast", observe, words=_SUBJECT)
