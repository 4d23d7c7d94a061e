"""What answers a browser that was let in: the page, what is done, results, deliveries."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from dji_audit.fleet.serve.draw_workbench_page import draw_workbench_page_html
from dji_audit.fleet.serve.evidence_uploads import UploadError
from dji_audit.fleet.serve.files_browser_may_read import (
    MEDIA_TYPES,
    csp_header_of_page,
    first_bytes_of_page,
    path_if_browser_may_read,
)
from dji_audit.fleet.serve.workbench_actions import (
    MAX_ACKNOWLEDGED,
    WorkbenchActions,
    WorkbenchError,
)

#: Bytes of what a browser asks for, without files.
_MAX_ORDER_BYTES = 64 << 10


class _StrictRequestBodyModel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


OrderT = TypeVar("OrderT", bound=_StrictRequestBodyModel)


class _AuditRequestBody(_StrictRequestBodyModel):
    folders: list[str] = Field(max_length=10_000)


class _FindingDecisionRequestBody(_StrictRequestBodyModel):
    fingerprints: list[str] = Field(max_length=MAX_ACKNOWLEDGED)
    by: str
    reason: str


class _DossierRequestBody(_AuditRequestBody):
    case: dict[str, str]
    with_originals: bool


def create_workbench_application(work: WorkbenchActions) -> Starlette:
    """Return what answers below the room of `RequestGuard`.

    Args:
        work: What a browser may do.
    """
    page = draw_workbench_page_html().encode()

    async def show_page(_: Request) -> Response:
        headers = {"Content-Security-Policy": csp_header_of_page(page)}
        return Response(page, media_type=MEDIA_TYPES[".html"], headers=headers)

    async def show_work(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(work.as_shown_on_page))

    async def show_result(request: Request) -> Response:
        return _file_response(work.results, request.path_params["name"])

    async def give_dossier(request: Request) -> Response:
        return _file_response(work.dossiers, request.path_params["name"])

    async def begin_audit(request: Request) -> Response:
        order = await _parse_request_body(request, _AuditRequestBody)
        return await _act_and_respond(lambda: work.begin_audit(order.folders))

    async def acknowledge(request: Request) -> Response:
        order = await _parse_request_body(request, _FindingDecisionRequestBody)
        return await _act_and_respond(
            lambda: work.acknowledge_findings(order.fingerprints, order.by, order.reason)
        )

    async def take_back(request: Request) -> Response:
        order = await _parse_request_body(request, _FindingDecisionRequestBody)
        return await _act_and_respond(
            lambda: work.take_back_acknowledgements(order.fingerprints, order.by, order.reason)
        )

    async def begin_dossier(request: Request) -> Response:
        order = await _parse_request_body(request, _DossierRequestBody)
        return await _act_and_respond(
            lambda: work.begin_dossier(
                order.folders, order.case, with_originals=order.with_originals
            )
        )

    async def stop(_: Request) -> Response:
        return await _act_and_respond(work.stop_job)

    async def open_delivery(_: Request) -> Response:
        try:
            return JSONResponse({"delivery": work.deliveries.create_upload_folder()})
        except UploadError as error:
            return _conflict_response(str(error))

    async def receive_file(request: Request) -> Response:
        target = work.deliveries.target_path(
            request.path_params["delivery"], request.query_params.get("name", "")
        )
        if target is None:
            return Response(status_code=404)
        try:
            size = await work.deliveries.write_upload_and_return_size(target, request.stream())
        except UploadError as error:
            return _conflict_response(str(error))
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"size": size})

    async def nothing(_: Request, error: Exception) -> Response:
        return Response(status_code=error.status_code if isinstance(error, HTTPException) else 500)

    return Starlette(
        routes=[
            Route("/", show_page),
            Route("/work", show_work),
            Route("/audit", begin_audit, methods=["POST"]),
            Route("/acknowledge", acknowledge, methods=["POST"]),
            Route("/take-back", take_back, methods=["POST"]),
            Route("/dossier", begin_dossier, methods=["POST"]),
            Route("/stop", stop, methods=["POST"]),
            Route("/deliveries", open_delivery, methods=["POST"]),
            Route("/deliveries/{delivery}", receive_file, methods=["PUT"]),
            Route("/results/{name:path}", show_result),
            Route("/dossiers/{name}", give_dossier),
        ],
        exception_handlers={HTTPException: nothing},
    )


async def _parse_request_body(request: Request, kind: type[OrderT]) -> OrderT:
    """Return what a browser asks for.

    Raises:
        HTTPException: If it is too long, or not as declared.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_ORDER_BYTES:
            raise HTTPException(413)
    try:
        return kind.model_validate_json(bytes(body))
    except ValidationError as error:
        raise HTTPException(400) from error


async def _act_and_respond(act: Callable[[], None]) -> Response:
    try:
        await run_in_threadpool(act)
    except WorkbenchError as error:
        return _conflict_response(str(error))
    return JSONResponse({})


def _conflict_response(message: str) -> Response:
    return JSONResponse({"message": message}, status_code=409)


def _file_response(folder: Path, name: str) -> Response:
    path = path_if_browser_may_read(folder, name)
    if path is None:
        return Response(status_code=404)
    media_type = MEDIA_TYPES[path.suffix]
    if path.suffix == ".html":
        headers = {"Content-Security-Policy": csp_header_of_page(first_bytes_of_page(path))}
        return FileResponse(path, media_type=media_type, headers=headers)
    return FileResponse(path, media_type=media_type, filename=path.name)
