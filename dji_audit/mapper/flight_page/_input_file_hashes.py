"""The files that a flight was audited from, by hash: what the page compares a file with."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import parsers
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.mapper.flight_page._timeline_rows import source_logs_of_timeline


def input_files_as_json_data(
    audit: FlightAudit, basis: AuditInputProvenance
) -> list[dict[str, object]]:
    """Return name, role, size and SHA-256 of each file, each hash once.

    The size is ``None`` where it is not known.  Of a log in a container the container is listed
    too, which is what lies on the disk.
    """
    files: dict[str, dict[str, object]] = {}
    for file in (
        *_log_file_rows_for_template(source_logs_of_timeline(audit)),
        *_context_file_rows(basis),
    ):
        files.setdefault(str(file["sha256"]), file)
    return list(files.values())


def input_file_count_text(files: Sequence[object]) -> str:
    """Return how many files a file is compared with, such as ``31 files of this audit``."""
    return f"{pluralised_count(len(files), 'file')} of this audit"


def _log_file_rows_for_template(logs: tuple[parsers.Log, ...]) -> Iterator[dict[str, object]]:
    for log in logs:
        source = log.source
        if source.container_sha256 is not None:
            outer = source.name.split(parsers.MEMBER_SEPARATOR)[0]
            yield _input_file_row_for_template(
                outer, "container of a source", None, source.container_sha256
            )
        role = "source" if source.member is None else "source, in a container"
        yield _input_file_row_for_template(source.name, role, source.size, source.sha256)


def _context_file_rows(basis: AuditInputProvenance) -> Iterator[dict[str, object]]:
    for file in basis.context_files:
        yield _input_file_row_for_template(
            file.name, f"supplied by the unit: {file.kind}", None, file.sha256
        )
    for pack in (*basis.packs, *basis.endpoint_overlays):
        yield _input_file_row_for_template(
            pack.name, f"part of the basis, version {pack.version}", None, pack.sha256
        )


def _input_file_row_for_template(
    name: str, role: str, size: int | None, sha256: str
) -> dict[str, object]:
    return {
        "name": truncated_visible_text(name),
        "base": truncated_visible_text(PurePosixPath(name).name),
        "role": truncated_visible_text(role),
        "size": size,
        "sha256": sha256,
    }
