"""The parts of the dashboard, as HTML; every number leads to its flights or contacts."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.fleet.dashboard._charts import (
    StackedBarPartKind,
    filter_link_html,
    filter_link_with_count_html,
    months_or_years_spanned,
    stacked_bar_chart_html,
)
from dji_audit.fleet.dashboard._dashboard_queries import (
    CLAIM_ORDER,
    SIGNS,
    hosts_contacted_by_devices,
    query_sqlite_rows,
    wear_and_danger_signs_by_flight,
)
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.index_page._flight_table import VERDICT_WORDS
from dji_audit.mapper.index_page._overview_map import overview_map_svg

#: Rows of a table of the dashboard; the tables of the state have all.
MAX_ROWS = 100
#: What the HTML of a cell begins with that is a number.
_NUMBER_MARK = "<num>"
#: What stands in an address for "not known".
NOT_KNOWN = "-"
#: Column of seconds -> what an address calls recordings of that kind.
_RECORDED_SECONDS = {"video_s": "video", "thermal_s": "thermal", "audio_s": "sound"}
OUTCOME_HEADS = {
    "fail": "failed",
    "fail_acknowledged": "acknowledged",
    "fail_authorised": "authorised",
    "not_assessable": "not checked",
    "pass": "passed",
    "not_applicable": "does not apply",
}
_VERDICTS = {str(verdict): words for verdict, words in VERDICT_WORDS.items()}
_CLAIM_WORDS = {claim: claim.replace("_", " ") for claim in CLAIM_ORDER}


def verdict_count_chips_html(connection: sqlite3.Connection) -> str:
    """Return how many flights have each verdict, and how many are declared."""
    counts: dict[str, int] = dict(
        connection.execute("SELECT verdict, count(*) FROM logged_flights GROUP BY verdict")
    )
    chips = [
        f'<span class="chip {verdict}">{escape_html(words)}: '
        f"{filter_link_with_count_html(counts[verdict], verdict=verdict)}</span>"
        for verdict, words in _VERDICTS.items()
        if counts.get(verdict)
    ]
    declared = _query_single_count(
        connection, "SELECT count(*) FROM flights WHERE entry = 'declared'"
    )
    if declared:
        link = filter_link_with_count_html(declared, entry="declared")
        chips.append(f'<span class="chip declared">Declared, no log: {link}</span>')
    return " ".join(chips)


def key_figures_html(connection: sqlite3.Connection) -> str:
    """Return the figures that a lead asks for first, each with what it means."""
    row = query_sqlite_rows(
        connection,
        "SELECT count(*) AS flights, count(DISTINCT serial) AS aircraft, "
        "sum(duration_s) AS flight_s, sum(video_s) AS video_s, sum(thermal_s) AS thermal_s, "
        "sum(audio_s) AS audio_s, sum(videos IS NULL) AS unknown_captures, "
        "sum(pass + fail + fail_acknowledged + fail_authorised) AS checked, "
        "sum(not_assessable) AS unchecked, sum(network_share > 0) AS recorded "
        "FROM logged_flights",
    )[0]
    asked = (row["checked"] or 0) + (row["unchecked"] or 0)
    lost = _query_single_count(connection, "SELECT count(*) FROM quarantine")
    files = _query_single_count(connection, "SELECT count(*) FROM files")
    recorded = zip(("Video", "Thermal video", "Sound"), _RECORDED_SECONDS.items(), strict=True)
    unknown = row["unknown_captures"] or 0
    unknown_words = (
        f"not known of {filter_link_with_count_html(unknown, recorded=NOT_KNOWN)} flights"
        if unknown
        else ""
    )
    cards = [
        _key_figure_html(
            "Flights", filter_link_with_count_html(row["flights"], entry="log"), "that logs record"
        ),
        _key_figure_html(
            "Aircraft",
            _link_to_section_of_this_page_html(f"{row['aircraft']:,}", "aircraft_section"),
            "with a serial number",
        ),
        _key_figure_html(
            "In the air",
            _hours_link_html(row["flight_s"], entry="log"),
            "of flights with a known duration",
        ),
        *(
            _key_figure_html(
                words,
                "not known"
                if row[column] is None
                else _hours_link_html(row[column], recorded=name)
                if row[column]
                else "none",
                unknown_words,
            )
            for words, (column, name) in recorded
        ),
        _key_figure_html(
            "Checked",
            _link_to_section_of_this_page_html(f"{100 * row['checked'] / asked:.0f} %", "coverage")
            if asked
            else "nothing",
            "of the rules that apply to a flight",
        ),
        _key_figure_html(
            "Network recorded",
            f"{filter_link_with_count_html(row['recorded'] or 0, network='some')} of "
            f"{row['flights']:,}",
            "flights, in part or whole",
        ),
        _key_figure_html(
            "Files not read in full",
            _link_to_section_of_this_page_html(f"{lost:,}", "quarantine") if lost else "0",
            f"of {files:,} files",
        ),
    ]
    return f'<dl class="cards">{"".join(cards)}</dl>'


def _key_figure_html(head: str, value: str, words: str) -> str:
    return f'<div><dt>{head}</dt><dd>{value}<span class="sub">{words}</span></dd></div>'


def flights_over_time_section(connection: sqlite3.Connection) -> str:
    """Return the flights of each month by verdict, and how many have no month."""
    parts = [
        StackedBarPartKind(name, words, {"verdict": name}) for name, words in _VERDICTS.items()
    ]
    parts.append(StackedBarPartKind("declared", "Declared, no log", {"entry": "declared"}))
    rows = connection.execute(
        "SELECT month, coalesce(verdict, 'declared'), count(*) FROM flights "
        "WHERE NOT simulated AND month IS NOT NULL GROUP BY 1, 2"
    ).fetchall()
    untimed = _query_single_count(
        connection, "SELECT count(*) FROM flights WHERE NOT simulated AND month IS NULL"
    )
    note = ""
    if untimed:
        link = filter_link_with_count_html(untimed, month=NOT_KNOWN)
        note = f'<p class="note">Without UTC, and in no month: {link} flights.</p>'
    return (
        _stacked_bar_chart_of_rows(rows, parts, "flights", "Flights of each month by verdict")
        + note
    )


def _stacked_bar_chart_of_rows(
    rows: Sequence[Any], parts: Sequence[StackedBarPartKind], unit: str, subject: str
) -> str:
    periods = months_or_years_spanned([row[0] for row in rows])
    values: dict[tuple[str, str], float] = defaultdict(float)
    length = len(periods[0]) if periods else 0
    for month, name, value in rows:
        values[month[:length], name] += value or 0
    return stacked_bar_chart_html(periods, parts, values, unit, subject)


def aircraft_table_html(connection: sqlite3.Connection) -> str:
    """Return every aircraft with its flights, hours and findings."""
    rows = query_sqlite_rows(
        connection,
        "SELECT * FROM aircraft ORDER BY needs_look DESC, flights DESC, serial, aircraft",
    )
    cells = (
        (
            _aircraft_name_and_serial_html(row["serial"], row["aircraft"], row["aircraft_name"]),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    row["flights"], **_dashboard_filter_of_aircraft(row), entry="log"
                )
            ),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    row["declared_flights"], **_dashboard_filter_of_aircraft(row), entry="declared"
                )
            ),
            _mark_cell_html_as_number(
                _hours_link_html(row["flight_s"], **_dashboard_filter_of_aircraft(row))
            ),
            _day_html(row["last_flight"]),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    row["needs_look"], **_dashboard_filter_of_aircraft(row), verdict="needs_look"
                )
            ),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    row["findings"], **_dashboard_filter_of_aircraft(row), findings="some"
                )
            ),
            *(
                _mark_cell_html_as_number(
                    _hours_link_html(
                        row[column], **_dashboard_filter_of_aircraft(row), recorded=name
                    )
                )
                for column, name in _RECORDED_SECONDS.items()
            ),
        )
        for row in rows
    )
    heads = ("Aircraft", "#Flights", "#Declared", "#In the air", "Last flight", "#Need a look",
             "#Findings", "#Video", "#Thermal", "#Sound")  # fmt: skip
    return _dashboard_table_html(heads, cells, len(rows), "aircraft", "Aircraft")


def _dashboard_filter_of_aircraft(row: sqlite3.Row) -> dict[str, str]:
    if row["serial"]:
        return {"serial": truncated_visible_text(row["serial"])}
    return {"serial": NOT_KNOWN, "aircraft": truncated_visible_text(row["aircraft"] or NOT_KNOWN)}


def rule_outcomes_table_html(connection: sqlite3.Connection) -> str:
    """Return how many flights have each outcome of each rule."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    titles: dict[str, str] = {}
    for rule, title, outcome, flights in connection.execute(
        "SELECT rule, title, outcome, flights FROM rule_outcomes"
    ):
        counts[rule][outcome] = flights
        titles[rule] = title or ""
    order = sorted(counts, key=lambda rule: [-counts[rule][it] for it in OUTCOME_HEADS] + [0])
    cells = (
        (
            f'{escape_html(titles[rule])}<span class="sub">{escape_html(rule)}</span>',
            *(
                _mark_cell_html_as_number(
                    filter_link_with_count_html(counts[rule][outcome], rule=rule, outcome=outcome)
                )
                for outcome in OUTCOME_HEADS
            ),
        )
        for rule in order
    )
    heads = ("Rule", *(f"#{words}" for words in OUTCOME_HEADS.values()))
    return _dashboard_table_html(heads, cells, len(order), "rules", "Rules and outcomes", "rules")


