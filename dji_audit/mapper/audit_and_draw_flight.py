"""The one way from a flight to its page: audit it, compute its camera view, draw the page."""

from dataclasses import dataclass, replace
from datetime import datetime

from dji_audit.camera_view import CameraPoses, camera_poses
from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.compliance.audit import (
    FlightAudit,
    audit_flight,
    provenance_of_policy_catalogue_and_context,
)
from dji_audit.compliance.camera_poses_with_declared_cameras import camera_poses_over_terrain
from dji_audit.compliance.context import AuditContext, supplied_zones_then_fences_of_flight
from dji_audit.compliance.policy import Policy
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page import page_model_html
from dji_audit.mapper.flight_page._page_links import NO_NEIGHBOURS, NeighbourPages
from dji_audit.mapper.flight_page._page_model import build_page_model
from dji_audit.redaction import (
    RedactedFlight,
    RedactionMethodAndKey,
    redact_flight_audit,
    redact_value,
)
from dji_audit.report.flight_rows import verdict_of_flight
from dji_audit.report.flight_verdict import FlightVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightPageOptions:
    """What a page shows besides the flight and its audit."""

    generated: datetime | None
    #: The IANA time zone shown beside UTC; ``None``: that of the place flown.
    timezone: str | None
    #: The relative address of the index page; ``None``: there is none.
    index_link: str | None = None
    #: Latitude and longitude whose sightings are listed when the page opens.
    target: tuple[float, float] | None = None
    #: What a person states of the case.
    case: CaseDetails = NO_CASE_DETAILS
    #: Whether the flight is drawn as a PDF too.
    pdf: bool = False
    #: The pages of the flights before and after it in the run.
    neighbours: NeighbourPages = NO_NEIGHBOURS
    #: Records, or ``RECORD.FIELD``, whose numbers can be plotted.
    plots: tuple[str, ...] = ()
    #: Whether a flight that needs no look has no page.
    only_if_needs_look: bool = False


@dataclass(frozen=True, slots=True)
class AuditedAndDrawnFlight:
    """An audited flight, its camera view, and its page."""

    audit: FlightAudit
    camera_poses: CameraPoses
    #: ``None``: no page was asked for.
    html: str | None
    #: ``None``: no PDF was asked for.
    pdf: bytes | None = None
    #: Why a PDF that was asked for could not be set; empty: it was.
    pdf_failure: str = ""
    #: What was taken out of it, and by what that can be checked; ``None``: nothing was.
    redacted: RedactedFlight | None = None


def audit_flight_and_draw_page(
    flight: Flight,
    policy: Policy,
    context: AuditContext,
    page: FlightPageOptions | None,
    redaction: RedactionMethodAndKey | None = None,
) -> AuditedAndDrawnFlight:
    """Return a flight audited and drawn; without options for a page it is audited only.

    With a redaction the rules look at the true flight, and everything else is redacted.
    """
    audit = audit_flight(flight, policy, context)
    poses = camera_poses_over_terrain(flight, context)
    basis = provenance_of_policy_catalogue_and_context(policy, context)
    redacted = None
    if redaction is not None:
        redacted = redact_flight_audit(audit, context, redaction)
        audit, flight = redacted.audit, redacted.audit.flight
        poses = camera_poses(flight)
        basis = redact_value(basis, redacted.texts)
        context = replace(context, zones=None, operating_areas=None, basemaps=())
    if page is None or (
        page.only_if_needs_look and verdict_of_flight(audit) is not FlightVerdict.NEEDS_LOOK
    ):
        return AuditedAndDrawnFlight(audit, poses, None, redacted=redacted)
    shown = build_page_model(
        audit,
        local_zone=page.timezone,
        basemaps=context.basemaps,
        camera_poses=poses,
        target=page.target,
        zones=supplied_zones_then_fences_of_flight(flight, context),
        case=page.case,
        neighbours=page.neighbours,
        # Records hold what a redaction takes out.
        plots=page.plots if redaction is None else (),
    )
    generated = page.generated
    html = page_model_html(shown, basis=basis, generated=generated, index_link=page.index_link)
    pdf, pdf_failure = None, ""
    if page.pdf:
        from dji_audit.mapper.pdf_sheets import SheetsError, typeset_pdf_of_one_flight

        try:
            pdf = typeset_pdf_of_one_flight(shown, basis=basis, generated=generated)
        except SheetsError as error:
            pdf_failure = str(error)
    return AuditedAndDrawnFlight(audit, poses, html, pdf, pdf_failure, redacted)
