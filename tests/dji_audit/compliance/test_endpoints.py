"""Hosts are matched with the catalogue label by label, and never by a substring."""

import csv
import hashlib
import ipaddress
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.compliance.endpoints import EDITION, Catalogue, Endpoint, catalogue, normalise

DATA = files("dji_audit") / "data"
ROWS = catalogue().rows
SUFFIXES = sorted({row.indicator for row in ROWS if row.match == "suffix"})
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True)

SPECIFICITIES = {"vendor", "shared_sdk", "generic", "vendor_ip_ageing"}
ENVIRONMENTS = {"prod", "staging", "internal"}
CONFIDENCES = {"high", "medium", "low"}
MODULES = {
    "", "RTK", "MSDK_INIT_AND_REGISTRATION", "FLY_SAFE", "UTMISS", "LIVE_STREAMING",
    "FIRMWARE_UPGRADE", "EXPERENCE_IMPROVEMENT", "USER_ACCOUNT", "LTE", "REAL_NAME", "OID", "OTHER",
}  # fmt: skip
CATEGORIES = {
    "account", "activation", "adsb", "app_update", "cloud_storage", "content_cdn",
    "crash_reporting", "device_lookup", "firmware_update", "fleet_cloud", "flight_record_sync",
    "geofence", "geolocation", "gnss_assist", "infrastructure", "internal_or_staging",
    "live_stream", "log_decrypt", "log_upload", "maps", "media_sync", "ntrip_rtk", "other",
    "payments", "push", "regulator_reporting", "relay_4g", "remote_config", "sdk_registration",
    "social_share", "store_marketing", "support_care", "telemetry_analytics", "terrain",
    "third_party_analytics", "vendor_apex",
}  # fmt: skip
EVIDENCE = {
    "app_manifest", "app_string", "app_string_deobfuscated", "blocklist",
    "blocklist_from_observation", "cert_san", "curated_list", "decompiled_source", "domain_list",
    "gcs_source", "open_source_client", "registry_name_only", "sdk_source",
    "third_party_measurement", "third_party_recon", "third_party_reversing", "vendor_doc",
    "vendor_firewall_list", "vendor_source",
}  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return catalogue()


def negatives() -> list[dict[str, str]]:
    text = (DATA / "endpoints_negative.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True)))


def test_every_host_of_the_catalogue_matches_its_own_row(known: Catalogue) -> None:
    missed = [
        row.indicator
        for row in known.rows
        if row.match != "port" and row not in known.match(row.indicator, low_confidence=True)
    ]
    assert missed == []


def test_a_suffix_matches_below_itself_and_an_exact_name_does_not(known: Catalogue) -> None:
    for row in known.rows:
        found = known.match(f"deep.below.{row.indicator}", low_confidence=True)
        assert (row in found) == (row.match == "suffix"), row.indicator


def test_the_most_specific_name_comes_first(known: Catalogue) -> None:
    for row in known.rows:
        if row.match == "port":
            continue
        lengths = [
            len(found.indicator) for found in known.match(row.indicator, low_confidence=True)
        ]
        assert lengths == sorted(lengths, reverse=True), row.indicator


@pytest.mark.parametrize("name", [row["indicator"] for row in negatives()])
@pytest.mark.parametrize("spelled", [str, str.upper, "{}.".format, " {} ".format])
def test_no_name_of_the_negative_list_matches_in_any_spelling(
    known: Catalogue, name: str, spelled: type[str]
) -> None:
    assert known.match(spelled(name), low_confidence=True) == ()


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
    assert known.match(host, low_confidence=True) == ()


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
    assert normalise(host) == "dji.com"
    assert known.match(host)


@given(label=LABEL, suffix=st.sampled_from(SUFFIXES))
def test_a_label_glued_to_the_left_without_a_dot_never_matches(label: str, suffix: str) -> None:
    glued = label + suffix
    wrong = [row.indicator for row in catalogue().match(glued) if row.indicator == suffix]
    assert wrong == []


@given(label=LABEL, suffix=st.sampled_from(SUFFIXES), end=LABEL)
def test_a_suffix_in_the_middle_of_a_name_never_matches(label: str, suffix: str, end: str) -> None:
    found = catalogue().match(f"{label}.{suffix}.{end}x-not-a-top-level-domain")
    assert found == ()


@given(host=st.text(max_size=80))
def test_any_text_whatever_is_matched_without_an_error(host: str) -> None:
    for row in catalogue().match(host, low_confidence=True):
        assert isinstance(row, Endpoint)


def test_rows_that_rest_on_a_guess_are_off_by_default(known: Catalogue) -> None:
    guessed = [row for row in known.rows if row.confidence == "low" and row.match != "port"]
    assert guessed
    for row in guessed:
        assert row not in known.match(row.indicator)
        assert row in known.match(row.indicator, low_confidence=True)


def test_an_address_matches_whole_and_never_as_labels(known: Catalogue) -> None:
    row = next(row for row in known.rows if row.match == "ip")
    assert row in known.match(row.indicator, low_confidence=True)
    assert known.match(f"1.{row.indicator}", low_confidence=True) == ()
    assert known.match(row.indicator[1:], low_confidence=True) == ()


def test_the_catalogue_states_its_edition_and_the_hash_of_what_ships(known: Catalogue) -> None:
    assert known.edition == EDITION
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", known.edition)
    names = ("endpoints.csv", "endpoints_negative.csv")
    texts = [(DATA / name).read_bytes() for name in names]
    assert known.sha256 == hashlib.sha256(b"\0".join(texts)).hexdigest()


def test_every_row_of_the_catalogue_has_a_source_and_known_words() -> None:
    for row in ROWS:
        assert row.source.strip(), row.indicator
        assert row.operator.strip(), row.indicator
        assert row.specificity in SPECIFICITIES, row.indicator
        assert row.category in CATEGORIES, row.indicator
        assert row.ldm_exempt_module in MODULES, row.indicator
        assert row.environment in ENVIRONMENTS, row.indicator
        assert row.confidence in CONFIDENCES, row.indicator
        assert set(row.evidence.split("+")) <= EVIDENCE, row.indicator
        assert re.fullmatch(r"[A-Z]{2}|\??", row.operator_country), row.indicator


def test_every_indicator_has_the_shape_that_its_way_of_matching_needs() -> None:
    host = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")
    for row in ROWS:
        if row.match == "ip":
            assert str(ipaddress.ip_address(row.indicator)) == row.indicator
        elif row.match == "port":
            assert re.fullmatch(r"\*:\d+/(tcp|udp)", row.indicator), row.indicator
        else:
            assert row.match in ("exact", "suffix"), row.indicator
            assert host.fullmatch(row.indicator), row.indicator


def test_no_row_is_listed_twice_and_none_is_on_the_negative_list(known: Catalogue) -> None:
    seen = [(row.indicator, row.match, row.category) for row in ROWS]
    assert len(seen) == len(set(seen))
    assert [row.indicator for row in ROWS if row.indicator in known.negative] == []


def test_every_negative_name_says_why_it_is_none_and_where_that_is_from() -> None:
    for row in negatives():
        assert row["indicator"].strip()
        assert row["why_not"].strip(), row["indicator"]
        assert row["source"].strip(), row["indicator"]
        assert normalise(row["indicator"]) in catalogue().negative
