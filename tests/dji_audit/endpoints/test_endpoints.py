"""Hosts are matched with the catalogue label by label, and never by a substring."""

import csv
import datetime as dt
import hashlib
import re
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.endpoints import (
    EDITION,
    Catalogue,
    CatalogueEntry,
    build_catalogue,
    lint_catalogue,
    normalise_host,
    shipped_catalogue,
)

DATA = files("dji_audit") / "data"
ROWS = shipped_catalogue().rows
SUFFIXES = sorted({row.indicator for row in ROWS if row.match == "suffix"})
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True)


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return shipped_catalogue()


def negatives() -> list[dict[str, str]]:
    text = (DATA / "endpoints_negative.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True)))


def test_every_host_of_the_catalogue_matches_its_own_row(known: Catalogue) -> None:
    missed = [
        row.indicator
        for row in known.rows
        if row.match != "port"
        and row not in known.entries_of_host(row.indicator, low_confidence=True)
    ]
    assert missed == []


def test_a_suffix_matches_below_itself_and_an_exact_name_does_not(known: Catalogue) -> None:
    for row in known.rows:
        found = known.entries_of_host(f"deep.below.{row.indicator}", low_confidence=True)
        assert (row in found) == (row.match == "suffix"), row.indicator


def test_the_most_specific_name_comes_first(known: Catalogue) -> None:
    for row in known.rows:
        if row.match == "port":
            continue
        lengths = [
            len(found.indicator)
            for found in known.entries_of_host(row.indicator, low_confidence=True)
        ]
        assert lengths == sorted(lengths, reverse=True), row.indicator


@pytest.mark.parametrize("name", [row["indicator"] for row in negatives()])
@pytest.mark.parametrize("spelled", [str, str.upper, "{}.".format, " {} ".format])
def test_no_name_of_the_negative_list_matches_in_any_spelling(
    known: Catalogue, name: str, spelled: type[str]
) -> None:
    assert known.entries_of_host(spelled(name), low_confidence=True) == ()


@pytest.mark.parametrize(
    "host",
    [
        "notdji.com",
        "xdji.com",
        "dji.com.evil.org",
        "dji.com-evil.org",
        "dji-com.org",
        "com",
        "evil.org/dji.com",
        "dji.com@evil.org",
        "d\u0458i.com",  # Cyrillic je
        "dj\u0456.com",  # Cyrillic i
        "www.dj\u0131.com",  # dotless i
        "\u217eji.com.evil.org",
        "",
        ".",
        "x" * 5000 + ".dji.com",
    ],
)
def test_a_name_that_only_looks_alike_never_matches(known: Catalogue, host: str) -> None:
    assert known.entries_of_host(host, low_confidence=True) == ()


@pytest.mark.parametrize(
    "host",
    [
        "dji.com",
        "DJI.COM",
        "dji.com.",
        "dji\u3002com",
        "dji\uff0ecom\uff61",
        "\uff44\uff4a\uff49.com",
    ],
)
def test_spellings_that_a_browser_takes_for_a_name_match_it(known: Catalogue, host: str) -> None:
    assert normalise_host(host) == "dji.com"
    assert known.entries_of_host(host)


@given(label=LABEL, suffix=st.sampled_from(SUFFIXES))
def test_a_label_glued_to_the_left_without_a_dot_never_matches(label: str, suffix: str) -> None:
    glued = label + suffix
    wrong = [
        row.indicator
        for row in shipped_catalogue().entries_of_host(glued)
        if row.indicator == suffix
    ]
    assert wrong == []


@given(label=LABEL, suffix=st.sampled_from(SUFFIXES), end=LABEL)
def test_a_suffix_in_the_middle_of_a_name_never_matches(label: str, suffix: str, end: str) -> None:
    found = shipped_catalogue().entries_of_host(f"{label}.{suffix}.{end}x-not-a-top-level-domain")
    assert found == ()


@given(host=st.text(max_size=80))
def test_any_text_whatever_is_matched_without_an_error(host: str) -> None:
    for row in shipped_catalogue().entries_of_host(host, low_confidence=True):
        assert isinstance(row, CatalogueEntry)


def test_rows_that_rest_on_a_guess_are_off_by_default(known: Catalogue) -> None:
    guessed = [row for row in known.rows if row.confidence == "low" and row.match != "port"]
    assert guessed
    for row in guessed:
        assert row not in known.entries_of_host(row.indicator)
        assert row in known.entries_of_host(row.indicator, low_confidence=True)


def test_an_address_matches_whole_and_never_as_labels(known: Catalogue) -> None:
    row = next(row for row in known.rows if row.match == "ip")
    assert row in known.entries_of_host(row.indicator, low_confidence=True)
    assert known.entries_of_host(f"1.{row.indicator}", low_confidence=True) == ()
    assert known.entries_of_host(row.indicator[1:], low_confidence=True) == ()


def test_the_catalogue_states_its_edition_and_the_hash_of_what_ships(known: Catalogue) -> None:
    assert known.edition == EDITION
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", known.edition)
    names = ("endpoints.csv", "endpoints_negative.csv", "hosting_ranges.csv")
    texts = [(DATA / name).read_bytes() for name in names]
    assert known.sha256 == hashlib.sha256(b"\0".join(texts)).hexdigest()


def test_the_catalogue_that_ships_has_no_fault() -> None:
    assert list(lint_catalogue(shipped_catalogue())) == []


def test_the_lint_finds_what_contradicts_itself(known: Catalogue) -> None:
    row = known.entries_of_host("mydjiflight.dji.com")[0]
    wrong = [
        replace(row, indicator="Upper.dji.com"),
        replace(row, category="telepathy"),
        replace(row, source=""),
        replace(row, indicator="notdji.com"),
        replace(row, match="suffix", specificity="generic"),
        replace(row, indicator="a.dji.com", operator="Nobody"),
        replace(row, indicator="a.dji.com"),
        replace(row, evidence="blocklist", indicator="b.dji.com"),
        replace(row, ldm_exempt_module="EXPERIENCE_IMPROVEMENT", indicator="c.dji.com"),
        replace(row, paths="api", indicator="d.dji.com"),
    ]
    told = "\n".join(lint_catalogue(build_catalogue("x", "0", wrong, known.never_match)))
    for fault in (
        "not in the normalised spelling", "'telepathy' is unknown", "source", "never-match list",
        "with many users would match", "given to DJI and to Nobody", "rests on a guess",
        "did you mean EXPERENCE_IMPROVEMENT", "must begin with /", "listed 2 times",
    ):  # fmt: skip
        assert fault in told, fault


def test_a_path_belongs_to_the_role_it_is_listed_for_and_to_no_other(known: Catalogue) -> None:
    rows = known.entries_of_host("mydjiflight.dji.com")
    uploads = ["/api/v2/flight_log/zipupload", "/flight/upload?token=1", "/flight/record/upload"]
    downloads = ["/getfile/getallfile", "/getfile/firmware/x/y"]
    roles = {path: ("flight_record_sync", True) for path in uploads}
    roles |= {path: ("firmware_update", False) for path in downloads}
    roles |= {"/api/v2/geocoder_service/geoip": ("geolocation", False)}
    for path, role in roles.items():
        known_rows = [row for row in rows if row.is_known_path(path)]
        assert [(row.category, row.is_upload_path(path)) for row in known_rows] == [role], path
    for path in (
        "/",
        "",
        "/flightrecord",
        "/getfile",
        "/api/v2/flight_log/zipuploads",
        "/x/flight/up",
    ):
        assert not any(row.is_known_path(path) for row in rows), path


def test_a_port_has_a_usual_meaning_that_owns_nobody(known: Catalogue) -> None:
    assert {row.category for row in known.match_port(1935)} == {"live_stream"}
    assert {row.specificity for row in known.match_port(2101)} == {"generic"}
    assert known.match_port(443) == ()
    assert known.match_port(1935, "udp") == ()


def test_the_jurisdiction_is_stated_only_where_a_note_says_from_what() -> None:
    told = [row for row in ROWS if row.jurisdiction]
    assert told
    assert all("jurisdiction:" in row.notes for row in told)


def test_every_negative_name_says_why_it_is_none_and_where_that_is_from() -> None:
    for row in negatives():
        assert row["indicator"].strip()
        assert row["why_not"].strip(), row["indicator"]
        assert row["source"].strip(), row["indicator"]
        assert normalise_host(row["indicator"]) in shipped_catalogue().never_match


def test_every_row_that_ships_says_from_where_and_when_it_was_read() -> None:
    for row in ROWS:
        assert row.source, row.indicator
        assert dt.date.fromisoformat(row.read_on) <= dt.date.fromisoformat(EDITION), row.indicator
        assert bool(row.operator_country) == bool(row.country_source), row.indicator


def test_a_thousand_indicators_are_covered_by_no_other_row() -> None:
    suffixes = {row.indicator for row in ROWS if row.match == "suffix"}
    names = {row.indicator for row in ROWS if row.match in ("exact", "suffix", "ip")}

    def is_covered(name: str) -> bool:
        labels = name.split(".")
        return any(".".join(labels[place:]) in suffixes for place in range(1, len(labels)))

    assert sum(not is_covered(name) for name in names) >= 1000


@pytest.mark.parametrize(
    "host",
    [
        # Other people's names that end or begin like one of the catalogue; most stood beside it
        # in the texts that were searched for sources.
        "airdata.com.br", "repairdata.com", "gelsight.com", "tbi-pro.com", "maneology.com",
        "mercamio.com", "myvortexcloud.com", "clearprop.aero", "data.flightairmap.com",
        "humanrepairmap.com", "spring.com", "myring.community", "wyze.company", "notarlo.com",
        "flock.com", "watchguard.com", "motorola.com", "firebaseio.com", "page.link",
        "aliyuncs.com", "bucket.oss-cn-hangzhou.aliyuncs.com", "amazonaws.com",
        "anything.s3.amazonaws.com", "x.cloudfront.net", "cloudfront.net", "azurewebsites.net",
        "skydio-vehicle-data.s3.amazonaws.com.example.net", "evidence.com.police.example",
        "axon.example", "www.gov.uk", "police.uk", "time.windows.com", "ring.com.evil.example",
    ],
)  # fmt: skip
def test_another_s_name_and_a_platform_that_many_share_match_nothing(
    known: Catalogue, host: str
) -> None:
    assert known.entries_of_host(host, low_confidence=True) == ()


def test_no_suffix_is_a_platform_on_which_many_have_names(known: Catalogue) -> None:
    platforms = (
        "amazonaws.com", "cloudfront.net", "aliyuncs.com", "azurewebsites.net", "googleapis.com",
        "firebaseio.com", "herokuapp.com", "github.io", "appspot.com", "myqcloud.com",
        "blob.core.windows.net", "cloudapp.azure.com", "qbox.me", "netlify.app", "vercel.app",
    )  # fmt: skip
    for row in known.rows:
        if row.match == "suffix":
            assert not any(
                row.indicator == name or row.indicator.endswith(f".{name}") for name in platforms
            ), row.indicator
