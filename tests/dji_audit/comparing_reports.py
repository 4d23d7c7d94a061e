"""The same evidence in a folder and in containers: what must be the same, apart from names."""

import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dji_audit.fleet.run import FinishedRun

#: Keys that say how a file lies, not what it holds.
_OF_THE_CONTAINER = {"container_sha256", "stored_as"}


def files_below(folder: Path) -> list[Path]:
    """Return the files of a folder, in order of their names."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def zip_folder(folder: Path, path: Path) -> Path:
    """Write a folder as a ZIP archive and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files_below(folder):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


def tar_folder(folder: Path, path: Path) -> Path:
    """Write a folder as a compressed TAR archive and return its path."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(folder, arcname=".")
    return path


def in_each_packing(folder: Path, out: Path) -> Iterator[tuple[Path, str]]:
    """Yield a folder packed as ZIP, as TAR, and as TAR in a ZIP, with what names begin with."""
    yield zip_folder(folder, out / "X.zip"), "X.zip!/"
    tar = tar_folder(folder, out / "X.tar.gz")
    yield tar, "X.tar.gz!/"
    with zipfile.ZipFile(out / "nested.zip", "w") as archive:
        archive.write(tar, "in/X.tar.gz")
    yield out / "nested.zip", "nested.zip!/in/X.tar.gz!/"


def without_names(run: FinishedRun, prefix: str) -> dict[str, Any]:
    """Return a report without containers, and without what stands before the names of members.

    Fingerprints of findings that are about a file change with its name, and a keychains file on the
    disk is listed without its folder.
    """
    report = json.loads(run.report_json_text)
    report["inputs"] = [
        row
        for row in report["inputs"]
        if row["status"] != "container" and row["kind"] != "keychains"
    ]
    report["verdict"]["files_by_status"].pop("container")
    for finding in report["findings"]:
        finding["fingerprint"] = None
    cleaned = _cleaned(report, prefix)
    assert isinstance(cleaned, dict)
    return cleaned


def _cleaned(value: Any, prefix: str) -> Any:
    if isinstance(value, dict):
        return {
            key: _cleaned(each, prefix)
            for key, each in value.items()
            if key not in _OF_THE_CONTAINER
        }
    if isinstance(value, list):
        return [_cleaned(each, prefix) for each in value]
    return value.replace(prefix, "") if isinstance(value, str) else value


def differences(first: Any, second: Any, place: str = "") -> Iterator[str]:
    """Yield where two reports differ."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted({*first, *second}):
            yield from differences(first.get(key), second.get(key), f"{place}/{key}")
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for index, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from differences(one, other, f"{place}[{index}]")
    elif first != second:
        yield f"{place}: {first!r} and {second!r}"
