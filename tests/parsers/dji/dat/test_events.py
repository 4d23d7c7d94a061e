"""What the aircraft says of boundaries, links and itself becomes events."""

import struct

import pytest

from parsers import Log
from parsers.dji.dat._classify_text_line import family_kind_and_severity_of_line
from sample_logs import dji_dat
from sample_logs.dji_dat import Record

from .made import RATE_HZ, START, flight, gps, line, osd, read, tick


def with_osd(**changed: int) -> Log:
    """Return a flight of ten seconds in which OSD says something from 4 s to 6 s."""
    records = [gps(30, START), gps(31, START.replace(second=1))]
    for tenth in range(100):
        said = changed if 40 <= tenth < 60 else {}
        records.append(osd(30 + tenth / 10, **{"state": 0x8002, **said}))
    return read(records)


def only(log: Log, kind: str) -> tuple[str, float]:
    """Return text and seconds of the one event of a kind."""
    (event,) = (row for _, row in log.events.iterrows() if row["kind"] == kind)
    return event["text"], (event["end"] - event["time"]).total_seconds()


@pytest.mark.parametrize(
    ("changed", "kind", "said"),
    [
        ({"state": 0x80008002}, "geofence.breach", "out of a distance or height limit"),
        ({"action": 20}, "geofence.action", "landing to leave an airport zone"),
        ({"action": 15}, "action", "controller signal lost, go home"),
        ({"refusal": 0x80 | 0x17}, "geofence.refused", "motors refused to start: in a no-fly zone"),
        ({"refusal": 0x80 | 0x2E}, "geofence.refused", "motors refused to start: outside the area"),
        ({"mode": 0x86}, "link.lost", "controller signal lost for 1.9 s"),
        ({"state": 0x18002}, "fault", "compass error"),
    ],
)
def test_what_osd_says_is_told_as_an_interval(
    changed: dict[str, int], kind: str, said: str
) -> None:
    text, seconds = only(with_osd(**changed), kind)
    assert text.startswith(said)
    assert seconds == pytest.approx(1.9, abs=0.01)


def test_a_flag_that_drops_for_a_moment_is_one_event() -> None:
    records = list(flight(10))
    for place, record in enumerate(records):
        if record.type == dji_dat.OSD:
            state = 0x80008002 if place % 7 else 0x8002
            records[place] = osd(record.tick / RATE_HZ, state=state)
    log = read(records)
    assert (log.events.kind == "geofence.breach").sum() == 1


def zone_records(kind: int, payload: bytes) -> list[Record]:
    dated = [gps(30 + n, START.replace(second=n)) for n in range(8)]
    told = [Record(kind, tick(32 + n), payload) for n in range(4)]
    quiet = [Record(kind, tick(36 + n), bytes(len(payload))) for n in range(2)]
    return [*dated, *told, *quiet]


@pytest.mark.parametrize(
    ("kind", "payload", "event", "said"),
    [
        (40, bytes([4, 0]) + bytes(82), "geofence.limit", "airport zone: inside the limit"),
        (40, bytes([0, 3]) + bytes(82), "geofence.action", "acts because of an airport zone: st"),
        (0x500A, bytes([1]) + bytes(66), "geofence.disable", "the limits at airports are switched"),
        (0x500A, bytes([0] * 7 + [1]) + bytes(59), "geofence.limit", "a zone limits the take-off"),
        (0x500B, dji_dat.zones(1, True, 80), "geofence.warning", "in a warning zone for 3.0 s"),
        (0x500B, dji_dat.zones(1, False, 0, [77]), "geofence.breach", "inside limited zone 77 for"),
    ],
)
def test_each_record_of_zones_is_told_as_an_interval(
    kind: int, payload: bytes, event: str, said: str
) -> None:
    text, seconds = only(read(zone_records(kind, payload)), event)
    assert text.startswith(said)
    assert seconds == pytest.approx(3.0, abs=0.01)


