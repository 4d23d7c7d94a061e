"""Events: what the file says happened.  One function for each kind of source."""

from collections.abc import Iterator
from itertools import chain

import pandas as pd

from ..._tables import events as event_table
from ._event_rows import Row
from ._events_aircraft import aircraft_events
from ._events_limits import limit_events
from ._events_messages import message_events
from ._events_setup import setup_events
from ._record_file import RecordFile


def events(file: RecordFile) -> pd.DataFrame:
    """Return the events of a file."""
    sources: Iterator[Row] = chain(
        aircraft_events(file), limit_events(file), message_events(file), setup_events(file)
    )
    return event_table(sources)
