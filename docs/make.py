"""Write the pages of ``docs/`` that are made from the code: formats, rules, packs, tables.

``python docs/make.py`` writes them; ``--check`` exits with 1 if a page is out of date.
"""

import datetime as dt
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from pydantic import BaseModel

import parsers
from dji_audit.compliance.acknowledgements import AcknowledgedFinding
from dji_audit.compliance.authorisations_of_findings import Authorisation
from dji_audit.compliance.camera_system_makers import shipped_camera_system_makers
from dji_audit.compliance.declared_clocks import ClockDeclaration
from dji_audit.compliance.inventory import InventoryAircraft
from dji_audit.compliance.makers_of_concern import MakerListing, all_shipped_maker_listings
from dji_audit.compliance.operations_log import Operation
from dji_audit.compliance.policy import PolicyEntry, load_policy, shipped_pack_names
from dji_audit.compliance.rule_sources import STATUSES_WITH_SOURCES, RuleSource
from dji_audit.compliance.rules import rule_description, rules_by_id
from dji_audit.fleet.questions.fleet_summary import SUMMARY_FIGURES
from dji_audit.fleet.survey.police_bodies import (
    ALL_BODIES,
    SuppliedPoliceBody,
    shipped_police_bodies,
)
from dji_audit.fleet.tables.database_views import FLEET_VIEWS
from dji_audit.fleet.tables.schema import FLEET_TABLES, SCHEMA
from dji_audit.zones import ZoneFormat, zone_formats
from parsers import Layout, TableColumn

