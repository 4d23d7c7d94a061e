"""The operations log: which flights were flown for what, by whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pandas as pd
from pydantic import Field, model_validator

from dji_audit.compliance.inventory import plain
from dji_audit.supplied_tables import Brought, Day, Instant, Line, Row, Words, read_rows


class Operation(Line):
    """One operation; ``None``: the log does not say."""

    operation: str = Field(min_length=1, description="Its name or number.")
    start: Instant = Field(description="When it began.")
    end: Instant = Field(description="When it ended.")
    aircraft: Words = Field((), description="Serials of the aircraft used; none given: any.")
    purpose: str | None = Field(None, description="What it was for.")
    incident_ref: str | None = Field(None, description="The incident it belongs to.")
    pilot: str | None = Field(None, description="Who flew.")
    flyer_id: str | None = Field(None, description="Flyer ID of the pilot.")
    flyer_id_until: Day | None = Field(None, description="Last day that the ID is valid.")
    authorising_officer: str | None = Field(None, description="Who allowed the operation.")
    audio: bool | None = Field(None, description="Whether sound might be recorded.")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Operations:
    """The operations of a unit."""

    table: Brought[Operation]

    def during(
        self, start: pd.Timestamp, end: pd.Timestamp, serials: frozenset[str]
    ) -> Iterator[Row[Operation]]:
        """Yield the operations within which an interval lies, of one of these aircraft."""
        for row in self.table.rows:
            told = row.said
            if told.start <= start and end <= told.end and is_of(told.aircraft, serials):
                yield row


def is_of(named: tuple[str, ...], serials: frozenset[str]) -> bool:
    """Return whether a row is about an aircraft: it names it, or names none."""
    return not named or not serials.isdisjoint(plain(name) for name in named)


def load_operations(path: Path) -> Operations:
    """Return the operations log in a CSV or TOML file.

    Raises:
        CaseError: If a row or column is not as declared.
    """
    return Operations(read_rows(path, "operation", Operation))
