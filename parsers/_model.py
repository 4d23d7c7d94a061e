"""What comes of a file: a ``FileReading``, and in it the ``Log`` of each recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._byte_coverage import CoverageSpan, coverage_sizes
from ._dji_keychains import KeyRequest
from ._errors import LogError
from ._file_content import Content
from ._secrets._redact_log_fields import (
    MAX_LISTED_SECRETS,
    RedactedSecret,
    describe_secrets,
    redact_log_fields_and_list_secrets,
)
from ._secrets._redact_secrets import (
    iterate_enclosing_dataclasses_and_texts,
    redact_data_frame,
    redact_nested_texts_and_list_secrets,
    redacted_form_of_each_text_with_secrets,
)
from ._tables import CAPTURES, CONTACTS, EVENTS, TRACK, TableSchema, empty_table


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes that a log was read from, so that they can be found again.

    Size, hash and every offset in the log are those of the bytes that the log was read from: of
    the file, or of a member of it.
    """

    #: ``file[!/member][#stream]``.
    name: str
    size: int
    sha256: str
    format: str
    format_version: str | None = None
    #: Path of the member in its container; ``None``: the log is no member.
    member: str | None = None
    #: Which of several streams of the file this log is; ``None``: the file is one stream.
    stream: str | None = None
    #: SHA-256 of the file itself; of a log that is no member the same as ``sha256``.
    file_sha256: str = ""

    @classmethod
    def from_content(
        cls,
        content: Content,
        format_name: str,
        version: str | None = None,
        *,
        stream: str | None = None,
    ) -> "Source":
        """Return the source of a log that was read from all bytes of a file or of a stream."""
        name, size = content.name, len(content)
        return cls(name, size, content.sha256, format_name, version, stream=stream)

    @property
    def container_sha256(self) -> str | None:
        """SHA-256 of the file on the disk that the log is a member of; ``None``: it is none."""
        return self.file_sha256 if self.member is not None else None

    def __post_init__(self) -> None:
        """Take the hash of the log for that of the file where the log is no part of one."""
        if not self.file_sha256:
            object.__setattr__(self, "file_sha256", self.sha256)


@dataclass(frozen=True, slots=True)
class Aircraft:
    """Aircraft and parts as the log states them; ``None``: not stated."""

    maker: str | None = None
    model: str | None = None
    name: str | None = None
    serial: str | None = None
    flight_controller_serial: str | None = None
    camera_model: str | None = None
    camera_serial: str | None = None
    controller_serial: str | None = None
    battery_serial: str | None = None
    app: str | None = None
    #: What it is if it is no small drone: ``helicopter``, ``aeroplane`` or ``large drone``, by the
    #: type that the log names; ``None``: it may be one.
    larger_type: str | None = None
    #: Part -> firmware version.
    firmware: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clock:
    """Source of the times of a log, and their uncertainty."""

    #: What gave UTC, such as "app clock" or "GPS"; ``None``: there is no time.
    source: str | None = None
    #: Seconds, one standard deviation or the largest residual; ``None``: not known.
    uncertainty_s: float | None = None
    #: Seconds added to the log's own clock to give UTC; ``None``: not applicable.
    offset_s: float | None = None
    #: Jumps of the log's clock, and anything else that a reader must know.
    notes: tuple[str, ...] = ()
    #: When the aircraft was powered on, where the clock counts from then.
    power_on: pd.Timestamp | None = None
    #: Whether UTC comes from satellite positioning, and not from a clock that somebody set.
    from_gnss: bool = False
    #: What a person declared of it, a clause; empty: nothing, or it could not be used.
    declared: str = ""
    #: What its times lack to be UTC and a person may declare: "year and zone"; empty: nothing.
    unstated: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LocalTimes:
    """Times by the log's own clock, where that is not UTC.

    Each is ``datetime64[ns]``, one for each row of its table, ``NaT`` where the row has none.
    They are not UTC and fill no column of a table: the clock alignment adds an offset to them.
    Where a row has UTC too, the difference is the error of the clock.
    """

    #: ``wall``: date and time of day in a zone that is not known; ``elapsed``:
    #: time since the recording began, counted from 1970.
    kind: str
    track: npt.NDArray[np.datetime64]
    events: npt.NDArray[np.datetime64]
    events_end: npt.NDArray[np.datetime64]
    captures: npt.NDArray[np.datetime64]
    captures_end: npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class NamedPosition:
    """A position in the log other than the aircraft's own track."""

    #: ``home``, ``pilot``, ``controller``, ``start`` or ``photo``.
    kind: str
    time: pd.Timestamp | None
    latitude_deg: float
    longitude_deg: float
    #: Horizontal, metres; ``None``: not stated.
    accuracy_m: float | None
    record: str
    source_offset: int


