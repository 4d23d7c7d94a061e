"""The index of a run."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.mapper import IndexPageOptions, render_index_page_html
from dji_audit.mapper.html._assets import index_page_script, leaflet_javascript_text
from dji_audit.mapper.html._csp import external_addresses_in_page
from dji_audit.mapper.index_page._filter_data import (
    FilterWordsOfFlights,
    RuleOutcomesAcrossFlights,
    flight_filters_as_json_data,
)
from dji_audit.mapper.index_page._overview_map import overview_map_svg
from dji_audit.report.rows import (
    ClockAlignmentRow,
    DataNeedObservationRow,
    FileRow,
    FlightLogRow,
    FlightRow,
    MediaFilesCaptureRow,
    PolicyRuleRow,
    RuleResultRow,
    RunContents,
)


def row(number: int, **change: Any) -> FlightRow:
    """Return the row of a flight."""
    start = pd.Timestamp("2025-05-17T12:00:00Z") + pd.Timedelta(days=number)
    made = FlightRow(
        id=f"9f2c41d0-{number}",
        file=f"DJIFlightRecord_[{number}].txt",
        sha256="ab" * 32,
        page=f"flights/DJIFlightRecord_[{number}] #1.html",
        start=start,
        takeoff=start,
        landing=start + pd.Timedelta(minutes=9),
        aircraft="DJI Matrice 30T",
        serial="1581F5BKD221E00A",
        duration_s=540.0 - number,
        distance_m=1200.0 * number,
        max_height_ato_m=100.0 + number,
        max_home_distance_m=400.0,
        videos=2,
        video_s=122.0,
        photos=1,
        thermal="unknown",
        outcomes={Outcome.FAIL: number % 2, Outcome.NOT_ASSESSABLE: 1, Outcome.PASS: 3},
        worst=Severity.HIGH if number % 2 else None,
        home_latitude_deg=54.6 + number / 100,
        home_longitude_deg=-2.2,
    )
    return replace(made, **change)


def page_of(
    audit_basis: AuditInputProvenance,
    rows: list[FlightRow],
    *,
    files: Sequence[FileRow] = (),
    results: Sequence[RuleResultRow] = (),
    rules: Sequence[PolicyRuleRow] = (),
    captures: Sequence[MediaFilesCaptureRow] = (),
    verdict_line: str = "2 flights, 1 failed",
) -> str:
    """Return the index of some rows."""
    contents = RunContents(
        files=tuple(files),
        flights=tuple(rows),
        results=tuple(results),
        captures=tuple(captures),
        rules=tuple(rules),
    )
    return render_index_page_html(
        contents, IndexPageOptions(basis=audit_basis, generated=None, verdict_line=verdict_line)
    )


UNREAD = FileRow("a.txt", "unread", "empty file")


def test_labels_of_places_cover_neither_each_other_nor_leave_the_drawing() -> None:
    near = [(50 + 0.9 * (row % 5), -3 + 1.1 * (row // 5), row) for row in range(25)]
    drawn = overview_map_svg([*near, (-40.0, 100.0, 26)])
    labels = [
        (float(x), float(y), float(x) + 6.5 * len(text), text)
        for x, y, text in re.findall(
            r'<text class="starts" x="([^"]+)" y="([^"]+)"[^>]*>([^<]+)', drawn
        )
    ]
    assert labels
    for place, (left, base, right, _) in enumerate(labels):
        assert left >= 0 and right <= 560
        for other_left, other_base, other_right, _ in labels[:place]:
            beside = left >= other_right or other_left >= right
            assert beside or abs(base - other_base) >= 13
    # Those that found no room can be read by pointing at the dot.
    assert drawn.count("<title>") == drawn.count('<circle class="starts"') > 0


def test_the_verdict_comes_before_anything_else(audit_basis: AuditInputProvenance) -> None:
    page = page_of(audit_basis, [row(1)], files=[UNREAD])
    assert page.index("2 flights") < page.index('id="banner"') < page.index("<main>")


def test_files_that_were_not_read_are_listed_with_their_reason(
    audit_basis: AuditInputProvenance,
) -> None:
    page = page_of(audit_basis, [], files=[UNREAD])
    assert "<td>a.txt</td><td>empty file</td>" in page
    assert "1 file could not be read" in page


def test_a_log_that_was_read_in_part_is_never_shown_as_read(
    audit_basis: AuditInputProvenance,
) -> None:
    page = page_of(audit_basis, [row(1, encrypted=True, videos=0, photos=0)])
    assert "1 flight could be read only in part" in page
    assert "not known" in page
    assert "none shown" not in page


def test_links_are_relative_and_their_signs_are_quoted(audit_basis: AuditInputProvenance) -> None:
    page = page_of(audit_basis, [row(3), row(4, page="javascript:alert(1)"), row(5, page=None)])
    assert 'href="flights/DJIFlightRecord_%5B3%5D%20%231.html"' in page
    assert 'href="javascript%3Aalert%281%29"' in page
    assert external_addresses_in_page(page) == []


def test_no_text_of_a_run_becomes_markup(
    audit_basis: AuditInputProvenance, poison: Callable[[Any], Any], canary: str
) -> None:
    page = page_of(
        poison(audit_basis),
        [replace(poison(row(1, sources=sources("a", "b"), files=2)), timezone="Europe/London")],
        verdict_line=canary,
        files=[replace(poison(UNREAD), status="unread"), poison(UNREAD)],
        results=[replace(each, reason=canary) for each in RESULTS],
        rules=[replace(poison(each), rule=each.rule) for each in RULES],
    )
    assert "49049" not in page
    # The start, the two blocks of data, Leaflet, ours, and the map.
    assert page.count("<script") == 6
    own = page.replace(leaflet_javascript_text(), "").replace(index_page_script(), "")
    assert "<img" not in own
    assert "{{" not in own


def sources(*files: str) -> tuple[FlightLogRow, ...]:
    """Return the sources of a flight, by their file names."""
    clock = ClockAlignmentRow(
        source=None,
        method="reference",
        offset_s=None,
        uncertainty_s=None,
        timezone_s=None,
        reason="",
        drift=None,
    )
    return tuple(
        FlightLogRow(
            file=file,
            sha256="",
            format="",
            start=None,
            end=None,
            fixes=0,
            clock=clock,
            match=None,
            alternatives=(),
            copy_of=None,
        )
        for file in files
    )


def result(rule: str, outcome: Outcome, reason: str = "", flight: int = 1) -> RuleResultRow:
    """Return the result of a rule on a flight by its number."""
    return RuleResultRow(flight=f"9f2c41d0-{flight}", rule=rule, outcome=outcome, reason=reason)


RULES = [
    PolicyRuleRow(
        rule=rule,
        applied_rule=rule,
        title=f"The rule {rule}",
        status="local_policy",
        citation="",
        parameters={},
        parameter_sources={},
    )
    for rule in ("height", "zones", "network")
]
RESULTS = [
    result("height", Outcome.PASS),
    result("height", Outcome.PASS, flight=2),
    result("zones", Outcome.NOT_ASSESSABLE, "No zones were given."),
    result("zones", Outcome.NOT_ASSESSABLE, "No zones were given.", flight=2),
    result("network", Outcome.FAIL),
    result("network", Outcome.NOT_ASSESSABLE, "Nothing watched.", flight=2),
]


def test_each_rule_is_told_over_all_flights_with_what_was_not_checked(
    audit_basis: AuditInputProvenance,
) -> None:
    page = page_of(audit_basis, [row(1), row(2)], results=RESULTS, rules=RULES)
    assert ">3</span> of 6 results are not assessable" in page
    table = page[page.index('<table id="rules">') :]
    assert table.index("The rule network") < table.index("The rule zones")
    assert table.index("The rule zones") < table.index("The rule height")
    assert "<p>No zones were given. (2 flights)</p>" in page
    assert "network · local policy" in page.replace("&#183;", "·")


def test_every_file_is_accounted_for(audit_basis: AuditInputProvenance) -> None:
    files = [
        FileRow("a.txt", "read", format="dji-txt", flights=("9f2c41d0-1",)),
        FileRow("b.txt", "unread", "empty file"),
        FileRow("notes.doc", "other"),
    ]
    page = page_of(audit_basis, [row(1)], files=files)
    assert "3 files given, 3 accounted for" in page
    assert "1 read, 1 not read, 1 no log." in page
    assert '<a href="flights/DJIFlightRecord_%5B1%5D%20%231.html">9f2c41d0-1</a>' in page


def test_the_files_of_a_flight_are_named_and_whether_they_agree(
    audit_basis: AuditInputProvenance,
) -> None:
    made = row(1, sources=sources("a.txt", "b.SRT"), files=2, disagreements=2)
    page = page_of(audit_basis, [made, row(2, sources=sources("c.txt"))])
    assert "<summary>2 files</summary>" in page
    assert "<li>b.SRT</li>" in page
    assert "2 disagreements" in page
    assert "1 file<" in page
    assert 'data-has="fail not_assessable pass disagree clean"' in page


def test_an_index_is_the_same_twice(audit_basis: AuditInputProvenance) -> None:
    rows = [row(number) for number in range(5)]
    assert len({page_of(audit_basis, rows) for _ in range(2)}) == 1


def test_a_row_of_the_table_of_flights_has_a_column_for_each_outcome() -> None:
    columns = row(1).to_json_row()
    assert (columns["fail"], columns["not_assessable"], columns["not_applicable"]) == (1, 1, 0)
    assert columns["takeoff"] == "2025-05-18T12:00:00.000Z"
    assert columns["worst"] == "high"
    assert "outcomes" not in columns


@pytest.mark.browser
def test_hostile_names_are_shown_as_text_in_the_index(
    audit_basis: AuditInputProvenance,
    poison: Callable[[Any], Any],
    canary: str,
    open_page: Callable[..., Any],
) -> None:
    unread = replace(poison(UNREAD), status="unread")
    hostile = replace(poison(row(1)), timezone="Europe/London")
    page = page_of(poison(audit_basis), [hostile], verdict_line=canary, files=[unread])
    seen = open_page(page)
    assert canary[:60] in seen.text("#verdict_line")
    assert canary[:60] in seen.text("#legend_list")
    assert canary[:60] in seen.text("#filter_aircraft")
    # A choice of it goes into the address and is shown again from there.
    seen.page.locator("#legend_list button").first.click()
    assert canary[:60] in seen.text("#choices")
    seen.page.reload()
    assert canary[:60] in seen.text("#choices")
    assert seen.page.locator("#flights tbody tr").count() == 1
    seen.page.locator("#flights tbody tr").first.click()
    assert canary[:60] in seen.text("#card_list")
    assert seen.complaints == seen.violations == []
    assert seen.page.locator("img").count() == 0


def test_a_flight_whose_logs_do_not_tell_may_fit_what_is_asked_for() -> None:
    rows = [
        row(1, photos=None, videos=None, thermal="unknown"),
        row(2, photos=0, videos=0, thermal="no"),
    ]
    data: dict[str, Any] = flight_filters_as_json_data(
        rows, FilterWordsOfFlights(rows).by_filter, RuleOutcomesAcrossFlights((), ()), [None, None]
    )
    recorded = data["filters"]["recorded"]
    assert [[recorded["words"][n] for n in of] for of in recorded["of"]] == [
        ["not known"],
        ["nothing shown"],
    ]
    # Thermal is asked for although no flight shows it; that nothing is shown, is an answer.
    asked = {word: words for _, word, words in data["unsure"]["recorded"]}
    assert "thermal" in recorded["words"]
    assert {"thermal", "photo"} <= set(asked["not known"])
    assert "nothing shown" not in asked["not known"]
    assert "photo" not in asked["sensor not stated"]
    for name, pairs in data["unsure"].items():
        assert name in data["filters"]
        assert all(list_name in data["filters"] for list_name, _, _ in pairs)


def test_numbers_of_what_was_not_checked_lead_to_their_files_and_rules(
    audit_basis: AuditInputProvenance,
) -> None:
    need = DataNeedObservationRow(
        need="zones",
        subject="Zones",
        share=0.0,
        min_share=1.0,
        sources=(),
        intervals=(),
        reason="No zone covers it",
        remedy="Give zones.",
    )
    unchecked = replace(RESULTS[2], observations=(need,))
    page = page_of(
        audit_basis,
        [row(1), row(2)],
        files=[UNREAD, FileRow("c.txt", "read", format="dji-txt", sha256="ab" * 32)],
        results=[*RESULTS, unchecked],
        rules=RULES,
    )
    triage = page[page.index("What could not be checked") :]
    triage = triage[: triage.index("</section>")]
    assert '<a href="#file_section">1 file' in triage
    assert '<a href="#rule_section">1 rule not checked</a>' in triage
    body = page[page.index("<body>") : page.index("</main>")]
    targets = set(re.findall(r'href="#([a-z_]+)"', body))
    assert {"file_section", "rule_section", "triage"} <= targets
    assert [target for target in targets if f'id="{target}"' not in body] == []
