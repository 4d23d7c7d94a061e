"""A redacted dossier: nothing in it names the flight, and its shape can be checked."""

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import parsers
from dji_audit.common.case_details import CaseDetails
from dji_audit.compliance.context import ContextFiles
from dji_audit.compliance.policy import load_policy
from dji_audit.dossier.build import DossierRequest, build_dossier
from dji_audit.dossier.verify import verify_dossier
from dji_audit.dossier.write_archive import DossierError
from dji_audit.fleet.run import RunOptions
from dji_audit.redaction import PositionRedactionMethod
from tests.conftest import ROOT

LOG = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
UNIT = ROOT / "sample_logs" / "unit"


def request_for(
    folder: Path, method: PositionRedactionMethod | None, *, with_originals: bool = False
) -> DossierRequest:
    supplied = ContextFiles(
        inventory=UNIT / "inventory.toml",
        operations=UNIT / "operations.toml",
        zones=(ROOT / "sample_logs" / "zones",),
    )
    run = RunOptions(policy=load_policy("default"), redaction=method, context_files=supplied)
    return DossierRequest(paths=[folder], run=run, with_originals=with_originals)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence")
    shutil.copy(ROOT / "sample_logs" / LOG, folder)
    return folder


@pytest.fixture(scope="module")
def dossier(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dossier") / "case.zip"
    build_dossier(request_for(evidence, PositionRedactionMethod.OFFSET), path)
    return path


def texts_of(path: Path) -> dict[str, str]:
    """Return the text members of an archive, with what JSON and HTML write by number."""
    with zipfile.ZipFile(path) as archive:
        return {
            name: re.sub(
                r"&#(\d+);|\\u([0-9a-f]{4})",
                lambda found: chr(int(found[1]) if found[1] else int(found[2], 16)),
                archive.read(name).decode("utf-8"),
            )
            for name in archive.namelist()
            if not name.endswith(".pdf")
        }


def test_no_position_serial_or_name_is_in_any_member(dossier: Path) -> None:
    log = parsers.read(ROOT / "sample_logs" / LOG)
    degrees = log.track[["latitude_deg", "longitude_deg"]].to_numpy().ravel()
    degrees = np.abs(degrees[np.isfinite(degrees)])
    true = {f"{value:.5f}" for value in degrees}
    names = {
        log.aircraft.serial, log.aircraft.name, log.aircraft.battery_serial, LOG,
        "Fox Tor", "operations.toml", str(ROOT),
    }  # fmt: skip
    for name, text in texts_of(dossier).items():
        found = {number[: number.index(".") + 6] for number in re.findall(r"\d+\.\d{5,}", text)}
        assert not found & true, name
        for each in filter(None, names):
            assert each not in text, (name, each)
            assert each not in name


def test_positions_in_the_data_of_a_page_are_moved(dossier: Path) -> None:
    """Pages hold positions as differences of whole numbers, which no search for text finds."""
    (page,) = [text for name, text in texts_of(dossier).items() if name.startswith("flights/")]
    data = json.loads(page.partition('id="flight">')[2].partition("</script>")[0])
    numbers = json.dumps(data)
    assert "506176" not in numbers
    assert "-39633" not in numbers


def test_the_digest_of_the_shape_is_that_of_the_evidence(dossier: Path) -> None:
    """Computed here anew, from the evidence, as the manifest describes it."""
    from pyproj import Geod

    with zipfile.ZipFile(dossier) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        (flight,) = manifest["redaction"]["flights"]
        fixes = list(csv.DictReader(io.StringIO(archive.read(flight["fixes_file"]).decode())))
    track = parsers.read(ROOT / "sample_logs" / LOG).track
    track = track[["time", "latitude_deg", "longitude_deg"]].dropna()
    assert len(fixes) == flight["fixes"] == len(track)
    latitude, longitude = track["latitude_deg"].to_numpy(), track["longitude_deg"].to_numpy()
    azimuth, _, metres = Geod(ellps="WGS84").inv(
        np.full(len(track), longitude[0]), np.full(len(track), latitude[0]), longitude, latitude
    )
    east, north = metres * np.sin(np.radians(azimuth)), metres * np.cos(np.radians(azimuth))
    times = track["time"].to_numpy("datetime64[ns]").astype(np.int64)
    steps = [np.round(part / 0.01).astype(np.int64) for part in (east, north)]
    rows = np.column_stack([times, *steps]).astype("<i8")
    assert hashlib.sha256(rows.tobytes()).hexdigest() == flight["shape_sha256"]
    assert [int(fix["time_ns"]) for fix in fixes] == times.tolist()


def test_it_verifies_and_says_what_is_redacted(dossier: Path) -> None:
    checked = verify_dossier(dossier)
    assert checked.faults == ()
    assert any("redacted" in remark for remark in checked.remarks)
    assert any("Shape and times of 1 flight" in remark for remark in checked.remarks)
    redaction = json.loads(texts_of(dossier)["manifest.json"])["redaction"]
    assert "Hashes of the evidence stay, as do hosts and addresses" in redaction["changed"]
    assert any("Remote ID" in text for text in redaction["left_out"])


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"-140.000", b"-140.001"), (b"\n177", b"\n178"), (b"time_ns", b"time_ms"), (b".", b",")],
    ids=["a position", "a time", "the columns", "no number"],
)
def test_moved_fixes_that_were_changed_are_named(
    dossier: Path, tmp_path: Path, before: bytes, after: bytes
) -> None:
    """Even where all hashes were made to agree again, the shape is not that of the evidence."""
    from dji_audit.dossier.manifest_model_and_reader import read_manifest
    from dji_audit.dossier.redaction_manifest_and_checks import (
        moved_tracks_of_wrong_shape_and_reasons,
    )

    with zipfile.ZipFile(dossier) as archive:
        entry = read_manifest(archive.read("manifest.json")).redaction
        assert entry is not None
        name = entry.flights[0].fixes_file
        data = archive.read(name)
    assert (
        list(moved_tracks_of_wrong_shape_and_reasons(entry, {name: len(data)}, lambda _: data))
        == []
    )
    changed = data.replace(before, after, 1)
    assert changed != data
    found = list(
        moved_tracks_of_wrong_shape_and_reasons(entry, {name: len(changed)}, lambda _: changed)
    )
    assert [each for each, _ in found] == [name]


