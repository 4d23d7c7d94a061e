"""Where zone files are kept that audits use without being told."""

from pathlib import Path

import platformdirs

from dji_audit.cli._terminal import fail

FOLDER = "zones"


def zone_folder(name: str | None) -> Path | None:
    """Return the folder named, or the user's; ``None``: none is looked into.

    Raises:
        typer.Exit: If the one named is no folder.
    """
    if not name:
        return platformdirs.user_data_path("dji-audit", appauthor=False) / FOLDER
    if name == "none":
        return None
    folder = Path(name)
    if not folder.is_dir():
        raise fail(f"zone store {name}: no such folder")
    return folder


def kept_zones(name: str | None) -> tuple[Path, ...]:
    """Return the zone files that are kept, in order of their names."""
    folder = zone_folder(name)
    if folder is None or not folder.is_dir():
        return ()
    return tuple(
        path for path in sorted(folder.iterdir()) if path.is_file() and path.name[0] != "."
    )
