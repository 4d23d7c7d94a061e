"""Whether something that has a first and a last day holds on a day."""

import datetime as dt


def is_valid_on(day: dt.date, first: dt.date | None, last: dt.date | None) -> bool:
    """Return whether a day is from the first to the last one; ``None``: no such limit is known."""
    return (first is None or day >= first) and (last is None or day <= last)
