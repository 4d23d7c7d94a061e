"""Lists of makers of concern, as dated and sourced data.

A list names makers from a day on.  Names are compared whole, in any capitals and
with any signs between the words: ``Autel`` is not ``Autelis``.
"""

import csv
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO


@dataclass(frozen=True, slots=True)
class Listing:
    """One maker on one list."""

    list: str
    maker: str
    aliases: tuple[str, ...]
    valid_from: dt.date | None
    valid_to: dt.date | None
    #: Whether a person has held the row against the list it is from.
    verified: bool
    source: str

    def names(self, maker: str) -> bool:
        """Return whether a maker is meant."""
        return _plain(maker) in {_plain(name) for name in (self.maker, *self.aliases)}

    def applies_on(self, day: dt.date) -> bool:
        """Return whether the maker was on the list on a day."""
        begun = self.valid_from is None or day >= self.valid_from
        return begun and (self.valid_to is None or day <= self.valid_to)


@cache
def listings() -> tuple[Listing, ...]:
    """Return every row of the lists that ship with dji-audit."""
    text = (files("dji_audit") / "data" / "makers.csv").read_text("utf-8")
    return tuple(
        Listing(
            row["list"],
            row["maker"],
            tuple(name for name in row["aliases"].split(";") if name),
            _day(row["valid_from"]),
            _day(row["valid_to"]),
            row["verified"] == "yes",
            row["source"],
        )
        for row in csv.DictReader(StringIO(text, newline=""))
    )


def list_names(rows: Sequence[Listing]) -> tuple[str, ...]:
    """Return the names of the lists, sorted."""
    return tuple(sorted({row.list for row in rows}))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.casefold()))
