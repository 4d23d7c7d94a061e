"""A cluster of Dask on this computer: one scheduler and some workers, each a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from tests.conftest import ROOT

#: What `dask scheduler` and `dask worker` run.
_DASK = [sys.executable, "-m", "dask"]


@dataclass(frozen=True, slots=True)
class LocalCluster:
    """The address of a scheduler, and its workers."""

    address: str
    workers: list["subprocess.Popen[bytes]"]


@contextmanager
def local_cluster(folder: Path, workers: int = 2) -> Iterator[LocalCluster]:
    """Yield a cluster on the loopback address, with any free ports."""
    folder.mkdir(exist_ok=True)
    contact = folder / "scheduler.json"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
        "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        log = (folder / f"{len(started)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [*_DASK, *arguments, "--scheduler-file", str(contact)],
                env=environment, cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
        started.append(process)
        return process

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        until = time.monotonic() + 60
        while not contact.exists() and time.monotonic() < until:
            time.sleep(0.1)
        address = json.loads(contact.read_text())["address"]
        found = [
            start(
                "worker",
                "--host",
                "127.0.0.1",
                "--no-nanny",
                "--no-dashboard",
                "--nthreads",
                "1",
                "--local-directory",
                str(folder / f"worker-{number}"),
            )
            for number in range(workers)
        ]
        yield LocalCluster(address, found)
    finally:
        for process in reversed(started):
            process.kill()
            process.wait(30)


def kill_later(process: "subprocess.Popen[bytes]", seconds: float) -> Thread:
    """Kill a process after some seconds; return the thread that waits for that."""

    def kill() -> None:
        time.sleep(seconds)
        process.kill()

    thread = Thread(target=kill, daemon=True)
    thread.start()
    return thread
