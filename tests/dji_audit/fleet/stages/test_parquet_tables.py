"""The tables of a run as Parquet beside its report, with a state and without."""

from pathlib import Path

import pandas as pd
import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import run as run_module
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.tables.open_database import TABLES_FOLDER
from dji_audit.fleet.tables.schema import FLEET_TABLES
from tests.conftest import ROOT

LOG = next((ROOT / "sample_logs").glob("*.tlog"))


def run(out: Path, *, parquet: bool, state: Path | None = None) -> None:
    options = RunOptions(policy=load_policy("default"), out=out, state=state, parquet=parquet)
    audit_paths([LOG], options)


def tables_in(folder: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def test_a_run_without_a_state_has_the_tables_of_one_with_a_state(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    run(tmp_path / "alone", parquet=True)
    run(tmp_path / "kept", parquet=True, state=tmp_path / "state")
    alone = tables_in(tmp_path / "alone" / TABLES_FOLDER)
    assert set(alone) == {table.name for table in FLEET_TABLES}
    assert len(alone["flights"]) == 1
    for folder in (tmp_path / "kept", tmp_path / "state"):
        others = tables_in(folder / TABLES_FOLDER)
        assert others.keys() == alone.keys()
        for name in alone.keys() - {"about"}:
            pd.testing.assert_frame_equal(others[name], alone[name])
    # Where the pages lie is another folder.
    about = alone["about"].set_index("name")["value"]
    assert about["results_folder"] == str(tmp_path / "alone")
    assert not (tmp_path / "alone" / TABLES_FOLDER / "fleet.sqlite").exists()


def test_tables_of_an_earlier_run_go_and_nothing_else_does(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    out = tmp_path / "out"
    run(out, parquet=True)
    run(out, parquet=False)
    assert not (out / TABLES_FOLDER).exists()
    run(out, parquet=True)
    (out / TABLES_FOLDER / "mine.parquet").write_bytes(b"mine")
    run(out, parquet=False)
    assert [it.name for it in (out / TABLES_FOLDER).iterdir()] == ["mine.parquet"]


def test_without_pyarrow_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "can_write_parquet", lambda: False)
    monkeypatch.setattr(run_module, "find_input_files_and_keychains", None)
    with pytest.raises(OutputError, match="needs pyarrow"):
        run(tmp_path / "out", parquet=True)
    assert not (tmp_path / "out").exists()
