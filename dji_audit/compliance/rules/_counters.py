"""The counters of a log in the order of its bytes: what a damaged or changed file breaks first.

The tables of a log are in time order, so that what stands out of place in the file
does not show there.  This is the one place where rules name the records of a
format: those that carry a counter which rises through the whole log.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from parsers import Log

Floats = npt.NDArray[np.float64]

#: Format -> records with a counter: record, column, seconds a unit.
_COUNTERS: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    "dji-txt": (("Custom", "time_ms", 1e-3), ("OSD", "flight_time_s", 1.0)),
    "dji-dat": (("OSD", "time", 1.0),),
    "dataflash": (("GPS", "TimeUS", 1e-6), ("POS", "TimeUS", 1e-6)),
    "ulog": (
        ("vehicle_gps_position", "timestamp", 1e-6),
        ("vehicle_local_position", "timestamp", 1e-6),
    ),
    "mavlink-tlog": (("GLOBAL_POSITION_INT", "time_boot_ms", 1e-3),),
}
#: Format -> record with a clock of its own beside the counter: record, clock and its
#: seconds a unit, counter and its, and the column that says whether the clock is set.
_CLOCKS: Mapping[str, tuple[str, str, float, str, float, tuple[str, float] | None]] = {
    "dataflash": ("GPS", "GMS", 1e-3, "TimeUS", 1e-6, ("Status", 3)),
    "mavlink-tlog": ("SYSTEM_TIME", "time_unix_usec", 1e-6, "time_boot_ms", 1e-3, None),
    "ulog": ("vehicle_gps_position", "time_utc_usec", 1e-6, "timestamp", 1e-6, ("fix_type", 3)),
}


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of one sender, in the order of the file."""

    record: str
    field: str
    offsets: npt.NDArray[np.int64]
    #: Seconds since any instant.
    seconds: Floats
    #: For each record a number that is the same for records of the same content.
    contents: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class ClockPair:
    """A clock and, at the same places of the file, the aircraft's own counter."""

    record: str
    field: str
    offsets: npt.NDArray[np.int64]
    clock_s: Floats
    counter_s: Floats


def counters(log: Log) -> Iterator[Counter]:
    """Yield the counters of a log; none for a format that has none."""
    for record, field, unit in _COUNTERS.get(log.source.format, ()):
        frame = _records(log, record)
        if frame is None or field not in frame:
            continue
        for part in _by_sender(frame):
            seconds = _seconds(part[field], unit)
            known = np.isfinite(seconds)
            if not known.any():
                continue
            told = part[known]
            contents = pd.util.hash_pandas_object(told.drop(columns=["offset"]), index=False)
            yield Counter(
                record,
                field,
                told["offset"].to_numpy(np.int64),
                seconds[known],
                np.asarray(contents, np.uint64),
            )


def clocks(log: Log) -> Iterator[ClockPair]:
    """Yield the clocks of a log beside the counters they are held against."""
    if log.source.format == "dji-txt":
        yield from _device_clock(log)
        return
    if log.source.format not in _CLOCKS:
        return
    record, clock, clock_unit, counter, counter_unit, valid = _CLOCKS[log.source.format]
    frame = _records(log, record)
    if frame is None or not {clock, counter} <= set(frame.columns):
        return
    for part in _by_sender(frame):
        clock_s, counter_s = (
            _seconds(part[clock], clock_unit),
            _seconds(part[counter], counter_unit),
        )
        known = np.isfinite(clock_s) & np.isfinite(counter_s) & (clock_s > 0)
        if valid is not None and valid[0] in part:
            known &= part[valid[0]].to_numpy(np.float64) >= valid[1]
        offsets = part["offset"].to_numpy(np.int64)
        yield ClockPair(record, clock, offsets[known], clock_s[known], counter_s[known])


def _device_clock(log: Log) -> Iterator[ClockPair]:
    """Yield the clock of the app's device beside the flight time that the aircraft sent last."""
    custom, osd = _records(log, "Custom"), _records(log, "OSD")
    if custom is None or osd is None or not len(osd):
        return
    offsets = custom["offset"].to_numpy(np.int64)
    before = np.searchsorted(osd["offset"].to_numpy(np.int64), offsets) - 1
    clock_s = _seconds(custom["time_ms"], 1e-3)
    counter_s = _seconds(osd["flight_time_s"], 1.0)[np.maximum(before, 0)]
    known = np.isfinite(clock_s) & np.isfinite(counter_s) & (before >= 0)
    yield ClockPair("Custom", "time_ms", offsets[known], clock_s[known], counter_s[known])


def _records(log: Log, name: str) -> pd.DataFrame | None:
    try:
        return log.records(name)
    except KeyError:
        return None


def _by_sender(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the records of each sender, and of each file of a container; most logs have one."""
    names = ("entry", "system", "component", "multi_id", "I")
    keys = [name for name in names if name in frame and _varies(frame[name])]
    if not keys:
        yield frame
        return
    for _, part in frame.groupby(keys, sort=True, dropna=False):
        yield part


def _varies(column: "pd.Series[float]") -> bool:
    values = column.to_numpy()
    return bool((values != values[:1]).any())


def _seconds(column: "pd.Series[float]", unit: float) -> Floats:
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        ns = column.to_numpy("datetime64[ns]")
        return np.asarray(np.where(np.isnat(ns), np.nan, ns.astype(np.int64) / 1e9))
    return np.asarray(column.to_numpy(np.float64) * unit)
