"""Logs on their way from the worker that read them to those that need them.

A log is put down without its records, which are decoded when asked for and can be read
again; tables and header are what joining, rules and pages need.  The folder is private
to the user, lies among temporary files and never in evidence, and is removed at the end
of the run; that of a run which was killed, by the next.
"""

import pickle
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import parsers
from dji_audit.compliance.context import Case
from dji_audit.fleet.output import OutputError
from dji_audit.fleet.stale_runs import held, remove_left

#: Logs that a worker keeps at hand: those of one flight are often asked for again.
_KEPT = 8
_CASE = "case"
_PREFIX = "dji-audit-"


@contextmanager
def open_spool(evidence: Iterable[Path]) -> Iterator[Path]:
    """Yield a private folder for the length of a run.

    Args:
        evidence: What the user pointed at, in which nothing is ever written.

    Raises:
        OutputError: If temporary files would lie in the evidence, or nowhere at all.
    """
    try:
        # Private to the user: nobody else may read it, or write what is loaded from it.
        place = Path(mkdtemp(prefix=_PREFIX)).resolve()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise OutputError(f"no temporary files: {why}") from error
    try:
        for path in evidence:
            if path.is_dir() and place.is_relative_to(path.resolve()):
                raise OutputError(
                    f"temporary files would lie inside {path}: nothing is written into evidence; "
                    "set TMPDIR to another folder"
                )
        remove_left(place.parent, _PREFIX)
        with held(place):
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def put_down(folder: Path, place: int, log: parsers.Log) -> None:
    """Write a log, without its records, for other workers."""
    with _file(folder, place).open("wb") as stream:
        pickle.dump(replace(log, _records={}), stream, protocol=pickle.HIGHEST_PROTOCOL)


def put_down_case(folder: Path, case: Case) -> None:
    """Write what the unit brings, once for all workers: it may be large."""
    if case.elevation is not None:
        case = replace(case, elevation=case.elevation.put_down(folder))
    with (folder / _CASE).open("wb") as stream:
        pickle.dump(case, stream, protocol=pickle.HIGHEST_PROTOCOL)


def take_up_case(folder: Path) -> Case:
    """Return what the unit brings."""
    found = _loaded(folder / _CASE)
    if not isinstance(found, Case):
        raise TypeError("no case was put down")
    return found


@lru_cache(maxsize=_KEPT)
def take_up(folder: Path, place: int) -> parsers.Log:
    """Return a log that was put down in this run."""
    found = _loaded(_file(folder, place))
    if not isinstance(found, parsers.Log):
        raise TypeError(f"no log was put down as {place}")
    return found


def logs_of(folder: Path, places: Iterable[int]) -> Mapping[int, parsers.Log]:
    """Return some logs by their place among all that were read."""
    return {place: take_up(folder, place) for place in places}


def _loaded(path: Path) -> object:
    with path.open("rb") as stream:
        # Only what this run wrote, in a folder that nobody else may write to.
        found: object = pickle.load(stream)  # noqa: S301
    return found


def _file(folder: Path, place: int) -> Path:
    return folder / f"{place:08}"
