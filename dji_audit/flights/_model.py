"""A flight: its tables, its source logs, and what these disagree on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.camera_view import (
    Camera,
    ElevationModel,
    PointSighting,
    camera_poses,
    sightings_of_point,
)
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment

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
class LogToFlightMatch:
    """How well a log matches a flight; ``None``: the two do not record enough to compare."""

    #: Whether the serial numbers of aircraft or parts are equal; False: they contradict.
    serials_agree: bool | None = None
    #: Part of the shorter of the two that lies within the other, 0 to 1.
    overlap: float | None = None
    #: Median distance between the tracks at equal times, metres.
    distance_m: float | None = None
    #: Seconds between the instants at which the two were powered on.
    power_on_difference_s: float | None = None
    #: All of it in one number, 0 to 1; 1: all that is known agrees, and enough is known.
    score: float = 0.0
    #: Where serials contradict, median distance while both move; ``None``: no need, or no motion.
    moving_distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class AlternativeFlight:
    """Another flight that a log matches, and how well."""

    flight_id: str
    match: LogToFlightMatch


@dataclass(frozen=True, slots=True, eq=False)
class FlightSource:
    """One log's contribution to one flight."""

    log: parsers.Log
    alignment: ClockAlignment
    #: The log's rows of this flight, columns as declared, times on the flight's clock.
    track: pd.DataFrame
    #: How well it matches the first log; ``None``: it is the first.
    match: LogToFlightMatch | None = None
    #: Other flights that it matches nearly as well.
    alternative_flights: tuple[AlternativeFlight, ...] = ()
    #: Index in ``Flight.logs`` of the log of which it is a copy; ``None``: it is no copy.
    copy_of: int | None = None
    #: Number of the flight in this log, counted from 1.
    segment_number: int = 1
    #: First and last instant that it covers, by the flight's clock; ``None``: not known.
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: Whether it is a media file, or a file beside one, and no record of a flight.
    is_media: bool = False
    #: Whether it holds what another device received of the aircraft, and no record of its own.
    is_from_receiver: bool = False
    #: Whether the flight is the first of the log, to which findings on the whole log belong.
    is_first_of_log: bool = True

    @property
    def start_of_elapsed_clock(self) -> pd.Timestamp | None:
        """When a log that counts time without a date started; ``None``: none, or unaligned."""
        own = self.log.local_times
        if own is None or own.kind != "elapsed" or not self.alignment.is_aligned:
            return None
        return self.alignment.aligned_instant(pd.Timestamp(0, tz="UTC"))


