"""A short summary of each part of a log: what decides which flight it belongs to."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

import parsers
from dji_audit.flights._columns_with_values import NAT_NS, names_of_non_empty_columns
from dji_audit.flights._serial_numbers import (
    normalised_serial,
    serial_number_variants,
    serial_prefix_key,
)
from dji_audit.flights._split_logs import (
    TIME_COLUMNS,
    LogSegment,
    all_receiver_format_names,
    names_of_formats_made_from_other_logs,
    names_of_media_formats,
    row_end_times_ns,
    row_times_ns,
    split_by_flight,
)
from dji_audit.flights.clock._track_alignment import TimedTrack, timed_track

#: Fixes kept of a track; an alignment by them is refined on the whole track later.
_FIXES = 384
#: Letter of the sensor at the end of a name: thermal, wide, zoom, visible, both at once, …
_SENSOR_LETTER = re.compile(r"_[A-Z]$")
#: The number that a camera gives a file: DJI_0007.JPG, DJI_20260514100443_0007_W.JPG.
_NUMBER = re.compile(r"^DJI_(?:\d{14}_)?(\d{3,4})(?:_[A-Z])?$")


@dataclass(frozen=True, slots=True, eq=False)
class LogSummary:
    """One part of one log in short.  Times are seconds since 1970 by the log's own clock."""

    #: Index of the log among those given, and number of the part in it, from 1.
    log_index: int
    segment_number: int
    id: str
    name: str
    format: str
    is_media: bool
    is_export: bool
    #: ``utc``, ``wall``, ``elapsed`` or ``none``.
    clock_kind: str
    start: float | None
    end: float | None
    track: TimedTrack
    #: Serial numbers of the aircraft and its flight controller; of the camera.
    serials: frozenset[str]
    camera_serial: str | None
    #: Seconds by which a local clock in the file is ahead of the UTC in it.
    wall_clock_lead_s: float | None
    #: Seconds within which UTC is known; ``None``: not known.
    uncertainty_s: float | None
    clock_source: str | None
    by_satellite: bool
    power_on: float | None
    records_sha256: str | None
    log_number: int | None
    #: Columns of the track with a value, and rows: how much the log records.
    column_count: int
    fix_count: int
    shows_takeoff: bool
    #: What it shows instead of a flight, a clause; empty: it may have flown.
    not_flown_because: str = ""
    #: What a person declared of its clock, a clause; empty: nothing.
    declared_clock: str = ""
    #: Whether it holds what another device received of the aircraft, such as Remote ID.
    is_from_receiver: bool = False
    #: Of such a log, what the aircraft calls itself, and latitude and longitude of its operator;
    #: ``None``: not stated.
    identity: str | None = None
    operator_position: tuple[float, float] | None = None
    #: Of the log of one vehicle in a file of several: the file, and the vehicle's system number.
    file_vehicle: tuple[str, str] | None = None
    #: Totals of the life of the vehicle, and the hash of the log that states them.
    lifetime_totals: tuple[parsers.LifetimeTotal, ...] = ()
    sha256: str = ""
    #: Of the aircraft; ``None``: not stated.  ``larger_type`` is that of ``parsers.Aircraft``.
    maker: str | None = None
    larger_type: str | None = None

    @property
    def shared_capture_file_name(self) -> str:
        """The name that the files of one capture share."""
        return shared_name_of_capture_files(self.name)

    @property
    def serial_prefix_keys(self) -> frozenset[str]:
        """What each serial number shares with itself cut short, to find logs by it."""
        return frozenset(serial_prefix_key(serial) for serial in self.serials)

    @property
    def folder(self) -> str:
        """The folder that the file lies in."""
        return PurePosixPath(self.name).parent.as_posix()

    @property
    def camera_file_number(self) -> int | None:
        """The number that a camera gave the file, by its name."""
        found = _NUMBER.match(PurePosixPath(self.name).stem)
        return int(found[1]) if found else None

    @property
    def duration_s(self) -> float:
        """Seconds from the first row to the last; 0 without a time."""
        return 0.0 if self.start is None or self.end is None else self.end - self.start

    @property
    def camera_identity_keys(self) -> tuple[str, ...]:
        """The keys of the camera whose clock this is, the surest first."""
        serials = [self.camera_serial, *sorted(self.serials)]
        return (*(f"serial {serial}" for serial in serials if serial), f"folder {self.folder}")


def shared_name_of_capture_files(file: str) -> str:
    """Return the name that the files of a capture share: with folder, without letter and suffix."""
    path = PurePosixPath(file)
    return (path.parent / _SENSOR_LETTER.sub("", path.stem)).as_posix()


