"""Deliver, audit, look, acknowledge, hand over: by what a browser sends."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from dji_audit.compliance.acknowledgements import load_acknowledgements
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.serve.auditable_folders import AllowedEvidenceFolders
from tests.dji_audit.fleet.serve.asked_server import Answer, AskedServer, server_of

LOG = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
_LONG_S = 120.0


def post(server: AskedServer, path: str, order: object) -> Answer:
    return server.ask("POST", server.in_room(path), json.dumps(order).encode())


def shown(server: AskedServer) -> Any:
    return json.loads(server.ask("GET", server.in_room("work")).body)


@pytest.fixture(scope="module")
def audited(sample_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> AskedServer:
    """Return a server that audited one log of a folder and one that was delivered."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "cards" / "one").mkdir(parents=True)
    shutil.copy(sample_logs / LOG, folder / "cards" / "one")
    server = server_of(folder / "state", [folder / "cards"])
    server.enter()
    assert shown(server)["results"] is None
    server.ask("POST", server.in_room("deliveries"))
    server.ask("PUT", server.in_room("deliveries/0001?name=note.txt"), b"no log at all")
    assert post(server, "audit", {"folders": ["1/one"]}).status == 200
    server.work.wait_for_job(_LONG_S)
    return server


def test_the_run_says_how_it_ended_and_what_needs_a_look(audited: AskedServer) -> None:
    now = shown(audited)
    assert (now["job"]["kind"], now["job"]["state"]) == ("audit", "done")
    assert "1 of 1 flight needs a look" in now["job"]["message"]
    assert now["delivered"] == {"files": 1, "size": 13, "new": 0}
    results = now["results"]
    assert (results["flights"], results["verdicts"]) == (1, {"needs_look": 1})
    assert results["open_count"] == len(results["open"]) > 0
    weights = ["low medium high".index(it["severity"]) for it in results["open"]]
    assert weights == sorted(weights, reverse=True)


def test_pages_are_those_of_the_run_with_their_own_policy(audited: AskedServer) -> None:
    page = shown(audited)["results"]["open"][0]["page"]
    for name in ("index.html", "fleet.html", page):
        answer = audited.ask("GET", audited.in_room(f"results/{name}"))
        assert answer.status == 200
        assert answer.body == (audited.work.results / name).read_bytes()
        policy = answer.headers["content-security-policy"]
        assert "connect-src 'none'" in policy
        assert "'sha256-" in policy
    table = audited.ask("GET", audited.in_room("results/flights.csv"))
    assert table.headers["content-disposition"].startswith("attachment")


def test_a_link_and_a_page_without_a_policy_give_nothing_away(audited: AskedServer) -> None:
    results = audited.work.results
    (results / "link.html").symlink_to(audited.work.state / "acknowledged.csv")
    (results / "linked").symlink_to(audited.work.state)
    (results / "bare.html").write_text("<script>alert(1)</script>")
    (results / "secret.key").write_text("x")
    for name in ("link.html", "linked/dji-audit-state.json", "secret.key", "", "flights"):
        answer = audited.ask("GET", audited.in_room(f"results/{name}"))
        assert (answer.status, answer.body) == (404, b""), name
    bare = audited.ask("GET", audited.in_room("results/bare.html"))
    assert bare.headers["content-security-policy"].endswith("sandbox")
    for made in ("link.html", "linked", "bare.html", "secret.key"):
        (results / made).unlink()


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        ("audit", {"folders": ["2"]}, 409),
        ("audit", {"folders": ["../x"]}, 409),
        ("audit", {"folders": "1"}, 400),
        ("audit", {}, 400),
        ("audit", {"folders": [], "more": 1}, 400),
        ("acknowledge", {"fingerprints": [], "by": "A", "reason": "x"}, 409),
        ("acknowledge", {"fingerprints": ["000000000000"], "by": "A", "reason": "x"}, 409),
        ("acknowledge", {"fingerprints": ["x"] * 201, "by": "A", "reason": "x"}, 400),
        ("take-back", {"fingerprints": [], "by": "A", "reason": "x"}, 409),
        ("take-back", {"fingerprints": ["000000000000"], "by": "A", "reason": "x"}, 409),
        ("take-back", {"fingerprints": ["x"], "by": "A"}, 400),
        ("dossier", {"folders": [], "case": {"exhibit": "x" * 121}, "with_originals": False}, 409),
        ("dossier", {"folders": [], "case": {}, "with_originals": 1}, 400),
    ],
)
def test_an_order_that_cannot_be_done_begins_nothing(
    audited: AskedServer, path: str, order: object, status: int
) -> None:
    answer = post(audited, path, order)
    assert answer.status == status
    assert (answer.body == b"") == (status == 400)
    assert shown(audited)["job"]["state"] != "running"
    assert not audited.work.acknowledged.exists()
    too_long = audited.ask("POST", audited.in_room(path), b" " * (65 << 10))
    assert (too_long.status, too_long.body) == (413, b"")


