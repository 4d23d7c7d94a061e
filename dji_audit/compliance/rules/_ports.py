"""Conversations that a port or protocol tells apart, where the host is of the user's choosing."""

from collections.abc import Callable

from dji_audit.compliance.network import Met
from dji_audit.compliance.rules._network import whose
from dji_audit.endpoints import Catalogue


def by_port(
    met: Met, category: str, protocols: frozenset[str], known: Catalogue, least: int
) -> str:
    """Return what shows that a conversation is of a kind; empty: nothing does.

    Args:
        met: The host.
        category: Of the rows of the catalogue for ports.
        protocols: Names that are proof by themselves.
        known: The catalogue.
        least: Bytes that must have been sent where only the port speaks for it.
    """
    if met.local:
        return ""
    if spoken := sorted(met.protocols & protocols):
        return f", by {' and '.join(spoken)}"
    if met.talked and met.most_sent < least:
        return ""
    for port in sorted(met.ports):
        for row in known.match_port(port):
            if row.category == category:
                listeners = row.operator.removeprefix("any ")
                return f", on port {port}, where {listeners}s listen"
    return ""


def told_with(shown: Callable[[Met], str]) -> Callable[[Met], str]:
    """Return what to say of a host: whose it is, and what shows the kind."""
    return lambda met: f"{whose(met.known) if met.known.rows else ''}{shown(met)}"
