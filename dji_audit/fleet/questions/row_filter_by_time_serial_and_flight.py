"""Which rows of the tables, or which flights, a question is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeriodSerialAndFlightFilter:
    """Which rows a question is about; ``None``: all."""

    #: Instants, ISO 8601 in UTC: from the first on, before the second.
    between: tuple[str, str] | None = None
    serial: str | None = None
    flight: str | None = None
