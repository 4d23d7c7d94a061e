"""The full-rate values of an incident as CSV, with the byte that states each row."""

import csv
import io
import re
from collections.abc import Iterator

import pandas as pd

from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.flights import FlightSource
from dji_audit.incident._incident_document_model import IncidentDocument
from dji_audit.incident._stick_link_and_battery_series import QUANTITIES

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9]+")


def full_rate_csv_files(document: IncidentDocument) -> Iterator[tuple[str, str]]:
    """Yield name and text of each CSV file of a bundle: the track of each log, and the records.

    Times are UTC with microseconds; a value that is not known is empty.
    """
    flight = document.flight
    for number, source in enumerate(flight.sources, 1):
        track = source.track
        inside = track[track["time"].between(document.start, document.end)]
        if len(inside) and not source.is_media:
            yield (
                f"fixes-{number}-{_filesystem_safe_name_of_source_file(source)}.csv",
                _track_csv(inside, document.moment),
            )
    if records := _stick_sensor_link_and_battery_values_csv(document):
        yield "records.csv", records


def _filesystem_safe_name_of_source_file(source: FlightSource) -> str:
    """Return a name for a file, of plain letters and digits."""
    return _NOT_IN_A_NAME.sub("-", source.log.source.name.rpartition("/")[2])[:60].strip("-")


def _track_csv(track: pd.DataFrame, moment: pd.Timestamp) -> str:
    shown = track.dropna(axis="columns", how="all").copy()
    shown.insert(1, "second", (shown["time"] - moment).dt.total_seconds())
    shown["time"] = _utc_texts(pd.DatetimeIndex(shown["time"]))
    return _csv_text(
        list(shown.columns),
        (
            ["" if pd.isna(value) else value for value in row]
            for row in shown.itertuples(index=False, name=None)
        ),
    )


def _stick_sensor_link_and_battery_values_csv(document: IncidentDocument) -> str:
    """Return the values of sticks, sensors, link and battery; empty: there is none."""
    flight = document.flight
    rows: list[list[object]] = []
    for one in document.series:
        name = flight.sources[one.source_index].log.source.name
        title, unit = QUANTITIES[one.field.quantity]
        seconds = (one.times - document.moment).total_seconds()
        rows += [
            [time, round(second, 6), title, one.field.label, value, unit, name,
             f"{one.field.record}.{one.field.field}", offset]
            for time, second, value, offset in zip(
                _utc_texts(one.times), seconds, one.numbers.tolist(), one.offsets.tolist(),
                strict=True,
            )
        ]  # fmt: skip
    headings = ["time", "second", "quantity", "which", "value", "unit", "log", "record",
                "source_offset"]  # fmt: skip
    return _csv_text(headings, iter(rows)) if rows else ""


def _utc_texts(times: pd.DatetimeIndex) -> list[str]:
    return [f"{time:%Y-%m-%dT%H:%M:%S.%f}Z" for time in times]


def _csv_text(headings: list[str], rows: Iterator[list[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([spreadsheet_safe_cell(value) for value in row] for row in rows)
    return text.getvalue()
