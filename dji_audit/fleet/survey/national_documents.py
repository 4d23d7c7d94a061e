"""The national table as CSV, JSON, Markdown and PDF."""

import json
from collections.abc import Iterator, Mapping
from typing import cast

from pydantic import JsonValue

from dji_audit.common.tool_and_package_versions import tool_version
from dji_audit.fleet.survey._rows_csv import rows_csv
from dji_audit.fleet.survey.declared_return import CameraSystemCategory
from dji_audit.fleet.survey.national_table import (
    COUNTED_MAKER,
    NATIONAL_SCHEMA,
    NationalFigure,
    NationalSurveyResults,
    PoliceBodyReply,
)
from dji_audit.mapper.sectioned_document import (
    DocumentSection,
    SectionedDocument,
    SectionTable,
    document_markdown,
)
from dji_audit.report.json_values import as_json_value

#: Names of the documents of a national table in its folder.
NATIONAL_JSON, BODIES_CSV, FIGURES_CSV = "national.json", "bodies.csv", "figures.csv"
CORRECTIONS_CSV, NATIONAL_MARKDOWN = "corrections.csv", "national.md"
NATIONAL_PDF = "national.pdf"


def national_document_texts_by_file_name(table: NationalSurveyResults) -> dict[str, str]:
    """Return file name -> text of every document of a national table but the PDF."""
    return {
        NATIONAL_JSON: national_json(table),
        BODIES_CSV: police_bodies_csv(table),
        FIGURES_CSV: national_figures_csv(table),
        CORRECTIONS_CSV: answer_corrections_csv(table),
        NATIONAL_MARKDOWN: document_markdown(national_document(table)),
    }


def national_json(table: NationalSurveyResults) -> str:
    """Return the national table as JSON: the same returns give the same text."""
    document: dict[str, JsonValue] = {
        "schema": NATIONAL_SCHEMA,
        "tool": {"name": "dji-audit", "version": tool_version()},
        "survey": table.survey,
        "asked_on": table.asked_on.isoformat(),
        "closed_on": as_json_value(table.closed_on),
        "not_replied": list(table.names_of_bodies_without_reply),
        "bodies": as_json_value(table.replies),
        "figures": [_figure_json(it) for it in table.figures],
        "fleet": {
            **cast(Mapping[str, JsonValue], as_json_value(table.fleet)),
            "text": table.fleet.value_text,
        },
        "system_makers": as_json_value(table.system_makers),
        "corrections": as_json_value(table.corrections),
        "contradictions": [
            {
                "body": it.body,
                "field": it.contradiction.field,
                "declared": it.contradiction.declared,
                "observed": it.contradiction.observed,
            }
            for it in table.contradictions
        ],
        "earlier_returns": as_json_value(table.earlier),
        "returns_not_counted": as_json_value(table.uncounted),
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def _figure_json(figure: NationalFigure) -> dict[str, JsonValue]:
    return {
        **cast(Mapping[str, JsonValue], as_json_value(figure)),
        "is_lower_bound": figure.is_lower_bound,
        "value_text": figure.value_text,
    }


def police_bodies_csv(table: NationalSurveyResults) -> str:
    """Return a row for each body that was asked, whether it replied or not."""
    head = (
        "body", "group", "replied", "answered_on", "late", "returns", "now_part_of",
        "predecessors", "operates_drones", "operates_drones_basis", "aircraft", "aircraft_by_maker",
        "introduced_on", "partner_agencies",
        "aware_of_concerns", "dpia",
        *(f"{it.value}_{key}" for it in CameraSystemCategory for key in ("in_use", "concerns")),
        "flights_in_logs", "flights_checked", "contradictions", "corrections",
    )  # fmt: skip
    rows = [
        (
            row.body,
            row.group,
            row.replied,
            row.answered_on,
            row.is_late if row.replied else None,
            row.returns,
            "; ".join(row.successors),
            "; ".join(row.predecessors),
            row.operates_drones,
            _declared_or_observed_text(row),
            row.aircraft,
            maker_aircraft_counts_text(row.aircraft_by_maker),
            row.introduced_on,
            "; ".join(row.partner_agencies),
            row.aware_of_concerns,
            row.dpia,
            *(
                (values or {}).get(it.value)
                for it in CameraSystemCategory
                for values in (row.in_use, row.concerns)
            ),
            row.flights,
            row.flights_checked,
            row.contradictions if row.flights is not None else None,
            row.corrections if row.replied else None,
        )
        for row in table.replies
    ]
    return rows_csv(head, rows)


def _declared_or_observed_text(row: PoliceBodyReply) -> str:
    if row.operates_drones is None:
        return ""
    return "observed" if row.is_observed else "declared"


def maker_aircraft_counts_text(by_maker: Mapping[str, int] | None) -> str:
    """Return makers and their aircraft, such as ``DJI: 3; Autel Robotics: 1``."""
    if by_maker is None:
        return ""
    return "; ".join(f"{maker or 'maker not stated'}: {n}" for maker, n in by_maker.items())


def national_figures_csv(table: NationalSurveyResults) -> str:
    """Return a row for each figure, and for the aircraft of each maker."""
    head = ("figure", "text", "count", "of", "lower_bound", "as_first_returned", "not_stated",
            "bodies")  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (
            it.id,
            it.text,
            it.count,
            it.of,
            it.is_lower_bound,
            it.count_as_first_returned,
            "; ".join(it.not_stated),
            "; ".join(it.bodies),
        )
        for it in table.figures
    ]
    rows += [
        (
            f"{it.system.value}_maker",
            f"name {it.maker} as a maker of {it.system.words}",
            len(it.bodies),
            table.figure("replied").count,
            True,
            len(it.bodies_as_first_returned),
            None,
            "; ".join(it.bodies),
        )
        for it in table.system_makers
    ]
    fleet = table.fleet
    for maker in fleet.makers:
        rows.append(
            (
                "aircraft",
                f"aircraft of {maker.maker}",
                maker.aircraft,
                fleet.aircraft,
                bool(fleet.not_stated or fleet.aircraft_without_maker),
                maker.aircraft_as_first_returned,
                "; ".join(fleet.not_stated),
                "; ".join(maker.bodies),
            )
        )
    rows.append(
        (
            "aircraft_without_maker",
            "aircraft whose maker is not stated",
            fleet.aircraft_without_maker,
            fleet.aircraft,
            bool(fleet.not_stated),
            None,
            "; ".join(fleet.not_stated),
            None,
        )
    )
    return rows_csv(head, rows)


