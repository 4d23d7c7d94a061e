"""``dji-audit demo``: the synthetic logs, audited."""

from importlib.resources import as_file, files
from pathlib import Path

import typer

from dji_audit.cli._summary import print_tables, tell_of_files
from dji_audit.cli._terminal import check_zone, fail, plain
from dji_audit.compliance.context import Brief
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.output import INDEX, OutputError
from dji_audit.fleet.run import Options, run

#: What the unit of the story brings besides its logs.
UNIT = ("inventory.toml", "operations.toml", "authorisations.toml")
#: The same flight again, for the tests of joining files.
CASE = "case"
#: The address of the tablet on its controller.
TABLET = "192.0.2.20"


def demo_command(out: Path) -> int:
    """Audit the synthetic logs into a folder; a demonstration always exits with 0."""
    from zoneinfo import ZoneInfo

    zone = check_zone("Europe/London")
    shipped = files("dji_audit") / "data" / "sample_logs"
    # In a checkout the logs lie beside the package; a wheel carries them inside.
    beside = Path(__file__).parents[2] / "sample_logs"
    with as_file(shipped if shipped.is_dir() else beside) as logs:
        if not logs.is_dir():
            raise fail("the synthetic logs are not installed")
        try:
            inventory, operations, authorisations = (logs / "unit" / name for name in UNIT)
            zones = (logs / "zones" / "dartmoor.geojson",)
            brief = Brief(inventory, operations, authorisations, devices=(TABLET,), zones=zones)
            options = Options(
                policy=load_policy(), out=out, zone=zone, brief=brief, leave_out=(logs / CASE,)
            )
            whole = run([logs], options)
        except OutputError as error:
            raise fail(str(error)) from error
    tell_of_files(whole)
    print_tables(whole, ZoneInfo(zone))
    for finding in whole.contents.findings:
        if finding["authorisation"]:
            text = plain(f"{finding['summary']}; {finding['authorisation']['text']}")
            typer.echo(f"{finding['flight']} {finding['rule']}: {text}")
    typer.echo(f"\nVERDICT  {plain(whole.verdict.line)}.")
    typer.echo(f"         (`audit` on these logs exits with {whole.verdict.exit_code}.)")
    typer.echo(f"Open     {(out / INDEX).resolve()}")
    return 0
