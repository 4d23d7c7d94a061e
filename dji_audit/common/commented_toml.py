"""TOML files that a person fills in: what each key means stands above it as a comment."""

import textwrap

_WIDTH = 96


def wrap_as_toml_comment(text: str) -> list[str]:
    """Return the lines of a comment of at most 96 columns; none for no text."""
    return textwrap.wrap(
        text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )
