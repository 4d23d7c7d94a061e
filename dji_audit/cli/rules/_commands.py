"""``dji-audit rules``: what its commands do."""

import datetime as dt
import json
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial

import typer

from dji_audit.cli._terminal import print_error_and_return_exit, print_to_stderr, print_to_stdout
from dji_audit.cli._text_table import (
    TextTableColumn,
    fitted_table_text_and_omitted_heads,
    terminal_width_or_none,
)
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.compliance.audit import (
    check_policy,
    rule_and_parameters_of_entry,
    source_of_each_parameter,
)
from dji_audit.compliance.policy import (
    Policy,
    PolicyEntry,
    PolicyError,
    load_policy,
    shipped_pack_names,
)
from dji_audit.compliance.rule_sources import STATUSES_WITH_SOURCES
from dji_audit.compliance.rules import AnyRule, apply_rule_to_example, rule_description, rules_by_id

_WIDTH = 96
#: Values of a field that say nothing in a table of a parameter.
_NOT_GIVEN: tuple[object, ...] = (None, False, [], 0.0)


#: The columns of the list of entries.
_ENTRY_COLUMNS = (
    TextTableColumn("ID"),
    TextTableColumn("RULE", drop_order=3),
    TextTableColumn("STATUS"),
    TextTableColumn("SEVERITY", drop_order=2),
    TextTableColumn("VALID", drop_order=1),
    TextTableColumn("TITLE", min_width=20),
)


def list_command(policy: str, format_: str) -> int:
    """Print the entries of a policy."""
    loaded = _load_policy_or_exit(policy)
    if format_ == "json":
        print_to_stdout(json.dumps(_policy_as_json_object(loaded), indent=1) + "\n")
        return 0
    rows = []
    for entry in loaded.rules.values():
        rule = rules_by_id()[entry.rule]
        rows.append(
            (
                terminal_safe_text(entry.id),
                entry.rule if entry.rule != entry.id else "-",
                _rule_status_text(entry),
                entry.severity.value,
                _policy_entry_validity_text(entry),
                terminal_safe_text(entry.title or rule.title),
            )
        )
    text, omitted = fitted_table_text_and_omitted_heads(
        _ENTRY_COLUMNS, rows, terminal_width_or_none() or sys.maxsize
    )
    typer.echo(text)
    if omitted:
        print_to_stderr(f"No room for {', '.join(omitted)}: use --format json to see them.")
    chain = " > ".join(f"{pack.name} {pack.version}" for pack in loaded.chain)
    print_to_stderr(
        f"\nPolicy {terminal_safe_text(loaded.name)} {terminal_safe_text(loaded.version)}, "
        f"SHA-256 {loaded.sha256}"
    )
    print_to_stderr(f"Made of: {terminal_safe_text(chain)}")
    print_to_stderr(f"Packs that ship: {', '.join(shipped_pack_names())}")
    return 0


def explain_command(name: str, policy: str) -> int:
    """Print all that is known of an entry, or of a rule that the policy does not apply."""
    loaded = _load_policy_or_exit(policy)
    entries = [entry for entry in loaded.rules.values() if name in (entry.id, entry.rule)]
    entries = [entry for entry in entries if entry.id == name] or entries
    if not entries and name not in rules_by_id():
        known = ", ".join(
            [*loaded.rules, *(rule_id for rule_id in rules_by_id() if rule_id not in loaded.rules)]
        )
        raise print_error_and_return_exit(f"no rule {name!r}; the rules are {known}")
    rule = rules_by_id()[entries[0].rule if entries else name]
    _print_rule_description(rule)
    if not entries:
        typer.echo(f"\nThe policy {terminal_safe_text(loaded.name)} does not apply it.")
    for entry in entries:
        _print_policy_entry(entry, loaded)
    return 0


def _print_rule_description(rule: AnyRule) -> None:
    typer.echo(f"{rule.id}: {rule.title}\n")
    typer.echo(rule_description(rule))
    typer.echo(f"\nUses:                {_wrap_text(rule.looks_at)}")
    for need in rule.data_needs_for_parameters(rule.parameters()):
        typer.echo(f"A pass needs:        {_wrap_text(need.words or need.name)}")
    typer.echo(f"Not assessable when: {_wrap_text(rule.not_assessable)}")
    allowed = "can cover its findings" if rule.authorisable else "cannot cover its findings"
    typer.echo(f"Authorisations:      {allowed}")
    for example in rule.examples:
        typer.echo(
            f"Example:             {_wrap_text(f'{example.description}: {example.outcome}')}"
        )


