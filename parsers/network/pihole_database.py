"""Look-ups in the long-term database of Pi-hole (``pihole-FTL.db``).

Who writes it: Pi-hole's resolver (FTL), which keeps every question for a year unless set
otherwise; an SQLite database, to which the last minute of questions is added once a minute.

Facts: Pi-hole's documentation of the query database (tables, columns, numbers of types, states
and replies), which also says that a database of older versions holds names where newer ones hold
numbers.  No real file was at hand.

Tables.  ``query_storage`` (in older versions ``queries``): a row for each question with its
instant, its type, its state, and numbers of rows of ``domain_by_id``, ``client_by_id`` (address
and name of who asked) and ``forward_by_id`` (the resolver above).

Contacts: the name that was asked for; the database holds no answer, so that no address is known.
*Attempted*: what a list or a rule blocked, or the resolver above, a refusal or an error, and a
question without an answer.  ``device`` is who asked.  What Pi-hole was told to hide stands there
as ``hidden`` and is no contact: an issue counts it.

Times are seconds since 1970 by the resolver's clock, with a fraction in newer versions.

The file is read from its bytes and never opened by SQLite, which could write beside it.  If it
was written with a write-ahead log, the latest rows may stand in a ``-wal`` file beside it.

Not decoded: other tables, indexes and free pages (*opaque*), which may hold deleted rows; the
further rows of a very large database, which an issue counts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import Content
from .._formats import Format
from .._model import Clock, Issue, Log
from .._shared._sqlite_database import MAGIC, SqliteDatabase, SqliteRow, SqliteTableRecords
from ._shared._build_binary_and_database_logs import build_database_log
from ._shared._contact_rows import (
    MAX_ROWS,
    ContactRows,
    contacts_capture_window,
    normalised_ip_or_none,
    parse_host_or_else_ip,
)
from ._shared._which_facts_logs_record import CONTACT_FACTS
from ._text._parse_timestamps import NO_TIME, epoch_seconds_text_to_ns

#: Names of the table of questions, the newer first.
_QUESTIONS = ("QUERY_STORAGE", "QUERIES")
_NAME = "pihole-ftl"
_ANSWERED = {
    2: "forwarded", 3: "from the cache", 12: "asked again", 13: "asked again, ignored",
    14: "forwarded already", 17: "from a stale cache",
}  # fmt: skip
_BLOCKED = {
    1: "by a list", 4: "by a pattern", 5: "by an exact rule", 6: "by the resolver above",
    7: "by the resolver above", 8: "by the resolver above", 9: "by a list, for an alias",
    10: "by a pattern, for an alias", 11: "by an exact rule, for an alias",
    15: "as the database was busy", 16: "as a special domain", 18: "by the resolver above",
}  # fmt: skip
#: Replies that are none: NXDOMAIN, SERVFAIL, REFUSED, NOTIMP, and a question that was dropped.
_REFUSED_REPLIES = (2, 7, 8, 9, 12)
_HIDDEN = "hidden"
#: Names and addresses that are held; a database has some hundred thousand at most.
_MAX_LINKED = 2_000_000
#: Rows that are gathered before they are added.
_BATCH = 10_000
#: A reply that took longer is damage, seconds.
_LONGEST_REPLY_S = 3600


def _texts_of_linking_table(database: SqliteDatabase, table: str, column: str) -> dict[Any, str]:
    """Return the text of each number of a linking table."""
    return {
        row.cells.get("ID"): text
        for row in islice(database.table_rows_in_rowid_order(table), _MAX_LINKED)
        if isinstance(text := row.cells.get(column), str)
    }


def _own_or_linked_text(value: Any, linked: dict[Any, str]) -> str | None:
    """Return what a cell means: its own text, or that of the row it points to."""
    if isinstance(value, str):
        return value
    return linked.get(value) if isinstance(value, int) else None


def _epoch_seconds_value_to_ns(value: Any) -> int:
    """Return the instant of seconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return NO_TIME
    return epoch_seconds_text_to_ns(value if isinstance(value, int) else f"{value:.6f}")


