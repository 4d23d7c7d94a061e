"""The two national tables come out of synthetic sets of returns to the digit."""

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest

from dji_audit.fleet.survey.declared_return import SurveyError
from dji_audit.fleet.survey.national_documents import (
    answer_corrections_csv,
    national_document,
    national_figures_csv,
    national_json,
    police_bodies_csv,
)
from dji_audit.fleet.survey.national_table import (
    NationalSurveyResults,
    combine_returns_into_national_table,
)
from dji_audit.fleet.survey.police_bodies import (
    PoliceBodyRegister,
    load_police_bodies,
    shipped_police_bodies,
)
from dji_audit.mapper.sectioned_document import document_markdown
from tests.dji_audit.fleet.survey.synthetic_returns import (
    ASKED_IN_2022,
    CORRECTED_IN_2022,
    NOT_REPLIED_IN_2022,
    fleets_of_2023,
    flight,
    records,
    return_of,
    survey_of_2022,
)


@pytest.fixture(scope="module")
def table_of_2022() -> NationalSurveyResults:
    returns = [return_of(text) for _, text in survey_of_2022()]
    return combine_returns_into_national_table(
        returns, shipped_police_bodies(), asked_on=ASKED_IN_2022
    )


def test_the_survey_of_2022(table_of_2022: NationalSurveyResults) -> None:
    table = table_of_2022
    assert table.figure("replied").value_text == "39 of 47"
    assert table.figure("not_replied").count == 8
    assert table.names_of_bodies_without_reply == NOT_REPLIED_IN_2022
    assert table.figure("operates_drones").value_text == "31 of 39"
    assert table.figure("aware_of_concerns").value_text == "23 of 31"
    assert table.figure("external_cameras_concerns").value_text == "at least 18 of 39"
    assert table.figure("internal_cameras_concerns").value_text == "at least 24 of 39"
    assert table.figure("anpr_concerns").value_text == "at least 11 of 39"
    assert (
        table.figure("body_worn_video_concerns").value_text
        == "0 of 39 (2 as first returned, later corrected to none)"
    )


def test_both_values_of_a_correction_stand_in_every_document(
    table_of_2022: NationalSurveyResults,
) -> None:
    corrected = [it for it in table_of_2022.corrections if it.field == "body_worn_video.concerns"]
    assert [it.body for it in corrected] == list(CORRECTED_IN_2022)
    assert {(it.returned, it.corrected) for it in corrected} == {("yes", "no")}
    rows = list(csv.DictReader(io.StringIO(answer_corrections_csv(table_of_2022))))
    makers = [row for row in rows if row["field"] == "body_worn_video.makers"]
    assert [(row["returned"], row["corrected"]) for row in makers] == [("Hikvision", "none")] * 2
    assert {row["corrected_on"] for row in makers} == {"2023-02-10"}
    figures = list(csv.DictReader(io.StringIO(national_figures_csv(table_of_2022))))
    bwv = next(row for row in figures if row["figure"] == "body_worn_video_concerns")
    assert (bwv["count"], bwv["as_first_returned"]) == ("0", "2")
    markdown = document_markdown(national_document(table_of_2022)).replace("\\", "")
    assert "2 as first returned, later corrected to none" in markdown
    whole = json.loads(national_json(table_of_2022))
    assert len(whole["corrections"]) == len(table_of_2022.corrections) == 4


def test_every_asked_body_has_a_row_and_those_without_a_reply_claim_nothing(
    table_of_2022: NationalSurveyResults,
) -> None:
    rows = list(csv.DictReader(io.StringIO(police_bodies_csv(table_of_2022))))
    assert len(rows) == 47
    # Every row has a value for each name of the head, and none beyond.
    assert all(None not in row and None not in row.values() for row in rows)
    silent = [row for row in rows if row["replied"] == "no"]
    assert [row["body"] for row in silent] == list(NOT_REPLIED_IN_2022)
    claims = ("operates_drones", "aircraft", "aware_of_concerns", "anpr_concerns", "late")
    assert {row[name] for row in silent for name in claims} == {""}


def test_the_fleet_count_of_2023() -> None:
    table = combine_returns_into_national_table(
        [return_of(text) for _, text in fleets_of_2023()], shipped_police_bodies()
    )
    assert table.fleet.value_text == "337 aircraft of 37 bodies; at least 230 DJI"
    assert {it.maker: it.aircraft for it in table.fleet.makers} == {
        "DJI": 230,
        "Autel Robotics": 93,
    }
    assert table.fleet.aircraft_without_maker == 14


