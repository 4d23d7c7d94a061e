"""One indexed ULog: its topics as series, its parameters, and its clock."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar, Unpack

import numpy as np
import pandas as pd

from ..._file_content import Content, release_array_pages
from ..._model import Clock, Issue
from .._shared._event_rows import EventRow, OptionalEventValues, make_event_row
from .._shared._record_framing import Offsets, structures_at_offsets
from .._shared._timestamps import NAT, timestamp_or_none
from ._fit_boot_clock import (
    EARLIEST_US,
    LATEST_US,
    MOST_RESTARTS,
    Ticks,
    UlogClock,
    UtcTimes,
    boot_clock_with_offset_of_each_run,
    find_clock_restarts_and_step_count,
)
from ._index_records import UlogIndex
from ._non_data_records import (
    MOST_RECORDS,
    LoggedText,
    UlogKeyValue,
    iterate_key_values_of_record_type,
    read_logged_texts,
    read_multi_part_info,
)
from ._topic_series import (
    RESTART_TICKS,
    RecordsOfSubscription,
    TopicSeries,
    build_topic_series,
    streams_by_topic,
)

#: The topics that the tables are made of.
TABLE_TOPICS = (
    "RSSI",
    "Vehicle",
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
_STEPS_BETWEEN_RELEASES = 256
#: Lines that are all stamped as far from the data about them as this have another clock, if
#: their distances agree this well.
OTHER_CLOCK_US, SAME_CLOCK_US = 60_000_000, 10_000_000
#: Lines that it takes to tell, and that are looked at.
LEAST_STAMPS, MOST_STAMPS = 3, 1000

TableRow = Mapping[str, Any]

_Record = TypeVar("_Record", LoggedText, UlogKeyValue)
#: Bytes before the first record.
_HEADER = 16


@dataclass(frozen=True, slots=True)
class ParameterHistory:
    """A parameter: its value at the start, its defaults, and every change."""

    name: str
    value: float
    offset: int
    #: Its default in this firmware, and for this airframe; ``None``: not stated.
    default: float | None
    changes: tuple[tuple[int, float], ...]


@dataclass(eq=False)
class UlogContext:
    """What the tables of one log are made from."""

    content: Content
    index: UlogIndex
    issues: list[Issue] = field(default_factory=list)
    _series: dict[tuple[str, int], TopicSeries | None] = field(default_factory=dict)

    @cached_property
    def undamaged_streams_by_topic(self) -> Mapping[str, list[RecordsOfSubscription]]:
        """The undamaged data records of each topic, by its name."""
        return streams_by_topic(self.index.undamaged_streams)

    def instance_numbers_of_topic(self, topic: str) -> list[int]:
        """Return the instances of a topic that have records."""
        return sorted(
            {
                stream.subscription.multi_id
                for stream in self.undamaged_streams_by_topic.get(topic, ())
            }
        )

    def series(self, topic: str, multi_id: int = 0) -> TopicSeries | None:
        """Return the timed records of one instance of a topic, or ``None``."""
        key = topic, multi_id
        if key not in self._series:
            streams = [
                s
                for s in self.undamaged_streams_by_topic.get(topic, ())
                if s.subscription.multi_id == multi_id
            ]
            self._series[key] = build_topic_series(
                self.content.array, topic, streams, self.clock_restart_offsets
            )
        return self._series[key]

    @cached_property
    def clock_restart_offsets(self) -> Offsets:
        """Offsets in the file at which the clock restarted."""
        timed = [
            (stream, column.offset)
            for stream in self.index.undamaged_streams
            for column in stream.structure.fields
            if column.name == "timestamp" and column.type == "uint64_t"
        ]
        if not timed:
            return np.empty(0, np.int64)
        stream, at = max(timed, key=lambda each: len(each[0].offsets))
        times = structures_at_offsets(
            self.content.array, stream.offsets + 5 + at, np.dtype((np.void, 8))
        )
        offsets, back = find_clock_restarts_and_step_count(times.view("<u8"), stream.offsets)
        if back > MOST_RESTARTS:
            what = f"the clock steps back {back} times; {MOST_RESTARTS} were looked at"
            self.add_issue(int(offsets[-1]) if len(offsets) else _HEADER, what)
        return offsets

    @cached_property
    def logged_lines(self) -> list[LoggedText]:
        """The logged text, in file order."""
        texts = self._first_records_with_issue_if_more(
            read_logged_texts(self.content, self.index), "LC", "lines of text"
        )
        return self._shift_lines_to_data_record_clock(sorted(texts, key=lambda line: line.offset))

    def _shift_lines_to_data_record_clock(self, lines: list[LoggedText]) -> list[LoggedText]:
        """Return lines on the clock of the data records, if another one stamped them.

        A line is written when it is stamped, between data records of the same time.
        """
        stamped = [line for line in lines if 0 < line.time_us < RESTART_TICKS]
        aside = [
            at % RESTART_TICKS - line.time_us
            for line in stamped[:MOST_STAMPS]
            if (at := self.last_record_time_us_before_offset(line.offset)) is not None
        ]
        shift = int(np.median(aside)) if len(aside) >= LEAST_STAMPS else 0
        if abs(shift) < OTHER_CLOCK_US or np.ptp(aside) > SAME_CLOCK_US:
            return lines
        way = "behind" if shift > 0 else "ahead of"
        what = f"the clock of the texts is {abs(shift) / 1e6:.0f} s {way} that of the data"
        self.add_issue(stamped[0].offset, f"{what}; they are shown by that of the data")
        return [
            replace(line, time_us=line.time_us + shift)
            if 0 < line.time_us < RESTART_TICKS
            else line
            for line in lines
        ]

    @cached_property
    def info_messages(self) -> Mapping[str, UlogKeyValue]:
        """Information on the aircraft, by key; the last of two prevails."""
        return {
            each.key: each
            for each in self._first_records_with_issue_if_more(
                iterate_key_values_of_record_type(self.content, self.index, "I"), "I", "facts"
            )
            if each.key
        }

    @cached_property
    def multi_part_info(self) -> Mapping[str, list[tuple[int, bytes]]]:
        """Information in several parts, by key, with the offset of each."""
        return read_multi_part_info(
            self.content, self.index, (b" metadata_events", b" boot_console_output")
        )

    @cached_property
    def parameters(self) -> Mapping[str, ParameterHistory]:
        """Every parameter, by name."""
        defaults: dict[str, float] = {}
        key_values = self._first_records_with_issue_if_more(
            iterate_key_values_of_record_type(self.content, self.index, "Q"),
            "Q",
            "defaults of parameters",
        )
        for each in key_values:
            # Bit 0: of the firmware; bit 1: of the airframe, which is the one in force.
            if isinstance(each.value, int | float) and (each.extra & 2 or each.key not in defaults):
                defaults[each.key] = each.value
        statements: dict[str, list[tuple[int, float]]] = {}
        key_values = self._first_records_with_issue_if_more(
            iterate_key_values_of_record_type(self.content, self.index, "P"),
            "P",
            "values of parameters",
        )
        for each in key_values:
            if each.key and isinstance(each.value, int | float):
                statements.setdefault(each.key, []).append((each.offset, each.value))
        return {
            name: ParameterHistory(
                name, those[0][1], those[0][0], defaults.get(name), tuple(those[1:])
            )
            for name, those in statements.items()
        }

    def parameter_value_at_log_start(self, name: str) -> float | None:
        """Return the value of a parameter at the start of the log, or ``None``."""
        parameter = self.parameters.get(name)
        return None if parameter is None else parameter.value

    @cached_property
    def firmware_version(self) -> tuple[int, int]:
        """Major and minor version of the firmware; (0, 0) if the log does not state it."""
        release = self.info_messages.get("ver_sw_release")
        number = release.value if release is not None and isinstance(release.value, int) else 0
        return number >> 24 & 0xFF, number >> 16 & 0xFF

    @cached_property
    def clock(self) -> UlogClock:
        """How the clock of the log relates to UTC."""
        receivers = [
            series
            for topic in ("vehicle_gps_position", "sensor_gps")
            for instance in self.instance_numbers_of_topic(topic)
            if (series := self.series(topic, instance)) is not None
        ]
        runs = len(self.clock_restart_offsets) + 1
        ahead_min = int(self.parameter_value_at_log_start("SDLOG_UTC_OFFSET") or 0)
        boot = self.info_messages.get("boot_time_utc_us")
        made = boot_clock_with_offset_of_each_run(
            receivers, runs, self.logged_lines, ahead_min, None if boot is None else boot.value
        )
        since_1970 = EARLIEST_US < (self.first_tick or 0) < LATEST_US
        if made.clock.source is None and since_1970:
            note = "the log counts from 1970: the clock of a computer"
            return UlogClock((0,) * runs, Clock("computer's clock", None, 0.0, (note,)))
        return made

    def ticks_to_utc(self, ticks: Ticks) -> UtcTimes:
        """Return the instants of some times of the log."""
        return self.clock.utc(ticks)

    def tick_to_utc_ns(self, tick: int | None) -> int:
        """Return one instant in nanoseconds since 1970; that of NaT if there is none."""
        return NAT if tick is None else self.clock.utc_ns_of_tick(tick)

    def timestamp(self, tick: int) -> pd.Timestamp | None:
        """Return one instant in UTC, or ``None`` where it is not known."""
        return timestamp_or_none(self.tick_to_utc_ns(tick))

    def unwrap_boot_time_across_restarts_us(self, time_us: int, offset: int) -> int:
        """Return a time that is written at an offset, counted through restarts."""
        return (
            time_us
            + int(np.searchsorted(self.clock_restart_offsets, offset, "right")) * RESTART_TICKS
        )

    def last_record_time_us_before_offset(self, offset: int) -> int | None:
        """Return the time of the last data record before an offset."""
        row = int(np.searchsorted(self.index.starts, offset))
        for before in range(row - 1, max(-1, row - 65), -1):
            start = int(self.index.starts[before])
            if self.index.types[before] == ord("D") and not self.index.unknown[before]:
                time_us = int.from_bytes(self.content.data[start + 5 : start + 13], "little")
                if 0 < time_us < RESTART_TICKS and self.index.sizes[before] >= 10:
                    return self.unwrap_boot_time_across_restarts_us(time_us, offset)
        return self.first_tick

    @cached_property
    def first_tick(self) -> int | None:
        """The first time of the log: that in its header, or of its first record."""
        if not len(self.index.starts):
            return None
        return int.from_bytes(self.content.data[8:16], "little") or None

    @cached_property
    def last_tick(self) -> int | None:
        """The last time that a data record of the tables' topics has."""
        ticks = [
            int(series.ticks[-1])
            for topic in TABLE_TOPICS
            for instance in self.instance_numbers_of_topic(topic)
            if (series := self.series(topic, instance)) is not None
        ]
        return max(ticks, default=None)

    def rows_where_field_changes(
        self, series: TopicSeries, values_: np.ndarray[Any, Any]
    ) -> list[int]:
        """Return the rows at which a field has another value than before, the first included."""
        if not len(series):
            return []
        rows = np.flatnonzero(np.concatenate([[True], values_[1:] != values_[:-1]]))
        return self.keep_limited_number_of_rows(series, rows, "changes")

    def keep_limited_number_of_rows(
        self, series: TopicSeries, rows: Offsets, what: str
    ) -> list[int]:
        """Return the rows that the tables show; an issue states how many there are in all.

        Args:
            series: The records.
            rows: Those that matter, ascending.
            what: What they are, in the plural.
        """
        if len(rows) > MOST_CHANGES:
            what = f"{len(rows)} {what} of {series.name}; the tables show {MOST_CHANGES}"
            self.add_issue(int(series.offsets[rows[MOST_CHANGES]]), what)
        shown: list[int] = rows[:MOST_CHANGES].tolist()
        return shown

    def _first_records_with_issue_if_more(
        self, records: Iterable[_Record], letters: str, what: str
    ) -> list[_Record]:
        """Return what the tables are made from of the records of some types."""
        limited: list[_Record] = []
        for record in islice(records, MOST_RECORDS):
            if record.offset not in self.index.offsets_before_damage:
                limited.append(record)
            if len(limited) % _STEPS_BETWEEN_RELEASES == 0:
                release_array_pages(self.content.array, 0, len(self.content))
        count = int(np.isin(self.index.types, list(letters.encode())).sum())
        if len(limited) == MOST_RECORDS and count > MOST_RECORDS:
            self.add_issue(
                limited[-1].offset, f"{count} {what}; the tables are made from {MOST_RECORDS}"
            )
        return limited

    def add_issue(self, offset: int, what: str) -> None:
        """Add an issue once for what the tables leave out."""
        issue = Issue(offset, 0, what)
        if issue not in self.issues:
            self.issues.append(issue)