def contacts_over_time_section(connection: sqlite3.Connection) -> str:
    """Return who talked to whom over time, by grade, and against Local Data Mode."""
    parts = [
        StackedBarPartKind(f"claim_{claim}", words, {"claim": claim, "list": "contacts"})
        for claim, words in _CLAIM_WORDS.items()
    ]
    rows = connection.execute(
        "SELECT coalesce(month, substr(first, 1, 7)), 'claim_' || claim, count(*) FROM data_sync "
        "WHERE coalesce(month, substr(first, 1, 7)) IS NOT NULL GROUP BY 1, 2"
    ).fetchall()
    talks = hosts_contacted_by_devices(connection)
    cells = (
        (
            _aircraft_name_and_serial_html(talk.serial, talk.aircraft, None),
            _text_lines_html(talk.apps, talk.devices),
            f"<b>{escape_html(talk.host)}</b>"
            f'<span class="sub">{escape_html(talk.operators or "not in the catalogue")}</span>',
            f'<span class="chip {talk.claim}">{escape_html(_CLAIM_WORDS.get(talk.claim, ""))}'
            "</span>",
            f'{_day_html(talk.first)}<span class="sub">to {_day_html(talk.last)}</span>',
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    talk.contacts, **_dashboard_filter_of_contact(talk.host, talk.serial)
                )
            ),
            _mark_cell_html_as_number(
                ""
                if talk.bytes_up is None
                else filter_link_html(
                    f"{talk.bytes_up:,}", **_dashboard_filter_of_contact(talk.host, talk.serial)
                )
            ),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    talk.against_local_data_mode,
                    ldm="against",
                    **_dashboard_filter_of_contact(talk.host, talk.serial),
                )
            ),
        )
        for talk in talks
    )
    heads = ("Aircraft", "App, device", "Talked to", "Grade", "First, last", "#Contacts",
             "#Bytes sent", "#Against Local Data Mode")  # fmt: skip
    recorded, total, full = connection.execute(
        "SELECT coalesce(sum(network_share > 0), 0), count(*), "
        "coalesce(sum(network_share >= 0.95), 0) FROM logged_flights"
    ).fetchone()
    against = sum(talk.against_local_data_mode for talk in talks)
    claimed = _query_single_count(
        connection,
        "SELECT count(DISTINCT flight) FROM results JOIN rules USING (rule) "
        "WHERE applied_rule = 'local_data_mode' AND outcome <> 'not_applicable'",
    )
    mode = (
        f"Local Data Mode is claimed for {pluralised_count(claimed, 'flight')}; contacts that no "
        f"exemption covers: {filter_link_with_count_html(against, ldm='against', list='contacts')}."
        if claimed
        else "No flight is claimed to have been flown in Local Data Mode."
    )
    return (
        "<p>The network was recorded for "
        f"{filter_link_with_count_html(recorded, network='some')} of {total:,} flights, for "
        f"{filter_link_with_count_html(full, network='full')} of them nearly whole. Of all others "
        f"the absence of a contact proves nothing.</p><p>{mode}</p>"
        f"{_stacked_bar_chart_of_rows(rows, parts, 'contacts', 'Contacts of each month by grade')}"
        + _dashboard_table_html(heads, cells, len(talks), "pairs", "Who talked to whom")
    )


