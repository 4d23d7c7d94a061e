"""What a flight of a day is held to: dated cases over the packs that ship.

Each case is a flight of an aircraft on a day.  Where the law or a list changes, two cases stand on
either side of that day, so that a date that is off by one fails here.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pytest

from dji_audit.compliance.audit import apply_rule
from dji_audit.compliance.findings import Outcome, RuleResult
from dji_audit.compliance.policy import load_policy
from dji_audit.compliance.rules._shared._example import (
    Example,
    build_example,
    hover_track_at_heights,
)
from parsers import Aircraft

PASS, FAIL = Outcome.PASS, Outcome.FAIL
UNKNOWN, NONE = Outcome.NOT_ASSESSABLE, Outcome.NOT_APPLICABLE
Row = Mapping[str, object]


@dataclass(frozen=True)
class Flown:
    """A flight of a minute at noon, or at midnight, and what the unit supplies with it."""

    aircraft: Row = field(default_factory=lambda: MappingProxyType({"mass_g": 900.0}))
    highest_m: float = 50.0
    maker: str | None = None
    at_night: bool = False
    operation: Row | None = None
    photo: bool = False

    def result(self, pack: str, entry: str, day: str) -> RuleResult:
        clock = "00:30:00" if self.at_night else "12:00:00"
        operations: Sequence[Row] | None = None
        if self.operation is not None:
            operations = ({"operation": "OP-1", "start": -60, "end": 600, **self.operation},)
        heights = (0.0, self.highest_m, 0.0)
        more: dict[str, Any] = {}
        if self.photo:
            more["captures"] = ({"kind": "photo", "start": 1, "end": 1},)
        flight, context = build_example(
            Example(
                PASS,
                "a flight",
                hover_track_at_heights(*heights),
                events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2}),
                log_fields={"aircraft": Aircraft(maker=self.maker, serial="S1")},
                inventory=({"serial": "S1", **self.aircraft},),
                operations=operations,
                start=f"{day}T{clock}Z",
                **more,
            )
        )
        return apply_rule(flight, load_policy(pack).rules[entry], context)


PILOT: Row = {"pilot": "PC 1", "flyer_id": "GBR-RP-1"}
NO_FLYER: Row = {"pilot": "PC 1"}
HEAVY = Flown({"mass_g": 900.0}, operation=PILOT)
LIGHT_CAMERA = Flown({"mass_g": 240.0, "camera": True}, operation=PILOT)
LIGHT_NO_FLYER = Flown({"mass_g": 240.0, "camera": False}, operation=NO_FLYER)
LIGHT_BARE = Flown({"mass_g": 240.0, "camera": False}, operation=PILOT)
UNLIT = Flown({"green_light": False}, at_night=True)


def of_class(mark: str, **row: object) -> Flown:
    return Flown({"class_mark": mark, "remote_id": False, **row})


def by(maker: str, **row: object) -> Flown:
    return Flown(row, maker=maker)


ABROAD: Row = {"country_of_production": "CN", "radio_authorised": dt.date(2026, 3, 1)}

#: Pack, entry, day, flight, outcome.
CASES: tuple[tuple[str, str, str, Flown, Outcome], ...] = (
    # Operator and flyer IDs: from 250 g since 31 December 2020; since 2026 a flyer ID from 100 g
    # and an operator ID from 100 g with a camera, from 250 g without one.
    ("uk-open", "operator_identity", "2020-12-30", HEAVY, NONE),
    ("uk-open", "operator_identity", "2020-12-31", HEAVY, FAIL),
    ("uk-open", "operator_identity", "2025-12-31", LIGHT_CAMERA, NONE),
    ("uk-open", "operator_identity", "2026-01-01", LIGHT_CAMERA, FAIL),
    ("uk-open", "operator_identity", "2025-12-31", LIGHT_NO_FLYER, NONE),
    ("uk-open", "operator_identity", "2026-01-01", LIGHT_NO_FLYER, FAIL),
    ("uk-open", "operator_identity", "2026-01-01", LIGHT_BARE, PASS),
    (
        "uk-open", "operator_identity", "2026-01-01",
        Flown({"mass_g": 99.0, "camera": True}, operation=NO_FLYER), NONE,
    ),
    (
        "uk-open", "operator_identity", "2026-01-01",
        Flown({"mass_g": 100.0, "camera": True}, operation=PILOT), FAIL,
    ),
    (
        "uk-open", "operator_identity", "2026-01-01",
        Flown({"mass_g": 250.0, "camera": False}, operation=PILOT), FAIL,
    ),
    (
        "uk-open", "operator_identity", "2026-01-01",
        Flown({"mass_g": 240.0}, operation=PILOT), UNKNOWN,
    ),
    (
        "uk-open", "operator_identity", "2026-05-13",
        Flown(
            {"mass_g": 900.0, "operator_id": "GBR-OP-1", "operator_id_until": dt.date(2026, 5, 13)},
            operation=PILOT,
        ), PASS,
    ),
    (
        "uk-open", "operator_identity", "2026-05-14",
        Flown(
            {"mass_g": 900.0, "operator_id": "GBR-OP-1", "operator_id_until": dt.date(2026, 5, 13)},
            operation=PILOT,
        ), FAIL,
    ),
    # Remote ID: classes 1, 2, 3, 5, 6 from 2026; the others from 100 g with a camera from 2028.
    ("uk-open", "remote_id", "2025-12-31", of_class("UK1"), NONE),
    ("uk-open", "remote_id", "2026-01-01", of_class("UK1"), FAIL),
    ("uk-open", "remote_id", "2025-12-31", of_class("C2"), NONE),
    ("uk-open", "remote_id", "2026-01-01", of_class("C2"), FAIL),
    ("uk-open", "remote_id", "2027-12-31", of_class("C2"), FAIL),
    ("uk-open", "remote_id", "2027-12-31", of_class("none", mass_g=249.0, camera=True), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=249.0, camera=True), FAIL),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=99.0, camera=True), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=249.0, camera=False), NONE),
    ("uk-open", "remote_id", "2027-12-31", of_class("UK4", mass_g=900.0, camera=True), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("UK4", mass_g=900.0, camera=True), FAIL),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=249.0), UNKNOWN),
    # Green light at night from 2026.
    ("uk-open", "night_flight", "2025-12-31", UNLIT, NONE),
    ("uk-open", "night_flight", "2026-01-01", UNLIT, FAIL),
    (
        "uk-open", "night_flight", "2026-01-01",
        Flown({"green_light": True}, at_night=True), PASS,
    ),
    # Height: the Open category since 31 December 2020.
    ("uk-open", "height_limit", "2020-12-30", Flown(highest_m=131.0), NONE),
    ("uk-open", "height_limit", "2020-12-31", Flown(highest_m=131.0), FAIL),
    ("uk-open", "height_limit", "2020-12-31", Flown(highest_m=119.0), PASS),
    ("police-ew", "height_limit", "2026-05-14", Flown(highest_m=131.0), FAIL),
    # The Surveillance Camera Code as amended since 12 January 2022; elsewhere the unit decides.
    (
        "police-ew", "recording_without_purpose", "2022-01-11",
        Flown(photo=True, operation={"purpose": "search"}), NONE,
    ),
    (
        "police-ew", "recording_without_purpose", "2022-01-12",
        Flown(photo=True, operation={"purpose": "search"}), FAIL,
    ),
    (
        "police-scotland", "recording_without_purpose", "2022-01-11",
        Flown(photo=True, operation={"purpose": "search"}), FAIL,
    ),
    (
        "police-ni", "recording_without_purpose", "2022-01-12",
        Flown(photo=True, operation={"purpose": "search", "incident_ref": "I-9"}), PASS,
    ),
    # State aircraft: the profile and its assurance count, at any height.
    (
        "uk-police-state-aircraft", "flight_profile", "2026-05-14",
        Flown(highest_m=400.0, operation={"profile": "state", "assurance_ref": "FA-1"}), PASS,
    ),
    (
        "uk-police-state-aircraft", "flight_profile", "2026-05-14",
        Flown(highest_m=400.0, operation={"profile": "state"}), FAIL,
    ),
    ("uk-police-state-aircraft", "flight_profile", "2026-05-14", Flown(), UNKNOWN),
    # Beyond visual line of sight: no distance is declared by default.
    ("uk-bvlos", "dock_distance", "2026-05-14", Flown(), NONE),
    # United States: lists of makers.
    ("us-federal", "maker_1260h", "2022-10-04", by("DJI"), PASS),
    ("us-federal", "maker_1260h", "2022-10-05", by("DJI"), FAIL),
    ("us-federal", "maker_1260h", "2025-01-06", by("Autel Robotics"), PASS),
    ("us-federal", "maker_1260h", "2025-01-07", by("Autel Robotics"), FAIL),
    ("us-federal", "maker_1260h", "2026-06-29", by("DJI"), FAIL),
    ("us-federal", "maker_1260h", "2026-06-30", by("DJI"), NONE),
    ("us-federal", "maker_1260h_contracts", "2026-06-29", by("DJI"), NONE),
    ("us-federal", "maker_1260h_contracts", "2026-06-30", by("DJI"), FAIL),
    ("us-federal", "maker_1260h_contracts", "2026-06-30", by("Parrot"), PASS),
    ("us-federal", "maker_ndaa_1709", "2025-12-21", by("DJI"), PASS),
    ("us-federal", "maker_ndaa_1709", "2025-12-22", by("DJI"), FAIL),
    ("us-federal", "maker_ndaa_1709", "2025-12-22", by("Autel"), FAIL),
    ("us-federal", "maker_asda", "2025-12-21", by("DJI"), NONE),
    ("us-federal", "maker_asda", "2025-12-22", by("DJI"), FAIL),
    ("us-federal", "maker_asda", "2028-12-22", by("DJI"), FAIL),
    ("us-federal", "maker_asda", "2028-12-23", by("DJI"), NONE),
    (
        "us-federal", "maker_asda", "2026-05-14",
        by("DJI", risk_acceptance="search and rescue, FAR 40.202"), PASS,
    ),
    (
        "us-federal", "maker_fcc_covered", "2025-12-21",
        by("DJI", radio_authorised=dt.date(2025, 12, 23)), NONE,
    ),
    (
        "us-federal", "maker_fcc_covered", "2025-12-23",
        by("DJI", radio_authorised=dt.date(2025, 12, 23)), FAIL,
    ),
    (
        "us-federal", "maker_fcc_covered", "2025-12-23",
        by("DJI", radio_authorised=dt.date(2025, 12, 22)), PASS,
    ),
    ("us-federal", "foreign_produced_fcc", "2025-12-21", Flown(ABROAD), NONE),
    ("us-federal", "foreign_produced_fcc", "2025-12-22", Flown(ABROAD), FAIL),
    (
        "us-federal", "foreign_produced_fcc", "2026-12-31",
        Flown({**ABROAD, "production_exemption": "Blue UAS"}), PASS,
    ),
    (
        "us-federal", "foreign_produced_fcc", "2027-01-01",
        Flown({**ABROAD, "production_exemption": "Blue UAS"}), FAIL,
    ),
    (
        "us-federal", "foreign_produced_fcc", "2027-01-01",
        Flown({"country_of_production": "US"}), PASS,
    ),
    # United States: Remote ID, enforced since 16 March 2024; the end of DJI's synchronisation.
    (
        "us-federal", "remote_id", "2024-03-15",
        Flown({"mass_g": 900.0, "remote_id": False}), NONE,
    ),
    (
        "us-federal", "remote_id", "2024-03-16",
        Flown({"mass_g": 900.0, "remote_id": False}), FAIL,
    ),
    (
        "us-federal", "remote_id", "2024-03-16",
        Flown({"mass_g": 249.0, "remote_id": False}), NONE,
    ),
    ("us-federal", "dji_sync_after_its_end", "2024-11-30", Flown(), NONE),
    ("us-federal", "dji_sync_after_its_end", "2024-12-01", Flown(), UNKNOWN),
    ("us-state", "maker_state_list", "2026-05-14", by("DJI"), NONE),
)  # fmt: skip


@pytest.mark.parametrize(("pack", "entry", "day", "flown", "outcome"), CASES)
def test_a_flight_is_held_to_the_law_of_its_day(
    pack: str, entry: str, day: str, flown: Flown, outcome: Outcome
) -> None:
    result = flown.result(pack, entry, day)
    assert result.outcome is outcome, result.reason
    assert result.citation == load_policy(pack).rules[entry].citation


def test_there_are_cases_on_both_sides_of_every_date_of_the_packs() -> None:
    """A date on which an entry begins or ends is tested on its own day and on the day beside it."""
    tested = {(entry, dt.date.fromisoformat(day)) for _, entry, day, _, _ in CASES}
    for pack, entry in {(pack, entry) for pack, entry, *_ in CASES}:
        policy = load_policy(pack).rules[entry]
        edges = [(policy.valid_from, -1), (policy.valid_to, 1)]
        for edge, beside in edges:
            if edge is None or (entry, edge) == ("remote_id", dt.date(2023, 9, 16)):
                # No aircraft had to broadcast for half a year after that rule began.
                continue
            assert (entry, edge) in tested or entry == "maker_fcc_covered", (entry, edge)
            assert (entry, edge + dt.timedelta(days=beside)) in tested, (entry, edge)


@pytest.mark.parametrize(
    ("pack", "entry", "edge", "before", "after"),
    [
        ("uk-open", "height_limit", "2026-01-01", "article 265A ff.", "SI 2025/1284"),
        ("uk-open", "occurrence", "2026-01-01", "article 265A ff.", "SI 2025/1284"),
        ("uk-open", "operator_identity", "2026-01-01", "article 265A ff.", "SI 2025/1284"),
        ("police-ew", "log_integrity", "2025-10-02", "version 1", "version 2"),
        ("police-ew", "data_sync_endpoint", "2026-02-05", "as it stood", "as changed by"),
    ],
)
def test_a_result_names_the_texts_in_force_on_its_day(
    pack: str, entry: str, edge: str, before: str, after: str
) -> None:
    last_day = (dt.date.fromisoformat(edge) - dt.timedelta(days=1)).isoformat()
    old = "; ".join(HEAVY.result(pack, entry, last_day).legal_basis)
    new = "; ".join(HEAVY.result(pack, entry, edge).legal_basis)
    assert before in old
    assert after not in old
    assert after in new
    assert before not in new


def test_no_code_of_forensic_science_is_named_before_there_was_one() -> None:
    first = "2023-10-02"
    assert not HEAVY.result("police-ew", "log_integrity", "2023-10-01").legal_basis
    assert "version 1" in HEAVY.result("police-ew", "log_integrity", first).legal_basis[0]


def test_a_state_aircraft_is_held_to_no_limit_for_others() -> None:
    entries = load_policy("uk-police-state-aircraft").rules
    limits = ("height_limit", "height_above_ground", "distance_limit", "remote_id", "night_flight")
    assert not entries.keys() & set(limits)
    assert "distance_limit" not in load_policy("uk-bvlos").rules
