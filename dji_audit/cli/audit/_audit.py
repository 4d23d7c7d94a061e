"""``dji-audit audit``."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import typer

import parsers
from dji_audit.cli._options import AuditOptions
from dji_audit.cli._terminal import (
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
)
from dji_audit.cli.audit._incomplete_zone_files import print_incomplete_zone_files
from dji_audit.cli.audit._print_all_tables import print_all_tables, print_files_not_read_whole
from dji_audit.cli.audit._run_options_from_cli import run_options_from_cli
from dji_audit.cli.audit._run_summary_lines import run_summary_lines
from dji_audit.cli.audit._shards_and_quarantine import (
    parse_shard_option,
    print_notice_on_ctrl_c,
    quarantine_lines,
)
from dji_audit.cli.audit._show_run_progress import call_with_run_progress
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.policy import PolicyError
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.read_shard_into_state import read_shard_into_state
from dji_audit.fleet.run import ReusedAndNewCounts, RunOptions, audit_paths
from dji_audit.fleet.state.run_ledger import ShardNumberAndCount
from dji_audit.report.report_json_and_csv import flights_csv

#: Exit code where something could not be read in full.
#: Removed files that are named.
MAX_REMOVED_NAMED = 20


def audit_command(paths: Sequence[Path], options: AuditOptions) -> int:
    """Audit, write, print; return the exit code."""
    shard = parse_shard_option(options)
    try:
        chosen = run_options_from_cli(
            options,
            options.out,
            pdf=options.pdf and options.out is not None,
            parquet=options.parquet and options.out is not None,
            plots=options.plot or (),
            state=options.state,
            trust_mtime=options.trust_mtime,
            pages=options.pages,
            scheduler=options.scheduler,
        )
        given = paths_with_those_listed_on_stdin(paths)
        with print_notice_on_ctrl_c(options.state):
            if shard is not None:
                return _read_files_of_shard_and_return_exit_code(given, chosen, shard, options)
            finished = call_with_run_progress(
                partial(audit_paths, given, chosen), options, chosen.jobs
            )
    except (PolicyError, SuppliedFileError, OutputError, parsers.InvalidKeysError) as error:
        raise print_error_and_return_exit(str(error)) from error
    except KeyboardInterrupt:
        what_next = "run the command again for a result"
        if options.state is not None:
            what_next = f"{options.state} keeps what was found out; the same command goes on"
        print_to_stderr(terminal_safe_text(f"dji-audit: interrupted; {what_next}"))
        return ExitCode.INTERRUPTED
    if options.all:
        print_files_not_read_whole(finished)
    else:
        print_incomplete_zone_files(finished)
    if options.format == "json":
        print_to_stdout(finished.report_json_text)
    elif options.format == "csv":
        print_to_stdout(flights_csv(finished.contents.flights))
    elif options.all:
        print_all_tables(finished)
        typer.echo()
    if finished.kept is not None:
        for line in reused_results_lines(finished.kept, is_quiet=options.quiet):
            print_to_stderr(line)
    if not options.all:
        for line in quarantine_lines(finished.triage.quarantined):
            print_to_stderr(line)
    lines = run_summary_lines(finished, paths, options.out)
    # Data in a pipe stay data: beside them the summary is a message.
    typer.echo("\n".join(lines), err=options.format != "table")
    return finished.verdict.exit_code


def _read_files_of_shard_and_return_exit_code(
    paths: Sequence[Path], chosen: RunOptions, shard: ShardNumberAndCount, options: AuditOptions
) -> int:
    """Read one part, and say that this is no result yet; return the exit code."""
    done = call_with_run_progress(
        partial(read_shard_into_state, paths, chosen, shard), options, chosen.jobs
    )
    for line in quarantine_lines(done.quarantined):
        print_to_stderr(line)
    of_part = pluralised_count(done.read_files + done.known_files, "file")
    typer.echo(
        f"part {shard}  {of_part} of {done.all_files:,}: {done.read_files:,} read, "
        f"{done.known_files:,} known, {done.incomplete_files:,} not read in full\n"
        "NO VERDICT  nothing was judged: when every part is read, merge their states (dji-audit "
        "fleet merge) and audit with the merged one"
    )
    is_partial = bool(done.incomplete_files) and not chosen.allow_partial
    return ExitCode.INCOMPLETE if is_partial else ExitCode.DONE


def reused_results_lines(kept: ReusedAndNewCounts, *, is_quiet: bool = False) -> Iterator[str]:
    """Yield how much was known from earlier runs, and what these found that is gone."""
    if kept.stands_unchanged:
        if not is_quiet:
            yield (
                f"state    nothing has changed since the last run: "
                f"{pluralised_count(kept.known_files, 'file')}, "
                f"{pluralised_count(kept.known_flights, 'flight')}; its results stand"
            )
    elif not is_quiet:
        audited = pluralised_count(kept.audited_flights, "flight")
        yield (
            f"state    {pluralised_count(kept.read_files, 'file')} read, {kept.known_files:,} "
            f"known; {audited} audited, {kept.known_flights:,} known"
        )
        if kept.swept_results:
            yield (
                f"swept    {pluralised_count(kept.swept_results, 'result')} that no run uses any "
                "more"
            )
    if kept.trusted_files:
        trusted = pluralised_count(kept.trusted_files, "file")
        yield f"trusted  {trusted} not hashed again: size, time and inode are those of the state"
    for name in kept.removed_files[:MAX_REMOVED_NAMED]:
        yield f"removed  {terminal_safe_text(name)}: the last run found it"
    if len(kept.removed_files) > MAX_REMOVED_NAMED:
        more = len(kept.removed_files) - MAX_REMOVED_NAMED
        yield f"removed  {pluralised_count(more, 'more file')} that the last run found"
