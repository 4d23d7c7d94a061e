"""Who may ask: this computer's own browser, with the token, from our own page; nobody else.

Every other request gets an empty answer, before anything of it is read.
"""

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dji_audit.fleet.serve.files_browser_may_read import NO_POLICY

#: Methods that change nothing.
_READING = ("GET", "HEAD")
#: Headers of every answer.
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: Parts that a path never has, and what no part holds.
_FORBIDDEN_PARTS, _FORBIDDEN_IN_PATH = frozenset((b".", b"..")), (b"\\", b"//", b"\x00")
_ENTRANCE = "/enter/"
_TOKEN_BYTES = 32


class RequestGuard:
    """Lets a request pass to the application if everything about it is right."""

    def __init__(self, application: ASGIApp, port: int) -> None:
        """Draw the secrets of this server.

        Args:
            application: What answers; its paths lie below the room.
            port: The port of the loopback address.
        """
        self._application = application
        self._host = f"127.0.0.1:{port}"
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._session = secrets.token_urlsafe(_TOKEN_BYTES)
        # Cookies are the same for all ports of a host: nobody who does not know this folder of
        # the address is sent ours.
        self.room = f"/{secrets.token_urlsafe(_TOKEN_BYTES)}"
        self._cookie = "dji-audit-session"

    @property
    def entry_url_with_token(self) -> str:
        """The address that lets a browser in."""
        return f"http://{self._host}{_ENTRANCE}{self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        answer = self._refusal_response(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", NO_POLICY)
            await send(message)

        if answer is not None:
            await answer(scope, receive, send_with_headers)
            return
        inner = dict(scope)
        inner["path"] = scope["path"].removeprefix(self.room)
        inner.pop("raw_path", None)
        await self._application(inner, receive, send_with_headers)

    def _refusal_response(self, scope: Scope) -> Response | None:
        """Return the answer to a request that does not pass; ``None``: it passes."""
        if not self._is_from_our_page(Headers(scope=scope), scope["method"]):
            return Response(status_code=403)
        path: str = scope["path"]
        if path.startswith(_ENTRANCE):
            is_right = _are_equal_in_constant_time(path.removeprefix(_ENTRANCE), self._token)
            if not is_right or scope["method"] != "GET":
                return Response(status_code=403)
            entered = RedirectResponse(f"{self.room}/", status_code=303)
            entered.set_cookie(
                self._cookie, self._session, path=f"{self.room}/", httponly=True, samesite="strict"
            )
            return entered
        if not self._has_session(Headers(scope=scope)):
            return Response(status_code=403)
        if not path.startswith(f"{self.room}/") or _leaves_served_folder(scope):
            return Response(status_code=404)
        return None

    def _is_from_our_page(self, headers: Headers, method: str) -> bool:
        origins = headers.getlist("origin")
        if headers.getlist("host") != [self._host]:
            return False
        if origins not in ([f"http://{self._host}"], [] if method in _READING else None):
            return False
        sites = headers.getlist("sec-fetch-site")
        return all(site in ("same-origin", "none") for site in sites)

    def _has_session(self, headers: Headers) -> bool:
        given = SimpleCookie()
        try:
            for text in headers.getlist("cookie"):
                given.load(text)
        except CookieError:
            return False
        session = given.get(self._cookie)
        return session is not None and _are_equal_in_constant_time(session.value, self._session)


def _are_equal_in_constant_time(given: str, secret: str) -> bool:
    """Return whether two texts are equal, in a time that says nothing about where they differ."""
    return secrets.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def _leaves_served_folder(scope: Scope) -> bool:
    """Return whether a path holds a part that leads elsewhere, however it is encoded."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
    once = unquote_to_bytes(raw.partition(b"?")[0])
    return (
        not _FORBIDDEN_PARTS.isdisjoint(once.split(b"/"))
        or any(each in once for each in _FORBIDDEN_IN_PATH)
        or b"%2f" in raw.lower()
    )
