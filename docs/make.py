"""Write the pages of ``docs/`` that are made from the code: formats, rules, tables.

``python docs/make.py`` writes them; ``--check`` exits with 1 if one is not what
the code says.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import parsers
from dji_audit.compliance.policy import load_policy
from dji_audit.compliance.rules import rules
from parsers import Column, Layout

HERE = Path(__file__).parent
MADE = "<!-- Made by docs/make.py from the code; edit the code. -->\n\n"


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name of each page and its text."""
    yield "tables.md", tables_page()
    for known in parsers.formats():
        yield f"formats/{known.name}.md", format_page(known)
    for rule_id in rules():
        yield f"rules/{rule_id}.md", rule_page(rule_id)


def tables_page() -> str:
    """Return the page of the four tables and their closed sets of words."""
    parts = [
        "# The tables of a log\n",
        "Every log of every format has these four tables, with exactly these columns. "
        "What a log does not carry is missing, never zero.\n",
    ]
    for name, schema in parsers.TABLES.items():
        parts.append(f"## {name}\n\n{_columns(schema)}\n")
    for title, words in (
        ("Kinds of event", parsers.KINDS),
        ("Grades", parsers.GRADES),
        ("Kinds of bytes (coverage)", parsers.COVERAGE),
    ):
        lines = "\n".join(f"| `{word}` | {meaning} |" for word, meaning in words.items())
        parts.append(f"## {title}\n\n| word | meaning |\n|---|---|\n{lines}\n")
    return "\n".join(parts)


def format_page(known: parsers.Format) -> str:
    """Return the page of a format: its specification, and the layouts of its records."""
    module = import_module(known.read.__module__)
    text = (module.__doc__ or "").strip()
    parts = [f"# {known.title}\n", f"Format `{known.name}`. {text}\n"]
    for layout in _layouts(module.__name__):
        parts.append(f"## {layout.name}\n\nSource: {layout.reference}.\n\n{layout.describe()}\n")
        if layout.notes:
            parts.append(f"{layout.notes}\n")
    return "\n".join(parts)


def rule_page(rule_id: str) -> str:
    """Return the page of a rule, from its declaration and the default pack."""
    rule = rules()[rule_id]
    module = import_module(rule.check.__module__)
    entry = load_policy().rules.get(rule_id)
    parts = [f"# {rule_id}\n", f"**{rule.title}.**\n", (module.__doc__ or "").strip() + "\n"]
    parts.append(f"- Looks at: {rule.inputs}\n- Not assessable when: {rule.not_assessable}\n")
    fields = rule.parameters.model_fields
    if fields:
        lines = "\n".join(f"| `{name}` | `{info.default}` |" for name, info in fields.items())
        parts.append(f"## Parameters\n\n| name | default |\n|---|---|\n{lines}\n")
    if entry is not None:
        since = f", from {entry.valid_from}" if entry.valid_from else ""
        checked = "" if entry.verified else " (unverified: hold it against the instrument first)"
        parts.append(
            f"## In the default pack\n\nStatus: {entry.status}{checked}{since}. "
            f"Severity: {entry.severity}.\n\n> {entry.citation}\n"
        )
    return "\n".join(parts)


def _columns(schema: object) -> str:
    if not hasattr(schema, "items"):
        raise TypeError("not a schema")
    lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    for name, column in schema.items():
        if isinstance(column, Column):
            lines.append(f"| `{name}` | `{column.dtype}` | {column.unit} | {column.meaning} |")
    return "\n".join(lines)


def _layouts(package: str) -> list[Layout]:
    """Return the layouts that a format's package declares, in the order it lists them."""
    try:
        listed = getattr(import_module(f"{package}._records"), "LAYOUTS", {})
    except ModuleNotFoundError:
        return []
    return [layout for layout in dict(listed).values() if isinstance(layout, Layout)]


def main() -> int:
    """Write the pages, or check them."""
    stale = []
    for name, text in pages():
        path, whole = HERE / name, MADE + text
        if path.exists() and path.read_text("utf-8") == whole:
            continue
        if "--check" in sys.argv:
            stale.append(name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(whole, "utf-8")
    for name in stale:
        sys.stderr.write(f"docs/{name} is not what the code says; run make docs\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
