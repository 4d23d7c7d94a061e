"""Returns and flights made by hand, and the two national surveys as synthetic sets of returns.

The figures are those that were published; which body gave which answer is made up, but for three of
those that did not reply.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from dji_audit.fleet.survey.declared_return import DeclaredReturnFile, parse_declared_return
from dji_audit.fleet.survey.police_bodies import PoliceBody, shipped_police_bodies
from dji_audit.fleet.survey.survey_return import SurveyReturn, build_survey_return
from dji_audit.fleet.survey.surveyed_flights import (
    ContactedInternetHost,
    FlightsAndContactsOfAudits,
    RecordedOrUnknown,
    SurveyedFlight,
)

ASKED_IN_2022 = dt.date(2022, 6, 30)
#: Greater Manchester, Merseyside and the NCA are named in what the Commissioner published.
NOT_REPLIED_IN_2022 = (
    "Bedfordshire Police",
    "Cleveland Police",
    "Dorset Police",
    "Greater Manchester Police",
    "Gwent Police",
    "Merseyside Police",
    "National Crime Agency",
    "Wiltshire Police",
)
#: Bodies whose body-worn video was returned as of a maker of concern, and is not.
CORRECTED_IN_2022 = ("Kent Police", "Norfolk Constabulary")


def declared_return(text: str, name: str = "survey.toml") -> DeclaredReturnFile:
    return DeclaredReturnFile(name, "ab" * 32, parse_declared_return(text.encode(), name))


def return_of(text: str, records: FlightsAndContactsOfAudits | None = None) -> SurveyReturn:
    return build_survey_return(declared_return(text), records)


def survey_of_2022() -> Iterator[tuple[str, str]]:
    """Yield file name and answers of each return to the survey of 2022, corrections included."""
    asked = shipped_police_bodies().bodies_asked_on(ASKED_IN_2022)
    replied = [it for it in asked if it.name not in NOT_REPLIED_IN_2022]
    assert (len(asked), len(replied)) == (47, 39)
    for number, body in enumerate(replied):
        yield f"{number:02d}.toml", answers_of_2022(number, body)
        if body.name in CORRECTED_IN_2022:
            corrected = answers_of_2022(number, body).replace("2022-09-01", "2023-02-10")
            corrected = corrected.replace('["Hikvision"]\nconcerns = true', "[]\nconcerns = false")
            yield f"{number:02d}-corrected.toml", corrected


def answers_of_2022(number: int, body: PoliceBody) -> str:
    """Return the answers of the body of a number from 0 to 38."""
    has_hikvision = body.name in CORRECTED_IN_2022
    lines = [
        "[return]",
        f'body = "{body.name}"',
        'survey = "2022"',
        "answered_on = 2022-09-01",
        "[drones]",
        f"operated = {str(number < 31).lower()}",
    ]
    if number < 31:
        lines.append(f"aware_of_concerns = {str(number < 23).lower()}")
    # Some use a system and do not say whether there are concerns: "at least".
    for table, with_concerns, silent in (
        ("external_cameras", 18, 4), ("internal_cameras", 24, 3), ("anpr", 11, 5),
    ):  # fmt: skip
        lines += [f"[{table}]", "in_use = true"]
        if number < with_concerns or number >= with_concerns + silent:
            lines.append(f"concerns = {str(number < with_concerns).lower()}")
    lines += ["[body_worn_video]", "in_use = true"]
    lines += ['makers = ["Hikvision"]' if has_hikvision else "makers = []"]
    lines += [f"concerns = {str(has_hikvision).lower()}", ""]
    return "\n".join(lines)


def fleets_of_2023() -> Iterator[tuple[str, str]]:
    """Yield file name and answers of 37 forces with 337 aircraft, of which 230 are stated as DJI.

    Makers are written as people write them, and 14 aircraft have none.
    """
    dji, others, unknown = 230, 93, 14
    names = ("DJI", "dji", "SZ DJI Technology Co., Ltd", "DJI Innovations")
    for number, body in enumerate(
        shipped_police_bodies().bodies_asked_on(dt.date(2023, 3, 1))[:37]
    ):
        own = [dji // 37 + (number < dji % 37), others // 37 + (number < others % 37)]
        lines = ["[return]", f'body = "{body.name}"', 'survey = "2023"', "answered_on = 2023-03-01"]
        lines += ["[drones]", "operated = true"]
        if number < unknown:
            lines.append(f"aircraft_count = {sum(own) + 1}")
        lines += ["[[aircraft]]", f'maker = "{names[number % len(names)]}"', f"count = {own[0]}"]
        lines += ["[[aircraft]]", 'maker = "Autel"', f"count = {own[1]}", ""]
        yield f"{number:02d}.toml", "\n".join(lines)


def flight(number: int, day: dt.date | None, serial: str | None, **more: Any) -> SurveyedFlight:
    """Return a flight in which a DJI aircraft recorded video, and everything was checked."""
    values: dict[str, Any] = {
        "id": f"flight-{number}",
        "day": day,
        "maker": "DJI",
        "model": "Matrice 30T",
        "serial": serial,
        "ground_stations": ("DJI Pilot 2",),
        "firmware": {"aircraft": "01.00"},
        "photos": RecordedOrUnknown.NO,
        "video": RecordedOrUnknown.YES,
        "thermal": RecordedOrUnknown.NO,
        "audio": RecordedOrUnknown.NO,
        "video_s": 60.0,
        "rules": 10,
        "rules_checked": 9,
        "is_checked": True,
        "open_findings": 0,
    }
    return SurveyedFlight(**(values | more))


def records(*flights: SurveyedFlight, **more: Any) -> FlightsAndContactsOfAudits:
    return FlightsAndContactsOfAudits(
        sources=(("report.json", "cd" * 32),), flights=flights, **more
    )


def contact(claim: str, host: str = "upload.example.org") -> ContactedInternetHost:
    return ContactedInternetHost(flight="flight-1", day=dt.date(2026, 3, 1), host=host, claim=claim)