def summarise_each_part_of_log(log: parsers.Log, log_index: int) -> tuple[LogSummary, ...]:
    """Return a summary of each part of a log.

    Args:
        log: The log.
        log_index: Index of the log among those given.
    """
    return tuple(_summarise_segment(part, log_index) for part in split_by_flight(log))


def _summarise_segment(segment: LogSegment, log_index: int) -> LogSummary:
    log, aircraft = segment.log, segment.log.aircraft
    keep = segment.rows_of_segment_mask("track")
    track = log.track if keep.all() else log.track[keep]
    timed = timed_track(track, row_times_ns(log, segment.clock_kind, "track")[keep])
    start, end = _time_span_of_segment(segment)
    is_from_receiver = log.source.format in all_receiver_format_names()
    serials = (aircraft.serial, aircraft.flight_controller_serial)
    return LogSummary(
        log_index,
        segment.number,
        segment.segment_id,
        log.source.name,
        log.source.format,
        log.source.format in names_of_media_formats(),
        log.source.format in names_of_formats_made_from_other_logs(),
        segment.clock_kind if segment.clock_kind != "none" or start is None else "utc",
        start,
        end,
        timed.thinned_to(_FIXES),
        frozenset(
            number
            for serial in serials
            if serial and (stated := normalised_serial(serial))
            for number in serial_number_variants(stated)
        ),
        aircraft.camera_serial,
        _wall_clock_lead_s(segment),
        log.clock.uncertainty_s,
        log.clock.source,
        log.clock.from_gnss,
        log.clock.power_on.timestamp() if log.clock.power_on is not None else None,
        log.records_sha256,
        log.aircraft_log_number,
        len(names_of_non_empty_columns(track)),
        len(timed),
        segment.takeoff_ns is not None,
        segment.not_flown_reason,
        log.clock.declared,
        is_from_receiver,
        _identity_of_received_aircraft(log) if is_from_receiver else None,
        _operator_position(log) if is_from_receiver else None,
        _file_and_vehicle_of_stream(log.source),
        log.lifetime_totals,
        log.source.sha256,
        aircraft.maker,
        aircraft.larger_type,
    )


def _identity_of_received_aircraft(log: parsers.Log) -> str | None:
    """Return what an aircraft that was received calls itself: a serial number, else its stream."""
    return log.aircraft.serial or (log.source.stream or "").rpartition("#")[2] or None


def _operator_position(log: parsers.Log) -> tuple[float, float] | None:
    """Return where the operator of an aircraft that was received stood last, or it took off."""
    for kind in ("pilot", "start"):
        named = [each for each in log.named_positions if each.kind == kind]
        if named:
            return named[-1].latitude_deg, named[-1].longitude_deg
    return None


def _file_and_vehicle_of_stream(source: parsers.Source) -> tuple[str, str] | None:
    """Return the file and the vehicle of a stream that has a system number for a name."""
    streams, _, system = (source.stream or "").rpartition("#")
    if not system.isdecimal():
        return None
    return f"{source.file_sha256}!{source.member or ''}#{streams}", system


def _time_span_of_segment(segment: LogSegment) -> tuple[float | None, float | None]:
    """Return the first and last instant by the log's clock: of its rows, else of its header."""
    log = segment.log
    times = [
        times[segment.rows_of_segment_mask(table)]
        for table in TIME_COLUMNS
        if table != "contacts"
        for times in (
            row_times_ns(log, segment.clock_kind, table),
            row_end_times_ns(log, segment.clock_kind, table),
        )
    ]
    # Captures and events may lie far outside; the track, where there is one, is the flight.
    fixes = times[0][times[0] != NAT_NS]
    known = fixes if len(fixes) > 1 else np.concatenate(times)
    known = known[known != NAT_NS]
    stated = log.header_summary
    if len(known) and not (
        segment.clock_kind == "utc" and stated is not None and not len(log.track)
    ):
        return int(known.min()) / 1e9, int(known.max()) / 1e9
    if stated is None or stated.start is None:
        return None, None
    begin = stated.start.timestamp()
    return begin, begin + (stated.duration_s or 0.0)


def _wall_clock_lead_s(segment: LogSegment) -> float | None:
    """Return how far a local clock in the log is ahead of the UTC in it, in seconds."""
    own = segment.log.local_times
    if segment.clock_kind != "utc" or own is None or own.kind != "wall":
        return None
    keep = segment.rows_of_segment_mask("captures")
    wall = own.captures[keep].astype("datetime64[ns]").view(np.int64)
    utc = row_times_ns(segment.log, "utc", "captures")[keep]
    known = (wall != NAT_NS) & (utc != NAT_NS)
    return float(np.median((wall - utc)[known])) / 1e9 if known.any() else None
