"""Compliance rules.

Every public module of this package is one rule.  To add a rule, add a module
that defines ``RULE`` and list it in a policy pack; nothing else changes.
"""

import importlib
import pkgutil
from functools import cache

from dji_audit.compliance.rules._example import Example, tell
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    apply_example,
    day_of,
)

__all__ = [
    "Example",
    "Inputs",
    "Parameters",
    "Rule",
    "Verdict",
    "apply_example",
    "day_of",
    "rules",
    "tell",
]


@cache
def rules() -> dict[str, Rule]:
    """Return every rule by its id: the ``RULE`` of each public module of this package."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name[0] != "_")
    found = [importlib.import_module(f"{__name__}.{name}").RULE for name in names]
    return {rule.id: rule for rule in found}
