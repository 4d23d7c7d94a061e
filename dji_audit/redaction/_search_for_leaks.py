"""Search what is about to leave a unit for what must not: the last gate before it is written."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dji_audit.redaction._moved_positions import GRID_DEG
from dji_audit.redaction._redaction_method import PositionRedactionMethod
from dji_audit.redaction._sensitive_texts import is_distinctive_name

#: Digits after the point with which a position in a text is a position: about a metre.
DIGITS = 5
_DECIMAL = re.compile(rf"(?<![\d.])(\d{{1,3}})\.(\d{{{DIGITS},}})")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
#: Shorter names hit words by chance.
_LEAST_LENGTH = 5
#: Leaks of one file that are named.
_MOST_NAMED = 5


@dataclass(frozen=True)
class SensitiveValues:
    """What must be nowhere in what leaves: coordinates, and texts."""

    #: Each true coordinate without its sign, in units of the last of ``DIGITS``.
    coordinates: frozenset[int] = field(default_factory=frozenset)
    texts: frozenset[str] = field(default_factory=frozenset)

    def __or__(self, other: "SensitiveValues") -> "SensitiveValues":
        """Return what is sensitive in either."""
        return SensitiveValues(self.coordinates | other.coordinates, self.texts | other.texts)


def sensitive_values(
    method: PositionRedactionMethod, track: pd.DataFrame, texts: Iterable[str]
) -> SensitiveValues:
    """Return the coordinates of a track and some texts, to be searched for.

    With a grid, a coordinate that is the middle of a square by chance is none of them.
    """
    degrees = np.abs(track[["latitude_deg", "longitude_deg"]].to_numpy(np.float64)).ravel()
    steps = degrees[np.isfinite(degrees)] * 10**DIGITS
    whole = {int(step) for step in np.floor(steps)} | {int(step) for step in np.round(steps)}
    if method is PositionRedactionMethod.GRID:
        square = round(GRID_DEG * 10**DIGITS)
        whole = {step for step in whole if step % square != square // 2}
    return SensitiveValues(frozenset(whole), frozenset(filter(is_distinctive_name, texts)))


def iterate_phrases_on_leaks_in_text(text: str, sensitive: SensitiveValues) -> Iterator[str]:
    """Yield a phrase for each sensitive value that a text holds, the first few.

    Characters that HTML or JSON write by their number are read as characters.
    """
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), html.unescape(text))
    found = 0
    for whole, fraction in _DECIMAL.findall(plain):
        steps = int(whole) * 10**DIGITS + int(fraction[:DIGITS])
        if steps in sensitive.coordinates:
            found += 1
            yield f"the coordinate {whole}.{fraction[:DIGITS]}"
            if found >= _MOST_NAMED:
                return
    for name in sorted(sensitive.texts):
        if len(name) >= _LEAST_LENGTH and _is_whole_word_in_text(name, plain):
            found += 1
            yield f"the text {name!r}"
            if found >= _MOST_NAMED:
                return


def _is_whole_word_in_text(name: str, text: str) -> bool:
    """Return whether a name stands in a text, and not within a longer word."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            return True
        at = text.find(name, end)
    return False
