"""Consistency checks of a catalogue, within rows and between rows."""

from collections import Counter
from collections.abc import Iterator

from dji_audit.endpoints._catalogue import Catalogue
from dji_audit.endpoints._catalogue_entry import CatalogueEntry, CatalogueError, parse_endpoint_row
from dji_audit.endpoints._host_names import normalise_host


def lint_catalogue(catalogue: Catalogue) -> Iterator[str]:
    """Yield each fault of a catalogue as one line of text; nothing if it is consistent."""
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
        yield from _endpoint_contradictions(row, name)
    counted = Counter((row.indicator, row.match, row.category) for row in catalogue.rows)
    for (indicator, match, category), count in sorted(counted.items()):
        if count > 1:
            yield f"{indicator}: listed {count} times by {match} for {category}"
    yield from _operator_conflicts(catalogue)


def _endpoint_contradictions(row: CatalogueEntry, name: str) -> Iterator[str]:
    if row.match == "suffix" and row.specificity == "generic":
        yield f"{name}: every subdomain of a host with many users would match"
    if row.match == "ip" and row.specificity != "vendor_ip_ageing":
        yield f"{name}: addresses change hands; the specificity must be vendor_ip_ageing"
    guessed = set(row.evidence.split("+")) <= {"registry_name_only", "blocklist"}
    if guessed and row.confidence == "high":
        yield f"{name}: rests on a guess, so its confidence must not be high"


def _operator_conflicts(catalogue: Catalogue) -> Iterator[str]:
    """Yield hosts that two rows attribute to two operators."""
    operators_by_host: dict[tuple[str, str], set[str]] = {}
    for row in catalogue.rows:
        if row.match != "port":
            operators_by_host.setdefault((row.indicator, row.match), set()).add(row.operator)
    for (indicator, match), operators in sorted(operators_by_host.items()):
        if len(operators) > 1:
            yield f"{indicator}: by {match} given to {' and to '.join(sorted(operators))}"
