"""The terms on which contacts are joined to a flight, and the window that follows from them."""

from dataclasses import dataclass

import pandas as pd

from dji_audit.flights import Flight


@dataclass(frozen=True, slots=True)
class Terms:
    """How contacts are joined to a flight, as a policy says."""

    before_takeoff_s: float = 600.0
    after_landing_s: float = 86_400.0
    #: Part of the window that must have been watched for silence to mean something.
    min_coverage: float = 0.95
    #: Seconds added to the times of network logs to give UTC, where their clock was off.
    clock_offset_s: float = 0.0
    #: Bytes to one host in one conversation above which it was more than asking.
    upload_bytes: int = 100_000
    #: Whether rows of the catalogue that rest on a guess count.
    low_confidence: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a contact counts as one of a flight."""

    start: pd.Timestamp
    end: pd.Timestamp
    #: When the flight began and ended; of the log, where it does not show that.
    began: pd.Timestamp
    ended: pd.Timestamp

    @property
    def seconds(self) -> float:
        """Its length."""
        return float((self.end - self.start).total_seconds())


_LAST = pd.Timestamp.max.tz_localize("UTC")
#: Stands in for the window of a flight without a time: nothing comes after it.
NEVER = Window(_LAST, _LAST, _LAST, _LAST)


def window_of(flight: Flight, terms: Terms) -> Window | None:
    """Return the window of a flight; ``None``: the flight has no time."""
    began, ended = flight.takeoff or flight.start, flight.landing or flight.end
    if began is None and flight.log.stated is not None:
        began = flight.log.stated.start
    began = began if began is not None else ended
    if began is None:
        return None
    if ended is None or ended < began:
        ended = began
    return Window(
        began - pd.Timedelta(seconds=terms.before_takeoff_s),
        ended + pd.Timedelta(seconds=terms.after_landing_s),
        began,
        ended,
    )
