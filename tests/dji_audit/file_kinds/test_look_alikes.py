"""No file is silent: each has a class, a hash and a word for what it is, wherever it is told."""

import hashlib
import json
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

import parsers
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.compliance.policy import load_policy
from dji_audit.file_kinds import (
    MAX_LOOKED_AT,
    FileSample,
    kind_of_unclaimed_content,
    recognise_file_kind,
)
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.dry_run_scan import scan_evidence_paths
from sample_logs import dji_dat
from tests.dji_audit.file_kinds.look_alikes import LookAlike, jpeg, look_alikes, tiff

LOOK_ALIKES = look_alikes()
#: Containers are hashed when they are listed.
CONTAINER = "card.img"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every look-alike."""
    folder = tmp_path_factory.mktemp("look_alikes")
    for item in LOOK_ALIKES:
        (folder / item.name).write_bytes(item.data)
    return folder


@pytest.fixture(scope="module")
def audited(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[FinishedRun, Path]:
    """Return the audit of all of them, and where it was written."""
    out = tmp_path_factory.mktemp("out")
    return audit_paths([folder], RunOptions(load_policy(), out=out)), out


def test_there_are_enough_of_each_class() -> None:
    counts = Counter(item.status for item in LOOK_ALIKES)
    assert len(LOOK_ALIKES) > 100
    assert counts["unread"] > 60
    assert counts["no_evidence"] > 20
    assert {"encrypted", "unknown"} <= counts.keys()


@pytest.mark.parametrize("item", LOOK_ALIKES, ids=lambda item: item.name)
def test_each_has_its_class_its_hash_and_a_word_for_its_kind(
    audited: tuple[FinishedRun, Path], item: LookAlike
) -> None:
    (row,) = (row for row in audited[0].contents.files if row.name == item.name)
    assert row.status == item.status, row
    assert row.sha256 == hashlib.sha256(item.data).hexdigest()
    assert row.size == len(item.data)
    assert row.kind is not None
    assert item.kind.lower() in row.kind.lower()
    assert row.reason
    is_told_by_name = item.kind in ("empty", "not known", "FF") and item.status == "unread"
    is_lost = item.status in ("unread", "encrypted") and not is_told_by_name
    assert bool(row.advice or row.format) == is_lost


def test_the_verdict_says_aloud_how_many_may_hold_flights(
    audited: tuple[FinishedRun, Path],
) -> None:
    verdict = audited[0].verdict
    unread = [item for item in LOOK_ALIKES if item.status == "unread"]
    by_name = sum(item.kind in ("empty", "not known", "FF") for item in unread)
    told = f"{len(unread) - by_name} files may hold flights or contacts and were not read: "
    assert told in verdict.line
    assert f"{by_name} not at all" in verdict.line
    assert verdict.files["unread"] == len(unread)
    assert sum(verdict.files.values()) == len(LOOK_ALIKES)


def test_report_and_index_page_name_each_with_kind_and_hash(
    audited: tuple[FinishedRun, Path],
) -> None:
    out = audited[1]
    report = json.loads((out / "report.json").read_text())
    # Without the list that files are compared with.
    page = re.sub(r"(?s)<script.*?</script>", "", (out / "index.html").read_text())
    rows = {row["name"]: row for row in report["inputs"]}
    for item in LOOK_ALIKES:
        row = rows[item.name]
        assert (row["status"], row["sha256"]) == (
            item.status,
            hashlib.sha256(item.data).hexdigest(),
        )
        assert row["kind"]
        assert row["sha256"] in page
        if item.status == "unread":
            assert page.count(row["sha256"]) == 2  # among those not read, and among all


def test_a_scan_gives_each_the_class_of_the_audit(folder: Path) -> None:
    scan = scan_evidence_paths([folder], IngestSettings())
    expected = {item.name: item.status for item in LOOK_ALIKES}
    claimed = {file.name: file for file in scan.files if file.format is not None}
    for file in scan.files:
        if file.name in claimed:
            continue  # what a format claims an audit may find to be nothing of the kind
        assert file.status == expected[file.name], file
        assert file.looked_at <= MAX_LOOKED_AT + (1 << 16) or file.name == CONTAINER
    assert scan.total_bytes == sum(len(item.data) for item in LOOK_ALIKES)
    assert len(claimed) < 8


@pytest.mark.parametrize("seed", range(20))
def test_bytes_without_order_are_of_no_kind(seed: int) -> None:
    made = random.Random(seed)  # noqa: S311 - not for secrets
    data = made.randbytes(made.choice((200, 5_000, 300_000)))
    assert kind_of_unclaimed_content(parsers.Content("a.xyz", data)).name == "kind not known"


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_picture_with_a_position_names_its_maker(order: str) -> None:
    kind = kind_of_unclaimed_content(parsers.Content("a.jpg", jpeg(tiff(order, has_position=True))))
    assert kind.name == "JPEG picture with a position by Parrot"
    without = kind_of_unclaimed_content(
        parsers.Content("a.jpg", jpeg(tiff(order, has_position=False)))
    )
    assert without.name == "JPEG picture"


@pytest.mark.parametrize("item", LOOK_ALIKES, ids=lambda item: item.name)
def test_no_cut_is_an_error(item: LookAlike) -> None:
    for size in {0, 1, 2, 8, 13, 100, 200, len(item.data) // 2, max(len(item.data) - 1, 0)}:
        kind = kind_of_unclaimed_content(parsers.Content(item.name, item.data[:size]))
        assert kind.name
        assert terminal_safe_text(kind.name) == kind.name


def test_only_some_bytes_of_a_large_file_are_looked_at() -> None:
    sample = FileSample(parsers.Content("a.txt", b"1,2,3\n" * 1_000_000))
    recognise_file_kind(sample)
    assert sample.looked_at <= MAX_LOOKED_AT + 64


def test_what_lies_in_the_middle_or_at_the_end_is_seen() -> None:
    filler = b"nothing of interest here, line after line\n" * 4000
    for place in (len(filler) // 2, len(filler)):
        data = filler[:place] + b"\nlat: 51.50001 lon: -0.12001\n" + filler[place:]
        kind = kind_of_unclaimed_content(parsers.Content("a.txt", data))
        assert kind.sign == "it states latitudes and longitudes"


def test_a_name_is_a_sign_where_the_content_tells_nothing_and_never_against_it() -> None:
    noise = random.Random(1).randbytes(4000)  # noqa: S311 - not for secrets
    for name, status in (("a.ulg", "unread"), ("FLY042.DAT", "unread"), ("a.xyz", "unknown")):
        kind = kind_of_unclaimed_content(parsers.Content(name, noise))
        assert (kind.relevance == "may_hold_evidence") == (status == "unread"), name
    picture = kind_of_unclaimed_content(parsers.Content("a.ulg", jpeg()))
    assert picture.name == "JPEG picture"


@pytest.mark.parametrize("value", [b"\0", b"\xff"])
def test_a_blank_log_is_not_taken_for_one_in_which_nothing_flew(
    tmp_path: Path, value: bytes
) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "FLY001.DAT").write_bytes(value * 5000)
    run = audit_paths([folder], RunOptions(load_policy(), out=tmp_path / "out"))
    (row,) = run.contents.files
    assert row.status == "unread"
    assert "erased, or never written" in row.reason
    assert run.verdict.did_not_fly == 0
    assert run.verdict.exit_code != 0


def test_a_log_of_which_only_the_header_is_left_does_not_show_whether_anything_flew(
    tmp_path: Path, sample_logs: Path
) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "FLY001.DAT").write_bytes(dji_dat.header() + b"\xff" * 5000)
    alone = audit_paths([folder], RunOptions(load_policy(), out=tmp_path / "alone"))
    assert alone.verdict.did_not_fly == 0
    assert alone.verdict.line == "Nothing was audited: 1 file holds no flight"
    shutil.copy(next(sample_logs.glob("*Airdata.csv")), folder)
    run = audit_paths([folder], RunOptions(load_policy(), out=tmp_path / "out"))
    assert "Not counted: 1 log that does not show whether anything flew. " in run.verdict.line
    (row,) = (row for row in run.contents.files if row.name == "FLY001.DAT")
    assert row.reason.startswith("belongs to no flight: it records neither heights nor motors")
