"""Heights above the ground where only an elevation model tells them, and how far off they are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.compliance.rules._rule import Inputs
from dji_audit.flights import Flight
from dji_audit.view import SensorErrors

_ERRORS = SensorErrors()
#: 95 % of how far a barometer's height over a model's ground may be off.
WITHIN_M = round(2 * float(np.hypot(_ERRORS.height_m, _ERRORS.model_m)), 1)


@dataclass(frozen=True, slots=True, eq=False)
class OverModel:
    """Height of each fix above the ground of a model, metres; NaN where it is not known."""

    heights_m: npt.NDArray[np.float64]
    #: What a reader is told of the model.
    name: str


def over_model(flight: Flight, inputs: Inputs) -> OverModel | None:
    """Return how high a flight was above the ground of the elevation model that was given.

    The height above take-off, less how much higher the ground lies here than there: two heights
    of one model, so that its datum falls out.  ``None``: no model, or none that knows the take-off.
    """
    model, start = inputs.case.elevation, flight.takeoff_place or flight.home
    if model is None or start is None:
        return None
    track = flight.track
    latitude = track["latitude_deg"].to_numpy(np.float64, na_value=np.nan)
    longitude = track["longitude_deg"].to_numpy(np.float64, na_value=np.nan)
    origin = model.height_m(np.array([start.latitude_deg]), np.array([start.longitude_deg]))[0]
    found = np.full(len(track), np.nan)
    flown = np.isfinite(latitude + longitude)
    ground = model.height_m(latitude[flown], longitude[flown])
    above_takeoff = track["height_ato_m"].to_numpy(np.float64, na_value=np.nan)
    found[flown] = above_takeoff[flown] - (ground - origin)
    return OverModel(found, model.name) if np.isfinite(found).any() else None
