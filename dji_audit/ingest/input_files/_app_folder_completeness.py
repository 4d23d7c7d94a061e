"""Folders where apps keep their logs: which files come from one, and what is missing there.

The table of folders is ``dji_audit/data/app_folders.csv``; each row has its source.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise

import parsers
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.shipped_tables import shipped_table_rows
from dji_audit.ingest.input_files._model import InputFile
from dji_audit.report.rows import MissingInAppLogFolderRow

#: Runs of missing numbers that are written out; more are counted.
_MOST_RUNS = 5
#: Last parts of a path that are looked at: an app keeps its logs no deeper below its folder.
_MOST_PARTS = 16
#: Names of missing files that are written out.
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class AppLogFolderPattern:
    """One row of the table."""

    app: str
    system: str
    #: Parts of the path, in small letters; a part may hold ``*``.
    parts: tuple[str, ...]
    #: Patterns of the names of logs there, in small letters; empty: not known.
    logs: tuple[str, ...]
    #: Where the number of a log stands in its name; ``None``: they have none.
    number: re.Pattern[str] | None

    @property
    def title(self) -> str:
        """The app and its system, as "DJI Fly on Android"."""
        return self.app if self.system == "any" else f"{self.app} on {self.system}"


@dataclass(frozen=True, slots=True)
class AppOfEachInputAndMissingFileRemarks:
    """Folders of apps among the inputs."""

    #: Name of an input -> the app from whose folder it comes.
    apps: Mapping[str, str]
    remarks: tuple[MissingInAppLogFolderRow, ...]


@cache
def load_app_log_folder_patterns() -> tuple[AppLogFolderPattern, ...]:
    """Return the table, the most exact rows first."""
    rows = [
        AppLogFolderPattern(
            row["app"],
            row["system"],
            tuple(row["folder"].lower().split("/")),
            tuple(row["logs"].lower().split(";")) if row["logs"] else (),
            re.compile(row["numbers"], re.IGNORECASE) if row["numbers"] else None,
        )
        for row in shipped_table_rows("app_folders.csv")
    ]
    return tuple(sorted(rows, key=lambda row: ("*" in "/".join(row.parts), -len(row.parts))))


def app_folder_completeness(
    inputs: Iterable[InputFile], folders: Iterable[str], missing: Iterable[str]
) -> AppOfEachInputAndMissingFileRemarks:
    """Return which inputs come from the folder of an app, and what such folders lack.

    Args:
        inputs: All inputs.
        folders: Names of folders, on the disk and in containers, also of empty ones.
        missing: Names that a backup lists and does not hold.
    """
    matched: dict[str, tuple[AppLogFolderPattern, str] | None] = {}

    def match(folder: str) -> tuple[AppLogFolderPattern, str] | None:
        if folder not in matched:
            matched[folder] = _folder_pattern_and_app_folder_path(folder)
        return matched[folder]

    apps: dict[str, str] = {}
    held: dict[str, list[str]] = defaultdict(list)
    for item in inputs:
        folder, base = _split_folder_and_base_name(item.name)
        if (found := match(folder)) is not None:
            apps[item.name] = found[0].title
            held[found[1]].append(base)
    rows: dict[str, AppLogFolderPattern] = {}
    for folder in [*folders, *held]:
        if (found := match(folder.rstrip("/"))) is not None:
            rows.setdefault(found[1], found[0])
    lost: dict[str, list[str]] = defaultdict(list)
    for name in missing:
        folder, base = _split_folder_and_base_name(name)
        if (found := match(folder)) is not None and _is_log_of_app(found[0], base):
            rows.setdefault(found[1], found[0])
            lost[found[1]].append(base)
    remarks = [
        MissingInAppLogFolderRow(folder, row.title, text)
        for folder, row in sorted(rows.items())
        for text in _sentences_on_what_app_folder_lacks(row, held[folder], lost[folder])
    ]
    return AppOfEachInputAndMissingFileRemarks(apps, tuple(remarks))


def _split_folder_and_base_name(name: str) -> tuple[str, str]:
    folder, _, base = name.rpartition("/")
    return folder, base


def _folder_pattern_and_app_folder_path(folder: str) -> tuple[AppLogFolderPattern, str] | None:
    """Return the row of the table that a folder lies in, and the name of the app's folder."""
    shown = folder.split("/")
    # The parts of a path in a container follow those of the container.
    parts = folder.lower().replace(parsers.MEMBER_SEPARATOR, "/").split("/")
    first = max(0, len(parts) - _MOST_PARTS)
    for row in load_app_log_folder_patterns():
        for start in range(len(parts) - len(row.parts), first - 1, -1):
            end = start + len(row.parts)
            if all(map(fnmatchcase, parts[start:end], row.parts)):
                return row, "/".join(shown[:end])
    return None


def _is_log_of_app(row: AppLogFolderPattern, base: str) -> bool:
    return any(fnmatchcase(base.lower(), pattern) for pattern in row.logs)


def _sentences_on_what_app_folder_lacks(
    row: AppLogFolderPattern, held: Sequence[str], lost: Sequence[str]
) -> Iterable[str]:
    """Yield what the folder of an app says by what is not there."""
    logs = [base for base in held if _is_log_of_app(row, base)]
    if row.logs and not logs:
        what = f"{len(held):,} other files" if held else "nothing"
        yield f"no log is there: it holds {what}"
    if row.number is not None and (gaps := _missing_log_numbers_text(row.number, logs)):
        yield gaps
    if lost:
        names = ", ".join(sorted(lost)[:_MOST_NAMES]) + (", …" if len(lost) > _MOST_NAMES else "")
        verb = "is" if len(lost) == 1 else "are"
        count = pluralised_count(len(lost), "log")
        yield f"{count} that the backup lists {verb} not in it ({names})"


def _missing_log_numbers_text(number: re.Pattern[str], logs: Iterable[str]) -> str:
    """Return which numbers between the first and the last log are missing; empty: none."""
    found = (number.search(base) for base in logs)
    numbers = sorted({int(match[1]) for match in found if match is not None})
    runs = [(before + 1, after - 1) for before, after in pairwise(numbers) if after - before > 1]
    if not runs:
        return ""
    shown = ", ".join(
        str(first) if first == last else f"{first} to {last}" for first, last in runs[:_MOST_RUNS]
    )
    more = (
        f" and {pluralised_count(len(runs) - _MOST_RUNS, 'further run')}"
        if len(runs) > _MOST_RUNS
        else ""
    )
    missing = sum(last - first + 1 for first, last in runs)
    return (
        f"{pluralised_count(missing, 'log')} missing by number between {numbers[0]} and "
        f"{numbers[-1]}: {shown}{more}"
    )
