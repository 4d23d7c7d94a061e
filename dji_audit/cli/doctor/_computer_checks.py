"""Checks of the computer: what is installed, where it may write, how exact its file times are."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from dji_audit.cli.doctor._doctor_finding import DoctorFinding
from dji_audit.common.os_errors import os_error_reason

#: Extra -> the package it needs, and what it gives.
EXTRAS = {
    "elevation": ("tifffile", "height of the ground from GeoTIFF; .hgt needs nothing"),
    "uk": ("convertbng", "British grid references by OSTN15, to the decimetre"),
    "excel": ("xlsxwriter", "workbooks: report --format xlsx"),
    "parquet": ("pyarrow", "tables: export geoparquet, Parquet files of a fleet"),
    "fleet": ("duckdb", "fleet sql by DuckDB; without it SQLite answers"),
    "report": ("typst", "PDF: audit --pdf, dossier and incident"),
    "cluster": ("distributed", "audit --engine dask: a cluster of your own"),
    "serve": ("starlette", "serve: the work in a browser of this computer"),
    "timestamp": ("rfc3161_client", "time stamps of dossiers"),
}
#: Bytes that should be free for temporary files: a large case needs about as much as its logs.
_MIN_FREE = 2 << 30
#: A time that no coarser clock can show, in nanoseconds.
_EXACT_TIME_NS = 1_700_000_001_123_456_789


def computer_check_findings(
    state: Path | None, evidence: Sequence[Path]
) -> Iterator[DoctorFinding]:
    """Yield what was found of this computer.

    Args:
        state: Folder where audits keep what they find out; ``None``: none is used.
        evidence: What the configuration says is audited; nothing is ever written there.
    """
    for extra, (module, gives) in EXTRAS.items():
        if find_spec(module) is not None:
            yield DoctorFinding("ok", f"extra {extra}", f"installed: {gives}")
        else:
            text = f'not installed: {gives}. pip install "dji-audit[{extra}]"'
            yield DoctorFinding("note", f"extra {extra}", text)
    yield DoctorFinding("ok", "chromium", "not needed: pages open in any browser")
    yield from _check_disk_space_and_file_times("temporary files", Path(tempfile.gettempdir()))
    if state is None:
        return
    for path in evidence:
        if path.is_dir() and state.resolve().is_relative_to(path.resolve()):
            text = f"{state} lies inside {path}: nothing is written into evidence"
            yield DoctorFinding("problem", "state", text)
            return
    yield from _check_state_folder(state)


def _check_state_folder(state: Path) -> Iterator[DoctorFinding]:
    if state.is_dir():
        yield from _check_disk_space_and_file_times("state", state)
        return
    parent = next((it for it in state.absolute().parents if it.exists()), Path("/"))
    if state.exists() or not os.access(parent, os.W_OK):
        yield DoctorFinding("problem", "state", f"{state} is not a folder and cannot be made")
    else:
        yield DoctorFinding("ok", "state", f"{state} will be made by the first audit")


def _check_disk_space_and_file_times(subject: str, folder: Path) -> Iterator[DoctorFinding]:
    try:
        free = shutil.disk_usage(folder).free
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".dji-audit-doctor-") as probe:
            os.utime(probe.fileno(), ns=(_EXACT_TIME_NS, _EXACT_TIME_NS))
            kept_ns = os.fstat(probe.fileno()).st_mtime_ns
    except OSError as error:
        text = f"{folder}: nothing can be written: {os_error_reason(error)}"
        yield DoctorFinding("problem", subject, text)
        return
    text = f"{folder}: can be written, {free / 1e9:,.1f} GB free"
    if free < _MIN_FREE:
        yield DoctorFinding("problem", subject, f"{text}: little for a large case")
    else:
        yield DoctorFinding("ok", subject, text)
    if abs(kept_ns - _EXACT_TIME_NS) > 1_000_000:
        seconds = abs(kept_ns - _EXACT_TIME_NS) / 1e9
        text = f"{folder}: times of files are kept to about {seconds:.1g} s only"
        yield DoctorFinding("note", f"file times of {subject}", text)