def test_zones_side_by_side_are_told_each() -> None:
    payload = dji_dat.zones(1, False, 0, [77, 78])
    texts = read(zone_records(0x500B, payload)).events.text
    assert texts.str.contains("zone 77").any()
    assert texts.str.contains("zone 78").any()


@pytest.mark.parametrize(
    ("state", "kind"),
    [(0x11, "limit.distance"), (0x21, "limit.height"), (0x801, "limit.config")],
)
def test_the_bits_of_home_are_told(state: int, kind: str) -> None:
    payload = dji_dat.home(50.6, -3.9, 400.0, state, 60, 0.0)
    assert only(read(zone_records(13, payload)), kind)[1] == pytest.approx(3.0, abs=0.01)


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("fly limit, eg airport", "geofence"),
        ("req airport limi", "geofence"),
        ("fly_limit_db sync/total", "geofence"),
        ("near horiz limit", "distance limit"),
        ("radius_limit 500", "distance limit"),
        ("height_limit 120", "height limit"),
        ("wl_get_license", "unlock"),
        ("dji unlimit sn", "unlock"),
        ("upgrade is ongoing", "firmware"),
        ("log upload begins", "sync"),
        ("[L-FMU/MOTOR]Start.", "motor start"),
        ("M. Stop", "motor stop"),
        ("[L-COMPASS][mag auto cali(0)] init|", None),
        ("limitless synchrony", None),
    ],
)
def test_a_line_is_of_its_family(text: str, family: str | None) -> None:
    found = family_kind_and_severity_of_line(text)
    assert (found[0] if found else None) == family


def test_lines_stay_as_they_are_and_those_of_no_family_are_counted() -> None:
    texts = ["in fly limit area <b>", "[L-X]hum", "[L-X]hum again", "Mc  ID  :ABC12345"]
    log = read([*flight(3), *(line(31 + n / 10, text) for n, text in enumerate(texts))])
    told = log.records("fly_log")
    assert told["text"].tolist() == texts
    assert told["family"].tolist()[0] == "geofence"
    assert told["family"].isna().tolist() == [False, True, True, True]
    assert log.events[log.events.kind == "geofence.warning"].text.tolist() == texts[:1]
    assert "3 lines of the aircraft's log" in "".join(log.events.text)
    assert log.aircraft.flight_controller_serial == "ABC12345"


def test_motors_are_told_by_words_only_where_no_osd_tells_them() -> None:
    dated = [gps(30 + n, START.replace(second=n)) for n in range(5)]
    words = [line(31, "[L-FMU/MOTOR]Start."), line(33, "[L-FMU/MOTOR] Stop.")]
    assert read([*dated, *words]).events.kind.isin(["arm", "disarm"]).sum() == 2
    events = read([*flight(5), *words]).events
    (stood,) = events[events.kind.isin(["arm", "disarm"])].itertuples()
    assert (stood.kind, stood.text) == ("disarm", "motors off when the log begins")


def test_a_host_in_a_line_is_a_mention_and_no_contact() -> None:
    log = read([*flight(1), line(30.5, "upload to https://logs.example.com/v1")])
    assert [one.host for one in log.host_references] == ["logs.example.com"]
    assert not len(log.contacts)


def test_without_osd_the_gps_is_the_track() -> None:
    log = read([one for one in flight(5) if one.type == 2096])
    assert len(log.track) == 25
    assert log.track["altitude_amsl_m"].eq(422.0).all()
    assert log.track["height_ato_m"].isna().all()


def test_a_position_that_is_none_is_missing_and_told() -> None:
    nowhere = struct.pack("<2d", 99.0, float("nan")) + bytes(34)
    log = read([osd(1), Record(12, tick(2), nowhere), Record(12, tick(3), bytes(50))])
    assert log.track["latitude_deg"].notna().tolist() == [True, False, False]
    reasons = [one.reason for one in log.issues]
    assert "1 OSD records hold a position that is not on Earth" in reasons


def test_the_charge_is_not_taken_from_a_byte_that_is_none() -> None:
    assert read(flight(1)).track["battery_pct"].isna().all()