def test_a_body_that_did_not_say_makes_a_figure_a_lower_bound() -> None:
    returns = [
        return_of(f'[return]\nbody = "{body}"\nanswered_on = 2026-01-01\n{rest}')
        for body, rest in (
            ("Kent Police", "[drones]\noperated = true\n[[aircraft]]\nmaker = 'DJI'\ncount = 4\n"),
            ("Essex Police", "[drones]\noperated = true\n"),
            ("Surrey Police", ""),
        )
    ]
    table = combine_returns_into_national_table(returns, shipped_police_bodies())
    assert table.figure("operates_drones").value_text == "at least 2 of 3"
    assert table.figure("operates_drones").not_stated == ("Surrey Police",)
    assert table.fleet.value_text == "at least 4 aircraft of 1 body; at least 4 DJI"
    assert table.fleet.not_stated == ("Essex Police", "Surrey Police")


def test_where_a_return_is_silent_its_logs_count_and_are_marked_as_observed() -> None:
    own = records(flight(1, dt.date(2026, 1, 2), "S1"), flight(2, dt.date(2026, 1, 3), "S2"))
    text = '[return]\nbody = "Kent Police"\nanswered_on = 2026-02-01\n'
    table = combine_returns_into_national_table([return_of(text, own)], shipped_police_bodies())
    row = next(it for it in table.replies if it.body == "Kent Police")
    assert (row.operates_drones, row.is_observed, row.aircraft_by_maker) == (True, True, {"DJI": 2})
    denied = return_of(text + "[drones]\noperated = false\n", own)
    table = combine_returns_into_national_table([denied], shipped_police_bodies())
    assert [it.contradiction.field for it in table.contradictions] == ["drones.operated"]
    assert table.figure("contradicted").value_text == "1 of 1"


MERGED = """name,valid_from,valid_to,successors,asked
Kent Police,,2026-12-31,South East Police,yes
Sussex Police,,2026-12-31,South East Police,yes
South East Police,2027-01-01,2028-12-31,Southern Police,yes
Southern Police,2029-01-01,,,yes
"""


@pytest.fixture
def merged_bodies(tmp_path: Path) -> PoliceBodyRegister:
    path = tmp_path / "merged.csv"
    path.write_text(MERGED)
    return load_police_bodies(path, "commissioner")


def answers(body: str, survey: str, day: str, count: int) -> str:
    return (
        f'[return]\nbody = "{body}"\nsurvey = "{survey}"\nanswered_on = {day}\n'
        f'[drones]\noperated = true\n[[aircraft]]\nmaker = "DJI"\ncount = {count}\n'
    )


def test_forces_that_merge_keep_their_history(merged_bodies: PoliceBodyRegister) -> None:
    returns = [
        return_of(answers("Kent Police", "2026", "2026-05-01", 3)),
        return_of(answers("Sussex Police", "2026", "2026-05-02", 4)),
        return_of(answers("South East Police", "2027", "2027-05-01", 6)),
        return_of(answers("Southern Police", "2029", "2029-05-01", 9)),
    ]
    table = combine_returns_into_national_table(returns, merged_bodies)
    assert table.survey == "2029"
    assert len(table.replies) == 46
    row = next(it for it in table.replies if it.replied)
    assert row.predecessors == ("Kent Police", "South East Police", "Sussex Police")
    assert [(it.body, it.returned_as, it.survey, it.aircraft) for it in table.earlier] == [
        ("Southern Police", "Kent Police", "2026", 3),
        ("Southern Police", "Sussex Police", "2026", 4),
        ("Southern Police", "South East Police", "2027", 6),
    ]
    assert table.fleet.aircraft == 9
    before = combine_returns_into_national_table(returns, merged_bodies, survey="2026")
    assert len(before.replies) == 47
    assert before.fleet.aircraft == 7
    # By the last return that is known they had become one.
    assert {it.body for it in before.earlier} == {"South East Police", "Southern Police"}


def test_a_successor_does_not_answer_for_those_that_were_asked(
    merged_bodies: PoliceBodyRegister,
) -> None:
    returns = [
        return_of(answers("Essex Police", "2026", "2026-12-01", 1)),
        return_of(answers("South East Police", "2026", "2027-01-20", 6)),
    ]
    table = combine_returns_into_national_table(returns, merged_bodies)
    assert {"Kent Police", "Sussex Police"} <= set(table.names_of_bodies_without_reply)
    kent = next(it for it in table.replies if it.body == "Kent Police")
    assert kent.successors == ("South East Police",)
    assert table.fleet.aircraft == 1
    [uncounted] = table.uncounted
    assert uncounted.reason == (
        "South East Police did not exist before 2027-01-01; it took over from Kent Police, "
        "Sussex Police"
    )


