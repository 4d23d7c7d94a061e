"""Answers that are wrong, huge or hostile are refused with their place, or shown as plain text."""

import csv
import io
import re
import time
from pathlib import Path

import pytest

from dji_audit.fleet.survey.declared_return import (
    MAX_BYTES,
    CameraSystemCategory,
    DeclaredReturn,
    SurveyError,
    load_declared_return,
    parse_declared_return,
)
from dji_audit.fleet.survey.national_documents import national_document, police_bodies_csv
from dji_audit.fleet.survey.national_table import combine_returns_into_national_table
from dji_audit.fleet.survey.new_unanswered_survey_file import new_survey_toml
from dji_audit.fleet.survey.police_bodies import shipped_police_bodies
from dji_audit.fleet.survey.survey_return import (
    find_survey_return_files,
    load_survey_return,
    survey_return_json,
)
from dji_audit.fleet.survey.survey_return_documents import (
    survey_return_csv,
    survey_return_sectioned_document,
)
from dji_audit.mapper.sectioned_document import document_markdown
from tests.dji_audit.fleet.survey.synthetic_returns import flight, records, return_of


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[drones]\noperated = "yes"\n', "drones.operated: write true or false"),
        ("[drones]\noperated = 1\n", "drones.operated: write true or false"),
        ('[drones]\nflights = "3"\n', "drones.flights: write a whole number"),
        ("[drones]\nflights = true\n", "drones.flights: write a whole number"),
        ("[drones]\nflights = -1\n", "drones.flights: the number is too small"),
        ("[drones]\nflights = 99999999999\n", "drones.flights: the number is too large"),
        ("[drones]\nflights_checked_percent = nan\n", "flights_checked_percent"),
        ("[drones]\npurpose = 3\n", "drones.purpose: write a text in quotation marks"),
        ("drones = 3\n", "drones: write a table"),
        ("[aircraft]\ncount = 3\n", "aircraft: write each as a table [[aircraft]]"),
        ("[[aircraft]]\ncount = 1\nserials = ['a', 'b']\n", "2 serials for 1 aircraft"),
        ("[[aircraft]]\nserials = 'a'\n", "aircraft.1.serials: write a list"),
        ("[return]\nanswered_on = 3\n", "return.answered_on: is not a date"),
        ("[return]\nanswered_on = 2026-05-14T10:00:00Z\n", "return.answered_on: is not a date"),
        ("[return]\nanswered_on = '2026-02-30'\n", "is not a date"),
        ("[return]\nperiod_start = 2026-02-01\nperiod_end = 2026-01-01\n", "is before"),
        ("[drones]\noperatd = true\n", "drones.operatd: no such key; did you mean operated?"),
        ("[drone]\n", "drone: no such key; did you mean drones?"),
        ("[drones\n", "not TOML"),
        ("[drones]\nflights = " + "9" * 5000, "not TOML"),
        ("x = " + "[" * 100_000, "too deep"),
        ("[drones]\npurpose = '" + "a" * 5000 + "'\n", "drones.purpose: the text is too long"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SurveyError, match=re.escape(message)):
        parse_declared_return(text.encode(), "survey.toml")


def test_every_fault_of_a_file_is_named_at_once() -> None:
    with pytest.raises(SurveyError) as error:
        parse_declared_return(b'[drones]\noperated = "yes"\nflights = "3"\n', "survey.toml")
    assert "drones.operated" in str(error.value)
    assert "drones.flights" in str(error.value)
    many = "".join(f"k{number} = 1\n" for number in range(10_000))
    with pytest.raises(SurveyError, match=r"and 9,980 more faults"):
        parse_declared_return(many.encode(), "survey.toml")


