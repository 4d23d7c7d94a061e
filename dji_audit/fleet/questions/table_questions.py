"""Questions that one statement of SQL over the tables of a fleet answers."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from dji_audit.common.plain_english import pluralised_count
from dji_audit.fleet.questions.answer import Answer, AnswerColumn, QuestionError
from dji_audit.fleet.questions.row_filter_by_time_serial_and_flight import (
    PeriodSerialAndFlightFilter,
)
from dji_audit.fleet.tables.column_description import ColumnType
from dji_audit.fleet.tables.schema import FLEET_TABLES

_MEANINGS = {
    (table.name, column.name): column for table in FLEET_TABLES for column in table.columns
}


@dataclass(frozen=True, slots=True)
class _TableQuestion:
    """A question that rows of one table answer."""

    question: str
    table: str
    columns: tuple[str, ...]
    order: str
    #: Column of the time, of the flight and of the serial number that rows are filtered by.
    time: str | None = None
    flight: str | None = None
    serial: str | None = None
    where: str = "1"
    notes: tuple[str, ...] = ()


#: What a reader needs first stands first: a narrow terminal has no room for the rest.
_FLIGHTS = (
    "start", "flight", "verdict", "findings", "aircraft", "serial", "worst", "duration_s", "entry",
    "place", "max_height_ato_m", "max_home_distance_m", "video_s", "thermal_s", "audio_s",
    "photos", "fail", "not_assessable", "network_share", "operation", "declared_conflict",
    "simulated", "file", "sha256", "page",
)  # fmt: skip
#: Name of a question, as the command line has it -> the question.
_QUESTIONS: Mapping[str, _TableQuestion] = MappingProxyType(
    {
        "flights": _TableQuestion(
            "Which flights were there?", "flights", _FLIGHTS, "start IS NULL, start, file, flight",
            time="start", flight="flight", serial="serial",
        ),
        "aircraft": _TableQuestion(
            "Which aircraft flew, how long, and how did their flights turn out?", "aircraft",
            ("serial", "aircraft", "flights", "flight_s", "needs_look", "findings", "last_flight",
             "first_flight", "maker", "aircraft_name", "declared_flights", "without_duration",
             "video_s", "thermal_s", "audio_s", "apps"),
            "serial IS NULL, serial, aircraft", serial="serial",
            notes=("Flights that a simulator made are left out.",),
        ),
        "batteries": _TableQuestion(
            "Which batteries flew, and how long?", "batteries",
            ("serial", "flights", "aircraft_serials", "first_flight", "last_flight", "flight_s",
             "least_pct", "battery_events"),
            "serial", serial="serial",
        ),
        "payloads": _TableQuestion(
            "Which cameras flew?", "payloads",
            ("serial", "model", "flights", "aircraft_serials", "first_flight", "last_flight"),
            "serial IS NULL, serial, model", serial="serial",
        ),
        "captures": _TableQuestion(
            "What was recorded?", "captures",
            ("start", "kind", "sensor", "flight", "end", "shown_by", "grade", "media_file",
             "latitude_deg", "longitude_deg", "file", "sha256", "offset"),
            "start IS NULL, start, file, offset", time="start", flight="flight",
            notes=("A video that a log records and whose file was read too is in both rows: "
                   "shown_by says which.",),
        ),
        "contacts": _TableQuestion(
            "Which devices talked to whom, and when?", "contacts",
            ("first", "host", "claim", "flight", "operators", "apps", "devices",
             "local_data_mode", "bytes_up", "last", "jurisdictions", "contacted_by", "rows",
             "bytes_down", "is_local", "file", "sha256", "offset", "record"),
            "first IS NULL, first, flight, host", time="first", flight="flight",
            notes=("A contact is listed with each flight within whose time it lies: its bytes are "
                   "not to be added up over flights.",
                   "That a flight has no contact proves nothing unless its network was recorded: "
                   "see network_share of its flight.",),
        ),
        "findings": _TableQuestion(
            "What was found?", "findings",
            ("start", "flight", "severity", "outcome", "rule", "summary", "grade", "subject",
             "authorisation", "acknowledgement", "fingerprint", "peak", "file", "sha256", "offset",
             "record"),
            "CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, "
            "start IS NULL, start, flight, rule, fingerprint",
            time="start", flight="flight", where="outcome <> 'remark'",
            notes=("Remarks, which break no rule, are left out: they are in the table findings.",),
        ),
        "firmware": _TableQuestion(
            "Which firmware flies, and for how long?", "firmware",
            ("serial", "aircraft", "part", "version", "flights", "first_seen", "last_seen",
             "age_days", "is_latest", "is_behind"),
            "serial IS NULL, serial, aircraft, part, first_seen, version", serial="serial",
            notes=("The age counts from the first flight with a version: when the maker released "
                   "it is not in logs.",),
        ),
        "gaps": _TableQuestion(
            "What could not be checked, why, and what can be done?", "unchecked",
            ("rule", "title", "flights", "lacking", "remedy", "first_reason"),
            "flights DESC, rule, lacking",
            notes=("A rule that could not be checked has not been passed.",),
        ),
        "quarantine": _TableQuestion(
            "Which files were not read in full, and why?", "quarantine",
            ("name", "status", "cause", "advice", "size", "flights", "sha256"), "status, name",
            notes=("Keys for encrypted records: dji-audit keys request FOLDER -o request.json.",),
        ),
    }
)  # fmt: skip
#: Columns of views, which no table describes.
_VIEW_MEANINGS = MappingProxyType(
    {
        "title": "What the rule demands.",
        "flights": "How many flights.",
        "remedy": "What the unit can do about one of them.",
        "first_reason": "The reason of one of them.",
    }
)
#: Names of the questions that ``table_answer`` answers.
TABLE_QUESTIONS = tuple(_QUESTIONS)


def table_answer(
    connection: sqlite3.Connection, name: str, chosen: PeriodSerialAndFlightFilter | None = None
) -> Answer:
    """Return the answer to one of ``TABLE_QUESTIONS``.

    Args:
        connection: The database of a state.
        name: Name of the question.
        chosen: Which rows it is about; ``None``: all.

    Raises:
        QuestionError: If its rows have no time, flight or serial number to choose by.
    """
    question = _QUESTIONS[name]
    where, values = _sql_conditions_and_values(
        name, question, chosen or PeriodSerialAndFlightFilter()
    )
    columns = ", ".join(f'"{column}"' for column in question.columns)
    rows = connection.execute(
        f'SELECT {columns} FROM "{question.table}" '  # noqa: S608 - names of the schema
        f"WHERE {where} ORDER BY {question.order}",
        values,
    ).fetchall()
    notes = question.notes + _undated_row_count_notes(
        connection, question, chosen or PeriodSerialAndFlightFilter()
    )
    flags = [_is_boolean_column(question.table, column) for column in question.columns]
    return Answer(
        question.question,
        tuple(_answer_column_with_meaning(question.table, column) for column in question.columns),
        [
            tuple(
                bool(cell) if is_flag and cell is not None else cell
                for cell, is_flag in zip(row, flags, strict=True)
            )
            for row in rows
        ],
        notes,
    )


def _undated_row_count_notes(
    connection: sqlite3.Connection, question: _TableQuestion, chosen: PeriodSerialAndFlightFilter
) -> tuple[str, ...]:
    """Return how many rows could be of any time, where a time is chosen."""
    if chosen.between is None or question.time is None:
        return ()
    where, values = _sql_conditions_and_values("", question, replace(chosen, between=None))
    count = connection.execute(
        f'SELECT count(*) FROM "{question.table}" '  # noqa: S608 - names of the schema
        f'WHERE {where} AND "{question.time}" IS NULL',
        values,
    ).fetchone()[0]
    if not count:
        return ()
    rows = pluralised_count(count, "row")
    return (f"Left out {rows} without UTC, which could be of any time.",)


def _is_boolean_column(table: str, column: str) -> bool:
    described = _MEANINGS.get((table, column))
    return described is not None and described.type is ColumnType.FLAG


def _sql_conditions_and_values(
    name: str, question: _TableQuestion, chosen: PeriodSerialAndFlightFilter
) -> tuple[str, Sequence[object]]:
    parts, values = [question.where], list[object]()
    if chosen.between is not None:
        if question.time is None:
            raise QuestionError(f"{name}: its rows have no time, so that --between chooses none")
        parts.append(f'"{question.time}" >= ? AND "{question.time}" < ?')
        values += chosen.between
    if chosen.flight is not None:
        if question.flight is None:
            raise QuestionError(f"{name}: its rows belong to no one flight; leave out --flight")
        parts.append(f'"{question.flight}" = ?')
        values.append(chosen.flight)
    if chosen.serial is not None:
        if question.serial is not None:
            parts.append(f'"{question.serial}" = ?')
        elif question.flight is not None:
            of_serial = "(SELECT flight FROM flights WHERE serial = ?)"
            parts.append(f'"{question.flight}" IN {of_serial}')
        else:
            raise QuestionError(f"{name}: its rows have no aircraft; leave out --serial")
        values.append(chosen.serial)
    return " AND ".join(parts), values


def _answer_column_with_meaning(table: str, column: str) -> AnswerColumn:
    described = _MEANINGS.get((table, column)) or _MEANINGS.get(("results", column))
    if described is None or (table == "unchecked" and column in _VIEW_MEANINGS):
        return AnswerColumn(column, _VIEW_MEANINGS.get(column, ""))
    return AnswerColumn(column, described.meaning, described.unit)