@dataclass(eq=False)
class _PiholeQueryReader:
    """Gathers the contacts of the questions."""

    domains: dict[Any, str]
    clients: dict[Any, str]
    contacts: ContactRows = field(default_factory=ContactRows)
    #: Questions in all, those whose name is hidden or not linked, and where the first such is.
    count: int = 0
    hidden: int = 0
    lost: int = 0
    first_without_name: int = 0
    _rows: list[tuple[int, int, int, str | None, str, str, str]] = field(default_factory=list)

    def add_question(self, row: SqliteRow) -> None:
        """Add a question."""
        self.count += 1
        name = _own_or_linked_text(row.cells.get("DOMAIN"), self.domains)
        host = parse_host_or_else_ip(name)[0]
        if host is None or host == _HIDDEN:
            self.hidden += name == _HIDDEN
            self.lost += name != _HIDDEN and name is None
            self.first_without_name = self.first_without_name or row.offset
            return
        time = _epoch_seconds_value_to_ns(row.cells.get("TIMESTAMP"))
        client = _own_or_linked_text(row.cells.get("CLIENT"), self.clients)
        device = normalised_ip_or_none(client)
        if device is None and client not in (_HIDDEN, "0.0.0.0", "::"):  # noqa: S104
            device = client
        evidence, grade = _outcome_and_evidence_grade(
            row.cells.get("STATUS"), row.cells.get("REPLY_TYPE")
        )
        end = _reply_end_time_ns(time, row.cells.get("REPLY_TIME"))
        self._rows.append((row.offset, time, end, device, host, evidence, grade))
        if len(self._rows) >= _BATCH:
            self.add_gathered_contacts()

    def add_gathered_contacts(self) -> None:
        """Add what was gathered to the contacts."""
        if not self._rows:
            return
        offsets, times, ends, devices, hosts, evidence, grades = map(
            list, zip(*self._rows, strict=True)
        )
        self._rows = []
        self.contacts.add_rows(
            np.array(offsets, np.int64), time=times, end=ends, device=devices, host=hosts,
            protocol="dns", evidence=evidence, grade=grades,
        )  # fmt: skip

    def issues(self) -> list[Issue]:
        """Return remarks on the questions without a name."""
        reasons = [
            f"{count:,} questions {why}"
            for count, why in (
                (self.hidden, "have no name: Pi-hole was told to hide names"),
                (self.lost, "point to a name that is not in the database"),
            )
            if count
        ]
        return [Issue(self.first_without_name, 0, reason) for reason in reasons]


def _outcome_and_evidence_grade(status: Any, reply: Any) -> tuple[str, str]:
    """Return what became of a question, in words, and its grade."""
    if status in _BLOCKED:
        return f"query; blocked {_BLOCKED[status]}", "attempted"
    if status not in _ANSWERED:
        return "query; outcome not known", "attempted"
    grade = "attempted" if reply in _REFUSED_REPLIES else "measured"
    return f"query; {_ANSWERED[status]}", grade


def _reply_end_time_ns(time: int, seconds: Any) -> int:
    if time == NO_TIME or not isinstance(seconds, float) or not 0 <= seconds < _LONGEST_REPLY_S:
        return NO_TIME
    return time + round(seconds * 1e9)


def claims(content: Content) -> bool:
    """Return whether it is a database that is named, or holds the tables, of Pi-hole."""
    head = content.head
    if not head.startswith(MAGIC):
        return False
    own_tables = b"query_storage" in head and b"domain_by_id" in head
    return own_tables or content.base_name.lower().startswith(_NAME)


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the questions of a database of Pi-hole; damaged pages and rows are issues.

    Raises:
        CorruptLogError: If it is no whole database, or has no table of questions.
        UnsupportedVersionError: If it is a database in a form that is not known.
    """
    database = SqliteDatabase.open(content)
    table = next((name for name in _QUESTIONS if name in database.tables), None)
    if table is None:
        raise CorruptLogError(0, "the table query_storage", ", ".join(sorted(database.tables)[:20]))
    reader = _PiholeQueryReader(
        _texts_of_linking_table(database, "domain_by_id", "DOMAIN"),
        _texts_of_linking_table(database, "client_by_id", "IP"),
    )
    rows = database.table_rows_in_rowid_order(table)
    for row in islice(rows, MAX_ROWS):
        reader.add_question(row)
    reader.add_gathered_contacts()
    issues = [*reader.issues()]
    if (further := next(rows, None)) is not None:
        what = f"the database is too long to be read whole: only the first {MAX_ROWS:,} questions"
        issues.append(Issue(further.offset, further.length, what))
    contacts = reader.contacts.table()
    return build_database_log(
        content,
        FORMAT.name,
        {"Query": SqliteTableRecords(reader.count, content, table)},
        contacts_capture_window(contacts),
        database,
        contacts,
        Clock("clock of the resolver"),
        issues,
    )


FORMAT = Format(
    "pihole-ftl",
    "Pi-hole query database",
    "Pi-hole's documentation of the query database; Database File Format of sqlite.org",
    claims,
    read,
    facts=CONTACT_FACTS,
)
