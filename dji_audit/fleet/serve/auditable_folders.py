"""The folders of this computer that may be audited: those named when the server was started."""

from collections.abc import Sequence
from pathlib import Path

from dji_audit.common.safe_text import whole_visible_text
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.state.state_folder import refuse_state_in_evidence

#: Folders below one that was named, of which each can be chosen alone.
_MAX_BELOW = 200


class AllowedEvidenceFolders:
    """Folders that the command line allowed, each by a name that no browser can widen."""

    def __init__(self, state: Path, evidence: Sequence[Path]) -> None:
        """Keep the folders that were named.

        Raises:
            OutputError: If one is no folder, or it and the state lie one in the other.
        """
        refuse_state_in_evidence(state, evidence)
        for folder in evidence:
            if not folder.is_dir():
                raise OutputError(f"{folder} is not a folder")
            if folder.resolve().is_relative_to(state.resolve()):
                raise OutputError(f"{folder} lies inside {state}: what a run wrote is not evidence")
        self._folders = tuple(folder.resolve() for folder in evidence)

    def display_texts_by_folder_name(self) -> dict[str, str]:
        """Return each folder that can be chosen, by its name: what a person reads.

        Those that were named have their whole path; each is followed by the folders in it.
        """
        return {
            name: whole_visible_text(path.name if "/" in name else path)
            for name, path in self._folders_by_name().items()
        }

    def folder_names_of_paths(self, paths: Sequence[str]) -> list[str]:
        """Return the names of folders by their paths, of those that can still be chosen."""
        wanted = set(paths)
        return [name for name, path in self._folders_by_name().items() if str(path) in wanted]

    def paths_of_folder_names(self, names: Sequence[str]) -> tuple[Path, ...] | None:
        """Return the folders of some names; ``None``: there is none of a name."""
        known = self._folders_by_name()
        chosen = set(names)
        if not chosen <= known.keys():
            return None
        # What lies in a folder that is chosen is audited with it.
        whole = {name for name in chosen if "/" not in name}
        return tuple(
            path
            for name, path in known.items()
            if name in chosen and (name in whole or name.partition("/")[0] not in whole)
        )

    def _folders_by_name(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for number, folder in enumerate(self._folders, 1):
            if not folder.is_dir():
                continue
            found[str(number)] = folder
            below = sorted(it for it in folder.iterdir() if not it.is_symlink() and it.is_dir())
            found |= {f"{number}/{it.name}": it for it in below[:_MAX_BELOW]}
        return found
