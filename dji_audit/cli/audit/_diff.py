"""``dji-audit diff``: two audits of the same flights compared."""

from pathlib import Path

import typer

from dji_audit.cli._terminal import print_error_and_return_exit, print_to_stderr, print_to_stdout
from dji_audit.cli._text_table import format_table
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.report.compare_reports import (
    DifferencesOfTwoReports,
    RuleResultChange,
    UnreadableReportError,
    compare_reports,
    read_report,
)


def diff_command(before: Path, after: Path, format_: str) -> int:
    """Print what differs between two reports and why; return the exit code."""
    try:
        difference = compare_reports(read_report(before), read_report(after))
    except UnreadableReportError as error:
        raise print_error_and_return_exit(str(error)) from error
    if format_ == "json":
        print_to_stdout(difference.to_json_text())
    else:
        _print_difference(difference)
    return ExitCode.DONE if difference.is_empty else ExitCode.NEEDS_LOOK


def _print_difference(difference: DifferencesOfTwoReports) -> None:
    for text in difference.runs:
        typer.echo(f"Run:     {terminal_safe_text(text)}")
    for name, flights in (("first", difference.only_before), ("second", difference.only_after)):
        for flight in flights:
            typer.echo(f"Flight:  {terminal_safe_text(flight)} is in the {name} report only")
    if difference.changes:
        rows: list[tuple[str, ...]] = [("FLIGHT", "RULE", "FIRST", "SECOND", "WHY")]
        rows += [_result_change_row(change) for change in difference.changes]
        typer.echo(f"\n{format_table(rows)}")
        for change in difference.changes:
            for sign, summaries in (("-", change.gone), ("+", change.new)):
                for text in summaries:
                    typer.echo(
                        f"{sign} {change.flight} {terminal_safe_text(change.rule)}: "
                        f"{terminal_safe_text(text)}"
                    )
    changed_flights = {change.flight for change in difference.changes}
    print_to_stderr(
        f"\n{len(difference.changes)} results differ, in {len(changed_flights)} of "
        f"{difference.common} flights that "
        "are in both."
        if difference.changes
        else f"\nThe same results for the {difference.common} flights that are in both."
    )


def _result_change_row(change: RuleResultChange) -> tuple[str, ...]:
    return (
        change.flight,
        terminal_safe_text(change.rule),
        change.before or "-",
        change.after or "-",
        terminal_safe_text("; ".join(change.why)),
    )
