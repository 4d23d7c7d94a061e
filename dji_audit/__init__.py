"""Audit drone flight logs: what was flown, recorded, crossed and contacted, from the logs alone.

``audit("week47").findings`` is a table; ``read_flights("week47")`` are the flights;
``in_view("week47", 54.6412, -2.2275)`` says when a place was in view.
Everything is loaded when it is first used, so that importing this is light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dji_audit.api import Audit, ContextFiles, audit, in_view, read_flights

__all__ = ["Audit", "ContextFiles", "audit", "in_view", "read_flights"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("dji_audit.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
