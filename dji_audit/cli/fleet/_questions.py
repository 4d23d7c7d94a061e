"""``dji-audit fleet STATE …``: the questions; what answers one is loaded when it is asked."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dji_audit.cli._terminal import print_error_and_return_exit
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.questions.answer import Answer, QuestionError
from dji_audit.fleet.questions.row_filter_by_time_serial_and_flight import (
    PeriodSerialAndFlightFilter,
)
from dji_audit.fleet.tables.open_database import open_fleet_database_read_only


def row_filter_from_options(
    between: str | None = None, serial: str | None = None, flight: str | None = None
) -> PeriodSerialAndFlightFilter:
    """Return which rows the options choose.

    Raises:
        typer.Exit: If a span of time is none.
    """
    if between is None:
        return PeriodSerialAndFlightFilter(None, serial, flight)
    from dji_audit.fleet.questions.time_span import start_and_end_texts_of_time_span

    with _errors_as_exit():
        return PeriodSerialAndFlightFilter(
            start_and_end_texts_of_time_span(between), serial, flight
        )


def answer_of_table_question(state: Path, name: str, chosen: PeriodSerialAndFlightFilter) -> Answer:
    """Return the answer to a question that the tables answer."""
    from dji_audit.fleet.questions.table_questions import table_answer

    return _answer_read_from_fleet_database(
        state, lambda connection: table_answer(connection, name, chosen)
    )


def fleet_summary_answer_from_state(state: Path) -> Answer:
    """Return the figures of a fleet."""
    from dji_audit.fleet.questions.fleet_summary import fleet_summary_answer

    return _answer_read_from_fleet_database(state, fleet_summary_answer)


def answer_with_random_flight_sample(state: Path, rate: str, seed: int) -> Answer:
    """Return a random sample of flights; the rate is a text such as ``5%`` or ``0.05``."""
    from dji_audit.fleet.questions.random_sample import random_flight_sample_answer

    text = rate.strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError as error:
        raise print_error_and_return_exit(
            f"--rate {rate}: write a share, such as 5% or 0.05"
        ) from error
    return _answer_read_from_fleet_database(
        state, lambda connection: random_flight_sample_answer(connection, share, seed)
    )


def place_near_or_in_view_answer(
    state: Path, place: str, within_m: float, chosen: PeriodSerialAndFlightFilter
) -> Answer:
    """Return when a place was near or in view; the place is a text such as ``51.5,-0.12``."""
    parts = place.split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError as error:
        raise print_error_and_return_exit(
            f"{place}: a place is latitude,longitude in degrees, such as 51.5007,-0.1246"
        ) from error
    from dji_audit.fleet.questions.place_near_or_in_view import answer_when_place_near_or_in_view

    return _answer_read_from_fleet_database(
        state,
        lambda connection: answer_when_place_near_or_in_view(
            connection, latitude, longitude, within_m, chosen
        ),
    )


def flights_in_air_together_answer(
    state: Path, within_m: float, chosen: PeriodSerialAndFlightFilter
) -> Answer:
    """Return which flights were in the air at once."""
    from dji_audit.fleet.questions.in_the_air_together import flights_together_answer

    return _answer_read_from_fleet_database(
        state, lambda connection: flights_together_answer(connection, within_m, chosen)
    )


def answer_with_list_of_runs(state: Path) -> Answer:
    """Return the runs of a state."""
    from dji_audit.fleet.questions.run_differences import list_of_runs_answer

    with _errors_as_exit():
        return list_of_runs_answer(state)


def answer_with_run_differences(state: Path, before: int | None, after: int | None) -> Answer:
    """Return what differs between two runs; without numbers between the last two."""
    from dji_audit.fleet.questions.run_differences import (
        list_of_runs_answer,
        run_differences_answer,
    )

    with _errors_as_exit():
        numbers = [int(str(row[0])) for row in list_of_runs_answer(state).rows]
        if before is None and len(numbers) < 2:
            raise QuestionError("there is only one run, and nothing to compare it with")
        first = numbers[-2] if before is None else before
        return run_differences_answer(state, first, numbers[-1] if after is None else after)


def sql_statement_answer(state: Path, statement: str, engine: str | None) -> Answer:
    """Return the answer to a statement of SQL."""
    from dji_audit.fleet.questions.sql_question import sql_answer

    with _errors_as_exit():
        return sql_answer(state, statement, engine)


def _answer_read_from_fleet_database(
    state: Path, ask: Callable[[sqlite3.Connection], Answer]
) -> Answer:
    with _errors_as_exit(), open_fleet_database_read_only(state) as connection:
        return ask(connection)


@contextmanager
def _errors_as_exit() -> Iterator[None]:
    try:
        yield
    except (QuestionError, OutputError) as error:
        raise print_error_and_return_exit(str(error)) from error
