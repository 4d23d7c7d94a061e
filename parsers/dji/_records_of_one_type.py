"""The records of one type, decoded, and where they stand among all records of a file."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._record_layout import LayoutRecords


@dataclass(frozen=True, slots=True)
class RecordsOfOneType:
    """The readable records of one type, and which records (or frames) of the file they are."""

    rows: npt.NDArray[np.int64]
    records: LayoutRecords

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)
