"""``dji-audit endpoints``: its commands with options and help; the rest is loaded when called."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_for_output,
    option_that_takes_value,
    plain_text_command_group,
)

endpoints_app = plain_text_command_group(
    "endpoints",
    "The catalogue of hosts: operator, role and source of each.\n\n"
    "A name in a file is not a contact.",
)

Overlays = Annotated[
    list[str] | None,
    option_that_takes_value(
        "--endpoints",
        "FILE",
        "Your own endpoints in addition to the catalogue: CSV, TOML or STIX 2.1, or the name "
        "of a list that `endpoints import` stored. May be given more than once; the last wins.",
    ),
]
Category = Annotated[
    list[str] | None,
    option_that_takes_value(
        "--category", "NAME", "Only this category; may be given more than once."
    ),
]
Operator = Annotated[
    str | None,
    option_that_takes_value("--operator", "NAME", "Only operators with this text in their name."),
]
Guesses = Annotated[bool, typer.Option("--low-confidence", help="Also rows of low confidence.")]


@endpoints_app.command("list")
def list_(
    overlays: Overlays = None,
    category: Category = None,
    operator: Operator = None,
    low_confidence: Guesses = False,
    format: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="What to print.")
    ] = "table",
) -> None:
    """List the hosts that an audit searches for, by role."""
    from dji_audit.cli.endpoints._commands import list_command

    raise typer.Exit(list_command(overlays, category, operator, low_confidence, format))


@endpoints_app.command()
def explain(
    host: Annotated[str, typer.Argument(metavar="HOST", help="A host name or an IP address.")],
    overlays: Overlays = None,
    format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="What to print.")
    ] = "text",
) -> None:
    """Explain a host: what a sighting proves and does not."""
    from dji_audit.cli.endpoints._commands import explain_command

    raise typer.Exit(explain_command(host, overlays, format))


@endpoints_app.command()
def lint(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Your own endpoints; checked with the rest."),
    ] = None,
    as_of: Annotated[
        dt.datetime | None,
        option_that_takes_value(
            "--as-of",
            "DATE",
            "Also list the sources that were read too long before this day.",
            formats=["%Y-%m-%d"],
        ),
    ] = None,
) -> None:
    """Check the catalogue together with your own files.

    Exit codes: 0 no faults; 1 faults.
    """
    from dji_audit.cli.endpoints._commands import lint_command

    raise typer.Exit(lint_command(files, as_of.date() if as_of is not None else None))


@endpoints_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TOML or STIX 2.1.")],
    name: Annotated[
        str | None,
        option_that_takes_value(
            "--name", "NAME", "Name of the list. Default: the name of the file."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        option_for_output("FILE", "CSV file to write, instead of storing the list."),
    ] = None,
) -> None:
    """Check your own list; store it for --endpoints NAME.

    A stored list is used only where it is named, so the same options give the same bytes.
    """
    from dji_audit.cli.endpoints._commands import import_command

    raise typer.Exit(import_command(file, name, out))


@endpoints_app.command()
def export(
    format: Annotated[
        Literal["stix", "zeek", "suricata", "pihole", "csv"],
        typer.Option("--format", help="Form of the list."),
    ],
    overlays: Overlays = None,
    category: Category = None,
    operator: Operator = None,
    low_confidence: Guesses = False,
    generic: Annotated[
        bool,
        typer.Option("--generic", help="Also shared hosts; blocking them breaks other services."),
    ] = False,
) -> None:
    """Print the catalogue for STIX, Zeek, Suricata, Pi-hole."""
    from dji_audit.cli.endpoints._commands import export_command

    raise typer.Exit(export_command(format, generic, overlays, category, operator, low_confidence))


@endpoints_app.command()
def scan(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE", help="Any files, or folders; - reads paths from standard input."
        ),
    ],
    overlays: Overlays = None,
    known: Annotated[bool, typer.Option("--known", help="Only hosts in the catalogue.")] = False,
    format: Annotated[
        Literal["table", "json", "csv"],
        typer.Option("--format", help="A line for each host, or for each occurrence."),
    ] = "table",
) -> None:
    """Find the hosts that files name, with offsets."""
    from dji_audit.cli.endpoints._scan_files_for_hosts import scan_files_for_hosts_command

    raise typer.Exit(scan_files_for_hosts_command(files, overlays, known, format))
