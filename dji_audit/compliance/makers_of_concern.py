"""Lists of makers of concern, as dated and sourced data.

A list names makers from a given date, or goes by something else: by the country in which a thing
was produced, or by a criterion in words.  Names are compared as whole words, without regard to
case and punctuation: ``Autel`` does not match ``Autelis``.  A maker is on a list or it is not; no
list says what its equipment did.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from dji_audit.common.shipped_tables import date_or_none, shipped_table_rows
from dji_audit.common.valid_days import is_valid_on


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerListing:
    """One entry of one list: a maker, a country of production, or a criterion."""

    list: str
    #: Empty where the entry goes by a country or a criterion.
    maker: str
    aliases: tuple[str, ...]
    valid_from: dt.date | None
    valid_to: dt.date | None
    #: Whether a person has compared the row with its source.
    verified: bool
    source: str
    #: Two letters of ISO 3166, or these after ``!``: every other country; empty: not by country.
    country_of_production: str = ""
    #: What it goes by, in words, where that is neither a maker nor a country.
    criterion: str = ""
    #: What the list binds, in words; empty: not stated.
    scope: str = ""

    def matches_maker(self, maker: str) -> bool:
        """Return whether the row names a maker."""
        name = normalised_maker_name(maker)
        return bool(name) and name in {
            normalised_maker_name(known) for known in (self.maker, *self.aliases)
        }

    def applies_on(self, day: dt.date) -> bool:
        """Return whether the entry was on the list on a date."""
        return is_valid_on(day, self.valid_from, self.valid_to)


@cache
def all_shipped_maker_listings() -> tuple[MakerListing, ...]:
    """Return every row of the lists that ship with dji-audit."""
    return tuple(
        MakerListing(
            list=row["list"],
            maker=row["maker"],
            aliases=split_names(row["aliases"]),
            valid_from=date_or_none(row["valid_from"]),
            valid_to=date_or_none(row["valid_to"]),
            verified=row["verified"] == "yes",
            source=row["source"],
            country_of_production=row["country_of_production"],
            criterion=row["criterion"],
            scope=row["scope"],
        )
        for row in shipped_table_rows("makers.csv")
    )


def maker_list_names(rows: Sequence[MakerListing]) -> tuple[str, ...]:
    """Return the names of the lists that name makers, sorted."""
    return tuple(sorted({row.list for row in rows if row.maker}))


def normalised_maker_name(name: str) -> str:
    """Return the words of a name in lower case, with single spaces and no punctuation."""
    return " ".join(re.findall(r"\w+", name.casefold()))


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a cell, which semicolons divide."""
    return tuple(name.strip() for name in text.split(";") if name.strip())
