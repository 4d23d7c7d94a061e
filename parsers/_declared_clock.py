"""What a person declares of the clock of some files, where the files cannot state it.

A syslog writes neither year nor zone, a table of local times no zone, and the clock of a tablet
may be wrong.  ``PATTERN=TIME`` says when a file was begun: year and zone are taken from it.
``PATTERN=SHOWN=TIME`` says what the clock showed at a true time, so that its error is corrected
too.  A time that the file states itself by satellite is never changed.
"""

import datetime as dt
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._model import (
    CaptureWindow,
    Clock,
    HeaderSummary,
    Issue,
    LocalTimes,
    Log,
    RecordedInterval,
    RecordedTimes,
)

_NAT = int(np.iinfo(np.int64).min)
#: No log of this kind is older or younger, so that such a declaration is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
#: Offsets from UTC that are in use on Earth.
_LEAST_OFFSET, _GREATEST_OFFSET = dt.timedelta(hours=-12), dt.timedelta(hours=14)
#: Columns of each table that hold a time.
_TIME_COLUMNS = {
    "track": ("time",),
    "events": ("time", "end"),
    "captures": ("start", "end"),
    "contacts": ("time", "end"),
}


@dataclass(frozen=True, slots=True)
class DeclaredClock:
    """The true time at which a clock was read, or at which a file was begun."""

    #: Name of a file, or a pattern of names with ``*``, ``?`` and ``[…]``.  One with ``/`` or
    #: ``!`` is compared with the whole name of a file, any other with the last part alone.
    pattern: str
    #: True time, with an offset from UTC.
    time: dt.datetime
    #: What the clock showed at that time; ``None``: that is not declared.
    shown: dt.datetime | None = None
    #: Whether several of the files at hand have such a name, so that it is the beginning of none.
    serves_several_files: bool = False

    def __post_init__(self) -> None:
        """Refuse a time that cannot be.

        Raises:
            ValueError: If the time has no offset, or time or offset lie out of bounds.
        """
        offset = self.time.utcoffset()
        if offset is None:
            raise ValueError(f"{self.time.isoformat()} has no UTC offset; add Z or +01:00")
        if not _LEAST_OFFSET <= offset <= _GREATEST_OFFSET:
            raise ValueError(f"{self.time.isoformat()}: no place has such an offset from UTC")
        for each in (self.time, self.shown):
            if each is not None and not _FIRST_YEAR <= each.year <= _LAST_YEAR:
                raise ValueError(
                    f"{each.isoformat()} is not between {_FIRST_YEAR} and {_LAST_YEAR}"
                )

    def matches(self, name: str) -> bool:
        """Return whether a file of a name is meant."""
        own, pattern = name.casefold(), self.pattern.casefold()
        if "/" not in pattern and "!" not in pattern:
            own = own.replace("!", "/").rpartition("/")[2]
        # The names that DJI's app gives hold brackets, which a pattern would take for a choice.
        return own == pattern or fnmatchcase(own, pattern)

    @property
    def utc_offset(self) -> dt.timedelta:
        """How far local time is ahead of UTC."""
        return self.time.utcoffset() or dt.timedelta()

    @property
    def zone_text(self) -> str:
        """The offset in words: ``UTC+01:00``."""
        minutes = round(self.utc_offset.total_seconds() / 60)
        return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"

    @property
    def wall_to_utc_ns(self) -> int:
        """Nanoseconds to add to a local time that the clock shows to give UTC.

        Without a reading of the clock it is taken to run right.
        """
        if self.shown is None:
            return -_nanoseconds(self.utc_offset)
        return _ns_since_1970(self.time) - _ns_since_1970(self.shown.replace(tzinfo=dt.UTC))

    @property
    def correction_ns(self) -> int | None:
        """Nanoseconds to add to the UTC that the clock states; ``None``: it was not read."""
        if self.shown is None:
            return None
        shown = self.shown if self.shown.tzinfo is not None else self.shown.replace(
            tzinfo=self.time.tzinfo
        )  # fmt: skip
        return _ns_since_1970(self.time) - _ns_since_1970(shown)

    @property
    def anchor(self) -> dt.datetime:
        """The local time, without a zone, next to which dates without a year are looked for."""
        return (self.time if self.shown is None else self.shown).replace(tzinfo=None)

    @property
    def text(self) -> str:
        """What was declared, as a clause."""
        if self.shown is None:
            return f"begun at {self.time.isoformat()}"
        return f"showing {self.shown.isoformat()} at {self.time.isoformat()}"


