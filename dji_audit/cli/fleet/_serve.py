"""``dji-audit serve``: the work of a unit in a browser of this computer."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import typer

import parsers
from dji_audit.cli._options import ServeOptions
from dji_audit.cli._terminal import print_error_and_return_exit
from dji_audit.cli.audit._run_options_from_cli import run_options_from_cli
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.policy import PolicyError, unshipped_pack_files
from dji_audit.dossier.build import DossierRequest, build_dossier
from dji_audit.dossier.write_archive import DossierError
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import Progress
from dji_audit.fleet.serve.workbench_actions import (
    DossierOrder,
    MakeDossier,
    WorkbenchActions,
    WorkbenchError,
)

_EXTRA_IS_MISSING = (
    'serve needs Starlette and uvicorn, which are not installed: pip install "dji-audit[serve]"'
)


def serve_command(state: Path, evidence: Sequence[Path], options: ServeOptions) -> int:
    """Serve a state until somebody interrupts it; return the exit code."""
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise print_error_and_return_exit(_EXTRA_IS_MISSING)
    from dji_audit.fleet.serve.serve_on_loopback import serve_workbench

    try:
        chosen = run_options_from_cli(options, None, state=state)
        work = WorkbenchActions(chosen, evidence, dossier_building_callback(options))
        serve_workbench(work, options.port, _print_address_to_open)
    except (PolicyError, SuppliedFileError, OutputError, parsers.InvalidKeysError) as error:
        raise print_error_and_return_exit(str(error)) from error
    except KeyboardInterrupt:
        # How a server ends that a person started.
        return 0
    return 0


def dossier_building_callback(options: ServeOptions) -> MakeDossier:
    """Return what makes the dossiers that a browser asks for, with the policy of the options."""

    def make_dossier(order: DossierOrder, progress: Progress) -> None:
        request = DossierRequest(
            paths=order.paths,
            run=order.run,
            policy=options.policy,
            policy_files=unshipped_pack_files(options.policy),
            declared_clocks=tuple(options.clock or ()),
            command="serve",
            time_stated_by="--now" if options.now is not None else None,
            with_originals=order.with_originals,
        )
        try:
            build_dossier(request, order.out, progress)
        except DossierError as error:
            raise WorkbenchError(str(error)) from error

    return make_dossier


def _print_address_to_open(address: str) -> None:
    typer.echo(f"OPEN     {terminal_safe_text(address)}")
    typer.echo("         Only a browser of this computer is let in. Ctrl+C ends it.")
