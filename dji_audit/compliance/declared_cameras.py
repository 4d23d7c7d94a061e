"""Cameras that a unit declares, because logs do not say how wide they saw."""

from dataclasses import dataclass

from dji_audit.supplied_tables import CaseError
from dji_audit.view import Camera, CameraError, cameras_declared


@dataclass(frozen=True, slots=True)
class DeclaredCamera:
    """The cameras of one aircraft, as the unit says."""

    #: Serial or model; empty: every aircraft whose cameras nothing else tells.
    aircraft: str
    cameras: tuple[Camera, ...]


def declared_camera(text: str) -> DeclaredCamera:
    """Return what a text such as ``1581F5BKD229C00A=M30T`` or ``M30T`` declares.

    Raises:
        CaseError: If the table of cameras has no such name, and it is no field of view.
    """
    aircraft, parted, camera = text.rpartition("=")
    if parted and not aircraft.strip():
        raise CaseError(f"camera {text}: no aircraft stands before the =")
    try:
        return DeclaredCamera(aircraft.strip(), cameras_declared(camera))
    except CameraError as error:
        raise CaseError(f"camera {text}: {error}") from error
