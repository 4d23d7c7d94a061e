"""``dji-audit audit``."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import parsers
from dji_audit.cli._summary import print_tables, tell_of_files
from dji_audit.cli._table import shorten
from dji_audit.cli._terminal import (
    INTERRUPTED,
    check_zone,
    fail,
    paths_from,
    plain,
    say,
    tell,
    time_of_run,
)
from dji_audit.cli.keys._store import store_of
from dji_audit.compliance.context import NOTHING, Brief
from dji_audit.compliance.findings import Severity
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.fleet.output import INDEX, OutputError
from dji_audit.fleet.run import Options, run
from dji_audit.report.documents import flights_csv
from dji_audit.supplied_tables import CaseError


def audit_command(
    paths: Sequence[Path],
    out: Path | None,
    keys: Sequence[Path],
    policy: str,
    jobs: int,
    fail_on: str,
    allow_partial: bool,
    format_: str,
    timeout_s: float,
    zone: str,
    now: str | None,
    key_store: str | None = None,
    brief: Brief = NOTHING,
    camera_zone: str | None = None,
) -> int:
    """Audit, write, print; return the exit code."""
    store = store_of(key_store)
    try:
        options = Options(
            policy=load_policy(policy),
            keychains=tuple(keychains(keys)),
            out=out,
            jobs=jobs or os.cpu_count() or 1,
            timeout_s=timeout_s,
            fail_on=Severity(fail_on),
            allow_partial=allow_partial,
            generated=time_of_run(now),
            zone=check_zone(zone),
            key_store=store.folder if store is not None else None,
            brief=brief,
            camera_zone=check_zone(camera_zone) if camera_zone else None,
        )
        whole = run(paths_from(paths), options, _progress if sys.stderr.isatty() else None)
    except (PolicyError, CaseError, OutputError, parsers.EncryptedLogError) as error:
        raise fail(str(error)) from error
    except OSError as error:
        # Files that cannot be read are results; what is left is the output.
        raise fail(f"cannot write: {error}") from error
    except KeyboardInterrupt:
        say("dji-audit: interrupted; run the command again for a result")
        return INTERRUPTED
    tell_of_files(whole)
    if format_ == "json":
        tell(whole.report)
    elif format_ == "csv":
        tell(flights_csv(whole.contents.flights))
    else:
        print_tables(whole, ZoneInfo(options.zone))
    verdict = whole.verdict
    say(f"\nVERDICT  {plain(verdict.line)}. Exit {verdict.exit_code}.")
    if whole.yardstick.as_of is not None:
        say(f"Rules    as of {whole.yardstick.as_of}, not of each flight's own day")
    if out is not None:
        say(f"Open     {out / INDEX}")
    return verdict.exit_code


def keychains(keys: Sequence[Path]) -> list[Path]:
    """Return the keychains files named, those of a folder included, each checked.

    Raises:
        typer.Exit: If one cannot be opened.
        parsers.EncryptedLogError: If one is not keychains.
    """
    files: list[Path] = []
    for path in keys:
        files += sorted(path.glob("*.json")) if path.is_dir() else [path]
    for path in files:
        try:
            parsers.load_keychains(path.read_bytes())
        except OSError as error:
            raise fail(f"{path}: {(error.strerror or str(error)).lower()}") from error
        except parsers.EncryptedLogError as error:
            raise parsers.EncryptedLogError(f"{path}: {error}") from error
    return files


def _progress(done: int, total: int, name: str) -> None:
    """Show progress on one line of the terminal."""
    room = shutil.get_terminal_size().columns - 1
    line = shorten(f"{done}/{total} {plain(name)}", room)
    blank = " " * room
    sys.stderr.write(f"\r{blank}\r{line}" if done < total else f"\r{blank}\r")
    sys.stderr.flush()