HERE = Path(__file__).parent
MADE = "<!-- Made by docs/make.py from the code; edit the code. -->\n\n"


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name of each page and its text."""
    yield "tables.md", tables_page()
    yield "unit.md", unit_page()
    yield "fleet_tables.md", fleet_tables_page()
    yield "packs.md", packs_page()
    yield "makers.md", makers_page()
    yield "police_bodies.md", police_bodies_page()
    for known in parsers.formats():
        yield f"formats/{known.name}.md", format_page(known)
    for form in zone_formats():
        yield f"zones/{form.name}.md", format_page(form)
    for rule_id in rules_by_id():
        yield f"rules/{rule_id}.md", rule_page(rule_id)


def tables_page() -> str:
    """Return the page of the four tables and their allowed values."""
    parts = [
        "# The tables of a log\n",
        "Every log of every format has these four tables, with exactly these columns. "
        "A value that a log does not contain is missing, never zero.\n",
    ]
    for name, schema in parsers.TABLES.items():
        parts.append(f"## {name}\n\n{_columns(schema)}\n")
    for title, words in (
        ("Kinds of event", parsers.EVENT_KINDS),
        ("Grades", parsers.GRADES),
        ("Kinds of bytes (coverage)", parsers.COVERAGE_KINDS),
    ):
        lines = "\n".join(f"| `{word}` | {meaning} |" for word, meaning in words.items())
        parts.append(f"## {title}\n\n| word | meaning |\n|---|---|\n{lines}\n")
    return "\n".join(parts)


def unit_page() -> str:
    """Return the page of the tables that a unit supplies: each column and its meaning."""
    parts = [
        "# The tables of a unit\n",
        "The unit can supply these tables besides its logs, as CSV with these columns, or as "
        "TOML with one table per row. An empty cell counts as not given. Lists are separated by "
        "semicolons in CSV; times have a UTC offset; dates are in ISO 8601.\n",
    ]
    for option, kind, model in (
        ("inventory", "aircraft", InventoryAircraft),
        ("operations", "operation", Operation),
        ("authorisations", "authorisation", Authorisation),
        ("acknowledged", "acknowledgement", AcknowledgedFinding),
        ("clocks", "clock", ClockDeclaration),
    ):
        lines = "\n".join(
            f"| `{name}` | {'yes' if field.is_required() else ''} | {field.description} |"
            for name, field in model.model_fields.items()
        )
        parts.append(
            f"## `--{option}`\n\nIn TOML: `[[{kind}]]`.\n\n| column | required | meaning |\n"
            f"|---|---|---|\n{lines}\n"
        )
    return "\n".join(parts)


def fleet_tables_page() -> str:
    """Return the page of the tables of a fleet: each column with type, unit and meaning."""
    parts = [
        "# The tables of a fleet\n",
        f"Schema `{SCHEMA}`. A run with `--state STATE` writes them into `STATE/tables`: all into "
        "`fleet.sqlite`, and, where pyarrow is installed (extra `parquet` or `fleet`), each into "
        "`NAME.parquet`. They describe the last run that finished with the state. "
        "`dji-audit fleet STATE` asks them; SQLite opens in Datasette, QGIS and Power BI, and "
        "pandas reads both.\n",
        "A value that is not known is missing, never zero. Times are UTC: in SQLite as text, "
        "ISO 8601 to the millisecond; in Parquet as instants. A flag is 1 or 0 in SQLite. A column "
        "that is added at the end of a table leaves the number of the schema as it is; one that is "
        "renamed, removed or given another meaning raises it.\n",
    ]
    for table in FLEET_TABLES:
        lines = "\n".join(
            f"| `{column.name}` | {column.type.value} | {column.unit} | {column.meaning} | "
            f"{column.missing} |"
            for column in table.columns
        )
        parts.append(
            f"## {table.name}\n\n{table.meaning}\n\n"
            f"| column | type | unit | meaning | missing where |\n|---|---|---|---|---|\n{lines}\n"
        )
    views = "\n".join(f"| `{view.name}` | {view.meaning} |" for view in FLEET_VIEWS)
    parts.append(
        f"## Views\n\nIn SQLite, and for `fleet sql`.\n\n| view | rows |\n|---|---|\n{views}\n"
    )
    figures = "\n".join(
        f"| {figure.name.replace('{}', '…')} | {figure.unit} | {figure.meaning} | "
        f"`{figure.select}` |"
        for figure in SUMMARY_FIGURES
    )
    parts.append(
        "## The figures of the summary\n\nEach is one statement, which anybody can repeat.\n\n"
        f"| figure | unit | meaning | statement |\n|---|---|---|---|\n{figures}\n"
    )
    return "\n".join(parts)


def format_page(known: parsers.Format | ZoneFormat) -> str:
    """Return the page of a format: its specification, and the layouts of its records."""
    module = import_module(known.read.__module__)
    text = (module.__doc__ or "").strip()
    parts = [f"# {known.title}\n", f"Format `{known.name}`. {text}\n"]
    if isinstance(known, ZoneFormat):
        parts.append(f"Source of the facts: {known.reference}.\n")
    for layout in _layouts(module.__name__):
        parts.append(f"## {layout.name}\n\nSource: {layout.reference}.\n\n{layout.to_markdown()}\n")
        if layout.notes:
            parts.append(f"{layout.notes}\n")
    return "\n".join(parts)


def rule_page(rule_id: str) -> str:
    """Return the page of a rule: its declaration, its examples, and its entries in the packs."""
    rule = rules_by_id()[rule_id]
    parts = [f"# {rule_id}\n", f"**{rule.title}.**\n", rule_description(rule) + "\n"]
    allowed = "can" if rule.authorisable else "cannot"
    parts.append(
        f"- Data used: {rule.looks_at}\n"
        + "".join(
            f"- A pass needs: {need.words or need.name}.\n"
            for need in rule.data_needs_for_parameters(rule.parameters())
        )
        + f"- Not assessable when: {rule.not_assessable}\n"
        f"- An authorisation {allowed} cover its findings.\n"
    )
    fields = rule.parameters.model_fields
    if fields:
        lines = "\n".join(
            f"| `{name}` | `{_default(default)}` | {info.description or ''} |"
            for name, info in fields.items()
            for default in [info.get_default(call_default_factory=True)]
        )
        parts.append(f"## Parameters\n\n| name | default | meaning |\n|---|---|---|\n{lines}\n")
    if rule.examples:
        lines = "\n".join(f"| {each.description} | `{each.outcome}` |" for each in rule.examples)
        parts.append(f"## Examples\n\n| flight | outcome |\n|---|---|\n{lines}\n")
    parts += _in_packs(rule_id)
    return "\n".join(parts)


def _in_packs(rule_id: str) -> list[str]:
    """Return the entries of a rule in the shipped packs; equal entries are listed together."""
    entries: list[tuple[PolicyEntry, list[str]]] = []
    for name in shipped_pack_names():
        for entry in load_policy(name).rules.values():
            if entry.rule != rule_id:
                continue
            packs = next((names for same, names in entries if same == entry), None)
            if packs is None:
                entries.append((entry, [name]))
            else:
                packs.append(name)
    return ["## In the packs\n", *(_in_pack(*each) for each in entries)] if entries else []


def _in_pack(entry: PolicyEntry, packs: list[str]) -> str:
    since = f", from {entry.valid_from}" if entry.valid_from else ""
    until = f", to {entry.valid_to}" if entry.valid_to else ""
    checked = "" if entry.verified else " (unverified: compare it with the instrument first)"
    lines = [
        f"### `{entry.id}` in {', '.join(packs)}\n\nStatus: {entry.status}{checked}{since}{until}. "
        f"Severity: {entry.severity}.\n\n> {entry.citation}\n"
    ]
    if entry.sources:
        lines += [
            "| source | kind | paragraph | in force | read | note |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {each.instrument} | {each.kind} | {each.paragraph or '-'} | "
            f"{_period_text(each.since, each.until) or '-'} | {_reading_text(each)} | "
            f"{each.note or '-'} |"
            for each in entry.sources
        ]
        lines.append("")
    lines += [
        f"- `{name}` = `{_default(given.value)}`: {given.source}"
        for name, given in entry.parameters.items()
    ]
    return "\n".join(lines) + ("\n" if entry.parameters else "")


def _period_text(since: dt.date | None, until: dt.date | None) -> str:
    """Return a first and last day in words; empty: neither is known."""
    first, last = f"from {since}" if since else "", f"to {until}" if until else ""
    return f"{first} {last}".strip()


def _reading_text(source: RuleSource) -> str:
    """Return when a text was read, and in which copy."""
    if source.read is None:
        return "not read"
    return f"{source.read}" + (f", in {source.copy_address}" if source.copy_address else "")


def packs_page() -> str:
    """Return the page of the packs: what each adds to the pack that it extends, and what is unread.

    An entry that a pack takes over unchanged stands with the pack that has it.
    """
    parts = [
        "# Policy packs\n",
        "A pack is what a unit is held to. It takes over the entries of the pack that it extends "
        'and lists here only its own. "Verified" means that the citation was compared with the '
        "text that it names, for every day of the rule; a decision of the unit and a rule of "
        "engineering need no text. `dji-audit rules check-sources PACK` lists every text with the "
        "day on which it was read.\n",
    ]
    for name in shipped_pack_names():
        policy = load_policy(name)
        base = load_policy(policy.chain[-2].name).rules if len(policy.chain) > 1 else {}
        own = [entry for entry in policy.rules.values() if base.get(entry.id) != entry]
        left_out = [entry_id for entry_id in base if entry_id not in policy.rules]
        extends = f", extends `{policy.chain[-2].name}`" if len(policy.chain) > 1 else ""
        parts.append(f"## `{name}`\n\n{policy.title}. Version {policy.version}{extends}.\n")
        if own:
            rows = "\n".join(
                f"| [`{entry.id}`](rules/{entry.rule}.md) | {entry.status.replace('_', ' ')} | "
                f"{_verified_text(entry)} | "
                f"{_period_text(entry.valid_from, entry.valid_to) or 'always'} | "
                f"{entry.citation} |"
                for entry in own
            )
            parts.append(
                "| entry | status | verified | in force | citation |\n|---|---|---|---|---|\n"
                f"{rows}\n"
            )
        if left_out:
            parts.append(f"Left out: {', '.join(f'`{each}`' for each in left_out)}.\n")
        unread = dict.fromkeys(
            source.name_text
            for entry in own
            for source in entry.sources
            if not source.has_read_text_and_paragraph and source.kind != "secondary"
        )
        if unread:
            parts.append("Not read:\n\n" + "\n".join(f"- {each}" for each in unread) + "\n")
    return "\n".join(parts)


def _verified_text(entry: PolicyEntry) -> str:
    if entry.status not in STATUSES_WITH_SOURCES:
        return "needs no text"
    return "yes" if entry.verified else "no"


def makers_page() -> str:
    """Return the page of the lists of makers, and of the makers of a force's camera systems."""
    lists: dict[str, list[MakerListing]] = {}
    for row in all_shipped_maker_listings():
        lists.setdefault(row.list, []).append(row)
    parts = [
        "# Makers\n",
        "A maker is on a list or it is not; what its equipment does no list says. A list binds "
        'those that its column "binds" names; none of them binds a police force of the United '
        "Kingdom.\n",
    ]
    for name, rows in lists.items():
        lines = "\n".join(
            f"| {row.maker or _criterion_text(row)} | {'; '.join(row.aliases) or '-'} | "
            f"{_period_text(row.valid_from, row.valid_to)} | {row.scope} | "
            f"{'yes' if row.verified else 'no'} | {row.source} |"
            for row in rows
        )
        parts.append(
            f"## `{name}`\n\n| who | other names | on the list | binds | verified | source |\n"
            f"|---|---|---|---|---|---|\n{lines}\n"
        )
    lines = "\n".join(
        f"| {maker.maker} | {'; '.join(maker.aliases) or '-'} | "
        f"{', '.join(sorted(maker.systems)) or 'not stated'} | {maker.owner or '-'} | "
        f"{maker.source} ({maker.read}) |"
        for maker in shipped_camera_system_makers()
    )
    parts.append(
        "## Makers of a force's camera systems\n\nThe names under which a return groups drones, "
        "fixed cameras, body-worn video, ANPR and helicopters. A name that begins with one of "
        "these belongs to that maker, whatever form of company or model follows; any other name "
        "is its own group. The other names are those under which the companies trade or traded "
        "and their brands; some of these are general knowledge and stand in no source.\n\n"
        "| maker | other names | systems | belongs to | source |\n|---|---|---|---|---|\n"
        f"{lines}\n"
    )
    return "\n".join(parts)


