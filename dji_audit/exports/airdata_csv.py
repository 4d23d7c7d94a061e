"""CSV with the columns and units of a table that Airdata writes (metric): one flight a file.

For programs that take such tables. Facts: the header as it is quoted in public
(drone-comp/m30ttools), of which no real file is known; `parsers/dji/csv_export` reads it.

* Only columns whose meaning is known are filled; the others stay empty, as Airdata leaves those
  that a drone does not record. Heights above the ground by a terrain model, gains and cell
  voltages are among these.
* ``datetime(utc)`` is UTC cut to the second, as Airdata writes it; ``time(millisecond)`` counts
  from the first row. A log without UTC has no ``datetime(utc)``.
* ``height_above_takeoff`` is above take-off, ``altitude_above_seaLevel`` above mean sea level as
  the log states it, ``height_sonar`` above the ground as measured.
* ``distance`` is from the home point, ``mileage`` along the track; both geodesic.
* ``isVideo`` is 1 from the start of a video until its end, ``isPhoto`` in the row at or after a
  photo. ``message`` holds the events of that moment.
* Text is never a formula and has no unseen character.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.exports._export_format import ExportFormat, ExportProvenance, FlightParts
from dji_audit.exports._exported_flight import ExportedFlight, text_with_unseen_spelt_out_or_none
from dji_audit.exports.kml import SETTINGS_KINDS
from dji_audit.geo.geodesy import distances_between_point_pairs_m

COLUMNS = (
    "time(millisecond)", "datetime(utc)", "latitude", "longitude", "height_above_takeoff(meters)",
    "height_above_ground_at_drone_location(meters)", "ground_elevation_at_drone_location(meters)",
    "altitude_above_seaLevel(meters)", "height_sonar(meters)", "speed(m/s)", "distance(meters)",
    "mileage(meters)", "satellites", "gpslevel", "voltage(v)", "max_altitude(meters)",
    "max_ascent(meters)", "max_speed(m/s)", "max_distance(meters)", " xSpeed(m/s)", " ySpeed(m/s)",
    " zSpeed(m/s)", " compass_heading(degrees)", " pitch(degrees)", " roll(degrees)", "isPhoto",
    "isVideo", "rc_elevator", "rc_aileron", "rc_throttle", "rc_rudder", "rc_elevator(percent)",
    "rc_aileron(percent)", "rc_throttle(percent)", "rc_rudder(percent)", "gimbal_heading(degrees)",
    "gimbal_pitch(degrees)", "gimbal_roll(degrees)", "battery_percent", "voltageCell1",
    "voltageCell2", "voltageCell3", "voltageCell4", "voltageCell5", "voltageCell6", "current(A)",
    "battery_temperature(c)", "altitude(meters)", "ascent(meters)", "flycStateRaw", "flycState",
    "message",
)  # fmt: skip
#: Column of Airdata -> column of the track, and the decimals written.
_NUMBERS = {
    "latitude": ("latitude_deg", 9),
    "longitude": ("longitude_deg", 9),
    "height_above_takeoff(meters)": ("height_ato_m", 3),
    "altitude_above_seaLevel(meters)": ("altitude_amsl_m", 3),
    "height_sonar(meters)": ("height_agl_m", 3),
    "speed(m/s)": ("ground_speed_mps", 3),
    "satellites": ("satellites", 0),
    " compass_heading(degrees)": ("heading_deg", 2),
    " pitch(degrees)": ("pitch_deg", 2),
    " roll(degrees)": ("roll_deg", 2),
    "gimbal_heading(degrees)": ("gimbal_yaw_deg", 2),
    "gimbal_pitch(degrees)": ("gimbal_pitch_deg", 2),
    "gimbal_roll(degrees)": ("gimbal_roll_deg", 2),
    "battery_percent": ("battery_pct", 1),
}
_NO_TIME = np.iinfo(np.int64).min


def _document_parts_of_flight(flight: ExportedFlight) -> tuple[bytes, ...]:
    table = flight.track.table
    columns: dict[str, list[str]] = {}
    for name, (column, digits) in _NUMBERS.items():
        values = table[column].to_numpy(np.float64, na_value=np.nan)
        columns[name] = _number_texts(values, digits)
    ns = table["time"].to_numpy("datetime64[ns]").astype(np.int64)
    columns["time(millisecond)"] = _elapsed_ms_texts(flight, ns)
    columns["datetime(utc)"] = _utc_texts_to_whole_second(ns)
    columns |= _distance_columns(flight)
    photo, video = _photo_and_video_flag_columns(flight, ns)
    columns["isPhoto"], columns["isVideo"] = photo, video
    columns["flycState"] = [
        str(spreadsheet_safe_cell(text_with_unseen_spelt_out_or_none(mode) or ""))
        for mode in table["flight_mode"]
    ]
    columns["message"] = _event_text_of_each_row(flight, ns)
    empty = [""] * len(table)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(zip(*(columns.get(name, empty) for name in COLUMNS), strict=True))
    return (stream.getvalue().encode("utf-8"),)


def _number_texts(values: npt.NDArray[np.float64], digits: int) -> list[str]:
    # 0 +: there is no negative 0.
    return [
        "" if value != value else f"{0 + round(value, digits):.{digits}f}"
        for value in values.tolist()
    ]


def _elapsed_ms_texts(flight: ExportedFlight, ns: npt.NDArray[np.int64]) -> list[str]:
    """Return milliseconds since the first row, by UTC, else by the log's own clock."""
    if not (ns != _NO_TIME).any():
        ns = flight.track.table_local_times.astype("datetime64[ns]").astype(np.int64)
    known = ns != _NO_TIME
    first = int(ns[known].min()) if known.any() else 0
    return [
        str(round((value - first) / 1e6)) if is_known else ""
        for value, is_known in zip(ns.tolist(), known.tolist(), strict=True)
    ]