def test_nothing_is_written_into_a_folder_of_this_computer(
    audited: AskedServer, sample_logs: Path
) -> None:
    cards = audited.work.state.parent / "cards"
    files = [it for it in cards.rglob("*") if it.is_file()]
    assert [it.name for it in files] == [LOG]
    digest = hashlib.sha256(files[0].read_bytes()).hexdigest()
    assert digest == hashlib.sha256((sample_logs / LOG).read_bytes()).hexdigest()


def test_the_next_start_of_the_server_knows_what_was_read(audited: AskedServer) -> None:
    again = server_of(audited.work.state, [audited.work.state.parent / "cards"])
    again.enter()
    assert shown(again)["results"] == shown(audited)["results"]
    assert shown(again)["delivered"]["new"] == 0
    last = json.loads((audited.work.state / "last-served-run.json").read_bytes())
    assert again.work.folders.folder_names_of_paths(last["folders"]) == ["1/one"]
    (audited.work.state / "last-served-run.json").write_text("damaged")
    assert shown(again)["delivered"]["new"] == 1
    (audited.work.state / "last-served-run.json").write_text(json.dumps(last))


# The last of those that share the server: from here on a finding is settled.
def test_an_acknowledged_finding_counts_no_longer_and_is_in_the_dossier(
    audited: AskedServer,
) -> None:
    before = shown(audited)["results"]
    chosen = before["open"][0]["fingerprint"]
    order = {"fingerprints": [chosen], "by": "Insp 12", "reason": "pilot briefed"}
    assert post(audited, "acknowledge", order).status == 200
    audited.work.wait_for_job(_LONG_S)
    now = shown(audited)
    assert (now["job"]["kind"], now["job"]["state"]) == ("judge", "done")
    assert now["results"]["open_count"] == before["open_count"] - 1
    assert [it["fingerprint"] for it in now["results"]["settled"]] == [chosen]
    assert "Insp 12" in now["results"]["settled"][0]["acknowledgement"]
    rows = load_acknowledgements(audited.work.acknowledged).table.rows
    assert [row.record.fingerprint for row in rows] == [chosen]
    assert post(audited, "acknowledge", order).status == 409

    back = {"fingerprints": [chosen], "by": "Sgt B", "reason": "not so"}
    assert post(audited, "take-back", back).status == 200
    audited.work.wait_for_job(_LONG_S)
    now = shown(audited)["results"]
    assert (now["open_count"], now["settled"]) == (before["open_count"], [])
    (again,) = [it for it in now["open"] if it["fingerprint"] == chosen]
    assert again["acknowledgement"].startswith("acknowledgement taken back by Sgt B on ")
    assert "acknowledged by Insp 12" in again["acknowledgement"]
    assert post(audited, "take-back", back).status == 409
    assert post(audited, "acknowledge", order).status == 200
    audited.work.wait_for_job(_LONG_S)
    assert [it["fingerprint"] for it in shown(audited)["results"]["settled"]] == [chosen]

    case = {"reference": "OP-7", "exhibit": "A1", "made_by": "Insp 12"}
    dossier = {"folders": ["1"], "case": case, "with_originals": False}
    assert post(audited, "dossier", dossier).status == 200
    audited.work.wait_for_job(_LONG_S)
    now = shown(audited)
    assert now["job"]["message"] == "dossier-0001.zip is made"
    made = now["dossiers"][0]
    archive = audited.ask("GET", audited.in_room(f"dossiers/{made['name']}"))
    assert archive.headers["content-type"] == "application/zip"
    assert hashlib.sha256(archive.body).hexdigest() == made["sha256"]
    assert b"OP-7" in archive.body
    assert b"acknowledged.csv" in archive.body
    refused = {"folders": ["1"], "case": {"exhibit": "none"}, "with_originals": False}
    assert post(audited, "dossier", refused).status == 200
    audited.work.wait_for_job(_LONG_S)
    job = shown(audited)["job"]
    assert (job["state"], job["message"]) == ("failed", "this exhibit cannot be kept")
    assert len(shown(audited)["dossiers"]) == 1


