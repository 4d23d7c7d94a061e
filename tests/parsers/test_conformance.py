"""What every format promises, on every sample of it: one test each.

Samples are the files of ``sample_logs/`` and, where they are, the real logs beside the
repository; formats are found, not listed, and one without a sample fails.  Families are
separate parameter sets: ``-k dji`` or ``-k mavlink`` runs one.

What "missing is never zero" can mean without knowing a format: no row lies at 0 N 0 E, a
latitude never stands without its longitude, nothing lies off the Earth, texts that are not
there are missing and not empty, an end is missing or not before its start.
"""

import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Content, Keychains, Log, LogError
from sample_logs import dji_bodies, dji_txt
from tests.conftest import ROOT, SAMPLES, required

FAMILIES = {
    "sample_logs": ROOT / "sample_logs",
    "dji": SAMPLES / "dji_txt",
    "dji_synth": SAMPLES / "dji_txt_synth",
    "dji_dat": SAMPLES / "dji_dat",
    "dji_srt": SAMPLES / "dji_srt",
    "dji_media": SAMPLES / "dji_media",
    "dji_csv": SAMPLES / "dji_csv",
    "mavlink": SAMPLES / "mavlink",
    "klv": SAMPLES / "klv",
}
#: Folders in which other files lie than logs of a known format: of those, what a format claims.
MIXED = {"network": SAMPLES / "network"}
#: Files that look like logs and are none, and what the refusal says of each.
REFUSED = {
    "juanirache_broken_empty.SRT": "the file is empty",
    "juanirache_broken_empty2.SRT": "it is a text",  # a number and a line end
    # The messages of a flight by themselves: no position, and times of no known form.
    "extracted_DJIFlightRecord_2017-10-10_[10-02-22].csv.csv": "it is a table",
}
#: Zone files and what a unit brings, which have suites of their own, and the case, whose files
#: are those that lie beside it, told again more thinly by the same writers.
NO_LOGS_IN = {ROOT / "sample_logs" / name for name in ("zones", "unit", "case")}
#: Files beside the samples that are not logs; what is packed is a container, with tests of its own.
NO_LOGS = {".py", ".pyc", ".json", ".md", ".tsv", ".gz"}
#: Samples that are logs although they are written in JSON.
LOGS_IN_JSON = {"flighthub_task_track.json"}
#: Formats of streams that captures hand over, and of no file.
CARRIED = {"remote-id-broadcast"}
SENSORS = {"visible", "thermal", "multispectral", "unknown"}
CAPTURE_KINDS = {"photo", "video", "audio"}
FIRST_TIME = {"track": "time", "events": "time", "captures": "start", "contacts": "time"}
#: How an issue says that positions are of another record than they should be.
STANDS_IN = re.compile(r"(\S+) stands in for \S+ in (\d+) rows of the track")
NEVER_FIXED_BY_DAMAGE = pd.Timestamp("1970-01-01", tz="UTC")


class Sample(NamedTuple):
    """A log and the keychains beside it."""

    family: str
    path: Path

    @property
    def keys(self) -> tuple[Keychains, ...]:
        beside = self.path.with_name(self.path.name + ".keychains.json")
        return (parsers.load_keychains(beside.read_bytes()),) if beside.exists() else ()

    def __str__(self) -> str:
        return f"{self.family}:{self.path.parent.name}/{self.path.name}"


def found(family: str) -> list[Sample]:
    folder = (FAMILIES | MIXED)[family]
    paths = sorted(folder.rglob("*")) if folder.is_dir() else []
    samples = [
        Sample(family, path)
        for path in paths
        if path.is_file()
        and (path.suffix not in NO_LOGS or path.name in LOGS_IN_JSON)
        and not path.name.startswith(".")
        and path.name not in REFUSED
        and not NO_LOGS_IN & set(path.parents)
    ]
    return [one for one in samples if claims(one)] if family in MIXED else samples


def claims(sample: Sample) -> list[str]:
    content = parsers.open_content(sample.path)
    return [known.name for known in parsers.formats() if known.claims(content)]


ALL = [sample for family in (*FAMILIES, *MIXED) for sample in found(family)]


@pytest.fixture(scope="module", params=ALL, ids=str)
def sample(request: pytest.FixtureRequest) -> Sample:
    chosen: Sample = request.param
    return chosen


def read(sample: Sample) -> Log:
    """Return the log of a sample, or the first where it holds several."""
    reading = parsers.read_file(sample.path, keys=sample.keys)
    if reading.account.error is not None:
        raise reading.account.error
    return reading.logs[0]


