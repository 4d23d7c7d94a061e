"""A run with its progress shown, as the commands that audit share it."""

from collections.abc import Callable
from typing import TypeVar

from dji_audit.cli._options import RunCommandOptions
from dji_audit.cli._progress import show_progress_of_run
from dji_audit.cli._terminal import print_to_stderr
from dji_audit.cli.scan._scan import scan_summary_sentence
from dji_audit.ingest.dry_run_scan import EvidenceDryRun

ResultT = TypeVar("ResultT")
OnDone = Callable[[int, int, str], None]
OnScan = Callable[[EvidenceDryRun], None]


def call_with_run_progress(
    call: Callable[[OnDone | None, OnScan | None], ResultT], options: RunCommandOptions, jobs: int
) -> ResultT:
    """Return what a call returns, while its progress is shown as a user wants it.

    Args:
        call: Takes what to call after each file and flight, and once with what there is; ``None``:
            nobody wants to see it.
        options: What the user wants to see.
        jobs: Workers of the run, for how long it will take.
    """
    with show_progress_of_run(options.progress, is_quiet=options.quiet) as meter:
        if meter is None:
            return call(None, None)
        is_for_people = options.progress == "auto"

        def note_scan(scan: EvidenceDryRun) -> None:
            meter.note_scanned_sizes(scan)
            if is_for_people:
                print_to_stderr(scan_summary_sentence(scan, jobs))

        return call(meter.note_items_done, note_scan)
