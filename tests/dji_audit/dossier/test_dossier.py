"""A dossier from the command line: what is in it, that it is the same again, what verify says."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dji_audit.cli._app import app
from dji_audit.cli._options import DossierOptions
from dji_audit.cli.dossier._dossier import _WITHOUT_EFFECT
from dji_audit.dossier.manifest_model_and_reader import MANIFEST_FILE, Manifest, read_manifest
from dji_audit.dossier.verify import verify_dossier
from dji_audit.dossier.write_archive import hashed_file_for_archive, write_archive
from dji_audit.mapper.is_typst_installed import TYPST_IS_MISSING
from tests.conftest import ROOT

LOG = ROOT / "sample_logs" / "case" / "record"
ZONES = ROOT / "sample_logs" / "zones" / "dartmoor.geojson"
NOW = "2026-11-30T10:00:00Z"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a log, a log in a ZIP archive, noise under an odd name, and a copy."""
    folder = tmp_path_factory.mktemp("evidence") / "week47"
    shutil.copytree(LOG, folder / "card")
    (log,) = (folder / "card").iterdir()
    (folder / 'no"te:%41\n.bin').write_bytes(b"noise" * 30)
    shutil.copy(log, folder / "copy.txt")
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("inner/note.txt", "nothing")
    return folder


