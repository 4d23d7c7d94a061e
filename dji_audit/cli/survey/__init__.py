"""``dji-audit survey``: its commands with options and help; the rest is loaded when called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_for_output,
    option_for_supplied_table,
    option_that_takes_value,
    plain_text_command_group,
)

survey_app = plain_text_command_group(
    "survey", "A return to a survey of cameras; the national table."
)

Now = Annotated[
    str | None,
    option_that_takes_value(
        "--now", "TIME", "Time to print in the PDF, such as 2026-11-30T12:00:00Z."
    ),
]
FormatToPrint = Annotated[
    Literal["table", "json", "csv", "md"],
    typer.Option("--format", help="What to print where no --out is given."),
]
BodyList = Annotated[
    Path | None,
    option_for_supplied_table("--bodies", "bodies that are new, have merged, or have another name"),
]


@survey_app.command("init")
def init_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file of questions to write.")
    ] = Path("survey.toml"),
) -> None:
    """Write the questions, each explained, for a person to answer.

    Nothing is written over. Exit codes: 0 written; 2 it cannot be, or there is one already.
    """
    from dji_audit.cli.survey._init_build_check_commands import init_command

    raise typer.Exit(init_command(file))


@survey_app.command()
def build(
    answers: Annotated[
        Path, typer.Argument(metavar="SURVEY.toml", readable=False, help="The answers.")
    ],
    audits: Annotated[
        list[Path] | None,
        option_that_takes_value(
            "--from",
            "PATH",
            "Results of an audit: report.json, its folder, or a state; may be repeated.",
        ),
    ] = None,
    state: Annotated[
        list[Path] | None,
        option_that_takes_value("--state", "STATE", "State of audits, as audit --state keeps."),
    ] = None,
    out: Annotated[
        Path | None,
        option_for_output("FOLDER", "Folder for return.json, .csv, .md and .pdf."),
    ] = None,
    format: FormatToPrint = "table",
    now: Now = None,
) -> None:
    """Put the answers together with what logs show; list contradictions.

    Each answer is observed, declared, or cannot be known from logs. Exit codes: 0 built; 1 logs
    contradict an answer; 2 usage or I/O; 4 answers are missing.
    """
    from dji_audit.cli.survey._init_build_check_commands import build_command

    raise typer.Exit(build_command(answers, [*(audits or []), *(state or [])], out, format, now))


@survey_app.command()
def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="RETURN", readable=False, help="return.json or survey.toml, or folders of them."
        ),
    ],
    bodies: BodyList = None,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help="What to print.")
    ] = "table",
) -> None:
    """Say what a return lacks, and where it contradicts itself or logs.

    Exit codes: 0 complete; 1 contradictions; 2 a return cannot be read; 4 answers are missing.
    """
    from dji_audit.cli.survey._init_build_check_commands import check_survey_returns_command

    raise typer.Exit(check_survey_returns_command(files, bodies, format))


@survey_app.command()
def combine(
    returns: Annotated[
        list[Path],
        typer.Argument(
            metavar="RETURN", readable=False, help="return.json or survey.toml, or folders of them."
        ),
    ],
    survey: Annotated[
        str | None,
        option_that_takes_value("--survey", "NAME", "Which survey. Default: that answered last."),
    ] = None,
    asked_on: Annotated[
        str | None,
        option_that_takes_value(
            "--asked-on",
            "DATE",
            "Day on which the bodies were asked. Default: that of the first return.",
        ),
    ] = None,
    closed_on: Annotated[
        str | None,
        option_that_takes_value("--closed-on", "DATE", "Last day: later returns are late."),
    ] = None,
    asked: Annotated[
        str,
        option_that_takes_value(
            "--asked",
            "WHO",
            "commissioner: the 47 bodies asked in 2022; all: every body of the list; listed: "
            "those of --bodies.",
        ),
    ] = "commissioner",
    bodies: BodyList = None,
    out: Annotated[
        Path | None,
        option_for_output("FOLDER", "Folder for the national table."),
    ] = None,
    format: FormatToPrint = "table",
    now: Now = None,
) -> None:
    """Combine returns to the national table: who replied, who did not.

    Corrections keep both values; bodies that have merged keep their history. Exit codes: 0
    combined; 1 returns that do not count; 2 usage or I/O.
    """
    from dji_audit.cli.survey._combine_returns import combine_command

    raise typer.Exit(
        combine_command(
            returns,
            survey=survey,
            asked_on=asked_on,
            closed_on=closed_on,
            asked=asked,
            bodies=bodies,
            out=out,
            format_=format,
            now=now,
        )
    )
