"""The one socket: on the loopback address, for browsers of this computer."""

import socket
from collections.abc import Callable

import uvicorn

from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.serve.application import create_workbench_application
from dji_audit.fleet.serve.request_guard import RequestGuard
from dji_audit.fleet.serve.workbench_actions import WorkbenchActions

#: Requests at the same time; one browser makes six.
_MAX_REQUESTS = 32
_LOOPBACK = "127.0.0.1"


def loopback_socket(port: int) -> socket.socket:
    """Return a socket that only this computer reaches.

    Args:
        port: The port; 0: any that is free.

    Raises:
        OutputError: If the port cannot be had.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind((_LOOPBACK, port))
        # Who follows the address before the server is ready waits for it.
        listening.listen()
    except OSError as error:
        listening.close()
        raise OutputError(f"port {port} is not free") from error
    return listening


def serve_workbench(work: WorkbenchActions, port: int, announce: Callable[[str], None]) -> None:
    """Answer browsers of this computer until the program is interrupted.

    Args:
        work: What a browser may do.
        port: The port; 0: any that is free.
        announce: Called once with the address that lets a browser in.

    Raises:
        OutputError: If the port cannot be had.
    """
    with loopback_socket(port) as listening:
        guard = RequestGuard(create_workbench_application(work), listening.getsockname()[1])
        server = uvicorn.Server(uvicorn_config(guard))
        announce(guard.entry_url_with_token)
        try:
            server.run(sockets=[listening])
        finally:
            work.stop_job_and_wait()


def uvicorn_config(guard: RequestGuard) -> uvicorn.Config:
    """Return how the server answers: no log of requests, no name of the program, few at a time."""
    return uvicorn.Config(
        guard,
        http="h11",
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MAX_REQUESTS,
        timeout_graceful_shutdown=2,
    )
