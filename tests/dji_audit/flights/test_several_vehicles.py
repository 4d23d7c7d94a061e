"""The logs of several vehicles in one file are never one flight, however near they fly."""

from dataclasses import replace

import parsers
from dji_audit.flights import assemble_flights
from tests.dji_audit.conftest import MakeLog
from tests.dji_audit.flights.test_join import ids, path, serial, sha


def vehicle(log: parsers.Log, stream: str | None, file: int = 1) -> parsers.Log:
    name = "swarm.tlog" if stream is None else f"swarm.tlog#{stream}"
    source = replace(log.source, name=name, stream=stream, sha256=sha(file), file_sha256=sha(file))
    return replace(log, source=source)


def test_two_vehicles_of_one_file_on_one_track_are_two_flights(make_log: MakeLog) -> None:
    log = make_log(path(100), name="a", sha256=sha(1))
    assert ids(assemble_flights(vehicle(log, "1"), vehicle(log, "2"))) == [
        ["swarm.tlog#1"],
        ["swarm.tlog#2"],
    ]
    one, two = assemble_flights(vehicle(log, "1"), vehicle(log, "2"))
    assert one.id != two.id
    # In another file it may be the same aircraft, which another station heard.
    assert len(assemble_flights(vehicle(log, "1"), vehicle(log, "2", file=2))) == 1
    # Streams without the number of a system are parts of one recording.
    assert len(assemble_flights(vehicle(log, "contacts"), vehicle(log, "remote_id"))) == 1


def test_a_third_log_joins_one_of_them_and_does_not_bring_them_together(make_log: MakeLog) -> None:
    log = make_log(path(100), name="own.BIN", sha256=sha(3), aircraft=serial("A1"))
    flights = assemble_flights(log, vehicle(log, "1"), vehicle(log, "2"))
    assert len(flights) == 2
    for flight in flights:
        streams = [each.source.stream for each in flight.logs if each.source.stream]
        assert len(streams) <= 1
