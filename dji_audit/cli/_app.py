"""The commands, with their options and help.  What each needs is loaded when it is called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._options import (
    AsOf,
    Authorisations,
    Cameras,
    Devices,
    Elevation,
    Inventory,
    Operations,
    ZoneFiles,
    ZoneStore,
)
from dji_audit.cli.endpoints import Overlays, endpoints_app
from dji_audit.cli.keys import KeyStore, keys_app
from dji_audit.cli.rules import rules_app
from dji_audit.cli.zones import zones_app

EPILOG = """Exit codes: 0 done, nothing at or above --fail-on; 1 findings; 2 usage, configuration
or I/O; 3 nothing auditable; 4 something could not be read in full; 70 internal error;
130 interrupted."""

app = typer.Typer(
    name="dji-audit",
    help="Audit drone flight logs, on this computer, sending nothing anywhere.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(keys_app)
app.add_typer(rules_app)
app.add_typer(endpoints_app)
app.add_typer(zones_app)

Level = Literal["info", "low", "medium", "high"]
Keys = Annotated[
    list[Path] | None,
    typer.Option(
        "--keys",
        metavar="FILE|FOLDER",
        help="Keychains JSON that decrypts version 13 and 14 records.",
    ),
]
PolicyPack = Annotated[
    str,
    typer.Option(
        "--policy", metavar="PACK", help="Policy pack: a name that ships, or a TOML file."
    ),
]
Timezone = Annotated[
    str, typer.Option("--timezone", metavar="ZONE", help="Time zone shown beside UTC.")
]
CameraTimezone = Annotated[
    str | None,
    typer.Option(
        "--camera-timezone",
        metavar="ZONE",
        help="Time zone of camera clocks, such as Europe/London, where nothing else states it.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="Time of the run to print in the results, ISO 8601. Default: SOURCE_DATE_EPOCH; "
        "else none, so that two runs give the same bytes.",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of an internal error.")]


def _version(requested: bool) -> None:
    if requested:
        from dji_audit._version import tool_version

        typer.echo(f"dji-audit {tool_version()}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Audit drone flight logs, on this computer, sending nothing anywhere."""


@app.command(epilog=EPILOG)
def audit(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            readable=False,
            help="Logs, or folders of them; - reads paths from standard input.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER",
            help="Folder for pages, index.html, flights.csv, report.json.",
        ),
    ] = None,
    keys: Keys = None,
    policy: PolicyPack = "default",
    jobs: Annotated[
        int,
        typer.Option("--jobs", "-j", metavar="N", min=0, help="Worker processes; 0: one per core."),
    ] = 0,
    fail_on: Annotated[
        Level,
        typer.Option(
            "--fail-on",
            metavar="LEVEL",
            help="Least severity that exits with 1: info, low, medium, high.",
        ),
    ] = "medium",
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Do not exit with 4 for logs read in part.")
    ] = False,
    format: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="What to print.")
    ] = "table",
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=1,
            help="Seconds after which a worker stops reading a file.",
        ),
    ] = 600.0,
    timezone: Timezone = "Europe/London",
    camera_timezone: CameraTimezone = None,
    now: Now = None,
    key_store: KeyStore = None,
    inventory: Inventory = None,
    operations: Operations = None,
    authorisations: Authorisations = None,
    as_of: AsOf = None,
    endpoints: Overlays = None,
    device: Devices = None,
    zones: ZoneFiles = None,
    zone_store: ZoneStore = None,
    elevation: Elevation = None,
    camera: Cameras = None,
) -> None:
    """Audit logs: findings, verdict, a page for each flight.

    The pages are sealed: they load nothing, and open on a computer without a network.
    """
    from dji_audit.cli._options import context_files_from
    from dji_audit.cli.audit._audit import audit_command

    raise typer.Exit(
        audit_command(
            paths,
            out,
            keys or [],
            policy,
            jobs,
            fail_on,
            allow_partial,
            format,
            timeout,
            timezone,
            now,
            key_store,
            context_files_from(
                inventory,
                operations,
                authorisations,
                as_of,
                endpoints,
                device,
                zones,
                zone_store,
                elevation,
                camera,
            ),
            camera_timezone,
        )
    )


