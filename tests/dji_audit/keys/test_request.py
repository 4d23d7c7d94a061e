"""What would be asked is told exactly, is the same as others ask, and names no log."""

import base64
import json
import shutil
from pathlib import Path

from pydjirecord.djilog import DJILog

import parsers
from dji_audit.keys.broker_files import encode_key_request_as_json, parse_key_requests_by_hash
from sample_logs import dji_bodies
from sample_logs.dji_txt import encode
from tests.conftest import SAMPLES
from tests.dji_audit.keys.conftest import Keys
from tests.dji_audit.keys.key_server import KEYS, sealed_log


def encrypted_samples() -> list[Path]:
    """Return the real and rewritten records of version 13 and 14 that are here."""
    if not SAMPLES.is_dir():
        return []
    paths = [*SAMPLES.glob("dji_txt/*/*.txt"), *SAMPLES.glob("dji_txt_synth/*.txt")]
    return [path for path in sorted(paths) if path.read_bytes()[10:11] in (b"\x0d", b"\x0e")]


def test_requests_equal_those_of_another_reader_for_every_real_record(samples: Path) -> None:
    assert samples.is_dir()
    compared = 0
    for path in encrypted_samples():
        theirs = DJILog.from_bytes(path.read_bytes()).keychains_request().to_dict()
        request = parsers.read(path).key_request
        if request is None:
            assert theirs["keychainsArray"] == [[]]
            continue
        assert request.body() == theirs
        assert (
            encode_key_request_as_json(request)
            == json.dumps(theirs, separators=(",", ":")).encode()
        )
        compared += 1
    assert compared >= 7


def test_a_record_of_type_50_starts_the_next_group(tmp_path: Path) -> None:
    osd = (dji_bodies.CUSTOM, dji_bodies.custom(False, 0, 0, 0, 1_780_000_000_000))
    groups = [{1: KEYS[1]}, {7: KEYS[7], 1: KEYS[1]}]
    path = tmp_path / "two.txt"
    path.write_bytes(encode(14, [osd, (50, b"\0" * 4), osd], keys=groups, department=7))
    request = parsers.read(path).key_request
    assert request is not None
    assert [[number for number, _ in group] for group in request.groups] == [[1], [7, 1]]
    assert request.department == 7
    assert request.body() == DJILog.from_bytes(path.read_bytes()).keychains_request().to_dict()


