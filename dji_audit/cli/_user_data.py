"""The user's own data: key store, zone store and lists of endpoints."""

from collections.abc import Sequence
from pathlib import Path

import platformdirs

from dji_audit.cli._terminal import print_error_and_return_exit
from dji_audit.endpoints import Catalogue, CatalogueError, load_catalogue
from dji_audit.keys.keychain_store import FOLDER_NAME, KeychainFolder

#: What an option says where no store is to be used.
NO_STORE = "none"


def user_data_subfolder(kind: str) -> Path:
    """Return a folder of the user's data folder; it need not exist."""
    return platformdirs.user_data_path("dji-audit", appauthor=False) / kind


def named_or_user_data_folder(name: str | None, kind: str, label: str) -> Path | None:
    """Return the folder named, or the user's own; ``None``: use none.

    Args:
        name: The folder; ``none``: none; empty: the user's own.
        kind: The name of the user's own folder.
        label: What to call it in an error.

    Raises:
        typer.Exit: If the path named is not a folder.
    """
    if not name:
        return user_data_subfolder(kind)
    if name == NO_STORE:
        return None
    folder = Path(name)
    if not folder.is_dir():
        raise print_error_and_return_exit(f"{label} {name}: no such folder")
    return folder


def zone_store_folder(name: str | None) -> Path | None:
    """Return the zone store named, or the user's own; ``None``: use none.

    Raises:
        typer.Exit: If the path named is not a folder.
    """
    return named_or_user_data_folder(name, "zones", "zone store")


def stored_zone_files(name: str | None) -> tuple[Path, ...]:
    """Return the zone files in the store, in order of their names."""
    folder = zone_store_folder(name)
    if folder is None or not folder.is_dir():
        return ()
    return tuple(
        path for path in sorted(folder.iterdir()) if path.is_file() and path.name[0] != "."
    )


def key_store_in_user_data_folder() -> KeychainFolder:
    """Return the key store in the user's data folder."""
    return KeychainFolder(user_data_subfolder(FOLDER_NAME))


def open_key_store(name: str | None) -> KeychainFolder | None:
    """Return the key store named, or the user's own; ``None``: use none.

    Raises:
        typer.Exit: If the path named is not a folder.
    """
    folder = named_or_user_data_folder(name, FOLDER_NAME, "key store")
    if folder is None:
        return None
    # A case folder has its keychains in a folder below it.
    keychains_folder = folder / FOLDER_NAME
    return KeychainFolder(keychains_folder if name and keychains_folder.is_dir() else folder)


def endpoint_list_folder() -> Path:
    """Return the folder in which ``endpoints import`` stores lists."""
    return user_data_subfolder("endpoints")


def endpoint_list_paths_from_names_or_exit(names: Sequence[str] | None) -> tuple[Path, ...]:
    """Return the file of each list named: a path, else a stored list of that name.

    Raises:
        typer.Exit: If there is neither.
    """
    return tuple(_endpoint_list_file_or_exit(name) for name in names or ())


def load_catalogue_with_endpoint_lists(names: Sequence[str] | None) -> Catalogue:
    """Return the catalogue, extended by the lists named.

    Raises:
        typer.Exit: If a list cannot be used.
    """
    try:
        return load_catalogue(endpoint_list_paths_from_names_or_exit(names))
    except CatalogueError as error:
        raise print_error_and_return_exit(str(error)) from error


def find_endpoint_list_path(name: str) -> Path | None:
    """Return the file of a list: a path, else a stored list of that name; ``None``: neither."""
    path = Path(name)
    if path.exists():
        return path
    stored = endpoint_list_folder() / f"{name}.csv"
    return stored if path.name == name and stored.is_file() else None


def _endpoint_list_file_or_exit(name: str) -> Path:
    path = find_endpoint_list_path(name)
    if path is not None:
        return path
    raise print_error_and_return_exit(
        f"endpoints {name}: no such file, and no stored list of that name"
    )
