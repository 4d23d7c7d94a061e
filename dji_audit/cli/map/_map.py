"""``dji-audit map``: pages of flights without the report, and when a place was in view."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from dji_audit.cli._options import MapOptions
from dji_audit.cli._terminal import (
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
)
from dji_audit.cli.audit._audit_with_progress import audit_with_progress
from dji_audit.cli.audit._print_all_tables import print_files_not_read_whole
from dji_audit.cli.audit._run_options_from_cli import run_options_from_cli
from dji_audit.cli.evidence._read_logs import warn_of_unused_clocks
from dji_audit.cli.map._print_when_place_was_in_camera_view import (
    parse_position,
    print_times_in_view,
)
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.fleet.pages_to_draw_setting import PagesToDraw
from dji_audit.fleet.run import FinishedRun, RunOptions
from dji_audit.report.file_status import FileStatus
from dji_audit.report.run_verdict import INCOMPLETE_STATUSES


def map_command(paths: Sequence[Path], options: MapOptions) -> int:
    """Write the page of a flight or the index of several, print when a place was in view.

    Returns:
        The exit code.
    """
    if options.out is None and options.place is None:
        raise print_error_and_return_exit(
            "name the HTML file to write with --out, or a place with --place"
        )
    target = None if options.place is None else parse_position(options.place)
    given = paths_with_those_listed_on_stdin(paths)
    for path in given:
        if not path.exists():
            raise print_error_and_return_exit(f"{path}: no such file or directory")

    def chosen_options() -> RunOptions:
        chosen = run_options_from_cli(
            options, None, plots=options.plot or (), pages=PagesToDraw.ALL
        )
        # One file is read and drawn here: no other process has to be started for it.
        is_one_file = len(given) == 1 and not given[0].is_dir() and not options.jobs
        if options.out is None:
            # Nothing is said of rules where only a place is asked for.
            chosen = replace(chosen, policy=replace(chosen.policy, rules={}))
        return replace(
            chosen,
            map_file=options.out,
            place=target,
            jobs=0 if is_one_file else chosen.jobs,
        )

    finished = audit_with_progress(given, options, chosen_options)
    if finished is None:
        return ExitCode.INTERRUPTED
    contents = finished.contents
    if not contents.flights and (options.out is not None or not finished.in_view):
        raise _explain_no_flights_and_return_exit(finished)
    print_files_not_read_whole(finished)
    warn_of_unused_clocks(contents.clocks)
    if options.out is not None:
        typer.echo(terminal_safe_text(options.out))
    if target is not None:
        print_times_in_view(list(finished.in_view), options.format)
    is_incomplete = any(
        row.status in INCOMPLETE_STATUSES or row.is_left_out_evidence for row in contents.files
    )
    return ExitCode.INCOMPLETE if is_incomplete and not options.allow_partial else ExitCode.DONE


def _explain_no_flights_and_return_exit(finished: FinishedRun) -> typer.Exit:
    """Say why there is nothing to show, in one line where that is one file; return the exit."""
    files, clocks = finished.contents.files, finished.contents.clocks
    if len(files) == 1 and (why := files[0].why_not_read):
        unopened = files[0].status == FileStatus.UNOPENED
        exit_ = print_error_and_return_exit(
            f"{files[0].name}: {why}", ExitCode.USAGE_OR_IO if unopened else ExitCode.NOTHING
        )
        warn_of_unused_clocks(clocks)
        return exit_
    print_files_not_read_whole(finished)
    warn_of_unused_clocks(clocks)
    is_log = any(row.format for row in files)
    return print_error_and_return_exit(
        f"no {'flight' if is_log else 'log'} was found", ExitCode.NOTHING
    )
