"""The versions of dji-audit and of the packages that it uses, as their metadata state them."""

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version

_PACKAGE_NAME = re.compile(r"[A-Za-z0-9._-]+")


@cache
def tool_version() -> str:
    """Return the version; ``0+unknown`` where the package is not installed."""
    try:
        return version("dji-audit")
    except PackageNotFoundError:
        return "0+unknown"


def versions_of_required_packages() -> dict[str, str]:
    """Return the packages that it requires, in small letters and in order, with their versions.

    Those of extras only where they are installed.
    """
    try:
        required = requires("dji-audit") or []
    except PackageNotFoundError:
        required = []
    packages = {}
    for line in required:
        found = _PACKAGE_NAME.match(line)
        if found is None:
            continue
        try:
            packages[found[0].lower()] = version(found[0])
        except PackageNotFoundError:
            continue
    return dict(sorted(packages.items()))
