"""Which endpoints of a user's own a command uses: files, or lists kept under a name."""

from collections.abc import Sequence
from pathlib import Path

from dji_audit.cli._data_folder import user_folder
from dji_audit.cli._terminal import fail
from dji_audit.endpoints import Catalogue, CatalogueError, load_catalogue


def kept_lists() -> Path:
    """Return the folder in which ``endpoints import`` keeps lists."""
    return user_folder("endpoints")


def overlay_files(given: Sequence[str] | None) -> tuple[Path, ...]:
    """Return the file for each list that was named: a path, else one that is kept.

    Raises:
        typer.Exit: If there is neither.
    """
    return tuple(_file(name) for name in given or ())


def catalogue_with(given: Sequence[str] | None) -> Catalogue:
    """Return the catalogue with the lists that were named over it.

    Raises:
        typer.Exit: If one cannot be used.
    """
    try:
        return load_catalogue(overlay_files(given))
    except CatalogueError as error:
        raise fail(str(error)) from error


def _file(name: str) -> Path:
    path = Path(name)
    if path.exists():
        return path
    kept = kept_lists() / f"{name}.csv"
    if path.name == name and kept.is_file():
        return kept
    raise fail(f"endpoints {name}: no such file, and no list of that name is kept")
