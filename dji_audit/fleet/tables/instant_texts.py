"""Instants as the tables hold them: ISO 8601 in UTC to the millisecond, so that they sort."""

import datetime as dt

import numpy as np


def instant_text_of_ms(ms: int) -> str:
    """Return milliseconds since 1970 as the text of a table."""
    return f"{np.datetime_as_string(np.datetime64(ms, 'ms'), unit='ms')}Z"


def instant_text_of_datetime(instant: dt.datetime) -> str:
    """Return a time in UTC as the text of a table; what is finer than a millisecond is cut off."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"
