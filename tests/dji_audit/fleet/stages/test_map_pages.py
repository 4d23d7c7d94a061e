"""The map of many flights: drawn flight by flight, with none left in memory."""

import gc
import shutil
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import audit_flight_in_worker, temporary_files_for_workers
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import PagesToDraw, RunOptions, audit_paths
from dji_audit.flights import merge_flight
from tests.dji_audit.fleet.test_run import small

PLACE = (50.618, -3.966)


def options_for(map_file: Path | None, **changes: Any) -> RunOptions:
    return RunOptions(policy=load_policy(), map_file=map_file, pages=PagesToDraw.ALL, **changes)


def write_logs(folder: Path, count: int) -> Path:
    """Write the logs of so many flights, one a day, into a new folder."""
    folder.mkdir()
    for number in range(count):
        log = small(f"TRAINING {number}", start_s=1_780_000_000 + 86_400 * number)
        (folder / f"DJIFlightRecord_[{number}].txt").write_bytes(log)
    return folder


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """Return a folder with the logs of two flights."""
    return write_logs(tmp_path / "cards", 2)


def test_however_many_flights_there_are_few_are_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks: list[weakref.ref[pd.DataFrame]] = []
    alive: list[int] = []

    def merge_and_count(*arguments: Any) -> Any:
        gc.collect()
        alive.append(sum(track() is not None for track in tracks))
        flight = merge_flight(*arguments)
        tracks.append(weakref.ref(flight.track))
        return flight

    monkeypatch.setattr(audit_flight_in_worker, "merge_flight", merge_and_count)
    count = 2 * temporary_files_for_workers._CACHED_LOGS
    folder = write_logs(tmp_path / "many", count)
    quick = replace(load_policy(), rules={})
    finished = audit_paths([folder], RunOptions(policy=quick, place=PLACE))
    assert len(finished.in_view) == len(alive) == count
    assert max(alive) <= temporary_files_for_workers._CACHED_LOGS
    gc.collect()
    assert not any(track() is not None for track in tracks)


def test_the_index_leads_to_the_pages_beside_it_and_nothing_else_is_written(
    cards: Path, tmp_path: Path
) -> None:
    audit_paths([cards], options_for(tmp_path / "all.html"))
    pages = [path.name for path in (tmp_path / "all-flights").iterdir()]
    index = (tmp_path / "all.html").read_text("utf-8")
    assert len(pages) == 2
    assert all(f'href="all-flights/{page}"' in index for page in pages)
    assert {it.name for it in tmp_path.iterdir()} == {"all-flights", "all.html", "cards"}


def test_a_single_flight_is_a_page_of_its_own(cards: Path, tmp_path: Path) -> None:
    log = sorted(cards.iterdir())[0]
    audit_paths([log], options_for(tmp_path / "one.html"))
    page = (tmp_path / "one.html").read_text("utf-8")
    assert "TRAINING 0" in page
    assert 'rel="next"' not in page
    assert not (tmp_path / "one-flights").exists()


def test_without_a_file_nothing_is_written_and_every_flight_is_asked(
    cards: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    finished = audit_paths([cards], options_for(None, place=PLACE))
    ids = [row.id for row in finished.contents.flights]
    assert sorted(it.flight_id or "" for it in finished.in_view) == sorted(ids)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_photo_of_no_flight_is_asked_too(sample_logs: Path, tmp_path: Path) -> None:
    photo = "DJI_20260514100915_0002_W.JPG"
    shutil.copy(sample_logs / photo, tmp_path)
    (found,) = audit_paths([tmp_path], options_for(None, place=PLACE)).in_view
    assert (found.flight_id, found.file) == (None, photo)


def test_a_flight_that_cannot_be_drawn_is_an_error_that_says_why(
    cards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise ValueError("made up")

    monkeypatch.setattr(audit_flight_in_worker, "merge_flight", fail)
    log = sorted(cards.iterdir())[0]
    with pytest.raises(OutputError, match="is not drawn: ValueError: made up"):
        audit_paths([log], options_for(tmp_path / "one.html"))
    assert not (tmp_path / "one.html").exists()
    # Where only a place is asked for, the flight is listed as one of which it is not known.
    (found,) = audit_paths([log], options_for(None, place=PLACE)).in_view
    assert (found.sightings, "made up" in found.unknown_reason) == ((), True)


def test_nothing_is_written_over_a_log_or_among_logs(cards: Path, tmp_path: Path) -> None:
    log = sorted(cards.iterdir())[0]
    for map_file, message in (
        (log, "is the log itself"),
        (cards / "map.html", "nothing is written into evidence"),
        (tmp_path / "missing" / "map.html", "no such file or directory"),
        (tmp_path, "is a folder"),
    ):
        with pytest.raises(OutputError, match=message):
            audit_paths([log if map_file == log else cards], options_for(map_file))
