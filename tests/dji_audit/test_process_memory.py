"""A process of this program loads pandas without pyarrow, and who wants pyarrow still has it."""

import subprocess
import sys

import pytest

_HIDE = (
    "from dji_audit.common.pandas_without_pyarrow import prevent_pandas_loading_pyarrow\n"
    "prevent_pandas_loading_pyarrow(); prevent_pandas_loading_pyarrow()\n"
)


def output_of(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_pandas_loads_no_pyarrow_and_it_can_be_imported_later() -> None:
    pytest.importorskip("pyarrow")
    program = (
        "import sys, pandas; print('pyarrow' in sys.modules)\n"
        "import pyarrow.parquet; print(pyarrow.array(pandas.Series([1, 2])).to_pylist())"
    )
    assert output_of(_HIDE + program).splitlines() == ["False", "[1, 2]"]
    assert output_of(program).splitlines()[0] == "True"


def test_a_worker_loads_no_pyarrow() -> None:
    program = (
        "import multiprocessing\n"
        "from dji_audit.common import prepare_worker_process as worker_process\n"
        "context = multiprocessing.get_context('spawn')\n"
        "run = worker_process.run_named_function_in_limited_worker\n"
        "worker = context.Process(target=run, args=(1 << 31, 'builtins', "
        "'exec', \"import sys, dji_audit.fleet.audit_flight_in_worker; "
        "print('pyarrow' in sys.modules)\"))\n"
        "worker.start(); worker.join(60); print(worker.exitcode)"
    )
    assert output_of(program).splitlines() == ["False", "0"]
