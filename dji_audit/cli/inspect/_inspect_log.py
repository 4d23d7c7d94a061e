"""``dji-audit inspect``: one log: header, tables, records, coverage, issues."""

import json
import math
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer

import parsers
from dji_audit.cli._options import InspectOptions
from dji_audit.cli._terminal import print_error_and_return_exit, print_to_stdout
from dji_audit.cli._text_table import format_table
from dji_audit.cli.evidence._read_logs import ingest_settings_from_options, read_one_log
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import spreadsheet_safe_cell, terminal_safe_text
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.report.json_values import as_json_value

#: Rows of a table shown on a terminal; ``--format csv`` and ``json`` give all.
_MOST_ROWS = 40
_MOST_ISSUES = 20


def inspect_command(log: Path, options: InspectOptions) -> int:
    """Print one log, or its records or one of its tables; return the exit code."""
    records, table, format_ = options.records, options.table, options.format
    if records is not None and table is not None:
        raise print_error_and_return_exit("use --records or --table, not both")
    if records is None and table is None and format_ in ("csv", "jsonl"):
        raise print_error_and_return_exit(
            f"--format {format_} prints rows: choose them with --table or --records"
        )
    try:
        opened = read_one_log(log, ingest_settings_from_options(options))
        if records is not None:
            frame = opened.records(records)
        elif table is not None:
            frame = getattr(opened, table)
        else:
            typer.echo(
                describe_log(opened) if format_ == "table" else _log_header_json_text(opened)
            )
            return 0
    except KeyError as error:
        raise print_error_and_return_exit(str(error.args[0])) from error
    except (SuppliedFileError, parsers.InvalidKeysError) as error:
        raise print_error_and_return_exit(str(error)) from error
    print_to_stdout(data_frame_in_output_format(frame, format_))
    return 0


def data_frame_in_output_format(frame: pd.DataFrame, format_: str) -> str:
    """Return a table as text, CSV, JSON or JSON lines."""
    if format_ == "csv":
        safe = frame.apply(
            lambda column: (
                column.map(spreadsheet_safe_cell)
                if column.dtype == object or isinstance(column.dtype, pd.StringDtype)
                else column
            )
        )
        safe.columns = [spreadsheet_safe_cell(name) for name in safe.columns]
        return str(safe.to_csv(index=False, lineterminator="\n"))
    if format_ in ("json", "jsonl"):
        rows = _rows_as_json_texts(frame)
        return (
            "".join(f"{row}\n" for row in rows) if format_ == "jsonl" else f"[{','.join(rows)}]\n"
        )
    shown = frame.head(_MOST_ROWS).map(
        lambda value: terminal_safe_text(value) if isinstance(value, str) else value
    )
    # In some formats the names of columns and records come from the log.
    shown.columns = [terminal_safe_text(name) for name in shown.columns]
    text = shown.to_string(index=False, max_colwidth=60) if len(shown) else "no rows"
    rest = len(frame) - len(shown)
    return f"{text}\n" + (f"… and {rest} more rows; use --format csv for all\n" if rest else "")


