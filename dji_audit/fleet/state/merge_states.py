"""The states of several machines in one: every result that any of them has, and all their runs.

A result is kept under the hash of everything that it depends on, so that two states never disagree
about one: merging the same states again, or in another order, changes nothing.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.state.state_folder import open_state_folder, open_state_folder_for_reading


@dataclass(frozen=True, slots=True)
class StateMergeSummary:
    """What one merge did."""

    #: Results that the target had not, and had already.
    added_results: int
    known_results: int
    #: Results that were damaged where they lay; the run that needs them finds them out again.
    damaged_results: int
    added_runs: int


def merge_states(sources: Sequence[Path], target: Path) -> StateMergeSummary:
    """Add the results and the runs of some states to another, which is made if it is not there.

    Everything is on the disk when this returns, so that the sources may be removed.

    Raises:
        OutputError: If a source is no state, is being written by a run, or cannot be read, or if
            the target cannot be written.
    """
    with ExitStack() as held:
        into = held.enter_context(open_state_folder(target))
        added = known = damaged = runs = 0
        for source in sources:
            if source.resolve() == target.resolve():
                raise OutputError(f"{source} cannot be merged into itself")
            its = held.enter_context(open_state_folder_for_reading(source))
            try:
                for stage, key in its.store.stages_and_keys():
                    if into.store.holds_intact_result(stage, key):
                        known += 1
                    elif into.store.copy_result_if_whole(its.store, stage, key):
                        added += 1
                    else:
                        damaged += 1
            except OSError as error:
                raise OutputError(f"{source}: {os_error_reason(error)}") from error
            runs += into.ledger.merge_other_ledger_and_count_added_runs(its.ledger)
    return StateMergeSummary(added, known, damaged, runs)