def answer_corrections_csv(table: NationalSurveyResults) -> str:
    """Return a row for each correction, with both values."""
    head = ("body", "field", "returned", "returned_on", "corrected", "corrected_on", "reason")
    return rows_csv(head, _correction_cells(table))


def _correction_cells(table: NationalSurveyResults) -> list[tuple[object, ...]]:
    return [
        (
            it.body,
            it.field,
            it.returned,
            it.returned_on,
            it.corrected,
            it.corrected_on,
            it.reason,
        )
        for it in table.corrections
    ]


def national_document(table: NationalSurveyResults) -> SectionedDocument:
    """Return what people read of a national table."""
    return SectionedDocument(
        title=_national_table_title(table),
        sections=tuple(_national_sections(table)),
        subject=f"{sum(it.returns for it in table.replies)} returns",
        whole_in=NATIONAL_JSON,
    )


def _national_table_title(table: NationalSurveyResults) -> str:
    return f"Survey {table.survey}: national table" if table.survey else "National table"


def _national_sections(table: NationalSurveyResults) -> Iterator[DocumentSection]:
    replied = table.figure("replied")
    yield DocumentSection(
        "Replies",
        (
            f"{replied.count} of {replied.of} bodies replied. They were asked on "
            f"{table.asked_on.isoformat()}."
            + (f" Returns closed on {table.closed_on.isoformat()}." if table.closed_on else ""),
            f"{len(table.names_of_bodies_without_reply)} did not reply: "
            f"{'; '.join(table.names_of_bodies_without_reply)}."
            if table.names_of_bodies_without_reply
            else "Every body that was asked replied.",
            *(
                f"Late: {'; '.join(late)}."
                for late in ([it.body for it in table.replies if it.is_late],)
                if late
            ),
        ),
    )
    yield DocumentSection(
        "Figures",
        (
            '"At least": a body that the figure concerns did not say; it is named in figures.csv.',
            f"Drones: {table.fleet.value_text}.",
        ),
        SectionTable(
            ("Bodies that …", "Figure", "Did not say"),
            [
                (it.text, it.value_text, len(it.not_stated) or None)
                for it in table.figures
                if it.of or it.not_stated
            ],
            frozenset({"Bodies that …"}),
        ),
    )
    yield _maker_section(table)
    yield _camera_system_maker_section(table)
    yield _correction_section(table)
    yield _contradiction_section(table)
    yield _replies_by_police_body_section(table)
    if table.earlier:
        yield DocumentSection(
            "Earlier returns",
            ("A body that has merged keeps its returns: they stand under its successor.",),
            SectionTable(
                ("Body", "Survey", "Returned as", "Answered on", "Drones", "Aircraft", "Makers",
                 "Aware of concerns"),
                [
                    (
                        it.body,
                        it.survey,
                        it.returned_as,
                        it.answered_on,
                        _yes_no_text(it.operates_drones),
                        "not stated" if it.aircraft is None else it.aircraft,
                        maker_aircraft_counts_text(it.aircraft_by_maker),
                        _yes_no_text(it.aware_of_concerns),
                    )
                    for it in table.earlier
                ],
                frozenset({"Body", "Returned as", "Makers"}),
            ),
        )  # fmt: skip
    if table.uncounted:
        yield DocumentSection(
            "Returns that do not count",
            (),
            SectionTable(
                ("File", "Body", "Why"),
                [(it.file, it.body, it.reason) for it in table.uncounted],
                frozenset({"Body", "Why"}),
            ),
        )
    yield DocumentSection("Made with", (f"dji-audit {tool_version()}.",))


