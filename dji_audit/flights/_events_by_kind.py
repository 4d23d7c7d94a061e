"""Events of a flight, and of each of its logs, by their kind: many rules ask for a few of many."""

from collections.abc import KeysView, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.time_columns_to_unix_numbers import unix_ns_of_times
from dji_audit.flights._cache_per_flight import cache_for_last_flight
from dji_audit.flights._model import Flight

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class EventsByKind:
    """A table of events, indexed by kind."""

    table: pd.DataFrame
    _columns: dict[str, Any] = field(default_factory=dict, init=False)

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

    def column_values(self, name: str, rows: Rows) -> npt.NDArray[Any]:
        """Return what a column holds in some rows; times in nanoseconds since 1970 UTC."""
        if name not in self._columns:
            column = self.table[name]
            is_time = isinstance(column.dtype, pd.DatetimeTZDtype)
            self._columns[name] = unix_ns_of_times(column) if is_time else column.array
        return np.asarray(self._columns[name][rows])


@cache_for_last_flight
def events_by_kind(flight: Flight) -> EventsByKind:
    """Return the events of a flight by their kind."""
    return EventsByKind(flight.events)


@cache_for_last_flight
def log_events_by_kind(flight: Flight, source_index: int) -> EventsByKind:
    """Return the events of one log of a flight by their kind, whichever flight they are of."""
    return EventsByKind(flight.sources[source_index].log.events)
