"""``dji-audit fleet STATE page``: the dashboard."""

from pathlib import Path

import typer

from dji_audit.cli._terminal import print_error_and_return_exit, print_os_error_and_return_exit
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.fleet.dashboard import draw_fleet_page
from dji_audit.fleet.output_folder import OutputError


def page_command(state: Path, out: Path) -> int:
    """Draw the dashboard into a file; return the exit code."""
    try:
        write_atomically(out, draw_fleet_page(state, out.resolve().parent))
    except OutputError as error:
        raise print_error_and_return_exit(str(error)) from error
    except OSError as error:
        raise print_os_error_and_return_exit(out, error) from error
    typer.echo(terminal_safe_text(out))
    return 0
