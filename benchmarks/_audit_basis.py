"""What a page of a benchmark says it was made with."""

from dji_audit.compliance.audit import AuditInputProvenance

BASIS_OF_BENCHMARKS = AuditInputProvenance(
    tool_version="0",
    policy_name="benchmark",
    policy_version="0",
    policy_sha256="0" * 64,
    catalogue_edition="2026-01-01",
    catalogue_sha256="0" * 64,
)
