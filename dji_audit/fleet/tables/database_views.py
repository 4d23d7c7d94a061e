"""The views of the database: the questions that people ask most, ready for other programs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ViewDescription:
    """One view of the database."""

    name: str
    meaning: str
    select: str

    @property
    def create_statement(self) -> str:
        """The SQL that makes the view."""
        return f'CREATE VIEW "{self.name}" AS {self.select}'


FLEET_VIEWS = (
    ViewDescription(
        "logged_flights",
        "Flights that logs record, without those of a simulator: what is counted as flights.",
        "SELECT * FROM flights WHERE entry = 'log' AND NOT simulated",
    ),
    ViewDescription(
        "flights_by_month",
        "Flights, time in the air and recordings of each month, by verdict.",
        "SELECT month, entry, verdict, count(*) AS flights, sum(duration_s) AS flight_s, "
        "sum(video_s) AS video_s, sum(thermal_s) AS thermal_s, sum(audio_s) AS audio_s "
        "FROM flights WHERE NOT simulated GROUP BY month, entry, verdict",
    ),
    ViewDescription(
        "data_sync",
        "Which aircraft talked to whom, when, by grade, and what shows it.",
        "SELECT flights.month, flights.serial, flights.aircraft, contacts.apps, contacts.devices, "
        "contacts.host, contacts.operators, contacts.claim, contacts.first, contacts.last, "
        "contacts.rows, contacts.bytes_up, contacts.local_data_mode, contacts.flight, "
        "flights.page, contacts.file, contacts.sha256, contacts.offset, contacts.record "
        "FROM contacts LEFT JOIN flights ON flights.flight = contacts.flight "
        "WHERE contacts.contacted_by = 'device' AND NOT contacts.is_local",
    ),
    ViewDescription(
        "open_findings",
        "Findings that break a rule and are neither authorised nor settled, with their flight.",
        "SELECT findings.*, flights.serial, flights.aircraft, flights.page, rules.title "
        "FROM findings JOIN flights ON flights.flight = findings.flight "
        "LEFT JOIN rules ON rules.rule = findings.rule WHERE findings.outcome = 'fail'",
    ),
    ViewDescription(
        "rule_outcomes",
        "How many flights have each outcome of each rule.",
        "SELECT results.rule, max(rules.title) AS title, results.outcome, count(*) AS flights "
        "FROM results LEFT JOIN rules ON rules.rule = results.rule "
        "GROUP BY results.rule, results.outcome",
    ),
    ViewDescription(
        "unchecked",
        "What could not be checked, why, and what the unit can do.",
        # A remedy may name a file, such as that which needs a key: one of them stands for all.
        "SELECT results.rule, max(rules.title) AS title, results.lacking, "
        "min(results.remedy) AS remedy, count(*) AS flights, "
        "min(results.reason) AS first_reason FROM results "
        "LEFT JOIN rules ON rules.rule = results.rule WHERE results.outcome = 'not_assessable' "
        "GROUP BY results.rule, results.lacking",
    ),
    ViewDescription(
        "logbook",
        "Every flight in order of time, those that a person declared among them.",
        "SELECT start, takeoff, landing, duration_s, entry, aircraft, serial, place, operation, "
        "verdict, findings, flight, file FROM flights WHERE NOT simulated",
    ),
)
