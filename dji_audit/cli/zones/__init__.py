"""``dji-audit zones``: its commands with options and help; the rest is loaded when called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import plain_text_command_group
from dji_audit.cli._options import ZoneFiles, ZoneStore

zones_app = plain_text_command_group(
    "zones", "Zone files: list, store, check them; zones at a position."
)

Format = Annotated[
    Literal["table", "csv", "json", "jsonl"], typer.Option("--format", help="How to print.")
]
Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE|FOLDER", readable=False, help="Zone files. Default: the stored ones."
    ),
]


@zones_app.command("list")
def list_(files: Files = None, format: Format = "table", zone_store: ZoneStore = None) -> None:
    """List the zones of files, or of the stored files."""
    from dji_audit.cli.zones._commands import list_command

    raise typer.Exit(list_command(files or [], format, zone_store))


@zones_app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", readable=False, help="Zone files to store.")
    ],
    zone_store: ZoneStore = None,
    extent: Annotated[
        str | None,
        typer.Option(
            metavar="SOUTH,WEST,NORTH,EAST",
            help="Where the files are complete, degrees: outside it no flight passes. "
            "Default: as the file states, else the hull of its zones.",
        ),
    ] = None,
) -> None:
    """Store zone files unchanged, for every audit."""
    from dji_audit.cli.zones._commands import import_command

    raise typer.Exit(import_command(files, zone_store, extent))


@zones_app.command()
def check(
    place: Annotated[
        str,
        typer.Argument(
            metavar="LAT,LON,ALT,TIME",
            help='Such as "50.61,-3.96,120m AGL,2026-05-14T09:00:00Z"; ALT may be empty, '
            "and states its datum, AMSL or AGL. Put -- before a negative latitude.",
        ),
    ],
    zones: ZoneFiles = None,
    format: Format = "table",
    zone_store: ZoneStore = None,
) -> None:
    """Say which zones hold a position, at a height and time.

    Exit codes: 0 in none; 1 in one or more; 4 undetermined for one or more, or the files are not
    complete there; 2 no zones.
    """
    from dji_audit.cli.zones._commands import zones_at_position_command

    raise typer.Exit(zones_at_position_command(place, zones or [], format, zone_store))


@zones_app.command()
def lint(files: Files = None, format: Format = "table", zone_store: ZoneStore = None) -> None:
    """Check zone files for faults and gaps.

    Exit codes: 0 nothing; 1 remarks; 2 a file cannot be read.
    """
    from dji_audit.cli.zones._commands import lint_command

    raise typer.Exit(lint_command(files or [], format, zone_store))
