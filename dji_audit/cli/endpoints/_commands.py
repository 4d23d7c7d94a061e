"""``dji-audit endpoints list``, ``explain``, ``lint``, ``import`` and ``export``."""

import datetime as dt
import json
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

import typer

from dji_audit import endpoints as endpoint_catalogue
from dji_audit.cli._terminal import (
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
)
from dji_audit.cli._text_table import format_table, terminal_width_or_none
from dji_audit.cli._user_data import endpoint_list_folder, load_catalogue_with_endpoint_lists
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text

#: Rows left out of a bundle that are named one by one when it is stored.
_MOST_LEFT_OUT = 20
_WIDTH = 96
#: What each form cannot express; printed with every export.
_FORM_LIMITS = {
    "zeek": "Zeek compares whole names: a domain here does not match its subdomains.",
    "suricata": "A dataset holds whole names: a domain here does not match its subdomains; "
    "addresses are left out.",
    "pihole": "Addresses are left out; roles are not distinguished.",
    "stix": "Rows for a port are left out.",
    "csv": "",
}


def list_command(
    overlays: Sequence[str] | None,
    categories: Sequence[str] | None,
    operator: str | None,
    low_confidence: bool,
    format_: str,
) -> int:
    """Print rows; return the exit code."""
    catalogue = load_catalogue_with_endpoint_lists(overlays)
    rows = _select_catalogue_entries(catalogue, categories, operator, low_confidence)
    if format_ == "csv":
        print_to_stdout(endpoint_catalogue.dump_endpoints_csv(rows))
    elif format_ == "json":
        print_to_stdout(json.dumps([row.to_row() for row in rows], indent=1) + "\n")
    else:
        head = ("HOST", "MATCH", "OPERATOR", "CATEGORY", "SHARED", "CONFIDENCE", "MODULE")
        cells = [
            (
                terminal_safe_text(row.indicator),
                row.match,
                terminal_safe_text(row.operator),
                row.category,
                "" if row.specificity == "vendor" else row.specificity,
                row.confidence,
                row.ldm_exempt_module,
            )
            for row in rows
        ]
        typer.echo(
            format_table(
                [head, *cells], width=terminal_width_or_none(), shortenable=frozenset({2, 3, 4, 6})
            )
        )
    print_to_stderr(
        f"{len(rows)} of {len(catalogue.rows)} rows of edition "
        f"{terminal_safe_text(catalogue.edition)}"
    )
    return 0


def explain_command(host: str, overlays: Sequence[str] | None, format_: str) -> int:
    """Explain a host; return the exit code."""
    catalogue = load_catalogue_with_endpoint_lists(overlays)
    if format_ == "json":
        print_to_stdout(
            json.dumps(endpoint_catalogue.explain_host(host, catalogue), indent=1) + "\n"
        )
    else:
        print_to_stdout(_host_explanation_text(host, catalogue))
    return 0


def _host_explanation_text(host: str, catalogue: endpoint_catalogue.Catalogue) -> str:
    explanation = endpoint_catalogue.explain_host(host, catalogue)
    lines = [f"{explanation['name'] or host}"]
    if explanation["never"]:
        lines.append("  on the list of names that never match: it does not belong to the maker")
    elif not explanation["known"]:
        lines.append("  not in the catalogue")
    else:
        roles = ", ".join(dict.fromkeys(role["category"] for role in explanation["roles"]))
        lines.append(_wrap_text(f"  of {', '.join(explanation['operators'])}: {roles}", "  "))
    if explanation["hosting"]:
        lines.append(_wrap_text(f"  {explanation['hosting']}", "  "))
    for role in explanation["roles"]:
        lines += ["", f"{role['category']}: {role['category_means']}", *_endpoint_role_lines(role)]
    for title, key in (("A SIGHTING PROVES", "proves"), ("IT DOES NOT PROVE", "does_not_prove")):
        lines += ["", title, *(_wrap_text(f"- {line}", "  ") for line in explanation[key])]
    lines += ["", "CLAIMS, weakest first"]
    lines += [
        _wrap_text(f"{claim}: {means}", "  ") for claim, means in explanation["claims"].items()
    ]
    lines += ["", f"Catalogue {catalogue.edition}, SHA-256 {catalogue.sha256}"]
    return "\n".join(lines) + "\n"


def _endpoint_role_lines(role: dict[str, str]) -> list[str]:
    operator = role["operator"]
    if role["operator_country"]:
        country_source = role["country_source"] or "the row's own source"
        operator += f" (head office {role['operator_country']}, by {country_source})"
    module = role["ldm_exempt_module"]
    facts = (
        ("operator", operator),
        ("matches", f"{role['indicator']}: {role['match_means']}"),
        ("shared", role["specificity_means"]),
        ("upload to", " ".join(role["upload_paths"])),
        ("paths", " ".join(role["paths"])),
        ("carries", role["carries"]),
        ("used by", role["used_by"]),
        ("LDM module", f"{module}: {role['ldm_exempt_module_means']}" if module else ""),
        ("port", role["port"]),
        ("located in", role["jurisdiction"]),
        ("system", "" if role["environment"] == "prod" else role["environment"]),
        ("known from", f"{role['evidence']}; confidence {role['confidence']}"),
        (
            "",
            "" if role["on_by_default"] else "low confidence: not used unless a policy asks for it",
        ),
        ("notes", role["notes"]),
        ("source", role["source"]),
        ("read on", role["read_on"]),
    )
    return [_wrap_text(f"  {name:<10}  {text}", " " * 14) for name, text in facts if text]


