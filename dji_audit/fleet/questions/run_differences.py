"""What differs between two runs of a state, and which runs there are."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from dji_audit.fleet.questions.answer import Answer, AnswerColumn, Cell, QuestionError
from dji_audit.fleet.tables.run_history import (
    UnknownRunError,
    changes_between_two_runs,
    runs_of_history,
)

_WORDS = {"flight": "flight", "finding": "finding", "file": "file"}


def list_of_runs_answer(state: Path) -> Answer:
    """Return the runs of a state.

    Raises:
        OutputError: If it has no history.
    """
    columns = (
        AnswerColumn("run", "Number of the run, for diff."),
        AnswerColumn("tool_version", "Version of dji-audit."),
        AnswerColumn("policy", "Policy, with its hash."),
        AnswerColumn("generated", "Time of the run, if one was given.", "UTC"),
        AnswerColumn("paths", "What was audited."),
        AnswerColumn("files", "Files."),
        AnswerColumn("flights", "Flights."),
        AnswerColumn("findings", "Findings, without remarks."),
    )
    rows = [
        (run.number, run.tool_version, run.policy, run.generated, run.paths, run.files,
         run.flights, run.findings)
        for run in runs_of_history(state)
    ]  # fmt: skip
    return Answer("Which runs were there?", columns, rows)


def run_differences_answer(state: Path, before: int, after: int) -> Answer:
    """Return what differs between two runs: a row for each value that changed.

    Raises:
        QuestionError: If there is no run of one of the numbers.
        OutputError: If the state has no history.
    """
    try:
        changes = changes_between_two_runs(state, before, after)
    except UnknownRunError as error:
        raise QuestionError(str(error)) from error
    rows: list[tuple[Cell, ...]] = []
    for change in changes:
        what = "added" if change.before is None else "gone" if change.after is None else "changed"
        key = change.key.split(" ", 1)[0] if change.kind == "finding" else change.key
        for name, old, new in _changed_names_with_old_and_new_values(change.before, change.after):
            rows.append((_WORDS[change.kind], what, key, name, old, new))
    columns = (
        AnswerColumn("what", "`flight`, `finding` or `file`."),
        AnswerColumn("change", "`added`, `gone` or `changed`."),
        AnswerColumn("id", "Id of the flight, or name of the file."),
        AnswerColumn("value", "Which of its values differs."),
        AnswerColumn("before", "Its value in the first run."),
        AnswerColumn("after", "Its value in the second run."),
    )
    notes = ("Nothing differs.",) if not rows else ()
    if len({run.paths for run in runs_of_history(state) if run.number in (before, after)}) > 1:
        notes = (*notes, "The two runs audited different paths.")
    return Answer(f"What differs between run {before} and run {after}?", columns, rows, notes)


def _changed_names_with_old_and_new_values(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> Iterator[tuple[str, Cell, Cell]]:
    """Yield name, old and new value of what differs; of what came or went what describes it."""
    if before is None or after is None:
        there = after if before is None else before
        words = ", ".join(
            f"{name} {value}" for name, value in (there or {}).items() if value is not None
        )
        yield "all", None if before is None else words, None if after is None else words
        return
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield name, _value_as_answer_cell(old), _value_as_answer_cell(new)


def _value_as_answer_cell(value: object) -> Cell:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
