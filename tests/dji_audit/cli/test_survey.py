"""The commands of a survey: questions, a return with logs, its check, the national table."""

import csv
import json
import re
from pathlib import Path

import jsonschema
import pytest

from dji_audit.fleet.survey.new_unanswered_survey_file import new_survey_toml
from dji_audit.fleet.survey.survey_return import survey_return_json
from dji_audit.report.schema_version import SCHEMA
from tests.dji_audit.cli.conftest import Invoke, error_of_use
from tests.dji_audit.fleet.survey.synthetic_returns import (
    contact,
    flight,
    records,
    return_of,
    survey_of_2022,
)

ANSWERS = """
[return]
body = "Kent Police"
survey = "2026"
answered_on = 2026-11-30
answered_by = "Head of the drone unit"
[drones]
operated = true
records_audio = false
[[aircraft]]
maker = "DJI"
count = 0
"""
REPORT = {
    "schema": SCHEMA,
    "inputs": [],
    "flights": [
        {
            "id": f"f-{number}", "maker": "DJI", "serial": f"SERIAL-{number}", "verdict": "clean",
            "start": f"2026-11-1{number}T09:00:00.000Z", "aircraft": "Matrice 30T",
            "captures": {"rows": [{"kind": "audio"}]},
        }
        for number in range(3)
    ],
    "rules": [], "results": [], "contacts": [], "network": [],
}  # fmt: skip


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "survey.toml"
    path.write_text(ANSWERS)
    return path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(REPORT))
    return path