def test_two_returns_of_one_day_need_a_revision() -> None:
    first = return_of(answers("Kent Police", "2026", "2026-05-01", 3))
    second = return_of(answers("Kent Police", "2026", "2026-05-01", 4))
    with pytest.raises(SurveyError, match="two different returns of Kent Police of one day"):
        combine_returns_into_national_table([first, second], shipped_police_bodies())
    assert (
        combine_returns_into_national_table([first, first], shipped_police_bodies()).fleet.aircraft
        == 3
    )
    revised = return_of(
        answers("Kent Police", "2026", "2026-05-01", 4).replace(
            "[drones]", "revision = 2\n[drones]"
        )
    )
    for order in ([first, revised], [revised, first]):
        table = combine_returns_into_national_table(order, shipped_police_bodies())
        assert table.fleet.aircraft == 4
        [maker] = table.fleet.makers
        assert maker.aircraft_as_first_returned == 3
        assert [(it.field, it.returned, it.corrected) for it in table.corrections] == [
            ("aircraft.makers", "DJI: 3", "DJI: 4")
        ]


def test_a_correction_that_a_return_names_itself_keeps_both_values() -> None:
    text = (
        '[return]\nbody = "Kent Police"\nanswered_on = 2023-02-10\n'
        "[body_worn_video]\nin_use = true\nconcerns = false\n"
        '[[correction]]\nfield = "body_worn_video.concerns"\nreturned = "yes"\ncorrected = "no"\n'
        'reason = "The docks were meant."\n'
    )
    table = combine_returns_into_national_table([return_of(text)], shipped_police_bodies())
    figure = table.figure("body_worn_video_concerns")
    assert figure.value_text == "0 of 1 (1 as first returned, later corrected to none)"
    [correction] = table.corrections
    assert (correction.returned, correction.corrected) == ("yes", "no")
    assert (correction.corrected_on, correction.reason) == (
        dt.date(2023, 2, 10),
        "The docks were meant.",
    )


def test_returns_of_unknown_or_unasked_bodies_are_listed_and_not_counted() -> None:
    returns = [
        return_of(answers(body, "2026", "2026-05-01", 1))
        for body in ("Kent Police", "Kemt Police", "Police Scotland", "Fife Constabulary")
    ]
    table = combine_returns_into_national_table(returns, shipped_police_bodies())
    assert table.figure("replied").count == 1
    assert [it.reason for it in table.uncounted] == [
        "Kemt Police is not in the list of bodies; did you mean Kent Police?",
        "the survey does not ask Police Scotland",
        "Fife Constabulary did not exist after 2013-03-31; it became part of Police Scotland",
    ]
    assert (
        combine_returns_into_national_table(returns, shipped_police_bodies("all"))
        .figure("replied")
        .count
        == 2
    )


def test_late_returns_count_and_are_marked() -> None:
    returns = [
        return_of(answers("Kent Police", "2026", "2026-05-01", 1)),
        return_of(answers("Essex Police", "2026", "2026-09-01", 1)),
    ]
    table = combine_returns_into_national_table(
        returns, shipped_police_bodies(), closed_on=dt.date(2026, 6, 30)
    )
    assert {it.body: it.is_late for it in table.replies if it.replied} == {
        "Essex Police": True,
        "Kent Police": False,
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Kent Police,,2026-12-31,Nowhere Police,yes\n", "successor of Kent Police, is missing"),
        (
            "A Police,,2026-12-31,B Police,yes\nB Police,,2027-12-31,A Police,yes\n",
            "follows itself",
        ),
        ("A Police,2027-01-01,2026-01-01,,yes\n", "ends before it begins"),
        ("A Police,,,Kent Police,yes\n", "has successors and no last day"),
        ("A Police,,,,yes\nA Police,,,,yes\n", "appears twice"),
    ],
)
def test_a_list_of_bodies_that_does_not_agree_with_itself_is_refused(
    tmp_path: Path, rows: str, message: str
) -> None:
    path = tmp_path / "bodies.csv"
    path.write_text("name,valid_from,valid_to,successors,asked\n" + rows)
    with pytest.raises(SurveyError, match=message):
        load_police_bodies(path, "commissioner")


def test_the_shipped_bodies_are_the_47_that_were_asked_and_name_their_sources() -> None:
    bodies = shipped_police_bodies()
    assert len(bodies.bodies_asked_on(ASKED_IN_2022)) == 47
    assert all(it.source for it in bodies.bodies)
    scotland = bodies.find("Police Scotland")
    assert scotland is not None
    assert len(bodies.all_predecessors_of(scotland)) == 9
    assert bodies.find("the Metropolitan Police") is bodies.find("Metropolitan Police Service")
