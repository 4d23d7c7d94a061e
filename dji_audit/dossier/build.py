"""Make a dossier: audit, draw, list, hash, and put everything into one archive."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import JsonValue

import parsers
from dji_audit.common.os_errors import os_error_reason
from dji_audit.dossier.action_record import RECORD_FILE, RecordOfActionsTaken
from dji_audit.dossier.kept_files import (
    BASE_MAP,
    EvidenceFilesAndRootsInArchive,
    SuppliedFileOnDisk,
    SuppliedFilesAndArchivePathsByInput,
    evidence_files_for_archive,
    policy_files_by_member_name,
    supplied_files_for_archive,
)
from dji_audit.dossier.manifest_model_and_reader import (
    MANIFEST_FILE,
    CaseEntry,
    InputFileEntry,
    Manifest,
    ManifestActionRecord,
    RunSettingsEntry,
    SuppliedFileEntry,
    TimeOfRunEntry,
    UsedKeychainEntry,
)
from dji_audit.dossier.read_me import READ_ME_FILE, read_me_text_as_bytes
from dji_audit.dossier.redaction_manifest_and_checks import (
    manifest_entry_of_redaction,
    redact_manifest_entry,
    redact_run_settings_entry,
    refuse_files_with_sensitive_texts,
)
from dji_audit.dossier.signature import PUBLIC_KEY_FILE, public_key_pem
from dji_audit.dossier.tool_versions import manifest_entry_of_tool
from dji_audit.dossier.write_archive import (
    DossierError,
    FileForArchive,
    WrittenArchive,
    hashed_file_for_archive,
    write_archive,
)
from dji_audit.exports import ExportError, ExportTarget, refuse_writing_into_evidence
from dji_audit.fleet.run import FinishedRun, Progress, RunOptions, audit_paths
from dji_audit.fleet.temporary_files_for_workers import open_temporary_run_folder
from dji_audit.ingest.dry_run_scan import EvidenceDryRun
from dji_audit.ingest.input_files import DiscoveredFiles
from dji_audit.mapper.is_typst_installed import TYPST_IS_MISSING, is_typst_installed
from dji_audit.report.json_values import as_json_value

#: Suffix of a result -> what it is.
_KINDS = {".html": "page", ".pdf": "sheets", ".json": "report", ".csv": "table"}
#: Exports that a dossier holds, and their folder.
_EXPORTS = ("geojson", "kml", "gpx", "csv-airdata", "timeline-jsonl", "timeline-csv")
_EXPORTS_FOLDER = "exports"


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRequest:
    """What a dossier is made from, and how."""

    paths: Sequence[Path]
    #: How the evidence is audited; its output folder and its choice of PDF are not used.
    run: RunOptions
    #: The policy as the user names it: a pack that ships, or a file.
    policy: str = "default"
    #: Pack files of the user that the policy is made of.
    policy_files: Sequence[Path] = ()
    #: Declared clocks as the user writes them.
    declared_clocks: Sequence[str] = ()
    #: The command and the options that the user gave, for the manifest.
    command: str = "dossier"
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    #: Which input states the time of the run; ``None``: none does.
    time_stated_by: str | None = None
    with_originals: bool = False
    signing_key: Ed25519PrivateKey | None = None


@dataclass(frozen=True, slots=True)
class BuiltDossier:
    """A dossier that was made, and the run that it holds."""

    archive: WrittenArchive
    run: FinishedRun


def build_dossier(
    request: DossierRequest,
    out: Path,
    progress: Progress | None = None,
    on_scan: Callable[[EvidenceDryRun], None] | None = None,
) -> BuiltDossier:
    """Audit the evidence and write the dossier; the same evidence and options give the same bytes.

    Args:
        request: What is asked for.
        out: The archive to write.
        progress: As for `audit_paths`.
        on_scan: As for `audit_paths`.

    Raises:
        DossierError: If it cannot be written.
        PolicyError: If the policy names an unknown rule or parameter.
        SuppliedFileError: If a file that the unit supplies cannot be used.
        OutputError: If temporary files cannot be written.
    """
    refuse_output_within_evidence(out, request.paths)
    if request.with_originals and request.run.redaction is not None:
        raise DossierError("a redacted dossier cannot hold the originals")
    with open_temporary_run_folder(request.paths) as folder:
        results = folder / "results"
        options = replace(
            request.run,
            out=results,
            pdf=is_typst_installed(),
            exports=target_of_exports_within_dossier(results)
            if request.run.redaction is None
            else None,
        )
        finished = audit_paths(request.paths, options, progress, on_scan)
        evidence = evidence_files_for_archive(request.paths, _discovered_files_of_run(finished))
        outputs = [
            hashed_file_for_archive(name, _kind_of_result_file(name), path)
            for name, path in _result_files_by_member_name(results)
        ]
        archive = _write_dossier_archive(request, options, finished, evidence, outputs, out)
    return BuiltDossier(archive, finished)


def target_of_exports_within_dossier(results: Path) -> ExportTarget:
    """Return which exports a dossier holds, below the folder of its results.

    Those whose bytes follow from the flights alone: no compressor and no library writes them.
    """
    return ExportTarget(formats=_EXPORTS, path=results / _EXPORTS_FOLDER, is_folder=True)


def _kind_of_result_file(name: str) -> str:
    if name.startswith(f"{_EXPORTS_FOLDER}/"):
        return "export"
    return _KINDS.get(PurePosixPath(name).suffix, "export")


def refuse_output_within_evidence(out: Path, paths: Sequence[Path]) -> None:
    """Refuse to write an archive into the evidence, or over it.

    Raises:
        DossierError: If it would lie there.
    """
    try:
        refuse_writing_into_evidence(out, paths)
    except ExportError as error:
        raise DossierError(str(error)) from error
    if not out.parent.is_dir():
        raise DossierError(f"{out.parent} is not a folder")


def _write_dossier_archive(
    request: DossierRequest,
    options: RunOptions,
    finished: FinishedRun,
    evidence: EvidenceFilesAndRootsInArchive,
    outputs: Sequence[FileForArchive],
    out: Path,
) -> WrittenArchive:
    supplied = supplied_files_for_archive(
        options.context_files, request.policy_files, request.paths, evidence
    )
    kept_evidence = _evidence_files_to_write(finished, evidence) if request.with_originals else []
    supplied_hashed = [
        (it, hashed_file_for_archive(it.member, "supplied", it.path)) for it in supplied.files
    ]
    kept_members = {it.name for it in kept_evidence}
    kept_supplied = (
        {
            file.name: file
            for item, file in supplied_hashed
            if item.kind != BASE_MAP and file.name not in kept_members
        }
        if request.with_originals
        else {}
    )
    signing_key = request.signing_key
    read_me = read_me_text_as_bytes(
        options.case, is_signed=signing_key is not None, has_originals=request.with_originals
    )
    files = [hashed_file_for_archive(READ_ME_FILE, "text", read_me), *outputs]
    if signing_key is not None:
        key = public_key_pem(signing_key.public_key())
        files.append(hashed_file_for_archive(PUBLIC_KEY_FILE, "key", key))
    kept = [*kept_evidence, *kept_supplied.values()]
    inputs = _input_file_entries(finished, evidence, kept_members)
    record = _build_action_record(request, finished, inputs, [*files, *kept])
    files.append(hashed_file_for_archive(RECORD_FILE, "record", record.to_bytes()))
    case, redaction = options.case.to_json_object(), finished.redaction
    run = _run_settings_entry(request, options, evidence, supplied)
    supplied_entries = tuple(_supplied_file_entries(supplied_hashed, request.with_originals))
    keys = tuple(_used_keychain_entries(finished))
    if redaction is not None:
        run = redact_run_settings_entry(run)
        inputs = [redact_manifest_entry(entry, redaction.texts) for entry in inputs]
        supplied_entries = tuple(
            redact_manifest_entry(it, redaction.texts) for it in supplied_entries
        )
        refuse_files_with_sensitive_texts(files, redaction)
    manifest = Manifest(
        case=None if case is None else CaseEntry(**case),
        tool=manifest_entry_of_tool(),
        run=run,
        basis=_require_json_object(as_json_value(finished.basis)),
        inputs=tuple(inputs),
        supplied=supplied_entries,
        keys=keys,
        files=(),
        has_originals=request.with_originals,
        redaction=None if redaction is None else manifest_entry_of_redaction(redaction),
        remarks=() if options.pdf else (TYPST_IS_MISSING,),
        record=ManifestActionRecord(
            name=RECORD_FILE, steps=record.step_count, last_sha256=record.last_sha256
        ),
        signature=None,
    )
    if redaction is not None:
        refuse_files_with_sensitive_texts(
            [hashed_file_for_archive(MANIFEST_FILE, "manifest", manifest.to_bytes())], redaction
        )
    return write_archive(out, manifest, [*files, *kept], signing_key)


def _result_files_by_member_name(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the results of a run by their names in the archive: the index first, pages last."""
    found = sorted(
        (path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file()
    )
    yield from sorted(found, key=lambda pair: (pair[0] != "index.html", "/" in pair[0], pair[0]))


def _discovered_files_of_run(finished: FinishedRun) -> DiscoveredFiles:
    """Return the files below the paths of a run, which rests on no earlier one."""
    if finished.evidence is None:
        raise ValueError("a dossier is made of a run that found its files itself")
    return finished.evidence


def _evidence_files_to_write(
    finished: FinishedRun, evidence: EvidenceFilesAndRootsInArchive
) -> list[FileForArchive]:
    """Return the files of the evidence, each with the hash that the audit read it with."""
    hashes: dict[Path, str] = {}
    rows = {row.name: row for row in finished.contents.files}
    found = _discovered_files_of_run(finished)
    for item in found.inputs:
        row = rows.get(item.name)
        sha256 = row.sha256 if row is not None and item.member is None else item.container_sha256
        if sha256 is not None:
            hashes[item.path] = sha256
    hashes |= {item.path: item.file_sha256 for item in found.containers}
    files = []
    for kept in evidence.files:
        known = hashes.get(kept.path)
        try:
            size = kept.path.stat().st_size
            with kept.path.open("rb"):
                pass
        except OSError as error:
            why = os_error_reason(error)
            raise DossierError(f"{kept.path} cannot be kept as an original: {why}") from error
        files.append(
            hashed_file_for_archive(kept.member, "original", kept.path)
            if known is None
            else FileForArchive(kept.member, "original", kept.path, size, known)
        )
    return files


def _input_file_entries(
    finished: FinishedRun, evidence: EvidenceFilesAndRootsInArchive, kept_members: set[str]
) -> list[InputFileEntry]:
    members = {kept.path: kept.member for kept in evidence.files if kept.member in kept_members}
    found = _discovered_files_of_run(finished)
    paths = {item.name: item.path for item in found.inputs}
    paths |= {item.name: item.path for item in found.containers}
    entries = []
    for row in finished.contents.files:
        container, separator, member = row.name.partition(parsers.MEMBER_SEPARATOR)
        path = paths.get(row.name)
        entries.append(
            InputFileEntry(
                name=row.name,
                container=container if separator else None,
                member=member if separator else None,
                status=str(row.status),
                format=row.format,
                size=row.size,
                sha256=row.sha256,
                container_sha256=row.container_sha256,
                kept_as=None if path is None else members.get(path),
            )
        )
    return entries


def _supplied_file_entries(
    supplied: Sequence[tuple[SuppliedFileOnDisk, FileForArchive]], with_originals: bool
) -> Iterator[SuppliedFileEntry]:
    for item, file in supplied:
        yield SuppliedFileEntry(
            kind=item.kind,
            name=item.path.name,
            size=file.size,
            sha256=file.sha256,
            kept_as=item.member if with_originals and item.kind != BASE_MAP else None,
        )


def _used_keychain_entries(finished: FinishedRun) -> Iterator[UsedKeychainEntry]:
    logs: dict[str, list[str]] = defaultdict(list)
    for row in finished.contents.files:
        if row.keychain is not None:
            logs[row.keychain].append(row.name)
    for sha256, names in sorted(logs.items()):
        yield UsedKeychainEntry(sha256=sha256, logs=tuple(names))


def _run_settings_entry(
    request: DossierRequest,
    options: RunOptions,
    evidence: EvidenceFilesAndRootsInArchive,
    supplied: SuppliedFilesAndArchivePathsByInput,
) -> RunSettingsEntry:
    context = options.context_files
    generated = options.generated
    paths = parsers.redact_secrets(tuple(map(str, request.paths)))
    settings: dict[str, JsonValue] = {
        "roots": list(evidence.roots),
        # The pack that extends the others comes first.
        "policy": next(iter(policy_files_by_member_name(request.policy_files)), request.policy),
        "timezone": options.timezone,
        "camera_timezone": options.camera_timezone,
        "as_of": context.as_of.isoformat() if context.as_of else None,
        "devices": list(context.devices),
        "cameras": list(context.cameras),
        "track_owners": list(context.track_owners),
        "declared_clocks": list(request.declared_clocks),
        "leave_out": list(options.ingest.leave_out),
        "fail_on": str(options.fail_on),
        "allow_partial": options.allow_partial,
        "context_files": {
            name: value if isinstance(value, str) else list(value)
            for name, value in supplied.named.items()
        },
        "pdf": options.pdf,
    }
    return RunSettingsEntry(
        command=request.command,
        paths=paths,
        options=dict(request.options),
        settings=settings,
        clock=TimeOfRunEntry(
            time=generated.isoformat() if generated else None, stated_by=request.time_stated_by
        ),
    )


def _build_action_record(
    request: DossierRequest,
    finished: FinishedRun,
    inputs: Sequence[InputFileEntry],
    files: Sequence[FileForArchive],
) -> RecordOfActionsTaken:
    """Return what was done, in the order in which one step needs the other."""
    texts = finished.redaction.texts if finished.redaction is not None else None
    record, basis = (
        RecordOfActionsTaken(texts.redacted if texts is not None else None),
        finished.basis,
    )
    record.add_step("began", tool=f"dji-audit {basis.tool_version}", command=request.command)
    record.add_step(
        "loaded policy",
        name=basis.policy_name,
        version=basis.policy_version,
        sha256=basis.policy_sha256,
    )
    record.add_step(
        "loaded catalogue", edition=basis.catalogue_edition, sha256=basis.catalogue_sha256
    )
    for supplied in basis.context_files:
        record.add_step(
            "loaded supplied file",
            kind=supplied.kind,
            name=supplied.name,
            sha256=supplied.sha256,
        )
    for entry in inputs:
        record.add_step(
            "read input",
            name=entry.name,
            size=entry.size,
            sha256=entry.sha256,
            container_sha256=entry.container_sha256,
            status=entry.status,
        )
    for flight in finished.contents.flights:
        record.add_step(
            "audited flight",
            flight=flight.id,
            log=flight.file,
            sha256=flight.sha256,
            verdict=str(flight.verdict),
        )
    for file in files:
        step = "kept" if file.kind in ("original", "supplied") else "made"
        record.add_step(step, name=file.name, kind=file.kind, size=file.size, sha256=file.sha256)
    return record


def _require_json_object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise TypeError("no JSON object")
    return value