def _print_policy_entry(entry: PolicyEntry, policy: Policy) -> None:
    rule, parameters = rule_and_parameters_of_entry(entry)
    typer.echo(
        f"\nIn the policy {terminal_safe_text(policy.name)} {terminal_safe_text(policy.version)} "
        f"as {terminal_safe_text(entry.id)}"
    )
    typer.echo(f"  Status:   {_rule_status_text(entry)}; severity {entry.severity}")
    typer.echo(f"  Valid:    {_policy_entry_validity_text(entry)}")
    typer.echo(f"  Citation: {_wrap_text(entry.citation, 12)}")
    for source in entry.sources:
        read = f"read on {source.read}" if source.read else "not read"
        copied = f" in {source.copy_address}" if source.copy_address else ""
        period = _period_text(source.since, source.until)
        note = f" {source.note}" if source.note else ""
        details = "; ".join(part for part in (source.kind, period, f"{read}{copied}") if part)
        typer.echo(f"  Source:   {_wrap_text(f'{source.name_text} ({details}).{note}', 12)}")
    source_of = source_of_each_parameter(entry, parameters)
    for name, value in parameters.model_dump(mode="json").items():
        meaning = rule.parameters.model_fields[name].description or ""
        typer.echo("\n".join(_parameter_lines(name, value)))
        typer.echo(
            f"      {_wrap_text(meaning, 6)}\n      Source: {_wrap_text(source_of[name], 6)}"
        )


def _parameter_lines(name: str, value: object) -> list[str]:
    """Return a parameter and its value; a list of tables has a line for each of them."""
    if not isinstance(value, list) or not any(isinstance(each, dict) for each in value):
        return [f"  {name} = {terminal_safe_text(json.dumps(value, ensure_ascii=False))}"]
    given = [{key: it for key, it in each.items() if it not in _NOT_GIVEN} for each in value]
    lines = [terminal_safe_text(json.dumps(each, ensure_ascii=False)) for each in given]
    return [f"  {name} = [", *(f"      {_wrap_text(line, 8)}" for line in lines), "    ]"]


def test_command(pack: str) -> int:
    """Check a pack and run the examples of its rules; return the exit code."""
    loaded = _load_policy_or_exit(pack)
    wrong = count = 0
    for name in dict.fromkeys(entry.rule for entry in loaded.rules.values()):
        rule = rules_by_id()[name]
        for example in rule.examples:
            result = apply_rule_to_example(rule, example)
            agrees = result.outcome is example.outcome
            wrong, count = wrong + (not agrees), count + 1
            mark = "ok   " if agrees else "WRONG"
            difference = "" if agrees else f"; the result is {result.outcome}: {result.reason}"
            typer.echo(
                f"{mark} {name}: {example.description}: {example.outcome}"
                f"{terminal_safe_text(difference)}"
            )
    chain = ", ".join(f"{part.name} {part.version}" for part in loaded.chain)
    print_to_stderr(
        f"\n{terminal_safe_text(loaded.name)}: valid, {len(loaded.rules)} entries, "
        f"made of {terminal_safe_text(chain)}"
    )
    print_to_stderr(
        f"{count} examples, {wrong} wrong" if wrong else f"{count} examples, all as stated"
    )
    return ExitCode.NEEDS_LOOK if wrong else ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSourceRow:
    """One text that an entry of a policy rests on, as of a day."""

    rule: str
    status: str
    verified: bool
    citation: str
    kind: str | None = None
    source: str
    paragraph: str | None = None
    address: str | None = None
    #: Where a complete copy of it was read instead.
    copy_address: str | None = None
    #: First and last day on which it is in force; ``None``: not limited, as far as is known.
    since: str | None = None
    until: str | None = None
    #: The day on which it was read, and how long that is ago; ``None``: it was not read.
    read: str | None = None
    age_days: int | None = None
    note: str | None = None
    #: What is to be read; ``None``: nothing.
    to_do: str | None


def check_sources_command(pack: str, day: dt.date, format_: str) -> int:
    """Print the sources of each rule of a pack as of a day; return the exit code."""
    loaded = _load_policy_or_exit(pack)
    entries = [entry for entry in loaded.rules.values() if entry.status in STATUSES_WITH_SOURCES]
    rows = [row for entry in entries for row in _source_rows_of_rule(entry, day)]
    to_do = sum(row.to_do is not None for row in rows)
    if format_ == "json":
        document = {
            "policy": loaded.name,
            "version": loaded.version,
            "as_of": f"{day}",
            "sources": [asdict(row) for row in rows],
        }
        print_to_stdout(json.dumps(document, indent=1) + "\n")
        return ExitCode.NEEDS_LOOK if to_do else ExitCode.DONE
    width = terminal_width_or_none() or _WIDTH
    typer.echo(_SOURCE_LINE.format(kind="KIND", read="READ", age="DAYS AGO", to_do="TO DO"))
    for entry in entries:
        typer.echo(
            "\n".join(_rule_source_lines([row for row in rows if row.rule == entry.id], width))
        )
    unread = len({(row.source, row.paragraph) for row in rows if row.to_do is not None})
    typer.echo(
        f"\nPolicy {terminal_safe_text(loaded.name)} {terminal_safe_text(loaded.version)}, as of "
        f"{day}:\n"
        f"  rules of law or guidance: {len(entries)}, of which verified: "
        f"{sum(entry.verified for entry in entries)}\n"
        f"  sources to be read: {to_do} of {len(rows)} ({unread} different texts)\n"
        f"  rules that need no text (engineering, or a decision of the unit): "
        f"{len(loaded.rules) - len(entries)}"
    )
    return ExitCode.NEEDS_LOOK if to_do else ExitCode.DONE


