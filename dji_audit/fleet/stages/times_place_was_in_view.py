"""When a place was in view: of each flight, and of each photo and video that is in none."""

from collections.abc import Iterator
from dataclasses import dataclass

from dji_audit.camera_view import camera_poses
from dji_audit.compliance.camera_poses_with_declared_cameras import declared_cameras_of_flight
from dji_audit.fleet.audit_flight_in_worker import WorkerSettings
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.read_file_in_worker import file_index_of_log
from dji_audit.fleet.result_keys import LogWithResultKey
from dji_audit.fleet.stages.audit_flights import FlightsAudited
from dji_audit.fleet.stages.read_files import FilesRead
from dji_audit.fleet.temporary_files_for_workers import (
    load_saved_audit_context,
    load_saved_logs_by_index,
)
from dji_audit.fleet.worker_pool import ItemFailure, WorkAndFailureFunctions, WorkerPool
from dji_audit.flights import (
    PointSightingsInFlight,
    UnjoinedMediaAsFlight,
    find_point_sightings_in_flight,
)


@dataclass(frozen=True, slots=True)
class LogWithoutFlight:
    """A log that is in no flight, and the name of its file."""

    log: LogWithResultKey
    file: str


def times_place_in_view_of_log_without_flight(
    item: LogWithoutFlight, settings: WorkerSettings
) -> PointSightingsInFlight | None:
    """Return when the place was in view in a log that is in no flight.

    Returns:
        ``None``: the log recorded nothing, or no place is asked for.
    """
    (log,) = load_saved_logs_by_index(settings.store, (item.log,)).values()
    if settings.place is None or not len(log.captures):
        return None
    context, media = load_saved_audit_context(settings.spool), UnjoinedMediaAsFlight(log)
    poses = camera_poses(media, context.elevation, declared_cameras_of_flight(media, context))
    return find_point_sightings_in_flight(None, media, poses, settings.place)


def _times_in_view_of_failed_item(
    item: LogWithoutFlight, failure: ItemFailure
) -> PointSightingsInFlight:
    return PointSightingsInFlight(None, item.file, (), failure.reason, "", "", "")


_POINT_IN_VIEW_OF_RECORDING = WorkAndFailureFunctions(
    times_place_in_view_of_log_without_flight, _times_in_view_of_failed_item
)


def times_place_was_in_view(
    read: FilesRead,
    audited: FlightsAudited,
    settings: WorkerSettings,
    pool: WorkerPool | DaskPool,
) -> Iterator[PointSightingsInFlight]:
    """Yield when the place that is asked for was in view, flights first.

    Args:
        read: What came of the files.
        audited: What came of the flights.
        settings: What a worker needs to know: the place among it.
        pool: The workers.
    """
    yield from audited.in_view
    in_flights: set[int] = set()
    for index, assembly, _ in audited.indexed_flights_with_clock_alignments():
        in_flights.update(assembly.log_indices)
        if failure := audited.failures.get(index):
            file = _file_name_of_log(read, assembly.log_indices[0])
            yield PointSightingsInFlight(audited.ids[index], file, (), failure, "", "", "")
    others = [
        LogWithoutFlight(read.log_with_result_key(index), _file_name_of_log(read, index))
        for index in sorted(set(read.kept_log_indices()) - in_flights)
    ]
    for found in pool.results_of_each(_POINT_IN_VIEW_OF_RECORDING, others, settings):
        if found is not None:
            yield found


def _file_name_of_log(read: FilesRead, index: int) -> str:
    return read.file_rows.rows_of_block(file_index_of_log(index))[0].name
