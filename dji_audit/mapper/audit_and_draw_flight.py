"""The one way from a flight to its page: audit it, compute its camera view, draw the page."""

from dataclasses import dataclass
from datetime import datetime

from dji_audit.camera_view import CameraPoses
from dji_audit.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.compliance.audit import FlightAudit, audit_basis, audit_flight
from dji_audit.compliance.camera_view import camera_view
from dji_audit.compliance.context import AuditContext, zones_and_fences_for_flight
from dji_audit.compliance.policy import Policy
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page import flight_page_html
from dji_audit.mapper.flight_page._page_links import NO_NEIGHBOURS, Neighbours
from dji_audit.mapper.flight_page._page_model import build_page_model


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
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
    neighbours: Neighbours = NO_NEIGHBOURS


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


def audit_and_draw(
    flight: Flight, policy: Policy, context: AuditContext, page: PageOptions | None
) -> AuditedAndDrawnFlight:
    """Return a flight audited and drawn; without options for a page it is audited only."""
    audit = audit_flight(flight, policy, context)
    poses = camera_view(flight, context)
    if page is None:
        return AuditedAndDrawnFlight(audit, poses, None)
    shown = build_page_model(
        audit,
        local_zone=page.timezone,
        basemaps=context.basemaps,
        camera_poses=poses,
        target=page.target,
        zones=zones_and_fences_for_flight(flight, context),
        case=page.case,
        neighbours=page.neighbours,
    )
    basis, generated = audit_basis(policy, context), page.generated
    html = flight_page_html(shown, basis=basis, generated=generated, index_link=page.index_link)
    pdf, pdf_failure = None, ""
    if page.pdf:
        from dji_audit.mapper.pdf_sheets import SheetsError, draw_flight_sheets

        try:
            pdf = draw_flight_sheets(shown, basis=basis, generated=generated)
        except SheetsError as error:
            pdf_failure = str(error)
    return AuditedAndDrawnFlight(audit, poses, html, pdf, pdf_failure)
