"""The only module that opens a connection, for ``keys fetch`` and nothing else.

It sends one POST over TLS, verified against the root certificates of the computer.
Redirects are not followed, no proxy is used, no cookie is kept; the size of the answer and
the time are limited.  Of the server's text only status and body are used, and the body only
by the reader of keychains.
"""

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

#: The largest answer: 10,000 times the size of one key.
MAX_ANSWER_BYTES = 4 << 20
_LOOPBACK = ("127.0.0.1", "::1")


class ServerUrlError(Exception):
    """A URL is not a permitted key server."""


class RetryableRequestError(Exception):
    """The request failed; another attempt may succeed."""


class FatalRequestError(Exception):
    """The request failed, and no further request may be sent to this server."""


@dataclass(frozen=True, slots=True)
class KeyServerAddress:
    """The address of a key server."""

    host: str
    port: int
    path: str
    secure: bool

    @property
    def url(self) -> str:
        """The URL, with the port where it is not the default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.secure else 80)
        return f"http{'s' * self.secure}://{host}{'' if usual else f':{self.port}'}{self.path}"


def parse_server_url(url: str) -> KeyServerAddress:
    """Return the key server of a URL.

    Raises:
        ServerUrlError: If it is not HTTPS; plain HTTP is permitted only to this computer, by
            its address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ServerUrlError("not a URL") from error
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ServerUrlError("not a URL")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ServerUrlError("not an https URL")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ServerUrlError("not https: keys are requested over TLS only")
    if parts.username is not None or parts.query or parts.fragment:
        raise ServerUrlError("a URL with a user name, a query or a fragment")
    secure = parts.scheme == "https"
    return KeyServerAddress(
        parts.hostname, port or (443 if secure else 80), parts.path or "/", secure
    )


def post_and_return_status_and_body(
    server: KeyServerAddress, body: bytes, api_key: str, timeout_s: float
) -> tuple[int, bytes]:
    """Send a request and return the status and the body of the answer.

    Args:
        where: Host and path.
        body: JSON.
        api_key: Sent in the header ``Api-Key`` and nowhere else.
        timeout_s: Limit for the whole exchange, however slow the server is.

    Raises:
        RetryableError: If there is no answer or only a part of one.
        FatalError: If the certificate is invalid or the answer is too large.
    """
    connection = _open_connection(server, timeout_s)
    late = threading.Event()
    clock: threading.Timer | None = None
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    try:
        connection.connect()
        clock = threading.Timer(timeout_s, _abort_connection_at_deadline, [connection.sock, late])
        clock.daemon = True
        clock.start()
        connection.request("POST", server.path, body, headers | {"Api-Key": api_key})
        answer = connection.getresponse()
        text = answer.read(MAX_ANSWER_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise _request_error_from_network_error(error, late.is_set(), timeout_s) from None
    finally:
        if clock is not None:
            clock.cancel()
        connection.close()
    if len(text) > MAX_ANSWER_BYTES:
        raise FatalRequestError(f"the answer has more than {MAX_ANSWER_BYTES:,} bytes")
    if late.is_set() or answer.length:
        raise RetryableRequestError("the answer broke off")
    return answer.status, text


def _request_error_from_network_error(
    error: Exception, late: bool, timeout_s: float
) -> RetryableRequestError | FatalRequestError:
    """Return an error with our own wording, because some messages contain text of the server."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return FatalRequestError(f"the certificate is not valid ({error.verify_message})")
    if late or isinstance(error, TimeoutError):
        return RetryableRequestError(f"no complete answer within {timeout_s:g} s")
    if isinstance(error, ssl.SSLError):
        return RetryableRequestError("the TLS connection broke")
    if isinstance(error, http.client.HTTPException):
        return RetryableRequestError("the answer is not complete HTTP")
    if isinstance(error, socket.gaierror):
        return RetryableRequestError("the host has no known address")
    strerror = error.strerror if isinstance(error, OSError) else None
    return RetryableRequestError((strerror or "no connection").lower())


def _open_connection(where: KeyServerAddress, timeout_s: float) -> http.client.HTTPConnection:
    if not where.secure:
        return http.client.HTTPConnection(where.host, where.port, timeout=timeout_s)
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return http.client.HTTPSConnection(where.host, where.port, timeout=timeout_s, context=context)


def _abort_connection_at_deadline(wire: socket.socket, late: threading.Event) -> None:
    """Shut down a connection from another thread; reads from a very slow server never time out."""
    late.set()
    try:
        # Shut down the plain socket, also under TLS: the next read then returns the end.
        socket.socket.shutdown(wire, socket.SHUT_RDWR)
    except OSError:
        return
