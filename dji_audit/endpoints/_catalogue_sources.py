"""Sources that the shipped catalogue rests on: what each is, and how long a reading holds.

A row of the catalogue names its sources with the place in each.  This list holds every source
once, by the name that rows use, so that what was read can be read again.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from dji_audit.common.shipped_tables import shipped_table_rows
from dji_audit.endpoints._catalogue_entry import CatalogueEntry

#: Kind of source -> days after which it is to be read again.  Code and packages are fixed by a
#: version and say what an app did then; pages and lists of hosts change without notice.
READ_AGAIN_AFTER_DAYS: Mapping[str, int] = MappingProxyType(
    {"code": 730, "package": 730, "search": 365, "list": 365, "page": 365, "standard": 1825}
)


@dataclass(frozen=True, slots=True)
class CatalogueSource:
    """One source."""

    #: The name by which rows refer to it.
    name: str
    #: One of ``READ_AGAIN_AFTER_DAYS``.
    kind: str
    #: What it is, and where it is published.
    description: str


@dataclass(frozen=True, slots=True)
class SourceAge:
    """How long ago a source was read."""

    source: CatalogueSource
    #: Days since the oldest reading on which a row rests; ``None``: a row does not say.
    days: int | None
    row_count: int

    @property
    def is_due_for_rereading(self) -> bool:
        """Whether it is to be read again."""
        return self.days is None or self.days > READ_AGAIN_AFTER_DAYS[self.source.kind]


@cache
def shipped_sources() -> tuple[CatalogueSource, ...]:
    """Return the sources of the shipped catalogue, in order of their names."""
    rows = shipped_table_rows("endpoint_sources.csv")
    return tuple(CatalogueSource(row["name"], row["kind"], row["description"]) for row in rows)


def sources_of_catalogue_row(
    row: CatalogueEntry, sources: Sequence[CatalogueSource]
) -> tuple[CatalogueSource, ...]:
    """Return the sources that a row names, for what its host is and for the country."""
    return tuple(
        source
        for source in sources
        if _text_names_source(row.source, source.name)
        or _text_names_source(row.country_source, source.name)
    )


def row_and_source_list_mismatches(
    rows: Sequence[CatalogueEntry], sources: Sequence[CatalogueSource]
) -> tuple[str, ...]:
    """Return what is wrong between rows and sources: sources that only one side has."""
    faults = [
        f"{row.indicator} ({row.category}): its source is not in the list of sources: {part}"
        for row in rows
        for part in _split_source_texts(row)
        if not any(_text_names_source(part, source.name) for source in sources)
    ]
    used = {source.name for row in rows for source in sources_of_catalogue_row(row, sources)}
    faults += [
        f"{source.name}: in the list of sources, and no row rests on it"
        for source in sources
        if source.name not in used
    ]
    return tuple(faults)


def source_ages(
    rows: Sequence[CatalogueEntry], sources: Sequence[CatalogueSource], day: dt.date
) -> tuple[SourceAge, ...]:
    """Return how old the reading of each source is that a row rests on, the oldest first.

    Args:
        rows: Rows of the catalogue.
        sources: The list of sources.
        day: The day of the check.
    """
    read_days: dict[CatalogueSource, list[dt.date | None]] = {}
    for row in rows:
        read_on = dt.date.fromisoformat(row.read_on) if row.read_on else None
        for source in sources_of_catalogue_row(row, sources):
            read_days.setdefault(source, []).append(read_on)
    ages = [
        SourceAge(
            source,
            None if None in days else max((day - read).days for read in days if read is not None),
            len(days),
        )
        for source, days in read_days.items()
    ]
    return tuple(
        sorted(ages, key=lambda age: (age.days is not None, -(age.days or 0), age.source.name))
    )


def _split_source_texts(row: CatalogueEntry) -> list[str]:
    """Return the texts that each name one source with the place in it."""
    texts = (row.source, row.country_source)
    return [part.strip() for text in texts for part in text.split("; ") if part.strip()]


def _text_names_source(text: str, name: str) -> bool:
    """Return whether a text names a source, and not one whose name goes on."""
    start = text.find(name)
    while start >= 0:
        before, after = text[:start][-1:], text[start + len(name) :][:1]
        if not before.isalnum() and not (after.isalnum() or after in ("-", "_")):
            return True
        start = text.find(name, start + 1)
    return False
