"""Keys are fetched knowingly, from a server that may be anything; the API key shows nowhere."""

import datetime as dt
import ipaddress
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner, Result

import parsers
from dji_audit.keys._server_connection import (
    MAX_ANSWER_BYTES,
    RetryableRequestError,
    ServerUrlError,
    parse_server_url,
    post_and_return_status_and_body,
)
from tests.dji_audit.keys.conftest import Keys
from tests.dji_audit.keys.key_server import (
    API_KEY,
    KeyServer,
    broken_off,
    drip,
    key_of,
    saying,
    sealed_log,
    serve,
    silence,
    without,
)


@pytest.fixture
def keys(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Return the command ``keys``, with an API key."""
    monkeypatch.setenv("DJI_API_KEY", API_KEY)
    return keys


@pytest.fixture
def server() -> Iterator[KeyServer]:
    """Return a server that gives every key it is asked for, until it is told otherwise."""
    told = KeyServer()
    running = serve(told)
    yield told
    told.over.set()
    running.shutdown()
    running.server_close()


@pytest.fixture
def three(tmp_path: Path, keys: Keys) -> Path:
    """Return a file of three requests, in order of their hashes."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for number, points in enumerate([(1, 7), (1, 6, 7), (1, 7, 10)]):
        (logs / f"Secret_{number}.txt").write_bytes(sealed_log(points))
    out = tmp_path / "request.json"
    assert keys("request", logs, "-o", out).exit_code == 0
    return out


@pytest.fixture
def one(tmp_path: Path, keys: Keys) -> Path:
    """Return a file of one request, for the keys 1 and 7."""
    (tmp_path / "Secret.txt").write_bytes(sealed_log())
    out = tmp_path / "request.json"
    assert keys("request", tmp_path / "Secret.txt", "-o", out).exit_code == 0
    return out


def fetch(keys: Keys, server: KeyServer, requests: Path, *more: object, **rest: Any) -> Result:
    out = requests.with_name("keychains.json")
    options = ("--endpoint", server.url, "--pause", "0.01", "--timeout", "0.4", *more)
    return keys("fetch", requests, "-o", out, *options, **rest)


def read(requests: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(requests.with_name("keychains.json").read_text())
    return found


def trail(requests: Path) -> list[dict[str, Any]]:
    path = requests.with_name("keychains.json.disclosed.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_fetched_keychains_are_imported_and_open_the_log(
    keys: Keys, server: KeyServer, one: Path, tmp_path: Path
) -> None:
    result = fetch(keys, server, one, "--yes")
    assert result.exit_code == 0, result.stderr
    imported = keys("import", tmp_path / "keychains.json")
    assert (imported.exit_code, imported.stderr[:24]) == (0, "1 keychains imported, 0 ")
    log = tmp_path / "Secret.txt"
    assert parsers.read(log).encrypted
    from dji_audit.cli._app import app

    shown = CliRunner().invoke(app, ["inspect", str(log)]).stdout
    assert "no part is unread for lack of a key; opened by the keychain" in shown


def test_the_trail_is_read_as_the_auditors_own_contacts(
    keys: Keys, server: KeyServer, one: Path
) -> None:
    assert fetch(keys, server, one, "--yes").exit_code == 0
    log = parsers.read(one.with_name("keychains.json.disclosed.jsonl"))
    (contact,) = log.contacts.to_dict("records")
    assert log.source.format == "key-disclosure"
    assert (contact["device"], contact["grade"]) == ("auditor", "reported")
    assert contact["address"] == "127.0.0.1"
    assert contact["bytes_up"] == trail(one)[0]["bytes"]


def test_host_bytes_and_items_are_shown_before_anything_is_sent(
    keys: Keys, server: KeyServer, three: Path
) -> None:
    result = fetch(keys, server, three)
    assert result.exit_code == 2
    assert server.seen == []
    assert "127.0.0.1" in result.stderr
    bodies = json.loads(three.read_text())["requests"].values()
    size = sum(len(json.dumps(body, separators=(",", ":"))) for body in bodies)
    assert f"{size:,} in their bodies" in result.stderr
    assert "8 RSA ciphertexts of keys; version 4 and department 3" in result.stderr
    assert "there is no terminal for the question" in result.stderr
    assert not three.with_name("keychains.json").exists()


@pytest.mark.parametrize(("said", "sent", "code"), [("y\n", 1, 0), ("n\n", 0, 2), ("\n", 0, 2)])
def test_on_a_terminal_it_asks_and_takes_a_hidden_key(
    keys: Keys,
    server: KeyServer,
    one: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    sent: int,
    code: int,
) -> None:
    monkeypatch.delenv("DJI_API_KEY")
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("dji_audit.cli.keys._fetch.sys", terminal)
    monkeypatch.setattr("dji_audit.cli.keys._fetch.getpass.getpass", lambda _: f"{API_KEY}\n")
    result = fetch(keys, server, one, input=said)
    assert (result.exit_code, len(server.seen)) == (code, sent)
    assert "Send this to 127.0.0.1?" in result.stderr
    assert API_KEY not in result.output


@pytest.mark.parametrize("given", ["", "two\nlines", "ключ", "x" * 600])
def test_without_a_usable_api_key_nothing_is_sent(
    keys: Keys, server: KeyServer, one: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("DJI_API_KEY", given)
    result = fetch(keys, server, one, "--yes")
    assert (result.exit_code, server.seen) == (2, [])
    assert "nothing was sent" in result.stderr
    assert not given or given not in result.output


def test_what_is_sent_is_the_documented_request_and_nothing_that_names_a_log(
    keys: Keys, server: KeyServer, three: Path
) -> None:
    assert fetch(keys, server, three, "--yes").exit_code == 0
    bodies = json.loads(three.read_text())["requests"]
    assert [json.loads(seen.body) for seen in server.seen] == [
        bodies[key] for key in sorted(bodies)
    ]
    for seen in server.seen:
        assert seen.body.startswith(
            b'{"version":4,"department":3,"keychainsArray":[[{"featurePoint"'
        )
        assert b" " not in seen.body
        told = {"Host", "Accept-Encoding", "Accept", "Content-Type", "Content-Length", "Api-Key"}
        assert set(seen.headers) == told
        assert seen.headers["Api-Key"] == API_KEY
        assert b"Secret" not in seen.body
        assert b"SERIAL" not in seen.body


def test_every_disclosure_is_written_down_with_time_host_bytes_and_result(
    keys: Keys, server: KeyServer, one: Path
) -> None:
    server.replies = [saying(500, {})]
    assert fetch(keys, server, one, "--yes").exit_code == 0
    lines = trail(one)
    assert [line["event"] for line in lines] == ["sending", "answer", "failed", "sending", "answer"]
    sending = lines[0]
    assert sending["to"] == server.url
    assert sending["bytes"] == len(server.seen[0].body)
    assert sending["disclosed"] == {
        "key_ciphertexts": 2, "version": 4, "department": 3, "api_key": True
    }  # fmt: skip
    assert sending["request"] in json.loads(one.read_text())["requests"]
    assert dt.datetime.fromisoformat(sending["time"]).tzinfo is not None
    assert [line.get("status") for line in lines] == [None, 500, None, None, 200]


def test_a_disclosure_is_on_record_before_it_is_made(
    keys: Keys, server: KeyServer, one: Path
) -> None:
    known: list[int] = []
    server.replies = [lambda handler, body: known.append(len(trail(one)))]
    fetch(keys, server, one, "--yes")
    assert known == [1]


def test_a_key_that_is_not_accepted_stops_at_once_and_is_not_tried_again(
    keys: Keys, server: KeyServer, three: Path
) -> None:
    server.replies = [saying(403, {"echo": API_KEY})]
    result = fetch(keys, server, three, "--yes")
    assert (result.exit_code, len(server.seen)) == (2, 1)
    assert "does not accept the API key (status 403)" in result.stderr
    reasons = list(read(three)["unanswered"].values())
    assert len(reasons) == 3
    assert sum("not requested" in reason for reason in reasons) == 2


@pytest.mark.parametrize("trouble", [saying(503, {}), silence, drip, broken_off])
def test_a_server_in_trouble_is_asked_again(
    keys: Keys, server: KeyServer, one: Path, trouble: Any
) -> None:
    server.replies = [trouble, trouble]
    result = fetch(keys, server, one, "--yes")
    assert (result.exit_code, len(server.seen)) == (0, 3), result.stderr
    assert read(one)["unanswered"] == {}


def test_a_server_that_drips_is_cut_off_in_time(server: KeyServer) -> None:
    """It would go on for more than three seconds, each byte well within the time-out."""
    server.replies = [drip]
    begun = time.monotonic()
    with pytest.raises(RetryableRequestError, match=r"no complete answer within 0\.3 s"):
        post_and_return_status_and_body(
            parse_server_url(server.url), b'{"keychainsArray": []}', API_KEY, 0.3
        )
    assert time.monotonic() - begun < 2


def test_a_server_that_never_answers_is_left_alone_after_three_requests(
    keys: Keys, server: KeyServer, tmp_path: Path
) -> None:
    logs = tmp_path / "many"
    logs.mkdir()
    for point in range(2, 7):
        (logs / f"{point}.txt").write_bytes(sealed_log((1, 7, point)))
    requests = tmp_path / "request.json"
    keys("request", logs, "-o", requests)
    server.replies = [saying(500, {})] * 40
    result = fetch(keys, server, requests, "--yes")
    assert (result.exit_code, len(server.seen)) == (2, 12)
    assert len(read(requests)["unanswered"]) == 5


def test_a_redirect_is_refused_and_not_followed(keys: Keys, server: KeyServer, three: Path) -> None:
    server.replies = [saying(302, {}, Location=server.url + "/elsewhere")]
    result = fetch(keys, server, three, "--yes")
    assert (result.exit_code, len(server.seen)) == (2, 1)
    assert "redirects (status 302); redirects are refused" in result.stderr
    assert "elsewhere" not in result.output


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"<html>canary-of-the-server</html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not in the documented form"),
        ({"data": "canary-of-the-server"}, "not in the documented form"),
        ({"data": [1]}, "not in the documented form"),
        ({"data": [[]]}, "none of the requested keys"),
        ({"result": {"code": 7, "msg": "canary-of-the-server"}}, "(code 7)"),
        ({"result": {"code": "canary-of-the-server"}}, "(unknown code)"),
    ],
)
def test_an_answer_that_is_none_leaves_its_request_unanswered_and_the_rest_goes_on(
    keys: Keys, server: KeyServer, three: Path, answer: object, says: str
) -> None:
    server.replies = [saying(200, answer)]
    result = fetch(keys, server, three, "--yes")
    assert (result.exit_code, len(server.seen)) == (4, 3)
    found = read(three)
    assert [says in reason for reason in found["unanswered"].values()] == [True]
    assert len(found["answers"]) == 2
    written = [path.read_text("utf-8", "replace") for path in three.parent.glob("*.json*")]
    assert "canary-of-the-server" not in "".join([result.output, *written])


