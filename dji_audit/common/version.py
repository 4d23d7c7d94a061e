"""The version of dji-audit, as its metadata state it."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def tool_version() -> str:
    """Return the version; ``0+unknown`` where the package is not installed."""
    try:
        return version("dji-audit")
    except PackageNotFoundError:
        return "0+unknown"