@dataclass(frozen=True, slots=True)
class HostReference:
    """A host or URL in the text of a log.  A name in a log is not a contact."""

    host: str
    #: The text in the log: a URL, or the host alone.
    text: str
    record: str
    source_offset: int


@dataclass(frozen=True, slots=True)
class NetworkRecordingInterval:
    """A stretch in which the records of a network log follow one another without a long silence."""

    start: pd.Timestamp
    end: pd.Timestamp
    #: Packets or records in it that were understood, at least one.
    read_count: int
    #: Those that were not: of a link type that is not read, or inside a tunnel.
    unread_count: int = 0


@dataclass(frozen=True, slots=True)
class NetworkRecordingTimes:
    """When a network log shows that it was recording: as a whole, an interface or a device."""

    #: In time order, disjoint.
    intervals: tuple[NetworkRecordingInterval, ...] = ()
    #: Longest silence, seconds, that an interval may bridge: what the rhythm of the records
    #: explains, at most 300.
    longest_silence_s: float = 0.0
    #: All packets or records, also those without a time; understood, and not.
    read_count: int = 0
    unread_count: int = 0
    #: The shortest intervals of a log that has too many, which are not among ``intervals``.
    omitted_interval_count: int = 0


@dataclass(frozen=True, slots=True)
class NetworkCaptureWindow:
    """Period and visibility of a network log: from when to when, and what it could not see.

    The absence of a contact means something only within these bounds.  ``None``: not known.
    A log that spans a period need not have recorded all of it: ``recorded`` says what it did.
    """

    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Bytes captured of each packet, if fewer than the packet had.
    snap_length: int | None = None
    #: Conversations seen, and those of them whose host has no name.
    flow_count: int | None = None
    unnamed_flow_count: int | None = None
    #: Cause of hidden host names -> how often it was seen: ``ech``, ``doh``, ``dot``, ``doq``, …
    blind_spots: Mapping[str, int] = field(default_factory=dict)
    #: Conversations that such a log does not record, in words; empty: none known.
    excluded_traffic: str = ""
    #: When it shows that it was recording; ``None``: this kind of log does not show it.
    recorded: NetworkRecordingTimes | None = None
    #: The same of each interface, of a log that tells them apart.
    by_interface: Mapping[str, NetworkRecordingTimes] = field(default_factory=dict)
    #: The same of each device, as the table of contacts names it, those with most records first;
    #: of a log with very many devices not of all.
    by_device: Mapping[str, NetworkRecordingTimes] = field(default_factory=dict)
    #: What the records are that were not understood, and how many: "link type 105".
    unread: Mapping[str, int] = field(default_factory=dict)
    #: Why it seems to be merged from captures of several networks, sentences; empty: it does not.
    merge_signs: tuple[str, ...] = ()
    #: Why it seems to hold several networks one after another, sentences, so that it watched none
    #: of them all the time; empty: it does not.
    network_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """Field of view of a camera, from an instant until the next one in the log."""

    #: ``None``: of the file or recording as a whole, or from ``local_time`` on.
    time: pd.Timestamp | None
    #: ``visible``, ``thermal``, ``multispectral`` or ``unknown``.
    sensor: str
    horizontal_fov_deg: float
    vertical_fov_deg: float
    #: The record and field that states it.
    record: str
    source_offset: int
    #: The instant by the log's own clock, without a zone, where the log has no UTC; the same
    #: clock as that of ``Log.local_times``.
    local_time: pd.Timestamp | None = None


@dataclass(frozen=True, slots=True)
class RangefinderPoint:
    """A point on the ground or on an object, as measured by the aircraft's laser rangefinder."""

    #: ``None``: not known.
    time: pd.Timestamp | None
    distance_m: float
    latitude_deg: float
    longitude_deg: float
    #: Above the take-off point.
    height_ato_m: float
    record: str
    source_offset: int


