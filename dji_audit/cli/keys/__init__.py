"""``dji-audit keys``: its commands with options and help; the rest is loaded when called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_for_output,
    option_that_takes_value,
    plain_text_command_group,
)

#: DJI's documented address; only ``keys fetch`` sends anything there, after asking.
ENDPOINT = "https://dev.dji.com/openapi/v1/flight-records/keychains"

keys_app = plain_text_command_group(
    "keys",
    "Keychains of encrypted DJI records: request and store them.\n\n"
    "Records of version 13 and 14 are encrypted. Only `keys fetch` opens a connection.",
)

KeyStore = Annotated[
    str | None,
    option_that_takes_value(
        "--key-store",
        "FOLDER",
        "Case folder or folder of keychains to search; 'none': search none. "
        "Default: the user's own, where `keys import` stores them.",
        envvar="DJI_AUDIT_KEY_STORE",
    ),
]
Case = Annotated[
    Path | None,
    option_that_takes_value("--case", "FOLDER", "Case folder in which to store them."),
]


@keys_app.command()
def request(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH", help="Logs, or folders of them; - reads paths from standard input."
        ),
    ],
    out: Annotated[
        Path | None,
        option_for_output("FILE", "File to write; without it only show the request."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also for logs whose keys are already stored.")
    ] = False,
    key_store: KeyStore = None,
) -> None:
    """Collect, offline, what a request for keys holds."""
    from dji_audit.cli.keys._commands import request_command

    raise typer.Exit(request_command(paths, out, everything, key_store))


@keys_app.command()
def fetch(
    requests: Annotated[
        Path, typer.Argument(metavar="FILE", help="File that `keys request` wrote.")
    ],
    out: Annotated[
        Path,
        option_for_output("FILE", "File for the keychains; an earlier file is completed."),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking.")] = False,
    timeout: Annotated[
        float,
        option_that_takes_value("--timeout", "SECONDS", "Seconds to wait for one answer.", min=0.1),
    ] = 30.0,
    pause: Annotated[float, typer.Option("--pause", min=0, hidden=True)] = 1.0,
    endpoint: Annotated[str, typer.Option("--endpoint", hidden=True)] = ENDPOINT,
) -> None:
    """Send requests to DJI; write the keychains.

    Only this command opens a connection. It first shows what it sends and where, and asks.
    The API key (developer.dji.com, "Open API") is taken from DJI_API_KEY or asked for. A file
    beside the keychains records what was disclosed.
    """
    from dji_audit.cli.keys._fetch import fetch_command

    raise typer.Exit(fetch_command(requests, out, yes, timeout, pause, endpoint))


@keys_app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Keychains.")],
    case: Case = None,
    log: Annotated[
        Path | None,
        option_that_takes_value(
            "--log", "FILE", "Log that an answer belongs to, if it names no request."
        ),
    ] = None,
) -> None:
    """Store keychains for `audit`, `inspect` and `map`."""
    from dji_audit.cli.keys._commands import import_command

    raise typer.Exit(import_command(files, case, log))


@keys_app.command("list")
def list_(
    case: Case = None,
    format: Annotated[Literal["table", "json"], typer.Option("--format", help="How.")] = "table",
) -> None:
    """List stored keychains; no secret is shown."""
    from dji_audit.cli.keys._commands import list_command

    raise typer.Exit(list_command(case, format))
