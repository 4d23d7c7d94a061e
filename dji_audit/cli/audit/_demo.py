"""``dji-audit demo``: the synthetic logs, audited."""

from importlib.resources import as_file, files
from pathlib import Path

import typer

from dji_audit.cli._terminal import print_error_and_return_exit
from dji_audit.cli.audit._print_all_tables import print_all_tables, print_files_not_read_whole
from dji_audit.cli.audit._run_summary_lines import run_summary_lines
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.compliance.context import ContextFiles
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.ingest import IngestSettings

#: The files that the unit supplies besides its logs.
UNIT_FILES = ("inventory.toml", "operations.toml", "authorisations.toml")
#: What the demonstration leaves out: the same flight again, recorded by many files, as an example
#: of joining, flights of other aircraft, and tracks of people.
LEFT_OUT = ("case", "other_aircraft", "tracks")
#: The address of the tablet on its controller.
TABLET_ADDRESS = "192.0.2.20"


def demo_command(out: Path) -> int:
    """Audit the synthetic logs into a folder; a demonstration always exits with 0."""
    shipped = files("dji_audit") / "data" / "sample_logs"
    # In a checkout the logs lie beside the package; a wheel contains them.
    in_checkout = Path(__file__).parents[3] / "sample_logs"
    with as_file(shipped if shipped.is_dir() else in_checkout) as logs:
        if not logs.is_dir():
            raise print_error_and_return_exit("the synthetic logs are not installed")
        try:
            inventory, operations, authorisations = (logs / "unit" / name for name in UNIT_FILES)
            zones = (logs / "zones" / "dartmoor.geojson",)
            context_files = ContextFiles(
                inventory, operations, authorisations, devices=(TABLET_ADDRESS,), zones=zones
            )
            options = RunOptions(
                policy=load_policy(),
                out=out,
                context_files=context_files,
                ingest=IngestSettings(excluded_folders=tuple(logs / each for each in LEFT_OUT)),
            )
            finished = audit_paths([logs], options)
        except OutputError as error:
            raise print_error_and_return_exit(str(error)) from error
    print_files_not_read_whole(finished)
    print_all_tables(finished)
    for finding in finished.contents.findings:
        if finding.authorisation:
            text = terminal_safe_text(f"{finding.summary}; {finding.authorisation.text}")
            typer.echo(f"{finding.flight} {finding.rule}: {text}")
    typer.echo()
    for line in run_summary_lines(finished, (), out.resolve()):
        typer.echo(line)
    typer.echo(f"{' ' * 9}(`audit` on these logs exits with {finished.verdict.exit_code}.)")
    return 0
