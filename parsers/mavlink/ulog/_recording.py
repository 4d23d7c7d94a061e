"""One ULog, indexed: its topics as series, its parameters, and its clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from ..._bytes import Content, forget
from ..._model import Clock, Issue
from .._shared._framing import Offsets, view
from . import _clock as _ulog_clock
from ._clock import Instants, Ticks, Timebase
from ._messages import MOST, Text, Value, joined, texts, values
from ._streams import Index, Stream
from ._topics import RUN_US, Series, series

#: The topics that the tables are made of.
AUDITED = (
    "action_request",
    "battery_status",
    "camera_capture",
    "camera_status",
    "camera_trigger",
    "cellular_status",
    "event",
    "failsafe_flags",
    "geofence_result",
    "gimbal_device_attitude_status",
    "gps_inject_data",
    "home_position",
    "iridiumsbd_status",
    "mavlink_tunnel",
    "mission_result",
    "mount_orientation",
    "onboard_computer_status",
    "open_drone_id_arm_status",
    "open_drone_id_basic_id",
    "open_drone_id_operator_id",
    "open_drone_id_self_id",
    "open_drone_id_system",
    "sensor_gps",
    "telemetry_status",
    "transponder_report",
    "vehicle_attitude",
    "vehicle_command",
    "vehicle_command_ack",
    "vehicle_global_position",
    "vehicle_gps_position",
    "vehicle_land_detected",
    "vehicle_local_position",
    "vehicle_status",
)

#: Rows of one table that one topic may give, however often its flags change.
MOST_CHANGES = 10_000
#: Records read one by one after which the memory of the file's pages is given back.
_OFTEN = 256

Row = Mapping[str, Any]

_Told = TypeVar("_Told", Text, Value)
#: Bytes before the first record.
_HEADER = 16


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its value at the start, its defaults, and every change."""

    name: str
    value: float
    offset: int
    #: Its default in this firmware, and for this airframe; ``None``: not said.
    default: float | None
    changes: tuple[tuple[int, float], ...]


