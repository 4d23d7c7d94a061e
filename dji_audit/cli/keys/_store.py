"""Which store of keychains a command looks into."""

from dji_audit.cli._data_folder import folder_named, user_folder
from dji_audit.keys.store import FOLDER, Store


def user_store() -> Store:
    """Return the store in the user's data folder."""
    return Store(user_folder(FOLDER))


def store_of(name: str | None) -> Store | None:
    """Return the store named, or the user's; ``None``: none is looked into.

    Raises:
        typer.Exit: If the one named is no folder.
    """
    folder = folder_named(name, FOLDER, "key store")
    if folder is None:
        return None
    # A case folder has its keychains in a folder of their own.
    inside = folder / FOLDER
    return Store(inside if name and inside.is_dir() else folder)
