"""What of a configuration and of this computer is missing, out of date or unused."""

import json
from pathlib import Path

import pytest

from dji_audit.cli.doctor import _computer_checks as computer
from tests.dji_audit.cli.conftest import Invoke, error_of_use

DAY = "2026-12-01"
INVENTORY = """serial,operator_id,operator_id_until
A1,GBR-OP-1,2026-11-30
A2,GBR-OP-1,2026-12-15
A3,GBR-OP-1,2027-12-15
"""
ZONES = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties":
{"name": "Range", "id": "R1"}, "geometry": {"type": "Polygon", "coordinates":
[[[-3.9, 50.6], [-3.8, 50.6], [-3.8, 50.7], [-3.9, 50.6]]]}}]}"""


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DJI_AUDIT_BASEMAP", "DJI_AUDIT_ZONE_STORE", "DJI_AUDIT_KEY_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(invoke: Invoke, *arguments: object, code: int) -> dict[str, list[tuple[str, str]]]:
    """Return what doctor says, by subject."""
    done = invoke("doctor", "--format", "json", "--as-of", DAY, *arguments)
    assert done.exit_code == code, done.stdout
    document = json.loads(done.stdout)
    assert (document["schema"], document["as_of"]) == ("dji-audit/doctor/1", DAY)
    by_subject: dict[str, list[tuple[str, str]]] = {}
    for check in document["checks"]:
        by_subject.setdefault(check["subject"], []).append((check["level"], check["text"]))
    return by_subject


def test_without_a_configuration_nothing_is_wrong(unit: Path, invoke: Invoke) -> None:
    said = found(invoke, code=0)
    assert said["configuration"] == [("note", "none is used; dji-audit init writes one")]
    assert said["catalogue"][0][0] == "ok"
    assert said["zone_store"] == [("note", "no zone store is used")]


def test_what_is_named_and_is_not_there_is_a_problem(unit: Path, invoke: Invoke) -> None:
    names = ("inventory", "operations", "authorisations", "acknowledged", "elevation", "basemap")
    more = ("clocks", "password_file", "key_store", "zone_store", "policy")
    lines = [f'{name} = "gone/{name}"' for name in (*names, *more)]
    lines += ['paths = ["gone"]', 'zones = ["gone"]', 'keys = ["gone"]', 'endpoints = ["gone"]']
    (unit / "dji-audit.toml").write_text("\n".join([*lines, 'leave_out = ["/"]']))
    said = found(invoke, code=1)
    subjects = {*names, *more, "paths", "zones", "keys", "endpoints", "leave_out"} - {"clocks"}
    for subject in subjects | {"clock"}:
        assert [level for level, _ in said[subject]] == ["problem"], subject
    assert said["configuration"][0][0] == "ok"


def test_a_configuration_that_cannot_be_used_is_a_problem(unit: Path, invoke: Invoke) -> None:
    (unit / "dji-audit.toml").write_text("job = 2")
    said = found(invoke, code=1)["configuration"]
    assert said == [
        ("problem", "dji-audit.toml, line 1: there is no key 'job'; did you mean jobs?")
    ]


def test_an_operator_id_that_ended_is_a_problem_and_one_that_ends_soon_a_note(
    unit: Path, invoke: Invoke
) -> None:
    (unit / "inventory.csv").write_text(INVENTORY)
    (unit / "dji-audit.toml").write_text('inventory = "inventory.csv"')
    assert found(invoke, code=1)["inventory"] == [
        ("ok", "3 aircraft"),
        ("problem", "operator ID GBR-OP-1 of A1 ended on 2026-11-30"),
        ("note", "operator ID GBR-OP-1 of A2 ends on 2026-12-15"),
    ]


def test_data_age(unit: Path, invoke: Invoke) -> None:
    late = invoke("doctor", "--as-of", "2029-01-01")
    assert late.exit_code == 1
    assert "PROBLEM  catalogue: catalogue of hosts" in late.stdout
    assert "days old" in late.stdout
    early = invoke("doctor", "--as-of", "2020-01-01")
    assert early.exit_code == 1
    assert "is newer than 2020-01-01: is the clock" in early.stdout.replace("\n         ", " ")
    assert "is not a date" in error_of_use(invoke("doctor", "--as-of", "soon"))


def test_zone_files_without_a_date_are_named(unit: Path, invoke: Invoke) -> None:
    (unit / "zones.geojson").write_text(ZONES)
    (unit / "dji-audit.toml").write_text('zones = ["zones.geojson"]')
    ((level, text),) = found(invoke, code=0)["zones"]
    assert level == "note"
    assert text == "zones.geojson: 1 zone; it states no date, so that its age is not known"


def test_an_audit_shows_what_was_not_used(unit: Path, invoke: Invoke) -> None:
    (unit / "inventory.csv").write_text("serial\nA1\nA2\n1581F5BKD232500001ZY\n")
    (unit / "dji-audit.toml").write_text(
        'inventory = "inventory.csv"\nleave_out = ["*.tmp", "used/"]'
    )
    report = {
        "flights": [
            {"serial": "a1", "sources": []},
            {"serial": None, "sources": [{"serial": "B9"}]},
            {"serial": "b9", "sources": []},
            {"serial": "5BKD232500001ZY", "sources": []},
        ],
        "inputs": [
            {"status": "left_out", "reason": "the unit leaves out used/", "keychain": None},
            {"status": "encrypted", "reason": "needs a key", "keychain": None},
        ],
    }
    (unit / "report.json").write_text(json.dumps(report))
    said = found(invoke, "--report", "report.json", code=1)
    assert said["inventory"][1:] == [
        ("problem", "aircraft B9 flew in that audit and has no row"),
        ("note", "no flight of that audit is by A2"),
    ]
    assert said["leave_out"][1:] == [("note", "*.tmp left nothing out in that audit")]
    assert said["keys"] == [("problem", "1 file is still encrypted in that audit")]


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"flights": 3}'])
def test_what_is_no_report_is_a_problem(unit: Path, invoke: Invoke, data: bytes) -> None:
    (unit / "report.json").write_bytes(data)
    said = found(invoke, "--report", "report.json", code=1)["report"]
    assert said == [("problem", "report.json is not a report.json of dji-audit")]


def test_a_password_file_that_others_may_read_is_a_problem(unit: Path, invoke: Invoke) -> None:
    path = unit / "passwords.txt"
    path.write_text("secret\n")
    (unit / "dji-audit.toml").write_text('password_file = "passwords.txt"')
    path.chmod(0o600)
    assert found(invoke, code=0)["password_file"] == [("ok", "passwords.txt: 1 password")]
    path.chmod(0o644)
    assert found(invoke, code=1)["password_file"][0][0] == "problem"


def test_a_state_among_the_evidence_is_a_problem(unit: Path, invoke: Invoke) -> None:
    (unit / "logs").mkdir()
    (unit / "dji-audit.toml").write_text('paths = ["logs"]\nstate = "logs/state"')
    ((level, text),) = found(invoke, code=1)["state"]
    assert (level, "nothing is written into evidence" in text) == ("problem", True)
    (unit / "dji-audit.toml").write_text('paths = ["logs"]\nstate = "state"')
    assert found(invoke, code=0)["state"] == [("ok", "state will be made by the first audit")]
    assert not (unit / "state").exists()


def test_an_extra_that_is_not_installed_is_a_note(
    unit: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computer, "find_spec", lambda name: None)
    said = found(invoke, code=0)
    for extra in computer.EXTRAS:
        ((level, text),) = said[f"extra {extra}"]
        assert level == "note"
        assert f'pip install "dji-audit[{extra}]"' in text


def test_every_extra_of_the_package_is_looked_for() -> None:
    from importlib.metadata import metadata

    assert set(metadata("dji-audit").get_all("Provides-Extra") or ()) <= set(computer.EXTRAS)