@dataclass(frozen=True, slots=True)
class Geofence:
    """A geofence that was set in the aircraft, as its log gives it."""

    #: ``inclusion`` (to stay within) or ``exclusion``.
    use: str
    #: ``polygon``, ``circle``, ``ceiling`` or ``floor``.
    shape: str
    #: Latitude and longitude of corners or of a centre; a circle without is around home.
    points: tuple[tuple[float, float], ...]
    radius_m: float | None
    #: Of a ceiling or floor, above home.
    height_m: float | None
    #: Whether it was switched on; ``None``: the log does not say.
    enabled: bool | None
    #: When it came in force; ``None``: before the log begins.
    start: pd.Timestamp | None
    #: When another took its place; ``None``: not while the log lasts.
    end: pd.Timestamp | None
    record: str
    source_offset: int


@dataclass(frozen=True, slots=True)
class LogHeaderTotals:
    """Totals that a log states about itself, to compare with its rows.

    ``None``: not stated.
    """

    record: str
    source_offset: int
    fix_count: int | None = None
    start: pd.Timestamp | None = None
    duration_s: float | None = None
    max_height_ato_m: float | None = None
    max_ground_speed_mps: float | None = None
    photo_count: int | None = None
    #: Along the track.
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class MonotonicCounter:
    """A counter or clock in a log: its value in each record, in the order of the bytes."""

    record: str
    field: str
    #: ``count``: the aircraft or its logger counts it; ``clock``: it can be set.
    kind: str
    #: Byte in the file of each record, rising.
    offsets: npt.NDArray[np.int64]
    #: Its value in each record, in seconds since any instant.
    seconds: npt.NDArray[np.float64]
    #: Counters of one sender belong together.
    sender: str = ""
    #: Seconds after which it begins anew; ``None``: it never does.
    period_s: float | None = None
    #: Whether the aircraft begins a new log when it is switched on, so that a restart within one
    #: shows that two were put together.
    begins_new_log: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SensorReadings:
    """Readings of one quantity by one sensor or filter, in the order of the bytes.

    Quantities, with the columns of ``numbers``: ``position`` (latitude and longitude, degrees,
    WGS 84), ``height`` (metres, above any level, so that only its changes compare), ``velocity``
    (north, east, up, m/s), ``local position`` (north, east, up of any point, metres), ``home
    distance`` (metres), ``range`` (metres to what is below), ``height over picture`` (metres above
    the ground in the middle of the picture), ``picture corners`` (latitude and longitude of the
    four corners, in their order around the picture, less those of the sensor, degrees; then the
    step of these numbers, metres), ``charge used`` (mAh), ``charge left`` (mAh),
    ``attitude`` (roll, pitch, yaw, degrees), ``magnetic field`` (forward, right, down of the
    aircraft, milligauss), ``earth's magnetic field`` (north, east, down, milligauss),
    ``expected magnetic field`` (dip in degrees and strength in milligauss, by a model of the
    aircraft), ``magnetic declination`` (degrees, east positive).
    A missing value is NaN.
    """

    quantity: str
    #: Who measured it, for people: "satellite receiver".
    source: str
    record: str
    field: str
    #: Byte in the file of each record, rising.
    offsets: npt.NDArray[np.int64]
    #: By a counter of the aircraft, from any instant; NaN: the record has none.
    seconds: npt.NDArray[np.float64]
    #: Shape ``(n, width)``; ``float64``, of ``picture corners`` ``float32``.
    numbers: npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class ReceivedAdsbAircraft:
    """Another aircraft that this one, or its ground station, received: as it said of itself."""

    #: Its address, such as the ICAO address of ADS-B in hexadecimal.
    identity: str
    #: Call sign, and kind of aircraft; empty: not stated.
    name: str
    kind: str
    #: How it was received: "ADS-B".
    means: str
    record: str
    #: Byte in the file of each report, in the order of time.
    offsets: npt.NDArray[np.int64]
    #: UTC, nanoseconds since 1970.
    times_ns: npt.NDArray[np.int64]
    latitude_deg: npt.NDArray[np.float64]
    longitude_deg: npt.NDArray[np.float64]
    #: Above mean sea level, by pressure or by satellite; NaN: not given.
    altitude_m: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LoggerStatedAndFoundCounts:
    """What a counter says was written between two records, and what is there between them."""

    record: str
    field: str
    #: What is counted, plural: "bytes", "frames", "events".
    unit: str
    #: Bytes in the file between which each count was made, in the order of the file.
    begins: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    #: How many the counter says, and how many there are.
    stated: npt.NDArray[np.float64]
    found: npt.NDArray[np.float64]
    #: How many there are in the whole log.
    total: int
    #: After so many it begins anew, so that more may be missing; ``None``: it never does.
    period: int | None = None
    #: Whose counter it is, for people; empty: there is one.
    sender: str = ""
    #: Whether a radio link may lose some without anybody's doing.
    is_of_link: bool = False