@pytest.fixture(scope="module")
def log(sample: Sample) -> Log:
    return read(sample)


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "sample_logs"])
def test_the_real_samples_of_a_family_are_here(family: str) -> None:
    required(f"the folder of samples {FAMILIES[family].name!r}", FAMILIES[family].is_dir())
    assert found(family)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_log_is_refused_with_what_it_is(name: str) -> None:
    folders = [FAMILIES["dji_srt"], FAMILIES["dji_csv"]]
    paths = [path for folder in folders for path in folder.rglob("*") if path.name == name]
    required(f"the sample {name!r}", bool(paths))
    with pytest.raises(parsers.UnknownFormatError, match=REFUSED[name]):
        parsers.read(paths[0])


def test_every_format_has_a_sample() -> None:
    claimed = {name for sample in ALL for name in claims(sample)}
    # Some formats read streams that other formats cut from their files.
    for path in (ROOT / "sample_logs" / "remote_id").iterdir():
        parts = parsers.read_file(path).account.parts
        claimed.update(part.format for part in parts if part.format)
    bare = {known.name for known in parsers.formats()} - claimed
    if bare and not SAMPLES.is_dir():
        required(f"a sample of {', '.join(sorted(bare))}", present=False)
    assert not bare


def test_every_format_says_what_it_is_and_where_its_facts_come_from() -> None:
    for known in parsers.formats():
        assert known.name == known.name.lower().strip()
        assert known.title.strip()
        assert known.reference.strip()


def test_exactly_one_format_claims_a_sample(sample: Sample) -> None:
    assert len(claims(sample)) == 1


def test_the_source_is_the_file(sample: Sample, log: Log) -> None:
    content = parsers.open_content(sample.path)
    stream = "" if log.source.stream is None else f"#{log.source.stream}"
    assert log.source.name == sample.path.name + stream
    assert log.source.size == sample.path.stat().st_size
    assert log.source.sha256 == content.sha256
    assert log.source.format == parsers.identify(content).name


@pytest.mark.parametrize("table", parsers.TABLES)
def test_columns_are_exactly_those_declared(log: Log, table: str) -> None:
    frame: pd.DataFrame = getattr(log, table)
    declared = [(name, column.dtype) for name, column in parsers.TABLES[table].items()]
    assert [(name, str(dtype)) for name, dtype in frame.dtypes.items()] == declared
    assert list(frame.index) == list(range(len(frame)))


@pytest.mark.parametrize("table", parsers.TABLES)
def test_times_are_aware_and_ordered_and_those_missing_come_last(log: Log, table: str) -> None:
    times = getattr(log, table)[FIRST_TIME[table]]
    assert str(times.dt.tz) == "UTC"
    known = times.dropna()
    assert known.is_monotonic_increasing
    assert list(known.index) == list(range(len(known)))
    assert (known > NEVER_FIXED_BY_DAMAGE).all()
    assert log.clock.source is not None or not len(known)


def test_a_position_is_on_earth_and_whole_or_missing(log: Log) -> None:
    track = log.track
    assert (track.latitude_deg.isna() == track.longitude_deg.isna()).all()
    assert track.latitude_deg.dropna().abs().le(90).all()
    assert track.longitude_deg.dropna().abs().le(180).all()
    nowhere = (track.latitude_deg.abs() < 1e-6) & (track.longitude_deg.abs() < 1e-6)
    assert not nowhere.any()
    for place in log.named_positions:
        assert abs(place.latitude_deg) <= 90
        assert abs(place.longitude_deg) <= 180
        assert (place.latitude_deg, place.longitude_deg) != (0, 0)
        assert place.accuracy_m is None or place.accuracy_m > 0


def test_a_fence_has_a_size_and_no_end_before_its_start(log: Log) -> None:
    for fence in log.fences:
        assert fence.use in ("inclusion", "exclusion")
        assert (fence.radius_m is not None) == (fence.shape == "circle")
        assert (fence.height_m is not None) == (fence.shape in ("ceiling", "floor"))
        assert fence.shape != "polygon" or fence.points
        assert fence.start is None or fence.end is None or fence.start <= fence.end


@pytest.mark.parametrize("table", parsers.TABLES)
def test_a_text_that_is_not_there_is_missing_and_never_empty(log: Log, table: str) -> None:
    frame: pd.DataFrame = getattr(log, table)
    for name in frame.columns[frame.dtypes == "str"]:
        texts = frame[name].dropna()
        if (table, name) != ("events", "text"):  # an app may log an empty message
            assert (texts != "").all(), name
        assert not texts.isin(["nan", "None", "NaT", "<NA>"]).any(), name


