"""Events of a flight, and of each of its logs, by their kind: many rules ask for a few of many."""

from collections.abc import KeysView, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights._model import Flight
from dji_audit.flights._once_per_flight import once_per_flight

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class EventsByKind:
    """A table of events, indexed by kind."""

    table: pd.DataFrame

    @cached_property
    def _rows_by_kind(self) -> Mapping[str, Rows]:
        codes, kinds = pd.factorize(self.table["kind"])
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(kinds)), "right")
        starts = np.searchsorted(codes[order], np.arange(len(kinds)), "left")
        return {
            str(kind): order[start:end]
            for kind, start, end in zip(kinds, starts, ends, strict=True)
        }

    @property
    def kinds(self) -> KeysView[str]:
        """The kinds of which there is any event."""
        return self._rows_by_kind.keys()

    def rows_of_kinds(self, *kinds: str) -> Rows:
        """Return the rows of the events of some kinds, in the order of the table."""
        found = [self._rows_by_kind[kind] for kind in kinds if kind in self._rows_by_kind]
        if len(found) == 1:
            return found[0]
        return np.sort(np.concatenate(found)) if found else np.empty(0, np.intp)

    def of_kinds(self, *kinds: str) -> pd.DataFrame:
        """Return the events of some kinds, in the order of the table."""
        return self.table.take(self.rows_of_kinds(*kinds))


@once_per_flight
def events_by_kind(flight: Flight) -> EventsByKind:
    """Return the events of a flight by their kind."""
    return EventsByKind(flight.events)


@once_per_flight
def log_events_by_kind(flight: Flight, source_index: int) -> EventsByKind:
    """Return the events of one log of a flight by their kind, whichever flight they are of."""
    return EventsByKind(flight.sources[source_index].log.events)
