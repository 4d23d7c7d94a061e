"""Faults of a catalogue that no row shows by itself."""

from collections import Counter
from collections.abc import Iterator

from dji_audit.endpoints._catalogue import Catalogue
from dji_audit.endpoints._names import normalise
from dji_audit.endpoints._row import CatalogueError, Endpoint, checked


def faults(known: Catalogue) -> Iterator[str]:
    """Yield each fault of a catalogue in a line; none: it keeps to its own rules."""
    for row in known.rows:
        name = f"{row.indicator} ({row.category})"
        try:
            checked(row.plain(), row.indicator)
        except CatalogueError as error:
            yield str(error)
        if row.match != "port" and normalise(row.indicator) != row.indicator:
            yield f"{name}: not in the spelling in which names are compared"
        if row.indicator in known.negative:
            yield f"{name}: on the list of names that never match"
        yield from _contradictions(row, name)
    counted = Counter((row.indicator, row.match, row.category) for row in known.rows)
    for (indicator, match, category), count in sorted(counted.items()):
        if count > 1:
            yield f"{indicator}: listed {count} times by {match} for {category}"
    yield from _operators(known)


def _contradictions(row: Endpoint, name: str) -> Iterator[str]:
    if row.match == "suffix" and row.specificity == "generic":
        yield f"{name}: every name below a host that many share would match"
    if row.match == "ip" and row.specificity != "vendor_ip_ageing":
        yield f"{name}: an address belongs to nobody for ever; it is vendor_ip_ageing"
    guessed = set(row.evidence.split("+")) <= {"registry_name_only", "blocklist"}
    if guessed and row.confidence == "high":
        yield f"{name}: rests on a guess, so its confidence is not high"


def _operators(known: Catalogue) -> Iterator[str]:
    """Yield hosts that two rows give to two operators."""
    whose: dict[tuple[str, str], set[str]] = {}
    for row in known.rows:
        if row.match != "port":
            whose.setdefault((row.indicator, row.match), set()).add(row.operator)
    for (indicator, match), operators in sorted(whose.items()):
        if len(operators) > 1:
            yield f"{indicator}: by {match} given to {' and to '.join(sorted(operators))}"
