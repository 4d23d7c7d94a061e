"""Logs made by hand for the tests of the audit: a few rows, told in seconds."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.rules._shared._example_flights import FACT_COLUMNS
from parsers import _tables
from tests.conftest import required

Result = TypeVar("Result")

STEM = "DJIFlightRecord_2026-05-14_[10-01-58]"

CHROMIUM = Path("/usr/bin/chromium")

MakeLog = Callable[..., parsers.Log]
#: When the flights of small tests begin.
BEGIN = pd.Timestamp("2026-05-14T09:00:00Z")
Rows = Sequence[Mapping[str, Any]]


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Any]:
    """Return the one driver of browsers: a process can have no second, and its loop runs on."""
    required("Chromium", CHROMIUM.is_file())
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


def run_to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own: this one may have the loop of a browser."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def start() -> pd.Timestamp:
    """Return second 0 of every log made by hand."""
    return pd.Timestamp("2026-05-14T09:00:00Z")


@pytest.fixture(scope="session")
def make_log(start: pd.Timestamp) -> MakeLog:
    """Return a maker of logs.

    ``track`` holds columns by name, with ``time`` in seconds; ``events``,
    ``captures`` and ``contacts`` hold rows, with times in seconds as well.  Unless told otherwise
    a log that is not encrypted carries every fact whose columns it has, and every byte that no
    issue names was decoded.
    """

    def make(
        track: Mapping[str, Sequence[Any]] | None = None,
        *,
        events: Rows = (),
        captures: Rows = (),
        contacts: Rows = (),
        size: int = 10_000,
        name: str = "flight.txt",
        sha256: str = "ab" * 32,
        **rest: Any,
    ) -> parsers.Log:
        columns: dict[str, Any] = dict(track or {})
        rows = len(next(iter(columns.values()), ()))
        columns["time"] = _instants(start, columns.get("time", range(rows)))
        columns.setdefault("source_offset", [100 + 10 * row for row in range(rows)])
        if not rest.get("encrypted"):
            rest.setdefault("facts", _facts_of(columns))
            rest.setdefault("coverage", _coverage_of(size, rest.get("issues", ())))
        return parsers.Log(
            parsers.Source(name, size, sha256, "made-by-hand"),
            track=_tables.build_table(_tables.TRACK, columns, rows),
            events=_tables.event_table_from_rows(_row(start, row, "time", "end") for row in events),
            captures=_tables.media_capture_table_from_rows(
                _row(start, row, "start", "end") for row in captures
            ),
            contacts=_tables.contact_table_from_rows(
                _row(start, row, "time", "end") for row in contacts
            ),
            **rest,
        )

    return make


def _facts_of(columns: Mapping[str, Any]) -> dict[str, parsers.CarriedFact]:
    return {
        fact: parsers.CarriedFact("rows made by hand", FACT_COLUMNS.get(fact, ()))
        for fact in parsers.FACTS
        if all(name in columns for name in FACT_COLUMNS.get(fact, ()))
    }


def _coverage_of(size: int, issues: Sequence[parsers.Issue]) -> tuple[parsers.CoverageSpan, ...]:
    lost = min(size, sum(issue.size for issue in issues))
    return (parsers.CoverageSpan(0, size - lost, "records"),) + (
        (parsers.CoverageSpan(size - lost, lost, "gap"),) if lost else ()
    )


def _instants(start: pd.Timestamp, seconds: Sequence[float | None]) -> pd.DatetimeIndex:
    after = [np.nan if second is None else second for second in seconds]
    return start + pd.to_timedelta(np.array(after, np.float64), unit="s").as_unit("ns")


def _row(start: pd.Timestamp, row: Mapping[str, Any], *times: str) -> dict[str, Any]:
    out: dict[str, Any] = {"source_offset": 0, "grade": "reported"} | dict(row)
    for name in times:
        if out.get(name) is not None:
            out[name] = start + pd.Timedelta(seconds=out[name])
    return out


@pytest.fixture(scope="session")
def whole(sample_logs: Path) -> Path:
    """Return the synthetic record without damage."""
    return sample_logs / f"{STEM}.txt"


@pytest.fixture(scope="session")
def damaged(sample_logs: Path) -> Path:
    """Return the synthetic record with a flipped bit, a hole and a cut."""
    return sample_logs / f"{STEM}_damaged.txt"


@pytest.fixture(scope="session")
def sealed(sample_logs: Path) -> Path:
    """Return the synthetic record that is encrypted; its keychains lie beside it."""
    return sample_logs / f"{STEM}_v14.txt"


@pytest.fixture(scope="session")
def three_logs(
    tmp_path_factory: pytest.TempPathFactory, whole: Path, damaged: Path, sealed: Path
) -> Path:
    """Return a folder of the three synthetic records, keychains and a text; never written."""
    folder = tmp_path_factory.mktemp("three logs")
    keys = sealed.with_name(sealed.name + ".keychains.json")
    for path in (whole, damaged, sealed, keys, whole.with_name("README.md")):
        shutil.copyfile(path, folder / path.name)
    return folder
