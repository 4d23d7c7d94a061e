"""What a run was made with, as labelled texts: for the head of workbooks and of Markdown."""

import datetime as dt
from collections.abc import Iterator

from dji_audit.common.case_details import CaseDetails
from dji_audit.compliance.audit import AuditInputProvenance


def labelled_texts_about_run(
    basis: AuditInputProvenance, generated: dt.datetime | None, case: CaseDetails
) -> Iterator[tuple[str, str]]:
    """Yield a label and a text for each thing that a run was made with."""
    yield from case.labelled_values()
    yield "Tool", f"dji-audit {basis.tool_version}"
    if generated is not None:
        yield "Time of the run", f"{generated:%Y-%m-%dT%H:%M:%SZ}"
    policy = f"{basis.policy_name} {basis.policy_version}, SHA-256 {basis.policy_sha256}"
    yield "Policy", policy
    if basis.as_of is not None:
        yield "Rules", f"as of {basis.as_of}, not of each flight's own date"
    catalogue = f"edition {basis.catalogue_edition}, SHA-256 {basis.catalogue_sha256}"
    yield "Catalogue of hosts", catalogue
    for file in basis.context_files:
        note = f"; {file.note}" if file.note else ""
        yield f"Supplied: {file.kind}", f"{file.name}, SHA-256 {file.sha256}{note}"
