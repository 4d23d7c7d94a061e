"""By what a dossier was made: versions of the tool and its packages, hashes of its own data."""

import hashlib
import platform
from importlib.resources import files as resources
from importlib.resources.abc import Traversable

from dji_audit.common.tool_and_package_versions import tool_version, versions_of_required_packages
from dji_audit.dossier.manifest_model_and_reader import (
    PythonDependencyEntry,
    ToolDataFileEntry,
    ToolEntry,
)

#: Folders of the tool's data that decide nothing: synthetic logs, and schemas of documents.
_NO_BASIS = ("sample_logs", "schema")


def manifest_entry_of_tool() -> ToolEntry:
    """Return the tool with its packages, those of extras only where they are installed."""
    return ToolEntry(
        name="dji-audit",
        version=tool_version(),
        python=platform.python_version(),
        dependencies=tuple(
            PythonDependencyEntry(name=name, version=it)
            for name, it in versions_of_required_packages().items()
        ),
        data=tuple(_tool_data_file_entries(resources("dji_audit") / "data", "")),
    )


def _tool_data_file_entries(folder: Traversable, above: str) -> list[ToolDataFileEntry]:
    entries = []
    for item in sorted(folder.iterdir(), key=lambda each: each.name):
        name = f"{above}{item.name}"
        if item.is_dir():
            if item.name not in _NO_BASIS and not item.name.startswith("__"):
                entries += _tool_data_file_entries(item, f"{name}/")
        elif not item.name.endswith((".py", ".pyc")):
            sha256 = hashlib.sha256(item.read_bytes()).hexdigest()
            entries.append(ToolDataFileEntry(name=name, sha256=sha256))
    return entries
