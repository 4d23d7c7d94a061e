"""What a unit brings besides the logs, as options of `audit` and `map`."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dji_audit.cli._terminal import fail

if TYPE_CHECKING:
    from dji_audit.compliance.context import Brief

Inventory = Annotated[
    Path | None,
    typer.Option(
        "--inventory",
        metavar="FILE",
        help="CSV or TOML of the aircraft: operator, class, firmware.",
    ),
]
Operations = Annotated[
    Path | None,
    typer.Option("--operations", metavar="FILE", help="CSV or TOML of what was flown for what."),
]
Authorisations = Annotated[
    Path | None,
    typer.Option(
        "--authorisations",
        metavar="FILE",
        help="CSV or TOML of who allowed what, where, when and why.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Hold every flight to the rules of this day, not of its own.",
    ),
]

Zones = Annotated[
    list[Path] | None,
    typer.Option(
        "--zones",
        metavar="FILE|FOLDER",
        help="Zones to hold the path against, besides those kept by `zones import`; may be given "
        "more than once.",
    ),
]
ZoneStore = Annotated[
    str | None,
    typer.Option(
        "--zone-store",
        metavar="FOLDER",
        envvar="DJI_AUDIT_ZONE_STORE",
        help="Folder of zone files that `zones import` keeps; none: look into no store. "
        "Default: the user's data folder.",
    ),
]
Devices = Annotated[
    list[str] | None,
    typer.Option(
        "--device",
        metavar="ADDRESS",
        help="Address or name by which network logs call the controller or tablet; commas between "
        "several of one device. May be given more than once, a device each. Else the contacts of "
        "all devices count.",
    ),
]
Elevation = Annotated[
    Path | None,
    typer.Option(
        "--elevation",
        metavar="FILE|FOLDER",
        help="Heights of the ground: .hgt tile, folder of tiles, or GeoTIFF.",
    ),
]
Cameras = Annotated[
    list[str] | None,
    typer.Option(
        "--camera",
        metavar="[AIRCRAFT=]CAMERA",
        help="Camera where the log does not tell how wide it saw: a name as M30T, or degrees "
        "across and up as 71.5x56.6; AIRCRAFT is a serial or model. May be given more than once.",
    ),
]


def brief_of(
    inventory: Path | None,
    operations: Path | None,
    authorisations: Path | None,
    as_of: str | None,
    endpoints: list[str] | None = None,
    devices: list[str] | None = None,
    zones: list[Path] | None = None,
    zone_store: str | None = None,
    elevation: Path | None = None,
    cameras: list[str] | None = None,
) -> "Brief":
    """Return what a user named, and the zones that are kept.

    Raises:
        typer.Exit: If the day is none, or there is no list of endpoints of a name.
    """
    from dji_audit.cli._stores_zones import kept_zones
    from dji_audit.cli.endpoints._lists import overlay_files
    from dji_audit.compliance.context import Brief

    try:
        day = dt.date.fromisoformat(as_of) if as_of is not None else None
    except ValueError as error:
        raise fail(f"--as-of {as_of} is no day; write 2026-05-14") from error
    if not all(device.replace(",", " ").strip() for device in devices or ()):
        raise fail("--device: an address or a name must be given")
    return Brief(
        inventory,
        operations,
        authorisations,
        day,
        overlay_files(endpoints),
        tuple(device.strip() for device in devices or ()),
        (*kept_zones(zone_store), *(zones or ())),
        elevation,
        tuple(cameras or ()),
    )
