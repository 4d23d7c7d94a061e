"""The page of a flight, without a browser."""

import html
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.mapper import render_flight_page_html
from dji_audit.mapper.html._assets import (
    flight_page_script,
    index_page_script,
    leaflet_javascript_text,
)
from dji_audit.mapper.html._csp import external_addresses_in_page
from parsers import _tables as tables

Make = Callable[..., FlightAudit]
ROOT = Path(__file__).parents[3]


def data_of(html: str) -> dict[str, Any]:
    """Return the data block of a page."""
    found = re.search(r'<script type="application/json" id="flight">(.*?)</script>', html, re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_same_audit_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    """Two processes with other hash seeds, zones and locales."""
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.dji_audit.mapper import conftest as made\n"
        "from dji_audit.compliance.audit import FlightAudit\n"
        "from dji_audit.flights import assemble_flights\n"
        "from dji_audit.mapper import render_flight_page_html\n"
        "log = made.made_log(900, 10.0, 54.64, -2.23)\n"
        "audit = FlightAudit(assemble_flights(log)[0], made.made_results(90.0))\n"
        "page = render_flight_page_html(audit, basis=made.AUDIT_BASIS, generated=made.GENERATED)\n"
        "Path(sys.argv[1]).write_bytes(page.encode())\n"
    )
    pages = []
    for number, zone in enumerate(["Asia/Kathmandu", "America/St_Johns"]):
        out = tmp_path / f"{number}.html"
        around = os.environ | {"PYTHONHASHSEED": str(number + 1), "TZ": zone}
        subprocess.run(
            [sys.executable, "-c", script, str(out)],
            check=True,
            env=around | {"PYTHONPATH": str(ROOT)},
            timeout=120,
        )
        pages.append(out.read_bytes())
    assert pages[0] == pages[1]


def test_no_text_of_a_log_is_run_or_becomes_markup(
    poisoned_audit: FlightAudit,
    audit_basis: AuditInputProvenance,
    poison: Callable[[Any], Any],
    canary: str,
) -> None:
    page = render_flight_page_html(poisoned_audit, basis=poison(audit_basis), generated=None)
    clean = render_flight_page_html(
        without_names(poisoned_audit), basis=audit_basis, generated=None
    )
    assert "49049" not in page
    assert "{{" not in without_scripts(page)
    markup = without_scripts(page).replace("onerror&#61;alert", "")
    # In a string of the style sheet, where nothing ends the string.
    assert "onerror" not in markup.replace("onerror\\00003dalert", "")
    for mark in ("<script", "<img", "<title", "</title", "<!--"):
        assert page.count(mark) == clean.count(mark), mark
    # It is there to be read, as text.
    assert any(canary[:20] in row[5] for row in data_of(page)["rows"])


def without_names(audit: FlightAudit) -> FlightAudit:
    """Return the audit without a word from the log."""
    log = replace(audit.flight.log, source=replace(audit.flight.log.source, name="x"))
    first = replace(audit.flight.sources[0], log=log)
    flight = replace(audit.flight, sources=(first, *audit.flight.sources[1:]))
    return FlightAudit(flight, ())


def without_scripts(page: str) -> str:
    """Return a page without the bodies of its scripts."""
    return re.sub(r"<script([^>]*)>.*?</script>", r"<script\1>", page, flags=re.S)


def test_nothing_is_named_that_lies_outside_the_page(
    made: Make, audit_basis: AuditInputProvenance, generated: datetime
) -> None:
    page = render_flight_page_html(
        made(), basis=audit_basis, generated=generated, index_link="../index.html"
    )
    assert external_addresses_in_page(page) == []
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert page.index("Content-Security-Policy") < page.index("<script")


def test_our_own_scripts_have_no_way_out() -> None:
    # Without comments: types are named with `import(` in them.
    ours = re.sub(r"/\*.*?\*/", "", flight_page_script() + index_page_script(), flags=re.DOTALL)
    ways = "fetch( XMLHttpRequest WebSocket sendBeacon window.open innerHTML location eval( "
    ways += "Function( import( insertAdjacentHTML RTCPeer document.write"
    for way in ways.split():
        assert way not in ours, way


