"""Facts: what a log may record, and whether this log would have recorded it.

That a log shows nothing of a thing means "it did not happen" only where the log would have shown
it.  Each format declares beside its code which facts its files can carry, and what in a file
shows that this one does (``Format.facts``).  ``Log.facts`` is the answer for one file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from ._model import CarriedFact, Log

#: Fact -> what it is, as the subject of "… could not have been seen".  The list is closed.
FACTS: Mapping[str, str] = MappingProxyType(
    {
        "position": "positions of the aircraft",
        "height_above_takeoff": "heights above take-off",
        "height_above_ground": "measured heights above the ground",
        "altitude_amsl": "altitudes above sea level",
        "velocity": "velocities of the aircraft",
        "takeoff_landing": "take-off and landing",
        "motor_state": "whether the motors ran",
        "pilot_position": "the position of the pilot or of the home point",
        "flight_totals": "totals that the log states of itself",
        "zone_warning": "warnings about zones",
        "zone_restriction": "refusals and limits because of a zone",
        "limit_reached": "reports that a height or distance limit was reached",
        "fence_setting": "settings of a fence",
        "fence_breach": "breaches of a fence",
        "motor_fault": "faults of motors and propulsion",
        "sensor_fault": "faults of compass and other sensors",
        "link_loss": "losses of the control link",
        "failsafe": "fail-safes and forced landings",
        "lights": "whether its lights were on",
        "photo": "photos",
        "video": "video recordings",
        "audio": "recordings of sound",
        "sensor": "which sensor of the camera recorded",
        "live_stream": "live streams",
        "upload_mark": "marks of an upload",
        "data_mode": "the app's local data mode",
        "host_name": "names of hosts in its text",
        "contact": "contacts with other computers",
        "remote_id_broadcast": "broadcasts of remote identification",
        "operator_identity": "the identity of the operator",
        "aircraft_identity": "the identity of the aircraft",
        "firmware": "firmware versions",
        "rtk_service": "the correction service in use",
        "record_framing": "framing or checksums of the records, by which damage shows",
        "record_sequence": "counters by which a missing record shows",
        "clock_utc": "times in UTC",
    }
)


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """That files of a format can carry a fact, and what in a file shows that it does."""

    fact: str
    basis: str
    columns: tuple[str, ...] = ()
    #: Records of which one suffices; empty: any file of the format may carry it.
    records: tuple[str, ...] = ()
    #: A further condition on the log; ``None``: there is none.
    when: Callable[[Log], bool] | None = None
    #: Returns why texts of this log could not be understood, a sentence; empty: they could.
    not_understood: Callable[[Log], str] | None = None

    def __post_init__(self) -> None:
        """Refuse a fact that is not in the closed list."""
        if self.fact not in FACTS:
            raise ValueError(f"no fact {self.fact!r}; there are {', '.join(FACTS)}")

    def is_found_in_log(self, contents: "_ColumnsAndRecordsOfLog") -> bool:
        """Return whether a log holds what carries the fact."""
        if not all(contents.has_values(name) for name in self.columns):
            return False
        if self.records and not any(contents.record_counts.get(name) for name in self.records):
            return False
        return self.when is None or self.when(contents.log)


class _ColumnsAndRecordsOfLog:
    """Which columns of a track have values, and which records there are: looked at once."""

    def __init__(self, log: Log) -> None:
        """Look at a log."""
        self.log = log
        self.record_counts = log.record_counts
        self._has_values: dict[str, bool] = {}

    def has_values(self, column: str) -> bool:
        """Return whether any row of the track has a value in a column."""
        if column not in self._has_values:
            self._has_values[column] = bool(self.log.track[column].count())
        return self._has_values[column]


@runtime_checkable
class SupportsSingleFieldValues(Protocol):
    """Records of which one field can be had without the others."""

    def field_values(self, name: str) -> Any:
        """Return a field of every record, shape ``(n,)``."""


def field_values_of_all_records(log: Log, record: str, name: str) -> Any:
    """Return a field of every record of a name; ``None``: there is no such record, or field.

    For conditions of facts: only that field is decoded, where the records of the format allow it,
    and secrets in texts may be in it.
    """
    records = log._records.get(record)
    if records is None or not len(records):
        return None
    if not isinstance(records, SupportsSingleFieldValues):
        rows = log.records(record)
        return rows[name].to_numpy() if name in rows else None
    try:
        return records.field_values(name)
    except KeyError:
        return None


def find_carried_facts(
    declarations: Sequence[FactDeclaration], log: Log
) -> Mapping[str, CarriedFact]:
    """Return the facts that a log carries; of several declarations of one, the first that holds.

    A log that needs a key carries none.
    """
    carried: dict[str, CarriedFact] = {}
    if log.encrypted:
        return carried
    contents = _ColumnsAndRecordsOfLog(log)
    for declared in declarations:
        if declared.fact not in carried and declared.is_found_in_log(contents):
            reason = declared.not_understood(log) if declared.not_understood else ""
            carried[declared.fact] = CarriedFact(declared.basis, declared.columns, reason)
    return carried
