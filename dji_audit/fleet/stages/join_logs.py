"""The second stage: a worker joins the logs to flights, from what reading left of them on disk.

Joining needs the start, the track and the numbers of every log at a time.  They are in the memory
of the worker and go with it; back come the flights, on disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from sys import intern
from typing import Any

from dji_audit import mapper
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.read_file_in_worker import run_wide_log_index
from dji_audit.fleet.rows_on_disk import (
    RowFile,
    RowsOnDisk,
    encode_rows,
    load_named_rows_and_text_from_file,
    save_named_rows_in_file,
    write_rows_to_disk,
)
from dji_audit.fleet.stages.page_order import PageOrder, page_order
from dji_audit.fleet.stages.read_files import RowBlocksByFile
from dji_audit.fleet.stages.track_comparisons_of_last_run import (
    load_track_comparisons,
    save_track_comparisons,
)
from dji_audit.fleet.worker_pool import (
    ItemFailure,
    WorkAndFailureFunctions,
    WorkerPool,
    WorkerPoolError,
)
from dji_audit.flights import (
    AssembledFlight,
    LogPartInFlight,
    LogSummary,
    TemporaryFileOfTracks,
    TrackComparisons,
    join_logs,
)

#: File in the spool: the flights that were joined.
_FLIGHTS_FILE = "joined-flights"
_ASSEMBLIES, _UNJOINED, _NEIGHBOURS, _LINKS = "assemblies", "unjoined", "neighbours", "links"


@dataclass(frozen=True, slots=True)
class JoinedFlightsOnDisk:
    """The flights that logs were joined to, on disk."""

    #: Which parts of which logs each flight is made of: a block for each.
    assemblies: RowsOnDisk[AssembledFlight]
    #: The parts of logs that are in no flight.
    unjoined: RowsOnDisk[LogPartInFlight]
    #: The pages before and after that of each flight: a block for each, in the same order.
    neighbours: RowsOnDisk[mapper.NeighbourPages]


@dataclass(frozen=True, slots=True)
class _FlightPageLink:
    """A flight by its id, and the link to its page."""

    flight: str
    link: mapper.PageLink


@dataclass(frozen=True, slots=True)
class _LogsToJoin:
    """What is known of every log, and the spool to which the flights go."""

    summaries: RowBlocksByFile
    spool: Path
    #: What the last run compared is there; ``None``: nothing is kept.
    state: Path | None
    #: Whether each flight lists those near it in time.  Only a network log needs them, and a flight
    #: that lists others is audited again where one of these is new.
    lists_flights_near_in_time: bool


def join_logs_in_worker(
    summaries: RowBlocksByFile,
    spool: Path,
    state: Path | None,
    pool: WorkerPool | DaskPool,
    camera_timezone: str | None,
    *,
    has_network_logs: bool,
) -> JoinedFlightsOnDisk:
    """Join the logs to flights.

    Args:
        summaries: Of every part of every log, by its file.
        spool: The folder of temporary files.
        state: The folder that keeps what came of comparing tracks; ``None``: nothing is kept.
        pool: The workers.
        camera_timezone: IANA time zone of local clocks of unknown zone, if the user declares it.
        has_network_logs: Whether there are network logs, whose contacts may be of several flights.

    Raises:
        OutputError: If temporary files cannot be written.
        WorkerPoolError: If the worker cannot join them.
    """
    logs = _LogsToJoin(summaries, spool, state, has_network_logs)
    for failure in pool.results_of_each(_JOIN_LOGS, [logs], camera_timezone):
        if failure:
            raise WorkerPoolError(f"the logs could not be joined to flights: {failure}")
    rows, _ = load_named_rows_and_text_from_file(
        spool / _FLIGHTS_FILE, (_ASSEMBLIES, _UNJOINED, _NEIGHBOURS)
    )
    return JoinedFlightsOnDisk(rows[_ASSEMBLIES], rows[_UNJOINED], rows[_NEIGHBOURS])


def load_page_order(spool: Path) -> PageOrder:
    """Return the order of the pages of the flights that the logs of a run were joined to.

    Raises:
        OutputError: If it is not there.
    """
    rows, _ = load_named_rows_and_text_from_file(spool / _FLIGHTS_FILE, (_LINKS,))
    links: RowsOnDisk[_FlightPageLink] = rows[_LINKS]
    return PageOrder([(it.flight, it.link) for it in links])


def join_saved_logs_or_return_reason(logs: _LogsToJoin, camera_timezone: str | None) -> str:
    """Join the logs whose summaries lie on disk, and leave the flights in the spool.

    Returns:
        Why it is not possible; empty: it is done.
    """
    comparisons = TrackComparisons() if logs.state is None else load_track_comparisons(logs.state)
    tracks = TemporaryFileOfTracks(comparisons)
    summaries = sorted(
        (
            _move_fixes_of_summary_to_disk(file_index, it, tracks)
            for file_index, summaries in logs.summaries.rows_with_file_index()
            for it in summaries
            if isinstance(it, LogSummary)
        ),
        key=lambda it: (it.log_index, it.segment_number),
    )
    joining = join_logs(summaries, camera_timezone)
    assemblies = joining.assemblies
    if not logs.lists_flights_near_in_time:
        assemblies = tuple(replace(it, flights_near_in_time=()) for it in assemblies)
    order = page_order(assemblies, summaries)
    found: dict[str, Sequence[Any]] = {
        _ASSEMBLIES: _store_each_row_in_own_block(assemblies),
        _UNJOINED: joining.unjoined,
        _NEIGHBOURS: _store_each_row_in_own_block([order.neighbours(it.id) for it in assemblies]),
        _LINKS: write_rows_to_disk(
            [_FlightPageLink(flight, order.link(flight)) for flight in order]
        ),
    }
    try:
        save_named_rows_in_file(logs.spool / _FLIGHTS_FILE, found)
        if logs.state is not None:
            save_track_comparisons(logs.state, comparisons)
    except OutputError as error:
        return str(error)
    return ""


def _joining_failure_text(_: _LogsToJoin, failure: ItemFailure) -> str:
    return failure.reason


_JOIN_LOGS = WorkAndFailureFunctions(
    join_saved_logs_or_return_reason, _joining_failure_text, has_deadline=False
)


def _store_each_row_in_own_block(rows: Sequence[object]) -> RowsOnDisk[Any]:
    stored: RowsOnDisk[Any] = RowsOnDisk(RowFile())
    for row in rows:
        stored.add_block(encode_rows((row,)))
    return stored


def _move_fixes_of_summary_to_disk(
    file_index: int, summary: LogSummary, tracks: TemporaryFileOfTracks
) -> LogSummary:
    """Return a summary whose fixes are on disk and whose words are those of all others.

    Its log gets the index that it has in the run.
    """
    return replace(
        summary,
        log_index=run_wide_log_index(file_index, summary.log_index),
        track=tracks.store(summary.track),
        format=intern(summary.format),
        clock_kind=intern(summary.clock_kind),
        clock_source=None if summary.clock_source is None else intern(summary.clock_source),
        serials=frozenset(map(intern, summary.serials)),
    )
