"""Options for the files that a unit supplies besides the logs, for `audit` and `map`."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dji_audit.cli._terminal import fail

if TYPE_CHECKING:
    from dji_audit.compliance.context import ContextFiles

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
    typer.Option(
        "--operations", metavar="FILE", help="CSV or TOML of the operations and their purpose."
    ),
]
Authorisations = Annotated[
    Path | None,
    typer.Option(
        "--authorisations",
        metavar="FILE",
        help="CSV or TOML of authorisations: who permitted what, where, when and why.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Check every flight against the rules of this date, not of its own.",
    ),
]

ZoneFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--zones",
        metavar="FILE|FOLDER",
        help="Zones to check tracks against, besides those stored by `zones import`; may be given "
        "more than once.",
    ),
]
ZoneStore = Annotated[
    str | None,
    typer.Option(
        "--zone-store",
        metavar="FOLDER",
        envvar="DJI_AUDIT_ZONE_STORE",
        help="Folder where `zones import` stores zone files; 'none': use no store. "
        "Default: the user's data folder.",
    ),
]
Devices = Annotated[
    list[str] | None,
    typer.Option(
        "--device",
        metavar="ADDRESS",
        help="Address or name of the controller or tablet in network logs; separate several of "
        "one device by commas. May be given once per device. Without it the contacts of all "
        "devices count.",
    ),
]
Elevation = Annotated[
    Path | None,
    typer.Option(
        "--elevation",
        metavar="FILE|FOLDER",
        help="Ground elevation: .hgt tile, folder of tiles, or GeoTIFF.",
    ),
]
Cameras = Annotated[
    list[str] | None,
    typer.Option(
        "--camera",
        metavar="[AIRCRAFT=]CAMERA",
        help="Camera where the log does not state the field of view: a name such as M30T, or "
        "degrees horizontal x vertical such as 71.5x56.6; AIRCRAFT is a serial number or model. "
        "May be given more than once.",
    ),
]


def context_files_from(
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
) -> "ContextFiles":
    """Return the files that a user named, and the zone files in the store.

    Raises:
        typer.Exit: If the date is not valid, or there is no list of endpoints of a name.
    """
    from dji_audit.cli._user_data import endpoint_files, stored_zone_files
    from dji_audit.compliance.context import ContextFiles

    try:
        day = dt.date.fromisoformat(as_of) if as_of is not None else None
    except ValueError as error:
        raise fail(f"--as-of {as_of} is not a date; use YYYY-MM-DD") from error
    if not all(device.replace(",", " ").strip() for device in devices or ()):
        raise fail("--device: an address or a name must be given")
    return ContextFiles(
        inventory,
        operations,
        authorisations,
        day,
        endpoint_files(endpoints),
        tuple(device.strip() for device in devices or ()),
        (*stored_zone_files(zone_store), *(zones or ())),
        elevation,
        tuple(cameras or ()),
    )
