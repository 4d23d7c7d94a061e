"""Raw records that are few: one row is made of each when a table is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class RecordsFromItems(Generic[Item]):
    """Items as the records of a log; ``make_row`` returns column and value of one."""

    items: Sequence[Item]
    make_row: Callable[[Item], dict[str, Any]]

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.items)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each item."""
        return pd.DataFrame([self.make_row(item) for item in self.items])
