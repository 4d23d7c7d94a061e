"""Which store of keychains a command looks into."""

from pathlib import Path

import platformdirs

from dji_audit.cli._terminal import fail
from dji_audit.keys.store import FOLDER, Store


def user_store() -> Store:
    """Return the store in the user's data folder."""
    return Store(platformdirs.user_data_path("dji-audit", appauthor=False) / FOLDER)


def store_of(name: str | None) -> Store | None:
    """Return the store named, or the user's; ``None``: none is looked into.

    Raises:
        typer.Exit: If the one named is no folder.
    """
    if not name:
        return user_store()
    if name == "none":
        return None
    folder = Path(name)
    if not folder.is_dir():
        raise fail(f"key store {name}: no such folder")
    inside = folder / FOLDER
    return Store(inside if inside.is_dir() else folder)