def _dashboard_filter_of_contact(host: str, serial: str | None) -> dict[str, str]:
    return {
        "list": "contacts",
        "host": truncated_visible_text(host),
        "serial": truncated_visible_text(serial) if serial else NOT_KNOWN,
    }


def recordings_section(connection: sqlite3.Connection) -> str:
    """Return the hours of video, thermal video and sound of each month."""
    parts = [
        StackedBarPartKind("plain_video", "video, not thermal", {"recorded": "video"}),
        StackedBarPartKind("thermal", "thermal video", {"recorded": "thermal"}),
        StackedBarPartKind("sound", "sound", {"recorded": "sound"}),
    ]
    rows = [
        (month, name, seconds / 3600)
        for month, *sums in connection.execute(
            "SELECT month, sum(max(video_s - coalesce(thermal_s, 0), 0)), sum(thermal_s), "
            "sum(audio_s) FROM logged_flights WHERE month IS NOT NULL GROUP BY month"
        )
        for name, seconds in zip(("plain_video", "thermal", "sound"), sums, strict=True)
        if seconds
    ]
    return _stacked_bar_chart_of_rows(
        rows, parts, "h", "Hours of video, thermal video and sound of each month"
    )


def rule_check_coverage_section(connection: sqlite3.Connection) -> str:
    """Return how much of the fleet could be checked, and what stood in the way."""
    checked, unchecked, in_full, total = connection.execute(
        "SELECT coalesce(sum(pass + fail + fail_acknowledged + fail_authorised), 0), "
        "coalesce(sum(not_assessable), 0), coalesce(sum(not_assessable = 0 AND "
        "pass + fail + fail_acknowledged + fail_authorised > 0), 0), count(*) FROM logged_flights"
    ).fetchone()
    asked = checked + unchecked
    share = 100 * checked / asked if asked else 0.0
    bar = (
        f'<svg class="share" viewBox="0 0 400 18" preserveAspectRatio="none" '
        f'role="img" aria-label="{share:.0f} % checked">'
        f'<rect class="not_checked" width="400" height="18"/>'
        f'<rect class="clean" width="{4 * share:.1f}" height="18"/></svg>'
    )
    rows = query_sqlite_rows(
        connection,
        "SELECT * FROM unchecked ORDER BY flights DESC, rule, lacking, remedy",
    )
    cells = (
        (
            f'{escape_html(row["title"] or "")}<span class="sub">{escape_html(row["rule"])}</span>',
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    row["flights"], rule=row["rule"], outcome="not_assessable"
                )
            ),
            escape_html(row["lacking"] or row["first_reason"]),
            escape_html(row["remedy"]),
        )
        for row in rows
    )
    heads = ("Rule", "#Flights", "What was lacking", "What can be done")
    words = (
        f"<p>Of {asked:,} checks that apply to these flights, {checked:,} could be made "
        f"({share:.0f} %). "
        f"{filter_link_html(f'{in_full:,}', checked='whole') if in_full else '0'} of "
        f"{total:,} flights were checked in full. A rule that could not be checked has not been "
        "passed.</p>"
    )
    return (
        words
        + bar
        + _dashboard_table_html(heads, cells, len(rows), "reasons", "What could not be checked")
    )


