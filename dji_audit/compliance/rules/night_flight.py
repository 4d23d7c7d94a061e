"""At night the aircraft showed a light that may be seen.

Night is where the sun stands lower than the policy says below the horizon of the
aircraft's own position, computed for each fix.  No log shows the light itself:
the inventory says whether the aircraft carries one.
"""

import numpy as np
import pandas as pd
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._inventory import aircraft_row
from dji_audit.compliance.rules._log_tracks import airborne
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
    unread,
)
from dji_audit.flights import Flight
from dji_audit.geo.sun import sun_position
from parsers import Aircraft


class NightFlight(Parameters):
    """Parameters of the rule."""

    sun_below_deg: float = Field(
        6.0, ge=0, le=18, description="Degrees of the sun below the horizon at which night begins."
    )
    light_suffices: bool = Field(
        True, description="Whether a flight at night is allowed with a green flashing light."
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Find the part of the flight that was at night, and hold it against the inventory."""
    if not isinstance(parameters, NightFlight):
        raise TypeError("night_flight takes NightFlight")
    if reason := unread(flight):
        return unknowable(f"Whether it was night is not known: {reason}.")
    track = airborne(flight, flight.track)
    known = track[["time", "latitude_deg", "longitude_deg"]].notna().all(axis=1)
    track = track[known]
    if not len(track):
        return unknowable("No fix in the air has both a time and a position.")
    _, elevation = sun_position(
        track["time"].to_numpy("datetime64[ns]"),
        track["latitude_deg"].to_numpy(np.float64),
        track["longitude_deg"].to_numpy(np.float64),
    )
    dark = np.flatnonzero(elevation < -parameters.sun_below_deg)
    below = f"{parameters.sun_below_deg:g}° below the horizon"
    if not len(dark):
        highest = f"the sun stood at {float(elevation.min()):.1f}° or higher"
        reason = f"It was not night: {highest}, not {below}."
        return Verdict(Outcome.NOT_APPLICABLE, reason, by_log=True)
    finding = _finding(flight, track, dark, float(elevation.min()), inputs)
    if not parameters.light_suffices:
        return judged([finding], "", "The flight, or part of it, was at night.")
    row, why = aircraft_row(flight, inputs)
    if row is None or row.said.green_light is None:
        why = why or "The inventory does not say whether the aircraft has a green flashing light."
        return unknowable(f"It was night. {why}")
    if row.said.green_light:
        return Verdict(Outcome.PASS, "It was night, and the aircraft has a green flashing light.")
    return judged([finding], "", "It was night, and the aircraft has no green flashing light.")


def _finding(
    flight: Flight,
    track: pd.DataFrame,
    dark: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
    lowest: float,
    inputs: Inputs,
) -> Finding:
    first, last = track.iloc[int(dark[0])], track.iloc[int(dark[-1])]
    shown = evidence(
        flight, int(first["source_offset"]), flight.log.track_record, "time", str(first["time"])
    )
    return Finding(
        RULE.id,
        inputs.severity,
        f"in the air at night; the sun stood as low as {lowest:.1f}°",
        "measured",
        (shown,),
        first["time"],
        last["time"],
        float(first["latitude_deg"]),
        float(first["longitude_deg"]),
    )


_SERIAL = {"aircraft": Aircraft(serial="S1")}

RULE = Rule(
    "night_flight",
    "At night the aircraft showed a green flashing light",
    "Time and position of every fix in the air; the inventory.",
    "No fix has a time and a position; or it was night, and no inventory tells of the light.",
    NightFlight,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "a flight at midnight of an aircraft with a green light",
            hover(0.0, 10.0),
            log=_SERIAL,
            inventory=({"serial": "S1", "green_light": True},),
            start="2026-01-14T00:00:00Z",
        ),
        Example(
            Outcome.FAIL,
            "a flight at midnight of an aircraft without one",
            hover(0.0, 10.0),
            log=_SERIAL,
            inventory=({"serial": "S1", "green_light": False},),
            start="2026-01-14T00:00:00Z",
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a flight at midnight of an aircraft of which nothing is known",
            hover(0.0, 10.0),
            log=_SERIAL,
            start="2026-01-14T00:00:00Z",
        ),
        Example(Outcome.NOT_APPLICABLE, "a flight in the morning", hover(0.0, 10.0)),
    ),
)
