"""Events: messages, limits reached, and when the aircraft left the ground and came back."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..._model import HostReference
from ..._shared._find_hosts import find_hosts
from ..._tables import event_table_from_rows
from ..._track_values._value_runs import find_runs, find_true_runs, merge_close_runs
from .._app_messages import event_kind_of_app_message
from .._event_rows import in_air_or_on_ground_text, known_motor_states
from ._export_rows import ExportRows, Flags
from ._times_of_rows import TimesOfRows

#: A name of a host is no longer, and no table names more.
_MOST_HOST_REFERENCES = 1000
#: Rows (of ten a second) for which the flag of a fault may drop and still be one event.
_BRIDGE_ROWS = 10
#: What the record of a message is called that stands in the metadata of the table.
METADATA_MESSAGES = "messages"
_LONGEST_FLIGHT_MS = 1e9
#: Kinds of messages that stand for a state, and the pause after which one stands for another.
_STATES, _BRIDGE = frozenset({"link.lost", "failsafe", "fault"}), np.timedelta64(6, "s")


def build_event_table(rows: ExportRows, times: TimesOfRows) -> pd.DataFrame:
    """Return the events of a table."""
    return event_table_from_rows(
        [
            *_join_repeated_messages(
                [*_message_events(rows, times), *_metadata_message_events(rows)]
            ),
            *_flag_events(rows, times),
            *_motor_events(rows, times),
            *_airborne_report_events(rows, times),
        ]
    )


def host_references(rows: ExportRows) -> tuple[HostReference, ...]:
    """Return each host or URL that a message names, at its first occurrence."""
    references: dict[tuple[str, str], HostReference] = {}
    in_metadata = [(METADATA_MESSAGES, 0, each.text) for each in rows.metadata.messages]
    for name, row, text in (*_columns_rows_and_texts_of_messages(rows), *in_metadata):
        for _, host, text_of_host in find_hosts(text.encode("utf-8", "replace")):
            mention = HostReference(host, text_of_host, name, int(rows.offsets[row]))
            references.setdefault((name, text_of_host), mention)
            if len(references) >= _MOST_HOST_REFERENCES:
                break
    return tuple(sorted(references.values(), key=lambda mention: mention.source_offset))


def _metadata_message_events(rows: ExportRows) -> Iterator[dict[str, Any]]:
    """Yield an event for each message that stands as JSON in the first row."""
    metadata = rows.metadata
    for message in metadata.messages:
        time = None
        if metadata.start is not None and 0 <= message.since_start_ms < _LONGEST_FLIGHT_MS:
            since = np.timedelta64(round(message.since_start_ms * 1e6), "ns")
            time = metadata.start.to_datetime64() + since
        is_warning = message.rank.lower().startswith("warn")
        otherwise = "warning" if is_warning else "tip"
        kind = event_kind_of_app_message(
            message.text, otherwise, ("link.lost", "failsafe", "fault")
        )
        yield {
            "time": time,
            "kind": kind,
            "severity": "notice" if is_warning else "info",
            "grade": "reported",
            "text": message.text,
            "record": METADATA_MESSAGES,
            "source_offset": int(rows.offsets[0]),
        }


def _columns_rows_and_texts_of_messages(rows: ExportRows) -> Iterator[tuple[str, int, str]]:
    """Yield column, row and text of each message."""
    for name in rows.exporter.message_columns:
        index = rows.column_index(name)
        if index is None:
            continue
        texts = rows.column_as_texts(index)
        for row in np.flatnonzero((texts != "").to_numpy(bool)).tolist():
            yield name, row, rows.text_with_quoted_separators_restored(str(texts.iloc[row]))


def _message_events(rows: ExportRows, times: TimesOfRows) -> Iterator[dict[str, Any]]:
    # A column that says so is free of language, and would tell the same fault twice.
    has_fault_columns = any(
        rows.column_index(name) is not None and kind == "fault"
        for name, (kind, _) in rows.exporter.flag_columns.items()
    )
    also = ("link.lost", "failsafe") if has_fault_columns else ("link.lost", "failsafe", "fault")
    for name, row, text in _columns_rows_and_texts_of_messages(rows):
        kind, severity = rows.exporter.message_columns[name]
        for part in text.split("; "):
            if part.strip():
                kind_of_part = event_kind_of_app_message(part, kind, also)
                yield _event_row(rows, times, row, kind_of_part, part.strip(), name) | {
                    "severity": severity
                }


def _join_repeated_messages(events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield events of messages; those that repeat a state of some seconds as one, to its end.

    The app shows such a message for as long as the state lasts, in changing words.
    """
    lasting: list[dict[str, Any]] = []
    for event in events:
        if event["kind"] in _STATES and event["time"] is not None:
            lasting.append(event | {"severity": "warning"})
        else:
            yield event
    latest: dict[str, dict[str, Any]] = {}
    for event in sorted(lasting, key=lambda each: each["time"]):
        before = latest.get(event["kind"])
        if before is not None and event["time"] - before["end"] <= _BRIDGE:
            before["end"] = event["time"]
        else:
            if before is not None:
                yield before
            latest[event["kind"]] = event | {"end": event["time"]}
    yield from latest.values()