def event_row(
    log: UlogContext,
    tick: int | None,
    kind: str,
    text: str,
    record: str,
    offset: int,
    *,
    end: int | None = None,
    **details: Unpack[OptionalEventValues],
) -> EventRow:
    """Return one row of the table of events; ``tick`` and ``end`` are times of the log."""
    return make_event_row(
        kind,
        text,
        time=log.tick_to_utc_ns(tick),
        end=log.tick_to_utc_ns(end),
        record=record,
        source_offset=offset,
        details=details,
    )


def series_event(
    log: UlogContext,
    series: TopicSeries,
    row: int,
    kind: str,
    text: str,
    field: str,
    *,
    end: int | None = None,
    **details: Unpack[OptionalEventValues],
) -> EventRow:
    """Return an event that a record of a topic states in one of its fields."""
    tick, offset = int(series.ticks[row]), int(series.offsets[row])
    return event_row(log, tick, kind, text, f"{series.name}.{field}", offset, end=end, **details)


def field_change_events(
    log: UlogContext, topic: str, field: str, kind: str, text: str
) -> Iterator[EventRow]:
    """Yield an event for each value of a field that is another than before, the first included.

    Args:
        log: The log.
        topic: The topic.
        field: A field of it that is a whole number.
        kind: One of ``EVENT_KINDS``.
        text: What each value means, ``{}`` for the value.
    """
    series = log.series(topic)
    values = None if series is None else series.integers_of_field(field)
    if series is None or values is None:
        return
    for row in log.rows_where_field_changes(series, values):
        words = text.format(int(values[row]))
        yield series_event(log, series, row, kind, words, field, value=values[row])
