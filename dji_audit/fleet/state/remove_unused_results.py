"""What a state keeps does not grow for ever: results that no run uses any more are removed."""

from collections.abc import Iterable

from dji_audit.fleet.state.run_ledger import RunLedger
from dji_audit.fleet.store import ResultStore


def remove_and_count_unused_results(
    store: ResultStore, ledger: RunLedger, used: Iterable[tuple[str, str]]
) -> int:
    """Remove the results that none of the last runs over the same paths used; return how many.

    A run that is removed from the ledger, or a file that is gone, takes its results with it; those
    of another policy stay for some runs, so that one may go to and fro between two.

    Args:
        store: The results.
        ledger: Its last run is the one that just finished.
        used: Stage and key of each result that it used.

    Raises:
        OutputError: If the ledger cannot be written.
    """
    outdated = ledger.forget_and_return_outdated_results(used, store.stages_and_keys())
    for stage, key in outdated:
        store.remove(stage, key)
    store.remove_unfinished_files()
    return len(outdated)
