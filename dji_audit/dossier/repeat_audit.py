"""Repeat the audit of a dossier on the evidence inside, and compare every result with its own."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import BaseModel, ConfigDict, ValidationError

import parsers
from dji_audit.common.case_details import CaseDetails
from dji_audit.common.hashed_file import file_sha256
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.common.tool_and_package_versions import tool_version
from dji_audit.compliance.context import ContextFiles
from dji_audit.compliance.declared_clocks import declared_clocks_from_options_and_table
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.dossier.build import target_of_exports_within_dossier
from dji_audit.dossier.check_zip_archive_bytes import ArchiveMember, iterate_member_chunks
from dji_audit.dossier.kept_files import (
    BASE_MAP,
    ORIGINALS_FOLDER,
    POLICY_PACK,
    SUPPLIED_FOLDER,
    file_name_before_escaping,
)
from dji_audit.dossier.manifest_model_and_reader import Manifest
from dji_audit.dossier.tool_versions import manifest_entry_of_tool
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.temporary_files_for_workers import open_temporary_run_folder
from dji_audit.ingest import DEFAULT_SETTINGS, IngestSettings
from dji_audit.mapper.is_typst_installed import is_typst_installed

#: Kinds of files that an audit makes; the others are made by the dossier itself.
_RESULT_KINDS = ("page", "sheets", "report", "table", "export")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatAuditSettingsNotInDossier:
    """How an audit is repeated."""

    #: Keys, key store and passwords: no dossier holds those of a store.
    ingest: IngestSettings = DEFAULT_SETTINGS
    jobs: int = 0
    timeout_s: float = 600.0
    #: Base map that the pages were drawn on: no dossier holds one.
    basemap: Path | None = None


@dataclass(frozen=True, slots=True)
class RepeatedAudit:
    """What came of repeating an audit."""

    #: How many results were compared.
    compared: int
    #: Results that differ, each with the reason.
    differences: tuple[tuple[str, str], ...] = ()
    #: What could not be compared; a sentence each.
    remarks: tuple[str, ...] = ()
    #: Whether every result was compared: by the same version, with the same keys.
    is_complete: bool = field(default=True)


class _RunSettings(BaseModel):
    """The settings in a manifest."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    roots: tuple[str, ...]
    policy: str
    timezone: str | None
    camera_timezone: str | None
    as_of: dt.date | None
    devices: tuple[str, ...]
    cameras: tuple[str, ...]
    track_owners: tuple[str, ...] = ()
    declared_clocks: tuple[str, ...]
    leave_out: tuple[str, ...] = ()
    fail_on: Severity
    allow_partial: bool
    #: Field of `ContextFiles` -> path in the archive, or paths.
    context_files: dict[str, str | tuple[str, ...]]
    pdf: bool


def repeat_audit(
    stream: BinaryIO,
    members: Mapping[str, ArchiveMember],
    manifest: Manifest,
    settings: RepeatAuditSettingsNotInDossier,
    progress: Callable[[int, int, str], None] | None = None,
) -> RepeatedAudit:
    """Audit the evidence inside a dossier again, and compare each result byte for byte.

    Args:
        stream: The archive.
        members: Its members, whose hashes agree with the manifest.
        manifest: Its manifest.
        settings: Keys, workers and the like.
        progress: As for `audit_paths`.

    Raises:
        OSError: If the archive cannot be read, or temporary files cannot be written.
    """
    if manifest.run.command != "dossier":
        return RepeatedAudit(
            0,
            remarks=("It is not a dossier of an audit, so none was repeated.",),
            is_complete=False,
        )
    try:
        run = _RunSettings.model_validate(manifest.run.settings)
        with open_temporary_run_folder(()) as folder:
            _unpack_evidence_and_supplied_files(stream, members, manifest, folder)
            options = _run_options_from_manifest(run, manifest, settings, folder)
            roots = [path_of_unpacked_member(folder, root) for root in run.roots]
            audit_paths(roots, options, progress)
            found = dict(_names_and_hashes_of_files_below(folder / "results"))
    except (
        PolicyError,
        SuppliedFileError,
        OutputError,
        parsers.InvalidKeysError,
        ValidationError,
        RepeatAuditError,
    ) as error:
        reason = f"the audit could not be repeated: {str(error).splitlines()[0]}"
        return RepeatedAudit(0, (("manifest.json", reason),), is_complete=False)
    return _compare_results(found, manifest, run)


class RepeatAuditError(Exception):
    """The settings or members of a dossier cannot be used; the message says why."""


def path_of_unpacked_member(folder: Path, member: str) -> Path:
    """Return where a member is unpacked, under the name that the file had.

    Raises:
        RepeatAuditError: If that is outside the folder.
    """
    own, separator, inner = member.partition("!/")
    parts = own.split("/")
    if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts):
        raise RepeatAuditError(f"{member} is not a path of a dossier")
    path = folder.joinpath(*map(file_name_before_escaping, parts))
    return Path(f"{path}{separator}{inner}") if separator else path


