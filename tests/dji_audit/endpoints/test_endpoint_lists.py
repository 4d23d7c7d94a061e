"""Lists of a user's own are checked, laid over what ships, and told in edition and hash."""

import base64
import datetime as dt
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.endpoints import (
    EDITION,
    CatalogueError,
    dump_endpoints_csv,
    dump_pihole_regular_expressions,
    dump_stix,
    dump_suricata_string_dataset,
    dump_zeek,
    lint_catalogue,
    load_catalogue,
    parse_overlay,
    read_overlay,
    shipped_catalogue,
)
from tests.conftest import ROOT, required

CSV = (
    b"indicator,match,category,operator,source\n"
    b"cloud.force.example.org,exact,fleet_cloud,The force,own firewall list\n"
    b"mydjiflight.dji.com,exact,geolocation,DJI of ours,own capture\n"
    b"fh.dji.com,never,,,own decision\n"
)
TOML = b"""
[catalogue]
edition = "2026-11"

[[endpoint]]
indicator = "Cloud.Force.Example.ORG."
category = "fleet_cloud"
operator = "The force"
source = "own firewall list"
upload_paths = ["/api/upload", "/v2/*/media"]
"""
ROWS = shipped_catalogue().rows


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_an_overlay_adds_replaces_and_silences(tmp_path: Path) -> None:
    known = load_catalogue([written(tmp_path, "own.csv", CSV)])
    assert [row.operator for row in known.entries_of_host("cloud.force.example.org")] == [
        "The force"
    ]
    geo = [
        row for row in known.entries_of_host("mydjiflight.dji.com") if row.category == "geolocation"
    ]
    assert [row.operator for row in geo] == ["DJI of ours"]
    assert len(known.entries_of_host("mydjiflight.dji.com")) == len(
        shipped_catalogue().entries_of_host("mydjiflight.dji.com")
    )
    assert shipped_catalogue().entries_of_host("fh.dji.com")
    assert known.entries_of_host("fh.dji.com") == ()


def test_an_overlay_lets_a_silenced_name_speak(tmp_path: Path) -> None:
    row = b"indicator,operator,source\nmqtt.dji.com,DJI,own capture\n"
    assert shipped_catalogue().entries_of_host("mqtt.dji.com") == ()
    assert load_catalogue([written(tmp_path, "own.csv", row)]).entries_of_host("mqtt.dji.com")


def test_edition_and_hash_tell_every_list_that_was_used(tmp_path: Path) -> None:
    one, two = written(tmp_path, "one.csv", CSV), written(tmp_path, "two.toml", TOML)
    known = load_catalogue([one, two])
    assert known.edition == f"{EDITION}, with one.csv, two.toml 2026-11"
    assert [layer.sha256 for layer in known.overlays] == [
        hashlib.sha256(data).hexdigest() for data in (CSV, TOML)
    ]
    hashes = {load_catalogue(paths).sha256 for paths in ([], [one], [two], [one, two], [two, one])}
    assert len(hashes) == 5
    assert load_catalogue([one, two]).sha256 == known.sha256
    assert load_catalogue() is shipped_catalogue()


def test_toml_says_what_csv_says(tmp_path: Path) -> None:
    layer = parse_overlay(TOML, "own.toml")
    row = layer.rows[0]
    assert (row.indicator, layer.edition) == ("cloud.force.example.org", "2026-11")
    assert row.is_upload_path("/api/upload")
    assert row.is_upload_path("/v2/17/media/x.jpg")
    assert not row.is_upload_path("/api")
    again = parse_overlay(dump_endpoints_csv(layer.rows).encode(), "own.csv")
    assert again.rows == layer.rows


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.csv", b"", "no column indicator and source"),
        ("a.csv", b"indicator,source\n", "holds no endpoint"),
        ("a.csv", b"indicator,operator,source\na.example,X\n", "line 2: the number of cells"),
        ("a.csv", b"indicator,operator,source\na.example,,s\n", "the operator is missing"),
        ("a.csv", b"indicator,operator,source\na.example,X,\n", "line 2: source"),
        ("a.csv", b"indicator,operator,sorce,source\na.example,X,y,z\n", "did you mean source?"),
        ("a.csv", b"indicator,operator,source,category\na.example,X,s,crash\n", "is unknown"),
        ("a.csv", b"indicator,operator,source,match\n10.1.2.3,X,s,ip\n", "not a public internet"),
        ("a.csv", b"indicator,operator,source,match\ndji,X,s,suffix\n", "is not valid for a match"),
        ("a.csv", b"indicator,operator,source,paths\na.net,X,s,/*a*a*a*a*\n", "4 asterisks"),
        ("a.csv", b"indicator,operator,source,match\na.example,X,s,regex\n", "match"),
        ("a.csv", b"\xff\xfe", "not UTF-8 text at byte 0"),
        ("a.toml", b"[[endpoint]\n", "not TOML"),
        ("a.toml", b"[endpoints]\nx = 1\n", "no such table: endpoints"),
        ("a.toml", b"endpoint = [1]\n", r"\[\[endpoint\]\] tables"),
        ("a.toml", b"[[endpoint]]\nindicator = 3\nsource = 's'\n", "endpoint 1: indicator"),
        ("a.json", b"{", "not JSON"),
        ("a.json", b"{}", "not a STIX bundle"),
        ("a.json", b'{"type":"bundle","objects":[]}', "holds no endpoint"),
    ],
)
def test_a_list_with_a_fault_is_refused_with_its_place(name: str, data: bytes, told: str) -> None:
    with pytest.raises(CatalogueError, match=told):
        parse_overlay(data, name)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.toml", "a.json"]))
