"""Whether typst, which sets PDF, is installed: it comes with the extra ``report``."""

from importlib.util import find_spec

#: Why there is no PDF where it is not.
TYPST_IS_MISSING = 'PDF needs typst, which is not installed: pip install "dji-audit[report]"'


def is_typst_installed() -> bool:
    """Return whether PDF can be set."""
    return find_spec("typst") is not None