def police_bodies_page() -> str:
    """Return the page of the bodies that a survey asks, and of the columns of a list of one's own.

    ``asked`` is who was asked in 2022.
    """
    asked = {it.name for it in shipped_police_bodies().bodies if it.is_asked}
    lines = "\n".join(
        f"| {it.name} | {'; '.join(it.aliases) or '-'} | {it.group} | "
        f"{'yes' if it.name in asked else 'no'} | {_period_text(it.valid_from, it.valid_to)} | "
        f"{'; '.join(it.successors) or '-'} | {it.source} |"
        for it in shipped_police_bodies(ALL_BODIES).bodies
    )
    columns = "\n".join(
        f"| `{name}` | {'yes' if field.is_required() else ''} | {field.description} |"
        for name, field in SuppliedPoliceBody.model_fields.items()
    )
    return "\n".join(
        (
            "# Police bodies\n",
            "The bodies that `dji-audit survey combine` knows. A body without dates existed before "
            "the list begins, and exists.\n",
            "| body | other names | group | asked in 2022 | existed | took over | source |\n"
            f"|---|---|---|---|---|---|---|\n{lines}\n",
            "## `--bodies`\n\nA list of one's own adds bodies, or changes those of these names; "
            "what a row leaves out stays as it is. In TOML: `[[body]]`.\n\n"
            f"| column | required | meaning |\n|---|---|---|\n{columns}\n",
        )
    )