def missing_logs_section(connection: sqlite3.Connection) -> str:
    """Return missing logs, flights that a person declared, and files that were not read."""
    missing = query_sqlite_rows(
        connection,
        "SELECT findings.*, flights.serial, flights.aircraft FROM findings "
        "JOIN rules ON rules.rule = findings.rule AND rules.applied_rule = 'missing_log' "
        "JOIN flights ON flights.flight = findings.flight WHERE findings.outcome = 'fail' "
        "ORDER BY findings.start, findings.flight",
    )
    cells = (
        (
            filter_link_html(escape_html(row["flight"]), flight=row["flight"]),
            _aircraft_name_and_serial_html(row["serial"], row["aircraft"], None),
            escape_html(row["summary"]),
            _file_and_byte_offset_cell(row),
        )
        for row in missing
    )
    heads = ("Flight", "Aircraft", "What is missing", "Shown by")
    found = _dashboard_table_html(heads, cells, len(missing), "findings", "Missing logs")
    declared = query_sqlite_rows(
        connection, "SELECT * FROM flights WHERE entry = 'declared' ORDER BY start, flight"
    )
    if declared:
        rows = (
            (
                filter_link_html(
                    escape_html(_date_and_minute_text(row["start"])), flight=row["flight"]
                ),
                _aircraft_name_and_serial_html(row["serial"], row["aircraft"], None),
                escape_html(row["operation"] or ""),
                _contradicting_flights_cell(row["declared_conflict"]),
            )
            for row in declared
        )
        heads = ("Start (UTC)", "Aircraft", "Operation", "Logs of that time")
        found += "<h3>Declared, without a log</h3>"
        found += _dashboard_table_html(heads, rows, len(declared), "flights", "Declared flights")
    return found


