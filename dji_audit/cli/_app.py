"""The commands, with their options and help.  What each needs is loaded when it is called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_that_takes_value,
    plain_text_command_group,
)
from dji_audit.cli._options import (
    AuditOptions,
    Config,
    DossierOptions,
    IncidentOptions,
    InspectOptions,
    Keys,
    LeaveOut,
    MapOptions,
    PasswordFile,
    PolicyAndContextOptions,
    ServeOptions,
    VerifyOptions,
)
from dji_audit.cli._options_decorator import add_options_of_class, names_of_options_set_by_user
from dji_audit.cli.endpoints import endpoints_app
from dji_audit.cli.export._options import (
    ExportFormatName,
    ExportOptions,
    ReportOptions,
    TimelineOptions,
)
from dji_audit.cli.fleet import fleet_app
from dji_audit.cli.keys import KeyStore, keys_app
from dji_audit.cli.rules import rules_app
from dji_audit.cli.survey import survey_app
from dji_audit.cli.zones import zones_app

EPILOG = """Exit codes: 0 done, nothing at or above --fail-on; 1 findings; 2 usage, configuration
or I/O; 3 nothing auditable; 4 something could not be read in full; 70 internal error;
130 interrupted."""

app = plain_text_command_group(
    "dji-audit", "Audit drone flight logs, on this computer, sending nothing anywhere.", EPILOG
)

app.add_typer(keys_app)
app.add_typer(rules_app)
app.add_typer(endpoints_app)
app.add_typer(zones_app)
app.add_typer(fleet_app)
app.add_typer(survey_app)

Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of an internal error.")]


def _print_version(requested: bool) -> None:
    if requested:
        from dji_audit.common.tool_and_package_versions import tool_version

        typer.echo(f"dji-audit {tool_version()}")
        raise typer.Exit


@app.callback()
def apply_global_options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Debug = False,
) -> None:
    """Audit drone flight logs, on this computer, sending nothing anywhere."""


Logs = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
        readable=False,
        help="Logs, or folders of them; - reads paths from standard input.",
    ),
]


#: Where nothing is named, the configuration of the unit may say what to read.
ConfiguredLogs = Annotated[
    list[Path],
    typer.Argument(
        default_factory=list,
        show_default=False,
        metavar="PATH",
        readable=False,
        help="Logs, or folders of them; - reads paths from standard input. Without: the paths of "
        "the configuration.",
    ),
]


@app.command(epilog=EPILOG)
@add_options_of_class(AuditOptions)
def audit(paths: ConfiguredLogs, options: AuditOptions) -> None:
    """Audit logs: findings, verdict, a page for each flight.

    The pages are sealed: they load nothing, and open on a computer without a network.
    """
    from dji_audit.cli.audit._audit import audit_command

    raise typer.Exit(audit_command(paths, options))


@app.command(
    epilog="Exit codes: 0 made; 2 usage, configuration or I/O; 3 made, and nothing in it could be "
    "audited; 70 internal error; 130 interrupted."
)
@add_options_of_class(DossierOptions)
def dossier(paths: ConfiguredLogs, options: DossierOptions) -> None:
    """Audit logs into one archive that shows every change.

    Pages, PDF, report, tables, the hash of every file that went in and came out, and a record of
    what was done. The same evidence and options give the same bytes.
    """
    from dji_audit.cli.dossier._dossier import dossier_command

    raise typer.Exit(dossier_command(paths, options))


@app.command(
    epilog="Exit codes: 0 as it was made; 2 usage or I/O; 4 the repeated audit could not be "
    "compared in full; 5 something differs, each part is named; 130 interrupted."
)
@add_options_of_class(VerifyOptions)
def verify(
    archive: Annotated[Path, typer.Argument(metavar="CASE.zip", help="A dossier.")],
    options: VerifyOptions,
) -> None:
    """Check a dossier; repeat its audit if the evidence is inside."""
    from dji_audit.cli.dossier._verify import verify_command

    raise typer.Exit(verify_command(archive, options))


@app.command("signing-key")
def signing_key(
    key: Annotated[Path, typer.Argument(metavar="KEY.pem", help="The private key to write.")],
) -> None:
    """Make a key to sign dossiers (Ed25519); print the public key.

    Only you can read the file. DJI_AUDIT_SIGNING_PASSWORD encrypts it, and is asked for when it is
    used. Give the public key to whoever checks your dossiers.
    """
    from dji_audit.cli.dossier._signing_key_command import create_signing_key_command

    raise typer.Exit(create_signing_key_command(key))


@app.command()
def timestamp(
    archive: Annotated[Path, typer.Argument(metavar="CASE.zip", help="A dossier.")],
    request: Annotated[
        Path | None,
        option_that_takes_value("--request", "FILE", "Write a request for a time stamp."),
    ] = None,
    response: Annotated[
        Path | None,
        option_that_takes_value("--response", "FILE", "Put the response into the dossier."),
    ] = None,
) -> None:
    """Ask for a time stamp of a dossier (RFC 3161), or add it.

    No connection is opened: take the request to an authority, and bring the response back.
    """
    from dji_audit.cli.dossier._timestamp import timestamp_command

    raise typer.Exit(timestamp_command(archive, request, response))


@app.command()
def scan(
    command_context: typer.Context,
    paths: ConfiguredLogs,
    config: Config = None,
    leave_out: LeaveOut = None,
    keys: Keys = None,
    key_store: KeyStore = None,
    password_file: PasswordFile = None,
    jobs: Annotated[
        int,
        typer.Option("--jobs", "-j", metavar="N", min=0, help="Workers that an audit will have."),
    ] = 0,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help="What to print.")
    ] = "table",
    all: Annotated[bool, typer.Option("--all", help="Name every file.")] = False,
) -> None:
    """Say what is here, what needs keys, how long an audit takes.

    Looks at the first bytes of each file and reads nothing else, but for containers. Exit codes:
    0 all can be read; 2 a path cannot be opened; 3 nothing to audit; 4 something needs a key, may
    hold a flight or a contact and cannot be read, or cannot be opened.
    """
    from dji_audit.cli.configuration._apply_configuration import (
        options_and_paths_with_configuration,
    )
    from dji_audit.cli.scan._scan import scan_command

    options, paths = options_and_paths_with_configuration(
        PolicyAndContextOptions(
            config=config,
            leave_out=leave_out,
            keys=keys,
            key_store=key_store,
            password_file=password_file,
        ),
        paths,
        names_of_options_set_by_user(command_context),
    )
    raise typer.Exit(scan_command(paths, options, jobs, format, all))


@app.command()
@add_options_of_class(InspectOptions)
def inspect(
    logs: Annotated[
        list[Path],
        typer.Argument(
            metavar="LOG",
            readable=False,
            help="One log; with --flight, logs or folders of them.",
        ),
    ],
    options: InspectOptions,
) -> None:
    """Show one log, or one flight and its logs.

    Of a log: header, tables, records, coverage, issues. Of a flight: sources, clocks, conflicts.
    """
    from dji_audit.cli.inspect._inspect_flight import inspect_flight_command
    from dji_audit.cli.inspect._inspect_log import inspect_command

    if options.flight is not None:
        if options.records is not None:
            raise typer.BadParameter(
                "records belong to one log; leave out --flight", param_hint="--records"
            )
        raise typer.Exit(inspect_flight_command(options.flight, logs, options))
    if options.elevation is not None or options.camera:
        raise typer.BadParameter("only used with --flight", param_hint="--elevation, --camera")
    if len(logs) != 1:
        raise typer.BadParameter("name one log, or a flight with --flight", param_hint="LOG")
    raise typer.Exit(inspect_command(logs[0], options))


@app.command()
@add_options_of_class(IncidentOptions)
def incident(paths: ConfiguredLogs, options: IncidentOptions) -> None:
    """Write the minutes around one moment, for an inquiry.

    One page, two sheets, and every value at full rate, with the hashes of the evidence.
    """
    from dji_audit.cli.incident._incident import incident_command

    raise typer.Exit(incident_command(paths, options))


@app.command("map")
@add_options_of_class(MapOptions)
def map_(paths: ConfiguredLogs, options: MapOptions) -> None:
    """Draw flights; say when a place was in view."""
    from dji_audit.cli.map._map import map_command

    raise typer.Exit(map_command(paths, options))


@app.command()
@add_options_of_class(ExportOptions)
def export(
    format: Annotated[
        ExportFormatName,
        typer.Argument(metavar="FORMAT", help="geojson, kml, kmz, gpx, csv-airdata or geoparquet."),
    ],
    paths: ConfiguredLogs,
    options: ExportOptions,
) -> None:
    """Write flights for maps, Google Earth, GPS and tables.

    Track, recordings, what was in the picture, zones, events and findings, each with its time, its
    units and the bytes that show it. Exit codes: 0 written; 2 usage, configuration or I/O; 3
    nothing auditable; 4 something could not be read in full.
    """
    from dji_audit.cli.export._export import export_command

    raise typer.Exit(export_command(format, paths, options))


@app.command()
@add_options_of_class(TimelineOptions)
def timeline(paths: ConfiguredLogs, options: TimelineOptions) -> None:
    """Write one time line of all logs, for Timesketch and plaso.

    Times are UTC to the microsecond; each row names the file, the byte and the record that it
    rests on. Exit codes are those of export.
    """
    from dji_audit.cli.export._export import timeline_command

    raise typer.Exit(timeline_command(paths, options))


@app.command(epilog=EPILOG)
@add_options_of_class(ReportOptions)
def report(paths: ConfiguredLogs, options: ReportOptions) -> None:
    """Audit, and write the results as one document.

    Names the files that could not be read on standard error.
    """
    from dji_audit.cli.export._report import report_command

    raise typer.Exit(report_command(paths, options))


@app.command(
    epilog="Exit codes: 0 ended by Ctrl+C; 2 usage, configuration or I/O; 70 internal error."
)
@add_options_of_class(ServeOptions)
def serve(
    state: Annotated[
        Path,
        typer.Argument(
            metavar="STATE", help="Folder that keeps deliveries, results and dossiers; made if new."
        ),
    ],
    paths: Annotated[
        list[Path],
        option_that_takes_value(
            "--evidence",
            "FOLDER",
            "Folder of this computer that may be audited too; nothing is written into it. "
            "May be given more than once. Without: the paths of the configuration.",
            default_factory=list,
            show_default=False,
        ),
    ],
    options: ServeOptions,
) -> None:
    """Work in a browser: drop logs, audit them, look, acknowledge.

    Listens on the loopback address only, and lets in who has the address that it prints.
    """
    from dji_audit.cli.fleet._serve import serve_command

    raise typer.Exit(serve_command(state, paths, options))


@app.command()
def demo(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder for the results.")] = Path(
        "dji-audit-demo"
    ),
) -> None:
    """Audit the synthetic logs that ship; say which file to open."""
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
        Literal["report", "pack", "progress", "survey-return"],
        typer.Argument(metavar="NAME", help="report, pack, progress or survey-return."),
    ] = "report",
) -> None:
    """Print the JSON Schema of a document."""
    if document == "progress":
        from dji_audit.cli._progress import progress_schema

        typer.echo(progress_schema(), nl=False)
        return
    if document == "pack":
        from dji_audit.compliance.policy import pack_schema

        typer.echo(pack_schema(), nl=False)
        return
    if document == "survey-return":
        from dji_audit.fleet.survey.survey_return_schema import survey_return_json_schema

        typer.echo(survey_return_json_schema(), nl=False)
        return
    from dji_audit.report.report_json_and_csv import report_json_schema

    typer.echo(report_json_schema(), nl=False)


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder for the new dji-audit.toml.")
    ] = Path(),
) -> None:
    """Write a configuration in which every key is explained.

    Nothing is written over. Exit codes: 0 written; 2 it cannot be, or there is one already.
    """
    from dji_audit.cli.configuration._init_command import init_command

    raise typer.Exit(init_command(folder))


@app.command()
def doctor(
    config: Config = None,
    as_of: Annotated[
        str | None,
        option_that_takes_value("--as-of", "DATE", "Day of the check. Default: today."),
    ] = None,
    report: Annotated[
        Path | None,
        option_that_takes_value(
            "--report", "FILE", "report.json of an audit: what did it not use?"
        ),
    ] = None,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help="What to print.")
    ] = "table",
) -> None:
    """Say what of the configuration is missing, old or unused.

    Looks at this computer too: optional packages, where it may write, space. Exit codes: 0 nothing
    is wrong; 1 something is missing, wrong or out of date; 2 usage.
    """
    from dji_audit.cli.doctor._doctor import doctor_command

    raise typer.Exit(doctor_command(config, as_of, report, format))
