"""Instants as the tables hold them: ISO 8601 in UTC to the millisecond, so that they sort."""

import datetime as dt
from collections.abc import Sequence

import numpy as np


def instant_text_of_ms(ms: int) -> str:
    """Return milliseconds since 1970 as the text of a table."""
    return instant_texts_of_ms([ms])[0]


def instant_texts_of_ms(ms: Sequence[int]) -> list[str]:
    """Return milliseconds since 1970 as texts of a table."""
    times = np.array(ms, np.int64).astype("datetime64[ms]")
    return [f"{text}Z" for text in np.datetime_as_string(times, unit="ms").tolist()]


def instant_text_of_datetime(instant: dt.datetime) -> str:
    """Return a time in UTC as the text of a table; what is finer than a millisecond is cut off."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"