def _utc_texts_to_whole_second(ns: npt.NDArray[np.int64]) -> list[str]:
    seconds = (ns // 10**9).astype("datetime64[s]")
    return [
        str(second).replace("T", " ") if is_known else ""
        for second, is_known in zip(seconds, (ns != _NO_TIME).tolist(), strict=True)
    ]


def _distance_columns(flight: ExportedFlight) -> dict[str, list[str]]:
    table = flight.track.table
    latitude = table["latitude_deg"].to_numpy(np.float64)
    longitude = table["longitude_deg"].to_numpy(np.float64)
    known = np.flatnonzero(np.isfinite(latitude + longitude))
    mileage = np.full(len(table), np.nan)
    if len(known):
        before, after = known[:-1], known[1:]
        steps = distances_between_point_pairs_m(
            latitude[after], longitude[after], latitude[before], longitude[before]
        )
        mileage[known] = np.concatenate([[0.0], np.cumsum(steps)])
    columns = {"mileage(meters)": _number_texts(mileage, 2)}
    distances = flight.track.table_home_distances_m
    if np.isfinite(distances).any():
        columns["distance(meters)"] = _number_texts(distances, 2)
    return columns


def _photo_and_video_flag_columns(
    flight: ExportedFlight, ns: npt.NDArray[np.int64]
) -> tuple[list[str], list[str]]:
    """Return where a photo was taken, and where a video ran; all empty without UTC."""
    timed = ns[ns != _NO_TIME]
    photo, changes = np.zeros(len(ns), bool), np.zeros(len(ns) + 1, np.int64)
    if not len(timed):
        return [""] * len(ns), [""] * len(ns)
    for capture in flight.captures:
        if capture.start is None:
            continue
        first = int(np.searchsorted(timed, capture.start.value, "left"))
        if capture.kind == "photo" and first < len(timed):
            photo[first] = True
        elif capture.kind == "video" and capture.end is not None:
            changes[first] += 1
            changes[max(first, int(np.searchsorted(timed, capture.end.value, "left")))] -= 1
    video = np.cumsum(changes[:-1]) > 0
    return [str(int(flag)) for flag in photo], [str(int(flag)) for flag in video]


def _event_text_of_each_row(flight: ExportedFlight, ns: npt.NDArray[np.int64]) -> list[str]:
    """Return the events at or before each row and after the row before it."""
    timed = ns[ns != _NO_TIME]
    by_row: dict[int, list[str]] = defaultdict(list)
    for event in flight.events:
        if event.time is None or event.text is None or event.kind in SETTINGS_KINDS:
            continue
        if not event.kind.startswith("capture.") and len(timed):
            row = int(np.searchsorted(timed, event.time.value, "left"))
            by_row[min(row, len(timed) - 1)].append(event.text)
    if flight.received_only and len(ns):
        by_row[0].insert(0, "No log of the aircraft is at hand: this is what it broadcast")
    return [str(spreadsheet_safe_cell("; ".join(by_row.get(row, ())))) for row in range(len(ns))]


def _document_from_parts(
    flights: Sequence[FlightParts], basis: ExportProvenance
) -> Iterator[bytes]:
    for parts in flights:
        yield parts(0)


FORMAT = ExportFormat(
    name="csv-airdata",
    title="CSV with the columns of Airdata, one file for each flight",
    suffix="-airdata.csv",
    flight_parts=_document_parts_of_flight,
    document=_document_from_parts,
    holds_several_flights=False,
)
