"""The files that are not audited: copies, context files, what could not be opened."""

from collections.abc import Callable, Iterator, Mapping

from dji_audit.fleet.report_rows_of_files import (
    duplicate_file_row,
    left_out_file_rows,
    row_of_file_supplied_by_unit,
)
from dji_audit.fleet.stages.container_rows import (
    keychains_file_row,
    row_with_container,
    rows_of_containers_and_skipped_members,
)
from dji_audit.ingest import IngestSettings, InputFilesAndKeychains
from dji_audit.ingest.input_files import LINK_NOT_FOLLOWED
from dji_audit.report.file_status import FileStatus
from dji_audit.report.rows import FileRow


def unaudited_file_rows(
    files: InputFilesAndKeychains,
    settings: IngestSettings,
    context_inputs: Mapping[str, str],
    row_of_read_file: Callable[[str], FileRow | None],
) -> Iterator[FileRow]:
    """Yield a row for each file that is not audited.

    Args:
        files: What was found.
        settings: How files are found and opened.
        context_inputs: Names of inputs that are context files and no evidence, each with its kind.
        row_of_read_file: Returns the row of a file that was read, by its name.
    """
    discovered, copies = files.discovered, files.originals_by_duplicate_name
    for item in discovered.inputs:
        if item.name in context_inputs:
            yield row_of_file_supplied_by_unit(item.path, item.name, context_inputs[item.name])
        elif item.name in copies:
            original = copies[item.name].name
            yield row_with_container(
                duplicate_file_row(item, original, row_of_read_file(original)), item
            )
    yield from rows_of_containers_and_skipped_members(discovered.containers)
    yield from left_out_file_rows(discovered.left_out, settings)
    for path in discovered.unreadable:
        is_link = path.reason == LINK_NOT_FOLLOWED
        status = FileStatus.OTHER if is_link else FileStatus.UNOPENED
        yield FileRow(path.name, status, path.reason, quarantine=path.cause)
    beside = [path for path in files.keychains if path not in settings.keychains]
    yield from map(keychains_file_row, beside)
    for path in files.rejected_keychains:
        yield FileRow(
            path.name, FileStatus.UNREAD, path.reason, path.size, path.sha256, kind="keychains"
        )
