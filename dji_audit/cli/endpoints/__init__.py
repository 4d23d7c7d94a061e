"""``dji-audit endpoints``: the words and help of its commands; loaded when called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

endpoints_app = typer.Typer(
    name="endpoints",
    help="The catalogue of hosts: whose each is, how that is known.\n\n"
    "A name in a file is no contact.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Overlays = Annotated[
    list[str] | None,
    typer.Option(
        "--endpoints",
        metavar="FILE",
        help="Endpoints of your own over those that ship: CSV, TOML or STIX 2.1, or the name of "
        "a list that `endpoints import` kept. May be given more than once; the last one wins.",
    ),
]
Category = Annotated[
    list[str] | None,
    typer.Option("--category", metavar="NAME", help="Only this; may be given more than once."),
]
Operator = Annotated[
    str | None,
    typer.Option("--operator", metavar="NAME", help="Only operators whose name holds this."),
]
Guesses = Annotated[bool, typer.Option("--low-confidence", help="Also rows that rest on a guess.")]


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
    """List the hosts that an audit looks for, role by role."""
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
    """Say what a host is, and what seeing it does and does not prove."""
    from dji_audit.cli.endpoints._commands import explain_command

    raise typer.Exit(explain_command(host, overlays, format))


@endpoints_app.command()
def lint(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Endpoints of your own; checked over the rest."),
    ] = None,
) -> None:
    """Check the catalogue with files of your own over it.

    Exit codes: 0 all is well; 1 faults.
    """
    from dji_audit.cli.endpoints._commands import lint_command

    raise typer.Exit(lint_command(files))


@endpoints_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TOML or STIX 2.1.")],
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What to call it; else as the file is called."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="CSV file to write, instead of keeping it under a name.",
        ),
    ] = None,
) -> None:
    """Check a list of your own; keep it for --endpoints NAME.

    What is kept is used only where it is named: two runs with the same words give the same bytes.
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
        typer.Option("--generic", help="Also hosts that many share; blocking them breaks much."),
    ] = False,
) -> None:
    """Print the catalogue for STIX, Zeek, Suricata, Pi-hole."""
    from dji_audit.cli.endpoints._commands import export_command

    raise typer.Exit(export_command(format, overlays, category, operator, low_confidence, generic))


@endpoints_app.command()
def scan(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Any files, or folders; - reads paths.")
    ],
    overlays: Overlays = None,
    known: Annotated[
        bool, typer.Option("--known", help="Only hosts that the catalogue knows.")
    ] = False,
    format: Annotated[
        Literal["table", "json", "csv"],
        typer.Option("--format", help="A line for each host, or every place it stands at."),
    ] = "table",
) -> None:
    """Find the hosts that files name, with their offsets."""
    from dji_audit.cli.endpoints._scan import scan_command

    raise typer.Exit(scan_command(files, overlays, known, format))