def test_another_refusal_of_a_request_is_not_repeated(
    keys: Keys, server: KeyServer, one: Path
) -> None:
    server.replies = [saying(400, {})]
    result = fetch(keys, server, one, "--yes")
    assert (result.exit_code, len(server.seen)) == (4, 1)


def test_a_huge_answer_is_not_read_to_its_end(keys: Keys, server: KeyServer, three: Path) -> None:
    server.replies = [saying(200, b" " * (MAX_ANSWER_BYTES + 100_000))]
    result = fetch(keys, server, three, "--yes", "--timeout", "5")
    assert (result.exit_code, len(server.seen)) == (2, 1)
    assert "more than" in result.stderr


def test_a_partial_answer_is_kept_and_completed_later(
    keys: Keys, server: KeyServer, one: Path
) -> None:
    server.replies = [without(7)]
    result = fetch(keys, server, one, "--yes")
    assert result.exit_code == 4
    assert "answered in part: 1 keys are missing" in result.stderr
    (answer,) = read(one)["answers"].values()
    assert answer["missing"] == ["FR_Standardization_Feature_DJIFlyCustom_7 of group 0"]
    assert [entry["aesKey"] for entry in answer["data"][0]] == [key_of(1)]
    keys("import", one.with_name("keychains.json"))
    assert fetch(keys, server, one, "--yes").exit_code == 0
    (answer,) = read(one)["answers"].values()
    assert [entry["aesKey"] for entry in answer["data"][0]] == [key_of(1), key_of(7)]
    assert "1 keychains imported" in keys("import", one.with_name("keychains.json")).stderr


