"""The ``dji-audit`` command: the only code that prints, reads the environment or exits."""

import io
import sys

from dji_audit.common.exit_code import ExitCode


def main() -> None:
    """Run the command; an error that nobody foresaw exits with 70, never with 1."""
    from dji_audit.common.pandas_without_pyarrow import prevent_pandas_loading_pyarrow

    prevent_pandas_loading_pyarrow()
    from dji_audit.cli._app import app

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal's encoding lacks is written out, not an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    if "" in sys.argv[1:]:
        # As a path it would be the folder that one stands in.
        sys.stderr.write("dji-audit: an argument is empty; is a variable not set?\n")
        sys.exit(ExitCode.USAGE_OR_IO)
    try:
        app()
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        from dji_audit.common.safe_text import terminal_safe_text

        sys.stderr.write(
            f"dji-audit: internal error: {type(error).__name__}: {terminal_safe_text(error)}\n"
            "This is a fault of dji-audit, not of the log. Repeat with --debug for the trace.\n"
        )
        sys.exit(ExitCode.INTERNAL_ERROR)
