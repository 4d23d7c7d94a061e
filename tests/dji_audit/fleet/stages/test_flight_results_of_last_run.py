"""A flight that has not changed since the last run is taken over as it was encoded, no other."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import audit_flight_in_worker
from dji_audit.fleet.pages_to_draw_setting import PagesToDraw
from dji_audit.fleet.stages.flight_results_of_last_run import FLIGHTS_OF_LAST_RUN
from tests.dji_audit.fleet.stages.run_in_folder import (
    bytes_of_files,
    change_one_bit,
    copy_run,
    copy_sample_logs,
    cut_short,
    run_in_folder,
)

# Pages that lead to each other change with every flight.
run = partial(run_in_folder, pages=PagesToDraw.FINDINGS)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with logs of several flights, the results of a run and its state."""
    home = tmp_path_factory.mktemp("flights")
    copy_sample_logs(home, "*.tlog", "*.BIN", "*.ulg", "*_T.JPG")
    run(home)
    return home


@pytest.fixture
def home(first_run: Path, tmp_path: Path) -> Path:
    copy_run(first_run, tmp_path)
    # Copies have other inodes, so that what is copied is not untouched.
    run(tmp_path)
    return tmp_path


@pytest.fixture
def flights_given_to_workers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the ids of flights that went to a worker."""
    ids: list[str] = []
    audit = audit_flight_in_worker.AUDIT_FLIGHT.work

    def note(item: object, settings: object) -> object:
        ids.append(item.assembly.id)  # type: ignore[attr-defined]
        return audit(item, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(audit_flight_in_worker.AUDIT_FLIGHT, "work", note)
    return ids


def add_log_without_flight(home: Path) -> None:
    """Add a file that changes the run, and none of its flights."""
    (home / "evidence" / "notes.txt").write_text("nothing")


def assert_results_are_those_of_a_new_run(home: Path) -> None:
    run(home, state=None, out=home / "new")
    assert bytes_of_files(home / "out") == bytes_of_files(home / "new")


def test_flights_that_have_not_changed_go_to_no_worker(
    home: Path, flights_given_to_workers: list[str]
) -> None:
    add_log_without_flight(home)
    finished = run(home)
    assert flights_given_to_workers == []
    assert finished.kept is not None
    assert finished.kept.known_flights == len(finished.contents.flights) > 1
    assert_results_are_those_of_a_new_run(home)


def test_only_the_flight_of_a_log_that_is_gone_goes_to_a_worker(
    home: Path, flights_given_to_workers: list[str]
) -> None:
    flights = {it.id: it for it in run(home).contents.flights}
    gone = next(it for it in flights.values() if len(it.sources) > 1)
    (home / "evidence" / gone.sources[-1].file).unlink()
    run(home)
    assert gone.id in flights_given_to_workers or len(flights_given_to_workers) == 1
    assert len(flights_given_to_workers) < len(flights)
    assert_results_are_those_of_a_new_run(home)


def cut_rows_short(home: Path) -> None:
    cut_short(home / "state" / FLIGHTS_OF_LAST_RUN)


def change_one_bit_of_rows(home: Path) -> None:
    change_one_bit(home / "state" / FLIGHTS_OF_LAST_RUN, 300)


def remove(home: Path) -> None:
    (home / "state" / FLIGHTS_OF_LAST_RUN).unlink()


def change_a_page(home: Path) -> None:
    page = next((home / "out" / "flights").glob("*.html"))
    page.write_text(page.read_text("utf-8").replace("m above", "feet above"), "utf-8")


def put_another_page_in_its_place(home: Path) -> None:
    page = next((home / "out" / "flights").glob("*.html"))
    copy = page.with_suffix(".copy")
    shutil.copy2(page, copy)
    copy.replace(page)


@pytest.mark.parametrize(
    "change",
    [cut_rows_short, change_one_bit_of_rows, remove, change_a_page, put_another_page_in_its_place],
)
def test_what_was_damaged_or_touched_is_not_taken_over(
    home: Path, flights_given_to_workers: list[str], change: Callable[[Path], None]
) -> None:
    change(home)
    add_log_without_flight(home)
    finished = run(home)
    assert sorted(flights_given_to_workers) == sorted(it.id for it in finished.contents.flights)
    assert_results_are_those_of_a_new_run(home)


@pytest.mark.parametrize("more", [{"policy": load_policy("uk-open")}, {"timezone": "Asia/Tokyo"}])
def test_flights_of_other_settings_are_not_taken_over(
    home: Path, flights_given_to_workers: list[str], more: dict[str, object]
) -> None:
    finished = run(home, **more)
    assert len(flights_given_to_workers) == len(finished.contents.flights)