def _contradicting_flights_cell(flights: str | None) -> str:
    if not flights:
        return "none, as declared"
    links = ", ".join(
        filter_link_html(escape_html(flight), flight=flight) for flight in flights.split("; ")
    )
    return f'<span class="status">contradicted by {links}</span>'


def quarantined_files_table_html(connection: sqlite3.Connection) -> str:
    """Return the files that were not read in full, and the cause."""
    rows = query_sqlite_rows(connection, "SELECT * FROM quarantine ORDER BY status, name")
    cells = (
        (
            escape_html(row["name"]),
            escape_html(row["status"]),
            escape_html(row["cause"]),
            escape_html("" if row["advice"] == row["cause"] else row["advice"]),
        )
        for row in rows
    )
    return _dashboard_table_html(
        ("File", "Status", "Cause", "What can be done"), cells, len(rows), "files", "Quarantine"
    )


def latest_firmware_of_each_aircraft_html(connection: sqlite3.Connection) -> str:
    """Return the firmware that each aircraft had last, and since when."""
    rows = query_sqlite_rows(
        connection,
        "SELECT * FROM firmware WHERE is_latest ORDER BY is_behind DESC, age_days DESC, serial, "
        "part",
    )
    cells = (
        (
            _aircraft_name_and_serial_html(row["serial"], row["aircraft"], None),
            escape_html(row["part"]),
            escape_html(row["version"]),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    row["flights"],
                    firmware=_replace_semicolons_with_commas(f"{row['part']} {row['version']}"),
                    serial=truncated_visible_text(row["serial"]) if row["serial"] else NOT_KNOWN,
                )
            ),
            _day_html(row["first_seen"]),
            _mark_cell_html_as_number(
                "" if row["age_days"] is None else pluralised_count(round(row["age_days"]), "day")
            ),
            "a later version replaced it on this model" if row["is_behind"] else "",
        )
        for row in rows
    )
    heads = (
        "Aircraft", "Part", "Version", "#Flights", "First flown with it", "#Age here", "Remark",
    )  # fmt: skip
    return _dashboard_table_html(heads, cells, len(rows), "versions", "Firmware")