def test_init_writes_the_questions_and_never_over_a_file(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "survey.toml"
    assert invoke("survey", "init", path).exit_code == 0
    text = path.read_text()
    assert "# Whether there is a data protection impact assessment (DPIA)." in text
    assert "exists already" in error_of_use(invoke("survey", "init", path))
    assert path.read_text() == text
    checked = invoke("survey", "check", path)
    assert checked.exit_code == 4
    assert "missing        return.body: write the name of the body" in checked.stdout


def test_build_writes_every_document_and_names_what_logs_contradict(
    invoke: Invoke, answers: Path, report: Path, tmp_path: Path
) -> None:
    out = tmp_path / "return"
    built = invoke(
        "survey", "build", answers, "--from", report, "--out", out, "--now", "2026-11-30T12:00:00Z"
    )
    assert built.exit_code == 1
    assert (
        "CONTRADICTION  aircraft.makers: declared 0 DJI; observed 3 serials, last flown "
        "12 November 2026: SERIAL-0, SERIAL-1, SERIAL-2" in built.stderr
    )
    assert "2 contradictions" in built.stderr
    assert {path.name for path in out.iterdir()} == {
        "return.json", "return.csv", "return.md", "return.pdf",
    }  # fmt: skip
    assert (out / "return.pdf").read_bytes().startswith(b"%PDF")
    rows = list(csv.DictReader((out / "return.csv").read_text("utf-8").splitlines()))
    assert {row["basis"] for row in rows} == {"observed", "declared", "cannot be known from logs"}
    audio = next(row for row in rows if row["field"] == "drones.records_audio")
    assert (audio["declared"], audio["observed"]) == ("no", "yes: in 3 flights")
    assert (
        audio["contradiction"] == "declared that no sound is recorded; observed sound in 3 flights"
    )
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    invoke(
        "survey", "build", answers, "--from", report, "--out", out, "--now", "2026-11-30T12:00:00Z"
    )
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_build_without_logs_observes_nothing_and_says_so(invoke: Invoke, answers: Path) -> None:
    built = invoke("survey", "build", answers, "--format", "json")
    assert built.exit_code == 4
    assert "nothing is observed" in built.stderr
    document = json.loads(built.stdout)
    assert document["observed"] is None
    assert {it["basis"] for it in document["answers"]} == {"declared", "cannot be known from logs"}
    assert "Not looked for" in invoke("survey", "build", answers, "--format", "md").stdout


def test_build_refuses_a_folder_inside_the_results_of_an_audit(
    invoke: Invoke, answers: Path, report: Path
) -> None:
    inside = report.parent / "deeper"
    message = error_of_use(
        invoke("survey", "build", answers, "--from", report.parent, "--out", inside)
    )
    assert "lies inside" in message
    assert not inside.exists()


def test_check_finds_answers_that_do_not_agree(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "survey.toml"
    path.write_text(
        '[return]\nbody = "Fife Constabulary"\nanswered_on = 2026-05-01\nperiod_end = 2026-12-31\n'
        "[drones]\noperated = false\naircraft_count = 1\nwithdrawn_on = 2026-06-01\n"
        "introduced_on = 2026-07-01\ncontacts_servers = false\nuploads_data = true\n"
        'dpia = false\ndpia_reference = "D-1"\n'
        '[[aircraft]]\nmaker = "DJI"\ncount = 2\n'
        '[anpr]\nin_use = false\ncount = 3\nmakers = ["Hikvision"]\nconcerns = false\n'
        '[[correction]]\nfield = "drones.nothing"\nreturned = "a"\ncorrected = "b"\n'
        '[[correction]]\nfield = "drones.dpia"\nreturned = "no"\ncorrected = "yes"\n'
        '[[correction]]\nfield = "drones.dpia"\n'
    )
    checked = invoke("survey", "check", path, "--format", "json")
    assert checked.exit_code == 1
    [row] = json.loads(checked.stdout)
    assert row["contradictions"] == [
        "return.body: Fife Constabulary did not exist after 2013-03-31; it became part of "
        "Police Scotland",
        "return.answered_on is before return.period_end: the period was not over",
        "drones.operated is no, and 2 aircraft are listed",
        "drones.aircraft_count is 1, and the [[aircraft]] add up to 2",
        "drones.contacts_servers is no, and drones.uploads_data is yes",
        "drones.dpia is no, and there is a drones.dpia_reference",
        "drones.introduced_on is after the day of the answers",
        "drones.withdrawn_on is after the day of the answers",
        "drones.withdrawn_on is before drones.introduced_on",
        "anpr.in_use is no, and makers or a count are given",
        "anpr.concerns is no, and Hikvision is on a list: fcc_covered, ndaa_889",
        "correction 1: there is no answer drones.nothing",
        "correction 2: drones.dpia is corrected to yes, and is still answered with no",
        "correction 3: field, returned and corrected must be given",
    ]


def test_a_complete_return_lacks_nothing(invoke: Invoke, tmp_path: Path) -> None:
    lines = [
        ANSWERS.replace("count = 0", "count = 1").replace(
            "records_audio = false",
            'records_audio = false\npurpose = "Search"\nintroduced_on = 2021-01-01\n'
            'update_procedure = "By the supplier"\naware_of_concerns = false\n'
            'mitigations = "None"\ndue_diligence = "None"\ndpia = false\ntraining = "GVC"\n'
            'scrutiny = "Every year"\nuploads_data = false\ncontacts_servers = true\n'
            "takes_photos = true\nrecords_video = true\nrecords_thermal = false",
        )
    ]
    for system in (
        "external_cameras", "internal_cameras", "helicopters", "body_worn_video", "anpr",
    ):  # fmt: skip
        lines.append(f"[{system}]\nin_use = false\n")
    path = tmp_path / "survey.toml"
    path.write_text("\n".join(lines))
    checked = invoke("survey", "check", path)
    assert checked.stdout == f"{tmp_path.name}/survey.toml: Kent Police\n  complete\n"
    assert checked.exit_code == 0


def test_combine_gives_the_national_table_of_2022(invoke: Invoke, tmp_path: Path) -> None:
    folder, out = tmp_path / "returns", tmp_path / "national"
    folder.mkdir()
    for name, text in survey_of_2022():
        (folder / name).write_text(text)
    combined = invoke("survey", "combine", folder, "--asked-on", "2022-06-30", "--out", out)
    assert combined.exit_code == 0
    for line in (
        "39 of 47 bodies replied",
        "did not reply: Bedfordshire Police; Cleveland Police; Dorset Police; Greater Manchester "
        "Police; Gwent Police; Merseyside Police; National Crime Agency; Wiltshire Police",
        "operate drones with cameras: 31 of 39",
        "are aware of concerns about the maker, of those who operate drones: 23 of 31",
        "have body-worn video with equipment about which there are concerns: 0 of 39 (2 as first "
        "returned, later corrected to none)",
    ):
        assert line in combined.stdout.splitlines()
    assert {path.name for path in out.iterdir()} == {
        "national.json", "bodies.csv", "figures.csv", "corrections.csv", "national.md",
        "national.pdf",
    }  # fmt: skip


def test_combine_takes_built_returns_and_says_which_do_not_count(
    invoke: Invoke, tmp_path: Path
) -> None:
    own = records(flight(1, None, "S1"), contacts=(contact("contact"),))
    for folder in ("kent", "other"):
        (tmp_path / folder).mkdir()
    (tmp_path / "kent" / "return.json").write_text(survey_return_json(return_of(ANSWERS, own)))
    (tmp_path / "kent" / "survey.toml").write_text(ANSWERS)
    (tmp_path / "other" / "survey.toml").write_text(ANSWERS.replace("Kent", "Nowhere"))
    combined = invoke("survey", "combine", tmp_path)
    assert combined.exit_code == 1
    assert "1 of 47 bodies replied" in combined.stdout
    assert "not counted  other/survey.toml: Nowhere Police is not in the list" in combined.stderr
    listed = tmp_path / "asked.csv"
    listed.write_text("name\nKent Police\nNowhere Police\n")
    combined = invoke("survey", "combine", tmp_path, "--asked", "listed", "--bodies", listed)
    assert combined.exit_code == 0
    assert "2 of 2 bodies replied" in combined.stdout


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--asked-on", "May"), "--asked-on May is not a date; use YYYY-MM-DD"),
        (("--asked", "some"), "--asked some: write commissioner, all or listed"),
        (("--asked", "listed"), "--asked listed needs a list of bodies"),
        (("--survey", "1999"), "there is no return to a survey of the name 1999"),
    ],
)
def test_combine_names_what_is_wrong_with_its_options(
    invoke: Invoke, answers: Path, more: tuple[str, ...], message: str
) -> None:
    assert message in error_of_use(invoke("survey", "combine", answers, *more))


def test_a_return_keeps_to_its_schema(invoke: Invoke, report: Path, tmp_path: Path) -> None:
    schema = json.loads(invoke("schema", "survey-return").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    answers = tmp_path / "survey.toml"
    answers.write_text(re.sub(r"(?m)^#(?=\S)", "", new_survey_toml()))
    for more in ((), ("--from", report)):
        document = json.loads(invoke("survey", "build", answers, *more, "--format", "json").stdout)
        assert list(validator.iter_errors(document)) == []
    document["declared"]["drones"]["operated"] = "yes"
    document["observed"]["flights"] = None
    document["more"] = 1
    assert len(list(validator.iter_errors(document))) == 3
