"""A new ``survey.toml``: every question as a comment, with an example, none answered."""

from pydantic import BaseModel

from dji_audit.common.commented_toml import wrap_as_toml_comment
from dji_audit.fleet.survey.declared_return import (
    AboutReturn,
    AnswersOnDronesWithCameras,
    CameraSystemAnswers,
    CameraSystemCategory,
    DeclaredAircraftOfOneModel,
    DeclaredCorrection,
    PartnerAgency,
)

_HEAD = (
    "Return to a survey of camera systems: what only a person knows. Take away the # before a key "
    "to answer it, and before [[...]] for a table that you use; repeat such a table as often as "
    "needed. What is left out counts as not known, never as no. `dji-audit survey check` says what "
    "is missing; `dji-audit survey build` adds what the logs show, and where they contradict."
)
#: Key -> example; of several tables with one key, all have the same.
_EXAMPLES = {
    "body": '"Avon and Somerset Police"',
    "survey": '"2026"',
    "answered_on": "2026-11-30",
    "answered_by": '"Head of the drone unit"',
    "revision": "1",
    "period_start": "2026-01-01",
    "period_end": "2026-12-31",
    "operated": "true",
    "purpose": '"Search for missing persons; scenes of collisions"',
    "aircraft_count": "3",
    "introduced_on": "2021-04-01",
    "withdrawn_on": "2026-06-30",
    "flights": "120",
    "ground_stations": '["Android 4.3.64", "DJI RC Plus"]',
    "firmware": '["3.4.2.24", "0.1.9.20"]',
    "update_procedure": '"The supplier announces it; tested on one aircraft, then on all"',
    "update_days": "30",
    "takes_photos": "true",
    "records_video": "true",
    "records_thermal": "true",
    "records_audio": "false",
    "contacts_servers": "false",
    "uploads_data": "false",
    "aware_of_concerns": "true",
    "mitigations": '"Local Data Mode; tablets without SIM"',
    "due_diligence": '"Assessed by the information security team"',
    "dpia": "true",
    "dpia_reference": '"DPIA-0042"',
    "dpia_reviewed_on": "2026-03-01",
    "training": '"GVC for every pilot; security of data once a year"',
    "scrutiny": '"Every quarter, by the ethics panel"',
    "flights_checked_percent": "100",
    "findings_reviewed": "true",
    "maker": '"DJI"',
    "model": '"Matrice 30T"',
    "supplier": '"Name of the supplier"',
    "count": "3",
    "serials": '["1581F5BKD23200000001", "1581F5BKD23200000002", "1581F5BKD23200000003"]',
    "partner": '"Fire and rescue service"',
    "name": '"Fire and rescue service"',
    "makers": '["Axis Communications"]',
    "models": '["Matrice 30T"]',
    "in_use": "true",
    "concerns": "false",
    "suppliers": '["Name of the supplier"]',
    "field": '"body_worn_video.concerns"',
    "returned": '"yes"',
    "corrected": '"no"',
    "corrected_on": "2026-12-15",
    "reason": '"The maker of the docks was named instead of that of the cameras"',
}
#: Where a table uses one key for another kind of answer.
_EXAMPLES_OF_TABLES = {
    ("drones", "concerns"): '"Where data of flights is stored, and who may demand it"',
    ("partner", "makers"): '["DJI"]',
}


def new_survey_toml() -> str:
    """Return a ``survey.toml`` in which every question is explained and none is answered."""
    lines = wrap_as_toml_comment(_HEAD)
    lines += _commented_toml_table_lines("[return]", AboutReturn, "Who answers, and for what time.")
    lines += _commented_toml_table_lines(
        "[drones]", AnswersOnDronesWithCameras, "Drones with cameras."
    )
    lines += _commented_toml_table_lines(
        "[[aircraft]]",
        DeclaredAircraftOfOneModel,
        "Aircraft: one table for each maker and model; a table with count = 0 states that there "
        "are none of a maker.",
    )
    lines += _commented_toml_table_lines(
        "[[partner]]", PartnerAgency, "Partner agencies whose drones fly for the body."
    )
    for system in CameraSystemCategory:
        lines += _commented_toml_table_lines(
            f"[{system.value}]",
            CameraSystemAnswers,
            f"Other camera systems of the estate: {system.words}.",
        )
    lines += _commented_toml_table_lines(
        "[[correction]]",
        DeclaredCorrection,
        "Corrections of answers that were returned before; both values are kept.",
    )
    return "\n".join(lines) + "\n"


def _commented_toml_table_lines(head: str, model: type[BaseModel], about: str) -> list[str]:
    table = head.strip("[]")
    # A list of tables that is there would be one table without an answer.
    mark = "#" if head.startswith("[[") else ""
    lines = ["", "", *wrap_as_toml_comment(about), f"{mark}{head}"]
    for key, field in model.model_fields.items():
        example = _EXAMPLES_OF_TABLES.get((table, key)) or _EXAMPLES[key]
        lines += ["", *wrap_as_toml_comment(field.description or ""), f"#{key} = {example}"]
    return lines