def _wrap_text(text: str, indent: str) -> str:
    return "\n".join(
        textwrap.wrap(
            terminal_safe_text(text), _WIDTH, subsequent_indent=indent, break_long_words=False,
            break_on_hyphens=False, drop_whitespace=True,
        )
    )  # fmt: skip


def lint_command(files: Sequence[str] | None, as_of: dt.date | None) -> int:
    """Print the faults of the catalogue; return the exit code."""
    catalogue = load_catalogue_with_endpoint_lists(files)
    fault_list = list(endpoint_catalogue.lint_catalogue(catalogue, as_of))
    for fault in fault_list:
        typer.echo(terminal_safe_text(fault))
    print_to_stderr(
        f"{len(fault_list)} faults in {len(catalogue.rows)} rows "
        f"of edition {terminal_safe_text(catalogue.edition)}"
    )
    return ExitCode.NEEDS_LOOK if fault_list else ExitCode.DONE


def import_command(file: Path, name: str | None, out: Path | None) -> int:
    """Check a list and store it; return the exit code."""
    try:
        layer = endpoint_catalogue.read_overlay(file)
    except endpoint_catalogue.CatalogueError as error:
        raise print_error_and_return_exit(str(error)) from error
    name = name if name is not None else file.stem
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise print_error_and_return_exit(
            f"{name!r} is not a valid name for a list; choose one with --name"
        )
    path = out if out is not None else endpoint_list_folder() / f"{name}.csv"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, endpoint_catalogue.dump_endpoints_csv(layer.rows, layer.never_match))
    except OSError as error:
        raise print_os_error_and_return_exit(path, error) from error
    print_to_stderr(
        f"{len(layer.rows)} rows and {len(layer.never_match)} names that never match, "
        f"in {terminal_safe_text(path)}"
    )
    if layer.skipped:
        print_to_stderr(
            f"{layer.skipped} parts of {terminal_safe_text(file.name)} are not endpoints "
            "and were left out"
        )
    for fault in layer.left_out[:_MOST_LEFT_OUT]:
        print_to_stderr(f"left out {terminal_safe_text(fault)}")
    if len(layer.left_out) > _MOST_LEFT_OUT:
        more = len(layer.left_out) - _MOST_LEFT_OUT
        print_to_stderr(f"left out … and {more:,} more, each named by endpoints lint")
    print_to_stderr(f"Use it   --endpoints {terminal_safe_text(path if out is not None else name)}")
    return 0


def export_command(
    format_: str,
    generic: bool,
    overlays: Sequence[str] | None,
    categories: Sequence[str] | None,
    operator: str | None,
    low_confidence: bool,
) -> int:
    """Print the catalogue in the format of another tool; return the exit code."""
    catalogue = load_catalogue_with_endpoint_lists(overlays)
    rows = _select_catalogue_entries(catalogue, categories, operator, low_confidence)
    rows = tuple(row for row in rows if generic or row.specificity != "generic")
    if format_ == "stix":
        print_to_stdout(
            endpoint_catalogue.dump_stix(rows, dt.date.fromisoformat(endpoint_catalogue.EDITION))
        )
    elif format_ == "zeek":
        print_to_stdout(endpoint_catalogue.dump_zeek(rows))
    elif format_ == "suricata":
        print_to_stdout(endpoint_catalogue.dump_suricata_string_dataset(rows))
    elif format_ == "pihole":
        print_to_stdout(endpoint_catalogue.dump_pihole_regular_expressions(rows))
    else:
        print_to_stdout(endpoint_catalogue.dump_endpoints_csv(rows))
    edition = f"{len(rows)} rows of edition {terminal_safe_text(catalogue.edition)}."
    print_to_stderr(f"{edition} {_FORM_LIMITS[format_]}".rstrip())
    return 0


def _select_catalogue_entries(
    catalogue: endpoint_catalogue.Catalogue,
    categories: Sequence[str] | None,
    operator: str | None,
    low_confidence: bool,
) -> tuple[endpoint_catalogue.CatalogueEntry, ...]:
    """Return the selected rows, by operator and name.

    Raises:
        typer.Exit: If a category does not exist or nothing is left.
    """
    for name in categories or ():
        if name not in endpoint_catalogue.CATEGORIES:
            known = ", ".join(endpoint_catalogue.CATEGORIES)
            raise print_error_and_return_exit(f"no category {name!r}; the categories are {known}")
    rows = [
        row
        for row in catalogue.rows
        if (low_confidence or row.confidence != "low")
        and (not categories or row.category in categories)
        and (operator is None or operator.lower() in row.operator.lower())
    ]
    if not rows:
        raise print_error_and_return_exit("no row matches")
    return tuple(sorted(rows, key=lambda row: (row.operator, row.indicator, row.category)))
