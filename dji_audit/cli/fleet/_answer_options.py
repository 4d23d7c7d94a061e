"""The options that every question to a fleet takes."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group import option_for_output, option_with_value

State = Annotated[
    Path, typer.Argument(metavar="STATE", help="State of a run: the folder of audit --state.")
]
Format = Annotated[
    Literal["table", "json", "csv", "xlsx", "parquet"] | None,
    typer.Option("--format", help="What to write. Default: by the name of --out, else a table."),
]
Out = Annotated[
    Path | None,
    option_for_output("FILE", "Where to. Default: standard output."),
]
Rows = Annotated[
    int, option_with_value("--rows", "N", "Rows of a printed table; documents hold all.", min=1)
]
Between = Annotated[
    str | None,
    option_with_value(
        "--between", "SPAN", "Only of this time, UTC: 2026-05, or 2026-05-01..2026-05-14."
    ),
]
Serial = Annotated[
    str | None,
    option_with_value("--serial", "SERIAL", "Only of the aircraft with this serial number."),
]
Flight = Annotated[str | None, option_with_value("--flight", "ID", "Only of this flight.")]
