"""Consistency checks of a catalogue: within rows, between rows, and with the list of sources."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from dji_audit.common.plain_english import pluralised_count
from dji_audit.endpoints._catalogue import Catalogue, shipped_catalogue
from dji_audit.endpoints._catalogue_entry import CatalogueEntry, CatalogueError, parse_endpoint_row
from dji_audit.endpoints._catalogue_sources import (
    READ_AGAIN_AFTER_DAYS,
    row_and_source_list_mismatches,
    shipped_sources,
    source_ages,
)
from dji_audit.endpoints._normalise_host_names import normalise_host

#: Days after which the source of a unit's own row is to be read again.
_OWN_ROWS_DAYS = 365


def lint_catalogue(catalogue: Catalogue, as_of: dt.date | None = None) -> Iterator[str]:
    """Yield each fault of a catalogue as one line of text; nothing if it is consistent.

    Args:
        catalogue: The shipped catalogue, with the user's own files or without.
        as_of: The day of the check, on which sources are too old that were read long before;
            ``None``: their age is not checked.
    """
    for overlay in catalogue.overlays:
        for fault in overlay.left_out:
            yield f"left out: {fault}"
    for row in catalogue.rows:
        name = f"{row.indicator} ({row.category})"
        try:
            parse_endpoint_row(row.to_row(), row.indicator)
        except CatalogueError as error:
            yield str(error)
        if row.match != "port" and normalise_host(row.indicator) != row.indicator:
            yield f"{name}: not in the normalised spelling"
        if row.indicator in catalogue.never_match:
            yield f"{name}: on the never-match list"
        yield from _contradictions_within_catalogue_row(row, name)
    counted = Counter((row.indicator, row.match, row.category) for row in catalogue.rows)
    for (indicator, match, category), count in sorted(counted.items()):
        if count > 1:
            yield f"{indicator}: listed {count} times by {match} for {category}"
    yield from _hosts_with_two_operators(catalogue)
    # The list of sources is of the shipped rows: a unit's own rows name the unit's sources.
    yield from row_and_source_list_mismatches(shipped_catalogue().rows, shipped_sources())
    if as_of is not None:
        own = [row for overlay in catalogue.overlays for row in overlay.rows]
        yield from _texts_on_sources_to_read_again(own, as_of)


def _texts_on_sources_to_read_again(own: list[CatalogueEntry], day: dt.date) -> Iterator[str]:
    """Yield the sources that are to be read again, and a unit's own rows that state no day."""
    for age in source_ages(shipped_catalogue().rows, shipped_sources(), day):
        if age.is_due_for_rereading:
            read = (
                "a row does not say when it was read"
                if age.days is None
                else f"read {age.days:,} days before {day}, to be read again after "
                f"{READ_AGAIN_AFTER_DAYS[age.source.kind]}"
            )
            rows = pluralised_count(age.row_count, "row")
            yield f"{age.source.name}: {read}; {rows} rest{'s' * (age.row_count == 1)} on it"
    for row in sorted(own, key=lambda row: (row.indicator, row.category)):
        name = f"{row.indicator} ({row.category})"
        if not row.read_on:
            yield f"{name}: does not say when its source was read (read_on)"
        elif (days := (day - dt.date.fromisoformat(row.read_on)).days) > _OWN_ROWS_DAYS:
            yield (
                f"{name}: its source was read {days:,} days before {day}, to be read again after "
                f"{_OWN_ROWS_DAYS}"
            )


def _contradictions_within_catalogue_row(row: CatalogueEntry, name: str) -> Iterator[str]:
    if row.match == "suffix" and row.specificity == "generic":
        yield f"{name}: every subdomain of a host with many users would match"
    if row.match == "ip" and row.specificity != "vendor_ip_ageing":
        yield f"{name}: addresses change hands; the specificity must be vendor_ip_ageing"
    guessed = set(row.evidence.split("+")) <= {"registry_name_only", "blocklist"}
    if guessed and row.confidence == "high":
        yield f"{name}: rests on a guess, so its confidence must not be high"


def _hosts_with_two_operators(catalogue: Catalogue) -> Iterator[str]:
    """Yield hosts that two rows attribute to two operators."""
    operators_by_host: dict[tuple[str, str], set[str]] = {}
    for row in catalogue.rows:
        if row.match != "port":
            operators_by_host.setdefault((row.indicator, row.match), set()).add(row.operator)
    for (indicator, match), operators in sorted(operators_by_host.items()):
        if len(operators) > 1:
            yield f"{indicator}: by {match} given to {' and to '.join(sorted(operators))}"
