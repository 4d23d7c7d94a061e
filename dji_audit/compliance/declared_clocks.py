"""Clocks that a unit declares for files that cannot state them, with who says so and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

import parsers
from dji_audit.common.supplied_tables import (
    Instant,
    RowModel,
    SuppliedFileError,
    SuppliedTable,
    read_supplied_table,
)


class ClockDeclaration(RowModel):
    """One clock; ``None``: the table does not say."""

    files: str = Field(
        min_length=1,
        description="Name of the files, or a pattern of names with `*` and `?`; with a `/` it is "
        "compared with the whole name, else with its last part.",
    )
    time: Instant = Field(
        description="True time at which such a file was begun, or at which its clock was read."
    )
    shown: str | None = Field(
        None,
        description="What the clock showed at that time, without a zone; empty: it runs right, "
        "and only the year and the zone are taken from the time.",
    )
    by: str | None = Field(None, description="Who compared the clock.")
    reason: str | None = Field(None, description="How that is known.")

    @model_validator(mode="after")
    def _check_time_is_possible(self) -> Self:
        self.declared_clock()
        return self

    def declared_clock(self) -> parsers.DeclaredClock:
        """Return the clock as readers use it.

        Raises:
            ValueError: If a time cannot be.
        """
        shown = parsers.parse_declared_time(self.shown) if self.shown else None
        note = ", ".join(filter(None, (self.by, self.reason)))
        return parsers.DeclaredClock(self.files, self.time, shown, note=note)


@dataclass(frozen=True, slots=True, eq=False)
class ClockDeclarations:
    """The table of clocks of a unit."""

    table: SuppliedTable[ClockDeclaration]

    @property
    def clocks(self) -> tuple[parsers.DeclaredClock, ...]:
        """The clocks in the order of the table."""
        return tuple(row.record.declared_clock() for row in self.table.rows)


def load_clock_declarations(path: Path) -> ClockDeclarations:
    """Return the clocks in a CSV or TOML file.

    Raises:
        SuppliedFileError: If a row or column is not as declared.
    """
    return ClockDeclarations(read_supplied_table(path, "clock", ClockDeclaration))


def declared_clocks_from_options_and_table(
    declarations: Iterable[str], table: Path | None
) -> tuple[parsers.DeclaredClock, ...]:
    """Return the clocks of a run: those that the user declares, then those of the unit's table.

    Args:
        declarations: Each ``FILES=TIME`` or ``FILES=SHOWN=TIME``.
        table: A CSV or TOML file of clocks.

    Raises:
        SuppliedFileError: If a declaration or the table cannot be used.
    """
    clocks: list[parsers.DeclaredClock] = []
    for text in declarations:
        try:
            clocks.append(parsers.parse_declared_clock(text))
        except ValueError as error:
            raise SuppliedFileError(f"clock {text}: {error}") from error
    if table is not None:
        clocks += load_clock_declarations(table).clocks
    return tuple(clocks)


def mark_clocks_that_match_several_files(
    clocks: Sequence[parsers.DeclaredClock], names: Sequence[str]
) -> tuple[parsers.DeclaredClock, ...]:
    """Return clocks that know whether they mean one of the files at hand, or several.

    What lies within a container is not known yet: a clock that means none may mean several.
    """
    return tuple(
        replace(clock, serves_several_files=sum(map(clock.applies_to_file_name, names)) != 1
                and clock.is_pattern)
        for clock in clocks
    )  # fmt: skip
