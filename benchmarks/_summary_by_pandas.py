"""The figures of the summary of a fleet a second time, by pandas and without its SQL.

Where a table follows from another one, or a column from rows, the figure is counted from the rows:
outcomes from those of the rules, aircraft and recorded networks from flights and coverage, declared
flights that a log contradicts from their times.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pandas as pd

from dji_audit.fleet.tables.column_description import ColumnType, TableDescription
from dji_audit.fleet.tables.open_database import database_path
from dji_audit.fleet.tables.schema import FLEET_TABLES

_READ = frozenset({"flights", "findings", "contacts", "coverage", "files", "rules", "results"})
_DECIDED = ("pass", "fail", "fail_acknowledged", "fail_authorised")
_BROKEN = ("fail", "fail_acknowledged", "fail_authorised")

Tables = Mapping[str, pd.DataFrame]


def tables_of_database(state: Path) -> Tables:
    """Return the tables that the figures are counted from, read whole, with times as times."""
    with closing(
        sqlite3.connect(f"{database_path(state).resolve().as_uri()}?mode=ro", uri=True)
    ) as (connection):
        return {
            table.name: _typed(
                table,
                pd.read_sql_query(f'SELECT * FROM "{table.name}"', connection),  # noqa: S608 - names of the schema
            )
            for table in FLEET_TABLES
            if table.name in _READ
        }


def _typed(table: TableDescription, frame: pd.DataFrame) -> pd.DataFrame:
    for column in table.columns:
        if column.type is ColumnType.TIME:
            frame[column.name] = pd.to_datetime(frame[column.name], format="ISO8601", utc=True)
        elif column.type is ColumnType.FLAG:
            frame[column.name] = frame[column.name].astype(bool)
    return frame


def summary_figures_by_pandas(tables: Tables) -> dict[str, object]:
    """Return every figure of the summary by its name."""
    flights, contacts = tables["flights"], tables["contacts"]
    real = flights[~flights["simulated"]]
    logged = real[real["entry"] == "log"]
    open_findings = tables["findings"][tables["findings"]["outcome"] == "fail"]
    from_devices = contacts[~contacts["is_local"] & contacts["flight"].notna()]
    from_devices = from_devices[from_devices["contacted_by"] == "device"]
    coverage = tables["coverage"].set_index("flight")["share"]
    return {
        "flights": len(logged),
        "flights declared": int((flights["entry"] == "declared").sum()),
        "flights declared, contradicted": _contradicted_count(flights),
        "flights simulated": int(flights["simulated"].sum()),
        "first flight": _instant_text(real["start"].min()),
        "last flight": _instant_text(real["start"].max()),
        "flights without UTC": int(logged["start"].isna().sum()),
        "aircraft": int(real["serial"].nunique()),
        "flights without a serial number": int(logged["serial"].isna().sum()),
        "time in the air": round(float(logged["duration_s"].sum()) / 3600, 2),
        "flights without a duration": int(logged["duration_s"].isna().sum()),
        "video": _hours(logged["video_s"]),
        "thermal video": _hours(logged["thermal_s"]),
        "sound": _hours(logged["audio_s"]),
        "flights without captures known": int(logged["videos"].isna().sum()),
        "flights with a recorded network": int((logged["flight"].map(coverage) > 0).sum()),
        "contacts of no flight": int((contacts["flight"].isna() & ~contacts["is_local"]).sum()),
        "contacts against Local Data Mode": _contacts_against_local_data_mode(tables),
        "missing logs": int(open_findings["rule"].isin(_rules(tables, "missing_log")).sum()),
        **_figures_of_outcomes(tables["results"], logged["flight"]),
        **_counts("verdict: {}", flights.loc[flights["entry"] == "log", "verdict"]),
        **_counts("findings, {}", open_findings["severity"]),
        **_counts("contacts, {}", from_devices["claim"]),
        **_counts("files, {}", tables["files"]["status"]),
    }


def _hours(seconds: "pd.Series[float]") -> float | None:
    return round(float(seconds.sum()) / 3600, 2) if seconds.notna().any() else None


def _instant_text(value: pd.Timestamp) -> str | None:
    if pd.isna(value):
        return None
    return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"


def _counts(name: str, values: "pd.Series[str]") -> dict[str, object]:
    words = {"needs_look": "needs a look"}
    return {
        name.format(words.get(str(value), str(value).replace("_", " "))): int(count)
        for value, count in values.value_counts().items()
    }


def _figures_of_outcomes(results: pd.DataFrame, logged: "pd.Series[str]") -> dict[str, object]:
    """Return what was checked, counted from the outcome of each rule on each flight."""
    own = results[results["flight"].isin(set(logged))]
    decided = own["outcome"].isin(_DECIDED)
    unchecked = own["outcome"] == "not_assessable"
    asked = int(decided.sum() + unchecked.sum())
    checked, left = set(own.loc[decided, "flight"]), set(own.loc[unchecked, "flight"])
    return {
        "rules checked": round(int(decided.sum()) / asked, 4) if asked else None,
        "flights checked in full": len(checked - left),
    }


def _rules(tables: Tables, applied: str) -> set[str]:
    rules = tables["rules"]
    return set(rules.loc[rules["applied_rule"] == applied, "rule"])


def _contacts_against_local_data_mode(tables: Tables) -> int:
    """Return of how many contacts the rule on that mode has a finding that breaks it."""
    findings, contacts = tables["findings"], tables["contacts"]
    rules = _rules(tables, "local_data_mode")
    broken = findings[findings["rule"].isin(rules) & findings["subject"].notna()]
    least = broken.groupby(["flight", "subject"])["outcome"].min()
    named = {key for key, outcome in least.items() if outcome in _BROKEN}
    own = contacts[(contacts["contacted_by"] == "device") & contacts["flight"].notna()]
    return sum(key in named for key in zip(own["flight"], own["host"], strict=True))


def _contradicted_count(flights: pd.DataFrame) -> int:
    """Return how many declared flights have an aircraft of which a log records that time."""
    logged = flights[(flights["entry"] == "log") & flights["serial"].notna()].assign(
        begins=lambda it: it["takeoff"].fillna(it["start"]),
        ends=lambda it: it["landing"].fillna(it["start"]),
    )
    declared = flights[flights["entry"] == "declared"]
    pairs = declared.merge(logged, on="serial", suffixes=("", "_logged"))
    overlap = (pairs["begins"] < pairs["landing"]) & (pairs["ends"] > pairs["takeoff"])
    return int(pairs.loc[overlap, "flight"].nunique())
