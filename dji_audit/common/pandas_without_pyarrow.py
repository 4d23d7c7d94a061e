"""What keeps the processes of this program small: each of them loads pandas.

This loads nothing that is not there already, so that it can be the first thing that a process does.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_PANDAS, _PYARROW = "pandas", "pyarrow"


def prevent_pandas_loading_pyarrow() -> None:
    """See to it that pandas does not load pyarrow, wherever this process loads pandas later.

    pandas loads it where it is installed: 35 MB of a process, for texts and files that pandas
    handles without it too.  Who needs pyarrow itself imports it as ever.  This is for processes
    that run this program alone; as a library it leaves pandas as it is.
    """
    if _PANDAS not in sys.modules and not any(
        isinstance(it, _PyarrowHiddenFromPandas) for it in sys.meta_path
    ):
        sys.meta_path.insert(0, _PyarrowHiddenFromPandas())


class _PyarrowHiddenFromPandas(MetaPathFinder):
    """Finds no pyarrow as long as pandas is being imported, and says nothing of anything else."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return nothing: others look for the module.

        Raises:
            ModuleNotFoundError: If pandas asks for pyarrow.
        """
        if name == _PYARROW and _is_being_imported(_PANDAS):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def _is_being_imported(name: str) -> bool:
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))