def test_numbers_are_finite_or_missing(log: Log) -> None:
    for table in parsers.TABLES:
        numbers = getattr(log, table).select_dtypes("float64").to_numpy()
        assert not np.isinf(numbers).any(), table
    track = log.track
    for name in ("course_deg", "heading_deg", "gimbal_yaw_deg"):
        assert track[name].dropna().between(0, 360).all(), name
    assert track.battery_pct.dropna().between(0, 100).all()
    assert (track.ground_speed_mps.dropna() >= 0).all()


def test_words_come_from_their_closed_sets(log: Log) -> None:
    assert set(log.events.kind) <= set(parsers.EVENT_KINDS)
    assert set(log.events.severity) <= set(parsers.SEVERITIES)
    assert set(log.captures.sensor) <= SENSORS
    assert set(log.captures.kind) <= CAPTURE_KINDS
    for frame in (log.events, log.captures, log.contacts):
        assert set(frame.grade) <= set(parsers.GRADES)
    assert log.events[["text", "record"]].notna().all(axis=None)


def test_nothing_ends_before_it_began(log: Log) -> None:
    for frame, begin in ((log.events, "time"), (log.captures, "start")):
        ended = frame[frame["end"].notna()]
        assert (ended["end"] >= ended[begin]).all()


def test_every_offset_points_into_the_file(log: Log) -> None:
    size = max(1, log.source.size)  # an empty file says what it says at its beginning
    offsets = [getattr(log, table).source_offset for table in parsers.TABLES]
    offsets += [pd.Series([row.source_offset for row in rows]) for rows in (log.named_positions,)]
    offsets += [pd.Series([row.source_offset for row in log.host_references], dtype="int64")]
    offsets += [pd.Series([row.source_offset for row in log.fences], dtype="int64")]
    for column in offsets:
        assert column.between(0, size - 1).all()
    assert log.header_summary is None or 0 <= log.header_summary.source_offset < size


def test_every_byte_is_accounted_for(log: Log) -> None:
    check_coverage(log)


def check_coverage(log: Log) -> None:
    """Hold a log's coverage to lie end to end, and every gap to be told as an issue."""
    at = 0
    for span in log.coverage:
        assert span.offset == at, "coverage overlaps or leaves bytes out"
        assert span.size > 0
        assert span.kind in parsers.COVERAGE_KINDS
        at += span.size
    assert at == log.source.size
    told = np.zeros(log.source.size + 1, np.int32)
    for issue in log.issues:
        assert 0 <= issue.offset <= log.source.size
        assert 0 <= issue.size <= log.source.size - issue.offset
        assert issue.reason.strip()
        told[issue.offset] += 1
        told[issue.offset + issue.size] -= 1
    told = np.cumsum(told)
    for span in log.coverage:
        if span.kind == "gap":
            assert told[span.offset : span.offset + span.size].all(), f"{span} has no issue"


def test_every_record_name_gives_a_frame_of_its_records(log: Log) -> None:
    for name, count in log.record_counts.items():
        frame = log.records(name)
        assert count > 0
        assert "offset" in frame, name
        assert frame.offset.nunique() == count <= len(frame), name
        assert frame.offset.between(0, max(0, log.source.size - 1)).all(), name
        assert frame.offset.is_monotonic_increasing, name


def test_a_record_name_that_is_not_there_is_told_with_those_that_are(log: Log) -> None:
    with pytest.raises(KeyError, match="no Nonsense records"):
        log.records("Nonsense")


def test_reading_twice_tells_the_same(sample: Sample, log: Log) -> None:
    again = read(sample)
    for table in parsers.TABLES:
        pd.testing.assert_frame_equal(getattr(log, table), getattr(again, table))
    assert (log.issues, log.coverage, log.record_counts) == (
        again.issues,
        again.coverage,
        again.record_counts,
    )


# Damage


def read_bytes(sample: Sample, data: bytes) -> Log | None:
    """Read bytes under a sample's name; ``None``: they are refused as the whole of them."""
    content = Content(sample.path.name, data)
    try:
        return parsers.identify(content).read(content, sample.keys)
    except LogError:
        return None


