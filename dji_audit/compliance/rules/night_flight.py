"""At night the aircraft showed a visible light.

It is night where the sun is farther below the horizon than the policy says, computed for the
position of each fix.  The inventory says whether the aircraft carries a green flashing light.
Messages of DJI's Cloud API say whether its night lights were on, but not their colour: off where
it was dark, they take a pass away, because the light of the inventory may be another one.

It does not concern a helicopter, an aeroplane or a large drone: their lights
are a matter of other law.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from dji_audit.compliance.data_needs import fact_in_air_data_need
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import airborne_fixes
from dji_audit.compliance.rules._shared._aircraft_inventory_row import (
    inventory_row_or_reason,
    not_applicable_result_for_crewed_aircraft,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_record_in_flight_log,
    why_flight_has_no_track,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from dji_audit.geo.sun import sun_azimuths_and_elevations_deg
from parsers import Aircraft

#: Times from an end of a log in the air at which the aircraft may still have flown: few small
#: aircraft stay in the air for longer than an hour.
_UNSEEN_TIMES = np.arange(0, 61, 10).astype("timedelta64[m]")


class NightFlightParameters(Parameters):
    """Parameters of the rule."""

    sun_below_deg: float = parameter_field(
        6.0, "Degrees of the sun below the horizon at which night begins.", ge=0, le=18
    )
    light_suffices: bool = parameter_field(
        True, "Whether a night flight with a green flashing light is allowed."
    )


def check(flight: Flight, parameters: NightFlightParameters, inputs: RuleInputs) -> CheckResult:
    """Find the part of the flight at night, and compare it with the inventory."""
    larger = not_applicable_result_for_crewed_aircraft(
        flight, inputs, "the green flashing light is a duty of small drones"
    )
    if larger is not None:
        return larger
    if reason := why_flight_has_no_track(flight):
        return CheckResult.not_assessable_because(
            f"It is not known whether it was night: {reason}."
        )
    track = airborne_fixes(flight, flight.track)
    is_known = track[["time", "latitude_deg", "longitude_deg"]].notna().all(axis=1)
    track = track[is_known]
    if not len(track):
        return CheckResult.not_assessable_because(
            "No fix in the air has both a time and a position."
        )
    _, elevation = sun_azimuths_and_elevations_deg(
        track["time"].to_numpy("datetime64[ns]"),
        track["latitude_deg"].to_numpy(np.float64),
        track["longitude_deg"].to_numpy(np.float64),
    )
    dark_rows = np.flatnonzero(elevation < -parameters.sun_below_deg)
    if not len(dark_rows) and (
        why := _possible_night_beyond_fixes_reason(flight, track, parameters)
    ):
        return CheckResult.not_assessable_because(why)
    below_text = f"{parameters.sun_below_deg:g}° below the horizon"
    if not len(dark_rows):
        highest_text = f"the sun was at {float(elevation.min()):.1f}° or higher"
        reason = f"It was not night: {highest_text}, not {below_text}."
        return CheckResult(Outcome.NOT_APPLICABLE, reason, stated_by_log=True)
    finding = _night_flight_finding(
        flight, track, dark_rows=dark_rows, lowest=float(elevation.min()), inputs=inputs
    )
    if not parameters.light_suffices:
        return CheckResult.from_findings([finding], "", "The flight, or part of it, was at night.")
    first, last = (track["time"].iloc[int(dark_rows[row])] for row in (0, -1))
    off_s, lights_text = _lights_off_seconds_and_text(flight, first, last)
    row, reason = inventory_row_or_reason(flight, inputs)
    if row is None or row.record.green_light is None:
        reason = (
            reason or "The inventory does not say whether the aircraft has a green flashing light."
        )
        return CheckResult.not_assessable_because(f"It was night. {reason}{lights_text}")
    if row.record.green_light:
        reason = f"It was night, and the aircraft has a green flashing light.{lights_text}"
        if off_s:
            return CheckResult.not_assessable_because(reason)
        return CheckResult(Outcome.PASS, reason)
    return CheckResult.from_findings(
        [finding], "", "It was night, and the aircraft has no green flashing light."
    )


def _lights_off_seconds_and_text(
    flight: Flight, first: pd.Timestamp, last: pd.Timestamp
) -> tuple[float, str]:
    """Return the seconds of a stretch in which the night lights were off, and a sentence of them.

    The sentence, after a space, is empty where no log says anything of lights.
    """
    events = flight.events
    lights = events[(events["kind"] == "lights") & events["time"].notna() & events["value"].notna()]
    times = [*(min(max(time, first), last) for time in lights["time"]), last]
    off_s = sum(
        (end - begin).total_seconds()
        for (begin, end), value in zip(pairwise(times), lights["value"], strict=True)
        if not value
    )
    if not len(lights):
        return 0.0, ""
    known_s, dark_s = (last - times[0]).total_seconds(), (last - first).total_seconds()
    share = "" if known_s >= dark_s - 5 else f" of the {known_s:.0f} s that its messages cover"
    if off_s:
        state = f"off for {off_s:.0f} s{share} in the dark"
    else:
        state = "on in all of the dark" if not share else f"on for all{share}"
    return off_s, f" It reports its night lights {state}; the log does not say their colour."


def _possible_night_beyond_fixes_reason(
    flight: Flight, track: pd.DataFrame, parameters: NightFlightParameters
) -> str:
    """Return why it may have been night beyond the fixes; empty: take-off and landing were by day.

    Between two instants of a day so close together the sun is nowhere lower than at both.  Where
    the log begins or ends in the air, the aircraft may have flown for an hour more.
    """
    for time, row, end, is_unseen, beyond in (
        (
            flight.takeoff,
            0,
            "take-off",
            flight.begins_in_air,
            "begins in the air by day, and it was night within the hour before",
        ),
        (
            flight.landing,
            -1,
            "landing",
            flight.ends_in_air,
            "ends in the air by day, and it was night within the hour after",
        ),
    ):
        if time is not None:
            instants = np.array([time.value], "datetime64[ns]")
        elif is_unseen:
            instants = track["time"].iloc[row].to_datetime64() + (
                _UNSEEN_TIMES if row else -_UNSEEN_TIMES
            )
        else:
            continue
        latitude, longitude = (
            np.full(len(instants), float(track[column].iloc[row]))
            for column in ("latitude_deg", "longitude_deg")
        )
        _, elevation = sun_azimuths_and_elevations_deg(instants, latitude, longitude)
        if not (elevation < -parameters.sun_below_deg).any():
            continue
        if time is not None:
            return f"The fixes were by day, but it was night at the {end}, where no fix is known."
        return f"The log {beyond}: whether any of the flight was at night is not known."
    return ""


def _night_flight_finding(
    flight: Flight,
    track: pd.DataFrame,
    *,
    dark_rows: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
    lowest: float,
    inputs: RuleInputs,
) -> Finding:
    first, last = track.iloc[int(dark_rows[0])], track.iloc[int(dark_rows[-1])]
    log_bytes = evidence_of_record_in_flight_log(
        flight,
        offset=int(first["source_offset"]),
        record=flight.log.track_record,
        field="time",
        value=str(first["time"]),
    )
    return inputs.finding(
        finding_sentence(
            f"in the air at night, with the sun as low as {lowest:.1f}°,",
            flight,
            first["time"],
            last["time"],
        ),
        grade="measured",
        evidence=(log_bytes,),
        start=first["time"],
        end=last["time"],
        position=(float(first["latitude_deg"]), float(first["longitude_deg"])),
    )


_SERIAL = {"aircraft": Aircraft(serial="S1")}


_LIGHTS_OFF = {"time": 0.0, "kind": "lights", "text": "night lights off", "value": 0.0}


def _example_flight_at_midnight(
    outcome: Outcome,
    description: str,
    *rows: dict[str, object],
    events: tuple[dict[str, object], ...] = (),
) -> ExampleFlight:
    """Return a flight at midnight and the rows of the inventory."""
    return ExampleFlight(
        outcome,
        description,
        hover_example_track_at_heights(0.0, 10.0),
        events=events,
        log_fields=_SERIAL,
        inventory=rows or None,
        start="2026-01-14T00:00:00Z",
    )


_NEEDS = (fact_in_air_data_need("position"), fact_in_air_data_need("clock_utc"))
_EXAMPLES = (
    _example_flight_at_midnight(
        Outcome.PASS,
        "a flight at midnight of an aircraft with a green light",
        {"serial": "S1", "green_light": True},
    ),
    _example_flight_at_midnight(
        Outcome.NOT_ASSESSABLE,
        "a flight at midnight of an aircraft with a green light that reports its lights off",
        {"serial": "S1", "green_light": True},
        events=(_LIGHTS_OFF,),
    ),
    _example_flight_at_midnight(
        Outcome.FAIL,
        "a flight at midnight of an aircraft without one",
        {"serial": "S1", "green_light": False},
    ),
    _example_flight_at_midnight(
        Outcome.NOT_ASSESSABLE,
        "a flight at midnight of an aircraft that is not in the inventory",
    ),
    ExampleFlight(
        Outcome.NOT_APPLICABLE, "a flight in the morning", hover_example_track_at_heights(0.0, 10.0)
    ),
)
RULE = Rule(
    id="night_flight",
    title="At night the aircraft showed a green flashing light",
    parameters=NightFlightParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at=(
        "Time and position of every fix in the air; the inventory; the state of the night lights "
        "where a log reports it."
    ),
    not_assessable=(
        "No fix has a time and a position; or the log begins or ends in the air within an hour of "
        "the night; or it was night, and the inventory lacks the light, or "
        "the aircraft reports its lights off."
    ),
)
