"""Conversations that a port or protocol tells apart, where the host is of the user's choosing."""

from collections.abc import Callable

from dji_audit.compliance.endpoints import Catalogue
from dji_audit.compliance.network import Met
from dji_audit.compliance.rules._network import whose


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
    rows = met.rows
    if spoken := sorted(set(rows["protocol"].dropna()) & protocols):
        return f", by {' and '.join(spoken)}"
    for port in sorted(rows["port"].dropna().unique()):
        listens = [row for row in known.match_port(int(port)) if row.category == category]
        sent = rows.loc[
            (rows["port"] == port) & (rows["claim"] != "attempted"), "bytes_up"
        ].dropna()
        enough = not met.talked or (len(sent) and int(sent.max()) >= least)
        if listens and enough:
            return (
                f", on port {int(port)}, where {listens[0].operator.removeprefix('any ')}s listen"
            )
    return ""


def told_with(shown: Callable[[Met], str]) -> Callable[[Met], str]:
    """Return what to say of a host: whose it is, and what shows the kind."""
    return lambda met: f"{whose(met.known) if met.known.rows else ''}{shown(met)}"
