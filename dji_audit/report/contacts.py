"""Whom a flight's devices talked to, as plain values: one row a host, and how it was watched."""

from collections.abc import Iterable

from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.network import Met, Observation, Watching, hosts_met
from dji_audit.report.rows import Plain, iso, rounded, share

#: Of what a host was met with, how many are listed; the logs hold all.
_LISTED = 20


def contact_rows(audit: FlightAudit) -> list[Plain]:
    """Return a row for each host that a flight's devices met, in order of the first contact.

    What the auditor met to have its logs decrypted comes last, as his own.
    """
    seen = audit.network
    if seen is None:
        return []
    return [
        _contact(met, part, audit.flight.id, by)
        for part, by in ((seen, "device"), (seen.auditor, "auditor"))
        if part is not None
        for met in hosts_met(part)
    ]


def network_row(audit: FlightAudit) -> Plain | None:
    """Return how a flight's window was watched; ``None``: nobody looked."""
    if audit.network is None:
        return None
    coverage, terms = audit.network.coverage, audit.network.terms
    window = coverage.window
    return {
        "flight": audit.flight.id,
        "window_start": iso(window.start) if window else None,
        "window_end": iso(window.end) if window else None,
        "share": share(coverage.share),
        "text": coverage.text,
        "lacking": coverage.lacking,
        "gaps": [{"start": iso(start), "end": iso(end)} for start, end in coverage.gaps],
        "devices": list(coverage.devices),
        "by_device": {device: share(part) for device, part in coverage.by_device.items()},
        "blind_spots": coverage.blind_spots,
        "terms": {
            "before_takeoff_s": terms.before_takeoff_s,
            "after_landing_s": terms.after_landing_s,
            "min_coverage": terms.min_coverage,
            "clock_offset_s": terms.clock_offset_s,
            "upload_bytes": terms.upload_bytes,
            "low_confidence": terms.low_confidence,
        },
        "logs": [_watching(log) for log in coverage.logs],
    }


def _contact(met: Met, seen: Observation, flight: str, by: str) -> Plain:
    roles = met.known.rows
    return {
        "flight": flight,
        "by": by,
        "host": met.host,
        "named": met.named,
        "local": met.local,
        "claim": met.claim,
        "first": iso(met.first),
        "last": iso(met.last),
        "rows": met.count,
        "bytes_up": met.sent,
        "bytes_down": met.received,
        "devices": _few(met.devices),
        "apps": _few(met.apps),
        "addresses": _few(met.addresses),
        "ports": sorted(met.ports)[:_LISTED],
        "protocols": _few(met.protocols),
        "paths": _few(met.paths),
        "operators": list(met.known.operators),
        "categories": list(met.known.categories),
        "specificities": sorted({row.specificity for row in roles}),
        "ldm_modules": sorted({row.ldm_exempt_module for row in roles} - {""}),
        "jurisdictions": sorted({row.jurisdiction for row in roles} - {""}),
        "evidence": [
            {
                "file": seen.logs[contact.log].source.name,
                "sha256": seen.logs[contact.log].source.sha256,
                "offset": contact.offset,
                "record": contact.evidence,
                "time": iso(contact.time),
                "claim": contact.claim,
            }
            for contact in met.shown
        ],
    }


def _watching(log: Watching) -> Plain:
    return {
        "file": log.file,
        "sha256": log.sha256,
        "format": log.format,
        "start": iso(log.start),
        "end": iso(log.end),
        "not_counted": log.not_counted,
        "snap_length": log.snap_length,
        "flows": log.flow_count,
        "unnamed_flows": log.unnamed_flow_count,
        "blind_spots": dict(sorted(log.blind_spots.items())),
        "clock": log.clock,
        "clock_uncertainty_s": rounded(log.clock_uncertainty_s, 6),
    }


def _few(texts: Iterable[str]) -> list[str]:
    return sorted(texts)[:_LISTED]
