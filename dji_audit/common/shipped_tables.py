"""The tables that ship with dji-audit: CSV in ``dji_audit/data``, with sources in their columns."""

import csv
import datetime as dt
from collections.abc import Iterator
from importlib.resources import files
from io import StringIO


def shipped_table_rows(name: str) -> Iterator[dict[str, str]]:
    """Return the rows of a table that ships with dji-audit, such as ``makers.csv``."""
    text = (files("dji_audit") / "data" / name).read_text("utf-8")
    return csv.DictReader(StringIO(text, newline=""))


def date_or_none(text: str) -> dt.date | None:
    """Return the date in a cell; ``None``: the cell is empty."""
    return dt.date.fromisoformat(text) if text else None
