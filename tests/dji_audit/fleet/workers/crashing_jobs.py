"""Work for the pool that goes wrong for files of certain names; workers import it by its name."""

import os
import signal
import time
from pathlib import Path

from dji_audit.fleet.containers.member_copies import IndexedInput
from dji_audit.fleet.read_file_in_worker import FileResult, ReadSettings, failed_file_result
from dji_audit.fleet.worker_pool import WorkAndFailureFunctions
from dji_audit.report.rows import FileRow


class OddError(Exception):
    """An error that cannot be sent to another process as it is."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def work(listed: IndexedInput, task: ReadSettings) -> FileResult:
    """Do what the file's name says."""
    match Path(listed.input.name).stem.split("-")[0]:
        case "exit":
            os._exit(9)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(600)
        case "memory":
            raise MemoryError
        case "big":
            return FileResult(FileRow(str(len(bytearray(1 << 30))), "read"))
        case "error":
            raise IndexError("list index out of range")
        case "odd":
            raise OddError("this", "that")
        case "disk":
            raise OSError(5, "Input/output error")
        case "full":
            raise OSError(28, "No space left on device")
        case "cut":
            os.kill(os.getpid(), signal.SIGBUS)
        case "once":
            mark = Path(os.environ["WORK_MARKS"], listed.input.name)
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case "slow":
            time.sleep(0.3)
        case "large":
            return FileResult(FileRow(listed.input.name, "read", "\u00e9" * 200_000))
    return FileResult(FileRow(listed.input.name, "read"))


JOB = WorkAndFailureFunctions(work, failed_file_result)
