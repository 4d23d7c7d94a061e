"""Requests to the server in this process, byte for byte as anybody could send them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import Progress, RunOptions
from dji_audit.fleet.serve.application import create_workbench_application
from dji_audit.fleet.serve.evidence_uploads import UploadLimits
from dji_audit.fleet.serve.request_guard import RequestGuard
from dji_audit.fleet.serve.workbench_actions import DossierOrder, WorkbenchActions, WorkbenchError
from tests.dji_audit.conftest import run_to_its_end

PORT = 48_123
HOST = f"127.0.0.1:{PORT}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class AskedServer:
    """A server and the cookie that it gave."""

    guard: RequestGuard
    work: WorkbenchActions
    cookie: str = ""

    def enter(self) -> Answer:
        answer = self.ask("GET", self.guard.entry_url_with_token.partition(HOST)[2], cookie="")
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Sequence[bytes] = b"",
        *,
        cookie: str | None = None,
        host: str | None = HOST,
        origin: str | None = "",
        more: Sequence[tuple[str, str]] = (),
    ) -> Answer:
        """Return the answer; ``origin``: empty: as a browser states it on our own page."""
        headers = list(more)
        if host is not None:
            headers.append(("host", host))
        if origin == "":
            origin = None if method == "GET" else f"http://{HOST}"
        if origin is not None:
            headers.append(("origin", origin))
        cookie = self.cookie if cookie is None else cookie
        if cookie:
            headers.append(("cookie", cookie))
        pieces = [body] if isinstance(body, bytes) else list(body)
        return run_to_its_end(_answer(self.guard, method, path, headers, pieces))

    def in_room(self, path: str) -> str:
        return f"{self.guard.room}/{path}"


async def _answer(
    app: ASGIApp, method: str, path: str, headers: list[tuple[str, str]], pieces: list[bytes]
) -> Answer:
    raw, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", PORT),
    }
    sent: list[Any] = []
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if not left:
            # The browser waits for the answer.
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    return Answer(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(each.get("body", b"") for each in sent[1:]),
    )


def write_case_into_file(order: DossierOrder, progress: Progress) -> None:
    """Stand for the maker of dossiers, which a test of the command uses: write what was asked."""
    progress(0, len(order.paths), "dossier")
    if order.run.case.exhibit == "none":
        raise WorkbenchError("this exhibit cannot be kept")
    order.out.write_text(f"{order.run.case} {order.run.context_files.acknowledged}", "utf-8")


def server_of(
    state: Path, evidence: Sequence[Path] = (), limits: UploadLimits | None = None
) -> AskedServer:
    options = RunOptions(policy=load_policy(), state=state)
    work = WorkbenchActions(options, evidence, write_case_into_file, limits)
    return AskedServer(RequestGuard(create_workbench_application(work), PORT), work)
