"""The settings that every group of commands shares, and how their options are written."""

from typing import Any

import typer


def plain_text_command_group(name: str, summary: str, epilog: str | None = None) -> typer.Typer:
    """Return a group of commands that prints plain text and leaves errors to ``main``.

    Without arguments it shows its help, which ``summary`` begins.
    """
    return typer.Typer(
        name=name,
        help=summary,
        epilog=epilog,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def option_that_takes_value(flag: str, metavar: str, meaning: str, **more: Any) -> Any:
    """Return an option that takes a value.

    Args:
        flag: Its name, with two hyphens.
        metavar: What the value is, in capitals.
        meaning: Its help.
        more: What else ``typer.Option`` takes.
    """
    return typer.Option(flag, metavar=metavar, help=meaning, **more)


def option_for_supplied_table(flag: str, rows: str) -> Any:
    """Return an option that takes a table of the unit; ``rows``: what its rows are."""
    return option_that_takes_value(flag, "FILE", f"CSV or TOML of {rows}.")


def option_for_output(metavar: str, meaning: str) -> Any:
    """Return the option ``--out``, short ``-o``, that says where a command writes to.

    Args:
        metavar: What the value is, in capitals.
        meaning: Its help.
    """
    return typer.Option("--out", "-o", metavar=metavar, help=meaning)