@dataclass(eq=False)
class Recording:
    """What the tables of one log are made from."""

    content: Content
    index: Index
    issues: list[Issue] = field(default_factory=list)
    _series: dict[tuple[str, int], Series | None] = field(default_factory=dict)

    @cached_property
    def topics(self) -> Mapping[str, list[Stream]]:
        """The streams of each topic, by name."""
        found: dict[str, list[Stream]] = {}
        for stream in self.index.streams:
            found.setdefault(stream.subscription.topic, []).append(stream)
        return found

    def instances(self, topic: str) -> list[int]:
        """Return the instances of a topic that have records."""
        return sorted({stream.subscription.multi_id for stream in self.topics.get(topic, ())})

    def series(self, topic: str, multi_id: int = 0) -> Series | None:
        """Return the timed records of one instance of a topic, or ``None``."""
        key = topic, multi_id
        if key not in self._series:
            streams = [s for s in self.topics.get(topic, ()) if s.subscription.multi_id == multi_id]
            self._series[key] = series(self.content.array, topic, streams, self.restarts)
        return self._series[key]

    @cached_property
    def restarts(self) -> Offsets:
        """Where in the file the clock began anew."""
        timed = [
            (stream, column.at)
            for stream in self.index.streams
            for column in stream.structure.columns
            if column.name == "timestamp" and column.type == "uint64_t"
        ]
        if not timed:
            return np.empty(0, np.int64)
        stream, at = max(timed, key=lambda each: len(each[0].offsets))
        times = view(self.content.array, stream.offsets + 5 + at, np.dtype((np.void, 8)))
        places, back = _ulog_clock.restarts(times.view("<u8"), stream.offsets)
        if back > _ulog_clock.MOST_RUNS:
            what = f"the clock steps back {back} times; {_ulog_clock.MOST_RUNS} were looked at"
            self.remark(int(places[-1]) if len(places) else _HEADER, what)
        return places

    @cached_property
    def lines(self) -> list[Text]:
        """The logged text, in file order."""
        found = self._most(texts(self.content, self.index), "LC", "lines of text")
        return sorted(found, key=lambda line: line.offset)

    @cached_property
    def info(self) -> Mapping[str, Value]:
        """What the log says of the aircraft, by key; the last of two prevails."""
        return {
            each.key: each
            for each in self._most(values(self.content, self.index, "I"), "I", "facts")
            if each.key
        }

    @cached_property
    def joined(self) -> Mapping[str, list[tuple[int, bytes]]]:
        """What the log says in several parts, by key, with where each begins."""
        return joined(self.content, self.index, (b" metadata_events", b" boot_console_output"))

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every parameter, by name."""
        defaults: dict[str, float] = {}
        told = self._most(values(self.content, self.index, "Q"), "Q", "defaults of parameters")
        for each in told:
            # Bit 0: of the firmware; bit 1: of the airframe, which is the one in force.
            if isinstance(each.value, int | float) and (each.extra & 2 or each.key not in defaults):
                defaults[each.key] = each.value
        found: dict[str, list[tuple[int, float]]] = {}
        told = self._most(values(self.content, self.index, "P"), "P", "values of parameters")
        for each in told:
            if each.key and isinstance(each.value, int | float):
                found.setdefault(each.key, []).append((each.offset, each.value))
        return {
            name: Parameter(name, those[0][1], those[0][0], defaults.get(name), tuple(those[1:]))
            for name, those in found.items()
        }

    def value(self, name: str) -> float | None:
        """Return the value of a parameter at the start of the log, or ``None``."""
        found = self.parameters.get(name)
        return None if found is None else found.value

    @cached_property
    def version(self) -> tuple[int, int]:
        """Major and minor version of the firmware; (0, 0) if the log does not say."""
        found = self.info.get("ver_sw_release")
        number = found.value if found is not None and isinstance(found.value, int) else 0
        return number >> 24 & 0xFF, number >> 16 & 0xFF

    @cached_property
    def timebase(self) -> Timebase:
        """How the clock of the log relates to UTC."""
        receivers = [
            found
            for topic in ("vehicle_gps_position", "sensor_gps")
            for instance in self.instances(topic)
            if (found := self.series(topic, instance)) is not None
        ]
        runs = len(self.restarts) + 1
        ahead_min = int(self.value("SDLOG_UTC_OFFSET") or 0)
        made = _ulog_clock.fit(receivers, runs, self.lines, ahead_min)
        since_1970 = _ulog_clock.EARLIEST_US < (self.first or 0) < _ulog_clock.LATEST_US
        if made.clock.source is None and since_1970:
            note = "the log counts from 1970: the clock of a computer"
            return Timebase((0,) * runs, Clock("computer's clock", None, 0.0, (note,)))
        return made

    def utc(self, ticks: Ticks) -> Instants:
        """Return the instants of some times of the log."""
        return self.timebase.utc(ticks)

    def instant(self, tick: int | None) -> int:
        """Return one instant in nanoseconds since 1970; that of NaT if there is none."""
        return _ulog_clock.NAT if tick is None else self.timebase.nanoseconds(tick)

    def moment(self, tick: int) -> pd.Timestamp | None:
        """Return one instant in UTC, or ``None`` where it is not known."""
        nanoseconds = self.instant(tick)
        return None if nanoseconds == _ulog_clock.NAT else pd.Timestamp(nanoseconds, tz="UTC")

    def tick(self, time_us: int, offset: int) -> int:
        """Return a time that stands at a place of the file, counted through restarts."""
        return time_us + int(np.searchsorted(self.restarts, offset, "right")) * RUN_US

    def tick_before(self, offset: int) -> int | None:
        """Return the time of the last data record before a place of the file."""
        row = int(np.searchsorted(self.index.starts, offset))
        for before in range(row - 1, max(-1, row - 65), -1):
            start = int(self.index.starts[before])
            if self.index.types[before] == ord("D") and not self.index.unknown[before]:
                time_us = int.from_bytes(self.content.data[start + 5 : start + 13], "little")
                if 0 < time_us < RUN_US and self.index.sizes[before] >= 10:
                    return self.tick(time_us, offset)
        return self.first

    @cached_property
    def first(self) -> int | None:
        """The first time of the log: that in its header, or of its first record."""
        if not len(self.index.starts):
            return None
        return int.from_bytes(self.content.data[8:16], "little") or None

    @cached_property
    def last(self) -> int | None:
        """The last time that a data record of the tables' topics has."""
        ticks = [
            int(found.ticks[-1])
            for topic in AUDITED
            for instance in self.instances(topic)
            if (found := self.series(topic, instance)) is not None
        ]
        return max(ticks, default=None)

    def changes(self, found: Series, values_: np.ndarray[Any, Any]) -> list[int]:
        """Return the rows at which a field has another value than before, the first included."""
        if not len(found):
            return []
        rows = np.flatnonzero(np.concatenate([[True], values_[1:] != values_[:-1]]))
        return self.shown(found, rows, "changes")

    def shown(self, found: Series, rows: Offsets, what: str) -> list[int]:
        """Return the rows that the tables show; an issue says of how many they are the first.

        Args:
            found: The records.
            rows: Those that tell something, rising.
            what: What they tell, in the plural.
        """
        if len(rows) > MOST_CHANGES:
            what = f"{len(rows)} {what} of {found.name}; the tables show {MOST_CHANGES}"
            self.remark(int(found.offsets[rows[MOST_CHANGES]]), what)
        kept: list[int] = rows[:MOST_CHANGES].tolist()
        return kept

    def _most(self, told: Iterable[_Told], letters: str, what: str) -> list[_Told]:
        """Return what the tables are made from of the records of some types."""
        kept: list[_Told] = []
        for one in islice(told, MOST):
            kept.append(one)
            if len(kept) % _OFTEN == 0:
                forget(self.content.array, 0, len(self.content))
        count = int(np.isin(self.index.types, list(letters.encode())).sum())
        if len(kept) == MOST and count > MOST:
            self.remark(kept[-1].offset, f"{count} {what}; the tables are made from {MOST}")
        return kept

    def remark(self, offset: int, what: str) -> None:
        """Say once what the tables leave out."""
        issue = Issue(offset, 0, what)
        if issue not in self.issues:
            self.issues.append(issue)


def event(
    recording: Recording,
    tick: int | None,
    kind: str,
    text: str,
    record: str,
    offset: int,
    *,
    severity: str = "info",
    grade: str = "reported",
    value: float | None = None,
    end: int | None = None,
) -> dict[str, Any]:
    """Return one row of the table of events."""
    return {
        "time": recording.instant(tick),
        "end": recording.instant(end),
        "kind": kind,
        "severity": severity,
        "grade": grade,
        "text": text,
        "value": np.nan if value is None else float(value),
        "record": record,
        "source_offset": offset,
    }
