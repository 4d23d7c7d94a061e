"""The form of an incident bundle: sections of sentences, facts and tables, and the charts.

Page and sheets are drawn from this one form, so that they cannot say different things.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights import Flight
from dji_audit.incident._stick_link_and_battery_series import QuantitySeries

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IncidentTable:
    """A table of texts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    #: Most rows that the sheets show; the page shows all.
    most_on_sheet: int = 12
    #: The first row that they show.
    first_on_sheet: int = 0

    @property
    def rows_on_sheet(self) -> tuple[tuple[str, ...], ...]:
        """The rows that the sheets show."""
        return self.rows[self.first_on_sheet : self.first_on_sheet + self.most_on_sheet]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSection:
    """One heading, and what stands under it."""

    heading: str
    #: The sheet that it stands on, 1 or 2; 0: on the page alone.
    sheet: int
    paragraphs: tuple[str, ...] = ()
    #: Name and value; without a value a fact is not shown.
    facts: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()
    table: IncidentTable | None = None


@dataclass(frozen=True, slots=True, eq=False)
class IncidentChartLine:
    """One line of a chart."""

    label: str
    #: Seconds after the moment of the incident.
    seconds: Floats
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class IncidentChart:
    """One quantity against time."""

    title: str
    unit: str
    lines: tuple[IncidentChartLine, ...]
    #: Least difference between top and bottom: less would draw noise as movement.
    least_span: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class IncidentDocument:
    """All that a bundle says about one flight around one moment."""

    flight: Flight
    title: str
    #: What stands at the top of every sheet: name and value.
    head: tuple[tuple[str, str], ...]
    moment: pd.Timestamp
    start: pd.Timestamp
    end: pd.Timestamp
    sections: tuple[IncidentSection, ...]
    charts: tuple[IncidentChart, ...]
    #: Sticks, sensors, link and battery in that time.
    series: tuple[QuantitySeries, ...]
    #: The path in the time of the incident, an SVG picture; empty: no position is known.
    map_svg: str

    def sections_of_sheet(self, sheet: int) -> tuple[IncidentSection, ...]:
        """Return the sections that stand on a sheet."""
        return tuple(section for section in self.sections if section.sheet == sheet)
