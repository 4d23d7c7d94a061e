"""``dji-audit fleet``: its commands with options and help; the rest is loaded when called."""

from pathlib import Path
from typing import Annotated

import typer

from dji_audit.cli._command_group import plain_text_command_group

fleet_app = plain_text_command_group("fleet", "States of runs over many files: merge them.")


@fleet_app.command()
def merge(
    states: Annotated[
        list[Path],
        typer.Argument(
            metavar="STATE", readable=False, help="States to merge, such as those of --shard."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="STATE",
            help="State that gets all results; made if it is not there. Results in it stay.",
        ),
    ],
) -> None:
    """Put the states of several machines into one.

    Then `audit --state STATE` over the same paths reads nothing again and gives what one machine
    would have given. Exit codes: 0 merged; 2 a state cannot be read or written.
    """
    from dji_audit.cli.fleet._merge import merge_command

    raise typer.Exit(merge_command(states, out))
