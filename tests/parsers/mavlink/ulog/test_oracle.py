"""Real ULogs field by field against pyulog; and what stays of them when they are damaged."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parsers import Content, Log, open_content
from parsers.mavlink.ulog import FORMAT

pyulog = pytest.importorskip("pyulog")

CLEAN = (
    "AscendEngineering+UpgradeEnergy/test.ulg",
    "Auterion+px4-ulog-rs/tests/fixtures/6ba1abc7-b433-4029-b8f5-3b2bb12d3b6c.ulg",
    "Auterion+px4-ulog-rs/tests/fixtures/esc_status_log.ulg",
    "Auterion+px4-ulog-rs/tests/fixtures/sample.ulg",
    "PX4+flight-review-rs/crates/converter/tests/fixtures/battery_brownout.ulg",
    "PX4+pyulog/test/sample_log_small.ulg",
    "PX4+pyulog/test/sample_logging_tagged_and_default_params.ulg",
    "PX4+pyulog/test/sample_px4_events.ulg",
    "roboto-ai+robologs-px4-actions/actions/px4_flight_review/test/input/test.ulg",
    "tonysamaritano+ulog-battery-est/data/15_26_6.ulog",
    "tonysamaritano+ulog-battery-est/data/21_27_56.ulog",
    "tonysamaritano+ulog-battery-est/data/45_percent_stopped_early.ulog",
    "tonysamaritano+ulog-battery-est/data/Full_batt_drain_60_percent_1.ulog",
)
PAGE = 4096
#: Records that are no topic.
OTHERS = {
    "DROPOUT",
    "FLAG_BITS",
    "FORMAT",
    "INFO",
    "INFO_MULTIPLE",
    "PARAMETER",
    "PARAMETER_DEFAULT",
    "SUBSCRIPTION",
    "SYNC",
    "TEXT",
    "UNKNOWN",
}


@pytest.fixture(scope="module", params=CLEAN, ids=lambda name: str(name).rsplit("/", 1)[-1])
def path(request: pytest.FixtureRequest, samples: Path) -> Path:
    found: Path = samples / "mavlink" / request.param
    return found


@pytest.fixture(scope="module")
def theirs(path: Path) -> Any:
    return pyulog.ULog(str(path))


@pytest.fixture(scope="module")
def log(path: Path) -> Log:
    return FORMAT.read(open_content(path), ())


def test_every_field_of_every_topic_is_what_pyulog_reads(log: Log, theirs: Any) -> None:
    compared = 0
    for data in theirs.data_list:
        frame = log.records(data.name)
        mine = frame[frame.multi_id == data.multi_id]
        for field, values in data.data.items():
            base = field.rpartition("[")[0]
            if field not in mine and mine[base].dtype == "str":
                # Text is one column here and a column for each character there.
                place = int(field.rpartition("[")[2][:-1])
                texts = [text.encode()[place : place + 1] for text in mine[base]]
                shown = [text[0] if text else 0 for text in texts]
                lengths = [len(text.encode()) for text in mine[base]]
                inside = np.array(lengths) > place
                np.testing.assert_array_equal(np.array(shown)[inside], values[inside])
            else:
                found = mine[field].to_numpy()
                # Truth values are bytes; one that is neither 0 nor 1 is given as it is.
                found = found.astype(np.int8) if values.dtype == np.int8 else found
                np.testing.assert_array_equal(found, values, field)
            compared += 1
    assert compared > 10


def test_no_topic_of_pyulog_is_missing_and_none_is_added(log: Log, theirs: Any) -> None:
    wanted = {data.name for data in theirs.data_list}
    assert set(_topics(log)) == wanted


def test_texts_are_what_pyulog_reads(log: Log, theirs: Any) -> None:
    wanted = [(each.timestamp, each.log_level - ord("0")) for each in theirs.logged_messages]
    tagged = [each for those in theirs.logged_messages_tagged.values() for each in those]
    if not wanted and not tagged:
        assert "TEXT" not in log.record_counts
        return
    frame = log.records("TEXT")
    plain = frame[frame.tag.isna()]
    assert list(zip(plain.timestamp, plain.level, strict=True)) == wanted
    assert len(frame) == len(wanted) + len(tagged)
    for mine, each in zip(plain.text, theirs.logged_messages, strict=True):
        assert mine in each.message or "\x1b" in each.message


def test_parameters_are_what_pyulog_reads(log: Log, theirs: Any) -> None:
    if not theirs.initial_parameters:
        return
    frame = log.records("PARAMETER")
    first = frame.drop_duplicates("key").set_index("key").value
    assert dict(first) == pytest.approx(theirs.initial_parameters, nan_ok=True)
    assert len(frame) == len(theirs.initial_parameters) + len(theirs.changed_parameters)


def test_information_is_what_pyulog_reads(log: Log, theirs: Any) -> None:
    frame = log.records("INFO")
    last = frame.drop_duplicates("key", keep="last").set_index("key").value
    # A key may hold spaces, of which pyulog takes the first word.
    last.index = [key.partition(" ")[0] for key in last.index]
    assert set(last.index) == set(theirs.msg_info_dict)
    for key, value in theirs.msg_info_dict.items():
        if isinstance(value, int | str):
            assert last[key] == value


def test_dropouts_are_what_pyulog_reads(log: Log, theirs: Any) -> None:
    wanted = [each.duration for each in theirs.dropouts]
    mine = list(log.records("DROPOUT").duration_ms) if wanted else []
    assert mine == wanted


def test_clean_logs_have_no_gap(log: Log) -> None:
    assert [span.kind for span in log.coverage] == ["header", "records"]
    assert not [issue for issue in log.issues if issue.size]


def test_the_events_say_what_pyulog_says(log: Log, theirs: Any) -> None:
    reader = pytest.importorskip("pyulog.px4_events").PX4Events()
    reader.set_default_json_definitions_cb(lambda _: None)
    said = [
        (text, time_us)
        for time_us, _, text in reader.get_logged_events(theirs)
        if text and "Unknown event" not in text
    ]
    mine = "\n".join(log.events.text)
    for text, _ in said:
        assert text in mine


@pytest.mark.parametrize("filling", ["zeros", "ones", "noise"])
def test_whatever_lies_outside_damaged_pages_is_kept(path: Path, log: Log, filling: str) -> None:
    """Damage as controllers write it: whole pages of something else."""
    random = np.random.default_rng(7)
    data = np.frombuffer(path.read_bytes(), np.uint8).copy()
    begin = int(min(log.records(name).offset.min() for name in _topics(log)))
    pages = np.arange(begin // PAGE + 1, len(data) // PAGE)
    # Without its subscription a record is only bytes; those are damaged elsewhere.
    named = log.records("SUBSCRIPTION")
    spared = np.concatenate([named.offset, named.offset + named.length]) // PAGE
    pages = np.setdiff1d(pages, spared)
    hurt = random.choice(pages, max(1, min(12, len(pages) // 4)), replace=False)
    for page in hurt.tolist():
        other = random.integers(0, 256, PAGE) if filling == "noise" else np.zeros(PAGE, np.int64)
        other = other + 0xFF if filling == "ones" else other
        data[page * PAGE : (page + 1) * PAGE] = other
    damaged = FORMAT.read(Content(path.name, data.tobytes()), ())
    for name in _topics(log):
        frame = log.records(name)
        ends = frame.offset + frame.length
        whole = np.ones(len(frame), bool)
        for page in hurt.tolist():
            whole &= ~((frame.offset < (page + 1) * PAGE) & (ends > page * PAGE)).to_numpy()
        left = set(damaged.records(name).offset) if name in damaged.record_counts else set()
        lost = set(frame.offset[whole]) - left
        assert not lost, f"{name}: {len(lost)} of {whole.sum()} records lost"


def _topics(log: Log) -> list[str]:
    return [name for name in log.record_counts if name not in OTHERS]
