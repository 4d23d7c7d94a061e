"""How much of a log was read, in words that never claim all of it without proof."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import parsers
from dji_audit.common.plain_english import pluralised_count


@dataclass(frozen=True, slots=True)
class ByteCoverageSummary:
    """How the bytes of a log were accounted for."""

    #: Kind of `parsers.COVERAGE` -> bytes, in its order; empty: bytes are not accounted for.
    sizes: dict[str, int]
    #: Per cent of bytes whose purpose is known; ``None``: bytes are not accounted for.
    accounted_pct: float | None
    #: Sentences for the banner; empty if the whole log was read.
    warnings: tuple[str, ...]


def byte_coverage_of_log(log: parsers.Log) -> ByteCoverageSummary:
    """Return how the bytes of a log were accounted for."""
    sizes = dict(log.coverage_sizes)
    lost = sizes.get("gap", 0) or sum(issue.size for issue in log.issues)
    warnings = []
    if log.encrypted:
        hidden = sizes.get("encrypted")
        amount = pluralised_count(hidden, "byte") if hidden else "part of it"
        warnings.append(
            f"This log is encrypted and no key was given: {amount} could not be read. "
            "Only the unencrypted part is shown."
        )
    if lost:
        holes = sum(1 for issue in log.issues if issue.size)
        places = f" in {pluralised_count(holes, 'place')}" if holes else ""
        size, verb = pluralised_count(lost, "byte"), "was" if lost == 1 else "were"
        warnings.append(f"Only part of this log could be read: {size}{places} {verb} not.")
    elif log.is_truncated:
        warnings.append("The file is cut short: the end of the flight may be missing.")
    accounted = 100 * (1 - sizes.get("gap", 0) / log.source.size) if sizes else None
    return ByteCoverageSummary(sizes, accounted if log.source.size else None, tuple(warnings))


def byte_coverage_of_each_log(logs: Sequence[parsers.Log]) -> tuple[ByteCoverageSummary, ...]:
    """Return how the bytes of each log were accounted for; with several, warnings name theirs."""
    coverages = [byte_coverage_of_log(log) for log in logs]
    if len(logs) == 1:
        return tuple(coverages)
    return tuple(
        replace(one, warnings=tuple(f"{log.source.name}: {text}" for text in one.warnings))
        for log, one in zip(logs, coverages, strict=True)
    )


def coverage_percent_text(share: float | None) -> str:
    """Return a percentage that says 100 only when it is all.

    >>> percent(99.996)
    '99.9'
    """
    if share is None:
        return "not stated"
    return "100" if share >= 100 else f"{min(share, 99.9):.1f}" if share >= 0.05 else "under 0.1"
