"""``dji-audit rules``: its commands with options and help; the rest is loaded when called."""

import datetime as dt
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_that_takes_value,
    plain_text_command_group,
)

rules_app = plain_text_command_group("rules", "The rules of a policy: list, explain, test.")

PolicyPack = Annotated[
    str,
    option_that_takes_value("--policy", "PACK", "Policy pack: a name that ships, or a TOML file."),
]


@rules_app.command("list")
def list_(
    policy: PolicyPack = "default",
    format: Annotated[Literal["table", "json"], typer.Option("--format", help="How.")] = "table",
) -> None:
    """List the entries of a policy, and the packs that ship."""
    from dji_audit.cli.rules._commands import list_command

    raise typer.Exit(list_command(policy, format))


@rules_app.command()
def explain(
    rule: Annotated[
        str, typer.Argument(metavar="RULE", help="Id of an entry of the policy, or of a rule.")
    ],
    policy: PolicyPack = "default",
) -> None:
    """Explain a rule and the sources of its limits."""
    from dji_audit.cli.rules._commands import explain_command

    raise typer.Exit(explain_command(rule, policy))


@rules_app.command()
def test(
    pack: Annotated[
        str, typer.Argument(metavar="PACK", help="Policy pack: a name that ships, or a TOML file.")
    ],
) -> None:
    """Check a pack; run the examples of its rules.

    Exit codes: 0 all examples agree; 1 an example differs; 2 the pack cannot be used.
    """
    from dji_audit.cli.rules._commands import test_command

    raise typer.Exit(test_command(pack))


@rules_app.command("check-sources")
def check_sources(
    pack: Annotated[
        str, typer.Argument(metavar="PACK", help="Policy pack: a name that ships, or a TOML file.")
    ] = "default",
    as_of: Annotated[
        dt.datetime | None,
        option_that_takes_value(
            "--as-of", "DATE", "Day of the check; today.", formats=["%Y-%m-%d"]
        ),
    ] = None,
    format: Annotated[Literal["table", "json"], typer.Option("--format", help="How.")] = "table",
) -> None:
    """List the texts of each rule; what to read again.

    Exit codes: 0 nothing is to be read; 1 something is; 2 the pack cannot be used.
    """
    from dji_audit.cli.rules._commands import check_sources_command

    day = (as_of or dt.datetime.now(tz=dt.UTC)).date()
    raise typer.Exit(check_sources_command(pack, day, format))
