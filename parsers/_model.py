"""What comes of a file: a ``Reading``, and in it the ``Log`` of each recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._coverage import COVERAGE_KINDS, ByteCoverage, CoverageSpan
from ._errors import LogError
from ._keys import KeyRequest
from ._tables import CAPTURES, CONTACTS, EVENTS, TRACK, TableSchema, empty_table


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes a log was read from: what it takes to find them again.

    Size, hash and every offset in the log are those of the bytes that the log was read from: of
    the file, or of a member of it.
    """

    #: ``file[!member][#stream]``.
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

    def __post_init__(self) -> None:
        """Take the hash of the log for that of the file where the log is no part of one."""
        if not self.file_sha256:
            object.__setattr__(self, "file_sha256", self.sha256)


@dataclass(frozen=True, slots=True)
class Aircraft:
    """What the log says of the aircraft and its parts; ``None``: it does not say."""

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
    #: Part -> firmware version.
    firmware: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the times of a log come from, and how well they are known."""

    #: What gave UTC, such as "app clock" or "GPS"; ``None``: there is no time.
    source: str | None = None
    #: Seconds, one standard deviation or the largest residual; ``None``: not known.
    uncertainty_s: float | None = None
    #: Seconds added to the log's own clock to give UTC; ``None``: not applicable.
    offset_s: float | None = None
    #: Instants at which the log's clock jumped, and anything else a reader must know.
    notes: tuple[str, ...] = ()
    #: When the aircraft was powered on, where the clock counts from then.
    power_on: pd.Timestamp | None = None
    #: Whether UTC comes from satellite positioning, and not from a clock that somebody set.
    from_gnss: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LocalTimes:
    """Times by the log's own clock, where that is not UTC.

    Each is ``datetime64[ns]``, one for each row of its table, ``NaT`` where the
    row has none.  They are no UTC and fill no column of a table: what places the
    log in time adds an offset to them.  Where rows have UTC as well, the two together
    tell how far the clock was from it.
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
    """A point that the log names and that is not the aircraft's own position."""

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
    """A host or URL that stands as text in the log.  A name in a log is no contact."""

    host: str
    #: The text as it stands there: a URL, or the host alone.
    text: str
    record: str
    source_offset: int


@dataclass(frozen=True, slots=True)
class CaptureWindow:
    """What a network log could have seen: from when to when, and to what it was blind.

    Absence of a contact means something only within these bounds.  ``None``: not known.
    """

    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Bytes of each packet that were kept, if fewer than the packet had.
    snap_length: int | None = None
    #: Conversations seen, and those of them whose host has no name.
    flow_count: int | None = None
    unnamed_flow_count: int | None = None
    #: What hides names -> how often it was seen: ``ech``, ``doh``, ``dot``, ``doq``, …
    blind_spots: Mapping[str, int] = field(default_factory=dict)
    #: Conversations that it leaves out by its nature, in words; empty: none that is known.
    excluded_traffic: str = ""


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """How wide a camera saw, from an instant on, until the log says otherwise."""

    #: ``None``: of the file or recording as a whole, or from ``own_time`` on.
    time: pd.Timestamp | None
    #: ``visible``, ``thermal``, ``multispectral`` or ``unknown``.
    sensor: str
    horizontal_fov_deg: float
    vertical_fov_deg: float
    #: The record and field that says so.
    record: str
    source_offset: int
    #: The instant by the log's own clock, without a zone, where the log has no UTC; the same
    #: clock as that of ``Log.own_times``.
    local_time: pd.Timestamp | None = None


@dataclass(frozen=True, slots=True)
class RangefinderPoint:
    """A point on the ground or on a thing that the aircraft's laser measured."""

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
class Fence:
    """A boundary that the aircraft was set to keep, as its log gives it."""

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
class HeaderSummary:
    """What a log says of itself as a whole, to hold against what it holds.

    ``None``: it does not say.
    """

    record: str
    source_offset: int
    fix_count: int | None = None
    start: pd.Timestamp | None = None
    duration_s: float | None = None
    max_height_ato_m: float | None = None
    max_ground_speed_mps: float | None = None
    photo_count: int | None = None


@dataclass(frozen=True, slots=True)
class MonotonicCounter:
    """A number that rises through a log, at the bytes that hold it and in their order."""

    record: str
    field: str
    #: ``count``: the aircraft or its logger counts it; ``clock``: somebody or something sets it.
    kind: str
    #: Byte in the file of each record, rising.
    offsets: npt.NDArray[np.int64]
    #: What it says, in seconds since any instant.
    seconds: npt.NDArray[np.float64]
    #: Counters of one sender belong together.
    sender: str = ""
    #: Seconds after which it begins anew; ``None``: it never does.
    period_s: float | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """A part of the file that was not decoded, and why.

    A ``size`` of 0 is a remark about the bytes at ``offset`` that were decoded.
    """

    offset: int
    size: int
    reason: str

    @property
    def cut_short(self) -> bool:
        """Whether what should follow is not in the file: rows may be missing, though no byte is.

        A reader says so with the words "cut short" in the reason.
        """
        return "cut short" in self.reason


