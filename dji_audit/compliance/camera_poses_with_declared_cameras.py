"""The ground that the camera of a flight saw, with the heights and cameras that the unit supplied.

A log that does not give the field of view of its camera may not name the camera either.
Then the camera that the unit declares counts, and every result states that it was declared.
"""

from dji_audit.camera_view import Camera, CameraPoses, FlightLike, camera_poses, cameras_of_aircraft
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.inventory import aircraft_serials_in_logs_of_flight
from dji_audit.flights import Flight, may_be_serial_of_same_aircraft, normalised_serial


def camera_poses_over_terrain(flight: Flight, context: AuditContext) -> CameraPoses:
    """Return the camera poses of a flight over the supplied terrain, with the declared cameras."""
    return camera_poses(flight, context.elevation, declared_cameras_of_flight(flight, context))


def declared_cameras_of_flight(flight: FlightLike, context: AuditContext) -> tuple[Camera, ...]:
    """Return the cameras that the unit declares for an aircraft; empty: none.

    In this order: declared for its serial or model, named in the inventory, declared for
    all aircraft whose cameras nothing else names.
    """
    serials = aircraft_serials_in_logs_of_flight(flight)
    models = {_without_spaces(log.aircraft.model) for log in flight.logs if log.aircraft.model}
    named = [it for it in context.cameras if it.aircraft]
    for declared in named:
        listed = normalised_serial(declared.aircraft)
        if any(may_be_serial_of_same_aircraft(listed, serial) for serial in serials):
            return declared.cameras
    for declared in named:
        if _without_spaces(declared.aircraft) in models:
            return declared.cameras
    row = context.inventory.find_aircraft(flight) if context.inventory is not None else None
    if row is not None and row.record.declared_cameras:
        return row.record.declared_cameras
    if any(cameras_of_aircraft(log.aircraft) for log in flight.logs):
        return ()
    return next((declared.cameras for declared in context.cameras if not declared.aircraft), ())


def _without_spaces(model: str) -> str:
    """Return the name of a model in upper case without spaces."""
    return "".join(model.split()).upper()
