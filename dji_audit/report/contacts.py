"""Whom a flight's devices talked to, as plain values: one row a host, and how it was watched."""

from collections.abc import Iterable

from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.network import FlightContacts, HostContacts, LogCoverage, contacts_by_host
from dji_audit.report.rows import Plain, fraction, iso_utc, rounded

#: Of what a host was met with, how many are listed; the logs hold all.
_MAX_LISTED = 20


def contact_rows(audit: FlightAudit) -> list[Plain]:
    """Return a row for each host that a flight's devices met, in order of the first contact.

    What the auditor met to have its logs decrypted comes last, as his own.
    """
    seen = audit.network
    if seen is None:
        return []
    return [
        _contact_row(met, part, audit.flight.id, by)
        for part, by in ((seen, "device"), (seen.auditor, "auditor"))
        if part is not None
        for met in contacts_by_host(part)
    ]


def network_row(audit: FlightAudit) -> Plain | None:
    """Return how a flight's window was watched; ``None``: nobody looked."""
    if audit.network is None:
        return None
    coverage, terms = audit.network.coverage, audit.network.settings
    window = coverage.window
    return {
        "flight": audit.flight.id,
        "window_start": iso_utc(window.start) if window else None,
        "window_end": iso_utc(window.end) if window else None,
        "share": fraction(coverage.share),
        "text": coverage.text,
        "lacking": coverage.insufficient_reason,
        "gaps": [{"start": iso_utc(start), "end": iso_utc(end)} for start, end in coverage.gaps],
        "devices": list(coverage.devices),
        "by_device": {device: fraction(part) for device, part in coverage.by_device.items()},
        "blind_spots": coverage.blind_spots,
        "terms": {
            "before_takeoff_s": terms.before_takeoff_s,
            "after_landing_s": terms.after_landing_s,
            "min_coverage": terms.min_coverage,
            "clock_offset_s": terms.clock_offset_s,
            "upload_bytes": terms.upload_bytes,
            "low_confidence": terms.low_confidence,
        },
        "logs": [_network_log_row(log) for log in coverage.logs],
    }


def _contact_row(met: HostContacts, seen: FlightContacts, flight: str, by: str) -> Plain:
    roles = met.catalogue_match.rows
    return {
        "flight": flight,
        "by": by,
        "host": met.host,
        "named": met.has_name,
        "local": met.is_local,
        "claim": met.claim,
        "first": iso_utc(met.first),
        "last": iso_utc(met.last),
        "rows": met.row_count,
        "bytes_up": met.bytes_up,
        "bytes_down": met.bytes_down,
        "devices": _first_sorted(met.devices),
        "apps": _first_sorted(met.apps),
        "addresses": _first_sorted(met.addresses),
        "ports": sorted(met.ports)[:_MAX_LISTED],
        "protocols": _first_sorted(met.protocols),
        "paths": _first_sorted(met.paths),
        "operators": list(met.catalogue_match.operators),
        "categories": list(met.catalogue_match.categories),
        "specificities": sorted({row.specificity for row in roles}),
        "ldm_modules": sorted({row.ldm_exempt_module for row in roles} - {""}),
        "jurisdictions": sorted({row.jurisdiction for row in roles} - {""}),
        "evidence": [
            {
                "file": seen.logs[contact.log].source.name,
                "sha256": seen.logs[contact.log].source.sha256,
                "offset": contact.offset,
                "record": contact.evidence,
                "time": iso_utc(contact.time),
                "claim": contact.claim,
            }
            for contact in met.best_evidence
        ],
    }


def _network_log_row(log: LogCoverage) -> Plain:
    return {
        "file": log.file,
        "sha256": log.sha256,
        "format": log.format,
        "start": iso_utc(log.start),
        "end": iso_utc(log.end),
        "not_counted": log.not_counted,
        "snap_length": log.snap_length,
        "flows": log.flow_count,
        "unnamed_flows": log.unnamed_flow_count,
        "blind_spots": dict(sorted(log.blind_spots.items())),
        "clock": log.clock,
        "clock_uncertainty_s": rounded(log.clock_uncertainty_s, 6),
    }


def _first_sorted(texts: Iterable[str]) -> list[str]:
    return sorted(texts)[:_MAX_LISTED]
