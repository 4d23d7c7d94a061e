"""``dji-audit fleet merge``."""

from collections.abc import Sequence
from pathlib import Path

import typer

from dji_audit.cli._terminal import print_error_and_return_exit
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.state.merge_states import merge_states


def merge_command(states: Sequence[Path], target: Path) -> int:
    """Merge, and say what was added; return the exit code."""
    try:
        merged = merge_states(states, target)
    except OutputError as error:
        raise print_error_and_return_exit(str(error)) from error
    lines = [
        f"merged   {pluralised_count(len(states), 'state')} into {terminal_safe_text(target)}",
        f"results  {pluralised_count(merged.added_results, 'result')} added, "
        f"{merged.known_results:,} known",
        f"runs     {pluralised_count(merged.added_runs, 'run')} added",
    ]
    if merged.damaged_results:
        lines.append(
            f"damaged  {pluralised_count(merged.damaged_results, 'result')}, left out: the next "
            "audit finds them out again"
        )
    typer.echo("\n".join(lines))
    return 0