def _maker_section(table: NationalSurveyResults) -> DocumentSection:
    fleet = table.fleet
    rows: list[tuple[object, ...]] = [
        (
            it.maker,
            it.aircraft,
            len(it.bodies),
            it.aircraft_as_first_returned if it.aircraft_as_first_returned != it.aircraft else None,
        )
        for it in fleet.makers
    ]
    if fleet.aircraft_without_maker:
        rows.append(("maker not stated", fleet.aircraft_without_maker, None, None))
    notes = (
        [f"Operate drones and did not say how many: {'; '.join(fleet.not_stated)}."]
        if fleet.not_stated
        else []
    )
    if not rows:
        return DocumentSection("Drones by maker", ("No return states aircraft.",))
    return DocumentSection(
        "Drones by maker",
        (*notes, f"{COUNTED_MAKER} stands for all names under which it is known."),
        SectionTable(
            ("Maker", "Aircraft", "Bodies", "Aircraft as first returned"),
            rows,
            frozenset({"Maker"}),
        ),
    )


def _camera_system_maker_section(table: NationalSurveyResults) -> DocumentSection:
    heading = "Camera systems by maker"
    if not table.system_makers:
        return DocumentSection(heading, ("No return names a maker.",))
    return DocumentSection(
        heading,
        (
            "A maker is on a list or it is not; what its equipment does no list says, and none "
            "binds a British police force.",
        ),
        SectionTable(
            ("System", "Maker", "Bodies", "Bodies as first returned", "On the lists"),
            [
                (
                    it.system.words,
                    it.maker,
                    len(it.bodies),
                    len(it.bodies_as_first_returned)
                    if it.bodies_as_first_returned != it.bodies
                    else None,
                    ", ".join(it.lists),
                )
                for it in table.system_makers
            ],
            frozenset({"Maker", "On the lists"}),
        ),
    )


def _correction_section(table: NationalSurveyResults) -> DocumentSection:
    if not table.corrections:
        return DocumentSection("Corrections", ("No body corrected an answer.",))
    return DocumentSection(
        "Corrections",
        ("Both values are kept; figures count the corrected one.",),
        SectionTable(
            ("Body", "Answer", "Returned", "On", "Corrected to", "On", "Why"),
            _correction_cells(table),
            frozenset({"Body", "Returned", "Corrected to", "Why"}),
        ),
    )


def _contradiction_section(table: NationalSurveyResults) -> DocumentSection:
    with_logs = table.figure("contradicted").of
    if not with_logs:
        text = "Not looked for: no return holds the results of audits."
        return DocumentSection("Contradictions", (text,))
    if not table.contradictions:
        text = f"None. Returns with the results of audits: {with_logs}."
        return DocumentSection("Contradictions", (text,))
    return DocumentSection(
        "Contradictions",
        (f"Returns with the results of audits: {with_logs}. Either side may be wrong.",),
        SectionTable(
            ("Body", "Answer", "Declared", "Observed in logs"),
            [
                (
                    it.body,
                    it.contradiction.field,
                    it.contradiction.declared,
                    it.contradiction.observed,
                )
                for it in table.contradictions
            ],
            frozenset({"Body", "Declared", "Observed in logs"}),
        ),
    )


def _replies_by_police_body_section(table: NationalSurveyResults) -> DocumentSection:
    rows = [
        (
            row.body + (f" (now {', '.join(row.successors)})" if row.successors else ""),
            row.answered_on or ("yes" if row.replied else "did not reply"),
            _yes_no_text(row.operates_drones) if row.replied else None,
            maker_aircraft_counts_text(row.aircraft_by_maker),
            _yes_no_text(row.aware_of_concerns) if row.replied and row.operates_drones else None,
            *(
                _yes_no_text((row.concerns or {}).get(it.value)) if row.replied else None
                for it in CameraSystemCategory
            ),
            None if row.flights is None else f"{row.flights_checked} of {row.flights}",
        )
        for row in table.replies
    ]
    return DocumentSection(
        "Bodies",
        ("Under each system: whether there are concerns about equipment of it.",),
        SectionTable(
            ("Body", "Replied", "Drones", "Aircraft by maker", "Aware",
             *(it.words[0].upper() + it.words[1:] for it in CameraSystemCategory),
             "Flights checked"),
            rows,
            frozenset({"Body", "Aircraft by maker"}),
        ),
    )  # fmt: skip


def _yes_no_text(value: bool | None) -> str:
    if value is None:
        return "not stated"
    return "yes" if value else "no"
