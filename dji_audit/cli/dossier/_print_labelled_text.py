"""Lines that begin with a word in capitals, as those of the summary of an audit."""

from textwrap import wrap

import typer

from dji_audit.common.safe_text import terminal_safe_text

_HEAD, _WIDTH = 9, 80


def print_wrapped_beside_label(head: str, text: str) -> None:
    """Print a text behind the word that says what it is, wrapped; a hash or a name stays whole."""
    lines = wrap(
        terminal_safe_text(text),
        _WIDTH - _HEAD,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for number, line in enumerate(lines or [""]):
        typer.echo(f"{head if number == 0 else '':{_HEAD}}{line}".rstrip())
