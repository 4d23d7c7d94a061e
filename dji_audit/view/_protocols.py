"""What the view needs of a flight, or of a recording of none."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers


class Placed(Protocol):
    """How the clock of a log was brought to the flight's."""

    @property
    def placed(self) -> bool:
        """Whether the log has a time in the flight."""

    def moved_ns(self, own_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return times of the log's own clock on that of the flight, nanoseconds since 1970."""


class Teller(Protocol):
    """What one log tells of a flight."""

    @property
    def log(self) -> parsers.Log:
        """The log."""

    @property
    def placing(self) -> Placed:
        """How its clock was placed."""


class Told(Protocol):
    """What is needed of a flight."""

    @property
    def tellings(self) -> Sequence[Teller]:
        """Every log that tells of it, and how its clock was placed; that of the track first."""

    @property
    def logs(self) -> tuple[parsers.Log, ...]:
        """Every log that tells of it, the one of the track first."""

    @property
    def track(self) -> pd.DataFrame:
        """Its fixes."""

    @property
    def captures(self) -> pd.DataFrame:
        """What was recorded, with the column ``told_by``."""

    @property
    def captures_told_by(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each capture every log, and byte in it, that shows it; or empty."""

    @property
    def takeoff_place(self) -> parsers.Place | None:
        """The first fix in the air."""

    @property
    def home(self) -> parsers.Place | None:
        """The home point."""
