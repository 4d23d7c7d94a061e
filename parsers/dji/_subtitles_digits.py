"""Wall clocks and time codes as numbers: texts of one shape are read as one matrix of digits."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]

#: Shapes in one file; the dates ``2017.8.5`` and ``2017.10.15`` are two.
_MOST_SHAPES = 64
_TIMECODE = re.compile(rb"(\d{1,3}):(\d\d):(\d\d)[,.](\d{1,4})")
#: ``2021-12-25 12:27:52.373``, ``2017.8.5 14:11:51``, ``2020-04-02 15:19:58,720,764``: milliseconds
#: and microseconds apart.  What may follow those says the same again and is not read.
CLOCK = (
    rb"(\d{4})[-.](\d{1,2})[-.](\d{1,2})[ T](\d{1,2}):(\d\d):(\d\d)"
    rb"(?:[.,](\d{1,6}))?(?:,(\d{3}))?(?:,\d{3}){0,4}"
)
_CLOCK = re.compile(CLOCK)
_EARLIEST, _LATEST = np.datetime64("2010-01-01"), np.datetime64("2100-01-01")


def seconds_of(texts: Sequence[bytes]) -> Floats:
    """Return time codes in seconds; NaN where there is none."""
    out = np.full(len(texts), np.nan)
    for rows, parts, sizes in _shapes(texts, _TIMECODE):
        hours, minutes, seconds, fraction = parts
        whole = hours * 3600 + minutes * 60 + seconds
        out[rows] = whole + fraction / 10.0 ** sizes[3]
    return out


def instants_of(texts: Sequence[bytes | None]) -> Instants:
    """Return wall clocks, as they stand and of no zone, shape ``(n,)``; NaT where none can be."""
    out = np.full(len(texts), np.datetime64("NaT"), "datetime64[us]")
    for rows, parts, sizes in _shapes(texts, _CLOCK):
        year, month, day, hour, minute, second = parts[:6]
        micro = parts[6] * 10 ** (6 - sizes[6]) + (parts[7] if sizes[6] == 3 else 0)
        months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
        dates = months.astype("datetime64[D]") + (day - 1)
        known = (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 61)
        known &= (dates.astype("datetime64[M]") == months) & (dates >= _EARLIEST)
        known &= dates < _LATEST
        since = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
        instants = dates.astype("datetime64[us]") + since.astype("timedelta64[us]")
        out[rows[known]] = instants[known]
    return out


def _shapes(
    texts: Sequence[bytes | None], pattern: re.Pattern[bytes]
) -> Iterator[tuple[Ints, list[Ints], list[int]]]:
    """Yield the rows of each shape of text, the numbers in it, and how many digits each has."""
    if not len(texts):
        return
    array = np.array([text or b"" for text in texts], np.bytes_)
    width = array.dtype.itemsize
    matrix = np.frombuffer(array.tobytes(), np.uint8).reshape(len(array), width)
    pending = matrix[:, 0] != 0
    for _ in range(_MOST_SHAPES):
        left = np.flatnonzero(pending)
        if not len(left):
            return
        model = matrix[left[0]]
        found = pattern.fullmatch(model.tobytes().rstrip(b"\0"))
        if found is None:
            pending[left[0]] = False
            continue
        digit = (model >= 48) & (model <= 57)
        same = (matrix[left][:, ~digit] == model[~digit]).all(axis=1)
        numerals = matrix[left][:, digit]
        same &= ((numerals >= 48) & (numerals <= 57)).all(axis=1)
        rows = left[same]
        pending[rows] = False
        spans = [found.span(number) for number in range(1, pattern.groups + 1)]
        parts = [_number(matrix[rows, begin:end], begin) for begin, end in spans]
        yield rows, parts, [end - begin for begin, end in spans]


def _number(numerals: npt.NDArray[np.uint8], begin: int) -> Ints:
    """Return the whole numbers that digits write; 0 where a part is not there (begin -1)."""
    value = np.zeros(len(numerals), np.int64)
    if begin >= 0:
        for place in numerals.T:
            value = value * 10 + (place - np.uint8(48))
    return value