def test_any_bytes_whatever_are_read_or_refused(data: bytes, name: str) -> None:
    try:
        layer = parse_overlay(data, name)
    except CatalogueError:
        return
    assert layer.rows or layer.never_match


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no such file"):
        load_catalogue([tmp_path / "nothing.csv"])


def test_what_goes_out_as_stix_comes_back_whole() -> None:
    text = dump_stix(ROWS, dt.date(2026, 11, 26))
    layer = parse_overlay(text.encode(), "bundle.json")
    assert set(layer.rows) == {row for row in ROWS if row.match != "port"}
    assert layer.edition == "2026-11-26"
    assert layer.skipped == 0
    assert text == dump_stix(ROWS, dt.date(2026, 11, 26))


def test_every_object_of_the_bundle_has_what_stix_requires() -> None:
    bundle = json.loads(dump_stix(ROWS, dt.date(2026, 11, 26)))
    ids = [each["id"] for each in bundle["objects"]]
    assert len(ids) == len(set(ids))
    for each in bundle["objects"]:
        assert re.fullmatch(rf"{each['type']}--[0-9a-f-]{{36}}", each["id"])
        assert each["spec_version"] == "2.1"
        assert {"created", "modified"} <= set(each)
        if each["type"] == "indicator":
            assert {"pattern", "pattern_type", "valid_from", "indicator_types"} <= set(each)
            assert each["indicator_types"] in (["attribution"], ["unknown"])
            assert set(each["extensions"]) <= set(ids)


def indicator(number: int, pattern: str, language: str = "stix") -> dict[str, str]:
    return {
        "type": "indicator", "id": f"indicator--{number}", "created_by_ref": "identity--1",
        "pattern": pattern, "pattern_type": language,
    }  # fmt: skip


def test_a_bundle_of_somebody_else_gives_hosts_with_the_bundle_as_their_source() -> None:
    objects = [
        {"type": "identity", "id": "identity--1", "name": "A laboratory"},
        {"type": "malware", "id": "malware--1"},
        indicator(1, "[domain-name:value = 'a.example.net'] OR [ipv4-addr:value='198.51.100.7']"),
        indicator(2, "[url:value = 'https://b.example.net:8443/up/load?x=1']"),
        indicator(3, "[domain-name:value = 'c.net' AND file:name = 'x']"),
        indicator(4, "[file:hashes.MD5 = 'x']"),
        indicator(5, "domain-name:value = 'd.net'", "yara"),
        indicator(6, "[domain-name:value = 'e.net' OR domain-name:value LIKE '%.e.net']"),
    ]  # fmt: skip
    bundle = {"type": "bundle", "id": "bundle--1", "objects": [objects[0], *objects[3:]]}
    layer = parse_overlay(json.dumps(bundle).encode(), "lab.json")
    assert [(row.indicator, row.match, row.paths) for row in layer.rows] == [
        ("b.example.net", "exact", "/up/load"),
        ("e.net", "suffix", ""),
    ]
    assert layer.skipped == 3
    # 198.51.100.7 is an address for documentation and so left out, with its place.
    bundle["objects"] = objects
    layer = parse_overlay(json.dumps(bundle).encode(), "lab.json")
    assert [row.indicator for row in layer.rows] == ["a.example.net", "b.example.net", "e.net"]
    (fault,) = layer.left_out
    assert re.search(r"indicator--1.*not a public internet address", fault)
    assert layer.title.endswith("(1 row left out)")


def test_a_bundle_of_which_all_rows_are_left_out_is_refused_with_the_first() -> None:
    bundle = {"type": "bundle", "objects": [indicator(1, "[domain-name:value = 'not a host']")]}
    with pytest.raises(CatalogueError, match="'not a host' is not valid for a match by exact"):
        parse_overlay(json.dumps(bundle).encode(), "lab.json")