@dataclass(frozen=True, slots=True)
class StatedSerial:
    """A serial number in one place of a log, to compare with the same in others."""

    #: "aircraft", "flight controller", "camera", "controller", "battery".
    part: str
    serial: str
    record: str
    source_offset: int


@dataclass(frozen=True, slots=True, eq=False)
class OtherClockReadings:
    """A second clock of a log beside the clock that its times are from."""

    #: What it is, for people: "the clock of the ground station".
    name: str
    record: str
    field: str
    #: Byte in the file of each reading, rising.
    offsets: npt.NDArray[np.int64]
    #: Seconds since 1970 by the clock of the log and by this one.
    own_s: npt.NDArray[np.float64]
    other_s: npt.NDArray[np.float64]
    #: Whether it shows UTC; else a zone that is not known.
    is_utc: bool = True
    #: Whether it is a computer's clock, which anybody may set.
    can_be_set: bool = False


@dataclass(frozen=True, slots=True)
class LifetimeTotal:
    """A total of the whole life of a vehicle, as its log states it at the beginning."""

    #: "boots", "flights", "flight time" or "time switched on", the last two in seconds.
    kind: str
    value: float
    record: str
    source_offset: int


@dataclass(frozen=True, slots=True)
class AirborneSpan:
    """One stay in the air, nanoseconds since 1970 by the log's own clock: UTC where it has it."""

    #: Take-off; where that is not in the log, the first instant at which it was in the air.
    start_ns: int
    #: Landing; where that is not in the log, the last instant at which it was in the air.
    end_ns: int
    takeoff_recorded: bool
    landing_recorded: bool


@dataclass(frozen=True, slots=True)
class AirborneTime:
    """When the aircraft was in the air, by height, motion, motors and its own reports together."""

    #: In time order, without overlap; empty: nothing flew.
    spans: tuple[AirborneSpan, ...]
    #: Where nothing flew, what the log shows instead, a clause; else empty.
    not_flown_because: str = ""


@dataclass(frozen=True, slots=True)
class CarriedFact:
    """That a log carries a fact, by what, and how far it could be understood."""

    #: The records or columns that carry it, for people: "OSD records".
    basis: str
    #: Columns of ``TRACK`` without which a row does not carry it; empty: it would have been
    #: recorded at any time at which the log recorded anything.
    columns: tuple[str, ...] = ()
    #: Why what the log carries could not be understood, a sentence; empty: it could.
    not_understood: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """Bytes of the file that were not decoded, and why.

    An issue of ``size`` 0 is a remark about decoded bytes at ``offset``.
    """

    offset: int
    size: int
    reason: str

    @property
    def is_truncated(self) -> bool:
        """Whether data that should follow is not in the file, so that rows may be missing.

        A reader marks such an issue with the words "cut short" in the reason.
        """
        return "cut short" in self.reason


@dataclass(frozen=True, slots=True)
class FileAccount:
    """What became of one file, or of a part of one: every byte of it is accounted for."""

    #: ``file[!/member][#stream]``.
    name: str
    size: int
    sha256: str
    #: One of ``FILE_CLASSES``.
    file_class: str
    #: Name of its format; ``None``: no single format claims it.
    format: str | None
    #: Spans that lie end to end from 0 to ``size``.
    coverage: Sequence[CoverageSpan] = ()
    issues: tuple[Issue, ...] = ()
    #: Accounts of its parts, each with its own offsets; empty: it has none.
    parts: tuple["FileAccount", ...] = ()
    #: Why nothing of it could be read; ``None``: something could.
    error: LogError | None = None

    def __post_init__(self) -> None:
        """Take secrets out of its name and of what is said about it."""
        for name in ("name", "issues"):
            value = getattr(self, name)
            secrets = redacted_form_of_each_text_with_secrets(
                text for _, text in iterate_enclosing_dataclasses_and_texts(value)
            )
            if secrets:
                object.__setattr__(
                    self, name, redact_nested_texts_and_list_secrets(value, secrets)[0]
                )

    @property
    def coverage_sizes(self) -> Mapping[str, int]:
        """Bytes of each kind of ``COVERAGE_KINDS`` that there is, in that order."""
        return coverage_sizes(self.coverage)


@dataclass(frozen=True, slots=True)
class FileReading:
    """What came of one file: the account of its bytes, and the logs in it."""

    account: FileAccount
    logs: tuple["Log", ...] = ()


