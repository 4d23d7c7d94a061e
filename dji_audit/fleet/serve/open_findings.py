"""What of the last run needs a look: its findings that count, by their weight, and its figures."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from dji_audit.common.safe_text import whole_visible_text
from dji_audit.compliance.outcomes import Severity
from dji_audit.fleet.dashboard._page_data import flight_page_address_function
from dji_audit.fleet.serve.acknowledgements_file import FindingAsAcknowledged
from dji_audit.fleet.tables.open_database import database_path, open_fleet_database_read_only

#: Findings that the page lists; the index page has all.
MAX_LISTED = 200
#: Those of one outcome, the gravest first: its name stands furthest right.
_FINDINGS = (
    "SELECT findings.fingerprint, findings.severity, findings.summary, findings.start, "
    "findings.acknowledgement, findings.flight, flights.page, flights.aircraft, flights.serial, "
    "flights.place, flights.start AS flight_start, rules.title FROM findings "
    "JOIN flights ON flights.flight = findings.flight AND NOT flights.simulated "
    "LEFT JOIN rules ON rules.rule = findings.rule WHERE findings.outcome = ? "
    "ORDER BY instr('low medium high', findings.severity) DESC, findings.start DESC, "
    "findings.fingerprint LIMIT ?"
)
_COUNT = (
    "SELECT count(*) FROM findings JOIN flights ON flights.flight = findings.flight "
    "AND NOT flights.simulated WHERE findings.outcome = ?"
)
OPEN, SETTLED = "fail", "fail_acknowledged"


def figures_and_findings_of_state(state: Path, results: Path) -> dict[str, object] | None:
    """Return the figures and findings of the last run of a state; ``None``: there was none.

    Args:
        state: The folder of the state.
        results: The folder with the pages.

    Raises:
        OutputError: If the tables are damaged or of another version.
    """
    if not database_path(state).is_file():
        return None
    address = flight_page_address_function(str(results.resolve()), results)
    with open_fleet_database_read_only(state) as connection:
        verdicts = dict(
            connection.execute("SELECT verdict, count(*) FROM logged_flights GROUP BY verdict")
        )
        files = dict(connection.execute("SELECT status, count(*) FROM files GROUP BY status"))
        return {
            "flights": sum(verdicts.values()),
            "verdicts": verdicts,
            "files": files,
            "open_count": connection.execute(_COUNT, (OPEN,)).fetchone()[0],
            "open": _query_findings_of_outcome(connection, OPEN, address),
            "settled_count": connection.execute(_COUNT, (SETTLED,)).fetchone()[0],
            "settled": _query_findings_of_outcome(connection, SETTLED, address),
        }


def findings_by_fingerprint(
    state: Path, fingerprints: Sequence[str], outcome: str
) -> dict[str, FindingAsAcknowledged]:
    """Return the findings of the last run that have these fingerprints.

    Of several with one fingerprint the greatest value and the gravest severity are stated.

    Args:
        state: The folder of the state.
        fingerprints: What was chosen.
        outcome: ``OPEN``: those that count; ``SETTLED``: those that are acknowledged, each with
            the fingerprint by which the file of acknowledgements names it.

    Raises:
        OutputError: If the state has no tables, or they are damaged or of another version.
    """
    found: dict[str, FindingAsAcknowledged] = {}
    with open_fleet_database_read_only(state) as connection:
        for fingerprint in fingerprints:
            rows = connection.execute(
                "SELECT severity, peak, acknowledged_as FROM findings "
                "WHERE outcome = ? AND fingerprint = ?",
                (outcome, fingerprint),
            ).fetchall()
            if not rows:
                continue
            peaks = [peak for _, peak, _ in rows if peak is not None]
            gravest = max((Severity(severity) for severity, _, _ in rows), key=lambda it: it.rank)
            named = rows[0][2] if outcome == SETTLED else fingerprint
            found[fingerprint] = FindingAsAcknowledged(
                named, str(gravest), max(peaks, default=None)
            )
    return found


def _query_findings_of_outcome(
    connection: sqlite3.Connection, outcome: str, address: Callable[[str], str | None]
) -> list[dict[str, object]]:
    cursor = connection.execute(_FINDINGS, (outcome, MAX_LISTED))
    names = [column[0] for column in cursor.description]
    listed = []
    for values in cursor:
        row = {
            name: whole_visible_text(value) if isinstance(value, str) else value
            for name, value in zip(names, values, strict=True)
        }
        row["page"] = address(str(row["page"])) if row["page"] else None
        listed.append(row)
    return listed
