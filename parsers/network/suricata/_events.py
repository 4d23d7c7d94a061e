"""Events of Suricata: objects, each with its place in the file."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._text._table import Ints

Event = dict[str, Any]
#: An event and where it lies in the file.
Placed = tuple[int, Event]


def part(event: Event, name: str) -> Event:
    """Return an object in an event; an empty one if it holds none of that name."""
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def offsets(events: Sequence[Placed]) -> Ints:
    """Return where events lie."""
    return np.array([offset for offset, _ in events], np.int64)
