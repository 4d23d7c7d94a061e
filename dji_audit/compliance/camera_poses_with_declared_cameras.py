"""The ground that the camera of a flight saw, with the heights and cameras that the unit supplied.

A log that does not give the field of view of its camera may not name the camera either.
Then the camera that the unit declares counts, and every result states that it was declared.
"""

from dji_audit.camera_view import Camera, CameraPoses, FlightLike, camera_poses, cameras_of_aircraft
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.inventory import aircraft_serials_in_logs_of_flight, normalise_serial
from dji_audit.flights import Flight


def camera_poses_over_terrain(flight: Flight, context: AuditContext) -> CameraPoses:
    """Return the camera poses of a flight over the supplied terrain, with the declared cameras."""
    return camera_poses(flight, context.elevation, declared_cameras_of_flight(flight, context))


def declared_cameras_of_flight(flight: FlightLike, context: AuditContext) -> tuple[Camera, ...]:
    """Return the cameras that the unit declares for an aircraft; empty: none.

    In this order: declared for its serial or model, named in the inventory, declared for
    all aircraft whose cameras nothing else names.
    """
    known = aircraft_serials_in_logs_of_flight(flight)
    models = {normalise_serial(log.aircraft.model) for log in flight.logs if log.aircraft.model}
    named = {
        normalise_serial(declared.aircraft): declared.cameras
        for declared in context.cameras
        if declared.aircraft
    }
    for name in (*sorted(known), *sorted(models)):
        if name in named:
            return named[name]
    row = context.inventory.find_aircraft(flight) if context.inventory is not None else None
    if row is not None and row.record.declared_cameras:
        return row.record.declared_cameras
    if any(cameras_of_aircraft(log.aircraft) for log in flight.logs):
        return ()
    return next((declared.cameras for declared in context.cameras if not declared.aircraft), ())
