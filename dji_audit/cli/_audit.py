"""``dji-audit audit``."""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import typer

import parsers
from dji_audit.cli._key_store import store_of
from dji_audit.cli._terminal import (
    INTERRUPTED,
    check_zone,
    columns,
    fail,
    paths_from,
    plain,
    say,
    tell,
    time_of_run,
    width_of_terminal,
)
from dji_audit.compliance.case import NOTHING, Brief
from dji_audit.compliance.findings import Severity
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.compliance.tabular import CaseError
from dji_audit.fleet.inputs import LINK, ZONE_FILE
from dji_audit.fleet.output import INDEX, OutputError
from dji_audit.fleet.run import NO_EVIDENCE, Options, Run, run
from dji_audit.report.documents import flights_csv
from dji_audit.report.rows import Plain
from dji_audit.report.verdict import NOT_READ


def audit_command(
    paths: Sequence[Path],
    out: Path | None,
    keys: Sequence[Path],
    policy: str,
    jobs: int,
    fail_on: str,
    allow_partial: bool,
    format_: str,
    timeout_s: float,
    zone: str,
    now: str | None,
    key_store: str | None = None,
    brief: Brief = NOTHING,
    camera_zone: str | None = None,
) -> int:
    """Audit, write, print; return the exit code."""
    store = store_of(key_store)
    try:
        options = Options(
            policy=load_policy(policy),
            keychains=tuple(keychains(keys)),
            out=out,
            jobs=jobs or os.cpu_count() or 1,
            timeout_s=timeout_s,
            fail_on=Severity(fail_on),
            allow_partial=allow_partial,
            generated=time_of_run(now),
            zone=check_zone(zone),
            key_store=store.folder if store is not None else None,
            brief=brief,
            camera_zone=check_zone(camera_zone) if camera_zone else None,
        )
        whole = run(paths_from(paths), options, _progress if sys.stderr.isatty() else None)
    except (PolicyError, CaseError, OutputError, parsers.EncryptedLogError) as error:
        raise fail(str(error)) from error
    except OSError as error:
        # Files that cannot be read are results; what is left is the output.
        raise fail(f"cannot write: {error}") from error
    except KeyboardInterrupt:
        say("dji-audit: interrupted")
        return INTERRUPTED
    _tell_unread(whole)
    if format_ == "json":
        tell(whole.report)
    elif format_ == "csv":
        tell(flights_csv(whole.contents.flights))
    elif whole.contents.flights:
        typer.echo(flight_table(whole.contents.flights, ZoneInfo(options.zone)))
        typer.echo(f"\n{rule_table(whole.contents.results)}")
    verdict = whole.verdict
    say(f"\nVERDICT  {plain(verdict.line)}. Exit {verdict.exit_code}.")
    if whole.yardstick.as_of is not None:
        say(f"Rules    as of {whole.yardstick.as_of}, not of each flight's own day")
    if out is not None:
        say(f"Open     {out / INDEX}")
    return verdict.exit_code


def keychains(keys: Sequence[Path]) -> list[Path]:
    """Return the keychains files named, those of a folder included, each checked.

    Raises:
        typer.Exit: If one cannot be opened.
        parsers.EncryptedLogError: If one is not keychains.
    """
    files: list[Path] = []
    for path in keys:
        files += sorted(path.glob("*.json")) if path.is_dir() else [path]
    for path in files:
        try:
            parsers.load_keychains(path.read_bytes())
        except OSError as error:
            raise fail(f"{path}: {(error.strerror or str(error)).lower()}") from error
        except parsers.EncryptedLogError as error:
            raise parsers.EncryptedLogError(f"{path}: {error}") from error
    return files


def flight_table(flights: Sequence[Plain], zone: ZoneInfo) -> str:
    """Return one line for each flight."""
    head = (
        "FLIGHT", f"START ({zone.key})", "AIRCRAFT", "TIME", "HEIGHT", "AWAY", "VIDEO", "PHOTOS",
        "FINDINGS", "NOT CHECKED", "TOLD BY",
    )  # fmt: skip
    rows = [head]
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
    return columns(rows, right=frozenset({3, 4, 5, 6, 7, 9}), width=width_of_terminal())


#: Outcomes that the table of rules counts, and how it calls them.
_COUNTED = {
    "fail": "FAIL",
    "fail_authorised": "AUTHORISED",
    "not_assessable": "NOT ASSESSABLE",
    "pass": "PASS",
}


def rule_table(results: Sequence[Plain]) -> str:
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
    rows = [("RULE", "STATUS", *_COUNTED.values())]
    rows += [
        (plain(rule), status.replace("_", " "), *(str(found[it] or "-") for it in _COUNTED))
        for (rule, status), found in sorted(
            shown.items(), key=lambda item: (-item[1]["fail"], -item[1]["fail_authorised"])
        )
    ]
    others = len(counts) - len(shown)
    rest = f"{others} further rule{'s' * (others != 1)} passed or did not apply."
    return columns(rows, right=frozenset({2, 3, 4, 5})) + (f"\n{rest}" if others else "")


def _unchecked(flight: Plain) -> str:
    """Return how many of the rules that concern a flight could not be assessed on it."""
    concern = sum(flight[outcome] for outcome in _COUNTED)
    return f"{flight['not_assessable']} of {concern}"


def _files(flight: Plain) -> str:
    """Return the file that gives a flight's path, and how many more tell of it."""
    more = f"  +{flight['files'] - 1}" if flight["files"] > 1 else ""
    return plain(flight["file"]) + more


def _tell_unread(whole: Run) -> None:
    """Print a line for each file that could not be read or was read in part."""
    for row in whole.contents.files:
        if row.status in (*NOT_READ, "partial", "copy"):
            say(f"{row.status:8} {plain(row.name)}: {plain(row.reason)}")
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
        say(f"other    {links} link{'s' * (links > 1)}, not followed")
    if told := network_line(whole.contents.network):
        say(f"network  {told}")
    opened = sum(row.keychain is not None for row in whole.contents.files)
    if opened:
        say(f"keys     {opened} encrypted log{'s' * (opened > 1)} opened with a keychain each")


def network_line(watched: Sequence[Plain]) -> str:
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


def _progress(done: int, total: int, name: str) -> None:
    """Show progress on one line of the terminal."""
    line = f"{done}/{total} {plain(name)}"[:78]
    sys.stderr.write("\r" + line.ljust(79) + ("\r" + " " * 79 + "\r" if done == total else ""))
    sys.stderr.flush()


def _local(start: str | None, zone: ZoneInfo) -> str:
    if start is None:
        return "?"
    time = pd.Timestamp(start).tz_convert(zone)
    return f"{time:%Y-%m-%d %H:%M} {time.tzname()}"


def _minutes(seconds: float | None) -> str:
    return "-" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _metres(metres: float | None) -> str:
    # A little below zero is zero: "-0" tells nobody anything.
    return "-" if metres is None else f"{round(metres)} m"
