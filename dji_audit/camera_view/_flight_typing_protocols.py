"""What the camera view needs of a flight, or of a recording of none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    import parsers


class ClockAlignmentLike(Protocol):
    """The alignment of a log's clock with the flight's."""

    @property
    def is_aligned(self) -> bool:
        """Whether the log has a time in the flight."""

    def aligned_ns(self, own_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return times of the log's own clock on that of the flight, nanoseconds since 1970."""


class FlightSourceLike(Protocol):
    """One log's contribution to a flight."""

    @property
    def log(self) -> "parsers.Log":
        """The log."""

    @property
    def alignment(self) -> ClockAlignmentLike:
        """The alignment of its clock."""


class FlightLike(Protocol):
    """A flight, or a recording in the form of one."""

    @property
    def sources(self) -> Sequence[FlightSourceLike]:
        """Every log of it with the alignment of its clock, the one of the track first."""

    @property
    def logs(self) -> "tuple[parsers.Log, ...]":
        """Every log of it, the one of the track first."""

    @property
    def track(self) -> "pd.DataFrame":
        """Its fixes."""

    @property
    def captures(self) -> "pd.DataFrame":
        """Its captures, with the column ``source_index``."""

    @property
    def log_offsets_of_captures(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each capture every log, and byte in it, that shows it; or empty."""

    @property
    def takeoff_position(self) -> "parsers.NamedPosition | None":
        """The first fix in the air."""

    @property
    def home(self) -> "parsers.NamedPosition | None":
        """The home point."""
