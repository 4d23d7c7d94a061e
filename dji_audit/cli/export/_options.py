"""The options of ``dji-audit export``, ``timeline`` and ``report``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_for_output,
    option_that_takes_value,
)
from dji_audit.cli._options import RunCommandOptions

ExportFormatName = Literal["geojson", "kml", "kmz", "gpx", "csv-airdata", "geoparquet"]
ReportFormatName = Literal["json", "csv", "xlsx", "html", "md", "pdf"]
OneFlight = Annotated[
    str | None,
    typer.Option("--flight", "-f", metavar="ID", help="Only this flight; audit lists the ids."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions(RunCommandOptions):
    """The options of ``dji-audit export``."""

    out: Annotated[
        Path,
        option_for_output(
            "FILE|FOLDER", "File for all flights together, or a folder for a file of each."
        ),
    ]
    flight: OneFlight = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineOptions(RunCommandOptions):
    """The options of ``dji-audit timeline``."""

    out: Annotated[Path, option_for_output("FILE", "The time line to write.")]
    flight: OneFlight = None
    format: Annotated[
        Literal["jsonl", "csv"],
        typer.Option(
            "--format", help="jsonl: JSON lines for Timesketch; csv: as psort of plaso writes it."
        ),
    ] = "jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(RunCommandOptions):
    """The options of ``dji-audit report``."""

    out: Annotated[
        Path | None,
        option_for_output("FILE", "The report to write. Without: standard output."),
    ] = None
    format: Annotated[
        ReportFormatName | None,
        typer.Option(
            "--format",
            help="json: everything; csv: a row for each flight; xlsx: a workbook; html: one sealed "
            "page; md: Markdown; pdf: sheets to print. Default: as the name of --out ends, else "
            "json, and md for a month.",
        ),
    ] = None
    template: Annotated[
        Literal["audit", "monthly"],
        typer.Option(
            "--template",
            help="monthly: a month of the fleet of a state, for publication: counts, no positions; "
            "PATH is the state of an audit.",
        ),
    ] = "audit"
    month: Annotated[
        str | None,
        option_that_takes_value(
            "--month", "YYYY-MM", "Of --template monthly. Default: of the last flight."
        ),
    ] = None
