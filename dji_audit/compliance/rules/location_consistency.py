"""What the sensors measured of the earth fits the place that the log states.

The earth's magnetic field has a dip, a strength and a declination at each place, which a model of
the date gives, and a log holds them several times over.  Where the unit gives an elevation model,
the altitude at take-off belongs to a terrain.  Somebody who moves or anonymises a track leaves
these as they were.

The check is coarse.  Iron and currents of the aircraft turn the measured field by several degrees,
so that it tells continents apart and not counties: a pass names the dips that would have fitted as
well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, observation_of_encrypted_flight
from dji_audit.compliance.findings import DataNeedObservation, Evidence, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, positive_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    AirborneLogTrack,
    airborne_track_of_each_log,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    LevelGroundElevation,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._sensors._magnetic_field_comparisons import (
    LoggedPlaceAndExpectedMagneticField,
    MagneticFieldComparison,
    MagneticFieldTolerances,
    logs_with_magnetic_field_comparisons,
)
from dji_audit.flights import Flight
from parsers import SensorReadings

#: Metres below the ground of a model, and above it, at which no take-off is any more: errors of
#: altitudes without a stated datum, and roofs.
_BELOW_GROUND_M, _ABOVE_GROUND_M = 100.0, 400.0


class LocationConsistencyParameters(Parameters):
    """Parameters of the rule."""

    dip_deg: float = positive_parameter_field(
        15.0, "Degrees by which a measured dip may differ from the model."
    )
    strength_share: float = positive_parameter_field(
        0.3, "Share by which a measured strength may differ."
    )
    declination_deg: float = positive_parameter_field(
        10.0, "Degrees by which a declination may differ."
    )
    expected_dip_deg: float = positive_parameter_field(
        5.0, "Degrees by which the dip that the autopilot's model expects may differ."
    )
    looked_up_declination_deg: float = positive_parameter_field(
        5.0, "Degrees by which the declination in the autopilot's tables may differ."
    )


def check(
    flight: Flight, parameters: LocationConsistencyParameters, inputs: RuleInputs
) -> CheckResult:
    """Compare the field that each log holds with that of the place that it states."""
    findings, fits = list[Finding](), list[str]()
    for track, place, compared in logs_with_magnetic_field_comparisons(
        flight, _magnetic_field_tolerances_from_parameters(parameters)
    ):
        beyond = [each for each in compared if each.is_beyond_tolerance]
        if beyond:
            findings.append(_magnetic_field_finding(track, place, beyond, inputs))
        else:
            fits.append(_field_comparisons_and_fitting_dips_text(compared, place))
    for track in airborne_track_of_each_log(flight):
        terrain = _ground_height_comparison(track, inputs.context)
        if terrain is not None:
            if terrain.is_beyond_tolerance:
                findings.append(_ground_height_finding(track, terrain, inputs))
            else:
                fits.append(terrain.text)
    text = "; ".join(dict.fromkeys(fits))
    count = f"{pluralised_count(len(findings), 'place')} that the earth contradicts"
    return CheckResult.from_findings(
        findings,
        f"The log fits the place that it states: {text}.",
        f"{count}; what fits: {text or 'nothing that could be compared'}.",
    )


def _magnetic_field_tolerances_from_parameters(
    parameters: LocationConsistencyParameters,
) -> MagneticFieldTolerances:
    return MagneticFieldTolerances(
        dip_deg=parameters.dip_deg,
        strength_share=parameters.strength_share,
        declination_deg=parameters.declination_deg,
        expected_dip_deg=parameters.expected_dip_deg,
        looked_up_declination_deg=parameters.looked_up_declination_deg,
    )


def _field_comparisons_and_fitting_dips_text(
    compared: Sequence[MagneticFieldComparison], place: LoggedPlaceAndExpectedMagneticField
) -> str:
    """Return what fits, with the places that would have fitted as well."""
    text = f"{_magnetic_field_comparisons_text(compared)} {place.field.model}"
    dips = [each for each in compared if each.quantity == "dip"]
    if not dips:
        return text
    low = max(each.in_log - each.allowed for each in dips)
    high = min(each.in_log + each.allowed for each in dips)
    return (
        f"{text} (places with a dip between {max(low, -90):.0f}° and {min(high, 90):.0f}° fit too)"
    )


def _magnetic_field_comparisons_text(compared: Sequence[MagneticFieldComparison]) -> str:
    return "; ".join(each.text for each in compared)


def _magnetic_field_finding(
    track: AirborneLogTrack,
    place: LoggedPlaceAndExpectedMagneticField,
    beyond: Sequence[MagneticFieldComparison],
    inputs: RuleInputs,
) -> Finding:
    worst = max(beyond, key=lambda each: each.absolute_difference / each.allowed)
    flight = track.flight_log.flight
    when = "" if place.has_date else ", the date being unknown"
    text = (
        f"the magnetic field in the log does not fit the place that it states: "
        f"{_magnetic_field_comparisons_text(beyond)}"
        f" {place.field.model} at {place.latitude_deg:.4f}, {place.longitude_deg:.4f}{when}; more "
        f"than {worst.allowed:.0f}{worst.unit} allowed,"
    )
    fixes = track.offsets
    return inputs.finding(
        finding_sentence(text, flight, place.time, track.time_at(len(track.rows) - 1)),
        grade="measured",
        evidence=(
            *(_magnetic_field_reading_evidence(track, each) for each in beyond),
            track.evidence(
                int(np.argmin(abs(fixes - worst.reading.offsets[worst.row]))),
                "latitude, longitude",
                f"{place.latitude_deg:.7f}, {place.longitude_deg:.7f}",
            ),
        ),
        start=place.time,
        end=track.time_at(len(track.rows) - 1),
        position=lat_lon_of_last_fix_before(flight, place.time),
        peak=worst.absolute_difference,
        subject=f"magnetic field in {track.flight_log.log.source.name}",
    )


def _magnetic_field_reading_evidence(
    track: AirborneLogTrack, each: MagneticFieldComparison
) -> Evidence:
    return track.flight_log.evidence(
        offset=int(each.reading.offsets[each.row]),
        record=each.reading.record,
        field=each.reading.field,
        value=", ".join(f"{value:.3f}" for value in each.reading.numbers[each.row]),
    )


@dataclass(frozen=True, slots=True)
class _GroundHeightComparison:
    """Altitude of the first fix in the air beside the ground of the unit's elevation model."""

    row: int
    altitude_m: float
    height_above_takeoff_m: float
    ground_m: float
    model: str

    @property
    def takeoff_above_model_ground_m(self) -> float:
        return self.altitude_m - self.height_above_takeoff_m - self.ground_m

    @property
    def is_beyond_tolerance(self) -> bool:
        return not -_BELOW_GROUND_M <= self.takeoff_above_model_ground_m <= _ABOVE_GROUND_M

    @property
    def text(self) -> str:
        takeoff_m = self.altitude_m - self.height_above_takeoff_m
        return (
            f"take-off at an altitude of {takeoff_m:.0f} m, where the ground of {self.model} is at "
            f"{self.ground_m:.0f} m"
        )


