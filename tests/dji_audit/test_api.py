"""The same in two lines of Python."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import dji_audit
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.fleet.output_folder import OutputError
from parsers import InvalidKeysError


@pytest.fixture(scope="module")
def audited(three_logs: Path) -> dji_audit.Audit:
    return dji_audit.audit(three_logs)


def test_an_audit_is_tables_of_flights_results_and_findings(audited: dji_audit.Audit) -> None:
    flights, results, findings = audited.flights, audited.results, audited.findings
    assert len(flights) == 1
    assert flights["max_height_ato_m"].tolist() == [131.2]
    assert flights["files"].tolist() == [3]
    assert len(results) == len(load_policy().rules)
    assert set(results["outcome"]) <= {"pass", "fail", "not_assessable", "not_applicable"}
    assert set(findings["flight"]) == set(flights["id"])
    assert flights["findings"].sum() == (findings["outcome"] == "fail").sum()
    assert flights["remarks"].sum() == (findings["outcome"] == "remark").sum()
    assert set(findings["severity"]) <= {"remark", "low", "medium", "high"}
    assert all(part["offset"] >= 0 for parts in findings["evidence"] for part in parts)


def test_whom_the_devices_met_and_how_that_was_watched_are_tables(
    whole: Path, sample_logs: Path
) -> None:
    capture = sample_logs / "network" / "PCAPdroid_14_May_09_40_11.pcapng"
    audited = dji_audit.audit(
        [whole, capture], context_files=dji_audit.ContextFiles(devices=("192.0.2.20",))
    )
    contacts = audited.contacts.set_index("host")
    assert contacts.loc["mydjiflight.dji.com", "claim"] == "probable_upload"
    # The packets lie in eight bursts of 104 s together, and silence shows nothing.
    assert audited.network["covered_fraction"].tolist() == [0.001189]
    (gaps,) = audited.network["gaps"]
    assert len(gaps) == 9


def test_the_verdict_is_the_line_that_the_command_prints(audited: dji_audit.Audit) -> None:
    assert audited.verdict.startswith("1 of 1 flight needs a look. 0 clean and checked")
    assert audited.verdict.endswith("Not read in full: 1 in part (of 3 files)")


def test_one_log_may_be_given_as_text_path_or_list(whole: Path) -> None:
    verdicts = {
        dji_audit.audit(paths).verdict for paths in (whole, str(whole), [whole], iter([str(whole)]))
    }
    assert len(verdicts) == 1


def test_an_audit_of_nothing_is_empty_tables_and_says_so(tmp_path: Path) -> None:
    nothing = dji_audit.audit(tmp_path)
    for table in (nothing.flights, nothing.results, nothing.findings):
        assert isinstance(table, pd.DataFrame)
        assert table.empty
    assert nothing.verdict.startswith("Nothing was audited")
    assert "Nothing was audited" in nothing._repr_html_()


def test_an_audit_writes_pages_where_it_is_told(whole: Path, tmp_path: Path) -> None:
    dji_audit.audit(whole, out=str(tmp_path / "out"))
    assert (tmp_path / "out" / "index.html").is_file()
    with pytest.raises(OutputError):
        dji_audit.audit(tmp_path, out=tmp_path / "inside")


def test_a_policy_that_does_not_exist_is_refused(whole: Path) -> None:
    with pytest.raises(PolicyError):
        dji_audit.audit(whole, policy="zzz")


def test_keys_open_an_encrypted_log(sealed: Path, tmp_path: Path) -> None:
    log = tmp_path / "v14.txt"
    shutil.copyfile(sealed, log)
    assert bool(dji_audit.audit(log).flights["encrypted"].item())
    keys = sealed.with_name(sealed.name + ".keychains.json")
    opened = dji_audit.audit(log, keys=[keys]).flights
    assert not bool(opened["encrypted"].item())
    assert opened["max_height_ato_m"].item() == 131.2
    assert len(dji_audit.read_flights(log, keys=[keys])[0].track) == opened["fixes"].item()


def test_a_text_in_a_log_is_text_in_a_notebook(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>.txt"
    shutil.copyfile(whole, path)
    html = dji_audit.audit(path)._repr_html_()
    assert "<img" not in html


def test_flights_of_a_folder_are_read_and_what_is_no_log_is_passed_over(
    three_logs: Path, whole: Path
) -> None:
    (flight,) = dji_audit.read_flights(three_logs)
    assert len(flight.logs) == 3
    assert all(log.source.format == "dji-txt" for log in flight.logs)
    assert len(flight.track)
    (alone,) = dji_audit.read_flights(whole)
    assert alone.takeoff is not None
    assert alone.max_height_ato_m == pytest.approx(131.2)


def test_a_broken_keychains_file_in_a_folder_costs_no_flight(whole: Path, tmp_path: Path) -> None:
    shutil.copyfile(whole, tmp_path / "a.txt")
    (tmp_path / "a.txt.keychains.json").write_text("{")
    assert len(dji_audit.read_flights(tmp_path)) == 1
    assert len(dji_audit.audit(tmp_path).flights) == 1


def test_keys_that_are_none_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    for reader in (dji_audit.read_flights, dji_audit.audit):
        with pytest.raises(InvalidKeysError, match="not JSON"):
            reader(tmp_path, keys=[tmp_path / "bad.json"])


def test_when_a_place_was_in_view_is_a_table(whole: Path) -> None:
    table = dji_audit.in_view(whole, 50.6180, -3.9660)
    assert list(table)[:5] == ["flight", "file", "start", "end", "sensor"]
    assert (table["recorded"] == "video").any()
    assert table["unknown_reason"].isna().all()
    assert dji_audit.in_view(whole, -50.0, 3.0).empty


def test_what_the_unit_brings_can_be_given_too(whole: Path, sample_logs: Path) -> None:
    unit = sample_logs / "unit"
    brief = dji_audit.ContextFiles(authorisations=unit / "authorisations.toml")
    results = dji_audit.audit(whole, context_files=brief).results.set_index("rule")
    assert results.loc["height_limit", "outcome"] == "fail_authorised"
    with pytest.raises(SuppliedFileError, match="expected"):
        dji_audit.audit(
            whole, context_files=dji_audit.ContextFiles(inventory=unit / "operations.toml")
        )


def test_a_path_that_does_not_exist_is_an_error(whole: Path) -> None:
    for reader in (dji_audit.audit, dji_audit.read_flights):
        with pytest.raises(FileNotFoundError, match="nope"):
            reader([whole, "/nope"])


def test_the_package_shows_what_it_offers() -> None:
    assert {"audit", "read_flights", "in_view", "Audit", "ContextFiles"} <= set(dir(dji_audit))


TIMES = {"findings": ("start", "end"), "flights": ("start", "takeoff", "landing")}


def test_times_are_utc_in_every_table_and_empty_tables_have_their_columns(
    audited: dji_audit.Audit, tmp_path: Path
) -> None:
    nothing = dji_audit.audit(tmp_path)
    for name in ("findings", "flights", "results", "contacts", "network"):
        empty = getattr(nothing, name)
        assert list(empty) == list(getattr(audited, name)), name
        for time in TIMES.get(name, ()):
            assert str(getattr(audited, name)[time].dtype) == "datetime64[ns, UTC]"
            assert str(empty[time].dtype) == "datetime64[ns, UTC]"


def test_findings_are_typed_objects_too(audited: dji_audit.Audit) -> None:
    first = audited.typed_findings[0]
    assert first.summary == audited.findings["summary"][0]
    assert first.severity.value == audited.findings["severity"][0]


def test_progress_names_each_file_and_each_flight(three_logs: Path) -> None:
    calls: list[tuple[int, int, str]] = []
    dji_audit.audit(three_logs, progress=lambda *call: calls.append(call))
    files, (flight,) = calls[:-1], calls[-1:]
    assert [call[:2] for call in files] == [(n, len(files)) for n in range(1, len(files) + 1)]
    assert flight[:2] == (1, 1)
    assert flight[2].startswith("flight ")


def test_keychains_beside_a_log_open_it_and_new_ones_count_at_once(
    sealed: Path, tmp_path: Path
) -> None:
    log, beside = tmp_path / "v14.txt", tmp_path / "v14.txt.keychains.json"
    shutil.copyfile(sealed, log)
    assert bool(dji_audit.audit(log).flights["encrypted"].item())
    shutil.copyfile(sealed.with_name(sealed.name + ".keychains.json"), beside)
    assert not bool(dji_audit.audit(log).flights["encrypted"].item())
    (flight,) = dji_audit.read_flights(log)
    assert not flight.logs[0].encrypted