def wear_and_battery_section(connection: sqlite3.Connection) -> str:
    """Return remarks on motors, vibration and links by aircraft, and the batteries."""
    craft = {
        row["flight"]: (row["serial"], row["aircraft"])
        for row in query_sqlite_rows(
            connection, "SELECT flight, serial, aircraft FROM logged_flights"
        )
    }
    counts: dict[tuple[str | None, str | None], Counter[str]] = defaultdict(Counter)
    for flight, names in wear_and_danger_signs_by_flight(connection).items():
        if flight in craft:
            serial, aircraft = craft[flight]
            counts[serial, None if serial else aircraft].update(names)
    models = {serial: aircraft for serial, aircraft in craft.values() if serial}
    order = sorted(counts, key=lambda it: (-sum(counts[it].values()), str(it)))
    cells = (
        (
            _aircraft_name_and_serial_html(
                serial, models.get(serial) if serial else aircraft, None
            ),
            *(
                _mark_cell_html_as_number(
                    filter_link_with_count_html(
                        counts[serial, aircraft][name],
                        sign=name,
                        serial=truncated_visible_text(serial) if serial else NOT_KNOWN,
                    )
                )
                for name in SIGNS
            ),
        )
        for serial, aircraft in order
    )
    heads = ("Aircraft", *(f"#{words}" for words, _ in SIGNS.values()))
    found = "<h3>Flights whose logs report trouble</h3>"
    found += _dashboard_table_html(heads, cells, len(order), "aircraft", "Reports of trouble")
    batteries = query_sqlite_rows(
        connection, "SELECT * FROM batteries ORDER BY flight_s DESC, serial"
    )
    rows = (
        (
            escape_html(row["serial"]),
            escape_html(row["aircraft_serials"]),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    row["flights"], battery=_replace_semicolons_with_commas(row["serial"])
                )
            ),
            _mark_cell_html_as_number(
                _hours_link_html(
                    row["flight_s"], battery=_replace_semicolons_with_commas(row["serial"])
                )
            ),
            _day_html(row["last_flight"]),
            _mark_cell_html_as_number(
                "" if row["least_pct"] is None else f"{row['least_pct']:.0f} %"
            ),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    row["battery_events"],
                    battery=_replace_semicolons_with_commas(row["serial"]),
                    sign="battery",
                )
            ),
        )
        for row in batteries
    )
    heads = ("Battery", "Flew in", "#Flights", "#In the air", "Last flight", "#Lowest charge",
             "#Warnings")  # fmt: skip
    return (
        found
        + "<h3>Batteries</h3>"
        + _dashboard_table_html(heads, rows, len(batteries), "batteries", "Batteries")
    )


def flight_starts_map_section(connection: sqlite3.Connection) -> str:
    """Return where flights began: a map, and the regions beside it."""
    starts = connection.execute(
        "SELECT start_latitude_deg, start_longitude_deg FROM logged_flights "
        "WHERE start_latitude_deg IS NOT NULL AND start_longitude_deg IS NOT NULL "
        "ORDER BY start DESC, flight"
    ).fetchall()
    drawing = overview_map_svg([(lat, lon, number) for number, (lat, lon) in enumerate(starts, 1)])
    rows = connection.execute(
        "SELECT region, count(*), sum(verdict = 'needs_look') FROM logged_flights "
        "GROUP BY region ORDER BY 2 DESC, 1"
    ).fetchall()
    cells = (
        (
            escape_html(region or "not known"),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    flights, region=truncated_visible_text(region or NOT_KNOWN), entry="log"
                )
            ),
            _mark_cell_html_as_number(
                filter_link_with_count_html(
                    needs or 0,
                    region=truncated_visible_text(region or NOT_KNOWN),
                    verdict="needs_look",
                )
            ),
        )
        for region, flights, needs in rows
    )
    table = _dashboard_table_html(
        ("Region", "#Flights", "#Need a look"), cells, len(rows), "regions", "Regions"
    )
    where = drawing or '<p class="none">No flight states where it began.</p>'
    return f'<div class="beside_map"><div>{where}</div><div>{table}</div></div>'