def _source_rows_of_rule(entry: PolicyEntry, day: dt.date) -> list[RuleSourceRow]:
    """Return a row for each text that an entry rests on; one that says so where it names none."""
    row = partial(
        RuleSourceRow,
        rule=entry.id,
        status=entry.status,
        verified=entry.verified,
        citation=entry.citation,
    )
    if not entry.sources:
        return [
            row(
                source=entry.citation,
                to_do="name the text that it rests on, and read it",
            )
        ]
    return [
        row(
            kind=source.kind,
            source=source.instrument,
            paragraph=source.paragraph,
            address=source.address,
            copy_address=source.copy_address,
            since=_iso_text_of_day_or_none(source.since),
            until=_iso_text_of_day_or_none(source.until),
            read=_iso_text_of_day_or_none(source.read),
            age_days=source.days_since_text_was_read(day),
            note=source.note,
            to_do=source.review_task_on(day),
        )
        for source in entry.sources
    ]


def _iso_text_of_day_or_none(day: dt.date | None) -> str | None:
    return None if day is None else f"{day}"


#: The line above the name of each text.
_SOURCE_LINE = "  {kind:<10}  {read:<10}  {age:>8}  {to_do}"


def _rule_source_lines(rows: Sequence[RuleSourceRow], width: int) -> list[str]:
    """Return the texts of one rule as lines of at most a width, under the name of the rule."""
    first = rows[0]
    mark = "verified" if first.verified else "unverified"
    heading = f"{first.rule}: {first.status.replace('_', ' ')}, {mark}"
    lines = ["", terminal_safe_text(heading)]
    lines += _wrap_indented_line(f"  {terminal_safe_text(first.citation)}", width)
    for row in rows:
        line = _SOURCE_LINE.format(
            kind=row.kind or "-",
            read=row.read or "not read",
            age="-" if row.age_days is None else row.age_days,
            to_do=row.to_do or "-",
        )
        name = row.source + (f", {row.paragraph}" if row.paragraph else "")
        period = _period_text(row.since, row.until)
        texts = [line, f"    {name}{f' ({period})' if period else ''}"]
        if row.copy_address is not None:
            texts.append(f"    read in a copy: {row.copy_address}")
        for text in texts:
            lines += _wrap_indented_line(terminal_safe_text(text), width)
    return lines


def _wrap_indented_line(text: str, width: int) -> list[str]:
    """Return an indented line, divided where it is longer than a width."""
    indent = " " * (len(text) - len(text.lstrip(" ")) + 2)
    return textwrap.wrap(
        text,
        max(width, 40),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _period_text(since: object, until: object) -> str:
    """Return from when to when something is in force; empty: not limited."""
    first = f"from {since}" if since else ""
    last = f"to {until}" if until else ""
    return f"{first} {last}".strip()


def _load_policy_or_exit(policy: str) -> Policy:
    try:
        loaded = load_policy(policy)
        check_policy(loaded)
    except PolicyError as error:
        raise print_error_and_return_exit(str(error)) from error
    return loaded


def _policy_as_json_object(policy: Policy) -> dict[str, object]:
    return {
        "name": policy.name,
        "version": policy.version,
        "sha256": policy.sha256,
        "packs": [asdict(pack) for pack in policy.chain],
        "rules": [entry.model_dump(mode="json") for entry in policy.rules.values()],
    }


def _rule_status_text(entry: PolicyEntry) -> str:
    return entry.status.replace("_", " ") + ("" if entry.verified else " (unverified)")


def _policy_entry_validity_text(entry: PolicyEntry) -> str:
    return _period_text(entry.valid_from, entry.valid_to) or "always"


def _wrap_text(text: str, indent: int = 21) -> str:
    lines = textwrap.wrap(terminal_safe_text(text), _WIDTH - indent)
    return f"\n{' ' * indent}".join(lines)
