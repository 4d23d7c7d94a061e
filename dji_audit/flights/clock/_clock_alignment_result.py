"""The alignment of a log's clock with the flight's: offset, drift, uncertainty and method."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

#: How the clock of a log was aligned with the flight's, the strongest first.
ALIGNMENT_METHODS: Mapping[str, str] = MappingProxyType(
    {
        "reference": "its clock is the reference clock of the flight",
        "utc": "it states UTC itself",
        "copy": "its records are those of another log of the flight",
        "same_capture": "another file of the same capture states both UTC and this local clock",
        "same_camera": "other files of the same camera state both UTC and this local clock",
        "track": "time-shifted to match the flight's track",
        "span": "time-shifted to match the start and end of the flight",
        "declared": "the user declared its clock or its time zone",
        "unaligned": "its clock could not be aligned",
    }
)


@dataclass(frozen=True, slots=True)
class ClockDrift:
    """How fast the clock of a log runs compared with the flight's."""

    #: Seconds an hour that it gains; negative: it loses; 0: no drift shows.
    s_per_h: float
    #: Seconds an hour within which that is known.
    uncertainty_s_per_h: float
    #: Seconds since 1970 by the log's own clock at which the offset holds.
    reference_s: float

    @property
    def description(self) -> str:
        """The drift in words, with its uncertainty."""
        if not self.s_per_h:
            return f"none, within {self.uncertainty_s_per_h:.2f} s an hour"
        gains = "gains" if self.s_per_h > 0 else "loses"
        return f"{gains} {abs(self.s_per_h):.2f} s an hour, within {self.uncertainty_s_per_h:.2f} s"


@dataclass(frozen=True, slots=True)
class ClockAlignment:
    """How the clock of a log was aligned with the flight's."""

    #: Where the log has its times from; ``None``: it has none.
    source: str | None
    #: One of ``ALIGNMENT_METHODS``.
    method: str
    #: Seconds added to the log's own times to give the flight's; ``None``: not aligned.
    #: With a drift it holds at one instant: see ``drift``.
    offset_s: float | None
    #: Seconds within which the offset is known; ``None``: not known.
    uncertainty_s: float | None
    #: Seconds that a local wall clock is ahead of UTC, in whole quarters of an hour;
    #: ``None``: the log has no such clock, or its zone is not known.
    timezone_s: float | None = None
    #: The evidence, or why the clock could not be aligned, in a sentence.
    reason: str = ""
    #: ``None``: not known, or the reference clock.
    drift: ClockDrift | None = None

    @property
    def is_aligned(self) -> bool:
        """Whether rows of the log have a time in the flight."""
        return self.offset_s is not None

    @property
    def shifts_times(self) -> bool:
        """Whether the flight's times differ from the log's own."""
        return bool(self.offset_s) or self.has_drift

    @property
    def has_drift(self) -> bool:
        """Whether a drift is corrected."""
        return self.drift is not None and self.drift.s_per_h != 0

    def aligned_ns(self, own_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return times on the flight's clock.

        Args:
            own_ns: Nanoseconds since 1970 by the log's own clock, all known.
        """
        # To the millisecond: an offset since 1970 is no finer as a float.
        moved = own_ns + round((self.offset_s or 0.0) * 1000) * 1_000_000
        if self.drift is None or not self.drift.s_per_h:
            return moved
        since = own_ns - round(self.drift.reference_s * 1000) * 1_000_000
        return moved - np.round(since * (self.drift.s_per_h / 3600)).astype(np.int64)

    def aligned_instant(self, own: pd.Timestamp | None) -> pd.Timestamp | None:
        """Return an instant by the log's own clock on that of the flight."""
        if own is None:
            return None
        return pd.Timestamp(int(self.aligned_ns(np.array([own.value]))[0]), tz="UTC")
