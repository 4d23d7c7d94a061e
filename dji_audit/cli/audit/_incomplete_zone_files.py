"""What a run says of zone files of which something could not be read."""

from dji_audit.cli._terminal import print_to_stderr
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.fleet.run import FinishedRun
from dji_audit.zones import LEFT_OUT_WORDS


def print_incomplete_zone_files(finished: FinishedRun) -> None:
    """Print a line for each zone file of which something was left out."""
    for supplied in finished.basis.context_files:
        if LEFT_OUT_WORDS in supplied.note:
            print_to_stderr(f"zones    {terminal_safe_text(f'{supplied.name}: {supplied.note}')}")
