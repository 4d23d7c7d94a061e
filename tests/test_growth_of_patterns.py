"""No input makes a regular expression cost more than in proportion to its length.

Every pattern of the packages is found, not listed: those that modules hold, wherever in their
values, and those that functions compile.  From the parts of each pattern texts are made that are
the worst for it: what leads to a repetition, its body again and again, and an end that fails.
Each text is searched as the code searches it, at a length and at four times that length.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import product
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import dji_audit
import parsers

AnyPattern = re.Pattern[str] | re.Pattern[bytes]

#: Lengths of a text, each four times the one before; a pattern that takes exponential time shows
#: at the first.
LENGTHS = (24, 96, 384, 1536, 6144)
#: Seconds a letter below which longer texts are not tried: the square would take a hundred times.
QUICK_S = 3e-7
#: Lengths for ``make slow``, each ten times the one before.
LONG_LENGTHS = (10_000, 100_000, 1_000_000, 10_000_000)
MOST_GROWTH_OF_LONG = 14.0
#: Seconds of one length after which the next, ten times as long, is not tried.
SLOW_ENOUGH_S = 2.0
#: Patterns that are only tried at one place, and are named where two are told apart.
TRIED_ONLY = {"parsers.network.proxy_log._NATIVE", "parsers.network.proxy_log._COMMON"}
#: Seconds below which a time is not looked at, and how many times a text of four times the length
#: may take: in proportion four times, with its square sixteen times.
LEAST_TIME_S, MOST_GROWTH = 0.02, 8.0
#: Repetitions of fewer are no attack: the pattern itself bounds them.
LEAST_REPEATS = 48


class FoundPattern(NamedTuple):
    """A pattern, where it is, and whether it is searched for or only tried at one place."""

    where: str
    pattern: AnyPattern
    is_searched: bool


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


MODULES = [module for package in (parsers, dji_audit) for module in modules_of(package)]
SOURCES = {module.__name__: inspect.getsource(module) for module in MODULES}


def patterns_in_value(value: Any, depth: int = 0) -> Iterator[AnyPattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 5 and isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from patterns_in_value(item, depth + 1)
    elif depth < 5 and isinstance(value, Mapping):
        for key, item in value.items():
            yield from patterns_in_value(key, depth + 1)
            yield from patterns_in_value(item, depth + 1)
    elif depth < 5 and is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from patterns_in_value(getattr(value, each.name, None), depth + 1)
    elif depth < 1 and inspect.isfunction(value):
        for cell in value.__closure__ or ():
            yield from patterns_in_value(cell.cell_contents, depth + 1)


_USE = re.compile(r"\b([A-Za-z_]\w*)(\.(?:match|fullmatch)\()?")
#: For each module how often each name stands in it, and how often it is only tried at one place.
USES = {
    name: (
        Counter(match[1] for match in _USE.finditer(source)),
        Counter(match[1] for match in _USE.finditer(source) if match[2]),
    )
    for name, source in SOURCES.items()
}


def is_searched_for(module: str, name: str) -> bool:
    """Return whether a pattern of a module may be used otherwise than tried at one place."""
    for user, (names, tried) in USES.items():
        if user != module and (name.startswith("_") or not names[name]):
            continue
        # Once it is defined or imported; every other time it should be tried.
        if names[name] - tried[name] > 1:
            return True
    return False


def patterns_of_modules() -> Iterator[FoundPattern]:
    for module in MODULES:
        for name, value in vars(module).items():
            if name.startswith("__") or inspect.ismodule(value) or inspect.isclass(value):
                continue
            where = f"{module.__name__}.{name}"
            searched = where not in TRIED_ONLY and (
                not isinstance(value, re.Pattern) or is_searched_for(module.__name__, name)
            )
            for number, pattern in enumerate(patterns_in_value(value)):
                yield FoundPattern(f"{where}[{number}]", pattern, searched)


def patterns_in_functions() -> Iterator[FoundPattern]:
    """Yield the patterns that are written where they are used."""
    for module, source in SOURCES.items():
        for call in ast.walk(ast.parse(source)):
            if not (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and isinstance(call.func.value, ast.Name)
                and call.func.value.id == "re"
                and call.args
                and isinstance(call.args[0], ast.Constant)
                and isinstance(call.args[0].value, str | bytes)
            ):
                continue
            if call.func.attr in ("escape", "compile"):
                continue
            searched = call.func.attr not in ("match", "fullmatch")
            pattern: AnyPattern = re.compile(call.args[0].value)
            yield FoundPattern(f"{module}:{call.lineno}", pattern, searched)


def all_patterns() -> dict[tuple[Any, ...], FoundPattern]:
    found: dict[tuple[Any, ...], FoundPattern] = {}
    for each in (*patterns_of_modules(), *patterns_in_functions()):
        key = each.pattern.pattern, each.pattern.flags, each.is_searched
        found.setdefault(key, each)
    return found


# Texts that are the worst for a pattern

_LETTERS = "a1 -_.:/=,;\"'@+%{[(<\t\n\\xZé\x00\x80"
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    sre.CATEGORY_DIGIT: str.isdigit,
    sre.CATEGORY_NOT_DIGIT: lambda letter: not letter.isdigit(),
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_NOT_SPACE: lambda letter: not letter.isspace(),
    sre.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
    sre.CATEGORY_NOT_WORD: lambda letter: not (letter.isalnum() or letter == "_"),
}


def letters_of_set(items: list[tuple[Any, Any]]) -> list[str]:
    """Return letters that a set of letters holds."""
    negated = items[0][0] is sre.NEGATE

    def holds(letter: str) -> bool:
        for kind, value in items:
            if kind is sre.LITERAL and ord(letter) == value:
                return True
            if kind is sre.RANGE and value[0] <= ord(letter) <= value[1]:
                return True
            if kind is sre.CATEGORY and _CATEGORIES[value](letter):
                return True
        return False

    wanted = [letter for letter in _LETTERS if holds(letter) != negated]
    literal = [chr(value) for kind, value in items if kind is sre.LITERAL]
    ranges = [chr(value[0]) for kind, value in items if kind is sre.RANGE]
    return wanted or ([*literal, *ranges] if not negated else ["~"])


def shortest(parsed: Any, choice: int = 0) -> str:
    """Return a short text that a parsed pattern matches, or nearly; ``choice`` varies it."""
    text = ""
    for kind, value in parsed:
        if kind is sre.LITERAL:
            text += chr(value)
        elif kind is sre.NOT_LITERAL:
            text += "a" if value != ord("a") else "b"
        elif kind is sre.ANY:
            text += "a -"[choice % 3]
        elif kind is sre.IN:
            letters = letters_of_set(value)
            text += letters[choice % len(letters)]
        elif kind is sre.BRANCH:
            text += shortest(value[1][choice % len(value[1])], choice)
        elif kind is sre.SUBPATTERN:
            text += shortest(value[3], choice)
        elif kind is sre.ATOMIC_GROUP:
            text += shortest(value, choice)
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            text += shortest(value[2], choice) * min(value[0], 64)
        elif kind is sre.ASSERT and value[0] < 0:
            text += shortest(value[1], choice)
    return text


def repetitions(parsed: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what leads to each repetition without a small bound, and its body."""
    for place, (kind, value) in enumerate(parsed):
        lead = before + shortest(parsed[:place])
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            if value[1] >= LEAST_REPEATS:
                yield lead, value[2]
            yield from repetitions(value[2], lead)
        elif kind is sre.SUBPATTERN:
            yield from repetitions(value[3], lead)
        elif kind is sre.ATOMIC_GROUP:
            yield from repetitions(value, lead)
        elif kind is sre.BRANCH:
            for branch in value[1]:
                yield from repetitions(branch, lead)
        elif kind in (sre.ASSERT, sre.ASSERT_NOT):
            yield from repetitions(value[1], lead)


