"""Settings by which contacts are matched to a flight, and the resulting time window."""

from dataclasses import dataclass

import pandas as pd

from dji_audit.compliance.policy import (
    Parameters,
    fraction_parameter_field,
    non_negative_parameter_field,
    parameter_field,
    positive_parameter_field,
)
from dji_audit.flights import Flight


class ContactMatchSettings(Parameters):
    """How contacts are matched to a flight: parameters that every network rule has."""

    before_takeoff_s: float = non_negative_parameter_field(
        600.0, "Seconds before take-off from which a contact counts as a contact of the flight."
    )
    after_landing_s: float = non_negative_parameter_field(
        86_400.0, "Seconds after landing up to which a contact counts as a contact of the flight."
    )
    min_coverage: float = fraction_parameter_field(
        0.95,
        "Share of the window that must be recorded for the absence of a contact to be conclusive.",
    )
    clock_offset_s: float = parameter_field(
        0.0, "Seconds added to the times of network logs to give UTC, where their clock was wrong."
    )
    upload_bytes: int = positive_parameter_field(
        100_000, "Bytes sent to one host in one conversation from which it was more than a request."
    )
    low_confidence: bool = parameter_field(False, "Whether catalogue rows of low confidence count.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTimeWindow:
    """The time window in which a contact counts as a contact of a flight."""

    start: pd.Timestamp
    end: pd.Timestamp
    #: Take-off and landing; start and end of the log, where it shows neither.
    flight_start: pd.Timestamp
    flight_end: pd.Timestamp

    @property
    def duration_s(self) -> float:
        """Length of the window."""
        return float((self.end - self.start).total_seconds())


_LAST = pd.Timestamp.max.tz_localize("UTC")
#: Replaces the window of a flight without a time; no contact is later.
NEVER = ContactTimeWindow(start=_LAST, end=_LAST, flight_start=_LAST, flight_end=_LAST)


def time_window_for_contacts(
    flight: Flight, settings: ContactMatchSettings
) -> ContactTimeWindow | None:
    """Return the time window of a flight; ``None``: the flight has no time."""
    start, end = flight.takeoff or flight.start, flight.landing or flight.end
    if start is None and flight.log.header_summary is not None:
        start = flight.log.header_summary.start
    start = start if start is not None else end
    if start is None:
        return None
    if end is None or end < start:
        end = start
    return ContactTimeWindow(
        start=start - pd.Timedelta(seconds=settings.before_takeoff_s),
        end=end + pd.Timedelta(seconds=settings.after_landing_s),
        flight_start=start,
        flight_end=end,
    )