@app.command()
def inspect(
    logs: Annotated[
        list[Path],
        typer.Argument(
            metavar="LOG",
            readable=False,
            help="One log; with --flight, logs or folders of them.",
        ),
    ],
    flight: Annotated[
        str | None,
        typer.Option(
            "--flight",
            "-f",
            metavar="ID",
            help="Show this flight: its sources, and how well their clocks are aligned.",
        ),
    ] = None,
    records: Annotated[
        str | None,
        typer.Option("--records", "-r", metavar="NAME", help="Print every record of this name."),
    ] = None,
    table: Annotated[
        Literal["track", "events", "captures", "contacts"] | None,
        typer.Option(
            "--table", "-t", metavar="NAME", help="Print track, events, captures or contacts."
        ),
    ] = None,
    format: Annotated[
        Literal["table", "csv", "json", "jsonl"], typer.Option("--format", help="How to print.")
    ] = "table",
    keys: Keys = None,
    key_store: KeyStore = None,
    camera_timezone: CameraTimezone = None,
    elevation: Elevation = None,
    camera: Cameras = None,
) -> None:
    """Show one log, or one flight and its logs.

    Of a log: header, tables, records, coverage, issues. Of a flight: sources, clocks, conflicts.
    """
    from dji_audit.cli._options import context_files_from
    from dji_audit.cli.inspect._flight import inspect_flight_command
    from dji_audit.cli.inspect._log import inspect_command

    if flight is not None:
        if records is not None:
            raise typer.BadParameter(
                "records belong to one log; leave out --flight", param_hint="--records"
            )
        context_files = context_files_from(
            None, None, None, None, elevation=elevation, cameras=camera
        )
        chains = keys or []
        raise typer.Exit(
            inspect_flight_command(
                flight, logs, table, format, chains, key_store, camera_timezone, context_files
            )
        )
    if elevation is not None or camera:
        raise typer.BadParameter("only used with --flight", param_hint="--elevation, --camera")
    if len(logs) != 1:
        raise typer.BadParameter("name one log, or a flight with --flight", param_hint="LOG")
    raise typer.Exit(inspect_command(logs[0], records, table, format, keys or [], key_store))


@app.command("map")
def map_(
    logs: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            readable=False,
            help="Logs, or folders of them; - reads paths from standard input.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="HTML file to write; further pages are numbered."
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(
            "--place", metavar="LAT,LON", help="Say when this place was in view of the camera."
        ),
    ] = None,
    elevation: Elevation = None,
    camera: Cameras = None,
    format: Annotated[
        Literal["table", "csv", "json", "jsonl"],
        typer.Option("--format", help="How to print when the place was in view."),
    ] = "table",
    keys: Keys = None,
    policy: PolicyPack = "default",
    timezone: Timezone = "Europe/London",
    camera_timezone: CameraTimezone = None,
    now: Now = None,
    key_store: KeyStore = None,
    inventory: Inventory = None,
    operations: Operations = None,
    authorisations: Authorisations = None,
    as_of: AsOf = None,
    endpoints: Overlays = None,
    device: Devices = None,
    zones: ZoneFiles = None,
    zone_store: ZoneStore = None,
) -> None:
    """Draw flights; say when a place was in view."""
    from dji_audit.cli._options import context_files_from
    from dji_audit.cli.map._map import MapOptions, map_command

    context_files = context_files_from(
        inventory,
        operations,
        authorisations,
        as_of,
        endpoints,
        device,
        zones,
        zone_store,
        elevation,
        camera,
    )
    options = MapOptions(
        out,
        keys or [],
        policy,
        timezone,
        now,
        key_store,
        place,
        format,
        context_files,
        camera_timezone,
    )
    raise typer.Exit(map_command(logs, options))


@app.command()
def demo(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder for the results.")] = Path(
        "dji-audit-demo"
    ),
) -> None:
    """Audit the synthetic logs that ship, and say which file to open."""
    from dji_audit.cli.audit._demo import demo_command

    raise typer.Exit(demo_command(out))


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="A.json", help="report.json of one audit.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="report.json of another.")],
    format: Annotated[Literal["table", "json"], typer.Option("--format", help="How.")] = "table",
) -> None:
    """Compare two audits: what differs, and why.

    Exit codes: 0 the same results; 1 they differ; 2 a report cannot be read.
    """
    from dji_audit.cli.audit._diff import diff_command

    raise typer.Exit(diff_command(before, after, format))


@app.command()
def schema(
    document: Annotated[
        Literal["report", "pack"], typer.Argument(metavar="NAME", help="report or pack.")
    ] = "report",
) -> None:
    """Print the JSON Schema of a document."""
    if document == "pack":
        from dji_audit.compliance.policy import pack_schema

        typer.echo(pack_schema(), nl=False)
        return
    from dji_audit.report.documents import report_schema

    typer.echo(report_schema(), nl=False)