def attacks(pattern: AnyPattern) -> Iterator[tuple[str, str, str]]:
    """Yield beginning, repeated part and end of texts that may be slow to search."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    parsed = sre_parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(source, bytes) else 0)
    ends = ("", "\n\x00!~")
    seen = set()
    for lead, body in repetitions(parsed):
        for choice in range(3):
            part = shortest(body, choice)
            if part:
                seen |= {(lead, part, end) for end in ends}
                seen |= {("", lead + part, end) for end in ends}
    for choice in range(3):
        whole = shortest(parsed, choice)
        seen |= {("", whole, ""), ("", whole[:-1], ""), ("", whole[: len(whole) // 2], "")}
    yield from sorted(each for each in seen if each[1])


def seconds_of(found: FoundPattern, text: str | bytes, most_runs: int = 2) -> float:
    """Return the least time of several runs that a pattern takes for a text."""
    times = []
    pattern: Any = found.pattern
    for _ in range(most_runs):
        begin = time.process_time()
        if found.is_searched:
            for _ in pattern.finditer(text):
                pass
        else:
            pattern.match(text)
        times.append(time.process_time() - begin)
        if times[0] < LEAST_TIME_S:
            break
    return min(times)


def growth_of_cost(found: FoundPattern, attack: tuple[str, str, str]) -> str | None:
    """Return how the cost of an attack grows, where that is too fast; ``None``: it does not."""
    before = 0.0
    for length in LENGTHS:
        took = cost_of(found, attack, length)
        most = max(LEAST_TIME_S, MOST_GROWTH * max(before, LEAST_TIME_S / 16))
        # Once more, for another process may have taken the time.
        if took > most and (took := cost_of(found, attack, length)) > most:
            return f"{before:.3f} s, and {took:.3f} s for {length} letters: {attack!r:.120}"
        if took < QUICK_S * length and length >= 384:
            break
        before = took
    return None


PATTERNS = all_patterns()


def test_patterns_are_found_wherever_they_are() -> None:
    where = {each.where.partition("[")[0] for each in PATTERNS.values()}
    assert len(PATTERNS) > 300
    assert {name.split(".")[0] for name in where} == {"parsers", "dji_audit"}
    assert any(":" in each for each in where), "patterns that functions hold"


def test_a_pattern_that_is_slow_is_noticed() -> None:
    """The attack works: what is known to be slow is found to be."""
    for slow in (r"\s*x\s*$", r"a[^\n]*b[^\n]*c", r"fence.*(upload|cleared)"):
        found = FoundPattern("slow", re.compile(slow), True)
        assert any(growth_of_cost(found, attack) for attack in attacks(found.pattern)), slow
    for quick in (r"(?:a++)+b", r"a{1,128}b", r"[^\n]*+b"):
        found = FoundPattern("quick", re.compile(quick), False)
        assert not any(growth_of_cost(found, attack) for attack in attacks(found.pattern)), quick


@pytest.mark.parametrize("module", sorted({name.split(".")[0] for name in SOURCES}))
def test_the_cost_of_each_pattern_grows_with_the_length_of_a_text(module: str) -> None:
    slow = [
        f"{found.where} {found.pattern.pattern!r:.100}: {growth}"
        for found in PATTERNS.values()
        if found.where.startswith(module)
        for attack in attacks(found.pattern)
        if (growth := growth_of_cost(found, attack)) is not None
    ]
    assert slow == []


@pytest.mark.slow
@pytest.mark.parametrize("module", sorted({name.split(".")[0] for name in SOURCES}))
def test_the_cost_of_each_pattern_grows_with_the_length_of_a_text_up_to_10_mb(module: str) -> None:
    """The worst of the texts for each pattern, ten times as long each time."""
    slow = []
    for found in PATTERNS.values():
        if not found.where.startswith(module):
            continue
        tried = sorted(attacks(found.pattern), key=lambda it: cost_of(found, it, 4000))
        before = 0.0
        for worst, length in product(tried[-1:], LONG_LENGTHS):
            most = MOST_GROWTH_OF_LONG * max(before, LEAST_TIME_S)
            took = cost_of(found, worst, length, most_runs=1)
            # Twice more, for another process may have taken the time.
            if took > most and (took := cost_of(found, worst, length)) > most:
                slow.append(f"{found.where}: {before:.3f} s, {took:.3f} s for {length}: {worst}")
            if took > SLOW_ENOUGH_S:
                break
            before = took
    assert slow == []


def cost_of(
    found: FoundPattern, attack: tuple[str, str, str], length: int, most_runs: int = 2
) -> float:
    """Return the seconds that a pattern takes for an attack of a length."""
    begin, part, end = attack
    text = begin + part * max(1, length // len(part)) + end
    is_bytes = isinstance(found.pattern.pattern, bytes)
    encoded = text.encode("latin-1", "replace") if is_bytes else text
    return seconds_of(found, encoded, most_runs)
