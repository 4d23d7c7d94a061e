"""``dji-audit export`` and ``dji-audit timeline``: flights as files for other programs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from dji_audit.cli._options import RunCommandOptions
from dji_audit.cli._terminal import (
    paths_with_those_listed_on_stdin,
    print_to_stderr,
)
from dji_audit.cli.audit._audit_with_progress import audit_with_progress
from dji_audit.cli.audit._print_all_tables import print_files_not_read_whole
from dji_audit.cli.audit._run_options_from_cli import run_options_from_cli
from dji_audit.cli.export._options import ExportOptions, TimelineOptions
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.exports import ExportTarget
from dji_audit.fleet.run import FinishedRun


def export_command(format_name: str, paths: Sequence[Path], options: ExportOptions) -> int:
    """Write flights in a format; return the exit code."""
    is_folder = _output_is_folder(options.out)
    target = ExportTarget(
        formats=(format_name,),
        path=options.out,
        is_folder=is_folder,
        each_flight=is_folder,
        flight=options.flight,
    )
    return _write_exports_and_return_exit_code(paths, options, target)


def timeline_command(paths: Sequence[Path], options: TimelineOptions) -> int:
    """Write a time line; return the exit code."""
    target = ExportTarget(
        formats=(f"timeline-{options.format}",),
        path=options.out,
        is_folder=options.out.is_dir(),
        flight=options.flight,
    )
    return _write_exports_and_return_exit_code(paths, options, target)


def _output_is_folder(path: Path) -> bool:
    """Return whether a path means a folder: one that is there, or a name without a suffix."""
    return path.is_dir() or (not path.suffix and not path.is_file())


def _write_exports_and_return_exit_code(
    paths: Sequence[Path], options: RunCommandOptions, target: ExportTarget
) -> int:
    finished = audit_and_print_files_not_read_whole(paths, options, target)
    if finished is None:
        return ExitCode.INTERRUPTED
    for path in finished.exports:
        typer.echo(terminal_safe_text(path))
    for line in _export_omission_lines(finished, target):
        print_to_stderr(line)
    code = finished.verdict.exit_code
    return code if code in (ExitCode.NOTHING, ExitCode.INCOMPLETE) else ExitCode.DONE


def audit_and_print_files_not_read_whole(
    paths: Sequence[Path], options: RunCommandOptions, target: ExportTarget | None
) -> FinishedRun | None:
    """Audit for documents, and say which files were not read; ``None``: it was interrupted.

    Raises:
        typer.Exit: If an option, a context file or the target cannot be used.
    """
    finished = audit_with_progress(
        paths_with_those_listed_on_stdin(paths),
        options,
        lambda: replace(run_options_from_cli(options, None), exports=target),
    )
    if finished is None:
        return None
    print_files_not_read_whole(finished)
    return finished


def _export_omission_lines(finished: FinishedRun, target: ExportTarget) -> list[str]:
    """Return what the exports do not hold, a line each."""
    flights = [
        flight for flight in finished.contents.flights if target.may_include_flight(flight.id)
    ]
    lines = []
    if not flights:
        lines.append("left out no flight was found, so that the files hold none")
    ids = {flight.id for flight in flights}
    if any(name.startswith("timeline-") for name in target.formats):
        untimed = [
            event
            for event in finished.contents.events
            if event.time is None and event.flight in ids
        ]
        if untimed:
            count = pluralised_count(len({event.flight for event in untimed}), "flight")
            lines.append(
                f"left out {pluralised_count(len(untimed), 'event')} of {count}: their logs state "
                "no UTC; declare their clocks with --clock"
            )
        return lines
    without = [
        flight.id
        for flight in flights
        if not flight.fixes or (flight.distance_m is None and flight.start_latitude_deg is None)
    ]
    if without:
        named = ", ".join(without[:10]) + (" …" if len(without) > 10 else "")
        lines.append(
            f"left out the tracks of {pluralised_count(len(without), 'flight')} without a "
            f"position: {named}"
        )
    return lines
