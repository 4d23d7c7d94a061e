"""The options that questions to a fleet take: each group is a class, as one object."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_for_output,
    option_that_takes_value,
)

if TYPE_CHECKING:
    from dji_audit.fleet.questions.answer import Answer
    from dji_audit.fleet.questions.row_filter_by_time_serial_and_flight import (
        PeriodSerialAndFlightFilter,
    )

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
    int,
    option_that_takes_value("--rows", "N", "Rows of a printed table; documents hold all.", min=1),
]
Serial = Annotated[
    str | None,
    option_that_takes_value("--serial", "SERIAL", "Only of the aircraft with this serial number."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOptions:
    """How an answer is written; a question takes all rows."""

    format: Format = None
    out: Out = None
    rows: Rows = 50

    def row_filter(self) -> "PeriodSerialAndFlightFilter":
        """Return which rows the options choose.

        Raises:
            typer.Exit: If a span of time is none.
        """
        from dji_audit.cli.fleet._questions import row_filter_from_options

        return row_filter_from_options()

    def write(self, answer: "Answer") -> None:
        """Write an answer as the options say.

        Raises:
            typer.Exit: If it cannot be written.
        """
        from dji_audit.cli.fleet._print_answer import print_or_write_answer

        print_or_write_answer(answer, self.format, self.out, self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftAnswerOptions(AnswerOptions):
    """The same for rows that belong to an aircraft."""

    serial: Serial = None

    def row_filter(self) -> "PeriodSerialAndFlightFilter":
        """Return which rows the options choose."""
        from dji_audit.cli.fleet._questions import row_filter_from_options

        return row_filter_from_options(serial=self.serial)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightAnswerOptions(AnswerOptions):
    """The same for rows that have a time and a flight."""

    between: Annotated[
        str | None,
        option_that_takes_value(
            "--between", "SPAN", "Only of this time, UTC: 2026-05, or 2026-05-01..2026-05-14."
        ),
    ] = None
    serial: Serial = None
    flight: Annotated[
        str | None, option_that_takes_value("--flight", "ID", "Only of this flight.")
    ] = None

    def row_filter(self) -> "PeriodSerialAndFlightFilter":
        """Return which rows the options choose.

        Raises:
            typer.Exit: If the span of time is none.
        """
        from dji_audit.cli.fleet._questions import row_filter_from_options

        return row_filter_from_options(between=self.between, serial=self.serial, flight=self.flight)