@pytest.mark.parametrize(
    ("indicator_", "inside", "outside"),
    [
        ("223.166.0.0/15", ("223.166.0.0", "223.167.255.255"), ("223.165.255.255", "223.168.0.0")),
        ("223.167.9.9/15", ("223.166.0.1",), ("223.168.0.1",)),
        ("8.8.8.8/32", ("8.8.8.8",), ("8.8.8.9",)),
        ("2a00:1450::/32", ("2a00:1450::1", "[2a00:1450:ffff::]"), ("2a00:1451::", "8.8.8.8")),
    ],
)
def test_an_address_range_matches_the_addresses_within_it(
    tmp_path: Path, indicator_: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "indicator,match,operator,specificity,source\n"
        f"{indicator_},ip,Range,vendor_ip_ageing,me\n8.8.8.8,ip,Host,vendor_ip_ageing,me\n"
    )
    catalogue = load_catalogue([path])
    for host in inside:
        assert "Range" in [row.operator for row in catalogue.entries_of_host(host)], host
    for host in outside:
        assert "Range" not in [row.operator for row in catalogue.entries_of_host(host)], host
    # The narrower one comes first.
    assert next(row.operator for row in catalogue.entries_of_host("8.8.8.8")) == "Host"
    assert "Intel::SUBNET" in dump_zeek(catalogue.rows)


@pytest.mark.parametrize(
    ("indicator_", "told"),
    [
        ("10.0.0.0/8", "not a range of public internet addresses"),
        ("8.0.0.0/5", "is wider than /8"),
        ("8.8.8.8/33", "not valid for a match by ip"),
        ("8.8.8/24", "not valid for a match by ip"),
        ("2000::/3", "is wider than /16"),
    ],
)
def test_an_address_range_that_says_nothing_is_refused(indicator_: str, told: str) -> None:
    text = f"indicator,match,operator,source\n{indicator_},ip,Range,me\n"
    with pytest.raises(CatalogueError, match=told):
        parse_overlay(text.encode(), "list.csv")


@pytest.mark.parametrize(
    ("name", "rows", "left_out"), [("apt1.json", 7, 0), ("poisonivy.json", 64, 1)]
)
def test_the_cases_of_oasis_are_read_and_one_bad_row_is_named(
    name: str, rows: int, left_out: int
) -> None:
    path = ROOT.parent / "shared" / "cases" / "peer_stix_oasis_examples" / name
    required("the cases of bundles", path.is_file())
    layer = read_overlay(path)
    assert (len(layer.rows), len(layer.left_out)) == (rows, left_out)
    catalogue = load_catalogue([path])
    told = [fault for fault in lint_catalogue(catalogue) if fault.startswith("left out: ")]
    assert len(told) == left_out
    if not left_out:
        assert catalogue.entries_of_host("223.166.200.1")


def test_pihole_lines_match_what_the_catalogue_matches_and_no_trap() -> None:
    rows = [row for row in ROWS if row.specificity == "vendor"]
    patterns = [re.compile(line) for line in dump_pihole_regular_expressions(rows).splitlines()]

    def blocked(name: str) -> bool:
        return any(pattern.search(name) for pattern in patterns)

    for row in rows:
        if row.match in ("exact", "suffix"):
            assert blocked(row.indicator), row.indicator
        if row.match == "suffix":
            assert blocked(f"deep.below.{row.indicator}"), row.indicator
    for trap in ("notdji.com", "dji.com.example.org", "djiybut.cn", "dji-com.org", "djixcom"):
        assert not blocked(trap), trap


def test_zeek_and_suricata_get_each_name_once() -> None:
    lines = dump_zeek(ROWS).splitlines()
    assert lines[0] == "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc"
    cells = [line.split("\t") for line in lines[1:]]
    assert {len(row) for row in cells} == {4}
    assert {row[1] for row in cells} == {"Intel::DOMAIN", "Intel::ADDR"}
    names = [row[0] for row in cells]
    assert names == sorted(set(names))
    assert "mydjiflight.dji.com\tIntel::DOMAIN\tdji-audit\tDJI: activation," in dump_zeek(ROWS)
    decoded = [
        base64.b64decode(line).decode() for line in dump_suricata_string_dataset(ROWS).splitlines()
    ]
    assert decoded == sorted({row.indicator for row in ROWS if row.match in ("exact", "suffix")})


def test_a_text_with_tabs_stays_in_its_cell() -> None:
    row = replace(ROWS[0], operator="A\tB\n#close")
    assert dump_zeek([row]).count("\n") == 2
