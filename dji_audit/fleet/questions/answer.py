"""An answer to a question about a fleet: a table whose columns are described."""

from collections.abc import Sequence
from dataclasses import dataclass

#: A value of a cell; ``None``: not known.
Cell = str | int | float | bool | None
#: What an answer can be written as.
DOCUMENT_FORMATS = ("json", "csv", "xlsx", "parquet")


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """One column of an answer."""

    name: str
    meaning: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A table that answers a question, with what a reader must know of it."""

    question: str
    columns: tuple[AnswerColumn, ...]
    rows: Sequence[Sequence[Cell]]
    #: Sentences on how it was found, how far it may be off, and what is left out.
    notes: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)


class QuestionError(Exception):
    """A question cannot be answered; the message says why."""
