"""All real logs in a folder, in a ZIP, in a TAR and in a TAR in a ZIP: the same, within bounds."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from dji_audit.ingest.input_files import find_inputs
from tests.conftest import ROOT
from tests.dji_audit.comparing_reports import differences, files_below, in_each_packing

_AUDIT = """
import sys
from pathlib import Path
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths
from tests.dji_audit.comparing_reports import without_names
import json

if __name__ == "__main__":
    run = audit_paths([Path(sys.argv[1])], RunOptions(load_policy(), jobs=2))
    print(json.dumps(without_names(run, sys.argv[2])))
"""


class Watched:
    """What an audit in a process of its own printed, and the most that it took."""

    def __init__(self, path: Path, prefix: str, program: Path, temporary: Path) -> None:
        self.memory: dict[str, int] = {}
        self.temporary = 0
        process = subprocess.Popen(
            [sys.executable, program, path, prefix],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary),
                 "DJI_AUDIT_KEY_STORE": "none", "DJI_AUDIT_ZONE_STORE": "none"},
        )  # fmt: skip
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(process.pid, temporary, done))
        watch.start()
        out, _ = process.communicate()
        done.set()
        watch.join()
        assert process.returncode == 0
        self.report: dict[str, Any] = json.loads(out)

    def _watch(self, pid: int, temporary: Path, done: threading.Event) -> None:
        while not done.wait(0.2):
            for path in Path("/proc").glob("[0-9]*/status"):
                try:
                    status = path.read_text()
                except OSError:
                    continue
                if f"\nPPid:\t{pid}\n" in status and "VmHWM:" in status:
                    self.memory[path.parent.name] = int(status.split("VmHWM:")[1].split()[0]) >> 10
            sizes = 0
            for file in temporary.glob("*/member-*"):
                try:
                    sizes += file.stat().st_size
                except OSError:
                    continue
            self.temporary = max(self.temporary, sizes)


@pytest.mark.slow
def test_all_samples_give_the_same_however_they_are_packed(samples: Path, tmp_path: Path) -> None:
    program, temporary = tmp_path / "audit.py", tmp_path / "tmp"
    program.write_text(_AUDIT)
    temporary.mkdir()
    folder = Watched(samples, "", program, temporary)
    assert len(folder.report["flights"]) > 50
    for path, prefix in in_each_packing(samples, tmp_path):
        packed = Watched(path, prefix, program, temporary)
        assert list(differences(folder.report, packed.report)) == []
        assert max(packed.memory.values()) < 300
        largest = max(item.member_size or 0 for item in find_inputs([path]).inputs)
        assert packed.temporary <= 2 * largest
        assert files_below(temporary) == []
