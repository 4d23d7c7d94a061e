"""Where a command keeps and finds what belongs to the user: the folder named, or their own."""

from pathlib import Path

import platformdirs

from dji_audit.cli._terminal import fail


def user_folder(of: str) -> Path:
    """Return the folder of a kind of things in the user's data folder; it need not be there."""
    return platformdirs.user_data_path("dji-audit", appauthor=False) / of


def folder_named(name: str | None, of: str, what: str) -> Path | None:
    """Return the folder named, or the user's; ``None``: none is looked into.

    Args:
        name: The folder; ``none``: none; empty: the user's.
        of: What the user's folder is called.
        what: What to call it in an error.

    Raises:
        typer.Exit: If the one named is no folder.
    """
    if not name:
        return user_folder(of)
    if name == "none":
        return None
    folder = Path(name)
    if not folder.is_dir():
        raise fail(f"{what} {name}: no such folder")
    return folder
