"""Sticks, obstacle sensing, radio link and battery: what records tell beyond the track.

Each format names and scales them in its own way.  The table below says, for each, which field
of which record is meant and how it becomes the unit shown.  Sources: the layouts in
``docs/formats``; MAVLink common messages (RC_CHANNELS, DISTANCE_SENSOR, RADIO_STATUS,
SYS_STATUS, ADSB_VEHICLE); the log messages of ArduPilot (RCIN, RFND, BAT); the message
definitions of PX4 (manual_control_setpoint, distance_sensor, battery_status).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights import FlightSource, times_of_records_at_offsets

Floats = npt.NDArray[np.float64]

#: Fields in which 0 is no thrust, and the middle of the stick half of it.
_THRUSTS = frozenset({("MANUAL_CONTROL", "z"), ("manual_control_setpoint", "z")})

#: Quantity -> what it is called and its unit, in the order in which they are shown.
QUANTITIES = {
    "sticks": ("Control sticks", "% of full deflection"),
    "obstacle": ("Distance to what a sensor saw", "m"),
    "link": ("Radio link", "as recorded"),
    "voltage": ("Battery voltage", "V"),
    "current": ("Battery current", "A"),
}


@dataclass(frozen=True, slots=True)
class FieldOfRecord:
    """A field of a record that states a quantity."""

    quantity: str
    record: str
    field: str
    #: What is drawn and listed, such as "throttle" or "channel 3".
    label: str
    #: From the value of the field to the unit of the quantity; NaN: the field says "not known".
    convert: Callable[[Floats], Floats]
    #: Another field of the record and the only value of it that counts: (field, value).
    only_where: tuple[str, object] | None = None

    @property
    def is_zero_at_rest(self) -> bool:
        """Whether a stick that is let go gives 0: a thrust from nothing to full does not."""
        return (self.record, self.field) not in _THRUSTS


@dataclass(frozen=True, slots=True, eq=False)
class QuantitySeries:
    """One quantity in the time of an incident, as one field of one log states it."""

    field: FieldOfRecord
    #: Index of the log in ``Flight.logs``.
    source_index: int
    #: ``datetime64[ns, UTC]``, rising.
    times: pd.DatetimeIndex
    numbers: Floats
    #: Byte in the log of each record.
    offsets: npt.NDArray[np.int64]


def _identity_conversion(values: Floats) -> Floats:
    return values


def _scaling_conversion(factor: float, *unknown: float) -> Callable[[Floats], Floats]:
    """Return what multiplies by a factor, and makes some values "not known"."""

    def convert(values: Floats) -> Floats:
        return np.where(np.isin(values, unknown), np.nan, values * factor)

    return convert


def _dji_stick_percent(values: Floats) -> Floats:
    """Return percent from 364 to 1684 about 1024."""
    return np.where(values == 0, np.nan, (values - 1024) / 6.6)


def _rc_pulse_percent(values: Floats) -> Floats:
    """Return percent from pulses of 1000 to 2000 µs; 0 and 65535: no pulse."""
    return np.where(np.isin(values, (0, 65535)), np.nan, (values - 1500) / 5)


def _define_record_fields(
    quantity: str,
    record: str,
    names: str,
    convert: Callable[[Floats], Floats],
    labels: str = "",
    only_where: tuple[str, object] | None = None,
) -> tuple[FieldOfRecord, ...]:
    """Return fields of one record that are converted alike; labels are parted by commas."""
    fields = names.split()
    shown = labels.split(",") if labels else fields
    return tuple(
        FieldOfRecord(quantity, record, field, label, convert, only_where)
        for field, label in zip(fields, shown, strict=True)
    )


_STICKS = "aileron elevator throttle rudder"
_CHANNELS = "channel 1,channel 2,channel 3,channel 4"
#: Name of the format -> the fields of its records; the first record that there is counts.
_FIELDS_OF_FORMAT: dict[str, tuple[FieldOfRecord, ...]] = {
    "dji-txt": (
        *_define_record_fields("sticks", "RC", _STICKS, _dji_stick_percent),
        *_define_record_fields("sticks", "RCDisplay", _STICKS, _dji_stick_percent),
        *_define_record_fields(
            "link", "OFDM", "signal_pct", _identity_conversion, "uplink %", ("uplink", True),
        ),
        *_define_record_fields(
            "link", "OFDM", "signal_pct", _identity_conversion, "downlink %", ("uplink", False),
        ),
        *_define_record_fields(
            "voltage", "CenterBattery", "voltage_v", _scaling_conversion(1, 0), "battery",
        ),
        *_define_record_fields(
            "voltage", "SmartBattery", "voltage_v", _scaling_conversion(1, 0), "battery",
        ),
        *_define_record_fields(
            "current", "CenterBattery", "current_a", _identity_conversion, "battery",
        ),
    ),
    "dji-csv": (
        *_define_record_fields(
            "sticks", "Row", "RC.aileron RC.elevator RC.throttle RC.rudder", _identity_conversion,
        ),
        *_define_record_fields(
            "link", "Row", "RC.uplinkSignal RC.downlinkSignal", _identity_conversion,
            "uplink,downlink",
        ),
        *_define_record_fields(
            "voltage", "Row", "SMART_BATTERY.voltage", _scaling_conversion(1, 0), "battery",
        ),
    ),
    "mavlink-tlog": (
        *_define_record_fields(
            "sticks", "RC_CHANNELS", "chan1_raw chan2_raw chan3_raw chan4_raw", _rc_pulse_percent,
            _CHANNELS,
        ),
        *_define_record_fields(
            "sticks", "RC_CHANNELS_RAW", "chan1_raw chan2_raw chan3_raw chan4_raw",
            _rc_pulse_percent, _CHANNELS,
        ),
        *_define_record_fields(
            "sticks", "MANUAL_CONTROL", "x y z r", _scaling_conversion(0.1, 32767),
            "pitch,roll,thrust,yaw",
        ),
        *_define_record_fields(
            "obstacle", "DISTANCE_SENSOR", "current_distance", _scaling_conversion(0.01),
            "distance",
        ),
        *_define_record_fields(
            "obstacle", "RANGEFINDER", "distance", _identity_conversion, "distance",
        ),
        *_define_record_fields(
            "link", "RADIO_STATUS", "rssi remrssi", _scaling_conversion(1, 255),
            "on the ground,in the air",
        ),
        *_define_record_fields(
            "link", "RC_CHANNELS", "rssi", _scaling_conversion(1, 255), "receiver",
        ),
        *_define_record_fields(
            "voltage", "SYS_STATUS", "voltage_battery", _scaling_conversion(0.001, 65535),
            "battery",
        ),
        *_define_record_fields(
            "current", "SYS_STATUS", "current_battery", _scaling_conversion(0.01, -1), "battery",
        ),
    ),
    "dataflash": (
        *_define_record_fields("sticks", "RCIN", "C1 C2 C3 C4", _rc_pulse_percent, _CHANNELS),
        *_define_record_fields("obstacle", "RFND", "Dist", _identity_conversion, "distance"),
        *_define_record_fields("obstacle", "PRX", "CDis", _identity_conversion, "closest"),
        *_define_record_fields("link", "RSSI", "RXRSSI", _identity_conversion, "receiver"),
        *_define_record_fields("voltage", "BAT", "Volt", _identity_conversion, "battery"),
        *_define_record_fields("voltage", "CURR", "Volt", _identity_conversion, "battery"),
        *_define_record_fields("current", "BAT", "Curr", _identity_conversion, "battery"),
        *_define_record_fields("current", "CURR", "Curr", _identity_conversion, "battery"),
    ),
    "ulog": (
        *_define_record_fields(
            "sticks", "manual_control_setpoint", "roll pitch yaw throttle",
            _scaling_conversion(100),
        ),
        *_define_record_fields(
            "sticks", "manual_control_setpoint", "y x r z", _scaling_conversion(100),
            "roll,pitch,yaw,throttle",
        ),
        *_define_record_fields(
            "obstacle", "distance_sensor", "current_distance", _identity_conversion, "distance",
        ),
        *_define_record_fields("link", "input_rc", "rssi", _scaling_conversion(1, -1), "receiver"),
        *_define_record_fields(
            "link", "radio_status", "rssi remote_rssi", _identity_conversion,
            "on the ground,in the air",
        ),
        *_define_record_fields(
            "voltage", "battery_status", "voltage_v", _scaling_conversion(1, 0), "battery",
        ),
        *_define_record_fields(
            "current", "battery_status", "current_a", _scaling_conversion(1, -1), "battery",
        ),
    ),
}  # fmt: skip


def iterate_series_of_each_quantity(
    sources: tuple[FlightSource, ...], start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[QuantitySeries]:
    """Yield what the records of a flight's logs tell of each quantity between two instants.

    A copy of a log tells nothing again.  Records are placed in time by
    ``times_of_records_at_offsets``; those without a value that is a number are left out.
    """
    for index, source in enumerate(sources):
        if source.copy_of is None and not source.is_media:
            yield from _series_of_source(source, index, start, end)


def _series_of_source(
    source: FlightSource, index: int, start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[QuantitySeries]:
    record_of_quantity: dict[str, str] = {}
    counts = source.log.record_counts
    for field in _FIELDS_OF_FORMAT.get(source.log.source.format, ()):
        if not counts.get(field.record) or not source.alignment.is_aligned:
            continue
        series = _series_of_record_field(source, index, field, start, end)
        if series is None:
            continue
        # Where two kinds of record tell the same, the first of the table is enough.
        if record_of_quantity.setdefault(field.quantity, field.record) == field.record:
            yield series


def _series_of_record_field(
    source: FlightSource,
    index: int,
    field: FieldOfRecord,
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> QuantitySeries | None:
    records = source.log.records(field.record)
    if field.field not in records:
        return None
    values = pd.to_numeric(records[field.field], errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    values = field.convert(values)
    offsets = records["offset"].to_numpy(np.int64)
    times = times_of_records_at_offsets(source, offsets)
    chosen = np.isfinite(values) & (times >= start) & (times <= end)
    if field.only_where is not None:
        name, value = field.only_where
        chosen &= (records[name] == value).fillna(False).to_numpy(bool)
    if not chosen.any():
        return None
    order = np.argsort(times[chosen], kind="stable")
    return QuantitySeries(
        field, index, times[chosen][order], values[chosen][order], offsets[chosen][order]
    )