@dataclass(frozen=True, slots=True)
class FileAccount:
    """What became of one file, or of a part of one: every byte of it is accounted for."""

    #: ``file[!member][#stream]``.
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one file: the account of its bytes, and the logs in it."""

    account: FileAccount
    logs: tuple["Log", ...] = ()


class Records(Protocol):
    """The records of one name; decoded when asked for."""

    def __len__(self) -> int:
        """Return the number of records."""

    def frame(self) -> pd.DataFrame:
        """Return one row for each record, in file order."""


@dataclass(frozen=True, slots=True)
class Log:
    """One decoded log: four tables, who and when, and what was not decoded.

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
    header_summary: HeaderSummary | None = None
    #: Fields of view, in time order.
    fields_of_view: tuple[FieldOfView, ...] = ()
    #: Fences that the aircraft itself was to keep.
    fences: tuple[Fence, ...] = ()
    rangefinder_points: tuple[RangefinderPoint, ...] = ()
    #: Times of the rows by a clock that is not UTC, if the log has one.
    local_times: LocalTimes | None = None
    monotonic_counters: tuple[MonotonicCounter, ...] = ()
    #: SHA-256 of the bytes that are records, where a copy of the file may hold more
    #: than these or other words about them; ``None``: not taken.
    records_sha256: str | None = None
    #: Number that the aircraft gave its own log of the flight, as in FLY042.DAT.
    aircraft_log_number: int | None = None
    #: Of a network log, what it could have seen.
    capture_window: CaptureWindow | None = None
    issues: tuple[Issue, ...] = ()
    coverage: Sequence[CoverageSpan] = ()
    #: Whether part of the log could not be read for want of a key.
    encrypted: bool = False
    #: Tables about which this kind of file can say nothing: empty there is not "none".
    unrecorded_tables: tuple[str, ...] = ()
    #: Record at the offsets of ``track``, if they are all of one kind; for evidence.
    track_record: str = "track"
    #: What its keys are asked for with; ``None``: it holds no ciphertext of one.
    key_request: KeyRequest | None = None
    #: Of the keychains that opened it, wholly or in part.
    keychain_sha256: str | None = None
    _records: Mapping[str, Records] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse a table whose columns are not exactly those of its schema."""
        for name, schema in TABLES.items():
            frame: pd.DataFrame = getattr(self, name)
            dtypes = frame.dtypes
            found = dict(zip(dtypes.index, map(str, dtypes.array), strict=True))
            wanted = {column: declared.dtype for column, declared in schema.items()}
            if found != wanted or list(found) != list(wanted):
                raise TypeError(f"{name} has columns {found}, not {wanted}")

    @property
    def cut_short(self) -> bool:
        """Whether the file ends before what it holds does."""
        return any(issue.cut_short for issue in self.issues)

    @property
    def coverage_sizes(self) -> Mapping[str, int]:
        """Bytes of each kind of ``COVERAGE`` that there is, in that order."""
        if isinstance(self.coverage, ByteCoverage):
            return self.coverage.sizes()
        counted = dict.fromkeys(COVERAGE_KINDS, 0)
        for span in self.coverage:
            counted[span.kind] += span.size
        return {kind: size for kind, size in counted.items() if size}

    @property
    def record_counts(self) -> Mapping[str, int]:
        """Record name to the number of such records, in order of the name."""
        return {name: len(self._records[name]) for name in sorted(self._records)}

    def records(self, name: str) -> pd.DataFrame:
        """Return every record of a name with every decoded field.

        Columns are ``offset`` (byte in the file), ``length`` (bytes), the
        fields in their units (missing where a record is too short to hold
        one), and ``raw`` (hexadecimal) for bytes that no field explains.

        Raises:
            KeyError: If the log has no record of that name; the message lists
                those it has.
        """
        try:
            found = self._records[name]
        except KeyError:
            names = ", ".join(sorted(self._records)) or "none"
            raise KeyError(f"no {name} records; this log has {names}") from None
        return found.frame()


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
        "ambiguous": "more than one format claims it",
        "unsupported": "a known format in a version that is not known",
        "encrypted": "a key was given and is not the key of this log",
        "corrupt": "its format is known and nothing of it can be decoded",
        "too_deep": "a part within so many others that it was not opened",
    }
)
