"""What a person reads: whole lines of help, tables that fit, one word and order for a thing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer

from dji_audit.cli._app import app
from dji_audit.cli._text_table import (
    TextTableColumn,
    fitted_table_text_and_omitted_heads,
    format_table,
    shorten_middle,
    text_width,
)
from dji_audit.cli.audit._print_all_tables import failed_or_unassessed_rule_table, flight_table
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.report.rows import FlightRow, PolicyRuleRow, RuleResultRow
from tests.dji_audit.cli.conftest import Invoke


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command below one, and that one, with the words that call it."""
    yield words, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*words, name))


EVERY = list(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("words", [words for words, _ in EVERY], ids=" ".join)
def test_help_fits_eighty_columns_and_ends_no_line_in_the_middle(
    invoke: Invoke, words: tuple[str, ...]
) -> None:
    text = invoke(*words, "--help", env={"COLUMNS": "80"}).stdout
    _, _, listed = text.partition("\nCommands:\n")
    assert "..." not in listed
    assert max(map(len, text.splitlines())) <= 80
    assert "list[" not in text.partition("\nOptions:\n")[2]


def test_every_option_that_takes_a_value_says_what_it_is() -> None:
    nameless = [
        f"{' '.join(words)} {option.opts[0]}"
        for words, command in EVERY
        for option in command.params
        if option.metavar is None
        and not option.hidden
        and not getattr(option, "is_flag", False)
        and not option.type_descriptor.is_choice
    ]
    assert nameless == []


def test_columns_are_cut_first_and_then_left_out_the_least_needed_one_first() -> None:
    head = [
        TextTableColumn("ID"),
        TextTableColumn("NAME", min_width=4, drop_order=1),
        TextTableColumn("SIZE", right_aligned=True, drop_order=2),
    ]
    rows = [["a", "long name", "1"], ["b", "short", "22"]]
    whole, none = fitted_table_text_and_omitted_heads(head, rows, 80)
    assert whole.splitlines() == [
        "ID  NAME       SIZE",
        "a   long name     1",
        "b   short        22",
    ]
    assert none == ()
    cut, none = fitted_table_text_and_omitted_heads(head, rows, 14)
    assert cut.splitlines()[1:] == ["a   l…me     1", "b   s…rt    22"]
    assert none == ()
    assert fitted_table_text_and_omitted_heads(head, rows, 9) == (
        "ID  NAME\na   lo…me\nb   short",
        ("SIZE",),
    )
    assert fitted_table_text_and_omitted_heads(head, rows, 3) == ("ID\na\nb", ("NAME", "SIZE"))


def test_a_text_is_as_wide_as_a_terminal_shows_it() -> None:
    assert text_width("Zo\u0308e") == 3
    assert text_width("無人機") == 6
    assert shorten_middle("無人機の飛行記録.txt", 12) == "無人…録.txt"
    table, _ = fitted_table_text_and_omitted_heads(
        [TextTableColumn("NAME"), TextTableColumn("N")], [["無人機", "1"], ["Zo\u0308e", "2"]], 80
    )
    assert table.splitlines()[1:] == ["無人機  1", "Zo\u0308e     2"]


FLIGHT = FlightRow(
    id="998e9f4e-1",
    file="DJIFlightRecord_2026-05-14_[10-01-58].txt",
    sha256="ab" * 32,
    start=pd.Timestamp("2026-05-14T09:01:58Z"),
    aircraft="Mavic 2 Enterprise Advanced",
    duration_s=557.0,
    max_height_ato_m=131.2,
    max_home_distance_m=398.0,
    video_s=234.0,
    photos=12,
    findings=30,
    worst=Severity.HIGH,
    encrypted=True,
    outcomes={
        Outcome.NOT_ASSESSABLE: 6,
        Outcome.FAIL: 20,
        Outcome.FAIL_AUTHORISED: 2,
        Outcome.PASS: 3,
    },
    files=10,
)


@pytest.mark.parametrize("width", [72, 80, 100, 120, 160, 200])
def test_a_flight_takes_one_line_and_keeps_aircraft_time_height_and_findings(width: int) -> None:
    table = flight_table([FLIGHT], width)
    head, row, *rest = table.splitlines()
    assert len(head) <= width and len(row) <= width
    for heading in ("FLIGHT", "AIRCRAFT", "TIME", "HEIGHT", "FINDINGS"):
        assert heading in head
    for value in ("998e9f4e-1", "Mav", "9:17", "131 m", "30 (high), encrypted"):
        assert value in row
    left_out = [name for name in ("SOURCES", "NOT CHECKED", "PHOTOS") if name not in head]
    assert bool(rest) == bool(left_out)
    for name in left_out:
        assert name in rest[0]


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_of_rules_never_loses_a_name_or_that_a_rule_is_unverified(width: int) -> None:
    name = "recording_without_purpose"
    results = [
        RuleResultRow(flight="998e9f4e-1", rule=name, outcome=outcome, reason="")
        for outcome in (Outcome.FAIL, Outcome.FAIL_AUTHORISED, Outcome.NOT_ASSESSABLE)
    ]
    rule = PolicyRuleRow(
        rule=name,
        applied_rule=name,
        title="",
        status="statutory code (unverified)",
        citation="",
        parameters={},
        parameter_sources={},
    )
    text = failed_or_unassessed_rule_table(results, [rule], width)
    assert max(map(len, text.splitlines())) <= width
    assert "recording_without_purpose" in text
    assert "unverified" in text


def test_what_is_no_terminal_has_one_width_whatever_the_environment_says(
    invoke: Invoke, whole: Path
) -> None:
    outputs = {invoke("audit", whole, env={"COLUMNS": str(at)}).stdout for at in (40, 80, 300)}
    assert len(outputs) == 1
    assert max(map(len, outputs.pop().splitlines())) <= 160


def test_the_demo_and_an_audit_say_first_what_was_not_read(
    invoke: Invoke, sample_logs: Path, tmp_path: Path
) -> None:
    demo = invoke("demo", tmp_path / "out").output
    audit = invoke("audit", sample_logs, "--all").output
    for text in (demo, audit):
        places = [text.index(word) for word in ("partial  ", "FLIGHT  ", "RULE  ", "VERDICT  ")]
        assert places == sorted(places)


def test_a_link_is_called_the_same_by_every_command(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    shutil.copy(whole, tmp_path)
    (tmp_path / "link.txt").symlink_to(whole)
    for command in (["audit", "--all"], ["keys", "request"]):
        result = invoke(*command, tmp_path)
        assert "other    1 link, not followed" in result.stderr
        assert "unread" not in result.stderr


def test_every_file_that_cannot_be_read_is_named_and_of_many_copies_the_first(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    for number in range(40):
        (tmp_path / f"DJIFlightRecord_{number:02}.txt").write_bytes(b"cut %d" % number)
        shutil.copyfile(whole, tmp_path / f"same {number:02}.txt")
    told = invoke("audit", tmp_path, "--all").stderr
    assert told.count("unread   DJIFlightRecord_") == 40
    # All but one of 40 equal files are copies.
    assert told.count("copy     same ") == 30
    assert "copy     … and 9 more, each named in report.json" in told


def test_of_a_list_only_what_is_not_needed_to_look_a_row_up_is_cut() -> None:
    rows = [("WHEN", "WHOSE", "FILE"), ("2026-05-14 09:02", "a very long owner", "x" * 40)]
    assert (
        format_table(rows, width=60)
        .splitlines()[1]
        .startswith("2026-05-14 09:02  a very long owner")
    )
    cut = format_table(rows, width=46, shortenable=frozenset({1})).splitlines()[1]
    assert cut.startswith("2026-05-14 09:02  a ver…ng owner  xxxx…xxxxxxx")
    assert len(cut) == 46
