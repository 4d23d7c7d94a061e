"""Where the camera of a flight looked, with what the unit brought: heights, and cameras.

A log that does not say how wide its camera saw may name no camera either.  What the
unit declares then counts, and all that is made from it says that it was declared.
"""

from dji_audit.compliance.context import Case
from dji_audit.compliance.inventory import plain, serials
from dji_audit.flights import Flight
from dji_audit.view import Camera, Look, Told, cameras_of, look


def look_of(flight: Flight, case: Case) -> Look:
    """Return where the camera of a flight looked, over the ground and with the cameras given."""
    return look(flight, case.elevation, declared_for(flight, case))


def declared_for(flight: Told, case: Case) -> tuple[Camera, ...]:
    """Return the cameras that the unit declares for an aircraft; empty: none.

    Named for its serial or its model, else in the inventory, else for all aircraft whose
    cameras nothing else tells.
    """
    known = serials(flight)
    models = {plain(log.aircraft.model) for log in flight.logs if log.aircraft.model}
    named = {plain(one.aircraft): one.cameras for one in case.cameras if one.aircraft}
    for name in (*sorted(known), *sorted(models)):
        if name in named:
            return named[name]
    row = case.inventory.find(flight) if case.inventory is not None else None
    if row is not None and row.said.declared_cameras:
        return row.said.declared_cameras
    if any(cameras_of(log.aircraft) for log in flight.logs):
        return ()
    return next((one.cameras for one in case.cameras if not one.aircraft), ())
