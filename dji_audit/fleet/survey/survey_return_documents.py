"""A return as CSV, Markdown and PDF; as JSON it is in ``survey_return``."""

from collections.abc import Iterator

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.tool_and_package_versions import tool_version
from dji_audit.fleet.survey._rows_csv import rows_csv
from dji_audit.fleet.survey.answers import HowAnswerIsKnown
from dji_audit.fleet.survey.survey_return import SurveyReturn, survey_return_json
from dji_audit.mapper.sectioned_document import (
    DocumentSection,
    SectionedDocument,
    SectionTable,
    document_markdown,
)

#: Names of the documents of a return in its folder.
RETURN_JSON, RETURN_CSV = "return.json", "return.csv"
RETURN_MARKDOWN, RETURN_PDF = "return.md", "return.pdf"


def survey_return_csv(built: SurveyReturn) -> str:
    """Return a row for each answer; text that a spreadsheet would run is quoted.

    The last column states what logs contradict it with, and is empty where nothing does.
    """
    contradicted: dict[str, str] = {}
    for found in built.contradictions:
        earlier = contradicted.get(found.field)
        contradicted[found.field] = f"{earlier}; {found.text}" if earlier else found.text
    head = ("body", "field", "section", "question", "basis", "declared", "observed", "reason",
            "contradiction")  # fmt: skip
    rows = [
        (
            built.body,
            it.field,
            it.section,
            it.question,
            it.basis.value,
            it.declared,
            it.observed,
            it.reason,
            contradicted.get(it.field),
        )
        for it in built.answers
    ]
    return rows_csv(head, rows)


def survey_return_sectioned_document(built: SurveyReturn) -> SectionedDocument:
    """Return what people read of a return."""
    return SectionedDocument(
        title=_survey_return_title(built),
        sections=tuple(_survey_return_sections(built)),
        subject=built.file.name,
        subject_sha256=built.file.sha256,
        whole_in=RETURN_JSON,
    )


def survey_return_documents(built: SurveyReturn) -> dict[str, str]:
    """Return file name -> text of every document of a return but the PDF."""
    return {
        RETURN_JSON: survey_return_json(built),
        RETURN_CSV: survey_return_csv(built),
        RETURN_MARKDOWN: document_markdown(survey_return_sectioned_document(built)),
    }


def _survey_return_title(built: SurveyReturn) -> str:
    about = built.declared.about
    survey = f" to the survey {about.survey}" if about.survey else ""
    return f"Return of {about.body or 'a body not named'}{survey}"


def _survey_return_sections(built: SurveyReturn) -> Iterator[DocumentSection]:
    counts = {basis: sum(it.basis is basis for it in built.answers) for basis in HowAnswerIsKnown}
    about = built.declared.about
    paragraphs = [
        f"Answered on {about.answered_on or 'a day not given'}, revision {about.revision}, by "
        f"{about.answered_by or 'a post not given'}.",
        f"Answers observed in logs: {counts[HowAnswerIsKnown.OBSERVED]}; declared: "
        f"{counts[HowAnswerIsKnown.DECLARED]}; neither declared nor to be known from logs: "
        f"{counts[HowAnswerIsKnown.NOT_IN_LOGS]}.",
    ]
    if built.observed is None:
        paragraphs.append("No results of an audit were given: nothing is observed.")
    else:
        fleet = built.observed
        paragraphs.append(
            f"Logs of {pluralised_count(fleet.flights, 'flight')} were audited; flights without "
            f"a log are not seen. {pluralised_count(fleet.simulated_flights, 'simulated flight')} "
            f"and {pluralised_count(fleet.flights_without_day, 'flight')} without a date were "
            "found."
        )
        paragraphs += [f"Source: {name}, SHA-256 {sha256}." for name, sha256 in fleet.sources]
    paragraphs.append(f"Made by dji-audit {tool_version()}.")
    yield DocumentSection("About this return", tuple(paragraphs))
    yield _contradiction_section(built)
    for section in dict.fromkeys(it.section for it in built.answers):
        yield DocumentSection(
            section,
            (),
            SectionTable(
                ("Question", "Answer is", "Declared", "Observed in logs"),
                [
                    (
                        it.question,
                        it.basis.value,
                        "not declared" if it.declared is None else it.declared,
                        it.reason if it.observed is None else it.observed,
                    )
                    for it in built.answers
                    if it.section == section
                ],
                frozenset({"Question", "Declared", "Observed in logs"}),
            ),
        )
    if built.observed is not None and built.observed.firmware:
        yield DocumentSection(
            "Firmware",
            (
                "Days from the first flight with a version to the last: the version is at least "
                "as old. When a version was published is not in logs.",
            ),
            SectionTable(
                ("Serial", "Model", "Part", "Version", "Flights", "First", "Last", "Days"),
                [
                    (
                        it.serial,
                        it.model,
                        it.part,
                        it.version,
                        it.flights,
                        it.first_flown,
                        it.last_flown,
                        it.days_from_first_to_last_flight,
                    )
                    for it in built.observed.firmware
                ],
                frozenset({"Serial", "Model", "Part", "Version"}),
            ),
        )
    if built.observed is not None and built.observed.contacts:
        yield DocumentSection(
            "Contacts",
            ("What each grade proves stands in the guide; an indicator shows no contact.",),
            SectionTable(
                ("Grade", "Flights", "Last", "Hosts"),
                [
                    (it.claim.replace("_", " "), it.flights, it.last, ", ".join(it.hosts))
                    for it in built.observed.contacts
                ],
                frozenset({"Hosts"}),
            ),
        )


def _contradiction_section(built: SurveyReturn) -> DocumentSection:
    if built.observed is None:
        text = "Not looked for: no results of an audit were given."
        return DocumentSection("Contradictions", (text,))
    if not built.contradictions:
        text = "None found in the logs that were audited. Logs that are missing contradict nothing."
        return DocumentSection("Contradictions", (text,))
    return DocumentSection(
        "Contradictions",
        ("Either side may be wrong: a person decides.",),
        SectionTable(
            ("Answer", "Declared", "Observed in logs"),
            [(it.field, it.declared, it.observed) for it in built.contradictions],
            frozenset({"Declared", "Observed in logs"}),
        ),
    )
