"""What a person declares of the clock of some files, where the files cannot state it.

A syslog writes neither year nor zone, a table of local times no zone, and the clock of a tablet
may be wrong.  ``PATTERN=TIME`` says when a file was begun: year and zone are taken from it.
``PATTERN=SHOWN=TIME`` says what the clock showed at a true time, so that its error is corrected
too.  A time that the file states itself by satellite is never changed.
"""

import datetime as dt
from dataclasses import dataclass
from fnmatch import fnmatchcase

#: No log of this kind is older or younger, so that such a declaration is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
#: Offsets from UTC that are in use on Earth.
_LEAST_OFFSET, _GREATEST_OFFSET = dt.timedelta(hours=-12), dt.timedelta(hours=14)


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
    #: Who says so and how it is known; empty: that is not stated.
    note: str = ""

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

    def applies_to_file_name(self, name: str) -> bool:
        """Return whether a file of a name is meant."""
        own, pattern = name.casefold(), self.pattern.casefold()
        if "/" not in pattern and "!" not in pattern:
            own = own.replace("!", "/").rpartition("/")[2]
        # The names that DJI's app gives hold brackets, which a pattern would take for a choice.
        return own == pattern or fnmatchcase(own, pattern)

    @property
    def is_pattern(self) -> bool:
        """Whether its pattern may mean several names."""
        return any(mark in self.pattern for mark in "*?[")

    @property
    def utc_offset(self) -> dt.timedelta:
        """How far local time is ahead of UTC."""
        return self.time.utcoffset() or dt.timedelta()

    @property
    def zone_text(self) -> str:
        """The offset in words: ``UTC+01:00``."""
        return utc_offset_text(self.utc_offset)

    @property
    def wall_to_utc_offset_ns(self) -> int:
        """Nanoseconds to add to a local time that the clock shows to give UTC.

        Without a reading of the clock it is taken to run right.
        """
        if self.shown is None:
            return -_timedelta_to_ns(self.utc_offset)
        return ns_since_1970(self.time) - ns_since_1970(self.shown.replace(tzinfo=dt.UTC))

    @property
    def utc_correction_ns(self) -> int | None:
        """Nanoseconds to add to the UTC that the clock states; ``None``: it was not read."""
        if self.shown is None:
            return None
        shown = self.shown if self.shown.tzinfo is not None else self.shown.replace(
            tzinfo=self.time.tzinfo
        )  # fmt: skip
        return ns_since_1970(self.time) - ns_since_1970(shown)

    @property
    def moment_nearest_to_dates_without_year(self) -> dt.datetime:
        """The local time, without a zone, next to which dates without a year are looked for."""
        return (self.time if self.shown is None else self.shown).replace(tzinfo=None)

    @property
    def text(self) -> str:
        """What was declared, as a clause."""
        if self.shown is None:
            return f"begun at {self.time.isoformat()}"
        return f"showing {self.shown.isoformat()} at {self.time.isoformat()}"


def utc_offset_text(offset: dt.timedelta) -> str:
    """Return an offset from UTC in words: ``UTC+01:00``."""
    minutes = round(offset.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


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


def _timedelta_to_ns(span: dt.timedelta) -> int:
    return ((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds) * 1000


def ns_since_1970(time: dt.datetime) -> int:
    return _timedelta_to_ns(time - dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
