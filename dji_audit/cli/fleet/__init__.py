"""``dji-audit fleet``: its commands with options and help; the rest is loaded when called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_for_output,
    option_that_takes_value,
    plain_text_command_group,
)
from dji_audit.cli._options_decorator import add_options_of_class
from dji_audit.cli.fleet._answer_options import (
    AircraftAnswerOptions,
    AnswerOptions,
    FlightAnswerOptions,
    Format,
    Out,
    Rows,
    State,
)
from dji_audit.cli.fleet._state_argument_before_command import StateFirstGroup

fleet_app = plain_text_command_group(
    "fleet",
    "Ask what is known of a fleet: fleet STATE QUESTION. Merge states of several machines.",
    "Exit codes: 0 answered; 2 usage, or a state that cannot be read or has no tables.",
)
fleet_app.info.cls = StateFirstGroup


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
        option_for_output(
            "STATE", "State that gets all results; made if it is not there. Results in it stay."
        ),
    ],
) -> None:
    """Put the states of several machines into one.

    Then `audit --state STATE` over the same paths reads nothing again and gives what one machine
    would have given. Exit codes: 0 merged; 2 a state cannot be read or written.
    """
    from dji_audit.cli.fleet._merge import merge_command

    raise typer.Exit(merge_command(states, out))


@fleet_app.command()
def summary(state: State, format: Format = None, out: Out = None, rows: Rows = 200) -> None:
    """Figures: flights, hours, verdicts, findings, contacts."""
    from dji_audit.cli.fleet._questions import fleet_summary_answer_from_state

    options = AnswerOptions(format=format, out=out, rows=rows)
    options.write(fleet_summary_answer_from_state(state))


#: Questions about rows of a table: their help, and their options by what the rows belong to.
_TABLE_QUESTIONS: tuple[tuple[str, str, type[AnswerOptions]], ...] = (
    ("flights", "Flights: logged, and declared without a log.", FlightAnswerOptions),
    ("captures", "Photos, videos and sound recordings.", FlightAnswerOptions),
    ("contacts", "Which devices talked to whom, when, by grade.", FlightAnswerOptions),
    ("findings", "Findings, each with the bytes that show it.", FlightAnswerOptions),
    ("aircraft", "Aircraft by serial number, with their hours.", AircraftAnswerOptions),
    ("batteries", "Batteries by serial number.", AircraftAnswerOptions),
    ("payloads", "Cameras by serial number.", AircraftAnswerOptions),
    ("firmware", "Firmware versions, since when, and which are behind.", AircraftAnswerOptions),
    ("gaps", "What could not be checked, and what can be done.", AnswerOptions),
    ("quarantine", "Files not read in full, and why.", AnswerOptions),
)


def _add_table_question(name: str, summary: str, kind: type[AnswerOptions]) -> None:
    @fleet_app.command(name, help=summary)
    @add_options_of_class(kind)
    def ask(state: State, options: AnswerOptions) -> None:
        from dji_audit.cli.fleet._questions import answer_of_table_question

        options.write(answer_of_table_question(state, name, options.row_filter()))


for _question in _TABLE_QUESTIONS:
    _add_table_question(*_question)


@fleet_app.command()
@add_options_of_class(AnswerOptions)
def sample(
    state: State,
    rate: Annotated[
        str, option_that_takes_value("--rate", "SHARE", "Share of the flights, such as 5%.")
    ],
    seed: Annotated[
        int, option_that_takes_value("--seed", "N", "Any number; the same gives the same.")
    ],
    options: AnswerOptions,
) -> None:
    """A random sample of flights, for a second look.

    The same seed gives the same flights, so that nobody can be said to have picked them.
    """
    from dji_audit.cli.fleet._questions import answer_with_random_flight_sample

    options.write(answer_with_random_flight_sample(state, rate, seed))


@fleet_app.command()
@add_options_of_class(AnswerOptions)
def runs(state: State, options: AnswerOptions) -> None:
    """The runs of a state, by number."""
    from dji_audit.cli.fleet._questions import answer_with_list_of_runs

    options.write(answer_with_list_of_runs(state))


@fleet_app.command()
@add_options_of_class(AnswerOptions)
def diff(
    state: State,
    *,
    before: Annotated[
        int | None, typer.Argument(metavar="RUN1", help="Number of a run; runs lists them.")
    ] = None,
    after: Annotated[
        int | None, typer.Argument(metavar="RUN2", help="Another. Without: the last.")
    ] = None,
    options: AnswerOptions,
) -> None:
    """What differs between two runs: flights, findings, files.

    Without numbers: between the last two.
    """
    from dji_audit.cli.fleet._questions import answer_with_run_differences

    options.write(answer_with_run_differences(state, before, after))


@fleet_app.command(context_settings={"ignore_unknown_options": True})
@add_options_of_class(FlightAnswerOptions)
def place(
    state: State,
    place: Annotated[
        str, typer.Argument(metavar="LAT,LON", help="Degrees, WGS 84, such as 51.5007,-0.1246.")
    ],
    *,
    within: Annotated[
        float, option_that_takes_value("--within", "METRES", "How near an aircraft must be.")
    ] = 500.0,
    options: FlightAnswerOptions,
) -> None:
    """When a place was in view of a camera, or near an aircraft."""
    from dji_audit.cli.fleet._questions import place_near_or_in_view_answer

    options.write(place_near_or_in_view_answer(state, place, within, options.row_filter()))


@fleet_app.command()
@add_options_of_class(FlightAnswerOptions)
def together(
    state: State,
    *,
    within: Annotated[
        float, option_that_takes_value("--within", "METRES", "How near two flights must come.")
    ] = 5000.0,
    options: FlightAnswerOptions,
) -> None:
    """Which flights were in the air at once, and how near."""
    from dji_audit.cli.fleet._questions import flights_in_air_together_answer

    options.write(flights_in_air_together_answer(state, within, options.row_filter()))


@fleet_app.command()
@add_options_of_class(AnswerOptions)
def sql(
    state: State,
    statement: Annotated[
        str, typer.Argument(metavar="SQL", help="One SELECT; docs/fleet_tables.md has the tables.")
    ],
    *,
    engine: Annotated[
        Literal["duckdb", "sqlite"] | None,
        typer.Option("--engine", help="Default: DuckDB where it is installed, else SQLite."),
    ] = None,
    options: AnswerOptions,
) -> None:
    """A question of your own in SQL; nothing is written."""
    from dji_audit.cli.fleet._questions import sql_statement_answer

    options.write(sql_statement_answer(state, statement, engine))


@fleet_app.command()
def page(
    state: State,
    out: Annotated[
        Path,
        option_for_output("FILE", "The page; beside the results of the audit it leads to theirs."),
    ] = Path("fleet.html"),
) -> None:
    """Draw the dashboard: one sealed page that loads nothing."""
    from dji_audit.cli.fleet._dashboard_page import page_command

    raise typer.Exit(page_command(state, out))