def _criterion_text(row: MakerListing) -> str:
    """Return what a row goes by that names no maker."""
    country = row.country_of_production
    if country.startswith("!"):
        return f"produced in any country but {country[1:]}"
    return f"produced in {country}" if country else row.criterion


def _default(value: object) -> str:
    """Return a value in the notation of a pack."""
    if isinstance(value, BaseModel):
        return _default(value.model_dump(mode="json", exclude_defaults=True))
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_default(it)}" for name, it in value.items()) + " }"
    if isinstance(value, tuple | list):
        return f"[{', '.join(_default(each) for each in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


def _columns(schema: object) -> str:
    if not hasattr(schema, "items"):
        raise TypeError("not a schema")
    lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    for name, column in schema.items():
        if isinstance(column, TableColumn):
            lines.append(f"| `{name}` | `{column.dtype}` | {column.unit} | {column.meaning} |")
    return "\n".join(lines)


def _layouts(name: str) -> list[Layout]:
    """Return the layouts that a format declares, in the order in which it lists them.

    A package lists them in ``_records``, as ``DOCUMENTED_LAYOUTS`` or as the values of
    ``LAYOUTS``; a single module declares them itself.
    """
    try:
        records = import_module(f"{name}._records")
        values = getattr(records, "DOCUMENTED_LAYOUTS", None)
        values = dict(getattr(records, "LAYOUTS", {})).values() if values is None else values
    except ModuleNotFoundError:
        values = vars(import_module(name)).values()
    return [layout for layout in values if isinstance(layout, Layout)]


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
