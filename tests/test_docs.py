"""The documentation is what the code says, and names what exists."""

import re
import subprocess
import sys
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
NAMES_OF_OTHERS = {
    *("GmbH", "LDMExemptModule", "_V", "_Z", "air_vol_upper_vref", "breachReturn", "uSpaceClass"),
    *("england", "northern_ireland", "wales"),
}


def test_every_name_that_a_docstring_or_comment_marks_exists() -> None:
    known: set[str] = set()
    marked: dict[str, str] = {}
    for path in (
        it for top in ("dji_audit", "parsers", "tests") for it in ROOT.glob(f"{top}/**/*")
    ):
        if path.suffix not in (".py", ".js", ".html"):
            continue
        source, where = path.read_text("utf-8"), path.relative_to(ROOT)
        known.update(where.with_suffix("").parts)
        known.update(re.findall(r"\w+", re.sub(r"``[^`]*``", "", source)))
        if where.parts[0] == "dji_audit":
            names = re.findall(r"``([A-Za-z_][\w.]*)(?:\(\))?``", source)
            marked |= dict.fromkeys(names, str(where))
    gone = [
        f"{where}: {name}"
        for name, where in marked.items()
        if not NAMES_OF_OTHERS.issuperset(set(filter(None, name.split("."))) - known)
    ]
    assert gone == []
