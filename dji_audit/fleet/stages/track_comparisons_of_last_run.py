"""What came of comparing the tracks of logs in the last run: most of this run's are the same."""

from dataclasses import dataclass
from pathlib import Path

from dji_audit.fleet.result_keys import digest_of_program
from dji_audit.fleet.rows_on_disk import load_checked_rows_by_name, save_named_rows_in_file
from dji_audit.fleet.store import StoredValueError
from dji_audit.flights import TrackComparisons

#: Lies in the state from the end of one run to that of the next.
COMPARISONS_OF_LAST_RUN = "track-comparisons-of-last-run"
_RESULTS = "results"


@dataclass(frozen=True, slots=True)
class _SerialisedTrackComparisons:
    """The results of all comparisons, as ``TrackComparisons`` puts them into bytes."""

    data: bytes


def load_track_comparisons(state: Path) -> TrackComparisons:
    """Return what is known from the last run: nothing, if it was one of another program."""
    # Another program, or other packages, may compare in another way.
    rows = load_checked_rows_by_name(
        state / COMPARISONS_OF_LAST_RUN, (_RESULTS,), digest_of_program()
    )
    if rows is None:
        return TrackComparisons()
    try:
        (known,) = rows[_RESULTS]
        return TrackComparisons(known.data)
    except (StoredValueError, ValueError, AttributeError):
        return TrackComparisons()


def save_track_comparisons(state: Path, comparisons: TrackComparisons) -> None:
    """Keep those that this run made or asked for; what the run before left is replaced.

    Raises:
        OutputError: If they cannot be written.
    """
    kept = _SerialisedTrackComparisons(comparisons.used_results_as_bytes())
    save_named_rows_in_file(
        state / COMPARISONS_OF_LAST_RUN, {_RESULTS: (kept,)}, digest_of_program()
    )