@pytest.mark.parametrize(
    "text",
    ["a." * 500_000 + "b = 1", '"a".' * 200_000, "a" * 1_000_000, "a = {" * 100_000,
     "[[a]]\n" * 30_000],
)  # fmt: skip
def test_a_file_made_to_cost_time_is_refused_soon(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(SurveyError):
        parse_declared_return(text.encode(), "survey.toml")
    assert time.process_time() - begun < 5


def test_a_file_that_is_too_large_or_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "survey.toml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(SurveyError, match="too many for a return"):
        load_declared_return(path)
    path.write_bytes(b'[return]\nbody = "\xff"\n')
    with pytest.raises(SurveyError, match="not UTF-8 at byte 17"):
        load_declared_return(path)


HOSTILE = (
    '[return]\nbody = "Kent Police"\nanswered_on = 2026-05-14\n'
    'answered_by = "<script>alert(1)</script>"\n'
    '[drones]\noperated = true\npurpose = "=HYPERLINK(\\"http://x\\")"\n'
    'concerns = "@SUM(1+1)"\ntraining = "line\\nbreak | pipe \\u202e reversed"\n'
    '[[aircraft]]\nmaker = "=1+1 <b>x</b>"\ncount = 2\n'
    "[anpr]\nmakers = [\"+cmd|' /C calc'!A0\"]\n"
)


def test_formulas_and_markup_in_answers_are_plain_text_in_every_document() -> None:
    own = records(flight(1, None, "=SERIAL", model="<img src=x>", ground_stations=("-2+3",)))
    built = return_of(HOSTILE, own)
    cells = [cell for row in csv.reader(io.StringIO(survey_return_csv(built))) for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]
    markdown = document_markdown(survey_return_sectioned_document(built))
    assert "<" not in markdown.replace("\\<", "")
    assert "\u202e" not in markdown
    assert "⟨U+202E⟩" in markdown
    table = combine_returns_into_national_table([built], shipped_police_bodies())
    cells = [cell for row in csv.reader(io.StringIO(police_bodies_csv(table))) for cell in row]
    assert any("=1+1" in cell for cell in cells)
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]
    assert "<" not in document_markdown(national_document(table)).replace("\\<", "")


def test_a_secret_in_an_answer_is_not_repeated() -> None:
    text = '[drones]\npurpose = "api_key=AKIAIOSFODNN7EXAMPLE0 password: hunter2secret"\n'
    assert "hunter2secret" not in survey_return_json(return_of(text))


def test_a_return_that_was_changed_by_hand_is_checked_again(tmp_path: Path) -> None:
    path = tmp_path / "return.json"
    built = return_of("[drones]\nrecords_audio = true\n", records(flight(1, None, "S1")))
    path.write_text(survey_return_json(built))
    assert load_survey_return(path) == built
    changed = path.read_text().replace('"records_audio": true', '"records_video": false')
    path.write_text(changed)
    assert [it.field for it in load_survey_return(path).contradictions] == ["drones.records_video"]
    path.write_text(changed.replace('"flights": 1', '"flights": "many"'))
    with pytest.raises(SurveyError, match="what it states as observed"):
        load_survey_return(path)
    path.write_text(changed.replace('"records_video": false', '"records_video": "false"'))
    with pytest.raises(SurveyError, match=r"drones\.records_video: write true or false"):
        load_survey_return(path)
    for broken in ("", "[]", "[" * 100_000, '{"schema": "x"}'):
        path.write_text(broken)
        with pytest.raises(SurveyError):
            load_survey_return(path)


def test_the_new_file_explains_every_question_and_answers_none() -> None:
    text = new_survey_toml()
    assert parse_declared_return(text.encode(), "survey.toml") == DeclaredReturn()
    # With the marks taken away, every example is a valid answer.
    answered = parse_declared_return(re.sub(r"(?m)^#(?=\S)", "", text).encode(), "survey.toml")
    for answers in (
        answered.about, answered.drones, answered.aircraft[0], answered.partner[0],
        answered.correction[0], *map(answered.answers_on_camera_system, CameraSystemCategory),
    ):  # fmt: skip
        given = answers.model_dump(exclude_none=True)
        assert set(given) == set(type(answers).model_fields)
        assert all(field.description for field in type(answers).model_fields.values())
    assert all(len(line) <= 100 for line in text.splitlines())


def test_a_link_in_a_folder_of_returns_is_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("")
    (tmp_path / "secret.toml").symlink_to("/etc/passwd")
    with pytest.raises(SurveyError, match=r"secret\.toml is a link, which is not followed"):
        find_survey_return_files([tmp_path])
    (tmp_path / "secret.toml").unlink()
    (tmp_path / ".hidden.toml").write_text("")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "return.json").write_text("{}")
    assert find_survey_return_files([tmp_path]) == [
        tmp_path / "a.toml",
        tmp_path / "deep" / "return.json",
    ]
    with pytest.raises(SurveyError, match="no returns"):
        find_survey_return_files([tmp_path / "folder.toml"])