def check_damaged(sample: Sample, data: bytes, whole: Log, more: int = 0) -> None:
    """Hold a damaged log to tell no more rows than the whole one, and some that are allowed.

    Where damage takes the better positions, those of a receiver stand in, which may be
    more; they are as good as they were, so that they count by themselves.
    """
    log = read_bytes(sample, data)
    if log is None:
        return
    instead, before = standing_in(log), standing_in(whole)
    own, own_before = (len(one.track) - sum(some.values()) for one, some in
                       ((log, instead), (whole, before)))  # fmt: skip
    assert own <= own_before + more
    for name, rows in instead.items():
        assert name in log.track_record
        assert rows <= whole.record_counts.get(name, 0) + more
    if not own_before:
        assert len(log.track) <= len(whole.track) + more
    check_coverage(log)
    assert log.source.size == len(data)


def standing_in(log: Log) -> dict[str, int]:
    """Return how many rows of a track are of a record that stands in for a better one."""
    told = (STANDS_IN.match(issue.reason) for issue in log.issues)
    return {found[1]: int(found[2]) for found in told if found}


def bytes_of(sample: Sample) -> bytes:
    """Return the bytes of a sample, to be damaged."""
    data = sample.path.read_bytes()
    if not data:
        pytest.skip("the whole of this sample is its name: there is nothing to damage")
    return data


