"""What an export format is: the parts of each flight, and the document that they make up.

A worker makes the parts of a flight as soon as it has audited it; the document is put together
when all flights are done, so that no more than one flight is in memory at a time.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.exports._exported_flight import ExportedFlight

#: Gives a part of a flight by its number; what makes no parts is no flight.
FlightParts = Callable[[int], bytes]


class MissingExtraError(Exception):
    """A format needs a package that is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportProvenance:
    """What made an export, and for which case."""

    tool_version: str
    policy_name: str = ""
    policy_version: str = ""
    #: Time of the run, if the user gave one.
    generated: dt.datetime | None = None
    case: CaseDetails = NO_CASE_DETAILS

    @property
    def sentences(self) -> list[str]:
        """Return it in sentences, for formats that hold nothing but text."""
        policy = f" with policy {self.policy_name} {self.policy_version}" * bool(self.policy_name)
        lines = [f"Made by dji-audit {self.tool_version}{policy}."]
        if self.generated is not None:
            lines.append(f"Made at {self.generated:%Y-%m-%dT%H:%M:%SZ}.")
        return lines + [f"{label}: {value}." for label, value in self.case.labelled_values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """One format of export."""

    name: str
    #: What it is, for the help of the command.
    title: str
    #: How names of its files end, with the dot.
    suffix: str
    #: The parts of a flight; always as many.
    flight_parts: Callable[[ExportedFlight], tuple[bytes, ...]]
    #: The bytes of the document of some flights, piece by piece.
    document: Callable[[Sequence[FlightParts], ExportProvenance], Iterator[bytes]]
    #: Whether one document may hold several flights.
    holds_several_flights: bool = True
    #: Raises ``MissingExtraError`` where a package is not installed.
    check_installed: Callable[[], object] = lambda: None


def utc_text(time: pd.Timestamp | None, digits: int = 6) -> str | None:
    """Return an instant as ISO 8601 in UTC with ``Z``; ``None`` for none.

    Args:
        time: The instant; digits below the last one are cut off.
        digits: Decimals of the second, at most 6.
    """
    if time is None or pd.isna(time):
        return None
    text = time.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{text[: len(text) - 6 + digits].rstrip('.')}Z"
