"""What a person sees on the terminal while a command works."""

import shutil
import sys

from dji_audit.cli._table import shorten_middle
from dji_audit.safe_text import terminal_safe_text


def show_progress(done: int, total: int, name: str) -> None:
    """Show progress on one line of the terminal."""
    room = shutil.get_terminal_size().columns - 1
    line = shorten_middle(f"{done}/{total} {terminal_safe_text(name)}", room)
    blank = " " * room
    sys.stderr.write(f"\r{blank}\r{line}" if done < total else f"\r{blank}\r")
    sys.stderr.flush()