def test_what_is_answered_is_not_asked_again(keys: Keys, server: KeyServer, three: Path) -> None:
    server.replies = [saying(400, {})]
    assert fetch(keys, server, three, "--yes").exit_code == 4
    assert fetch(keys, server, three, "--yes").exit_code == 0
    assert len(server.seen) == 4
    again = fetch(keys, server, three, "--yes")
    assert (again.exit_code, len(server.seen)) == (0, 4)
    assert "nothing was sent" in again.stderr


def test_the_api_key_appears_in_no_output_and_no_file(
    keys: Keys, server: KeyServer, three: Path, tmp_path: Path
) -> None:
    echo = {"data": API_KEY, "result": {"code": API_KEY, "msg": API_KEY}, API_KEY: API_KEY}
    said = ""
    for reply in (saying(200, echo), saying(500, API_KEY.encode()), saying(403, echo)):
        server.replies = [reply]
        said += fetch(keys, server, three, "--yes").output
    said += keys("import", tmp_path / "keychains.json").output + keys("list").output
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"keychains.json", "keychains.json.disclosed.jsonl"} <= {path.name for path in files}
    assert API_KEY not in said
    assert [path for path in files if API_KEY.encode() in path.read_bytes()] == []
    assert all(key_of(1) not in text for text in (said,))


