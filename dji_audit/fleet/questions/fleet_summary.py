"""The summary of a fleet: figures, each by one statement of SQL."""

import sqlite3
from dataclasses import dataclass

from dji_audit.fleet.questions.answer import Answer, AnswerColumn, Cell


@dataclass(frozen=True, slots=True)
class SummaryFigureQuery:
    """One figure of the summary; a statement with two columns gives one figure for each name."""

    name: str
    unit: str
    meaning: str
    select: str


#: Every figure, in the order in which they are shown.
SUMMARY_FIGURES = (
    SummaryFigureQuery("flights", "", "Flights that logs record.",
                  "SELECT count(*) FROM logged_flights"),
    SummaryFigureQuery("flights declared", "", "Flights that a person entered, and no log records.",
                  "SELECT count(*) FROM flights WHERE entry = 'declared'"),
    SummaryFigureQuery("flights declared, contradicted", "",
                  "Of those, flights whose aircraft has a log of that time.",
                  "SELECT count(*) FROM flights WHERE declared_conflict IS NOT NULL"),
    SummaryFigureQuery("flights simulated", "", "Logs of a simulator; counted nowhere else.",
                  "SELECT count(*) FROM flights WHERE simulated"),
    SummaryFigureQuery("first flight", "UTC", "Start of the first flight.",
                  "SELECT min(start) FROM flights WHERE NOT simulated"),
    SummaryFigureQuery("last flight", "UTC", "Start of the last flight.",
                  "SELECT max(start) FROM flights WHERE NOT simulated"),
    SummaryFigureQuery("flights without UTC", "", "Flights whose start is not known.",
                  "SELECT count(*) FROM logged_flights WHERE start IS NULL"),
    SummaryFigureQuery("aircraft", "", "Aircraft with a serial number.",
                  "SELECT count(*) FROM aircraft WHERE serial IS NOT NULL"),
    SummaryFigureQuery("flights without a serial number", "",
                  "Their aircraft is known by model only.",
                  "SELECT count(*) FROM logged_flights WHERE serial IS NULL"),
    SummaryFigureQuery("time in the air", "h", "Of flights whose duration is known.",
                  "SELECT round(coalesce(sum(duration_s), 0) / 3600, 2) FROM logged_flights"),
    SummaryFigureQuery("flights without a duration", "", "They are not in that sum.",
                  "SELECT count(*) FROM logged_flights WHERE duration_s IS NULL"),
    SummaryFigureQuery("video", "h", "Video recorded, by any sensor.",
                  "SELECT round(sum(video_s) / 3600, 2) FROM logged_flights"),
    SummaryFigureQuery("thermal video", "h", "Thermal video recorded.",
                  "SELECT round(sum(thermal_s) / 3600, 2) FROM logged_flights"),
    SummaryFigureQuery("sound", "h", "Sound recorded.",
                  "SELECT round(sum(audio_s) / 3600, 2) FROM logged_flights"),
    SummaryFigureQuery("flights without captures known", "",
                  "Their logs do not record captures: what they recorded is not known.",
                  "SELECT count(*) FROM logged_flights WHERE videos IS NULL"),
    SummaryFigureQuery("verdict: {}", "", "Flights with this verdict.",
                  "SELECT verdict, count(*) FROM flights WHERE entry = 'log' GROUP BY verdict "
                  "ORDER BY verdict"),
    SummaryFigureQuery("findings, {}", "", "Findings that break a rule and nobody settled.",
                  "SELECT severity, count(*) FROM findings WHERE outcome = 'fail' "
                  "GROUP BY severity ORDER BY severity"),
    SummaryFigureQuery("rules checked", "fraction",
                  "Of the rules that apply to a flight, how many could be checked.",
                  "SELECT round(1.0 * sum(pass + fail + fail_acknowledged + fail_authorised) / "
                  "nullif(sum(pass + fail + fail_acknowledged + fail_authorised + "
                  "not_assessable), 0), 4) FROM logged_flights"),
    SummaryFigureQuery("flights checked in full", "", "No rule that applies was left unchecked.",
                  "SELECT count(*) FROM logged_flights WHERE not_assessable = 0 "
                  "AND pass + fail + fail_acknowledged + fail_authorised > 0"),
    SummaryFigureQuery("flights with a recorded network", "", "Network logs cover part of them.",
                  "SELECT count(*) FROM logged_flights WHERE network_share > 0"),
    SummaryFigureQuery("contacts, {}", "",
                  "Hosts outside the local network that devices of a flight contacted, by claim.",
                  "SELECT claim, count(*) FROM contacts WHERE contacted_by = 'device' "
                  "AND flight IS NOT NULL AND NOT is_local GROUP BY claim ORDER BY claim"),
    SummaryFigureQuery("contacts of no flight", "",
                  "Hosts outside the local network, in network logs of no flight's time.",
                  "SELECT count(*) FROM contacts WHERE flight IS NULL AND NOT is_local"),
    SummaryFigureQuery("contacts against Local Data Mode", "",
                  "Contacts that no exemption covers, where a person claims that mode.",
                  "SELECT count(*) FROM contacts WHERE local_data_mode IN "
                  "('fail', 'fail_authorised', 'fail_acknowledged')"),
    SummaryFigureQuery("missing logs", "", "Findings of the rule on missing logs.",
                  "SELECT count(*) FROM findings JOIN rules USING (rule) "
                  "WHERE rules.applied_rule = 'missing_log' AND outcome = 'fail'"),
    SummaryFigureQuery("files, {}", "", "Files that have this status.",
                  "SELECT status, count(*) FROM files GROUP BY status ORDER BY status"),
)  # fmt: skip


def fleet_summary_answer(connection: sqlite3.Connection) -> Answer:
    """Return the figures of a fleet."""
    rows: list[tuple[Cell, ...]] = []
    for figure in SUMMARY_FIGURES:
        for row in connection.execute(figure.select):
            name = figure.name
            if len(row) > 1:
                words = str(row[0]).replace("needs_", "needs a ").replace("_", " ")
                name = name.format(words)
            rows.append((name, row[-1], figure.unit, figure.meaning))
    return Answer(
        "What is known of this fleet?",
        (
            AnswerColumn("figure", "What is counted."),
            AnswerColumn("value", "How much; missing: not known."),
            AnswerColumn("unit", "Its unit; empty: a number."),
            AnswerColumn("meaning", "What it means."),
        ),
        rows,
        ("A rule that could not be checked has not been passed.",),
    )
