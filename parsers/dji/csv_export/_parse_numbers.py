"""Numbers as tables write them, and as spreadsheets of many countries rewrite them.

A spreadsheet writes the decimal mark of its country, and between thousands the other mark, a space
or an apostrophe (CLDR 44, number symbols).  Which mark is the decimal one shows in the positions:
they have more than three decimals.
"""

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

#: Numbers beyond are damage.
_LARGEST_NUMBER = 1e12
#: Between thousands: space, no-break spaces, apostrophes.
_GROUPING = re.compile(r"(?<=\d)[ \u00a0\u202f\u2009'\u2019](?=\d{3}(?!\d))")
_OTHER_MARK = {".": ",", ",": "."}
#: The mark between thousands -> a number that begins with groups of three.
_THOUSANDS = {
    mark: re.compile(rf"[-+]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?!\d)") for mark in ".,"
}
#: Words for "no value", in lower case.
_MISSING = frozenset({"", "nan", "n/a", "na", "none", "null", "-", "--"})


def decimal_mark_of_positions(texts: pd.Series, otherwise: str) -> str:
    """Return the decimal mark, ``.`` or ``,``, of a column of degrees.

    Args:
        texts: Latitudes or longitudes.
        otherwise: The mark if none of them has more than three decimals.
    """
    if texts.str.contains(r"^\s*[-+]?\d{1,3}\.\d", regex=True).any():
        return "."
    return "," if texts.str.contains(r"^\s*[-+]?\d{1,3},\d", regex=True).any() else otherwise


def parse_numbers(texts: pd.Series, decimal_mark: str) -> Floats:
    """Return numbers as written with a decimal mark; NaN for what is none, or out of all bounds.

    Args:
        texts: Of a column, with the numbers of its rows as index.
        decimal_mark: ``.`` or ``,``; the other one stands between thousands, if anywhere.
    """
    values = _parse_plain_numbers(texts) if decimal_mark == "." else np.full(len(texts), np.nan)
    unread = np.flatnonzero(np.isnan(values))
    if len(unread):
        left = texts.iloc[unread]
        left = left[~left.str.strip().str.lower().isin(_MISSING)]
        if len(left):
            rewritten = [
                _replace_decimal_mark_by_point(text, decimal_mark) for text in left.tolist()
            ]
            values[left.index.to_numpy()] = _parse_plain_numbers(pd.Series(rewritten, dtype="str"))
    with np.errstate(invalid="ignore"):
        values[~(abs(values) < _LARGEST_NUMBER)] = np.nan
    return values


def unreadable_number_mask(texts: pd.Series, values: Floats) -> npt.NDArray[np.bool_]:
    """Return where a text that should be a number is none, and does not say that it is missing."""
    return np.isnan(values) & ~texts.str.strip().str.lower().isin(_MISSING).to_numpy(bool)


def _parse_plain_numbers(texts: pd.Series) -> Floats:
    return pd.to_numeric(texts, errors="coerce").to_numpy(np.float64, copy=True)


def _replace_decimal_mark_by_point(text: str, decimal_mark: str) -> str:
    """Return a number with a point and without marks between thousands."""
    other = _OTHER_MARK[decimal_mark]
    plain = _GROUPING.sub("", text.strip())
    if _THOUSANDS[other].match(plain):
        plain = plain.replace(other, "")
    return plain.replace(decimal_mark, ".").replace(other, ".")
