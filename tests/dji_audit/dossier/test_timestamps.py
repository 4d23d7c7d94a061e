"""Time stamps of RFC 3161: made by openssl on this computer, put in, checked, and never fetched."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dji_audit.cli._app import app
from dji_audit.dossier.manifest_model_and_reader import MANIFEST_FILE, TIMESTAMP_FILE
from dji_audit.dossier.rfc3161_request_and_response_files import (
    TimestampError,
    check_timestamp,
    create_timestamp_request,
)
from dji_audit.dossier.verify import VerifySettings, verify_dossier
from tests.dji_audit.dossier.small_archives import write_small_archive

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl, which stamps, is not here")
CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[stamp]
basicConstraints = critical,CA:false
extendedKeyUsage = critical,timeStamping
"""


class Authority:
    """A time stamp authority in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "serial").write_text("01")
        (folder / "conf").write_text(CONFIG.format(folder=folder))
        self.root = folder / "root.pem"
        self._run(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out",
            "root.pem", "-days", "3650", "-subj", "/CN=Test root", "-config", "conf",
            "-extensions", "root",
        )  # fmt: skip
        self._run(
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr",
            "-subj", "/CN=Test authority", "-config", "conf",
        )  # fmt: skip
        self._run(
            "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-out",
            "tsa.pem", "-days", "3650", "-extfile", "conf", "-extensions", "stamp", "-set_serial",
            "2",
        )  # fmt: skip

    def response(self, request: Path) -> bytes:
        self._run(
            "ts", "-reply", "-config", "conf", "-section", "here", "-queryfile", str(request),
            "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "answer.tsr",
        )  # fmt: skip
        return (self.folder / "answer.tsr").read_bytes()

    def _run(self, *arguments: str) -> None:
        config = self.folder / "req.conf"
        config.write_text("[req]\ndistinguished_name = dn\n[dn]\n" + CONFIG)
        (self.folder / "conf").write_text(
            "[req]\ndistinguished_name = dn\n[dn]\n" + CONFIG.format(folder=self.folder)
        )
        done = subprocess.run(
            [str(OPENSSL), *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "tsa")


def test_request_response_check(tmp_path: Path, authority: Authority) -> None:
    archive = tmp_path / "case.zip"
    written = write_small_archive(archive)
    request, response = tmp_path / "case.tsq", tmp_path / "case.tsr"
    asked = CliRunner().invoke(app, ["timestamp", str(archive), "--request", str(request)])
    assert asked.exit_code == 0, asked.output
    # What openssl reads in it is the hash of the manifest, and it gives nothing else away.
    text = subprocess.run(
        [str(OPENSSL), "ts", "-query", "-in", str(request), "-text"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Hash Algorithm: sha256" in text
    assert "Nonce: unspecified" in text
    assert bytes.fromhex(written.manifest_sha256) in request.read_bytes()
    response.write_bytes(authority.response(request))
    added = CliRunner().invoke(app, ["timestamp", str(archive), "--response", str(response)])
    assert added.exit_code == 0, added.output
    check = verify_dossier(archive)
    assert check.faults == ()
    assert check.timestamp is not None
    assert not check.timestamp.is_trusted
    trusted = verify_dossier(archive, VerifySettings(timestamp_roots=authority.root))
    assert trusted.faults == ()
    assert trusted.timestamp is not None
    assert trusted.timestamp.is_trusted
    assert "Test authority" in trusted.timestamp.authority
    # A second response takes the place of the first, and no byte of a member changes.
    again = CliRunner().invoke(app, ["timestamp", str(archive), "--response", str(response)])
    assert again.exit_code == 0
    assert verify_dossier(archive).manifest_sha256 == written.manifest_sha256


def test_every_byte_of_a_response_counts(tmp_path: Path, authority: Authority) -> None:
    archive, request = tmp_path / "case.zip", tmp_path / "case.tsq"
    write_small_archive(archive)
    CliRunner().invoke(app, ["timestamp", str(archive), "--request", str(request)])
    response = tmp_path / "case.tsr"
    response.write_bytes(authority.response(request))
    CliRunner().invoke(app, ["timestamp", str(archive), "--response", str(response)])
    whole = archive.read_bytes()
    answer = response.read_bytes()
    begin = whole.index(answer)
    for at in range(begin, begin + len(answer), 5):
        archive.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert TIMESTAMP_FILE in {fault.name for fault in verify_dossier(archive).faults}


def test_a_stamp_of_other_data_or_of_another_root_does_not_hold(
    tmp_path: Path, authority: Authority
) -> None:
    request = tmp_path / "other.tsq"
    request.write_bytes(create_timestamp_request(b"other"))
    answer = authority.response(request)
    assert check_timestamp(answer, b"other").time.year >= 2026
    with pytest.raises(TimestampError, match="of other data"):
        check_timestamp(answer, b"this")
    stranger = Authority(tmp_path / "stranger")
    with pytest.raises(TimestampError, match="signature is not valid"):
        check_timestamp(answer, b"other", stranger.root)
    archive = tmp_path / "case.zip"
    write_small_archive(archive)
    response = tmp_path / "other.tsr"
    response.write_bytes(answer)
    before = archive.read_bytes()
    refused = CliRunner().invoke(app, ["timestamp", str(archive), "--response", str(response)])
    assert refused.exit_code == 2
    assert archive.read_bytes() == before


@pytest.mark.parametrize("noise", [b"", b"no stamp", bytes(1000), hashlib.sha256().digest() * 90])
def test_noise_is_no_response(noise: bytes) -> None:
    with pytest.raises(TimestampError, match=r"not a response|granted no time stamp"):
        check_timestamp(noise, b"x")


def test_the_same_manifest_gives_the_same_request() -> None:
    assert create_timestamp_request(b"manifest") == create_timestamp_request(b"manifest")


def test_a_missing_stamp_that_was_asked_for_is_named(tmp_path: Path, authority: Authority) -> None:
    archive = tmp_path / "case.zip"
    write_small_archive(archive)
    check = verify_dossier(archive, VerifySettings(timestamp_roots=authority.root))
    assert [fault.name for fault in check.faults] == [TIMESTAMP_FILE]
    assert MANIFEST_FILE not in {fault.name for fault in check.faults}
