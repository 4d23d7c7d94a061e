"""The operations log: the purpose and the crew of each flight."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pandas as pd
from pydantic import Field, model_validator

from dji_audit.common import supplied_tables as supplied
from dji_audit.flights import may_be_serial_of_same_aircraft, normalised_serial


class Operation(supplied.RowModel):
    """One operation; ``None``: the operations log does not say."""

    operation: str = Field(min_length=1, description="Name or number of the operation.")
    start: supplied.Instant = Field(description="Start of the operation.")
    end: supplied.Instant = Field(description="End of the operation.")
    aircraft: supplied.WordList = Field(
        (), description="Serials of the aircraft used; empty: any aircraft."
    )
    purpose: str | None = Field(None, description="Purpose of the operation.")
    incident_ref: str | None = Field(None, description="Reference of the incident.")
    pilot: str | None = Field(None, description="Name of the pilot.")
    flyer_id: str | None = Field(None, description="Flyer ID of the pilot.")
    flyer_id_until: supplied.Day | None = Field(
        None, description="Last day on which the ID is valid."
    )
    authorising_officer: str | None = Field(
        None, description="Officer who authorised the operation."
    )
    audio: bool | None = Field(None, description="Whether sound may be recorded.")
    profile: str | None = Field(
        None, description="Profile that the operation is flown under, such as `state-aircraft`."
    )
    assurance_ref: str | None = Field(
        None, description="Reference of the approval or assurance of that profile."
    )
    operating_area: str | None = Field(
        None, description="Area that the operation keeps to: id or name of a zone of a file given."
    )
    no_log: bool | None = Field(
        None,
        description="Whether the operation was a flight that left no log, from start to end: the "
        "tables of a fleet count it as declared, for each aircraft.",
    )

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        supplied.refuse_end_before_start(self.start, self.end)
        return self


@dataclass(frozen=True, slots=True, eq=False)
class OperationsLog:
    """The operations of a unit."""

    table: supplied.SuppliedTable[Operation]

    def operations_containing_interval(
        self, start: pd.Timestamp, end: pd.Timestamp, serials: frozenset[str]
    ) -> Iterator[supplied.SuppliedRow[Operation]]:
        """Yield the operations of these aircraft that contain an interval."""
        for row in self.table.rows:
            operation = row.record
            if (
                operation.start <= start
                and end <= operation.end
                and row_concerns_aircraft_with_serials(operation.aircraft, serials)
            ):
                yield row


def row_concerns_aircraft_with_serials(
    row_serials: tuple[str, ...], serials: frozenset[str]
) -> bool:
    """Return whether a row concerns an aircraft: it lists one of its serials, or lists none.

    A log may hold the beginning of a serial, or the maker's own within a longer one.
    """
    return not row_serials or any(
        may_be_serial_of_same_aircraft(normalised_serial(listed), serial)
        for listed in row_serials
        for serial in serials
    )


def load_operations_log(path: Path) -> OperationsLog:
    """Return the operations log in a CSV or TOML file.

    Raises:
        SuppliedFileError: If a row or column is not as declared.
    """
    return OperationsLog(supplied.read_supplied_table(path, "operation", Operation))
