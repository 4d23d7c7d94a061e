"""Archives of a few kilobytes, made without an audit, for tests that change every byte."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dji_audit.dossier.action_record import RECORD_FILE, RecordOfActionsTaken
from dji_audit.dossier.manifest_model_and_reader import (
    CaseEntry,
    InputFileEntry,
    Manifest,
    ManifestActionRecord,
    PythonDependencyEntry,
    RunSettingsEntry,
    TimeOfRunEntry,
    ToolEntry,
)
from dji_audit.dossier.write_archive import WrittenArchive, hashed_file_for_archive, write_archive

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def small_manifest(record: RecordOfActionsTaken) -> Manifest:
    return Manifest(
        case=CaseEntry(reference="OP/1", exhibit="AB/1", made_by=None),
        tool=ToolEntry(
            name="dji-audit",
            version="0.1.0",
            python="3.11.7",
            dependencies=(PythonDependencyEntry(name="numpy", version="2.1"),),
            data=(),
        ),
        run=RunSettingsEntry(
            command="test",
            paths=("week47",),
            options={"policy": "default"},
            settings={},
            clock=TimeOfRunEntry(time=None, stated_by=None),
        ),
        basis={"policy_name": "default"},
        inputs=(
            InputFileEntry(
                name="a.zip!/b.txt",
                container="a.zip",
                member="b.txt",
                status="read",
                format="dji-txt",
                size=12,
                sha256="0" * 64,
                container_sha256="1" * 64,
                kept_as=None,
            ),
        ),
        supplied=(),
        keys=(),
        files=(),
        has_originals=False,
        redaction=None,
        remarks=(),
        record=ManifestActionRecord(
            name=RECORD_FILE, steps=record.step_count, last_sha256=record.last_sha256
        ),
        signature=None,
    )


def write_small_archive(path: Path, *, signed: bool = True) -> WrittenArchive:
    record = RecordOfActionsTaken()
    record.add_step("began", tool="dji-audit 0.1.0")
    record.add_step("read input", name="b.txt", sha256="0" * 64)
    record.add_step("made", name="index.html")
    files = [
        hashed_file_for_archive("index.html", "page", b"<p>one</p>"),
        hashed_file_for_archive("flights/a.html", "page", b"<p>two</p>" * 20),
        hashed_file_for_archive("empty.csv", "table", b""),
        hashed_file_for_archive(RECORD_FILE, "record", record.to_bytes()),
    ]
    return write_archive(path, small_manifest(record), files, KEY if signed else None)