@dataclass(frozen=True, slots=True)
class RecordsCountedBeforeDecoding:
    """Records whose number is known before they are decoded."""

    count: int

    def __len__(self) -> int:
        """Return the number of records."""
        return self.count


class RecordsOfType(Protocol):
    """The records of one name; decoded when asked for."""

    def __len__(self) -> int:
        """Return the number of records."""

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record, in file order."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """The small picture inside a photo: a checked JPEG of which only what draws it is kept."""

    jpeg: bytes = field(repr=False)
    width_px: int
    height_px: int
    #: Where in the file it begins, and its bytes there, with those that were left out.
    source_offset: int
    source_size: int


@dataclass(frozen=True, slots=True)
class PhotoPreview:
    """What can be shown of a photo, or of a picture inside a flight record, without decoding it."""

    #: ``None``: there is none that can be shown.
    thumbnail: Thumbnail | None = None
    #: Why there is no thumbnail, half a sentence; empty: there is one.
    no_thumbnail_reason: str = ""
    #: Colours of a thermal picture, as the camera calls them; ``None``: not stated.
    palette: str | None = None
    #: Lowest and highest temperature that the camera was set to measure, °C; ``None``: the file
    #: does not state it.
    temperature_range_c: tuple[float, float] | None = None
    #: Which of the pictures inside a flight record it is, from 1; ``None``: the file is the photo.
    number: int | None = None
    #: WGS 84, as the flight record states it for a picture; ``None``: not stated, or no position.
    latitude_deg: float | None = None
    longitude_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """One decoded log: four tables, aircraft, clock, and what was not decoded.

    ``coverage`` accounts for every byte: its spans lie end to end from 0 to
    ``source.size``.
    """

    source: Source
    aircraft: Aircraft = Aircraft()
    clock: Clock = Clock()
    track: pd.DataFrame = field(default_factory=lambda: empty_table(TRACK))
    events: pd.DataFrame = field(default_factory=lambda: empty_table(EVENTS))
    captures: pd.DataFrame = field(default_factory=lambda: empty_table(CAPTURES))
    contacts: pd.DataFrame = field(default_factory=lambda: empty_table(CONTACTS))
    named_positions: tuple[NamedPosition, ...] = ()
    host_references: tuple[HostReference, ...] = ()
    header_summary: LogHeaderTotals | None = None
    #: Fields of view, in time order.
    fields_of_view: tuple[FieldOfView, ...] = ()
    #: Fences that the aircraft itself was to keep.
    fences: tuple[Geofence, ...] = ()
    rangefinder_points: tuple[RangefinderPoint, ...] = ()
    #: What can be shown of a photo, or of the pictures inside a flight record.
    pictures: tuple[PhotoPreview, ...] = ()
    #: When it was in the air; ``None``: the log does not record enough to tell.
    airborne: AirborneTime | None = None
    #: Times of the rows by a clock that is not UTC, if the log has one.
    local_times: LocalTimes | None = None
    monotonic_counters: tuple[MonotonicCounter, ...] = ()
    #: Readings of the same quantities by several sensors, to compare with one another.
    sensor_readings: tuple[SensorReadings, ...] = ()
    #: Other aircraft that were received in flight.
    received_aircraft: tuple[ReceivedAdsbAircraft, ...] = ()
    #: What the logger, or a sender, counted of what it wrote.
    logger_counts: tuple[LoggerStatedAndFoundCounts, ...] = ()
    #: Serial numbers in every place that carries one.
    stated_serials: tuple[StatedSerial, ...] = ()
    other_clocks: tuple[OtherClockReadings, ...] = ()
    lifetime_totals: tuple[LifetimeTotal, ...] = ()
    #: SHA-256 of the records alone, where two copies of a log may differ in other bytes;
    #: ``None``: not computed.
    records_sha256: str | None = None
    #: Number that the aircraft gave its own log of the flight, as in FLY042.DAT.
    aircraft_log_number: int | None = None
    #: Of a network log, its period and visibility.
    capture_window: NetworkCaptureWindow | None = None
    issues: tuple[Issue, ...] = ()
    coverage: Sequence[CoverageSpan] = ()
    #: Whether part of the log could not be read for want of a key.
    encrypted: bool = False
    #: Tables that this kind of file never records: empty there does not mean "none".
    unrecorded_tables: tuple[str, ...] = ()
    #: Facts of ``FACTS`` that this log would have recorded, had they happened.
    facts: Mapping[str, CarriedFact] = field(default_factory=dict)
    #: Record at the offsets of ``track``, if they are all of one kind; for evidence.
    track_record: str = "track"
    #: The request for its keys; ``None``: it holds no encrypted key.
    key_request: KeyRequest | None = None
    #: SHA-256 of the keychains that decrypted it, wholly or in part.
    keychain_sha256: str | None = None
    #: Secrets that its texts held, which no table and no record shows; in the order of the file.
    #: Those of records that no table shows are redacted, and not among these.
    redacted_secrets: tuple[RedactedSecret, ...] = ()
    _records: Mapping[str, RecordsOfType] = field(default_factory=dict, repr=False)
    #: Fields without secrets, as they were when they were looked at.
    _redacted: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take secrets out of every text, and refuse a table that is not as its schema says.

        Raises:
            TypeError: If the columns of a table are not exactly those of its schema.
        """
        self._refuse_unexpected_table_columns()
        self._redact_secrets()

    def _refuse_unexpected_table_columns(self) -> None:
        for name, schema in TABLES.items():
            frame: pd.DataFrame = getattr(self, name)
            if self._redacted.get(name) is frame:
                # Of the log that this one is made of, and looked at then.
                continue
            dtypes = frame.dtypes
            actual = dict(zip(dtypes.index, map(str, dtypes.array), strict=True))
            expected = {column: declared.dtype for column, declared in schema.items()}
            if actual != expected or list(actual) != list(expected):
                raise TypeError(f"{name} has columns {actual}, not {expected}")

    def _redact_secrets(self) -> None:
        """Replace each field that holds a secret, and say in an issue where it stood."""
        values = {name: getattr(self, name) for name in _REDACTED_FIELDS}
        replaced, secrets = redact_log_fields_and_list_secrets(values, self._redacted)
        if secrets:
            issue = Issue(secrets[0].source_offset, 0, describe_secrets(secrets))
            replaced["issues"] = (*replaced.get("issues", self.issues), issue)
            listed = (*self.redacted_secrets, *secrets)[:MAX_LISTED_SECRETS]
            object.__setattr__(self, "redacted_secrets", listed)
        for name, value in replaced.items():
            object.__setattr__(self, name, value)
        names = {}
        if self._redacted.get("_records") is not self._records:
            names = redacted_form_of_each_text_with_secrets(self._records)
        if names:
            records = {
                names[name].text if name in names else name: each
                for name, each in self._records.items()
            }
            object.__setattr__(self, "_records", records)
        seen = values | replaced | {"_records": self._records}
        object.__setattr__(self, "_redacted", seen)

    @property
    def is_truncated(self) -> bool:
        """Whether the file ends before its data does."""
        return any(issue.is_truncated for issue in self.issues)

    @property
    def coverage_sizes(self) -> Mapping[str, int]:
        """Bytes of each kind of ``COVERAGE_KINDS`` that there is, in that order."""
        return coverage_sizes(self.coverage)

    @property
    def record_counts(self) -> Mapping[str, int]:
        """Record name to the number of such records, in order of the name."""
        return {name: len(self._records[name]) for name in sorted(self._records)}

    def records(self, name: str) -> pd.DataFrame:
        """Return every record of a name with every decoded field.

        Columns are ``offset`` (byte in the file), ``length`` (bytes), the
        fields in their units (missing where a record is too short to hold
        one), and ``raw`` (hexadecimal) for bytes that no field explains.  Secrets are redacted.

        Raises:
            KeyError: If the log has no record of that name; the message lists
                those it has.
        """
        try:
            records = self._records[name]
        except KeyError:
            names = ", ".join(sorted(self._records)) or "none"
            raise KeyError(f"no {name} records; this log has {names}") from None
        return redact_data_frame(records.to_dataframe())


#: The fields of a log that hold its texts: all but those that say how it was made.
_REDACTED_FIELDS = tuple(each.name for each in fields(Log) if not each.name.startswith("_"))

#: Name of a table -> its schema.
TABLES: Mapping[str, TableSchema] = MappingProxyType(
    {"track": TRACK, "events": EVENTS, "captures": CAPTURES, "contacts": CONTACTS}
)

#: What a file can be, for ``FileAccount.file_class``.
FILE_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "log": "it holds one log",
        "carrier": "it holds parts, each with its own account, or several logs, or none",
        "unknown": "no format claims it",
        "unsupported": "a known format in a version that is not known",
        "encrypted": "what was given as its keys is not keychains",
        "corrupt": "its format is known and nothing of it can be decoded",
        "too_deep": "a part within so many others that it was not opened",
    }
)