def test_an_error_that_nobody_foresaw_does_not_tell_the_api_key(
    keys: Keys, server: KeyServer, one: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("made for a test")

    monkeypatch.setattr("dji_audit.keys.request_keychains.parse_server_answer", fail)
    with pytest.raises(RuntimeError) as caught:
        fetch(keys, server, one, "--yes")
    assert API_KEY not in str(caught.getrepr(style="native"))


def test_keychains_are_readable_by_their_owner_only(
    keys: Keys, server: KeyServer, one: Path, tmp_path: Path
) -> None:
    fetch(keys, server, one, "--yes")
    keys("import", tmp_path / "keychains.json")
    kept = list((tmp_path / "data").rglob("*.json"))
    assert len(kept) == 1
    for path in (*kept, *tmp_path.glob("keychains.json*")):
        assert path.stat().st_mode & 0o777 == 0o600, path
    assert kept[0].parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "change",
    [
        lambda doc: doc.update(more="x"),
        lambda doc: next(iter(doc["requests"].values())).update(serial="S"),
        lambda doc: next(iter(doc["requests"].values())).update(version=5),
        lambda doc: next(iter(doc["requests"].values())).update(version="4"),
        lambda doc: next(iter(doc["requests"].values()))["keychainsArray"].append("x"),
        lambda doc: doc["requests"].update({"a" * 64: next(iter(doc["requests"].values()))}),
        lambda doc: doc.update(schema="other"),
    ],
)
def test_a_file_of_requests_with_anything_else_in_it_is_not_sent(
    keys: Keys, server: KeyServer, one: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    document = json.loads(one.read_text())
    change(document)
    one.write_text(json.dumps(document))
    result = fetch(keys, server, one, "--yes")
    assert (result.exit_code, server.seen) == (2, [])


def test_the_output_replaces_nothing_but_an_earlier_answer(
    keys: Keys, server: KeyServer, one: Path
) -> None:
    out = one.with_name("keychains.json")
    out.write_text("mine")
    assert fetch(keys, server, one, "--yes").exit_code == 2
    assert (out.read_text(), server.seen) == ("mine", [])
    assert keys("fetch", one, "-o", one, "--yes", "--endpoint", server.url).exit_code == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "http://localhost:1/x",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.2/",
        "ftp://127.0.0.1/",
        "https://user@example.org/",
        "https://example.org/?q=1",
        "https://example.org/ x",
        "https://[::1",
        "https://example.org:99999/",
        "file:///x",
        "x",
    ],
)
def test_plain_http_leads_to_this_computer_only(url: str) -> None:
    with pytest.raises(ServerUrlError):
        parse_server_url(url)


def test_urls_that_keys_may_be_asked_from_are_told_as_they_are() -> None:
    for url in ("http://[::1]:81/x", "http://127.0.0.1/", "https://example.org/a/b"):
        assert parse_server_url(url).url == url


def certificate(folder: Path) -> Path:
    """Return a certificate for 127.0.0.1 that only itself vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, *form)
    )
    return path


@pytest.mark.parametrize("vouched", [False, True])
def test_tls_is_verified(
    keys: Keys, one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vouched: bool
) -> None:
    told, pem = KeyServer(), certificate(tmp_path)
    running = serve(told, pem)
    if vouched:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    try:
        result = fetch(keys, told, one, "--yes", "--timeout", "5")
    finally:
        running.shutdown()
        running.server_close()
    if vouched:
        assert (result.exit_code, len(told.seen)) == (0, 1), result.stderr
    else:
        assert (result.exit_code, told.seen) == (2, [])
        assert "the certificate is not valid" in result.stderr


def test_a_port_where_nobody_listens_is_told(keys: Keys, one: Path) -> None:
    told = KeyServer()
    running = serve(told)
    running.server_close()
    result = fetch(keys, told, one, "--yes")
    assert result.exit_code == 4
    assert "connection refused" in result.stderr
    assert threading.active_count() < 50