def _unpack_evidence_and_supplied_files(
    stream: BinaryIO, members: Mapping[str, ArchiveMember], manifest: Manifest, folder: Path
) -> None:
    """Unpack the evidence and the supplied files into a private folder, and nothing else."""
    for entry in manifest.files:
        if entry.name.partition("/")[0] not in (ORIGINALS_FOLDER, SUPPLIED_FOLDER):
            continue
        path = path_of_unpacked_member(folder, entry.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as copy:
            copy.writelines(iterate_member_chunks(stream, members[entry.name]))


def _run_options_from_manifest(
    run: _RunSettings, manifest: Manifest, settings: RepeatAuditSettingsNotInDossier, folder: Path
) -> RunOptions:
    """Return the options of the audit that made the dossier, on the unpacked files."""
    context_files: dict[str, Any] = {"as_of": run.as_of, "devices": run.devices}
    context_files["cameras"] = run.cameras
    context_files["track_owners"] = run.track_owners
    context_files["declared_clocks"] = run.declared_clocks
    for name, value in run.context_files.items():
        context_files[name] = (
            path_of_unpacked_member(folder, value)
            if isinstance(value, str)
            else tuple(path_of_unpacked_member(folder, each) for each in value)
        )
    if "basemap" in context_files:
        # No dossier holds one.
        context_files["basemap"] = settings.basemap
    if unknown := context_files.keys() - {field.name for field in fields(ContextFiles)}:
        raise RepeatAuditError(f"this version knows no list called {', '.join(sorted(unknown))}")
    clock_table = context_files.get("clocks")
    policy = run.policy
    if any(entry.kind == POLICY_PACK for entry in manifest.supplied):
        policy = str(path_of_unpacked_member(folder, run.policy))
    case = manifest.case
    time = manifest.run.clock.time
    return RunOptions(
        policy=load_policy(policy),
        ingest=replace(
            settings.ingest,
            clocks=declared_clocks_from_options_and_table(run.declared_clocks, clock_table),
            leave_out=run.leave_out,
        ),
        out=folder / "results",
        jobs=settings.jobs,
        timeout_s=settings.timeout_s,
        fail_on=run.fail_on,
        allow_partial=run.allow_partial,
        generated=dt.datetime.fromisoformat(time) if time is not None else None,
        timezone=run.timezone,
        camera_timezone=run.camera_timezone,
        context_files=ContextFiles(**context_files),
        case=CaseDetails()
        if case is None
        else CaseDetails(
            reference=case.reference or "",
            exhibit=case.exhibit or "",
            made_by=case.made_by or "",
        ),
        pdf=run.pdf and is_typst_installed(),
        exports=target_of_exports_within_dossier(folder / "results"),
    )


def _names_and_hashes_of_files_below(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), file_sha256(path)


def _compare_results(
    found: Mapping[str, str], manifest: Manifest, run: _RunSettings
) -> RepeatedAudit:
    """Compare the results by name and hash; another version, or other keys, proves nothing."""
    expected = {it.name: it.sha256 for it in manifest.files if it.kind in _RESULT_KINDS}
    remarks = []
    if run.pdf and not is_typst_installed():
        expected = {name: it for name, it in expected.items() if not name.endswith(".pdf")}
        remarks.append("PDF was not made again: typst is not installed.")
    differences = [
        (name, "the repeated audit gives other bytes" if name in found else "not made again")
        for name, sha256 in expected.items()
        if found.get(name) != sha256
    ]
    differences += [
        (name, "the repeated audit makes it, and the dossier has none")
        for name in found.keys() - expected.keys()
    ]
    excuse = _why_results_may_differ(manifest)
    if differences and excuse:
        names = ", ".join(name for name, _ in differences[:5])
        more = f" and {len(differences) - 5:,} more" if len(differences) > 5 else ""
        remarks.append(f"{excuse} Results that differ, which proves nothing: {names}{more}.")
        return RepeatedAudit(len(expected), (), tuple(remarks), is_complete=False)
    return RepeatedAudit(
        len(expected), tuple(sorted(differences)), tuple(remarks), is_complete=not remarks
    )


def _why_results_may_differ(manifest: Manifest) -> str:
    """Return why the results of two honest runs may differ, a sentence; empty: they may not."""
    if manifest.tool.version != tool_version():
        return (
            f"Made by dji-audit {manifest.tool.version}, repeated by {tool_version()}: the "
            "versions may give different results."
        )
    here = manifest_entry_of_tool()
    if manifest.tool != here:
        was = {it.name: it.version for it in manifest.tool.dependencies}
        now = {it.name: it.version for it in here.dependencies}
        apart = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
        if manifest.tool.python != here.python:
            apart.append("Python")
        if manifest.tool.data != here.data:
            apart.append("the data of the tool")
        return f"Made with other versions of {', '.join(apart)}: results may differ."
    if any(it.kind == BASE_MAP for it in manifest.supplied):
        return "Pages were drawn on a base map, and a dossier holds none: name it with --basemap."
    if manifest.keys:
        return (
            "Keys opened logs when it was made, and no dossier holds those of a key store: name "
            "them with --keys."
        )
    return ""