@dataclass(frozen=True, slots=True)
class ValueInLog:
    """One value in one log, and the bytes that hold it: a side of a disagreement."""

    #: Index of the log in ``Flight.logs``.
    source_index: int
    #: Byte in that log; ``None``: the file as a whole.
    offset: int | None
    record: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Values in which logs of a flight differ by more than their errors allow."""

    #: One of ``DISAGREEMENT_KINDS``.
    kind: str
    text: str
    #: First the log that others were compared with, then all that differ.
    sides: tuple[ValueInLog, ...]
    #: The largest difference, and the tolerance there, in ``unit``; ``None``: no number.
    difference: float | None = None
    tolerance: float | None = None
    unit: str = ""
    #: What the tolerance is made of, in words.
    tolerance_basis: str = ""
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: Rows for which it holds.
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyAircraft:
    """An aircraft near a flight that others received, or the flight's own aircraft.

    All of it is *reported*: what somebody's transmitter said of itself.
    """

    #: What it calls itself: a serial number, or the address of its transmitter.
    identity: str
    #: Of the flight that it is by itself; empty: a log of this flight received it.
    flight_id: str
    source_name: str
    #: First and last instant at which it was received.
    start: pd.Timestamp
    end: pd.Timestamp
    #: Least distance over the ground to the aircraft of the flight, metres; when, and where it was.
    distance_m: float
    nearest: pd.Timestamp
    latitude_deg: float
    longitude_deg: float
    #: Above its take-off, then; ``None``: not stated.
    height_m: float | None
    #: Latitude and longitude of its operator, as it broadcast them last; ``None``: not stated.
    operator_position: tuple[float, float] | None
    #: How it was received: ``Remote ID`` or ``ADS-B``.
    means: str = "Remote ID"
    #: Call sign and kind of aircraft, as it states them; empty: not stated.
    description: str = ""
    #: Above mean sea level when it was nearest; ``None``: not stated.
    altitude_amsl_m: float | None = None
    #: Its path near the flight: milliseconds since 1970, latitude and longitude of each position.
    path: tuple[tuple[int, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class FileNumberGapInFlight:
    """A gap in the numbers of logs or media files: a hint and never proof of a missing file."""

    #: ``log_number`` or ``media_number``.
    kind: str
    text: str
    #: Index in ``Flight.logs`` of the log that shows it.
    source_index: int


@dataclass(frozen=True, slots=True)
class LifetimeTotalsOfNextLog:
    """What the next log of the same vehicle states of the vehicle's life."""

    #: Index in ``Flight.logs`` of the log before it.
    source_index: int
    name: str
    sha256: str
    start: pd.Timestamp
    totals: tuple[parsers.LifetimeTotal, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """One flight, from one source log or several.

    Missing (``None``) means that no log shows it: a log that starts in the air
    has no take-off, an encrypted one has no track.
    """

    #: The same in every run: from the hash of its first log and its number in that.
    id: str
    #: Every log of the flight; the first gives the track.
    sources: tuple[FlightSource, ...]
    takeoff: pd.Timestamp | None
    landing: pd.Timestamp | None
    #: First and last instant of the flight's rows; of the log, if it never took off.
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Rows of the first log; columns that it lacks are filled from others: ``column_sources``.
    track: pd.DataFrame
    #: Of all logs, with the column ``source_index``; an event that two logs share stands once.
    events: pd.DataFrame
    #: Of all logs, merged, with the column ``source_index``; more in ``log_offsets_of_captures``.
    captures: pd.DataFrame
    contacts: pd.DataFrame
    home: parsers.NamedPosition | None
    #: The first fix in the air, used where no home point is named.
    takeoff_position: parsers.NamedPosition | None
    #: Position of the controller, else of the app's device; sensitive.
    pilot: parsers.NamedPosition | None
    #: From take-off to landing; of a flight that the logs do not show whole, what they show of
    #: its time in the air.  Known without UTC too.
    duration_s: float | None
    #: Along the ground track, geodesic.
    distance_m: float | None
    max_height_ato_m: float | None
    #: From the home point, else from the take-off, geodesic.
    max_home_distance_m: float | None
    #: Whether its logs begin after its take-off, or end before its landing; ``None``: not known.
    begins_in_air: bool | None = None
    ends_in_air: bool | None = None
    #: Of a flight without UTC, when it began by the clock of its log, and when it took off and
    #: landed: dates and times of day without a zone; ``None``: the log states no date.
    local_start: pd.Timestamp | None = None
    local_takeoff: pd.Timestamp | None = None
    local_landing: pd.Timestamp | None = None
    #: Index in ``logs`` of the log that names the home point, and the pilot's position.
    home_source_index: int = 0
    pilot_source_index: int = 0
    #: Column of the track -> index in ``logs`` of its source, if not the first.
    column_sources: Mapping[str, int] = field(default_factory=dict)
    #: Index in ``logs`` -> byte in that log of each row of the track, -1 where it has none;
    #: of logs that filled columns.
    source_offsets: Mapping[int, npt.NDArray[np.int64]] = field(default_factory=dict)
    #: For each row of ``captures`` every ``(source_index, source_offset)`` that shows it.
    log_offsets_of_captures: tuple[tuple[tuple[int, int], ...], ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    sequence_gaps: tuple[FileNumberGapInFlight, ...] = ()
    #: Of each log whose vehicle has a later log among all that were given.
    following_log_totals: tuple[LifetimeTotalsOfNextLog, ...] = ()
    #: Aircraft near it that only other devices received, the nearest first.
    nearby_aircraft: tuple[NearbyAircraft, ...] = ()
    #: Whether its positions are not those of the logs: moved before disclosure.
    positions_moved: bool = False

    @property
    def log(self) -> parsers.Log:
        """The log that gives the track."""
        return self.sources[0].log

    @property
    def logs(self) -> tuple[parsers.Log, ...]:
        """Every log of the flight; ``source_index`` of a row is an index into these."""
        return tuple(source.log for source in self.sources)

    @property
    def aircraft(self) -> parsers.Aircraft:
        """The aircraft: each field from the first log that states it."""
        stated = [log.aircraft for log in self.logs]
        values = {
            each.name: next((value for it in stated if (value := getattr(it, each.name))), None)
            for each in fields(parsers.Aircraft)
        }
        return parsers.Aircraft(**{name: value for name, value in values.items() if value})

    @property
    def header_summary(self) -> parsers.LogHeaderTotals | None:
        """The totals in the header of the first log that has any."""
        return next(
            (log.header_summary for log in self.logs if log.header_summary is not None), None
        )

    @property
    def is_simulated(self) -> bool:
        """Whether its logs state that a simulator made them: no aircraft flew.

        A state of records, with a beginning and an end, must hold for most of the flight: a few
        records with a wrong bit make no simulated flight of a real one.
        """
        stated = self.events[self.events["kind"] == "simulator"]
        lasting = stated["end"].notna() & (stated["end"] > stated["time"])
        if not len(stated) or not lasting.all():
            return bool(len(stated))
        start = self.takeoff if self.takeoff is not None else self.start
        end = self.landing if self.landing is not None else self.end
        if start is None or end is None or end <= start:
            return True
        held = stated["end"].where(stated["end"] < end, end) - stated["time"].where(
            stated["time"] > start, start
        )
        held_s = float(held.dt.total_seconds().clip(lower=0).sum())
        return held_s >= (end - start).total_seconds() / 2

    @property
    def would_show_recordings(self) -> bool:
        """Whether any of its logs shows recordings, or would have shown them."""
        return len(self.captures) > 0 or any(
            not {"photo", "video", "audio"}.isdisjoint(log.facts) for log in self.logs
        )

    @property
    def log_indices_whose_first_flight_it_is(self) -> tuple[int, ...]:
        """Indices in ``logs`` of those whose first flight it is, for findings on whole logs."""
        return tuple(i for i, source in enumerate(self.sources) if source.is_first_of_log)

    @property
    def is_known_only_from_receivers(self) -> bool:
        """Whether its path is what other devices received: no log of the aircraft gives one."""
        return self.sources[0].is_from_receiver

    @property
    def has_only_encrypted_logs(self) -> bool:
        """Whether all of its records of the flight lack a key, so that none was read in full."""
        records = [source.log for source in self.sources if not source.is_media]
        return bool(records) and all(log.encrypted for log in records)

    def in_view(
        self,
        latitude_deg: float,
        longitude_deg: float,
        elevation: ElevationModel | None = None,
        declared_cameras: Sequence[Camera] = (),
    ) -> tuple[PointSighting, ...]:
        """Return when a point on the ground was in view of a camera, in time order.

        Empty is "never" only if the ``unknown_view_reason`` of
        ``dji_audit.camera_view.camera_poses(flight)`` is empty.

        Args:
            latitude_deg: Of the point, WGS 84.
            longitude_deg: Of the point, WGS 84.
            elevation: Heights of the ground; without, it is the plane of the take-off.
            declared_cameras: Cameras that it carried, from ``parse_declared_cameras``.
        """
        return sightings_of_point(
            camera_poses(self, elevation, declared_cameras), latitude_deg, longitude_deg
        )

    def track_value_in_log(self, row: int, column: str) -> ValueInLog:
        """Return which log states a value of the track, and where.

        Args:
            row: Row of the fix in ``track``.
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
        return ValueInLog(source_index, offset if offset >= 0 else None, record, column, value)
