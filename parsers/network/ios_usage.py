"""Bytes of each app on an iPhone or iPad (``DataUsage.sqlite``, ``netusage.sqlite``).

Who writes it: iOS, which counts what each process sent and received over Wi-Fi and over the
mobile network; SQLite databases of Core Data.  ``DataUsage.sqlite`` is in backups (as
``0d609c54856a9bb2d56729df1d68f2958a88426b``), ``netusage.sqlite`` only in copies of the whole
device.

Facts: mvt-project/mvt 2302e74 (``net_base``: the two tables and their join), log2timeline/plaso
(the schemas of real databases), and readers quoted in public.  No real file was at hand.

Tables.  ``ZLIVEUSAGE``: bytes in and out over Wi-Fi, mobile network (``WWAN``) and cable, an
instant, and the process; recent versions lack the columns of Wi-Fi.  ``ZPROCESS``: bundle and name
of the process, first and last seen.  Instants count seconds from 2001.

Contacts: one for each row of ``ZLIVEUSAGE`` and way to the network that carried bytes, with app
and bytes and **no host**: what was sent is known, not to whom.  The counters grow over a period of
which the database holds one instant; that is the row's ``time``, and the length of the period
is not known.  The row of
``CumulativeUsageTracker`` is the sum of all others and no contact.  If the process of a row was
deleted, ``app`` states that.

The file is read from its bytes and never opened by SQLite, which could write beside it.  If it was
written with a write-ahead log, the latest rows may stand in a ``-wal`` file beside it, which the
database itself cannot show: keep it with the evidence.

Not decoded: other tables, indexes and free pages (*opaque*), which may hold deleted rows.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import Content
from .._formats import Format
from .._model import Clock, Log, NetworkCaptureWindow
from .._shared._sqlite_database import MAGIC, SqliteDatabase, SqliteRow
from ._shared._build_binary_and_database_logs import build_database_log
from ._shared._contact_rows import ContactRows
from ._shared._records_from_items import RecordsFromItems
from ._shared._which_facts_logs_record import CONTACT_FACTS
from ._text._parse_timestamps import NO_TIME, epoch_seconds_text_to_ns

_NAMES = ("datausage.sqlite", "netusage.sqlite", "0d609c54856a9bb2d56729df1d68f2958a88426b")
_TABLES = ("ZLIVEUSAGE", "ZPROCESS")
#: From 1970 to 2001, seconds.
_COCOA_EPOCH_S = 978_307_200
_NETWORKS = (
    ("Wi-Fi", "ZWIFIOUT", "ZWIFIIN"),
    ("mobile network", "ZWWANOUT", "ZWWANIN"),
    ("cable", "ZWIREDOUT", "ZWIREDIN"),
)
_SUM = "CumulativeUsageTracker"


def _cocoa_seconds_to_epoch_ns(value: Any) -> int:
    """Return the instant of seconds since 2001."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return NO_TIME
    return (
        epoch_seconds_text_to_ns(f"{value + _COCOA_EPOCH_S:.6f}") if 0 < value < 1e10 else NO_TIME
    )


def _byte_count(value: Any) -> int | None:
    """Return a number of bytes, which is written as one with a point."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return round(value) if 0 <= value < 1e18 else None


def _app_name(process: SqliteRow | None, number: Any) -> str:
    """Return what a process goes by: its bundle, else its name."""
    if process is None:
        return f"process {number}, whose row is missing" if number is not None else "not stated"
    bundle, name = process.cells.get("ZBUNDLENAME"), process.cells.get("ZPROCNAME")
    for text in (bundle, name):
        if isinstance(text, str) and text.strip():
            # A service that works for an app names it after a stroke.
            return text.strip().rpartition("/")[2] or text.strip()
    return f"process {number}, without a name"


def _usage_contacts(live: Sequence[SqliteRow], processes: Sequence[SqliteRow]) -> ContactRows:
    known = {row.cells.get("Z_PK"): row for row in processes}
    rows: list[tuple[int, int, str, str, int | None, int | None]] = []
    for row in live:
        number = row.cells.get("ZHASPROCESS")
        process = known.get(number)
        if process is not None and process.cells.get("ZPROCNAME") == _SUM:
            continue
        app, time = (
            _app_name(process, number),
            _cocoa_seconds_to_epoch_ns(row.cells.get("ZTIMESTAMP")),
        )
        for network, sent_column, received_column in _NETWORKS:
            up, down = (
                _byte_count(row.cells.get(sent_column)),
                _byte_count(row.cells.get(received_column)),
            )
            if up or down:
                rows.append((row.offset, time, app, f"ZLIVEUSAGE over {network}", up, down))
    contacts = ContactRows()
    if rows:
        offsets, times, apps, evidence, up_bytes, down_bytes = map(list, zip(*rows, strict=True))
        contacts.add_rows(
            np.array(offsets, np.int64), time=times, app=apps, bytes_up=up_bytes,
            bytes_down=down_bytes, evidence=evidence, grade="measured",
        )  # fmt: skip
    return contacts


def claims(content: Content) -> bool:
    """Return whether it is a database that is named, or holds the table, of data usage."""
    if not content.head.startswith(MAGIC):
        return False
    return content.base_name.lower().endswith(_NAMES) or b"ZLIVEUSAGE" in content.head


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a database of data usage; damaged pages and rows are issues.

    Raises:
        CorruptLogError: If it is no whole database, or has no table of data usage.
        UnsupportedVersionError: If it is a database in a form that is not known.
    """
    database = SqliteDatabase.open(content)
    if "ZLIVEUSAGE" not in database.tables:
        raise CorruptLogError(0, "the table ZLIVEUSAGE", ", ".join(sorted(database.tables)[:20]))
    live, processes = (list(database.rows(name)) for name in _TABLES)
    contacts = _usage_contacts(live, processes)
    return build_database_log(
        content,
        FORMAT.name,
        {
            "ZLIVEUSAGE": RecordsFromItems(live, SqliteRow.location_and_cell_values),
            "ZPROCESS": RecordsFromItems(processes, SqliteRow.location_and_cell_values),
        },
        NetworkCaptureWindow(None, None),
        database,
        contacts.table(),
        Clock("clock of the device"),
    )


FORMAT = Format(
    "ios-usage",
    "iOS data usage",
    "mvt-project/mvt, log2timeline/plaso; Database File Format of sqlite.org",
    claims,
    read,
    facts=CONTACT_FACTS,
)
