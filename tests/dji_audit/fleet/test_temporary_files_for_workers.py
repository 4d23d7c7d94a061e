"""Logs wait in a private folder that is never evidence and never stays."""

import pickle
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest

import parsers
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import read_file_in_worker
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.store import ResultStore, result_key
from dji_audit.fleet.temporary_files_for_workers import (
    load_saved_log,
    open_temporary_run_folder,
    save_log_under_result_key,
)
from dji_audit.flights import AssembledFlight, join_logs, summarise_each_part_of_log


def test_a_log_comes_back_as_it_was_but_for_its_records(whole: Path, tmp_path: Path) -> None:
    log = parsers.read(whole)
    store, key = ResultStore(tmp_path), result_key({"log": 3})
    save_log_under_result_key(store, key, log)
    back = load_saved_log(store, key)
    for name in parsers.TABLES:
        assert getattr(back, name).equals(getattr(log, name)), name
    assert (back.source, back.aircraft, back.clock) == (log.source, log.aircraft, log.clock)
    assert (back.named_positions, back.host_references, back.coverage) == (
        log.named_positions,
        log.host_references,
        log.coverage,
    )
    assert back.record_counts == {}


def test_the_folder_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    with open_temporary_run_folder([tmp_path]) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "x").write_bytes(b"x")
    assert not folder.exists()


def test_the_folder_is_gone_after_an_error_too() -> None:
    with pytest.raises(ValueError, match="stop"), open_temporary_run_folder([]) as folder:
        raise ValueError("stop")
    assert not folder.exists()


def test_temporary_files_are_never_written_into_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: Path
) -> None:
    (tmp_path / "log.txt").write_bytes(whole.read_bytes())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(OutputError, match="nothing is written into evidence"):
        audit_paths([tmp_path], RunOptions(load_policy()))
    assert [path.name for path in tmp_path.iterdir()] == ["log.txt"]


def test_a_run_leaves_no_temporary_files(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    audit_paths([whole], RunOptions(load_policy(), out=tmp_path / "out"))
    assert list(place.iterdir()) == []


def test_a_flight_that_cannot_be_audited_costs_its_files_and_no_other(
    sample_logs: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sample_logs / "log_42_2026-5-14-14-01-58.ulg"
    name = whole.name

    def audit(flight: Any, *more: Any) -> Any:
        if flight.log.source.name == name:
            raise IndexError("list index out of range")
        return audit_flight(flight, *more)

    monkeypatch.setattr("dji_audit.mapper.audit_and_draw_flight.audit_flight", audit)
    done = audit_paths([whole, other], RunOptions(load_policy()))
    rows = {row.name: row for row in done.contents.files}
    assert rows[name].status == "unread"
    assert "its flight was not audited: IndexError" in rows[name].reason
    assert rows[other.name].status == "read"
    (flight,) = done.contents.flights
    assert flight.file == other.name
    assert done.verdict.exit_code == 4


def test_every_flight_is_held_against_the_logs_of_the_network(
    sample_logs: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[AuditContext] = []

    def audit(flight: Any, policy: Any, case: AuditContext) -> Any:
        seen.append(case)
        return audit_flight(flight, policy, case)

    monkeypatch.setattr("dji_audit.mapper.audit_and_draw_flight.audit_flight", audit)
    network = sorted((sample_logs / "network").glob("*.log"))[:2]
    done = audit_paths([whole, *network], RunOptions(load_policy()))
    (case,) = seen
    assert [log.source.name for log in case.network] == [path.name for path in network]
    assert all(log.capture_window is not None for log in case.network)
    assert len(done.contents.flights) == 1
    assert {row.name for row in done.contents.files if row.flights} == {whole.name}


def test_the_zone_of_cameras_that_the_user_declares_reaches_the_join(
    whole: Path, sample_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones: list[str | None] = []

    def spy(digests: Any, zone: str | None = None) -> Any:
        zones.append(zone)
        return join_logs(digests, zone)

    monkeypatch.setattr("dji_audit.fleet.stages.join_logs.join_logs", spy)
    audit_paths([whole], RunOptions(load_policy(), camera_timezone="Europe/London"))
    assert zones == ["Europe/London"]


def test_files_of_no_flight_say_why(sample_logs: Path) -> None:
    thermal = sample_logs / "DJI_20260514100915_0002_T.JPG"
    wide = sample_logs / "DJI_20260514100915_0002_W.JPG"
    done = audit_paths([thermal], RunOptions(load_policy()))
    (row,) = done.contents.files
    assert row.reason == "belongs to no flight: the time zone of its clock is not known"
    done = audit_paths([thermal, wide], RunOptions(load_policy()))
    assert {row.reason for row in done.contents.files} == {
        "belongs to no flight: it matches no flight",
        "belongs to no flight: DJI_20260514100915_0002_W.JPG shows that the camera's clock is "
        "UTC+01:00; "
        "it matches no flight",
    }


def test_progress_tells_of_files_first_and_then_of_flights(whole: Path, damaged: Path) -> None:
    told: list[tuple[int, int, str]] = []

    def progress(done: int, total: int, name: str) -> None:
        told.append((done, total, name))

    done = audit_paths([whole, damaged], RunOptions(load_policy()), progress)
    names = sorted([whole.name, damaged.name])
    (flight,) = done.contents.flights
    assert told == [(1, 2, names[0]), (2, 2, names[1]), (1, 1, f"flight {flight.id}")]


def test_a_plan_is_small_enough_to_be_sent(sample_logs: Path) -> None:

    from dji_audit.flights import join_logs

    logs = [
        parsers.read(path) for path in sorted(sample_logs.glob("DJI*.*")) if path.suffix != ".json"
    ]
    plans: tuple[AssembledFlight, ...] = join_logs(
        [one for place, log in enumerate(logs) for one in summarise_each_part_of_log(log, place)]
    ).assemblies
    assert max(len(pickle.dumps(plan)) for plan in plans) < 20_000


def test_no_evidence_stays_in_the_caches_after_a_run(whole: Path, tmp_path: Path) -> None:
    from dji_audit.compliance.network import collect_contacts
    from dji_audit.fleet import (
        audit_flight_in_worker,
        temporary_files_for_workers,
    )
    from dji_audit.mapper.flight_page._network_contacts import contact_moments

    audit_paths([whole], RunOptions(policy=load_policy(), out=tmp_path / "out"))
    for cached in (
        temporary_files_for_workers.load_saved_log,
        audit_flight_in_worker._load_audit_context,
        read_file_in_worker._keyring_of_run,
        collect_contacts,
        contact_moments,
    ):
        assert cached.cache_info().currsize == 0
