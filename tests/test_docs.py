"""The documentation is what the code says, and names what exists."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.rules import rules_by_id

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_pages_made_from_the_code_are_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "make.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def test_every_rule_and_format_has_a_page() -> None:
    assert {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")} == set(rules_by_id())
    names = {known.name for known in parsers.formats()}
    assert {path.stem for path in (ROOT / "docs" / "formats").glob("*.md")} == names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


#: Names in docstrings of ``dji_audit`` that are no names of the product, but of what it reads.
NAMES_OF_OTHERS = frozenset(
    {
        "GmbH", "LDMExemptModule", "_V", "_Z", "air_vol_upper_vref", "breachReturn", "england", "northern_ireland",
        "uSpaceClass", "wales",
    }
)  # fmt: skip


def test_every_name_that_a_docstring_or_comment_marks_exists() -> None:
    known: set[str] = set()
    marked: dict[str, str] = {}
    for path in (
        it for top in ("dji_audit", "parsers", "tests") for it in ROOT.glob(f"{top}/**/*.py")
    ):
        source = path.read_text("utf-8")
        known.update(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(source)
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        prose = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) in docstrings
        ]
        known.update(
            word
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            for word in re.findall(r"\w+", node.value)
        )
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                known.add(token.string)
            elif token.type == tokenize.COMMENT:
                prose.append(token.string)
        if path.is_relative_to(ROOT / "dji_audit"):
            for text in prose:
                for name in re.findall(r"``([A-Za-z_][\w.]*)(?:\(\))?``", text):
                    marked[name] = str(path.relative_to(ROOT))
    for path in (it for end in ("js", "html") for it in ROOT.glob(f"dji_audit/**/*.{end}")):
        known.update(re.findall(r"\w+", path.read_text("utf-8")))
    known.update(re.findall(r"\w+", (ROOT / "pyproject.toml").read_text("utf-8")))
    gone = {
        f"{where}: {name}"
        for name, where in marked.items()
        if not NAMES_OF_OTHERS.issuperset(set(filter(None, name.split("."))) - known)
    }
    assert sorted(gone) == []
