"""Facts of a flight that many rules use: its date, positions, and the bytes of its logs."""

import datetime as dt

import numpy as np
import pandas as pd

from dji_audit.compliance.findings import Evidence
from dji_audit.flights import Flight, ValueInLog
from parsers import Source


def evidence_of_record_in_flight_log(
    flight: Flight,
    *,
    offset: int | None,
    record: str,
    field: str,
    value: str,
    source_index: int = 0,
) -> Evidence:
    """Return bytes of one log of a flight as evidence."""
    return evidence_in_flight_or_network_log(
        flight.logs[source_index].source, offset, record, field, value
    )


def evidence_in_flight_or_network_log(
    source: Source, offset: int | None, record: str, field: str, value: str
) -> Evidence:
    """Return bytes of one log, of a flight or of the network, as evidence."""
    return Evidence(
        file=source.name,
        sha256=source.sha256,
        offset=offset,
        record=record,
        field=field,
        value=value,
        container_sha256=source.container_sha256,
    )


def evidence_of_one_side_of_disagreement(flight: Flight, stated: ValueInLog) -> Evidence:
    """Return the bytes of a value in one log, a side of a disagreement, as evidence."""
    return evidence_of_record_in_flight_log(
        flight,
        offset=stated.offset,
        record=stated.record,
        field=stated.field,
        value=stated.value,
        source_index=stated.source_index,
    )


def file_name_evidence(flight: Flight, source_index: int) -> Evidence:
    """Return the name of the file of one log of a flight as evidence."""
    name = flight.logs[source_index].source.name
    return evidence_of_record_in_flight_log(
        flight, offset=None, record="file", field="name", value=name, source_index=source_index
    )


def evidence_of_track_value(
    flight: Flight, row: int, column: str, *, field: str, value: str
) -> Evidence:
    """Return the bytes of one value of the track of a flight as evidence.

    Args:
        flight: The flight.
        row: Row of its track.
        column: Column of the track that holds the value.
        field: Name of the value in the evidence.
        value: The value in words.
    """
    sample = flight.track_value_in_log(row, column)
    return evidence_of_record_in_flight_log(
        flight,
        offset=sample.offset,
        record=sample.record,
        field=field,
        value=value,
        source_index=sample.source_index,
    )


def utc_date_of_flight(flight: Flight) -> dt.date | None:
    """Return the date (UTC) of a flight; ``None``: it is not known."""
    start = flight.takeoff or flight.start
    if start is None and flight.header_summary is not None:
        start = flight.header_summary.start
    return None if start is None else start.date()


def lat_lon_of_last_fix_before(
    flight: Flight, time: pd.Timestamp | None
) -> tuple[float, float] | None:
    """Return the position of the aircraft at a time: its last fix before, within five seconds."""
    track = flight.track
    if time is None or pd.isna(time) or not len(track):
        return None
    times = track["time"].to_numpy("datetime64[ns]")
    index = int(np.searchsorted(times, np.datetime64(time.value, "ns"), "right")) - 1
    if index < 0 or abs((track["time"].iloc[index] - time).total_seconds()) > 5:
        return None
    latitude, longitude = (
        float(track[name].iloc[index]) for name in ("latitude_deg", "longitude_deg")
    )
    return (latitude, longitude) if np.isfinite(latitude) and np.isfinite(longitude) else None


def why_flight_has_no_track(flight: Flight) -> str:
    """Return why a flight has no track; empty: it has one."""
    if len(flight.track):
        return ""
    if flight.has_only_encrypted_logs:
        return "the log is encrypted and no key for it was given"
    return "the log holds no positions"