def parse_declared_clock(text: str) -> DeclaredClock:
    """Return the clock that ``PATTERN=TIME`` or ``PATTERN=SHOWN=TIME`` declares.

    Raises:
        ValueError: If there is no pattern, or a time cannot be; the message says why.
    """
    before, mark, time_text = text.rpartition("=")
    if not mark or not before.strip():
        raise ValueError("write FILES=TIME, as in pihole.log=2026-05-14T10:00:00+01:00")
    pattern, mark, shown_text = before.rpartition("=")
    shown = _datetime_or_none(shown_text) if mark and pattern.strip() else None
    return DeclaredClock((pattern if shown else before).strip(), parse_declared_time(time_text),
                         shown)  # fmt: skip


def parse_declared_time(text: str) -> dt.datetime:
    """Return a time as a person writes it, ISO 8601 with or without an offset.

    Raises:
        ValueError: If it is none.
    """
    time = _datetime_or_none(text)
    if time is None:
        raise ValueError(
            f"{text.strip()} is not a time; write YYYY-MM-DDThh:mm:ss+01:00, "
            "as in 2026-05-14T10:00:00+01:00"
        )
    return time


def _datetime_or_none(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def with_declared_clock(log: Log, declared: DeclaredClock | None) -> Log:
    """Return a log with times by the clock that a person declared for its file.

    What the file does not state (a zone, the beginning of a recording that counts from its own
    start) is taken from the declaration.  UTC that it states is corrected by the reading of the
    clock; without a reading, so that its first record is at the declared time, unless that is
    declared for several files.  An issue says where a declaration could not be used.
    """
    if declared is None or log.clock.declared:
        return log
    if log.clock.from_gnss:
        return _with_remark(log, "its times come from satellites; the declared clock is not used")
    first = _first_time_ns(log)
    if first is not None:
        return _with_corrected_times(log, declared, first)
    own = log.local_times
    if own is None:
        return _with_remark(log, "it has no time; the declared clock is not used")
    if own.kind == "wall":
        what = f"zone {declared.zone_text}" if declared.shown is None else declared.text
        return _with_local_times_as_utc(log, own, declared.wall_to_utc_ns, what)
    if declared.shown is not None or declared.serves_several_files:
        why = "it counts from its own beginning: declare when this one file was begun"
        return _with_remark(log, f"{why}; the declared clock is not used")
    return _with_local_times_as_utc(log, own, _ns_since_1970(declared.time), declared.text)


def declared_clock_source(source: str, what: str) -> str:
    """Return where times come from, in words, of which a part was declared."""
    return f"{source}; declared: {what}"


def _with_corrected_times(log: Log, declared: DeclaredClock, first_ns: int) -> Log:
    correction = declared.correction_ns
    if correction is None:
        if declared.serves_several_files:
            why = "it states date, time and zone itself, and the declaration means several files"
            return _with_remark(
                log, f"{why}: declare what the clock showed; the declared clock is not used"
            )
        correction = _ns_since_1970(declared.time) - first_ns
    seconds = correction / 1e9
    what = f"{declared.text}, so that its times are moved by {seconds:+g} s"
    return replace(
        shift_log_times(log, correction), clock=_declared(log.clock, what, offset_s=seconds)
    )


def _declared(clock: Clock, what: str, offset_s: float | None = None) -> Clock:
    source = declared_clock_source(clock.source or "clock of the file", what)
    return replace(
        clock, source=source, uncertainty_s=None, offset_s=offset_s, declared=what, unstated=""
    )


def _with_remark(log: Log, reason: str) -> Log:
    issues = sorted((*log.issues, Issue(0, 0, reason)), key=lambda issue: issue.offset)
    return replace(log, issues=tuple(issues))


def _first_time_ns(log: Log) -> int | None:
    """Return the first UTC of the rows, nanoseconds; of a capture that of its first packet."""
    if log.capture_window is not None and log.capture_window.start is not None:
        return int(log.capture_window.start.value)
    firsts = [
        getattr(log, table)[columns[0]].min() for table, columns in _TIME_COLUMNS.items()
    ]  # fmt: skip
    known = [first.value for first in firsts if not pd.isna(first)]
    return min(known) if known else None


def _with_local_times_as_utc(log: Log, own: LocalTimes, add_ns: int, what: str) -> Log:
    """Return a log whose rows have UTC from its own clock; its local times stay."""

    def utc(times: npt.NDArray[np.datetime64]) -> pd.DatetimeIndex:
        values = times.astype("datetime64[ns]").view(np.int64)
        moved = np.where(values == _NAT, _NAT, values + add_ns)
        return pd.DatetimeIndex(moved.astype("datetime64[ns]")).tz_localize("UTC")

    return replace(
        log,
        clock=_declared(log.clock, what),
        track=log.track.assign(time=utc(own.track)),
        events=log.events.assign(time=utc(own.events), end=utc(own.events_end)),
        captures=log.captures.assign(start=utc(own.captures), end=utc(own.captures_end)),
        fields_of_view=tuple(
            one
            if one.local_time is None
            else replace(one, time=(one.local_time + pd.Timedelta(add_ns)).tz_localize("UTC"))
            for one in log.fields_of_view
        ),
    )


def shift_log_times(log: Log, add_ns: int) -> Log:
    """Return a log all of whose times are moved.

    Args:
        log: The log.
        add_ns: Nanoseconds to add.
    """
    delta = pd.Timedelta(add_ns, "ns")
    tables = {
        table: getattr(log, table).assign(
            **{column: getattr(log, table)[column] + delta for column in columns}
        )
        for table, columns in _TIME_COLUMNS.items()
    }
    return replace(
        log,
        **tables,
        named_positions=tuple(
            replace(one, time=_later(one.time, delta)) for one in log.named_positions
        ),
        header_summary=_shifted_header(log.header_summary, delta),
        fields_of_view=tuple(
            replace(one, time=_later(one.time, delta)) for one in log.fields_of_view
        ),
        fences=tuple(
            replace(one, start=_later(one.start, delta), end=_later(one.end, delta))
            for one in log.fences
        ),
        rangefinder_points=tuple(
            replace(one, time=_later(one.time, delta)) for one in log.rangefinder_points
        ),
        capture_window=_shifted_window(log.capture_window, delta),
    )


def _later(time: pd.Timestamp | None, delta: pd.Timedelta) -> pd.Timestamp | None:
    return None if time is None else time + delta


def _shifted_header(header: HeaderSummary | None, delta: pd.Timedelta) -> HeaderSummary | None:
    return None if header is None else replace(header, start=_later(header.start, delta))


def _shifted_window(window: CaptureWindow | None, delta: pd.Timedelta) -> CaptureWindow | None:
    if window is None:
        return None
    return replace(
        window,
        start=_later(window.start, delta),
        end=_later(window.end, delta),
        recorded=None if window.recorded is None else _shifted_recording(window.recorded, delta),
        by_interface={
            name: _shifted_recording(times, delta) for name, times in window.by_interface.items()
        },
        by_device={
            name: _shifted_recording(times, delta) for name, times in window.by_device.items()
        },
    )


def _shifted_recording(recorded: RecordedTimes, delta: pd.Timedelta) -> RecordedTimes:
    return replace(
        recorded,
        intervals=tuple(
            RecordedInterval(each.start + delta, each.end + delta, each.read_count,
                             each.unread_count)
            for each in recorded.intervals
        ),
    )  # fmt: skip


def _nanoseconds(span: dt.timedelta) -> int:
    return ((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds) * 1000


def _ns_since_1970(time: dt.datetime) -> int:
    return _nanoseconds(time - dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