def _ground_height_comparison(
    track: AirborneLogTrack, context: AuditContext
) -> _GroundHeightComparison | None:
    model = context.elevation
    if model is None:
        return None
    names = ("latitude_deg", "longitude_deg", "altitude_amsl_m", "height_ato_m")
    columns = np.column_stack([track.column_values(name) for name in names])
    known = np.flatnonzero(np.isfinite(columns).all(axis=1))
    if not len(known):
        return None
    row = int(known[0])
    latitude, longitude, altitude, height = columns[row]
    ground = float(model.height_m(np.array([latitude]), np.array([longitude]))[0])
    if not np.isfinite(ground):
        return None
    return _GroundHeightComparison(row, float(altitude), float(height), ground, model.name)


def _ground_height_finding(
    track: AirborneLogTrack, terrain: _GroundHeightComparison, inputs: RuleInputs
) -> Finding:
    time = track.time_at(terrain.row)
    flight = track.flight_log.flight
    return inputs.finding(
        finding_sentence(
            f"the altitude in the log does not fit the place that it states: {terrain.text};",
            flight,
            time,
            time,
        ),
        grade="measured",
        evidence=(track.evidence(terrain.row, "altitude", f"{terrain.altitude_m:.1f} m"),),
        start=time,
        end=time,
        position=lat_lon_of_last_fix_before(flight, time),
        peak=abs(terrain.takeoff_above_model_ground_m),
        subject=f"terrain at take-off in {track.flight_log.log.source.name}",
    )