def _rows_as_json_texts(frame: pd.DataFrame) -> list[str]:
    """Return each row as a JSON object, every number and time at full precision."""
    names = [str(name) for name in frame.columns]
    columns = [_column_as_json_values(frame.iloc[:, place]) for place in range(len(names))]
    encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
    return [encode(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def _column_as_json_values(column: "pd.Series[Any]") -> list[Any]:
    """Return the values of a column for JSON; missing and infinite values are null."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        texts = np.datetime_as_string(column.to_numpy("datetime64[ns]"), unit="ns").tolist()
        # A local time of unknown time zone has no suffix.
        zone = "Z" if isinstance(column.dtype, pd.DatetimeTZDtype) else ""
        gone = column.isna().tolist()
        return [None if no else text + zone for text, no in zip(texts, gone, strict=True)]
    if column.dtype == np.float32:
        # The shortest decimals that give this number, as in CSV.
        column = column.astype(str).astype(float)
    return [_to_json_value(value) for value in column.tolist()]


def _to_json_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_to_json_value(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | bool | int) else None


def describe_log(log: parsers.Log) -> str:
    """Return the header and content of a log as text."""
    source = log.source
    parts = [
        format_table(
            [
                ("File", terminal_safe_text(source.name)),
                ("Size", pluralised_count(source.size, "byte")),
                ("SHA-256", source.sha256),
                *([("Container", source.container_sha256)] if source.container_sha256 else []),
                ("Format", f"{source.format}, version {source.format_version or 'not stated'}"),
                ("Encrypted", _describe_encryption(log)),
                ("Clock", _describe_clock(log.clock)),
            ]
        ),
        "Aircraft\n" + format_table(_aircraft_rows(log.aircraft)),
        "Tables\n" + format_table(_table_summary_rows(log)),
        *(
            ["Network\n" + format_table(_network_capture_labels_and_values(log.capture_window))]
            if log.capture_window is not None
            else []
        ),
        "Records\n"
        + format_table(
            [(terminal_safe_text(name), str(n)) for name, n in log.record_counts.items()],
            right_aligned=frozenset({1}),
        ),
        "Coverage\n"
        + format_table(_byte_coverage_total_rows(log), right_aligned=frozenset({1, 2})),
        _describe_issues(log),
    ]
    return "\n\n".join(parts)


def _describe_encryption(log: parsers.Log) -> str:
    opened = f"opened by the keychain {log.keychain_sha256}" if log.keychain_sha256 else ""
    if log.encrypted and opened:
        return f"yes; {opened}, except for a part that needs another key"
    if log.encrypted:
        return "yes, and no key fits; only the unencrypted part was read"
    return "no part is unread for lack of a key" + (f"; {opened}" if opened else "")


def _describe_clock(clock: parsers.Clock) -> str:
    if clock.source is None:
        return "the log states no time"
    known = ""
    if clock.uncertainty_s is not None:
        known = f", within {clock.uncertainty_s:g} s of the aircraft's own"
    return terminal_safe_text("; ".join([f"{clock.source}{known}", *clock.notes]))


def _aircraft_rows(aircraft: parsers.Aircraft) -> list[tuple[str, str]]:
    rows = []
    for field in fields(aircraft):
        value = getattr(aircraft, field.name)
        if field.name == "firmware":
            value = ", ".join(f"{part} {version}" for part, version in value.items()) or None
        rows.append(
            (f"  {field.name}", terminal_safe_text(value) if value is not None else "not stated")
        )
    return rows


def _table_summary_rows(log: parsers.Log) -> list[tuple[str, str, str]]:
    rows = []
    for name in parsers.TABLES:
        frame: pd.DataFrame = getattr(log, name)
        times = frame["start" if name == "captures" else "time"].dropna()
        span = (
            f"{times.min():%Y-%m-%d %H:%M:%S} to {times.max():%H:%M:%S} UTC" if len(times) else ""
        )
        if frame.empty and name in log.unrecorded_tables:
            rows.append((f"  {name}", "unknown", "this kind of file does not record this"))
            continue
        rows.append((f"  {name}", pluralised_count(len(frame), "row"), span))
    kinds = Counter(log.events["kind"])
    kind_counts = ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items()))
    # Not padded to the width of all kinds: the last column may have any length.
    if "events" in log.unrecorded_tables and not kinds:
        return rows
    return [*rows, ("  kinds of event", "", kind_counts or "none")]


def _network_capture_labels_and_values(
    window: parsers.NetworkCaptureWindow,
) -> list[tuple[str, str]]:
    """Return what a network log covers."""
    times = window.start, window.end
    span = " to ".join(f"{time:%Y-%m-%d %H:%M:%S}" for time in times if time is not None)
    stored = "all" if window.snap_length is None else f"at most {window.snap_length:,}"
    flows = "not known"
    if window.flow_count is not None:
        flows = f"{window.flow_count}, {window.unnamed_flow_count or 0} of them without a host name"
    hidden = ", ".join(f"{name} {number}" for name, number in window.blind_spots.items())
    return [
        ("  recorded", f"{span} UTC" if span else "times not known"),
        ("  bytes stored per packet", stored),
        ("  flows", flows),
        ("  traffic with hidden names", hidden or "none"),
        ("  not recorded", terminal_safe_text(window.excluded_traffic or "nothing known")),
    ]


def _byte_coverage_total_rows(log: parsers.Log) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"  {kind}",
            f"{size:,}",
            f"{100 * size / log.source.size:.2f} %",
            parsers.COVERAGE_KINDS[kind],
        )
        for kind, size in log.coverage_sizes.items()
    ]


def _describe_issues(log: parsers.Log) -> str:
    if not log.issues:
        return "Issues   none: every byte is accounted for"
    lines = [
        f"  at {issue.offset} (0x{issue.offset:x}), {pluralised_count(issue.size, 'byte')}: "
        f"{terminal_safe_text(issue.reason)}"
        for issue in log.issues[:_MOST_ISSUES]
    ]
    rest = len(log.issues) - len(lines)
    return (
        f"Issues ({len(log.issues)})\n"
        + "\n".join(lines)
        + (f"\n  … and {rest} more" if rest else "")
    )


def _log_header_json_text(log: parsers.Log) -> str:
    """Return the header of a log as JSON."""
    document = {
        "source": as_json_value(log.source),
        "aircraft": as_json_value(log.aircraft),
        "clock": as_json_value(log.clock),
        "encrypted": log.encrypted,
        "key_request": log.key_request.sha256 if log.key_request is not None else None,
        "keychain": log.keychain_sha256,
        "tables": {name: len(getattr(log, name)) for name in parsers.TABLES},
        "unrecorded_tables": list(log.unrecorded_tables),
        "capture_window": as_json_value(log.capture_window),
        "records": dict(log.record_counts),
        "coverage": [span._asdict() for span in log.coverage],
        "issues": [as_json_value(issue) for issue in log.issues],
    }
    return json.dumps(document, indent=1, sort_keys=True)
