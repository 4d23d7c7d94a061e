"""The readers tell of the synthetic captures what is true of them."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from parsers import Log
from sample_logs import network_pcap
from sample_logs.story import tell

NAMES = (network_pcap.ROUTER_NAME, network_pcap.PHONE_NAME)
SIZE_LIMIT = 100_000


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def log(sample_logs: Path, name: str) -> Log:
    return parsers.read(sample_logs / "network" / name)


def test_the_committed_captures_are_what_their_writer_writes(
    sample_logs: Path, truths: dict[str, Any], tmp_path: Path
) -> None:
    told = network_pcap.write_network_captures(tmp_path, tell())
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (sample_logs / "network" / name).read_bytes()
        assert (sample_logs / "network" / name).stat().st_size < SIZE_LIMIT
        assert told[name] == truths[name]


def contacts(log: Log, resolver: str) -> list[dict[str, Any]]:
    """Return the rows in the form of the truth, without those of the resolver itself."""
    rows = log.contacts[log.contacts.address.ne(resolver).fillna(True)]
    return [
        {
            str(name): None if pd.isna(value) else value
            for name, value in row.items()
            if name not in ("evidence", "source_offset")
        }
        for row in rows.to_dict("records")
    ]


def test_contacts_are_exactly_those_of_the_story(
    log: Log, name: str, truths: dict[str, Any]
) -> None:
    told = truths[name]
    expected = [
        row | {"time": pd.Timestamp(row["time"]), "end": pd.Timestamp(row["end"])}
        for row in told["contacts"]
    ]
    assert contacts(log, told["resolver"]) == expected


def test_the_resolver_is_one_row_for_each_device(
    log: Log, name: str, truths: dict[str, Any]
) -> None:
    resolvers = log.contacts[log.contacts.address == truths[name]["resolver"]]
    devices = {row["device"] for row in truths[name]["contacts"]}
    assert sorted(resolvers.device) == sorted(devices)
    assert set(resolvers.protocol) == {"dns"}
    assert (resolvers.bytes_up > 0).all()


def test_what_could_be_seen_is_stated(log: Log, name: str, truths: dict[str, Any]) -> None:
    told, watch = truths[name], log.capture_window
    assert watch is not None
    assert (watch.start, watch.end) == (
        pd.Timestamp(told["clock"]["first_utc"]),
        pd.Timestamp(told["clock"]["last_utc"]),
    )
    assert watch.snap_length == told["snap_length"]
    assert watch.blind_spots == {"cut_short": told["cut_short"]}
    assert (watch.flow_count, watch.unnamed_flow_count) == (
        sum(row["protocol"] != "dns" for row in told["contacts"]),
        sum(row["host"] is None for row in told["contacts"]),
    )
    assert set(log.unrecorded_tables) == {"track", "events", "captures"}


def test_every_packet_is_a_record(log: Log, name: str, truths: dict[str, Any]) -> None:
    assert log.record_counts["packets"] == truths[name]["packets"]
    assert log.source.format_version == truths[name]["version"]
    assert {span.kind for span in log.coverage} == {"header", "records"}


def test_names_come_from_where_the_evidence_says(log: Log) -> None:
    evidence = dict(zip(log.contacts.host, log.contacts.evidence, strict=True))
    assert evidence["mydjiflight.dji.com"] == "tls.server_name"
    assert evidence["maps.googleapis.com"] == "quic.server_name"
    assert evidence["ditu.google.cn"] == "http.host"
    assert evidence["time.android.com"].startswith("dns.name at byte ")
    upload = log.contacts[log.contacts.host == "mydjiflight.dji.com"].iloc[0]
    shown = log.records("tls").set_index("offset").loc[upload.source_offset]
    assert shown.server_name == "mydjiflight.dji.com"


def test_mdns_is_a_record_and_no_contact(log: Log) -> None:
    assert "mdns" in set(log.records("dns").kind)
    assert not log.contacts.host.str.endswith(".local", na=False).any()