@pytest.fixture(scope="module")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    from tests.dji_audit.dossier.small_archives import KEY

    path = tmp_path_factory.mktemp("key") / "key.pem"
    path.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def options(signing_key: Path) -> list[object]:
    return [
        "--with-originals", "--sign", signing_key, "--now", NOW, "--case-ref", "OP/114",
        "--exhibit", "AB/1", "--by", "Insp 12", "--zones", ZONES, "--zone-store", "none",
        "--key-store", "none", "-j", 1,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def dossier(
    evidence: Path, signing_key: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("out") / "case.zip"
    made = run("dossier", evidence, "-o", path, *options(signing_key))
    assert made.exit_code == 0, made.output
    return path, made.output


def manifest_of(path: Path) -> Manifest:
    return read_manifest(contents(path)[MANIFEST_FILE])


def test_an_option_that_says_what_lies_beside_a_dossier_changes_no_byte_of_it(
    evidence: Path, tmp_path: Path
) -> None:
    made = ["--now", NOW, "--zone-store", "none", "--key-store", "none", "-j", 1]
    alone, beside = tmp_path / "alone.zip", tmp_path / "beside.zip"
    assert run("dossier", evidence / "card", "-o", alone, *made).exit_code == 0
    asked = run(
        "dossier", evidence / "card", "-o", beside, *made, "--timestamp-request", tmp_path / "q"
    )
    assert asked.exit_code == 0
    assert (tmp_path / "q").is_file()
    assert beside.read_bytes() == alone.read_bytes()


def test_the_manifest_leaves_out_options_of_the_command_alone() -> None:
    assert {it.name for it in fields(DossierOptions)} > _WITHOUT_EFFECT


def test_every_input_and_output_is_listed_with_its_hash(
    dossier: tuple[Path, str], evidence: Path
) -> None:
    files = contents(dossier[0])
    manifest = read_manifest(files[MANIFEST_FILE])
    assert manifest.case is not None
    assert (manifest.case.reference, manifest.case.made_by) == ("OP/114", "Insp 12")
    assert {it.name for it in manifest.files} | {
        MANIFEST_FILE,
        "SHA256SUMS",
        "manifest.json.sig",
    } == set(files)
    for entry in manifest.files:
        assert hashlib.sha256(files[entry.name]).hexdigest() == entry.sha256
        assert len(files[entry.name]) == entry.size
    kinds = {entry.kind for entry in manifest.files}
    assert kinds >= {"page", "sheets", "report", "table", "export", "record", "original"}
    on_disk = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in evidence.rglob("*")
        if path.is_file()
    }
    assert on_disk <= {entry.sha256 for entry in manifest.inputs}
    inner = next(entry for entry in manifest.inputs if entry.member == "inner/note.txt")
    assert inner.container == "packed.zip"
    assert inner.container_sha256 in on_disk
    assert inner.kept_as == "originals/1/week47/packed.zip"
    assert {it.kind for it in manifest.supplied} == {"zones"}
    assert manifest.run.clock.time == "2026-11-30T10:00:00+00:00"
    assert manifest.run.clock.stated_by == "--now"
    assert manifest.run.options["with-originals"] is True
    assert {it.name for it in manifest.tool.dependencies} >= {"numpy", "pandas", "typst"}
    assert "packs/default.toml" in {it.name for it in manifest.tool.data}
    report = json.loads(files["report.json"])
    assert manifest.basis["policy_sha256"] == report["run"]["policy"]["sha256"]


def test_verify_repeats_the_audit(dossier: tuple[Path, str]) -> None:
    ended = run("verify", dossier[0], "-j", 1, "--key-store", "none")
    assert ended.exit_code == 0, ended.output
    assert "the audit was repeated" in ended.output
    assert "DIFFERS" not in ended.output


def test_another_process_gives_the_same_bytes(
    dossier: tuple[Path, str], evidence: Path, signing_key: Path, tmp_path: Path
) -> None:
    out = tmp_path / "again.zip"
    around = os.environ | {
        "TZ": "America/St_Johns",
        "LC_ALL": "C",
        "LANG": "de_DE.UTF-8",
        "PYTHONHASHSEED": "77",
        "PYTHONPATH": str(ROOT),
        "SOURCE_DATE_EPOCH": "1000000000",
    }
    script = "from dji_audit.cli import main; main()"
    command = ["dossier", evidence, "-o", out, *options(signing_key)]
    subprocess.run(
        [sys.executable, "-c", script, *map(str, command)],
        check=True,
        env=around,
        capture_output=True,
        timeout=300,
    )
    assert out.read_bytes() == dossier[0].read_bytes()


def test_sums_are_read_by_sha256sum(dossier: tuple[Path, str], tmp_path: Path) -> None:
    with zipfile.ZipFile(dossier[0]) as archive:
        archive.extractall(tmp_path)
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("sha256sum is not here")
    done = subprocess.run(
        [tool, "--strict", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_terminal_says_what_to_write_down(dossier: tuple[Path, str], tmp_path: Path) -> None:
    path, output = dossier
    sha256 = hashlib.sha256(contents(path)[MANIFEST_FILE]).hexdigest()
    assert sha256 in output
    assert "SIGNED" in output
    assert "not signed" not in output
    checked = run("verify", path, "--no-audit", "--manifest-sha256", sha256.upper())
    assert checked.exit_code == 0, checked.output
    assert run("verify", path, "--no-audit", "--manifest-sha256", "0" * 64).exit_code == 5
    assert run("verify", path, "--no-audit", "--manifest-sha256", "12").exit_code == 2


def test_a_forger_who_makes_everything_agree_is_caught_by_the_repeated_audit(
    dossier: tuple[Path, str], tmp_path: Path
) -> None:
    files = contents(dossier[0])
    manifest = read_manifest(files[MANIFEST_FILE])
    forged = files["report.json"].replace(b'"fail"', b'"pass"')
    assert forged != files["report.json"]
    entries = [
        hashed_file_for_archive(
            it.name, it.kind, forged if it.name == "report.json" else files[it.name]
        )
        for it in manifest.files
    ]
    path = tmp_path / "forged.zip"
    write_archive(path, manifest, entries)
    assert verify_dossier(path).faults == ()
    ended = run("verify", path, "-j", 1, "--key-store", "none")
    assert ended.exit_code == 5
    assert "DIFFERS  report.json: the repeated audit gives other bytes" in ended.output
    assert "not signed" in ended.output


def test_an_unsigned_dossier_without_evidence_says_what_that_means(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a computer without typst.
    monkeypatch.setattr("dji_audit.dossier.build.is_typst_installed", lambda: False)
    path = tmp_path / "plain.zip"
    made = run("dossier", evidence / "card", "-o", path, "-j", 1, "--zone-store", "none")
    assert made.exit_code == 0, made.output
    plain = " ".join(made.output.split())
    assert "This dossier is not signed. Whoever can change the archive" in plain
    assert "The dossier states no time: none was given" in plain
    assert not any(name.startswith("originals/") for name in contents(path))
    assert not any(name.endswith(".pdf") for name in contents(path))
    assert manifest_of(path).remarks == (TYPST_IS_MISSING,)
    assert "PDF needs typst, which is not installed" in plain
    checked = run("verify", path)
    assert checked.exit_code == 0
    assert "The evidence is not inside, so the audit was not repeated" in " ".join(
        checked.output.split()
    )
    # Another dossier never takes its place; the same one does no harm.
    other = run("dossier", evidence, "-o", path, "-j", 1, "--zone-store", "none")
    assert other.exit_code == 2
    assert "is there already and differs" in other.output
    assert verify_dossier(path).faults == ()


def test_a_key_that_was_made_here_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dji_audit.dossier.signature import SignatureKeyFileError, load_signing_key, public_key_hex

    plain, locked = tmp_path / "plain.pem", tmp_path / "locked.pem"
    made = run("signing-key", plain)
    assert made.exit_code == 0
    assert plain.stat().st_mode & 0o077 == 0
    assert made.output.strip() == public_key_hex(load_signing_key(plain).public_key())
    assert run("signing-key", plain).exit_code == 2
    monkeypatch.setenv("DJI_AUDIT_SIGNING_PASSWORD", "correct horse")
    assert run("signing-key", locked).exit_code == 0
    assert load_signing_key(locked, b"correct horse")
    for wrong in (None, b"battery staple"):
        with pytest.raises(SignatureKeyFileError, match="no private key can be read"):
            load_signing_key(locked, wrong)


def test_nothing_is_written_into_evidence(evidence: Path) -> None:
    before = sorted(evidence.rglob("*"))
    for out in (evidence / "case.zip", evidence / "card" / "case.zip"):
        refused = run("dossier", evidence, "-o", out)
        assert refused.exit_code == 2
        assert "nothing is written into evidence" in refused.output
    assert sorted(evidence.rglob("*")) == before


def test_a_file_that_is_no_dossier_differs_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "a")
    path.write_bytes(stream.getvalue())
    assert run("verify", path).exit_code == 5
    assert run("verify", tmp_path / "none.zip").exit_code == 2
    assert run("verify", tmp_path).exit_code == 2


def test_a_key_that_is_none_is_refused_before_anything_is_read(
    evidence: Path, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_text("no key")
    refused = run("dossier", evidence, "-o", tmp_path / "x.zip", "--sign", key)
    assert refused.exit_code == 2
    assert "no private key can be read" in refused.output
    assert not (tmp_path / "x.zip").exists()
