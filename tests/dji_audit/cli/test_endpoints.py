"""The catalogue on the command line: what a host is, and what a sighting does not prove."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest
from typer.testing import Result

Invoke = Callable[..., Result]

OWN = "indicator,operator,source\ncloud.force.example.org,The force,own list\n"


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")


def test_explain_prints_what_a_host_is_its_roles_and_what_a_sighting_does_not_prove(
    invoke: Invoke,
) -> None:
    told = invoke("endpoints", "explain", "MyDJIFlight.dji.com.").stdout
    for part in (
        "mydjiflight.dji.com\n  of DJI: flight_record_sync, activation,",
        "/api/v2/flight_log/zipupload", "/getfile/getallfile", "firmware_update", "geolocation",
        "LDM module  OTHER", "LDM module  FIRMWARE_UPGRADE", "Bin4ry/deejayeye-modder@e832953b",
        "A SIGHTING PROVES", "IT DOES NOT PROVE", "Which of the 6 roles",
        "That data of a flight was sent",
        "no source states the location of the host", "confirmed_upload:", "SHA-256",
    ):  # fmt: skip
        assert part in told, part


def test_explain_says_of_a_guess_that_it_is_one_and_of_a_stranger_that_he_is_not_known(
    invoke: Invoke,
) -> None:
    assert (
        "not used unless a policy asks for it"
        in invoke("endpoints", "explain", "ag-rtk.dji.com").stdout
    )
    told = invoke("endpoints", "explain", "example.org").stdout
    assert "not in the catalogue" in told
    assert "That the host is harmless" in told
    assert "never match" in invoke("endpoints", "explain", "mqtt.dji.com").stdout
    document = json.loads(
        invoke("endpoints", "explain", "www.google-analytics.com", "--format", "json").stdout
    )
    assert document["proves"] == [
        "That a host with many users was looked up or connected to, and no more."
    ]


def test_list_is_narrowed_by_operator_category_and_confidence(invoke: Invoke) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(
                invoke(
                    "endpoints", "list", "--operator", "dji", "--category", "media_sync",
                    "--format", "csv",
                ).stdout
            )
        )
    )  # fmt: skip
    assert {row["category"] for row in rows} == {"media_sync"}
    assert {row["operator"] for row in rows} == {"DJI"}
    assert "low" not in {row["confidence"] for row in rows}
    assert invoke("endpoints", "list", "--category", "telepathy").exit_code == 2


def test_a_list_is_imported_by_name_and_used_only_where_it_is_named(
    invoke: Invoke, tmp_path: Path
) -> None:
    own = tmp_path / "own.csv"
    own.write_text(OWN)
    assert invoke("endpoints", "import", own, "--name", "force").exit_code == 0
    assert (
        "not in the catalogue" in invoke("endpoints", "explain", "cloud.force.example.org").stdout
    )
    told = invoke("endpoints", "explain", "cloud.force.example.org", "--endpoints", "force").stdout
    assert "of The force: other" in told
    assert "with force.csv" in told
    assert invoke("endpoints", "list", "--endpoints", "nothing").exit_code == 2
    assert invoke("endpoints", "lint", "force").exit_code == 0


def test_a_list_with_a_fault_is_refused(invoke: Invoke, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(OWN.replace("own list", ""))
    result = invoke("endpoints", "import", own)
    assert result.exit_code == 2
    assert "line 2: source" in result.stderr


def test_lint_exits_with_one_on_a_fault(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("endpoints", "lint").exit_code == 0
    own = tmp_path / "own.csv"
    own.write_text("indicator,match,operator,source,category\ndji.com,suffix,Nobody,own,maps\n")
    result = invoke("endpoints", "lint", own)
    assert result.exit_code == 1
    assert "given to DJI and to Nobody" in result.stdout


@pytest.mark.parametrize("form", ["stix", "zeek", "suricata", "pihole", "csv"])
def test_export_leaves_shared_hosts_out_unless_asked(invoke: Invoke, form: str) -> None:
    few = invoke("endpoints", "export", "--format", form)
    many = invoke("endpoints", "export", "--format", form, "--generic")
    assert few.exit_code == many.exit_code == 0
    assert 0 < len(few.stdout) < len(many.stdout)
    if form in ("csv", "zeek", "stix"):
        assert "google-analytics" not in few.stdout
        assert "google-analytics" in many.stdout


def test_scan_tells_known_from_unknown_with_offsets(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "app.bin"
    path.write_bytes(
        b"\x00" * 16 + b"fh.dji.com\x00\x00" + "shop.example.org".encode("utf-16le") + b"\x00"
    )
    told = invoke("endpoints", "scan", path)
    lines = told.stdout.splitlines()
    assert lines[1].split()[:3] == ["fh.dji.com", "DJI", "fleet_cloud,"]
    assert lines[2].split()[:3] == ["shop.example.org", "-", "unknown"]
    assert "A name in a file is not a contact" in told.stderr
    places = json.loads(invoke("endpoints", "scan", tmp_path, "--format", "json").stdout)
    assert [(place["offset"], place["encoding"]) for place in places] == [
        (16, "utf-8"), (28, "utf-16le"),
    ]  # fmt: skip
    only = invoke("endpoints", "scan", path, "--known", "--format", "csv").stdout
    assert [row["host"] for row in csv.DictReader(io.StringIO(only))] == ["fh.dji.com"]
    assert invoke("endpoints", "scan", tmp_path / "nothing").exit_code == 2


def test_lint_as_of_a_day_prints_the_sources_that_are_too_old(invoke: Invoke) -> None:
    assert invoke("endpoints", "lint", "--as-of", "2026-11-30").exit_code == 0
    late = invoke("endpoints", "lint", "--as-of", "2032-01-01")
    assert late.exit_code == 1
    assert "to be read again after" in late.stdout


def test_explain_names_the_source_of_the_country_and_the_day_of_reading(invoke: Invoke) -> None:
    told = " ".join(invoke("endpoints", "explain", "mydjiflight.dji.com").stdout.split())
    assert "(head office CN, by PyPI netaddr 1.3.0" in told
    assert "SZ DJI TECHNOLOGY" in told
    assert "read on 2026-11-26" in told
    assert "general knowledge" not in told


def test_explain_tells_of_an_address_who_lets_it_out(invoke: Invoke) -> None:
    told = " ".join(invoke("endpoints", "explain", "52.94.76.1").stdout.split())
    assert (
        "not in the catalogue an address that Amazon Web Services lists as its own (region" in told
    )
    assert "who used it is not shown" in told
    assert "lists as its own" not in invoke("endpoints", "explain", "198.51.100.7").stdout
