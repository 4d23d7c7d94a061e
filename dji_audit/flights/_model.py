"""What a flight is: its tables, the logs that tell of it, and what these disagree on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.flights.clock._clock_alignment import ClockAlignment
from dji_audit.view import Camera, ElevationModel, Sighting, camera_poses, sightings_of_point

#: What logs of one flight can disagree on.
DISAGREEMENT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "position": "where the aircraft was at an instant",
        "height": "how high above take-off, or above the sea, it was at an instant",
        "time": "when: two clocks, or two alignments of one clock, differ",
        "capture": "what was recorded and when",
        "identity": "which aircraft or part it was",
    }
)


@dataclass(frozen=True, slots=True)
class LogMatch:
    """How well a log fits a flight; ``None``: the two do not say enough to compare."""

    #: Whether the serial numbers of aircraft or parts are equal; False: they contradict.
    serials_agree: bool | None = None
    #: Part of the shorter of the two that lies within the other, 0 to 1.
    overlap: float | None = None
    #: Median distance between the paths at equal times, metres.
    distance_m: float | None = None
    #: Seconds between the instants at which the two were powered on.
    power_on_difference_s: float | None = None
    #: All of it in one number, 0 to 1: what is known agrees, and enough is known.
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class AlternativeFlight:
    """A flight that a log fits too, and how well."""

    flight_id: str
    match: LogMatch


@dataclass(frozen=True, slots=True, eq=False)
class FlightSource:
    """What one log tells of one flight."""

    log: parsers.Log
    alignment: ClockAlignment
    #: The log's rows of this flight, columns as declared, times on the flight's clock.
    track: pd.DataFrame
    #: How well it fits the first log; ``None``: it is the first.
    match: LogMatch | None = None
    #: Other flights that it fits nearly as well.
    alternative_flights: tuple[AlternativeFlight, ...] = ()
    #: Place in ``Flight.logs`` of the log whose records it repeats; ``None``: of none.
    copy_of: int | None = None
    #: Number of the flight in this log, counted from 1.
    segment_number: int = 1
    #: First and last instant that it tells of, by the flight's clock; ``None``: not known.
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: Whether it is a recording or stands beside one, and is no record of a flight.
    is_media: bool = False
    #: Whether the flight is the first of the log: what concerns the whole log is said there.
    is_first_of_log: bool = True

    @property
    def elapsed_epoch(self) -> pd.Timestamp | None:
        """When a log that counts without a date began; ``None``: it does not, or is unplaced."""
        own = self.log.local_times
        if own is None or own.kind != "elapsed" or not self.alignment.is_aligned:
            return None
        return self.alignment.aligned_instant(pd.Timestamp(0, tz="UTC"))


@dataclass(frozen=True, slots=True)
class SourceValue:
    """One side of a disagreement: what a log says, and the bytes that say it."""

    #: Place of the log in ``Flight.logs``.
    source_index: int
    #: Byte in that log; ``None``: the file as a whole.
    offset: int | None
    record: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Logs of a flight that say different things, beyond what their errors allow."""

    #: One of ``DISAGREEMENTS``.
    kind: str
    text: str
    #: Who says what: first the log that others were held against, then all that differ.
    sides: tuple[SourceValue, ...]
    #: How far they lie apart, where that is most, and how far they may, in ``unit``;
    #: ``None``: no number.
    difference: float | None = None
    tolerance: float | None = None
    unit: str = ""
    #: Of what the allowance is made, in words.
    tolerance_basis: str = ""
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: Rows for which it holds.
    count: int = 1


