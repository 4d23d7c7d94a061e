"""Texts that people read use the words of the glossary; retired words do not come back."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GLOSSARY = ROOT / "docs" / "glossary.md"
#: Pages that quote retired words: the glossary itself, the table of renames, the history.
QUOTING = {"docs/glossary.md", "docs/renamed.md", "CHANGELOG.md"}


@cache
def retired() -> tuple[str, ...]:
    """Return the phrases of the glossary that no text may use."""
    cells: list[str] = []
    last_table = False
    for line in GLOSSARY.read_text("utf-8").splitlines():
        if line.startswith("#"):
            last_table = line == "## Phrases that are not used"
        if line.startswith("| ") and not line.startswith("| word"):
            columns = line.strip("| ").split("|") if last_table else line.split("|")[3:4]
            cells += columns[:1]
    return tuple(phrase for cell in cells for phrase in re.findall(r"`([^`]+)`", cell))


@cache
def pattern() -> re.Pattern[str]:
    words = sorted(map(re.escape, retired()), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])", re.IGNORECASE)


def python_files() -> list[Path]:
    return sorted(path for top in ("dji_audit", "parsers") for path in (ROOT / top).rglob("*.py"))


def documents() -> list[Path]:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path for path in pages if path.relative_to(ROOT).as_posix() not in QUOTING)


def assets() -> list[Path]:
    folder = ROOT / "dji_audit"
    files = [
        path
        for ending in ("js", "mjs", "html", "css", "toml")
        for path in folder.rglob(f"*.{ending}")
    ]
    return sorted(path for path in files if "vendor" not in path.parts)


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the literals of a module with their lines; docstrings are no messages."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in docstrings | inner:
            yield node.lineno, str(node.value)


def faults(text: str, line: int = 1) -> list[str]:
    flat = re.sub(r"\s", " ", text)
    return [
        f"line {line + text[: match.start()].count(chr(10))}: {match[0]!r} in "
        f"{flat[max(0, match.start() - 40) : match.end() + 40]!r}"
        for match in pattern().finditer(flat)
    ]


def test_the_glossary_names_the_words_that_went() -> None:
    assert len(retired()) > 20
    assert {"told by", "untold", "yardstick", "brought", "silence means"} <= set(retired())
    assert faults("This flight is Told\nby two logs") == [
        "line 1: 'Told by' in 'This flight is Told by two logs'"
    ]
    assert not faults("the logs that were retold bystander")


@pytest.mark.parametrize("path", python_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_message_uses_a_retired_word(path: Path) -> None:
    assert [fault for line, text in texts(path) for fault in faults(text, line)] == []


@pytest.mark.parametrize(
    "path", [*documents(), *assets()], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_no_page_uses_a_retired_word(path: Path) -> None:
    assert faults(path.read_text("utf-8")) == []


#: Such as "it is no JPEG" for "it is not a JPEG"; "there is no", "is no longer" are as people say.
IS_NO = re.compile(
    r"(?<!there )\b(?:is|are|was|were) no (?!more\b|longer\b|doubt\b|further\b)\w+", re.IGNORECASE
)


def test_messages_say_is_not_a_and_never_is_no() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text:.80}"
        for path in python_files()
        for line, text in texts(path)
        if IS_NO.search(text)
    ]
    assert found == []


#: Such as ``{'s' * (count > 1)}``, which is wrong for 0, and for some nouns.
PLURAL_BY_HAND = re.compile(r"""['"]s['"] \* \([^)\n]*(?:!=|>) ?1\)|else ['"]s['"]""")


def test_a_number_stands_with_its_noun_by_one_function() -> None:
    home = ROOT / "dji_audit" / "common" / "plain_english.py"
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in (ROOT / "dji_audit").rglob("*.py")
        if path != home
        for match in PLURAL_BY_HAND.finditer(path.read_text("utf-8"))
    ]
    assert found == []