def test_the_map_has_no_background_to_ask_for(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    page = render_flight_page_html(made(), basis=audit_basis, generated=None).replace(
        leaflet_javascript_text(), ""
    )
    assert "tileLayer" not in page
    assert "L.tile" not in page


def test_every_fix_is_in_the_page_at_full_rate(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(fixes=3000)
    columns = data_of(render_flight_page_html(audit, basis=audit_basis, generated=None))["columns"]
    latitude = np.cumsum(columns["lat"]["delta"]) / columns["lat"]["per"]
    truth = audit.flight.track["latitude_deg"].to_numpy()
    assert np.abs(latitude - truth).max() < 1e-7
    offsets = np.cumsum(columns["offset"]["delta"])
    assert (offsets == audit.flight.track["source_offset"]).all()


def test_the_distance_from_home_is_that_of_the_report(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(fixes=3000)
    column = data_of(render_flight_page_html(audit, basis=audit_basis, generated=None))["columns"][
        "home_m"
    ]
    metres = np.cumsum(column["delta"]) / column["per"]
    assert audit.flight.max_home_distance_m == pytest.approx(metres.max(), abs=0.051)


def test_a_long_flight_keeps_within_its_size(made: Make, audit_basis: AuditInputProvenance) -> None:
    page = render_flight_page_html(made(fixes=60_000), basis=audit_basis, generated=None)
    assert len(page.encode()) < 2_500_000


def test_a_page_is_drawn_in_a_quarter_of_a_second(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(fixes=9000)
    render_flight_page_html(audit, basis=audit_basis, generated=None)
    spent = []
    for _ in range(3):
        began = time.process_time()
        render_flight_page_html(audit, basis=audit_basis, generated=None)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.25


def test_the_banner_says_first_that_a_log_was_not_all_read(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(encrypted=True, track=tables.empty_table(tables.TRACK), named_positions=())
    page = render_flight_page_html(audit, basis=audit_basis, generated=None)
    assert "encrypted and no key was given" in page
    assert page.index('id="banner"') < page.index("<main>")
    assert "There is no track to draw." in page
    assert "folium-map" not in without_scripts(page).split("</head>")[1]


def test_a_log_that_was_read_whole_has_no_banner(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    assert 'id="banner"' not in render_flight_page_html(made(), basis=audit_basis, generated=None)


def test_guidance_reads_as_guidance(made: Make, audit_basis: AuditInputProvenance) -> None:
    page = render_flight_page_html(made(), basis=audit_basis, generated=None)
    assert '<span class="status">sector guidance</span>' in page
    assert "to fail one is not an offence" in page


def test_the_page_says_what_it_was_measured_against_and_when(
    made: Make, audit_basis: AuditInputProvenance, generated: datetime
) -> None:
    page = render_flight_page_html(made(), basis=audit_basis, generated=generated)
    for words in ("uk-police 2026.1", audit_basis.policy_sha256, "2026-01-20 09:30:00 UTC"):
        assert words in page


def test_the_serial_of_a_flight_controller_is_named_where_no_other_is_stated(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    aircraft = parsers.Aircraft(maker="DJI", model="DJI FPV", name="DJI FPV")
    known = replace(aircraft, flight_controller_serial="FC-0002")
    for stated, words in ((aircraft, "not given"), (known, "not given; flight controller FC-0002")):
        audit = made(aircraft=stated)
        page = html.unescape(render_flight_page_html(audit, basis=audit_basis, generated=None))
        assert f"<dd>{words}</dd>" in page
        assert "<dd>DJI FPV</dd>" in page


def gaps(track: pd.DataFrame) -> pd.DataFrame:
    """Return a track with holes of every kind."""
    track = track.copy()
    track.loc[100:200, ["latitude_deg", "longitude_deg"]] = np.nan
    track.loc[300:320, "time"] = pd.NaT
    track.loc[330, "latitude_deg"] = 2e30
    track["heading_deg"] = np.nan
    track["satellites"] = pd.array([None] * len(track), dtype="UInt8")
    return track


def timeless(track: pd.DataFrame) -> pd.DataFrame:
    """Return a track whose log has no clock."""
    track = track.copy()
    track["time"] = pd.Series([pd.NaT] * len(track), dtype=track["time"].dtype)
    return track


STRANGE: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "no fix": lambda track: track.iloc[:0],
    "one fix": lambda track: track.iloc[50:51].reset_index(drop=True),
    "holes": gaps,
    "no times": timeless,
    "backwards": lambda track: track.iloc[::-1].reset_index(drop=True),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_track_still_makes_a_page(
    name: str, made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(track=STRANGE[name](made().flight.track))
    data = data_of(render_flight_page_html(audit, basis=audit_basis, generated=None))
    assert data["fixes"] <= len(audit.flight.track)
    assert data["axis"]["kind"] == ("fix" if name == "no times" else "time")


def without_utc(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a table with columns of times that are all missing."""
    nothing = [pd.NaT] * len(table)
    return table.assign(**{it: pd.Series(nothing, dtype=table[it].dtype) for it in columns})


def with_own_clock(audit: FlightAudit, kind: str) -> dict[str, Any]:
    """Return what a log without UTC holds: its times by its own clock, ``wall`` or ``elapsed``."""
    log = audit.flight.log

    def own(table: pd.DataFrame, column: str) -> np.ndarray[Any, Any]:
        times: np.ndarray[Any, Any] = table[column].dt.tz_localize(None).to_numpy("datetime64[ns]")
        return times

    return {
        "track": timeless(log.track),
        "captures": without_utc(log.captures, "start", "end"),
        "events": without_utc(log.events, "time", "end"),
        "local_times": parsers.LocalTimes(
            kind,
            track=own(log.track, "time"),
            events=own(log.events, "time"),
            events_end=own(log.events, "end"),
            captures=own(log.captures, "start"),
            captures_end=own(log.captures, "end"),
        ),
    }


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("wall", "Next step: audit it again with --camera-timezone"),
        ("elapsed", "count from its beginning"),
    ],
)
def test_local_times_are_not_said_to_be_none_and_a_missing_zone_is_asked_for(
    kind: str, said: str, made: Make, audit_basis: AuditInputProvenance
) -> None:
    page = render_flight_page_html(
        made(**with_own_clock(made(), kind)), basis=audit_basis, generated=None
    )
    assert said in page
    assert ("--camera-timezone" in page) == (kind == "wall")
    shown = without_scripts(page)
    assert "no times." not in shown
    # The end of a video may be known by that clock.
    videos = [row[5] for row in data_of(page)["rows"] if row[3].startswith("video")]
    assert videos
    assert not any("end not shown" in text for text in videos)
    assert "No video shown by the logs" not in shown


def test_a_fix_without_time_is_counted_and_kept_as_a_dot(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(track=gaps(made().flight.track))
    page = render_flight_page_html(audit, basis=audit_basis, generated=None)
    assert "21 fixes have no time" in page
    assert "1 fix has an impossible position" in page
    untimed = data_of(page)["untimed"][0]
    assert len(untimed["delta"]) == 21


def test_a_log_that_holds_nothing_still_makes_a_page(
    audit_basis: AuditInputProvenance, made: Make
) -> None:
    log = parsers.Log(parsers.Source("empty.txt", 0, "0" * 64, "dji-txt"))
    whole = made().flight
    flight = replace(
        whole, sources=(replace(whole.sources[0], log=log),),
        track=log.track, events=whole.events[:0], captures=whole.captures[:0],
        log_offsets_of_captures=(),
        takeoff=None, landing=None, start=None, end=None, home=None, pilot=None, duration_s=None,
        distance_m=None, max_height_ato_m=None, max_home_distance_m=None,
    )  # fmt: skip
    page = render_flight_page_html(FlightAudit(flight, ()), basis=audit_basis, generated=None)
    assert "The log holds no track." in page
    assert "No rule was applied" in page


def test_an_unknown_zone_is_refused(made: Make, audit_basis: AuditInputProvenance) -> None:
    with pytest.raises(KeyError):
        render_flight_page_html(
            made(), basis=audit_basis, generated=None, local_zone="Europe/Nowhere"
        )
