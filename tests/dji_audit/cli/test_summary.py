"""The summary: whatever a run holds, at most 15 lines of 80 columns that say what to do."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from dji_audit.api import audit
from dji_audit.cli._text_table import text_width, wrap_text
from dji_audit.cli.audit._run_summary_lines import MAX_LINES, WIDTH, run_summary_lines
from dji_audit.compliance.findings import DATE_NOT_KNOWN
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.fleet.run import FinishedRun
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.network_contact_rows import host_counts_text
from dji_audit.report.report_json_and_csv import report_json_schema
from dji_audit.report.rows import (
    INTERNAL_FAULT,
    PAGE_NOT_WRITTEN,
    TIME_LIMIT,
    DataNeedObservationRow,
    FileRow,
    FindingRow,
    FlightRow,
    RuleResultRow,
    RunContents,
)
from dji_audit.report.run_verdict import verdict_of_run
from dji_audit.report.triage import (
    UrgentRuleWithWorstFinding,
    remedies_for_unchecked,
    triage_of_run,
)
from tests.dji_audit.cli.conftest import Invoke
from tests.dji_audit.fleet.made_fleet import contact_row, instant
from tests.parsers.network import captures_made

LONG = "Beyond the 100 m height fence by 7.3 m for 5.6 s from 06:21:26 UTC, measured. " * 4


@pytest.fixture(scope="module")
def finished(whole: Path) -> FinishedRun:
    """Return a run, whose contents a test replaces."""
    return audit(whole).run


def with_contents(finished: FinishedRun, contents: RunContents) -> FinishedRun:
    """Return a run of other contents, judged by them."""
    return replace(
        finished,
        contents=contents,
        verdict=verdict_of_run(contents, Severity.MEDIUM, False),
        triage=triage_of_run(contents),
    )


def flight(number: int, verdict: FlightVerdict = FlightVerdict.NEEDS_LOOK) -> FlightRow:
    """Return a flight whose aircraft has a wide name."""
    return FlightRow(
        id=f"9f2c41d{number}-1",
        file=f"{number}.txt",
        sha256="",
        aircraft="無人機 Enterprise Advanced",
        verdict=verdict,
        simulated=verdict is FlightVerdict.SIMULATED,
    )


def finding(
    number: int, rule: str, severity: Severity = Severity.HIGH, outcome: str = "fail"
) -> FindingRow:
    """Return a finding with a long sentence."""
    return FindingRow(
        flight=f"9f2c41d{number}-1",
        rule=rule,
        outcome=outcome,
        severity=severity,
        grade="measured",
        summary=f"{rule}: {LONG}{'無' * 60}",
    )


def unchecked(rule: str, remedy: str) -> RuleResultRow:
    """Return a result that could not be assessed, and what the unit can do about it."""
    need = DataNeedObservationRow(
        need="zones", subject="zones", share=0.0, min_share=0.95, sources=(), intervals=(),
        reason=f"No zone file was given. {LONG}", remedy=remedy,
    )  # fmt: skip
    return RuleResultRow(
        flight="9f2c41d0-1",
        rule=rule,
        outcome=Outcome.NOT_ASSESSABLE,
        reason="No zone file was given.",
        observations=(need,),
    )


@pytest.mark.parametrize("rules", [0, 1, 2, 3, 5, 40])
@pytest.mark.parametrize("remedies", [0, 1, 2, 4, 30])
def test_however_much_a_run_holds_the_summary_has_15_lines_of_80_columns(
    finished: FinishedRun, rules: int, remedies: int, tmp_path: Path
) -> None:
    statuses = ("read", "partial", "encrypted", "unread", "unopened") * (remedies > 1)
    contents = RunContents(
        files=tuple(FileRow(f"{'x' * 90}{it}.txt", it, LONG) for it in ("read", *statuses)),
        flights=tuple(flight(number) for number in range(max(rules, 1))),
        findings=tuple(finding(number, f"rule_{number}") for number in range(rules)),
        results=tuple(
            unchecked(f"rule_{number}", f"--zones FILE{number} {'word ' * number}")
            for number in range(remedies)
        ),
    )
    long_path = tmp_path / ("folder" * 20)
    lines = run_summary_lines(with_contents(finished, contents), [long_path], long_path)
    assert len(lines) <= MAX_LINES == 15
    assert max(map(text_width, lines)) <= WIDTH == 80
    heads = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert heads.count("VERDICT") == heads.count("OPEN") == 1
    assert heads == sorted(heads, key=["LOOK", "CHECK", "VERDICT", "OPEN"].index)
    assert ("LOOK" in heads) == (rules > 0)
    assert ("CHECK" in heads) == (remedies > 0)
    told = "\n".join(lines)
    if rules > 5:
        assert " more: on the pages, or with --all" in told
    if remedies == 1:
        assert "--zones FILE0" in told


def test_the_most_urgent_comes_first_then_what_many_flights_share(finished: FinishedRun) -> None:
    contents = RunContents(
        files=(FileRow("a", "read"),),
        flights=tuple(flight(number) for number in range(3)),
        findings=(
            finding(0, "few", Severity.MEDIUM),
            *(finding(number, "many", Severity.MEDIUM) for number in range(3)),
            finding(1, "grave", Severity.HIGH),
        ),
    )
    lines = run_summary_lines(with_contents(finished, contents), (), None)
    looks = [line.split()[1:3] for line in lines if line.startswith("LOOK")]
    assert looks == [["HIGH:", "Grave:"], ["MEDIUM:", "Many:"], ["MEDIUM:", "Few:"]]
    # What is said of the one flight need not be true of the others.
    assert "; 2 more flights for the same rule, many)" in " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    ("severity", "outcome"),
    [
        (Severity.LOW, "fail"),
        (Severity.HIGH, "fail_authorised"),
        (Severity.HIGH, "fail_acknowledged"),
        (Severity.HIGH, "not_assessable"),
        (Severity.REMARK, "remark"),
        (Severity.LOW, "remark"),
    ],
)
def test_nothing_that_is_a_note_settled_or_a_remark_needs_a_look(
    finished: FinishedRun, severity: Severity, outcome: str
) -> None:
    contents = RunContents(
        files=(FileRow("a", "read"),),
        flights=(flight(0, FlightVerdict.CLEAN),),
        findings=(finding(0, "a", severity, outcome),) * 14,
    )
    run = with_contents(finished, contents)
    lines = run_summary_lines(run, (), None)
    assert not any(line.startswith("LOOK") for line in lines)
    assert run.verdict.line.startswith("0 of 1 flights need a look. 1 clean and checked")
    assert run.verdict.exit_code == 0
    settled = {"fail_authorised": "14 authorised", "fail_acknowledged": "14 acknowledged"}
    told = f". Findings that no longer count: {settled.get(outcome)}. "
    assert (told in run.verdict.line) == ("14" in run.verdict.line) == (outcome in settled)


def test_simulated_flights_are_counted_by_themselves(finished: FinishedRun) -> None:
    contents = RunContents(
        files=(
            FileRow("a", "read"),
            FileRow("b", "read", "did not fly: never above 0.3 m"),
            FileRow("c.JPG", "read", "belongs to no flight: it matches no flight"),
        ),
        flights=(flight(0, FlightVerdict.SIMULATED), flight(1, FlightVerdict.CLEAN)),
        findings=(finding(0, "a"),),
    )
    run = with_contents(finished, contents)
    assert run.verdict.line == (
        "0 of 1 flights need a look. 1 clean and checked. "
        "Not counted: 1 simulated flight, 1 log in which nothing flew and 1 file that belongs to "
        "no flight. 3 files read in full"
    )
    assert run.verdict.exit_code == 0
    assert run.verdict.severities["high"] == 0


@pytest.mark.parametrize(("count", "said"), [(1, "1 file belongs"), (14, "14 files belong")])
def test_files_that_belong_to_no_flight_are_counted_and_their_records_asked_for(
    finished: FinishedRun, count: int, said: str
) -> None:
    photos = tuple(
        FileRow(f"{number}.JPG", "read", "belongs to no flight: it matches no flight")
        for number in range(count)
    )
    contents = RunContents(files=photos, flights=(flight(0, FlightVerdict.CLEAN),))
    lines = run_summary_lines(with_contents(finished, contents), (), None)
    told = " ".join(" ".join(lines).split())
    assert f"CHECK {said} to no flight, so that no rule was applied: add the flight" in told
    alone = run_summary_lines(with_contents(finished, RunContents(files=photos)), (), None)
    assert not any(line.startswith("CHECK") for line in alone)


def test_a_run_of_simulated_flights_alone_was_audited_and_asks_for_nothing(
    finished: FinishedRun,
) -> None:
    contents = RunContents(
        files=(FileRow("a", "read"),),
        flights=(flight(0, FlightVerdict.SIMULATED),),
        findings=(finding(0, "a"),),
        results=(replace(unchecked("zone_entry", "Give --zones."), flight="9f2c41d0-1"),),
    )
    run = with_contents(finished, contents)
    assert run.verdict.line == (
        "No flight to audit. Not counted: 1 simulated flight. 1 file read in full"
    )
    assert run.verdict.exit_code == 0
    assert not any(line.startswith("CHECK") for line in run_summary_lines(run, (), None))


@pytest.mark.parametrize(
    ("start", "local_start", "is_asked"),
    [
        (None, "2026-05-14T10:00:00.000", True),
        (pd.Timestamp("2026-05-14", tz="UTC"), None, False),
        (None, None, False),
    ],
)
def test_a_time_zone_is_asked_for_where_a_log_states_local_times_without_it(
    finished: FinishedRun, start: pd.Timestamp | None, local_start: str | None, is_asked: bool
) -> None:
    result = RuleResultRow(
        flight="9f2c41d0-1",
        rule="height_limit",
        outcome=Outcome.NOT_ASSESSABLE,
        reason=DATE_NOT_KNOWN,
    )
    contents = RunContents(
        files=(FileRow("a", "read"),),
        flights=(replace(flight(0), start=start, local_start=local_start),),
        results=(result, replace(result, rule="remote_id")),
    )
    text = " ".join(
        " ".join(run_summary_lines(with_contents(finished, contents), (), None)).split()
    )
    asked = "(2 rules not checked): name the zone of the clock with --camera-timezone"
    assert (asked in text) == is_asked


def test_what_needs_a_look_says_when_in_local_time(finished: FinishedRun) -> None:
    contents = RunContents(
        files=(FileRow("a", "read"),),
        flights=(flight(0),),
        findings=(
            replace(
                finding(0, "a"),
                summary="Beyond the fence at 23:30:00 UTC.",
                start_local="2026-05-15T00:30:00+01:00",
            ),
        ),
    )
    text = " ".join(
        " ".join(run_summary_lines(with_contents(finished, contents), (), None)).split()
    )
    assert "flight 9f2c41d0-1, 2026-05-15 00:30:00 UTC+1)" in text


def test_network_logs_without_a_flight_tell_whom_they_show(
    invoke: Invoke, sample_logs: Path, tmp_path: Path
) -> None:
    capture = sample_logs / "network" / "PCAPdroid_14_May_09_40_11.pcapng"
    result = invoke("audit", capture, "--out", tmp_path / "out")
    assert result.exit_code == 0
    told = " ".join(result.stdout.split())
    assert told.startswith("HOSTS ")
    assert "mydjiflight.dji.com (DJI" in told
    assert "No flight to audit" in told
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    jsonschema.validate(report, json.loads(report_json_schema()))
    hosts = {row["host"]: row for row in report["contacts"]}
    assert hosts["mydjiflight.dji.com"]["flight"] is None
    assert {row["claim"] for row in report["contacts"]} <= {
        "contact", "attempted", "indicator", "confirmed_upload"
    }  # fmt: skip
    page = (tmp_path / "out" / "index.html").read_text()
    # One number of hosts, wherever it stands, and no attempt among those contacted.
    claims = Counter(
        "local"
        if row["is_local"]
        else row["claim"]
        if row["claim"] in ("attempted", "indicator")
        else "contacted"
        for row in report["contacts"]
    )
    assert claims["attempted"]
    counts = f"{claims['contacted']} hosts contacted, {claims['attempted']} only attempted"
    assert told.startswith(f"HOSTS {counts}")
    assert f"Network logs of no flight: {counts}" in told
    assert f"<h2>{counts}" in page
    assert told.count(" hosts ") == 2


@pytest.mark.parametrize(
    ("hosts", "text"),
    [
        ([], ""),
        ([("contact", False)], "1 host contacted"),
        (
            [("contact", False), ("confirmed_upload", False), ("attempted", False)],
            "2 hosts contacted, 1 only attempted",
        ),
        ([("attempted", False), ("indicator", False)], "1 host only attempted, 1 only named"),
        ([("contact", True), ("attempted", True)], "2 hosts in the local network"),
    ],
)
def test_hosts_are_counted_by_what_is_shown_of_them(
    hosts: list[tuple[str, bool]], text: str
) -> None:
    made = contact_row(None, "example.org", "contact", instant("05-01T10:00"))
    rows = [replace(made, claim=claim, is_local=is_local) for claim, is_local in hosts]
    assert host_counts_text(rows) == text


def test_a_capture_of_which_no_packet_was_read_does_not_count_as_read(
    invoke: Invoke, sample_logs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    frames = captures_made.record(bytes(62)) * 2
    (folder / "wifi.pcap").write_bytes(captures_made.header(link=105) + frames)
    for others, code in ((), 3), (("network/access.log",), 4):
        for name in others:
            shutil.copy(sample_logs / name, folder)
        result = invoke("audit", folder, "--out", tmp_path / "out")
        assert result.exit_code == code
        told = " ".join(result.stdout.split())
        assert "wifi.pcap (156 bytes not decoded: none of its packets of link type 105" in told
        assert "record the traffic on the tablet or at the router" in told
        files = json.loads((tmp_path / "out" / "report.json").read_text())["inputs"]
        assert {each["status"] for each in files if each["name"] == "wifi.pcap"} == {"partial"}


def test_an_encrypted_record_gives_what_its_header_states_and_the_next_step(
    invoke: Invoke, sealed: Path, whole: Path, tmp_path: Path
) -> None:
    shutil.copyfile(sealed, tmp_path / "v14.txt")
    out = tmp_path / "out"
    folder = tmp_path / "logs"
    folder.mkdir()
    (tmp_path / "v14.txt").rename(folder / "v14.txt")
    result = invoke("audit", folder, "--out", out, "--allow-partial")
    assert result.exit_code == 3
    told = " ".join(result.stdout.split())
    assert "1 record is encrypted: dji-audit keys request" in told
    (row,) = json.loads((out / "report.json").read_text())["flights"]
    (opened,) = audit(whole).run.contents.flights
    assert row["serial"] == opened.serial
    assert row["duration_s"] == pytest.approx(opened.duration_s, abs=30)
    assert row["max_height_ato_m"] == pytest.approx(opened.max_height_ato_m, abs=1)
    assert row["start_latitude_deg"] == pytest.approx(opened.start_latitude_deg, abs=0.01)
    assert set(row["stated_by_header"]) == {
        "start", "duration_s", "distance_m", "max_height_ato_m", "start_latitude_deg",
        "start_longitude_deg",
    }  # fmt: skip
    assert opened.stated_by_header == ()
    assert "by the header" in (out / "index.html").read_text()
    page = (out / row["page"]).read_text()
    assert page.count("stated by the header".replace(" ", "&#32;")) or "stated" in page
    assert "keys" in page


def test_the_summary_of_a_mixed_folder_of_300_files(
    invoke: Invoke, sample_logs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "card"
    shutil.copytree(sample_logs, folder, ignore=shutil.ignore_patterns("*.py", "unit"))
    record = next(path for path in sample_logs.iterdir() if path.name.endswith("_damaged.txt"))
    data = record.read_bytes()
    for number in range(300):
        cut = data[: 200 + 7 * number] if number % 3 else b"note %d" % number
        name = f"DJIFlightRecord_{number:03}.txt" if number % 2 else f"holiday {number}.jpg"
        (folder / name).write_bytes(cut)
    result = invoke("audit", folder)
    lines = result.output.splitlines()
    assert len(lines) <= 15
    assert max(map(text_width, lines)) <= 80
    assert lines[0].startswith("LOOK ")
    assert any(line.startswith("CHECK ") for line in lines)
    assert any(line.startswith("VERDICT ") for line in lines)


@pytest.mark.parametrize("part", ["dji_txt", "network", "dji_csv", "zones"])
def test_the_summary_of_real_logs(invoke: Invoke, samples: Path, part: str) -> None:
    result = invoke("audit", samples / part)
    lines = result.output.splitlines()
    assert 2 <= len(lines) <= 15
    assert max(map(text_width, lines)) <= 80


@pytest.mark.parametrize("width", [2, 10, 40])
@pytest.mark.parametrize("most", [1, 2, 5])
def test_a_text_is_wrapped_into_its_lines_and_says_where_it_is_cut(width: int, most: int) -> None:
    for text in ("", "a", "a b  c", "word " * 30, "無人機" * 20, "x" * 200):
        lines = wrap_text(text, width, most)
        assert 1 <= len(lines) <= most
        assert max(map(text_width, lines)) <= width
        whole = " ".join(text.split())
        assert " ".join(lines) == whole or "…" in "".join(lines)


NO_LOG = "it is a JPEG picture; not a flight log of any of the 24 known formats"


@pytest.mark.parametrize("status", ["unread", "unopened", "partial"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 500])
@pytest.mark.parametrize("folder", ["", f"{'card/' * 30}"])
def test_few_files_that_were_not_read_are_each_named_and_many_are_counted(
    finished: FinishedRun, status: str, count: int, folder: str
) -> None:
    names = [f"DJIFlightRecord_2020-01-01_[10-{number:03}].txt" for number in range(count)]
    contents = RunContents(
        files=tuple(FileRow(folder + name, status, NO_LOG) for name in names),
        flights=(flight(0),),
        findings=(finding(0, "a"), finding(0, "b")),
        results=(unchecked("zone_entry", "Give --zones."),) * 3,
    )
    run = with_contents(finished, contents)
    lines = run_summary_lines(run, (), None)
    assert len(lines) <= MAX_LINES
    assert max(map(text_width, lines)) <= WIDTH
    told = " ".join(" ".join(lines).split())
    files = "1 file could" if count == 1 else f"{count} files could"
    assert files in told
    named = [name in told for name in names]
    assert named == ([True] * count if count <= 3 else [True] + [False] * (count - 1))
    assert told.count("(it is a JPEG picture)") == sum(named)
    assert ("--all and the index page name each" in told) == (count > 3)
    assert run.verdict.exit_code == {"partial": 4, "unread": 3, "unopened": 2}[status]
    assert "Not read in full" in run.verdict.line


def test_where_lines_are_short_files_are_counted_and_the_first_is_named(
    finished: FinishedRun,
) -> None:
    contents = RunContents(
        files=tuple(
            FileRow(f"DJIFlightRecord_2020-01-01_[10-0{number}].txt", status, NO_LOG)
            for number, status in enumerate(("unread",) * 3 + ("unopened",) * 3)
        ),
        flights=tuple(flight(number) for number in range(9)),
        findings=tuple(finding(number, f"rule_{number}") for number in range(9)),
    )
    lines = run_summary_lines(with_contents(finished, contents), (), None)
    assert len(lines) <= MAX_LINES
    told = " ".join(" ".join(lines).split())
    assert "3 files could not be read, such as DJIFlightRecord_2020-01-01_[10-00].txt (it" in told
    assert "copy them again or leave them out; --all and the index page name each" in told
    assert "3 not at all, 3 could not be opened" in told


@pytest.mark.parametrize(
    ("reason", "action"),
    [
        (f"stopped after 3 s, {TIME_LIMIT}", "give more time with --timeout"),
        (f"ValueError: 1; {INTERNAL_FAULT}", "report the fault"),
        (f"{PAGE_NOT_WRITTEN}: disk full", "see whether the folder of --out can be written"),
        ("the file is empty", "copy it again or leave it out"),
    ],
)
def test_what_to_do_about_a_file_follows_from_why_it_was_not_read(reason: str, action: str) -> None:
    files = (FileRow("a.txt", "unread", reason), FileRow("b.txt", "unread", NO_LOG))
    found = {
        remedy.action: remedy.files_to_name
        for remedy in remedies_for_unchecked(RunContents(files=files))
    }
    if action.startswith("copy"):
        assert found == {"copy them again or leave them out": files}
    else:
        assert found == {action: files[:1], "copy it again or leave it out": files[1:]}


def test_the_name_of_a_file_at_the_beginning_of_a_sentence_stays_as_it_is() -> None:
    row = replace(flight(0), file="card/damaged log.txt")
    about_file = replace(finding(0, "a"), summary="damaged log.txt: 3 bytes could not be read.")
    other = replace(finding(0, "a"), summary="beyond the fence.")
    assert (
        UrgentRuleWithWorstFinding(about_file, row, 1).worst_finding_sentence
        == "damaged log.txt: 3 bytes could not be read"
    )
    assert UrgentRuleWithWorstFinding(other, row, 1).worst_finding_sentence == "Beyond the fence"
