"""What a run came to, on the terminal: first what was not read, then flights, then rules."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pandas as pd
import typer

from dji_audit.cli._table import Column, fit, width_of_output
from dji_audit.cli._terminal import links_line, plain, say
from dji_audit.fleet.inputs import LINK, ZONE_FILE
from dji_audit.fleet.run import NO_EVIDENCE, Run
from dji_audit.report.rows import Plain
from dji_audit.report.verdict import NOT_READ

#: How many files of one kind are named on the terminal.
_LINES = 30


def tell_of_files(whole: Run) -> None:
    """Print a line for each file that could not be read or was read in part, before all else."""
    for status in (*NOT_READ, "partial", "copy"):
        rows = [row for row in whole.contents.files if row.status == status]
        for row in rows[:_LINES]:
            say(f"{status:8} {plain(row.name)}: {plain(row.reason)}")
        if len(rows) > _LINES:
            say(f"{status:8} … and {len(rows) - _LINES} more, each named in report.json")
    others = sum(
        row.status == "other" and row.reason not in NO_EVIDENCE for row in whole.contents.files
    )
    links = sum(row.reason == LINK for row in whole.contents.files)
    zones = sum(row.reason.startswith(ZONE_FILE) for row in whole.contents.files)
    others -= links + zones
    if zones:
        say(
            f"other    {zones} zone file{'s' * (zones > 1)} among the logs; flights are held "
            "against those that --zones names"
        )
    if others:
        say(f"other    {others} file{'s' * (others > 1)} of no log format, left alone")
    if links:
        say(links_line(links))
    if told := _network_line(whole.contents.network):
        say(f"network  {told}")
    opened = sum(row.keychain is not None for row in whole.contents.files)
    if opened:
        say(f"keys     {opened} encrypted log{'s' * (opened > 1)} opened with a keychain each")


def _network_line(watched: Sequence[Plain]) -> str:
    """Return how the windows of flights were watched, in a line; empty: no log of a network."""
    logs = {log["sha256"] for row in watched for log in row["logs"]}
    if not logs:
        return ""
    # Never rounded up: what is not the whole may not look like it.
    shares = sorted(int(row["share"] * 1000) / 10 for row in watched)
    span = f"{shares[0]:g} %" + (f" to {shares[-1]:g} %" if shares[0] < shares[-1] else "")
    enough = sum(not row["lacking"] for row in watched)
    return (
        f"{len(logs)} network log{'s' * (len(logs) != 1)} watched {span} of the windows of "
        f"flights; silence means something in {enough} of {len(watched)}"
    )


def print_tables(whole: Run, zone: ZoneInfo) -> None:
    """Print the flights of a run, and the rules that failed or could not be assessed."""
    width = width_of_output()
    if whole.contents.flights:
        typer.echo(flight_table(whole.contents.flights, zone, width))
        typer.echo(f"\n{rule_table(whole.contents.results, width)}")


#: The columns of the table of flights; the times, heights and counts also stand in the index.
_FLIGHT = (
    Column("FLIGHT"),
    Column("START ({zone})", spare=1),
    Column("AIRCRAFT", least=9, spare=3),
    Column("TIME", right=True, spare=4),
    Column("HEIGHT", right=True, spare=5),
    Column("AWAY", right=True, spare=6),
    Column("VIDEO", right=True, spare=7),
    Column("PHOTOS", right=True, spare=8),
    Column("FINDINGS"),
    Column("NOT CHECKED", right=True),
    Column("TOLD BY", least=20, spare=2),
)


def flight_table(flights: Sequence[Plain], zone: ZoneInfo, width: int) -> str:
    """Return one line for each flight, no wider than asked, and what was left out for that."""
    rows = []
    for flight in flights:
        worst = flight["worst"]
        found = f"{flight['findings']} ({worst})" if worst else "-"
        rows.append(
            (
                flight["id"],
                _local(flight["start"], zone),
                plain(flight["aircraft"] or "?"),
                _minutes(flight["duration_s"]),
                _metres(flight["max_height_ato_m"]),
                _metres(flight["max_home_distance_m"]),
                "?" if flight["video_s"] is None else _minutes(flight["video_s"] or None),
                "?" if flight["photos"] is None else str(flight["photos"]),
                f"{found}, encrypted" if flight["encrypted"] else found,
                _unchecked(flight),
                _files(flight),
            )
        )
    head = [replace(column, head=column.head.format(zone=zone.key)) for column in _FLIGHT]
    text, left_out = fit(head, rows, width)
    if left_out:
        text += f"\nNo room for {', '.join(left_out)}: --format csv has them."
    return text


#: Outcomes that the table of rules counts, and how it calls them.
_COUNTED = {
    "fail": "FAIL",
    "fail_authorised": "AUTHORISED",
    "not_assessable": "NOT ASSESSABLE",
    "pass": "PASS",
}


#: What stands for "unverified" where there is no room for the word.
_UNVERIFIED, _MARK = " (unverified)", " *"


def rule_table(results: Sequence[Plain], width: int) -> str:
    """Return one line for each rule that failed or could not be assessed, with its status.

    Whether it is law or guidance stands beside it, so that guidance never reads as an offence.
    """
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in results:
        counts.setdefault((row["rule"], row["status"]), Counter())[row["outcome"]] += 1
    shown = {
        rule: found
        for rule, found in counts.items()
        if any(found[outcome] for outcome in ("fail", "fail_authorised", "not_assessable"))
    }
    rows = [
        (plain(rule), status.replace("_", " "), *(str(found[it] or "-") for it in _COUNTED))
        for (rule, status), found in sorted(
            shown.items(), key=lambda item: (-item[1]["fail"], -item[1]["fail_authorised"])
        )
    ]
    head = (
        Column("RULE"),
        Column("STATUS"),
        *(Column(name, right=True, spare=outcome == "pass") for outcome, name in _COUNTED.items()),
    )
    text, left_out = fit(head, rows, width)
    if left_out and any(row[1].endswith(_UNVERIFIED) for row in rows):
        marked = [(row[0], row[1].replace(_UNVERIFIED, _MARK), *row[2:]) for row in rows]
        text = fit(head, marked, width)[0] + "\n* unverified: not held against its instrument."
    others = len(counts) - len(shown)
    rest = f"{others} further rule{'s' * (others != 1)} passed or did not apply."
    return text + (f"\n{rest}" if others else "")


def _unchecked(flight: Plain) -> str:
    """Return how many of the rules that concern a flight could not be assessed on it."""
    concern = sum(flight[outcome] for outcome in _COUNTED)
    return f"{flight['not_assessable']} of {concern}"


def _files(flight: Plain) -> str:
    """Return the file that gives a flight's path, and how many more tell of it."""
    more = f"  +{flight['files'] - 1}" if flight["files"] > 1 else ""
    return plain(flight["file"]) + more


def _local(start: str | None, zone: ZoneInfo) -> str:
    if start is None:
        return "?"
    time = pd.Timestamp(start).tz_convert(zone)
    return f"{time:%Y-%m-%d %H:%M} {time.tzname()}"


def _minutes(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _metres(metres: float | None) -> str:
    # A little below zero is zero: "-0" tells nobody anything.
    return "-" if metres is None else f"{round(metres)} m"