def _dashboard_table_html(
    heads: Sequence[str],
    rows: Iterator[tuple[str, ...]],
    count: int,
    what: str,
    name: str,
    identifier: str = "",
) -> str:
    """Return a table; a head that begins with ``#`` is that of numbers."""
    if not count:
        return '<p class="none">None.</p>'
    head = "".join(
        f'<th scope="col"{" class=number" * it.startswith("#")}>{it.removeprefix("#")}</th>'
        for it in heads
    )
    # On a narrow screen each cell stands on a line of its own, behind its head.
    names = [it.removeprefix("#") for it in heads]
    body = "".join(
        f"<tr>{''.join(map(_table_cell_html, names, row))}</tr>"
        for row, _ in zip(rows, range(MAX_ROWS), strict=False)
    )
    more = (
        f'<p class="note">{count - MAX_ROWS:,} more {what} are in the tables of the state.</p>'
        if count > MAX_ROWS
        else ""
    )
    mark = f' id="{identifier}"' if identifier else ""
    return (
        f'<div class="scroll" aria-label="Table: {escape_html(name)}">'
        f'<table class="rows_as_cards"{mark}><thead><tr>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def _table_cell_html(head: str, html: str) -> str:
    is_number = html.startswith(_NUMBER_MARK)
    return (
        f'<td data-head="{escape_html(head)}"{" class=number" * is_number}>'
        f"{html.removeprefix(_NUMBER_MARK)}</td>"
    )


def _mark_cell_html_as_number(html: str) -> str:
    """Mark a cell as a number: ``_dashboard_table_html`` aligns it."""
    return f"{_NUMBER_MARK}{html}"


def _aircraft_name_and_serial_html(serial: str | None, model: str | None, name: str | None) -> str:
    words = ", ".join(it for it in (model, name) if it) or "not named"
    known = serial or "no serial number"
    return f'{escape_html(words)}<span class="sub">{escape_html(known)}</span>'


def _replace_semicolons_with_commas(text: str) -> str:
    """Return a word as the lists of the page hold it: semicolons part them."""
    return truncated_visible_text(text.replace(";", ","))


def _text_lines_html(*texts: str) -> str:
    return "<br>".join(escape_html(text) for text in texts if text) or "not stated"


def _file_and_byte_offset_cell(row: sqlite3.Row) -> str:
    if row["file"] is None:
        return ""
    at = "" if row["offset"] is None else f", byte {row['offset']:,}"
    return (
        f'{escape_html(row["file"])}{at}<br><span class="hash">{escape_html(row["sha256"])}</span>'
    )


def _hours_text(seconds: float | None) -> str:
    if seconds is None:
        return "not known"
    return f"{seconds / 3600:,.1f} h"


def _hours_link_html(seconds: float | None, **choice: str) -> str:
    """Return hours that lead to the flights whose hours they are; none lead nowhere."""
    return filter_link_html(_hours_text(seconds), **choice) if seconds else _hours_text(seconds)


def _link_to_section_of_this_page_html(text: str, part: str) -> str:
    """Return a number that leads to the part of the page that says more."""
    return f'<a href="#{part}">{text}</a>'


def _day_html(instant: str | None) -> str:
    return (
        "not known" if instant is None else f'<span class="day">{escape_html(instant[:10])}</span>'
    )


def _date_and_minute_text(instant: str | None) -> str:
    return "not known" if instant is None else instant[:16].replace("T", " ")


def _query_single_count(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])


#: Heading, id and function of each part of the page, in order.
SECTIONS: tuple[tuple[str, str, Callable[[sqlite3.Connection], str]], ...] = (
    ("Flights over time", "over_time", flights_over_time_section),
    ("Data sync: who talked to whom", "sync", contacts_over_time_section),
    ("Aircraft", "aircraft_section", aircraft_table_html),
    ("Rules and outcomes", "rule_section", rule_outcomes_table_html),
    ("How much of this fleet could be checked", "coverage", rule_check_coverage_section),
    ("Recorded", "recorded", recordings_section),
    ("Missing logs and declared flights", "missing", missing_logs_section),
    ("Files not read in full", "quarantine", quarantined_files_table_html),
    ("Firmware and its age", "firmware", latest_firmware_of_each_aircraft_html),
    ("Wear: motors, vibration, batteries", "wear", wear_and_battery_section),
    ("Where", "where", flight_starts_map_section),
)
