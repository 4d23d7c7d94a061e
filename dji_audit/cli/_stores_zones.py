"""Where zone files are kept that audits use without being told."""

from pathlib import Path

from dji_audit.cli._data_folder import folder_named

FOLDER = "zones"


def zone_folder(name: str | None) -> Path | None:
    """Return the folder named, or the user's; ``None``: none is looked into.

    Raises:
        typer.Exit: If the one named is no folder.
    """
    return folder_named(name, FOLDER, "zone store")


def kept_zones(name: str | None) -> tuple[Path, ...]:
    """Return the zone files that are kept, in order of their names."""
    folder = zone_folder(name)
    if folder is None or not folder.is_dir():
        return ()
    return tuple(
        path for path in sorted(folder.iterdir()) if path.is_file() and path.name[0] != "."
    )
