"""Where a network log stops to count, coverage to suffice, and rows to be of one host."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import parsers
from dji_audit.compliance.network import ContactMatchSettings, FlightContacts
from dji_audit.compliance.network._classify_uploads import (
    CatalogueMatch,
    CatalogueMatcher,
    upload_class_of_each_contact,
)
from dji_audit.compliance.network._flight_contacts import (
    _contact_rows_in_window,
    _contacts_without_time,
    _shifted_contacts_in_and_before_window,
)
from dji_audit.compliance.network._flight_time_window import ContactTimeWindow
from dji_audit.compliance.network._host_contacts import (
    HostContacts,
    _ContactRowsByHost,
    _merge_catalogue_matches_of_contacts,
    contacts_by_host,
    is_local_address,
    utc_or_none,
)
from dji_audit.compliance.network._network_coverage import (
    NetworkLogCoverageOfTimeWindow,
    _is_log_outside_time_window,
    _longest_unrecorded_gap_text,
    _recorded_share_by_device_text,
    _recorded_share_text,
    _unread_record_counts_text,
    _watched_flight_share,
    _watched_share_of_window,
    _watched_times_of_each_interface,
    _why_log_not_counted,
    _why_network_coverage_insufficient,
    _why_no_network_log_counts_text,
    _why_nothing_was_recorded,
    contacts_from_devices_mask,
    coverage_of_window_by_one_network_log,
    network_coverage,
    split_declared_device_names,
)
from dji_audit.compliance.network._network_watched_times import (
    NOT_WATCHED,
    NetworkWatchedTimes,
    times_watched_by_all,
)
from dji_audit.endpoints import UPLOAD_CATEGORIES, shipped_catalogue
from dji_audit.flights import Flight
from tests.dji_audit.compliance.hand_made_values import watched

START = pd.Timestamp("2026-05-14T09:00:00Z")
SETTINGS = ContactMatchSettings()
NOTHING = "The absence of a contact proves nothing"


def after(seconds: float) -> pd.Timestamp:
    return START + pd.Timedelta(seconds=seconds)


def window(end: float = 1000.0, flight: tuple[float, float] = (100.0, 200.0)) -> ContactTimeWindow:
    """Return a window from 9:00 on, with a flight in it."""
    return ContactTimeWindow(
        start=START, end=after(end), flight_start=after(flight[0]), flight_end=after(flight[1])
    )


def recorded(
    start: float = 0.0, end: float = 1000.0, read: int = 100, unread: int = 0
) -> parsers.NetworkRecordingTimes:
    stretch = parsers.NetworkRecordingInterval(after(start), after(end), read, unread)
    return parsers.NetworkRecordingTimes((stretch,) if read + unread else (), 60.0, read, unread)


def capture(**more: Any) -> parsers.NetworkCaptureWindow:
    values: dict[str, Any] = {"flow_count": 9, "recorded": recorded()} | more
    return parsers.NetworkCaptureWindow(**({"start": START, "end": after(1000)} | values))


def covered(**more: Any) -> NetworkLogCoverageOfTimeWindow:
    values: dict[str, Any] = {
        "file": "a.pcap", "sha256": "ab", "format": "pcap", "start": START, "end": after(1000),
        "not_counted": "", "snap_length": None, "flow_count": 9, "unnamed_flow_count": 0,
        "watched": watched((0, 1000, 1.0)),
    } | more  # fmt: skip
    return NetworkLogCoverageOfTimeWindow(**values)


LOG = cast("parsers.Log", None)


# Whether a log counts


def test_a_device_may_be_declared_by_several_names() -> None:
    assert split_declared_device_names(" 192.0.2.20 , tablet.lan,,") == ("192.0.2.20", "tablet.lan")
    rows = pd.DataFrame({"device": ["tablet.lan", "192.0.2.20", "192.0.2.2", None]})
    assert contacts_from_devices_mask(rows, ["192.0.2.20,tablet.lan"]).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert contacts_from_devices_mask(rows, ["x", "192.0.2.2"]).tolist() == [
        False,
        False,
        True,
        False,
    ]


DEVICE = {"tablet.lan": recorded()}


@pytest.mark.parametrize(
    ("odd", "devices", "reason"),
    [
        ({}, (), ""),
        ({"start": None}, (), "it does not state its capture window"),
        ({"end": None}, (), "it does not state its capture window"),
        ({"flow_count": None}, (), "it does not hold all conversations"),
        ({"flow_count": 0}, (), ""),
        ({"recorded": None}, (), "it does not show when it was recording"),
        ({"excluded_traffic": "what is local"}, (), "it leaves out what is local"),
        ({"merge_signs": ("Two clocks.", "Three.")}, (),
         "it seems to be merged from several captures: two clocks"),
        ({"network_changes": ("It shows 2 networks one after another: no router is.",)}, (),
         "it shows 2 networks one after another: no router is; declare the devices with --device"),
        ({"network_changes": ("It shows 2 networks.",), "by_device": DEVICE}, ("tablet.lan",), ""),
        ({}, ("tablet.lan",), "it holds no contact of the declared devices"),
        ({"by_device": DEVICE}, ("192.0.2.20", "other,tablet.lan"), ""),
        ({"by_device": DEVICE}, ("192.0.2.20",), "it holds no contact of the declared devices"),
        ({"snap_length": 512}, (), ""),
        ({"snap_length": 511}, (), "it kept only 511 bytes of each packet, too few for names"),
    ],
)  # fmt: skip
def test_a_log_that_may_lack_contacts_does_not_count(
    odd: dict[str, Any], devices: Sequence[str], reason: str
) -> None:
    assert _why_log_not_counted(LOG, capture(**odd), devices) == reason


@pytest.mark.parametrize(
    ("start", "end", "is_outside"),
    [(-50, 0, False), (-50, -0.001, True), (1000, 2000, False), (1000.001, 2000, True),
     (5, 6, False)],
)  # fmt: skip
def test_a_log_is_of_another_time_if_it_touches_no_part_of_the_window(
    start: float, end: float, is_outside: bool
) -> None:
    assert _is_log_outside_time_window(after(start), after(end), window()) == is_outside
    assert not _is_log_outside_time_window(None, after(end), window())
    assert not _is_log_outside_time_window(after(start), None, window())
    assert not _is_log_outside_time_window(after(start), after(end), None)


@pytest.mark.parametrize(
    ("odd", "seen", "devices", "reason"),
    [
        ({}, watched((0, 9, 1.0)), {}, ""),
        ({"recorded": recorded(read=0, unread=1500), "unread": {"link type 105": 1500}},
         NOT_WATCHED, {}, "none of its 1,500 records was understood (link type 105 1,500)"),
        ({"recorded": recorded(read=1, unread=1500)}, watched((0, 9, 0.1)), {}, ""),
        ({}, NOT_WATCHED, {}, "it shows no record in this time"),
        ({"flow_count": 6, "blind_spots": {"doh": 1, "dot": 2, "doq": 3, "ech": 9}},
         watched((0, 9, 1.0)), {}, "it holds look-ups of names, and no other conversation"),
        ({"flow_count": 7, "blind_spots": {"doh": 1, "dot": 2, "doq": 3, "ech": 9}},
         watched((0, 9, 1.0)), {}, ""),
        ({"flow_count": None}, watched((0, 9, 1.0)), {}, ""),
        ({}, watched((0, 9, 1.0)), {"a": NOT_WATCHED, "b": NOT_WATCHED},
         "it shows no record of the declared devices in this time"),
        ({}, watched((0, 9, 1.0)), {"a": NOT_WATCHED, "b": watched((0, 1, 1.0))}, ""),
    ],
)  # fmt: skip
def test_a_log_that_spans_the_window_may_show_nothing_of_it(
    odd: dict[str, Any],
    seen: NetworkWatchedTimes,
    devices: Mapping[str, NetworkWatchedTimes],
    reason: str,
) -> None:
    assert _why_nothing_was_recorded(capture(**odd), seen, devices, window()) == reason
    assert _why_nothing_was_recorded(capture(**odd), seen, devices, None) == ""


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        (0, ""), (1, " (k0 1,000)"), (3, " (k0 1,000, k1 1,001, k2 1,002)"),
        (4, " (k0 1,000, k1 1,001, k2 1,002 and 1 more kind)"),
        (6, " (k0 1,000, k1 1,001, k2 1,002 and 3 more kinds)"),
    ],
)  # fmt: skip
def test_three_kinds_of_what_was_not_understood_are_named(kinds: int, text: str) -> None:
    assert _unread_record_counts_text({f"k{n}": 1000 + n for n in range(kinds)}) == text


def test_interfaces_of_one_name_are_one_and_one_not_understood_does_not_count() -> None:
    by_interface = {
        "eth0": recorded(0, 10), "eth0 2": recorded(20, 30), "wlan0": recorded(0, 30, 50, 50),
        "usb0": recorded(0, 30, 0, 9),
    }  # fmt: skip
    found = list(_watched_times_of_each_interface(by_interface, window(), SETTINGS))
    assert [it.intervals.tolist() for it in found] == [[[0, 10], [20, 30]], [[0, 30]]]
    assert [it.shares.tolist() for it in found] == [[1.0, 1.0], [0.5]]


def test_a_log_states_its_times_on_the_clock_of_the_flight(make_log: Any) -> None:
    seen = capture(
        recorded=recorded(50, 150), by_device={"a": recorded(60, 90)},
        by_interface={"eth0": recorded(50, 100), "wlan0": recorded(80, 150)},
    )  # fmt: skip
    log = make_log(capture_window=seen, name="a.pcap")
    shifted = ContactMatchSettings(clock_offset_s=-60.0)
    found = coverage_of_window_by_one_network_log(log, window(), ("a,b", "c"), shifted)
    assert (found.start, found.end, found.not_counted) == (after(-60), after(940), "")
    assert found.recorded_s == 90.0
    assert found.watched.intervals.tolist() == [[20, 40]]
    assert found.watched_devices["a,b"].intervals.tolist() == [[0, 30]]
    assert not len(found.watched_devices["c"].shares)
    assert found.unseen_devices == ("c",)
    silent = coverage_of_window_by_one_network_log(make_log(), window(), (), SETTINGS)
    assert (silent.start, silent.not_counted) == (None, "it does not state its capture window")
    earlier = coverage_of_window_by_one_network_log(
        log, window(), (), ContactMatchSettings(clock_offset_s=-2000.0)
    )
    assert earlier.not_counted == "it was recorded at another time"


# Coverage


@pytest.mark.parametrize(
    ("rows", "flight", "share", "flight_share"),
    [
        ([(0, 1000, 1.0)], (100, 200), 1.0, 1.0), ([(0, 150, 1.0)], (100, 200), 0.15, 0.5),
        ([(0, 150, 0.5), (150, 1000, 1.0)], (100, 200), 0.925, 0.75),
        ([(200, 300, 1.0)], (100, 200), 0.1, 0.0), ([], (100, 200), 0.0, 0.0),
        ([(150, 160, 1.0), (170, 180, 0.5)], (100, 200), 0.015, 0.15),
        # Of a flight of an instant, whether that was watched, and how well.
        ([(0, 100, 0.5)], (100, 100), 0.05, 0.5), ([(100, 110, 1.0)], (100, 100), 0.01, 1.0),
        ([(0, 100, 0.5), (100, 200, 1.0)], (100, 100), 0.15, 1.0),
        ([(0, 99, 1.0), (101, 200, 1.0)], (100, 100), 0.198, 0.0),
    ],
)  # fmt: skip
def test_a_share_is_of_the_window_and_of_the_flight(
    rows: list[tuple[float, float, float]],
    flight: tuple[float, float],
    share: float,
    flight_share: float,
) -> None:
    seen = watched(*rows)
    assert _watched_share_of_window(seen, window(flight=flight)) == pytest.approx(share)
    assert _watched_flight_share(seen, window(flight=flight)) == pytest.approx(flight_share)


def test_the_share_of_an_instant_is_the_best_of_it() -> None:
    instant = window(0.0, (0.0, 0.0))
    assert _watched_share_of_window(watched((0, 0, 0.5), (0, 0, 0.25)), instant) == 0.5
    assert _watched_share_of_window(NOT_WATCHED, instant) == 0.0


@pytest.mark.parametrize(
    ("shares", "least", "logs", "reason"),
    [
        ((0.95, 0.95), 0.95, [{}], ""),
        ((0.949, 1.0), 0.95, [{}], f"{NOTHING} below 95 % coverage: T."),
        ((0.95, 0.949), 0.95, [{}],
         f"{NOTHING}: only 94.9 % of the flight itself was recorded; T."),
        ((0.0, 0.0), 0.0, [{}], f"{NOTHING}: T."),
        ((0.001, 0.0), 0.0, [{}], ""),
        ((1.0, 1.0), 0.95, [{"blind_spots": {"vpn": 2, "doh": 5}}, {"blind_spots": {"tunnel": 1}}],
         f"{NOTHING}: 3 conversations went through a tunnel or proxy."),
        ((1.0, 1.0), 0.95, [{"blind_spots": {"vpn": 2}, "not_counted": "why"}], ""),
        ((1.0, 1.0), 0.95, [{"blind_spots": {"doh": 2}}], ""),
    ],
)  # fmt: skip
def test_the_absence_of_a_contact_is_conclusive_from_a_share_on(
    shares: tuple[float, float], least: float, logs: list[dict[str, Any]], reason: str
) -> None:
    settings = ContactMatchSettings(min_coverage=least)
    found = [covered(**it) for it in logs]
    assert _why_network_coverage_insufficient(shares, found, settings, "T") == reason
    nothing = _why_network_coverage_insufficient(shares, (), settings, "T")
    assert nothing.startswith("No network log covers this flight")


@pytest.mark.parametrize(
    ("gaps", "text"),
    [
        ([], ""), ([(0, 60)], "; nothing for 1 min from 2026-05-14 09:00 UTC on"),
        ([(0, 3599)], "; nothing for 60 min from 2026-05-14 09:00 UTC on"),
        ([(0, 3600)], "; nothing for 1.0 h from 2026-05-14 09:00 UTC on"),
        ([(0, 60), (120, 5520), (6000, 6060)], "; nothing for 1.5 h from 2026-05-14 09:02 UTC on"),
    ],
)  # fmt: skip
def test_the_longest_gap_is_stated(gaps: list[tuple[float, float]], text: str) -> None:
    assert _longest_unrecorded_gap_text([(after(start), after(end)) for start, end in gaps]) == text


def test_where_no_log_counts_the_first_of_that_time_says_why() -> None:
    other = covered(not_counted="it was recorded at another time")
    doubtful = [covered(file=name, not_counted=f"why {name}") for name in "bc"]
    assert _why_no_network_log_counts_text([other, *doubtful]) == "; b does not count: why b"
    assert _why_no_network_log_counts_text([*doubtful, covered()]) == ""
    assert _why_no_network_log_counts_text([other]) == _why_no_network_log_counts_text([]) == ""


def test_coverage_in_words() -> None:
    def text(
        *logs: NetworkLogCoverageOfTimeWindow,
        share: float = 0.5,
        offset_s: float = 0.0,
        **devices: float,
    ) -> str:
        return _recorded_share_text(
            window(), share=share, by_device=devices, logs=logs,
            settings=ContactMatchSettings(clock_offset_s=offset_s),
        )  # fmt: skip

    span = "of the window (2026-05-14 09:00 to 2026-05-14 09:16 UTC) was recorded, by"
    anyone = "for all devices; none is declared"
    assert text(covered()) == f"50 % {span} 1 of 1 network log; {anyone}"
    assert text(covered(), covered(not_counted="why")) == (
        f"50 % {span} 1 of 2 network logs; {anyone}"
    )
    assert text() == f"50 % {span} 0 of 0 network logs; {anyone}"
    assert text(covered(), offset_s=1.5).endswith("; clocks shifted by +1.5 s")
    blind = covered(unread={"b": 2, "a": 1}, blind_spots={"vpn": 1000, "doh": 1})
    assert text(blind, blind, covered(unread={"x": 9}, not_counted="why")).endswith(
        "; 6 of their records were not understood (a 2, b 4); blind spots: doh 2, vpn 2,000"
    )
    assert _recorded_share_by_device_text({"a": 0.5}) == "for device a"
    assert _recorded_share_by_device_text({"a": 0.5, "b": 1.0}) == (
        "for all 2 devices at once (a 50 %, b 100 %)"
    )


def test_of_several_devices_only_the_time_counts_in_which_all_were_watched() -> None:
    one = covered(watched_devices={"a": watched((0, 500, 1.0)), "b": NOT_WATCHED})
    two = covered(watched_devices={"a": NOT_WATCHED, "b": watched((400, 1000, 1.0))})
    lost = covered(watched_devices={"a": watched((0, 1000, 1.0)), "b": watched((0, 1000, 1.0))},
                   not_counted="why", blind_spots={"vpn": 1})  # fmt: skip
    found = network_coverage(window(), (one, two, lost), ("a", "b"), SETTINGS)
    assert found.share == pytest.approx(0.1)
    assert found.flight_share == 0.0
    assert found.by_device == {"a": pytest.approx(0.5), "b": pytest.approx(0.6)}
    assert found.intervals == ((after(400), after(500)),)
    assert found.gaps == ((START, after(400)), (after(500), after(1000)))
    assert found.logs_that_count_as_coverage == (one, two)
    assert found.blind_spots == {}
    assert found.insufficient_reason.endswith("; nothing for 8 min from 2026-05-14 09:08 UTC on.")
    alone = network_coverage(window(), (covered(), lost), (), SETTINGS)
    assert (alone.share, alone.flight_share, alone.insufficient_reason) == (1.0, 1.0, "")
    unknown = network_coverage(None, (one,), (), SETTINGS)
    assert unknown.insufficient_reason == "The time of the flight is not known."
    assert (unknown.share, unknown.flight_share, unknown.gaps) == (0.0, 0.0, ())
    nothing = network_coverage(None, (), (), SETTINGS)
    assert nothing.insufficient_reason.startswith("No network log covers")


def test_what_touches_was_watched_at_that_instant_and_each_stretch_counts_once() -> None:
    one = watched((0, 10, 0.5), (10, 30, 1.0), (40, 50, 0.25))
    other = watched((5, 10, 1.0), (12, 14, 0.75), (16, 18, 0.75), (50, 60, 1.0))
    for pair in ((one, other), (other, one)):
        found = times_watched_by_all(pair)
        rows = [
            (begin, end, share)
            for (begin, end), share in zip(found.intervals.tolist(), found.shares, strict=True)
        ]
        assert [it for it in rows if it[0] < it[1]] == [
            (5, 10, 0.5), (12, 14, 0.75), (16, 18, 0.75),
        ]  # fmt: skip
        assert (50.0, 50.0, 0.25) in rows


# Contacts in the window


def rows(*contacts: tuple[float | None, float | None]) -> pd.DataFrame:
    """Return contacts that begin and end at seconds after 9:00."""
    table = pd.DataFrame(contacts, columns=["time", "end"], dtype=np.float64)
    times = {name: START + pd.to_timedelta(table[name], unit="s") for name in ("time", "end")}
    return table.assign(**times, device="a", log=0, source_offset=range(len(table)))


@pytest.mark.parametrize(
    ("time", "end", "is_in"),
    [
        (0, None, True), (-0.001, None, False), (1000, None, True), (1000.001, None, False),
        (-50, 0, True), (-50, -0.001, False), (-50, 2000, True), (1000, 2000, True),
        (None, None, True),
    ],
)  # fmt: skip
def test_a_contact_that_touches_the_window_is_of_the_flight(
    time: float | None, end: float | None, is_in: bool
) -> None:
    table = rows((time, end))
    assert len(_contact_rows_in_window(table, window())) == is_in
    assert len(_contact_rows_in_window(table, None)) == 1


@pytest.mark.parametrize("offset_s", [0.0, 100.0, -100.0])
def test_a_look_up_of_the_hour_before_the_window_and_what_goes_on_are_kept(
    offset_s: float,
) -> None:
    table = rows(
        (-9000, -3600), (-8000, -3601), (-3600.001, None), (-3600, None), (500, None),
        (1000, None), (1000.001, None), (None, None),
    )  # fmt: skip
    shift = pd.Timedelta(seconds=offset_s)
    table = table.assign(time=table["time"] - shift, end=table["end"] - shift)
    settings = ContactMatchSettings(clock_offset_s=offset_s)
    found = _shifted_contacts_in_and_before_window(table, window(), settings, ())
    assert found["source_offset"].tolist() == [0, 3, 4, 5]
    assert found["time"].tolist()[1:] == [after(-3600), after(500), after(1000)]
    assert found["end"].iloc[0] == after(-3600)
    assert not len(_shifted_contacts_in_and_before_window(table, None, settings, ()))
    assert not len(_shifted_contacts_in_and_before_window(table, window(), settings, ("b",)))


@pytest.mark.parametrize(
    ("name", "own", "other"),
    [
        ("flight.ulg.uploaded", "x/flight.ulg", "flights.ulg"),
        ("a/flight.ulg.uploaded", "flight.ulg", "a.ulg"), ("flight.uploaded", "flight", "fligh"),
    ],
)  # fmt: skip
def test_the_mark_of_an_upload_concerns_the_log_that_it_lies_beside(
    make_log: Any, name: str, own: str, other: str
) -> None:
    marks: list[dict[str, Any]] = [
        {"time": None, "host": "a.example", "grade": "reported"},
        {"time": None, "host": "b.example", "grade": "commanded"},
        {"time": 5, "host": "c.example", "grade": "reported"},
    ]
    log = make_log(contacts=marks, name=name)
    mark = replace(log, source=replace(log.source, format="qgc-upload"))

    def hosts_for(*names: str, of: parsers.Log = mark, devices: Sequence[str] = ()) -> list[str]:
        flight = SimpleNamespace(
            logs=[SimpleNamespace(source=SimpleNamespace(name=each)) for each in names]
        )
        found = _contacts_without_time(of, cast("Flight", flight), devices)
        return list(found["host"])

    assert hosts_for(own) == hosts_for(other, own) == ["a.example", "b.example"]
    # What was set is known of every flight.
    assert hosts_for(other) == hosts_for() == ["b.example"]
    assert hosts_for(own, devices=("tablet",)) == ["a.example", "b.example"]
    # Another kind of log concerns every flight of its devices, and of what names none.
    assert hosts_for(other, of=log) == ["a.example", "b.example"]
    own_devices = zip(marks, ("phone", None, "tablet"), strict=True)
    named = make_log(contacts=[row | {"device": device} for row, device in own_devices])
    assert hosts_for(other, of=named, devices=("tablet",)) == ["b.example"]
    assert hosts_for(other, of=named, devices=("phone",)) == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("name", "default", "least"),
    [
        ("before_takeoff_s", 600.0, 0), ("after_landing_s", 86_400.0, 0), ("min_coverage", 0.95, 0),
        ("clock_offset_s", 0.0, -1e6), ("upload_bytes", 100_000, 1), ("low_confidence", False, 0),
    ],
)  # fmt: skip
def test_contacts_are_matched_by_these_settings_unless_a_policy_gives_others(
    name: str, default: float, least: float
) -> None:
    assert getattr(SETTINGS, name) == default
    if name != "low_confidence":
        assert getattr(ContactMatchSettings.model_validate({name: least}), name) == least
    if name not in ("low_confidence", "clock_offset_s"):
        with pytest.raises(ValidationError):
            ContactMatchSettings.model_validate({name: least - 1})
    if name == "min_coverage":
        assert ContactMatchSettings(min_coverage=1).min_coverage == 1
        with pytest.raises(ValidationError):
            ContactMatchSettings(min_coverage=1.001)


# Claims


UPLOAD = CatalogueMatch(
    (cast("Any", SimpleNamespace(category=min(UPLOAD_CATEGORIES), specificity="x")),)
)


def claim(
    match: CatalogueMatch = CatalogueMatch(),  # noqa: B008 - it is frozen
    *,
    own: bool = False,
    mark: bool = False,
    **row: Any,
) -> str:
    """Return the claim of one contact; the flight begins 100 s after 9:00."""
    values = {"time": after(500), "end": pd.NaT, "bytes_up": np.nan, "grade": "measured"} | row
    table = pd.DataFrame([values])
    for name in ("time", "end"):
        table[name] = pd.to_datetime(table[name], utc=True)
    (found,) = upload_class_of_each_contact(
        table, matches=[match], from_flight_log=np.array([own]), is_mark=np.array([mark]),
        window=window(), settings=SETTINGS,
    )  # fmt: skip
    return found


def test_a_path_that_takes_uploads_takes_one_of_a_byte() -> None:
    path = CatalogueMatch((), is_upload_path=True)
    assert [claim(path, bytes_up=it) for it in (np.nan, 1.0, 0.0)] == [
        "confirmed_upload", "confirmed_upload", "contact",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("time", "end", "is_upload"),
    [(100.0, None, False), (100.001, None, True), (50.0, 100.0, False), (50.0, 100.001, True),
     (None, None, False)],
)  # fmt: skip
def test_what_ended_as_the_flight_began_holds_no_record_of_it(
    time: float | None, end: float | None, is_upload: bool
) -> None:
    begin, last = (pd.NaT if it is None else after(it) for it in (time, end))
    # By bytes to a host that takes uploads, not by a path.
    found = claim(UPLOAD, own=True, bytes_up=100_000.0, time=begin, end=last)
    assert UPLOAD.may_accept_uploads
    assert found == ("probable_upload" if is_upload else "contact")


@pytest.mark.parametrize(
    ("grade", "has_time", "own", "mark", "expected"),
    [
        ("measured", True, False, False, "contact"), ("reported", True, False, False, "contact"),
        ("attempted", True, False, False, "attempted"),
        ("commanded", True, False, False, "indicator"),
        ("measured", False, False, False, "indicator"), ("measured", False, True, False, "contact"),
        ("attempted", False, False, False, "indicator"),
        ("attempted", False, True, False, "attempted"),
        ("reported", False, False, True, "confirmed_upload"),
        ("commanded", False, False, True, "indicator"),
    ],
)  # fmt: skip
def test_a_contact_is_known_by_its_grade_and_time(
    grade: str, has_time: bool, own: bool, mark: bool, expected: str
) -> None:
    time = after(500) if has_time else pd.NaT
    assert claim(own=own, mark=mark, grade=grade, time=time) == expected


def test_the_purpose_of_a_host_is_unknown_if_all_of_its_rows_are_unclear() -> None:
    def host(*categories: str, specificity: str = "x") -> CatalogueMatch:
        return CatalogueMatch(
            tuple(
                cast("Any", SimpleNamespace(category=it, specificity=specificity))
                for it in categories
            )
        )

    assert host("other").is_of_unknown_purpose
    assert host("other", "infrastructure").is_of_unknown_purpose
    assert not host("other", "firmware").is_of_unknown_purpose
    assert not host().is_of_unknown_purpose
    assert not host("other", specificity="generic").is_of_unknown_purpose
    assert host("vendor_apex", "firmware").categories == ("firmware",)
    assert host("vendor_apex").categories == ("vendor_apex",)


def test_a_matcher_tells_paths_of_one_host_apart() -> None:
    matcher = CatalogueMatcher(shipped_catalogue(), low_confidence=False)
    found = [matcher.match("mydjiflight.dji.com", it) for it in (None, "/flight/upload", "")]
    assert [it.is_upload_path for it in found] == [False, True, False]
    assert found[0] is found[2]
    assert matcher.match("", "/flight/upload") == matcher.match(None, None) == CatalogueMatch()


# Hosts


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("10.0.0.0", True), ("11.0.0.0", False), ("172.16.0.1", True), ("172.32.0.1", False),
        ("100.64.0.1", False), ("100.128.0.1", False), ("169.254.9.9", True), ("127.0.0.1", True),
        ("192.168.255.255", True), ("192.169.0.0", False), ("255.255.255.255", True),
        ("255.255.255.254", False), ("224.0.0.1", True), ("ff02::fb", True), ("::1", True),
        ("fe80::1", True), ("fd00::1", True), ("2001:db8::1", False), ("example.org", False),
        ("", False), ("172.31.255.255", True), ("192.168.1.1", True), ("169.255.1.1", False),
        ("10.0.0.1", True), ("224.0.0.251", True), ("fec0::1", False),
    ],
)  # fmt: skip
def test_an_address_is_local_by_its_block(host: str, is_local: bool) -> None:
    assert is_local_address(host) == is_local
    if is_local:
        assert ipaddress.ip_address(host).version in (4, 6)


def test_totals_are_of_each_host_and_of_the_log_with_most() -> None:
    group = _ContactRowsByHost(np.array([0, 1, 0, 2, 0]), 3)
    values = np.array([5.0, np.nan, 7.0, np.nan, 4.0])
    # Host 0: 5 and 4 in log 1, and 7 in log 0.
    found = group.max_sum_of_one_run_per_host(values, np.array([1, 0, 0, 1, 1]))
    assert found[0] == 9.0
    assert np.isnan(found[1:]).all()
    nothing = _ContactRowsByHost(np.empty(0, np.int64), 0)
    assert not len(nothing.max_sum_of_one_run_per_host(np.empty(0), np.empty(0, np.int64)))
    assert group.max_per_host(np.nan_to_num(values)).tolist() == [7.0, 0.0, 0.0]
    assert group.hosts_with_flagged_row_mask(np.array([0, 0, 1, 0, 0], bool)).tolist() == [
        True,
        False,
        False,
    ]
    times = np.array(["2026-05-14T09:00:03", "NaT", "2026-05-14T09:00:01", "2026-05-14T09:00:02",
                      "NaT"], "datetime64[ns]")  # fmt: skip
    first, last = group.earliest_time_per_host(times), group.latest_time_per_host(times)
    assert [utc_or_none(it) for it in first] == [after(1), None, after(2)]
    assert [utc_or_none(it) for it in last] == [after(3), None, after(2)]


def test_rows_of_several_paths_have_one_match_of_all() -> None:
    one, two = cast("Any", "row a"), cast("Any", "row b")
    plain, upload = CatalogueMatch((one,)), CatalogueMatch((two,), is_upload_path=True)
    assert _merge_catalogue_matches_of_contacts([plain, plain]) is plain
    found = _merge_catalogue_matches_of_contacts([plain, upload, plain])
    assert (found.rows, found.is_upload_path) == ((one, two), True)
    assert not _merge_catalogue_matches_of_contacts([plain, CatalogueMatch((two,))]).is_upload_path


@dataclass(frozen=True, eq=False)
class Collected:
    """What is collected of a flight, as far as hosts are made of it."""

    rows: pd.DataFrame
    catalogue_matches: tuple[CatalogueMatch, ...]
    makers: tuple[frozenset[str], ...]
    #: Logs that are not captures.
    logs: tuple[parsers.Log, ...] = (parsers.Log(parsers.Source("a", 1, "", "zeek-json")),) * 3
    attribution: None = None


def hosts(*contacts: Mapping[str, Any], allowed: Sequence[str] = ()) -> tuple[HostContacts, ...]:
    base: dict[str, Any] = {
        "time": START, "end": pd.NaT, "device": "tablet", "app": None, "host": None,
        "address": None, "port": 443, "protocol": "tls", "path": None, "evidence": None,
        "claim": "contact", "log": 0, "source_offset": 5, "name_log": -1, "name_offset": -1,
        "bytes_up": np.nan, "bytes_down": np.nan, "is_in_own_log": False,
    }  # fmt: skip
    labels = [it.get("host") or it.get("address") or "app" for it in contacts]
    table = pd.DataFrame([{**base, **it} for it in contacts]).assign(label=labels)
    table["end"] = pd.to_datetime(table["end"], utc=True)
    collected = Collected(table, (CatalogueMatch(),) * len(table), (frozenset[str](),) * len(table))
    return contacts_by_host(cast("FlightContacts", collected), allowed)


def test_a_host_has_its_strongest_claim_and_five_rows_of_evidence() -> None:
    given = [
        {"host": "a.example", "claim": "attempted" if n == 0 else "contact", "source_offset": n,
         "path": f"/{n}", "bytes_up": 100.0 * n, "log": n % 2, "time": after(n)}
        for n in range(7)
    ]  # fmt: skip
    given += [
        {"host": "a.example", "protocol": "dns", "bytes_up": 9e9, "time": after(9)},
        {"host": "a.example", "claim": "probable_upload", "end": after(99), "bytes_up": 1.0},
    ]
    (found,) = hosts(*given)
    assert (found.claim, found.is_contacted, found.has_name) == ("probable_upload", True, True)
    assert [it.offset for it in found.best_evidence] == [5, 1, 2, 3, 4]
    assert [it.value for it in found.best_evidence[:2]] == ["a.example", "a.example/1"]
    assert (found.row_count, found.log_count, found.conversation_count) == (9, 2, 8)
    # Look-ups are of the resolver; 200, 400 and 600 and one more byte are in one log.
    assert (found.bytes_up, found.bytes_down, found.max_bytes_up) == (1201, None, 600)
    assert (found.first, found.last) == (START, after(99))
    assert found.ports == frozenset({443})
    assert (found.is_local, found.is_external) == (False, True)


def test_what_has_no_time_is_counted_apart_and_gives_no_number_to_a_contact() -> None:
    setting = {"claim": "indicator", "time": pd.NaT, "log": 1, "bytes_up": 9e9, "app": "QGC",
               "path": "/upload", "source_offset": 7}  # fmt: skip
    (found,) = hosts(
        {"host": "a.example", "bytes_up": 3.0},
        {"host": "a.example", **setting},
        {"host": "a.example", **setting, "log": 2},
    )
    assert (found.claim, found.row_count, found.log_count) == ("contact", 1, 1)
    assert (found.indicator_row_count, found.indicator_log_count) == (2, 2)
    assert (found.bytes_up, found.apps, found.paths) == (3, frozenset(), frozenset())
    assert [it.offset for it in found.best_evidence] == [5]
    (alone,) = hosts({"host": "a.example", **setting})
    assert (alone.claim, alone.row_count, alone.indicator_row_count) == ("indicator", 1, 0)


@pytest.mark.parametrize(
    ("contacts", "is_only_looked_up"),
    [
        ([{"host": "a.example", "protocol": "dns"}], True),
        ([{"host": "a.example", "protocol": "dns"}, {"host": "a.example"}], False),
        # A log without a time is no connection within this time.
        (
            [
                {"host": "a.example", "protocol": "dns"},
                {"host": "a.example", "claim": "indicator", "time": pd.NaT},
            ],
            True,
        ),
        # The resolver itself was asked, and so contacted.
        ([{"address": "192.0.2.1", "protocol": "dns"}], False),
        ([{"host": "a.example", "protocol": "dns", "claim": "attempted"}], False),
    ],
)
def test_a_name_that_was_only_looked_up_is_told_from_a_connection(
    contacts: list[Mapping[str, Any]], is_only_looked_up: bool
) -> None:
    (found,) = hosts(*contacts)
    assert found.is_only_looked_up is is_only_looked_up


@pytest.mark.parametrize(
    ("contact", "is_local", "is_external", "has_name", "value"),
    [
        ({"host": "a.example", "address": "10.0.0.1"}, False, True, True, "a.example"),
        ({"address": "10.0.0.1"}, True, False, False, "10.0.0.1"),
        ({"address": "198.51.100.1"}, False, True, False, "198.51.100.1"),
        ({"app": "app"}, False, False, False, "app"),
        # A name that only one network knows says nothing of an operator; its address says where.
        ({"host": "server", "address": "198.51.100.1"}, False, True, False, "server"),
        ({"host": "nas.local", "address": "10.0.0.1"}, True, False, False, "nas.local"),
        ({"host": "server"}, False, True, False, "server"),
        # Carriers and overlay networks share 100.64.0.0/10.
        ({"address": "100.64.1.1"}, False, True, False, "100.64.1.1"),
        ({"address": "100.127.255.255"}, False, True, False, "100.127.255.255"),
    ],
)
def test_a_computer_outside_the_local_network_has_a_name_or_such_an_address(
    contact: dict[str, Any], is_local: bool, is_external: bool, has_name: bool, value: str
) -> None:
    (found,) = hosts(contact)
    assert (found.is_local, found.is_external, found.has_name) == (is_local, is_external, has_name)
    assert (found.best_evidence[0].value, found.best_evidence[0].evidence) == (value, "contact")


@pytest.mark.parametrize(
    ("claim", "is_contacted", "bytes_up"),
    [("indicator", False, 0), ("attempted", False, 0), ("contact", True, 7),
     ("confirmed_upload", True, 7)],
)  # fmt: skip
def test_what_an_attempt_sent_is_not_sent(claim: str, is_contacted: bool, bytes_up: int) -> None:
    (found,) = hosts({"host": "a.example", "claim": claim, "bytes_up": 7.0})
    assert (found.is_contacted, found.max_bytes_up) == (is_contacted, bytes_up)


def test_a_unit_accepts_a_host_and_what_lies_below_it() -> None:
    names = ("example.org", "a.example.org", "badexample.org", "org")
    given = [{"host": name} for name in names]
    found = hosts(*given, allowed=("Example.ORG", "", "other.example"))
    assert [it.is_allowed for it in found] == [True, True, False, False]
    assert [it.is_allowed for it in hosts(*given)] == [False] * 4
