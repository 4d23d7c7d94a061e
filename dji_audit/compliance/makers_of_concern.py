"""Lists of makers of concern, as dated and sourced data.

A list names makers from a given date.  Names are compared as whole words, without
regard to case and punctuation: ``Autel`` does not match ``Autelis``.
"""

import csv
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerListing:
    """One maker on one list."""

    list: str
    maker: str
    aliases: tuple[str, ...]
    valid_from: dt.date | None
    valid_to: dt.date | None
    #: Whether a person has compared the row with its source.
    verified: bool
    source: str

    def matches(self, maker: str) -> bool:
        """Return whether the row names a maker."""
        return _normalise_name(maker) in {
            _normalise_name(name) for name in (self.maker, *self.aliases)
        }

    def applies_on(self, day: dt.date) -> bool:
        """Return whether the maker was on the list on a date."""
        has_begun = self.valid_from is None or day >= self.valid_from
        return has_begun and (self.valid_to is None or day <= self.valid_to)


@cache
def maker_listings() -> tuple[MakerListing, ...]:
    """Return every row of the lists that ship with dji-audit."""
    text = (files("dji_audit") / "data" / "makers.csv").read_text("utf-8")
    return tuple(
        MakerListing(
            list=row["list"],
            maker=row["maker"],
            aliases=tuple(name for name in row["aliases"].split(";") if name),
            valid_from=_parse_date(row["valid_from"]),
            valid_to=_parse_date(row["valid_to"]),
            verified=row["verified"] == "yes",
            source=row["source"],
        )
        for row in csv.DictReader(StringIO(text, newline=""))
    )


def maker_list_names(rows: Sequence[MakerListing]) -> tuple[str, ...]:
    """Return the names of the lists, sorted."""
    return tuple(sorted({row.list for row in rows}))


def _parse_date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _normalise_name(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.casefold()))