def test_a_department_that_is_not_known_asks_as_dji_fly(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(encode(14, [], keys=[{1: KEYS[1]}], department=77))
    request = parsers.read(path).key_request
    assert request is not None
    assert request.department == 3
    assert request.body() == DJILog.from_bytes(path.read_bytes()).keychains_request().to_dict()


def test_an_older_record_has_nothing_to_ask(whole: Path) -> None:
    log = parsers.read(whole)
    assert (log.key_request, log.keychain_sha256) == (None, None)


def test_a_file_of_requests_holds_nothing_of_the_log_but_its_key_ciphertexts(
    keys: Keys, tmp_path: Path
) -> None:
    logs = tmp_path / "Secret folder"
    logs.mkdir()
    (logs / "Secret_name.txt").write_bytes(sealed_log())
    out = tmp_path / "request.json"
    result = keys("request", logs, "-o", out)
    assert result.exit_code == 0
    text = out.read_text()
    log = parsers.read(logs / "Secret_name.txt")
    assert log.aircraft.serial == "SERIAL0123456789"
    assert log.aircraft.name == "Secret name"
    for secret in ("Secret", "SERIAL", log.source.sha256, "1780000000", str(tmp_path)):
        assert secret not in text
    document = json.loads(text)
    assert set(document) == {"schema", "requests"}
    (body,) = document["requests"].values()
    assert set(body) == {"version", "department", "keychainsArray"}
    for group in body["keychainsArray"]:
        for entry in group:
            assert set(entry) == {"featurePoint", "aesCiphertext"}
            assert len(base64.b64decode(entry["aesCiphertext"])) == 256


def test_what_the_file_holds_is_told_and_how_many_logs_it_covers(
    keys: Keys, tmp_path: Path, whole: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    shutil.copyfile(whole, logs / "clear.txt")
    (logs / "a.txt").write_bytes(sealed_log())
    (logs / "b.txt").write_bytes(sealed_log(serial="ANOTHER"))
    (logs / "c.txt").write_bytes(sealed_log((1, 6, 7)))
    (logs / "notes.md").write_text("notes")
    out = tmp_path / "request.json"
    result = keys("request", logs, "-o", out)
    requests = parse_key_requests_by_hash(out.read_bytes())
    assert len(requests) == 2
    rows = [line.split(maxsplit=6) for line in result.stdout.splitlines()[1:3]]
    assert [row[0] for row in rows] == [digest[:12] for digest in sorted(requests)]
    sizes = {
        digest[:12]: len(encode_key_request_as_json(request))
        for digest, request in requests.items()
    }
    assert all(int(row[5]) == sizes[row[0]] for row in rows)
    assert sorted((row[1], row[2], row[4], row[6]) for row in rows) == [
        ("4", "3", "2", "a.txt, b.txt"),
        ("4", "3", "3", "c.txt"),
    ]
    assert "no\ntelemetry, no position, no time, no serial number" in result.stdout
    assert "2 requests for 3 encrypted logs; not requested: 0 whose keys" in result.stderr
    assert "1 that need none, 0 without ciphertexts; 1 files are not logs" in result.stderr


def test_the_same_logs_give_the_same_bytes_in_any_order(keys: Keys, tmp_path: Path) -> None:
    paths = []
    for number, points in enumerate([(1, 7), (1, 6, 7)]):
        paths.append(tmp_path / f"{number}.txt")
        paths[-1].write_bytes(sealed_log(points))
    for name, order in (("a.json", paths), ("b.json", paths[::-1])):
        assert keys("request", *order, "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_keys_that_are_here_are_not_asked_for_again_unless_that_is_wanted(
    keys: Keys, tmp_path: Path, sealed: Path
) -> None:
    beside = sealed.with_name(sealed.name + ".keychains.json")
    log = tmp_path / "logs" / "log.txt"
    log.parent.mkdir()
    shutil.copyfile(sealed, log)
    assert keys("request", log).exit_code == 0
    assert keys("import", beside, "--log", log).exit_code == 0
    result = keys("request", log, "-o", tmp_path / "none.json")
    assert result.exit_code == 3
    assert "0 requests for 0 encrypted logs; not requested: 1 whose keys are" in result.stderr
    assert not (tmp_path / "none.json").exists()
    assert keys("request", log, "--key-store", "none").exit_code == 0
    assert keys("request", log, "--all", "-o", tmp_path / "all.json").exit_code == 0
    assert len(parse_key_requests_by_hash((tmp_path / "all.json").read_bytes())) == 1


def test_nothing_is_written_into_the_evidence(keys: Keys, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "log.txt"
    log.parent.mkdir()
    log.write_bytes(sealed_log())
    before = log.read_bytes()
    assert keys("request", log.parent, "-o", log.parent / "request.json").exit_code == 2
    assert keys("request", log, "-o", log).exit_code == 2
    assert [path.name for path in log.parent.iterdir()] == ["log.txt"]
    assert log.read_bytes() == before


def test_a_log_without_ciphertexts_or_that_cannot_be_read_is_named(
    keys: Keys, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    whole = sealed_log()
    (logs / "good.txt").write_bytes(whole)
    (logs / "short.txt").write_bytes(whole[:50])
    # The KeyStorage records are 56; a lost type byte loses them.
    (logs / "without.txt").write_bytes(whole.replace(b"\x38\x06\x01", b"\x39\x06\x01"))
    result = keys("request", logs, "gone", "-o", tmp_path / "request.json")
    assert result.exit_code == 4
    assert "without  without.txt: encrypted, and holds no key ciphertext" in result.stderr
    assert "gone: no such file" in result.stderr