def _availability_of_comparable_readings(
    flight: Flight, parameters: LocationConsistencyParameters, context: AuditContext
) -> DataNeedObservation:
    """Return whether any log of the flight holds something of the earth that can be compared."""
    subject = "the earth's magnetic field, or the altitude of known terrain"
    if encrypted := observation_of_encrypted_flight(flight, subject):
        return encrypted
    has_terrain = any(
        _ground_height_comparison(track, context) is not None
        for track in airborne_track_of_each_log(flight)
    )
    if has_terrain or logs_with_magnetic_field_comparisons(
        flight, _magnetic_field_tolerances_from_parameters(parameters)
    ):
        return DataNeedObservation.for_subject_seen_in_full(subject)
    return DataNeedObservation.for_subject_not_seen(subject, RULE.not_assessable)


def _example_sensor_readings(quantity: str, record: str, values: Sequence[Sequence[float]]) -> Any:
    offsets = np.arange(100, 100 + 10 * len(values), 10)
    seconds = np.arange(len(values), dtype=np.float64)
    return SensorReadings(
        quantity, "magnetometer", record, "MagX, MagY, MagZ", offsets, seconds, np.array(values)
    )


def _example_log_fields_of_turning_aircraft(
    *field_mg: float, turn_deg: float = 6.0
) -> dict[str, Any]:
    """Return a log of a level aircraft that turns, in a field north, east and down."""
    north, east, down = field_mg
    yaw = [turn_deg * second for second in range(60)]
    turned = [
        (
            north * np.cos(np.radians(each)) + east * np.sin(np.radians(each)),
            -north * np.sin(np.radians(each)) + east * np.cos(np.radians(each)),
            down,
        )
        for each in yaw
    ]
    return {
        "sensor_readings": (
            _example_sensor_readings("magnetic field", "MAG", turned),
            _example_sensor_readings("attitude", "ATT", [(0.0, 0.0, each % 360) for each in yaw]),
        )
    }  # fmt: skip


#: The field at the place of the examples, 51.5 north, and at Canberra; milligauss.
_ENGLISH_FIELD, _AUSTRALIAN_FIELD = (195.0, 0.0, 451.0), (228.0, 51.0, -531.0)
_NEEDS = (DataNeed("elevation or the earth", _availability_of_comparable_readings),)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a field of England in a log that states England",
        northbound_example_track(60),
        log_fields=_example_log_fields_of_turning_aircraft(*_ENGLISH_FIELD),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a field of Australia in a log that states England",
        northbound_example_track(60),
        log_fields=_example_log_fields_of_turning_aircraft(*_AUSTRALIAN_FIELD),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a field of an aircraft that never turned",
        northbound_example_track(60),
        log_fields=_example_log_fields_of_turning_aircraft(*_AUSTRALIAN_FIELD, turn_deg=0.5),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a field that is stronger than any on earth",
        northbound_example_track(60),
        log_fields=_example_log_fields_of_turning_aircraft(900.0, 0.0, 1700.0),
    ),
    ExampleFlight(
        Outcome.PASS,
        "a take-off at the height of the ground of a terrain model, without a magnetometer",
        northbound_example_track(60, altitude_amsl_m=[130.0] * 60),
        context={"elevation": LevelGroundElevation(100.0)},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a take-off 1,000 m above the ground of a terrain model, without a magnetometer",
        northbound_example_track(60, altitude_amsl_m=[1120.0] * 60),
        context={"elevation": LevelGroundElevation(100.0)},
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log without a magnetometer, beside a terrain model of another place",
        northbound_example_track(60, altitude_amsl_m=[120.0] * 60),
        context={"elevation": LevelGroundElevation(math.nan)},
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE, "a log without a magnetometer", northbound_example_track(60)
    ),
)
RULE = Rule(
    id="location_consistency",
    title="What was measured of the earth fits the place",
    parameters=LocationConsistencyParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Dip, strength and declination of the earth's magnetic field, as magnetometers, filters "
        "and the autopilot's own tables give them, against the World Magnetic Model of the date; "
        "the altitude at take-off against an elevation model that the unit gives."
    ),
    not_assessable=(
        "No log of the flight holds a magnetic field that can be relied on: none was recorded, or "
        "the aircraft did not turn in the air and has one magnetometer, or iron and currents "
        "disturbed it."
    ),
)
