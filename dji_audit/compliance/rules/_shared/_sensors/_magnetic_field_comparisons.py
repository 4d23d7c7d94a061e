"""The earth's magnetic field as a log holds it, beside that of the place that the log states.

A log holds it several times over: the field that the magnetometer measured, turned to the
horizontal by the attitude; the field of the earth that the filter estimated; what the autopilot's
own model expects at its position; the declination that it looked up.  A measured field counts only
where turning in the air did not change it, as it does beside iron; of an aircraft that did not turn
only what two magnetometers show alike, since iron is not equally near to both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    AirborneLogTrack,
    Floats,
    airborne_track_of_each_log,
)
from dji_audit.compliance.rules._shared._sensors._sensor_reading_comparisons import (
    sensor_readings_in_air,
    values_interpolated_at_readings,
)
from dji_audit.flights import Flight, cache_for_last_flight
from dji_audit.geo.magnetic_field import MagneticField, magnetic_field
from parsers import SensorReadings

#: Milligauss between which the field lies everywhere on earth, with a margin for iron.
_FIELD_ON_EARTH_MG = (180.0, 720.0)
#: Turn of the heading in the air, degrees, without which iron of the aircraft cannot be seen.
_LEAST_TURN_DEG = 90.0
#: Spread (standard deviation) of dip and strength beyond which iron or currents disturb the field.
_LARGEST_DIP_SPREAD_DEG, _LARGEST_STRENGTH_SPREAD = 8.0, 0.12
#: Field of ArduPilot's simulators of before 2018, whatever place they fly at: dip and milligauss,
#: as measured in real logs of them.
_OLD_SIMULATOR_FIELD = (-66.0, 399.0)
#: Date whose model stands in where a log knows no date; the field changes by 0.3 degrees a year.
_DATE_IF_UNKNOWN = np.datetime64("2020-01-01", "s")


@dataclass(frozen=True, slots=True, kw_only=True)
class MagneticFieldTolerances:
    """How far the field in a log may differ from the model, by iron, currents and old tables."""

    dip_deg: float
    #: Share of the strength.
    strength_share: float
    declination_deg: float
    #: Of the dip, and of the declination, that tables of the autopilot give for its position.
    expected_dip_deg: float
    looked_up_declination_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MagneticFieldComparison:
    """One number of the field in a log, beside that of the model."""

    #: "dip", "strength", "declination".
    quantity: str
    unit: str
    source: str
    reading: SensorReadings
    #: Row of the reading that is shown: the one nearest to the value.
    row: int
    in_log: float
    by_model: float
    allowed: float

    @property
    def absolute_difference(self) -> float:
        """How far the two are apart, never negative."""
        apart = abs(self.in_log - self.by_model)
        return min(apart, 360 - apart) if self.quantity == "declination" else apart

    @property
    def is_beyond_tolerance(self) -> bool:
        """Whether they differ by more than is allowed."""
        return self.absolute_difference > self.allowed

    @property
    def text(self) -> str:
        """Both numbers in words."""
        return (
            f"{self.quantity} of {self.in_log:.0f}{self.unit} by the {self.source} "
            f"({self.reading.record}), {self.by_model:.0f}{self.unit} by the model"
        )


@dataclass(frozen=True, slots=True)
class LoggedPlaceAndExpectedMagneticField:
    """Where and when a log says that it was, and the field there."""

    time: pd.Timestamp
    latitude_deg: float
    longitude_deg: float
    field: MagneticField
    has_date: bool


@cache_for_last_flight
def logs_with_magnetic_field_comparisons(
    flight: Flight, tolerances: MagneticFieldTolerances
) -> tuple[
    tuple[
        AirborneLogTrack, LoggedPlaceAndExpectedMagneticField, tuple[MagneticFieldComparison, ...]
    ],
    ...,
]:
    """Return what could be compared in each log that has anything to compare."""
    made = []
    for track in airborne_track_of_each_log(flight):
        place = _logged_place_and_expected_field(track)
        compared = (
            ()
            if place is None
            else tuple(_reliable_magnetic_field_comparisons(track, place, tolerances))
        )
        if place is not None and compared:
            made.append((track, place, compared))
    return tuple(made)


def _logged_place_and_expected_field(
    track: AirborneLogTrack,
) -> LoggedPlaceAndExpectedMagneticField | None:
    latitude, longitude = (track.column_values(f"{name}_deg") for name in ("latitude", "longitude"))
    known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    if not len(known):
        return None
    row = int(known[0])
    time = track.time_at(row)
    date = time.to_datetime64().astype("datetime64[s]")
    field = magnetic_field(date, float(latitude[row]), float(longitude[row]))
    has_date = field is not None
    field = field or magnetic_field(_DATE_IF_UNKNOWN, float(latitude[row]), float(longitude[row]))
    if field is None:
        return None
    return LoggedPlaceAndExpectedMagneticField(
        time, float(latitude[row]), float(longitude[row]), field, has_date
    )


def _reliable_magnetic_field_comparisons(
    track: AirborneLogTrack,
    place: LoggedPlaceAndExpectedMagneticField,
    tolerances: MagneticFieldTolerances,
) -> Iterator[MagneticFieldComparison]:
    """Yield each number of the field that the log holds and that can be relied on."""
    readings = sensor_readings_in_air(track.flight_log.flight, track)
    measured = list(_measured_dip_and_strength_of_magnetometers(readings))
    has_turned = _heading_turned_enough(readings)
    if not has_turned:
        measured = _agreeing_magnetometers(measured, tolerances)
    for reading, dip, strength in measured:
        yield from _dip_and_strength_comparisons(reading, dip, strength, place, tolerances)
    if has_turned:
        for reading in readings:
            if reading.quantity == "earth's magnetic field":
                yield from _ekf_magnetic_field_comparisons(reading, place, tolerances)
    for reading in track.flight_log.log.sensor_readings:
        if reading.quantity == "expected magnetic field":
            yield _comparison_with_model(
                "dip", "°", reading, reading.numbers[:, 0], place.field.dip_deg,
                tolerances.expected_dip_deg,
            )  # fmt: skip
        elif reading.quantity == "magnetic declination":
            yield _declination_comparison(
                reading, reading.numbers[:, 0], place, tolerances.looked_up_declination_deg
            )


def _measured_dip_and_strength_of_magnetometers(
    readings: Sequence[SensorReadings],
) -> Iterator[tuple[SensorReadings, Floats, Floats]]:
    """Yield dip and strength that each magnetometer measured."""
    attitude = next((each for each in readings if each.quantity == "attitude"), None)
    if attitude is None:
        return
    for each in readings:
        if each.quantity != "magnetic field":
            continue
        angles = np.radians(values_interpolated_at_readings(each, attitude))
        level = _rotate_to_horizontal(each.numbers, angles[:, 0], angles[:, 1])
        known = np.isfinite(level).all(axis=1) & (abs(each.numbers).sum(axis=1) > 0)
        if known.any():
            dip, strength = _dip_and_strength_of_vectors(level[known])
            yield _readings_at_rows(each, known), dip, strength


def _agreeing_magnetometers(
    measured: Sequence[tuple[SensorReadings, Floats, Floats]], tolerances: MagneticFieldTolerances
) -> list[tuple[SensorReadings, Floats, Floats]]:
    """Return the magnetometers whose usual dip and strength another one confirms."""
    usual = np.array([(np.median(dip), np.median(strength)) for _, dip, strength in measured])
    return [
        each
        for row, each in enumerate(measured)
        if (
            (abs(usual[:, 0] - usual[row, 0]) <= tolerances.dip_deg)
            & (abs(usual[:, 1] / usual[row, 1] - 1) <= tolerances.strength_share)
        ).sum()
        > 1
    ]


def _rotate_to_horizontal(body: Floats, roll: Floats, pitch: Floats) -> Floats:
    """Return vectors forward, right and down of the body in the horizontal of its heading."""
    x, y, z = body.T
    down_of_roll = np.sin(roll) * y + np.cos(roll) * z
    return np.column_stack(
        [
            np.cos(pitch) * x + np.sin(pitch) * down_of_roll,
            np.cos(roll) * y - np.sin(roll) * z,
            -np.sin(pitch) * x + np.cos(pitch) * down_of_roll,
        ]
    )


def _dip_and_strength_of_vectors(vectors: Floats) -> tuple[Floats, Floats]:
    """Return degrees below the horizontal and length of vectors whose third axis is down."""
    across = np.hypot(vectors[:, 0], vectors[:, 1])
    return np.degrees(np.arctan2(vectors[:, 2], across)), np.hypot(across, vectors[:, 2])


def _readings_at_rows(readings: SensorReadings, rows: npt.NDArray[np.bool_]) -> SensorReadings:
    return replace(
        readings,
        offsets=readings.offsets[rows],
        seconds=readings.seconds[rows],
        numbers=readings.numbers[rows],
    )


def _heading_turned_enough(readings: Sequence[SensorReadings]) -> bool:
    """Return whether the heading went through a good part of the circle in the air."""
    return any(
        float(np.ptp(np.unwrap(each.numbers[:, 2], period=360))) >= _LEAST_TURN_DEG
        for each in readings
        if each.quantity == "attitude" and np.isfinite(each.numbers[:, 2]).all()
    )


def _ekf_magnetic_field_comparisons(
    reading: SensorReadings,
    place: LoggedPlaceAndExpectedMagneticField,
    tolerances: MagneticFieldTolerances,
) -> Iterator[MagneticFieldComparison]:
    """Yield what the filter estimated by the second half of the flight: it learns the field."""
    late = np.zeros(len(reading.offsets), bool)
    late[len(late) // 2 :] = True
    late &= (abs(reading.numbers[:, :2]).min(axis=1) > 0) & np.isfinite(reading.numbers).all(axis=1)
    if not late.any():
        return
    kept = _readings_at_rows(reading, late)
    dip, strength = _dip_and_strength_of_vectors(kept.numbers)
    made = list(_dip_and_strength_comparisons(kept, dip, strength, place, tolerances))
    yield from made
    if made:
        angles = np.degrees(np.arctan2(kept.numbers[:, 1], kept.numbers[:, 0]))
        yield _declination_comparison(kept, angles, place, tolerances.declination_deg)


def _dip_and_strength_comparisons(
    reading: SensorReadings,
    dip: Floats,
    strength: Floats,
    place: LoggedPlaceAndExpectedMagneticField,
    tolerances: MagneticFieldTolerances,
) -> Iterator[MagneticFieldComparison]:
    usual = float(np.median(strength))
    is_natural = _FIELD_ON_EARTH_MG[0] < usual < _FIELD_ON_EARTH_MG[1]
    is_steady = (
        np.std(dip) <= _LARGEST_DIP_SPREAD_DEG
        and np.std(strength) <= _LARGEST_STRENGTH_SPREAD * usual
    )
    if not is_natural or not is_steady or _is_old_simulator_field(float(np.median(dip)), usual):
        return
    model_mg = place.field.total_nt / 100
    yield _comparison_with_model("dip", "°", reading, dip, place.field.dip_deg, tolerances.dip_deg)
    yield _comparison_with_model(
        "strength", " mG", reading, strength, model_mg, tolerances.strength_share * model_mg
    )


def _is_old_simulator_field(dip_deg: float, strength_mg: float) -> bool:
    dip, strength = _OLD_SIMULATOR_FIELD
    return abs(dip_deg - dip) < 0.5 and abs(strength_mg - strength) < 2


def _declination_comparison(
    reading: SensorReadings,
    degrees: Floats,
    place: LoggedPlaceAndExpectedMagneticField,
    tolerance_deg: float,
) -> MagneticFieldComparison:
    field = place.field
    allowed = tolerance_deg + 3 * field.declination_error_deg
    if not place.has_date:
        allowed += 3.0
    return _comparison_with_model(
        "declination", "°", reading, degrees, field.declination_deg, allowed
    )


def _comparison_with_model(
    quantity: str,
    unit: str,
    reading: SensorReadings,
    values: Floats,
    by_model: float,
    allowed: float,
) -> MagneticFieldComparison:
    usual = float(np.nanmedian(values))
    return MagneticFieldComparison(
        quantity=quantity,
        unit=unit,
        source=reading.source,
        reading=reading,
        row=int(np.nanargmin(abs(values - usual))),
        in_log=usual,
        by_model=by_model,
        allowed=allowed,
    )