@dataclass(frozen=True, slots=True)
class SequenceGap:
    """Something that shows only across files, such as a gap in numbers: never proof."""

    #: ``log_number`` or ``media_number``.
    kind: str
    text: str
    #: Place in ``Flight.logs`` of the log that shows it.
    source_index: int


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """One flight, told by one log or several.

    Missing (``None``) means that no log shows it: a log that begins in the air
    has no take-off, an encrypted one has no track.
    """

    #: The same in every run: from the hash of its first log and its number in that.
    id: str
    #: Every log that tells of the flight; the first gives the track and the clock.
    sources: tuple[FlightSource, ...]
    takeoff: pd.Timestamp | None
    landing: pd.Timestamp | None
    #: First and last instant of the flight's rows; of the log, if it never took off.
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Rows of the first log; columns that it lacks are filled from others: ``columns_from``.
    track: pd.DataFrame
    #: Of all logs, with the column ``source_index``; what two logs tell alike stands once.
    events: pd.DataFrame
    #: Of all logs, fused, with the column ``source_index``; ``captures_told_by`` says who else.
    captures: pd.DataFrame
    contacts: pd.DataFrame
    home: parsers.NamedPosition | None
    #: The first fix in the air, which stands in where no home point is named.
    takeoff_position: parsers.NamedPosition | None
    #: Where the controller, else the app's device, said that it was; sensitive.
    pilot: parsers.NamedPosition | None
    duration_s: float | None
    #: Along the ground track, geodesic.
    distance_m: float | None
    max_height_ato_m: float | None
    #: From the home point, else from the take-off, geodesic.
    max_home_distance_m: float | None
    #: Place in ``logs`` of the log that names the home point, the pilot's place.
    home_source_index: int = 0
    pilot_source_index: int = 0
    #: Column of the track -> place in ``logs`` of the log it comes from, if not the first.
    column_sources: Mapping[str, int] = field(default_factory=dict)
    #: Place in ``logs`` -> byte in that log of each row of the track, -1 where it gave none;
    #: of logs that filled columns.
    source_offsets: Mapping[int, npt.NDArray[np.int64]] = field(default_factory=dict)
    #: For each row of ``captures`` every ``(source_index, source_offset)`` that shows it.
    capture_sources: tuple[tuple[tuple[int, int], ...], ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    sequence_gaps: tuple[SequenceGap, ...] = ()

    @property
    def log(self) -> parsers.Log:
        """The log that gives the track."""
        return self.sources[0].log

    @property
    def logs(self) -> tuple[parsers.Log, ...]:
        """Every log that tells of the flight; ``source_index`` of a row is its index in here."""
        return tuple(source.log for source in self.sources)

    @property
    def aircraft(self) -> parsers.Aircraft:
        """The aircraft: each field as the first log that says it does."""
        told = [log.aircraft for log in self.logs]
        values = {
            each.name: next((value for one in told if (value := getattr(one, each.name))), None)
            for each in fields(parsers.Aircraft)
        }
        return parsers.Aircraft(**{name: value for name, value in values.items() if value})

    @property
    def stated(self) -> parsers.HeaderSummary | None:
        """The totals that the first log with any states of itself."""
        return next(
            (log.header_summary for log in self.logs if log.header_summary is not None), None
        )

    def covers(self, table: str) -> bool:
        """Return whether any of its logs could be read and says anything of a table."""
        return any(not log.encrypted and table not in log.unrecorded_tables for log in self.logs)

    @property
    def first_segment_indices(self) -> tuple[int, ...]:
        """Places in ``logs`` of those whose first flight it is: what concerns all of them."""
        return tuple(place for place, source in enumerate(self.sources) if source.is_first_of_log)

    @property
    def is_encrypted(self) -> bool:
        """Whether none of its records of the flight could be read whole for want of a key."""
        return all(source.log.encrypted for source in self.sources if not source.is_media)

    def in_view(
        self,
        latitude_deg: float,
        longitude_deg: float,
        elevation: ElevationModel | None = None,
        declared_cameras: Sequence[Camera] = (),
    ) -> tuple[Sighting, ...]:
        """Return when a place was in view of a camera, in time order.

        Empty is "never" only if ``dji_audit.view.camera_poses(flight).unknown_reason`` is empty.

        Args:
            latitude_deg: Of the place, WGS 84.
            longitude_deg: Of the place, WGS 84.
            elevation: Heights of the ground; without, it is the plane of the take-off.
            declared: Cameras that it carried, as ``dji_audit.view.cameras_declared`` reads them.
        """
        return sightings_of_point(
            camera_poses(self, elevation, declared_cameras), latitude_deg, longitude_deg
        )

    def source_value(self, row: int, column: str) -> SourceValue:
        """Return who says a value of the track, and where.

        Args:
            row: Place of the fix in ``track``.
            column: Column of ``track``.
        """
        source_index = self.column_sources.get(column, 0)
        offsets = self.source_offsets.get(source_index)
        if offsets is None:
            offset = int(self.track["source_offset"].iloc[row])
        else:
            offset = int(offsets[row])
        value = str(self.track[column].iloc[row])
        record = self.sources[source_index].log.track_record
        return SourceValue(source_index, offset if offset >= 0 else None, record, column, value)