def test_the_same_evidence_gives_the_same_bytes(
    evidence: Path, dossier: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.zip"
    build_dossier(request_for(evidence, PositionRedactionMethod.OFFSET), again)
    assert again.read_bytes() == dossier.read_bytes()


def test_a_redacted_dossier_holds_no_originals(evidence: Path, tmp_path: Path) -> None:
    request = request_for(evidence, PositionRedactionMethod.OFFSET, with_originals=True)
    with pytest.raises(DossierError, match="cannot hold the originals"):
        build_dossier(request, tmp_path / "case.zip")


def test_a_file_may_have_the_name_of_a_word_of_the_pages(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    with zipfile.ZipFile(folder / "Seizure Jones.zip", "w") as archive:
        archive.write(ROOT / "sample_logs" / LOG, "Flight.txt")
    path = tmp_path / "case.zip"
    build_dossier(request_for(folder, PositionRedactionMethod.OFFSET), path)
    for name, text in texts_of(path).items():
        assert "Flight.txt" not in text, name
        assert "Jones" not in text, name


def test_who_made_it_may_be_one_of_the_people_of_the_operation(
    evidence: Path, tmp_path: Path
) -> None:
    """What a person states of the case stays, and the same name is left out of all else."""
    request = request_for(evidence, PositionRedactionMethod.OFFSET)
    case = CaseDetails(reference="TRAINING-2026-05", made_by="PC 1042 of Devon")
    path = tmp_path / "case.zip"
    build_dossier(replace(request, run=replace(request.run, case=case)), path)
    report = json.loads(texts_of(path)["report.json"])
    assert report["run"].pop("case")["made_by"] == "PC 1042 of Devon"
    assert "PC 1042" not in json.dumps(report)


def test_what_still_holds_a_name_is_not_written(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last gate: where a text slips through, there is no dossier."""
    from dji_audit.dossier import build

    monkeypatch.setattr(build, "redact_manifest_entry", lambda entry, texts: entry)
    with pytest.raises(DossierError, match="still holds"):
        build_dossier(request_for(evidence, PositionRedactionMethod.GRID), tmp_path / "case.zip")
    assert not (tmp_path / "case.zip").exists()
