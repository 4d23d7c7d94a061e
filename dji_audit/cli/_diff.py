"""``dji-audit diff``: two audits of the same flights, held against each other."""

from pathlib import Path

import typer

from dji_audit.cli._table import columns
from dji_audit.cli._terminal import fail, plain, say, tell
from dji_audit.report.difference import Change, Difference, ReportError, compare, read_report

SAME, DIFFERENT = 0, 1


def diff_command(before: Path, after: Path, format_: str) -> int:
    """Print what differs between two reports and why; return the exit code."""
    try:
        found = compare(read_report(before), read_report(after))
    except ReportError as error:
        raise fail(str(error)) from error
    if format_ == "json":
        tell(found.document())
    else:
        _tell(found)
    return SAME if found.is_empty else DIFFERENT


def _tell(found: Difference) -> None:
    for text in found.runs:
        typer.echo(f"Run:     {plain(text)}")
    for name, flights in (("first", found.only_before), ("second", found.only_after)):
        for flight in flights:
            typer.echo(f"Flight:  {plain(flight)} is in the {name} report only")
    if found.changes:
        rows: list[tuple[str, ...]] = [("FLIGHT", "RULE", "FIRST", "SECOND", "WHY")]
        rows += [_row(change) for change in found.changes]
        typer.echo(f"\n{columns(rows)}")
        for change in found.changes:
            for sign, summaries in (("-", change.gone), ("+", change.new)):
                for text in summaries:
                    typer.echo(f"{sign} {change.flight} {plain(change.rule)}: {plain(text)}")
    touched = {change.flight for change in found.changes}
    say(
        f"\n{len(found.changes)} results differ, in {len(touched)} of {found.common} flights that "
        "are in both."
        if found.changes
        else f"\nThe same results for the {found.common} flights that are in both."
    )


def _row(change: Change) -> tuple[str, ...]:
    return (
        change.flight,
        plain(change.rule),
        change.before or "-",
        change.after or "-",
        plain("; ".join(change.why)),
    )
