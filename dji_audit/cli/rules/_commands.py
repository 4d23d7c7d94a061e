"""What ``dji-audit rules`` does."""

import json
import sys
import textwrap
from dataclasses import asdict

import typer

from dji_audit.cli._table import TableColumn, fit_table, terminal_width
from dji_audit.cli._terminal import fail, safe_text, print_message, print_data
from dji_audit.compliance.audit import check_policy, resolve_rule, parameter_sources
from dji_audit.compliance.policy import Policy, PolicyError, RulePolicy, load_policy, shipped_packs
from dji_audit.compliance.rules import Rule, apply_example, rules

_WIDTH = 96


#: The columns of the list of entries.
_ENTRY_COLUMNS = (
    TableColumn("ID"),
    TableColumn("RULE", drop_order=3),
    TableColumn("STATUS"),
    TableColumn("SEVERITY", drop_order=2),
    TableColumn("VALID", drop_order=1),
    TableColumn("TITLE", min_width=20),
)


def list_command(policy: str, format_: str) -> int:
    """Print the entries of a policy."""
    read = _load_policy(policy)
    if format_ == "json":
        print_data(json.dumps(_policy_document(read), indent=1) + "\n")
        return 0
    rows = []
    for entry in read.rules.values():
        rule = rules()[entry.rule]
        rows.append(
            (
                safe_text(entry.id),
                entry.rule if entry.rule != entry.id else "-",
                _status(entry),
                entry.severity.value,
                _validity(entry),
                safe_text(entry.title or rule.title),
            )
        )
    text, left_out = fit_table(_ENTRY_COLUMNS, rows, terminal_width() or sys.maxsize)
    typer.echo(text)
    if left_out:
        print_message(f"No room for {', '.join(left_out)}: --format json has them.")
    chain = " > ".join(f"{pack.name} {pack.version}" for pack in read.chain)
    print_message(f"\nPolicy {safe_text(read.name)} {safe_text(read.version)}, SHA-256 {read.sha256}")
    print_message(f"Made of: {safe_text(chain)}")
    print_message(f"Packs that ship: {', '.join(shipped_packs())}")
    return 0


def explain_command(name: str, policy: str) -> int:
    """Print everything there is to know of an entry, or of a rule that the policy leaves out."""
    read = _load_policy(policy)
    found = [entry for entry in read.rules.values() if name in (entry.id, entry.rule)]
    found = [entry for entry in found if entry.id == name] or found
    if not found and name not in rules():
        known = ", ".join([*read.rules, *(it for it in rules() if it not in read.rules)])
        raise fail(f"no rule {name!r}; there are {known}")
    rule = rules()[found[0].rule if found else name]
    _print_rule(rule)
    if not found:
        typer.echo(f"\nThe policy {safe_text(read.name)} does not apply it.")
    for entry in found:
        _print_entry(entry, read)
    return 0


def _print_rule(rule: Rule) -> None:
    about = sys.modules[rule.check.__module__].__doc__ or ""
    typer.echo(f"{rule.id}: {rule.title}\n")
    typer.echo(about.strip())
    typer.echo(f"\nLooks at:            {_wrap_text(rule.looks_at)}")
    typer.echo(f"Not assessable when: {_wrap_text(rule.not_assessable)}")
    allowed = "can cover what it finds" if rule.authorisable else "cannot cover what it finds"
    typer.echo(f"Authorisations:      {allowed}")
    for example in rule.examples:
        typer.echo(f"Example:             {_wrap_text(f'{example.description}: {example.outcome}')}")


def _print_entry(entry: RulePolicy, policy: Policy) -> None:
    rule, parameters = resolve_rule(entry)
    typer.echo(f"\nIn the policy {safe_text(policy.name)} {safe_text(policy.version)} as {safe_text(entry.id)}")
    typer.echo(f"  Status:   {_status(entry)}; severity {entry.severity}")
    typer.echo(f"  Valid:    {_validity(entry)}")
    typer.echo(f"  Citation: {_wrap_text(entry.citation, 12)}")
    where = parameter_sources(entry, parameters)
    for name, value in parameters.model_dump(mode="json").items():
        meaning = rule.parameters.model_fields[name].description or ""
        typer.echo(f"  {name} = {safe_text(json.dumps(value, ensure_ascii=False))}")
        typer.echo(f"      {_wrap_text(meaning, 6)}\n      Source: {_wrap_text(where[name], 6)}")


def test_command(pack: str) -> int:
    """Check a pack and run the examples of its rules; return the exit code."""
    read = _load_policy(pack)
    wrong = count = 0
    for name in dict.fromkeys(entry.rule for entry in read.rules.values()):
        rule = rules()[name]
        for example in rule.examples:
            came = apply_example(rule, example)
            good = came.outcome is example.outcome
            wrong, count = wrong + (not good), count + 1
            mark = "ok   " if good else "WRONG"
            told = "" if good else f"; it came to {came.outcome}: {came.reason}"
            typer.echo(f"{mark} {name}: {example.description}: {example.outcome}{safe_text(told)}")
    chain = ", ".join(f"{part.name} {part.version}" for part in read.chain)
    print_message(f"\n{safe_text(read.name)}: sound, {len(read.rules)} entries, made of {safe_text(chain)}")
    print_message(f"{count} examples, {wrong} wrong" if wrong else f"{count} examples, each as it says")
    return 1 if wrong else 0


def _load_policy(policy: str) -> Policy:
    try:
        read = load_policy(policy)
        check_policy(read)
    except PolicyError as error:
        raise fail(str(error)) from error
    return read


def _policy_document(policy: Policy) -> dict[str, object]:
    return {
        "name": policy.name,
        "version": policy.version,
        "sha256": policy.sha256,
        "packs": [asdict(pack) for pack in policy.chain],
        "rules": [entry.model_dump(mode="json") for entry in policy.rules.values()],
    }


def _status(entry: RulePolicy) -> str:
    return entry.status.replace("_", " ") + ("" if entry.verified else " (unverified)")


def _validity(entry: RulePolicy) -> str:
    since = f"from {entry.valid_from}" if entry.valid_from else ""
    until = f"to {entry.valid_to}" if entry.valid_to else ""
    return f"{since} {until}".strip() or "always"


def _wrap_text(text: str, indent: int = 21) -> str:
    lines = textwrap.wrap(safe_text(text), _WIDTH - indent)
    return f"\n{' ' * indent}".join(lines)