def _flag_events(rows: ExportRows, times: TimesOfRows) -> Iterator[dict[str, Any]]:
    for name, (kind, text) in rows.exporter.flag_columns.items():
        index = rows.column_index(name)
        flags = None if index is None else rows.column_as_flags(index)
        if flags is None:
            continue
        order = times.row_indices_in_time_order.tolist()
        is_fault = kind == "fault"
        runs = find_true_runs(flags[order])
        for run in merge_close_runs(runs, _BRIDGE_ROWS) if is_fault else runs:
            end = times.instant(order[run.last])
            yield _event_row(rows, times, order[run.first], kind, text, name) | {
                "end": end,
                "severity": "warning" if is_fault else "notice",
            }


def _motor_events(rows: ExportRows, times: TimesOfRows) -> Iterator[dict[str, Any]]:
    """Yield when the motors started and stopped, where the table says so."""
    motors = rows.flags_of_role("motors_on")
    if motors is None:
        return
    heights = rows.numbers_of_role("height_ato_m")
    heights = np.full(len(rows), np.nan) if heights is None else heights
    name, order = (
        rows.exporter.role_columns["motors_on"][0],
        times.row_indices_in_time_order.tolist(),
    )
    for run in find_runs(known_motor_states(motors[order], heights[order])):
        if run.first > 0:
            kind, text = ("arm", "motors started") if run.value else ("disarm", "motors stopped")
            yield _event_row(rows, times, order[run.first], kind, text, name)


def _airborne_report_events(rows: ExportRows, times: TimesOfRows) -> Iterator[dict[str, Any]]:
    """Yield the aircraft's own reports of being in the air, one for each change."""
    in_air, record = _airborne_flags_and_source(rows)
    if in_air is None:
        return
    order = times.row_indices_in_time_order.tolist()
    for run in find_runs(in_air[order]):
        yield _event_row(
            rows, times, order[run.first], "airborne.report", in_air_or_on_ground_text(run), record
        ) | {"value": run.value}


def _airborne_flags_and_source(rows: ExportRows) -> tuple[Flags | None, str]:
    """Return where the aircraft reports to be in the air, and which column says so."""
    ground = rows.flags_of_role("on_ground")
    if ground is not None:
        return ~ground, rows.exporter.role_columns["on_ground"][0]
    flying = rows.flags_of_role("flying")
    return flying, "" if flying is None else rows.exporter.role_columns["flying"][0]


def _event_row(
    rows: ExportRows, times: TimesOfRows, row: int, kind: str, text: str, name: str
) -> dict[str, Any]:
    return {
        "time": times.instant(row),
        "kind": kind,
        "severity": "info",
        "grade": "reported",
        "text": text,
        "record": name,
        "source_offset": int(rows.offsets[row]),
    }