def test_one_thing_is_done_at_a_time_and_can_be_stopped(tmp_path: Path) -> None:
    server = server_of(tmp_path / "state")
    server.enter()
    assert post(server, "audit", {"folders": []}).status == 409
    server.work._begin_job("audit", lambda job: "x" if job.is_stopped.wait(_LONG_S) else "y")
    refused = post(server, "audit", {"folders": []})
    assert refused.status == 409
    server.ask("POST", server.in_room("deliveries"))
    server.ask("PUT", server.in_room("deliveries/0001?name=note.txt"), b"no log")
    refused = post(server, "audit", {"folders": []})
    assert "wait until" in json.loads(refused.body)["message"]
    assert server.ask("POST", server.in_room("stop")).status == 200
    server.work.stop_job_and_wait()
    assert shown(server)["job"]["message"] == "x"


def test_a_run_that_is_stopped_says_so_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "note.txt").write_text("no log")
    server = server_of(tmp_path / "state", [tmp_path / "cards"])
    server.enter()
    server.work._begin_job("audit", lambda job: _stopped_audit(server, job))
    server.work.wait_for_job(_LONG_S)
    assert shown(server)["job"]["message"] == "stopped; what was found out is kept"
    assert post(server, "audit", {"folders": ["1"]}).status == 200
    server.work.wait_for_job(_LONG_S)
    assert shown(server)["job"]["state"] == "done"


def _stopped_audit(server: AskedServer, job: Any) -> str:
    job.is_stopped.set()
    return server.work._audit_and_draw_dashboard(
        (server.work.folders.paths_of_folder_names(["1"]) or ()), job
    )


def test_only_folders_that_were_named_and_those_in_them_can_be_chosen(tmp_path: Path) -> None:
    for name in ("cards/one", "cards/two", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "cards" / "link").symlink_to(tmp_path / "elsewhere")
    folders = AllowedEvidenceFolders(tmp_path / "state", [tmp_path / "cards"])
    assert list(folders.display_texts_by_folder_name()) == ["1", "1/one", "1/two"]
    assert folders.paths_of_folder_names(["1", "1/two"]) == (tmp_path / "cards",)
    assert folders.paths_of_folder_names(["1/two"]) == (tmp_path / "cards" / "two",)
    for name in ("2", "1/link", "1/..", "../elsewhere", str(tmp_path / "elsewhere"), "1/one/.."):
        assert folders.paths_of_folder_names([name]) is None


def test_state_and_evidence_lie_apart(tmp_path: Path) -> None:
    (tmp_path / "state" / "served-results").mkdir(parents=True)
    for evidence in (tmp_path, tmp_path / "state" / "served-results", tmp_path / "missing"):
        with pytest.raises(OutputError):
            AllowedEvidenceFolders(tmp_path / "state", [evidence])
