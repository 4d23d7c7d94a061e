"""Raw records that are few: one mapping each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True, slots=True)
class RecordsFromDicts:
    """Records as mappings of column to value; ``columns`` names those that always stand."""

    rows: Sequence[Mapping[str, Any]]
    columns: tuple[str, ...] | None = None

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record."""
        return pd.DataFrame(
            list(self.rows), columns=None if self.columns is None else list(self.columns)
        )