def rng(sample: Sample, what: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{sample.path.name} {what}".encode()))


def how_many(sample: Sample, few: int, many: int) -> int:
    return many if sample.family == "sample_logs" else few


def test_every_prefix_reads_or_is_refused_and_never_tells_more(sample: Sample, log: Log) -> None:
    data = bytes_of(sample)
    chosen = rng(sample, "cuts").integers(0, len(data), how_many(sample, 1, 10)).tolist()
    for cut in (*chosen, len(data) - 1):
        check_damaged(sample, data[:cut], log)


def flip_bits(data: bytearray, random: np.random.Generator) -> int:
    for at in random.integers(0, len(data), 8).tolist():
        data[at] ^= 1 << int(random.integers(0, 8))
    return 8


def zero_a_block(data: bytearray, random: np.random.Generator) -> int:
    at, size = int(random.integers(0, len(data))), int(random.integers(1, 6000))
    data[at : at + size] = bytes(len(data[at : at + size]))
    return 0


def delete_a_block(data: bytearray, random: np.random.Generator) -> int:
    at, size = int(random.integers(0, len(data))), int(random.integers(1, 6000))
    del data[at : at + size]
    return 0


def put_random_bytes(data: bytearray, random: np.random.Generator) -> int:
    """Change bytes near the start of the file, where lengths and offsets stand, and elsewhere."""
    places = [*random.integers(0, min(len(data), 200), 2), *random.integers(0, len(data), 6)]
    for at in map(int, places):
        data[at] = int(random.integers(0, 256))
    return 8


# Duplicated blocks are left out: a record that stands in a file twice is read twice, rightly.
@pytest.mark.parametrize("mutate", [flip_bits, zero_a_block, delete_a_block, put_random_bytes])
def test_a_mutation_reads_or_is_refused_and_never_tells_more(
    sample: Sample, log: Log, mutate: Callable[[bytearray, np.random.Generator], int]
) -> None:
    """A changed byte may make one record into another; where no check forbids it, one row more."""
    random = rng(sample, mutate.__name__)
    for _ in range(how_many(sample, int(random.integers(0, 2)), 5)):  # of real logs, every other
        data = bytearray(bytes_of(sample))
        made = mutate(data, random)
        check_damaged(sample, bytes(data), log, made)


def test_a_block_that_stands_twice_adds_no_more_than_its_own_rows(sample: Sample, log: Log) -> None:
    random, data = rng(sample, "twice"), bytes_of(sample)
    at, size = int(random.integers(0, len(data))), 4000
    offsets = log.track.source_offset
    inside = int(offsets.between(at - 500, at + size).sum())
    check_damaged(sample, data[: at + size] + data[at:], log, inside)


def small_logs() -> Iterator[tuple[str, bytes]]:
    """Yield DJI records as small as they come: some of each kind of record."""
    records = [
        (dji_bodies.OSD, bytes(55)),
        (dji_bodies.CUSTOM, dji_bodies.custom(True, 1, 1.0, 2.0, 1_747_213_318_242)),
        (dji_bodies.APP_WARN, dji_bodies.text("GEO: zone http://a.example.org/b")),
        (dji_bodies.VISION_GROUP, dji_bodies.avoid_status(0x40)),
        (dji_bodies.OSD, bytes(53)),
        (200, b"no such type"),
        (dji_bodies.FIRMWARE, dji_bodies.firmware([(1, 0, (1, 2, 3, 4))])),
    ]
    for version in (4, 11, 14):
        keys = [dji_txt.fake_keys(14, (1,))] if version == 14 else []
        yield f"version {version}", dji_txt.encode(version, records, keys=keys)


@pytest.mark.parametrize("small", [pytest.param(data, id=name) for name, data in small_logs()])
def test_a_small_log_cut_at_every_byte_reads_or_is_refused(small: bytes) -> None:
    sample = Sample("made", Path("DJIFlightRecord.txt"))
    whole = read_bytes(sample, small)
    assert whole is not None
    step = 1 if small[10] == 11 else 3
    for cut in range(0, len(small), step):
        check_damaged(sample, small[:cut], whole, max(0, 2 - len(whole.track)))


@pytest.mark.parametrize("known", parsers.formats(), ids=lambda known: str(known.name))
def test_the_first_bytes_of_a_log_cut_at_every_byte_read_or_are_refused(
    known: parsers.Format,
) -> None:
    mine = [one for one in ALL if known.name in claims(one) and one.path.stat().st_size]
    if not mine and known.name in CARRIED:
        # Captures hand such streams over: the damage of their samples is that of the stream.
        mine = [one for one in ALL if one.path.parent.name == "remote_id"]
    if not mine:
        required(f"a sample of {known.name}", present=False)
    smallest = min(mine, key=lambda one: (one.path.stat().st_size, str(one)))
    data = smallest.path.read_bytes()
    whole = read(smallest)
    for cut in range(min(300, len(data))):
        check_damaged(smallest, data[:cut], whole)


# The file stays as it is, and nothing leaves the machine

GUARDED = """
import importlib, mmap, os, socket, sys
import parsers

parsers.formats()
armed = True
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown",
           "os.utime", "os.link", "os.symlink", "os.system", "os.exec", "os.fork", "os.posix_spawn",
           "subprocess.Popen", "shutil.copyfile", "tempfile.mkstemp", "tempfile.mkdtemp"}

def veto(event, arguments):
    if not armed:
        return
    if event == "open" and arguments[0] != os.devnull:
        mode, flags = arguments[1] or "", arguments[2] or 0
        if set(mode) & set("wax+") or flags & WRITING:
            raise AssertionError(f"opened for writing: {arguments}")
    if event == "mmap.__new__" and arguments[0] >= 0 and arguments[2] != mmap.ACCESS_READ:
        raise AssertionError(f"mapped for writing: {arguments}")
    if event in CHANGES or event.startswith(("socket.", "urllib.", "http.", "ftplib.")):
        raise AssertionError(f"{event} {arguments}")

sys.addaudithook(veto)
for attempt in (lambda: open("written", "w"), lambda: socket.socket(), lambda: os.mkdir("made")):
    try:
        attempt()
    except AssertionError:
        continue
    sys.exit("the guard does not guard")
for line in sys.stdin.read().split("\\0"):
    path, _, keychains = line.partition("\\t")
    keys = [parsers.load_keychains(open(keychains, "rb").read())] if keychains else []
    for log in parsers.read_file(path, keys=keys).logs:
        for name in log.record_counts:
            log.records(name)
armed = False
print("read all")
"""


@pytest.mark.parametrize("family", [*FAMILIES, *MIXED])
def test_no_file_is_written_and_no_socket_opened(family: str, tmp_path: Path) -> None:
    chosen = found(family)
    if not chosen and family in MIXED:
        return  # nothing in it that a format claims, so far
    required(f"the folder of samples {family!r}", bool(chosen))
    before = {one.path: (one.path.stat().st_mtime_ns, one.path.stat().st_size) for one in chosen}
    lines = []
    for one in chosen:
        beside = one.path.with_name(one.path.name + ".keychains.json")
        lines.append(f"{one.path}\t{beside if beside.exists() else ''}")
    done = subprocess.run(
        [sys.executable, "-c", GUARDED],
        input="\0".join(lines),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(tmp_path)},
    )
    assert (done.stdout, done.returncode) == ("read all\n", 0), done.stderr
    after = {one.path: (one.path.stat().st_mtime_ns, one.path.stat().st_size) for one in chosen}
    assert before == after
    assert not list(tmp_path.iterdir())


def test_the_bytes_of_a_file_are_the_same_after_reading(sample: Sample, log: Log) -> None:
    for name in log.record_counts:
        log.records(name)
    assert parsers.open_content(sample.path).sha256 == log.source.sha256
