"""The processes of an audit that a benchmark runs: how it is started, and which are its workers."""

from pathlib import Path

#: What Python runs as the command `dji-audit`.
AUDIT_PROGRAM = "from dji_audit.cli import main; main()"
#: Nothing that the user of this computer stored takes part in the run.
WITHOUT_STORES = {"DJI_AUDIT_ZONE_STORE": "none", "DJI_AUDIT_KEY_STORE": "none"}


def child_processes(process: int) -> list[int]:
    """Return the processes that a process started and that still run (Linux)."""
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        return [int(it) for task in tasks for it in (task / "children").read_text().split()]
    except OSError:
        return []


def descendant_processes(process: int) -> list[int]:
    """Return the children of a process, and theirs."""
    children = child_processes(process)
    return [*children, *(below for child in children for below in descendant_processes(child))]


def is_worker_process(process: int) -> bool:
    """Return whether a process is a worker of a run."""
    try:
        return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
