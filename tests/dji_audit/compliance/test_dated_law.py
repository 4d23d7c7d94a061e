"""What a flight of a day is held to: dated cases over the packs that ship.

Each case is a flight of an aircraft on a day.  Where the law or a list changes, two cases stand on
either side of that day, so that a date that is off by one fails here.
"""

import datetime as dt
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import pytest

from dji_audit.common.supplied_tables import SuppliedRow, SuppliedTable
from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.authorisations_of_findings import Authorisation, Authorisations
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.makers_of_concern import MakerListing, all_shipped_maker_listings
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import PolicyEntry, load_policy, shipped_pack_names
from dji_audit.compliance.rules import maker_of_concern
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    build_example_flight_and_audit_context,
    hover_example_track_at_heights,
)
from dji_audit.flights import Flight
from parsers import Aircraft

PASS, FAIL = Outcome.PASS, Outcome.FAIL
UNKNOWN, NONE = Outcome.NOT_ASSESSABLE, Outcome.NOT_APPLICABLE
#: Not applicable on the day of the flight, and not applicable for want of a limit.
OUT_OF_FORCE = (NONE, "The rule is valid from")
IN_FORCE_WITHOUT_LIMIT = (NONE, "The policy declares no")
#: An outcome, perhaps with the beginning of its reason.
Expected = Outcome | tuple[Outcome, str]
Row = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Flown:
    """A flight of a minute at noon, or at midnight, and what the unit supplies with it."""

    aircraft: Row = field(default_factory=lambda: MappingProxyType({"mass_g": 900.0}))
    highest_m: float = 50.0
    maker: str | None = None
    at_night: bool = False
    operation: Row | None = None
    photo: bool = False

    def on(self, day: str) -> tuple[Flight, AuditContext]:
        """Return the flight on a day, and what the unit supplies."""
        clock = "00:30:00" if self.at_night else "12:00:00"
        operations: Sequence[Row] | None = None
        if self.operation is not None:
            operations = ({"operation": "OP-1", "start": -60, "end": 600, **self.operation},)
        heights = (0.0, self.highest_m, 0.0)
        more: dict[str, Any] = {}
        if self.photo:
            more["captures"] = ({"kind": "photo", "start": 1, "end": 1},)
        return build_example_flight_and_audit_context(
            ExampleFlight(
                PASS,
                "a flight",
                hover_example_track_at_heights(*heights),
                events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2}),
                log_fields={"aircraft": Aircraft(maker=self.maker, serial="S1")},
                inventory=({"serial": "S1", **self.aircraft},),
                operations=operations,
                start=f"{day}T{clock}Z",
                **more,
            )
        )

    def result(self, pack: str, entry: str, day: str) -> RuleResult:
        """Return what an entry of a pack says of the flight on a day."""
        flight, context = flight_on(self, day)
        return apply_policy_entry_to_flight(flight, policy_rules(pack)[entry], context)


@cache
def flight_on(flown: Flown, day: str) -> tuple[Flight, AuditContext]:
    return flown.on(day)


@cache
def policy_rules(pack: str) -> Mapping[str, PolicyEntry]:
    return load_policy(pack).rules


PILOT: Row = {"pilot": "PC 1", "flyer_id": "GBR-RP-1"}
NO_FLYER: Row = {"pilot": "PC 1"}
HEAVY = Flown({"mass_g": 900.0}, operation=PILOT)
LIGHT_CAMERA = Flown({"mass_g": 240.0, "camera": True}, operation=PILOT)
LIGHT_NO_FLYER = Flown({"mass_g": 240.0, "camera": False}, operation=NO_FLYER)
#: Registered, and flown by a pilot without a flyer ID.
LIGHT_REGISTERED = Flown(
    {"mass_g": 240.0, "camera": False, "operator_id": "GBR-OP-1"}, operation=NO_FLYER
)
HEAVY_NO_FLYER = Flown({"mass_g": 900.0, "operator_id": "GBR-OP-1"}, operation=NO_FLYER)
TINY_CAMERA = Flown({"mass_g": 99.0, "camera": True}, operation=NO_FLYER)
LIGHT_UNKNOWN = Flown({"mass_g": 240.0}, operation=PILOT)
LIGHT_BARE = Flown({"mass_g": 240.0, "camera": False}, operation=PILOT)
UNLIT = Flown({"green_light": False}, at_night=True)
LIT = Flown({"green_light": True}, at_night=True)


def of_class(mark: str, **row: object) -> Flown:
    return Flown({"class_mark": mark, "remote_id": False, **row})


def by(maker: str, **row: object) -> Flown:
    return Flown(row, maker=maker)


NO_REMOTE_ID = Flown({"mass_g": 900.0, "remote_id": False})
ABROAD: Row = {"country_of_production": "CN", "radio_authorised": dt.date(2026, 3, 1)}

#: Pack, entry, day, flight, outcome.
CASES: tuple[tuple[str, str, str, Flown, Expected], ...] = (
    # Operator and flyer IDs: from 250 g since 30 November 2019; since 31 December 2020 an operator
    # ID of any mass with a camera; since 2026 a flyer ID from 100 g and an operator ID from 100 g
    # with a camera, from 250 g without one (SI 2025/1106, reg. 22 and 26).
    ("uk-open", "operator_identity", "2019-11-29", HEAVY, NONE),
    ("uk-open", "operator_identity", "2019-11-30", HEAVY, FAIL),
    ("uk-open", "operator_identity", "2020-12-30", LIGHT_CAMERA, NONE),
    ("uk-open", "operator_identity", "2020-12-31", LIGHT_CAMERA, FAIL),
    ("uk-open", "operator_identity", "2020-12-30", HEAVY, FAIL),
    ("uk-open", "operator_identity", "2020-12-31", HEAVY, FAIL),
    ("uk-open", "operator_identity", "2020-12-31", LIGHT_BARE, NONE),
    ("uk-open", "operator_identity", "2021-06-01", LIGHT_CAMERA, FAIL),
    ("uk-open", "operator_identity", "2025-12-31", LIGHT_CAMERA, FAIL),
    ("uk-open", "operator_identity", "2026-01-01", LIGHT_CAMERA, FAIL),
    ("uk-open", "operator_identity", "2025-12-31", TINY_CAMERA, FAIL),
    ("uk-open", "operator_identity", "2026-01-01", TINY_CAMERA, NONE),
    ("uk-open", "operator_identity", "2025-12-31", LIGHT_UNKNOWN, UNKNOWN),
    ("uk-open", "operator_identity", "2025-12-31", LIGHT_NO_FLYER, NONE),
    ("uk-open", "operator_identity", "2026-01-01", LIGHT_NO_FLYER, FAIL),
    ("uk-open", "operator_identity", "2026-01-01", LIGHT_BARE, PASS),
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
    # In the Specific category the operator is registered whatever the mass (Article 14(5)(b)).
    ("uk-specific", "operator_identity", "2020-12-30", LIGHT_BARE, NONE),
    ("uk-specific", "operator_identity", "2020-12-31", LIGHT_BARE, FAIL),
    ("uk-specific", "operator_identity", "2025-12-31", LIGHT_REGISTERED, PASS),
    ("uk-specific", "operator_identity", "2026-01-01", LIGHT_REGISTERED, FAIL),
    ("uk-specific", "operator_identity", "2025-12-31", HEAVY_NO_FLYER, FAIL),
    ("uk-specific", "operator_identity", "2026-01-01", LIGHT_BARE, FAIL),
    ("uk-police-npcc", "operator_identity", "2020-12-30", HEAVY, NONE),
    ("uk-police-npcc", "operator_identity", "2020-12-31", HEAVY, FAIL),
    # Remote ID: classes 1, 2, 3, 5, 6 from 2026, EU classes as UK classes until 2027 (SI 2025/1106,
    # Article 20A); from 2028 (reg. 32) class 4, and others from 100 g with a camera or from 250 g.
    ("uk-open", "remote_id", "2025-12-31", of_class("UK1"), NONE),
    ("uk-open", "remote_id", "2026-01-01", of_class("UK1"), FAIL),
    ("uk-open", "remote_id", "2025-12-31", of_class("C2"), NONE),
    ("uk-open", "remote_id", "2026-01-01", of_class("C2"), FAIL),
    ("uk-open", "remote_id", "2027-12-31", of_class("C2"), FAIL),
    ("uk-open", "remote_id", "2028-01-01", of_class("C2", mass_g=150.0, camera=False), NONE),
    ("uk-open", "remote_id", "2027-12-31", of_class("C2", mass_g=150.0, camera=False), FAIL),
    ("uk-open", "remote_id", "2028-01-01", of_class("C2", mass_g=900.0), FAIL),
    ("uk-open", "remote_id", "2027-12-31", of_class("C0", mass_g=240.0, camera=True), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("C0", mass_g=240.0, camera=True), FAIL),
    ("uk-open", "remote_id", "2027-12-31", of_class("UK0", mass_g=240.0, camera=True), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("UK0", mass_g=240.0, camera=True), FAIL),
    ("uk-open", "remote_id", "2028-01-01", of_class("UK0", mass_g=240.0, camera=False), NONE),
    ("uk-open", "remote_id", "2027-12-31", of_class("none", mass_g=900.0, camera=False), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=900.0, camera=False), FAIL),
    ("uk-open", "remote_id", "2028-01-01", of_class("UK1"), FAIL),
    ("uk-specific", "remote_id", "2025-12-31", of_class("UK5"), NONE),
    ("uk-specific", "remote_id", "2026-01-01", of_class("UK5"), FAIL),
    ("uk-police-npcc", "remote_id", "2025-12-31", of_class("UK1"), NONE),
    ("uk-police-npcc", "remote_id", "2026-01-01", of_class("UK1"), FAIL),
    ("uk-open", "remote_id", "2027-12-31", of_class("none", mass_g=249.0, camera=True), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=249.0, camera=True), FAIL),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=99.0, camera=True), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=249.0, camera=False), NONE),
    ("uk-open", "remote_id", "2027-12-31", of_class("UK4"), NONE),
    ("uk-open", "remote_id", "2028-01-01", of_class("UK4"), FAIL),
    ("uk-open", "remote_id", "2028-01-01", of_class("none", mass_g=249.0), UNKNOWN),
    # Green light at night from 2026.
    ("uk-open", "night_flight", "2025-12-31", UNLIT, NONE),
    ("uk-open", "night_flight", "2026-01-01", UNLIT, FAIL),
    (
        "uk-open", "night_flight", "2026-01-01",
        Flown({"green_light": True}, at_night=True), PASS,
    ),
    ("uk-specific", "night_flight", "2025-12-31", UNLIT, NONE),
    ("uk-specific", "night_flight", "2026-01-01", UNLIT, FAIL),
    # Zones: flight restriction zones since 30 July 2018 (no zones are supplied here).
    ("uk-open", "zone_entry", "2018-07-29", Flown(), OUT_OF_FORCE),
    ("uk-open", "zone_entry", "2018-07-30", Flown(), UNKNOWN),
    ("uk-police-npcc", "zone_entry", "2018-07-29", Flown(), OUT_OF_FORCE),
    ("uk-police-npcc", "zone_entry", "2018-07-30", Flown(), UNKNOWN),
    # Height: 400 feet from 30 July 2018 (Air Navigation Order, article 94A); the Open category
    # since 31 December 2020.
    ("uk-open", "height_limit_until_2020", "2018-07-29", Flown(highest_m=131.0), NONE),
    ("uk-open", "height_limit_until_2020", "2018-07-30", Flown(highest_m=131.0), FAIL),
    ("uk-open", "height_limit_until_2020", "2019-03-12", Flown(highest_m=131.0), FAIL),
    ("uk-open", "height_limit_until_2020", "2019-03-13", Flown(highest_m=131.0), FAIL),
    ("uk-open", "height_limit_until_2020", "2019-03-13", Flown(highest_m=121.0), PASS),
    ("uk-open", "height_limit_until_2020", "2020-12-30", Flown(highest_m=131.0), FAIL),
    ("uk-open", "height_limit_until_2020", "2020-12-31", Flown(highest_m=131.0), NONE),
    ("uk-open", "height_above_ground", "2020-12-30", Flown(highest_m=131.0), NONE),
    ("uk-open", "height_above_ground", "2020-12-31", Flown(highest_m=131.0), UNKNOWN),
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
    ("police-ew", "audio_recorded", "2022-01-11", Flown(), NONE),
    ("police-ew", "audio_recorded", "2022-01-12", Flown(), PASS),
    ("police-ew", "firmware_approved", "2022-01-11", Flown(), NONE),
    ("police-ew", "firmware_approved", "2022-01-12", Flown(), UNKNOWN),
    ("police-ew", "retention_overdue", "2022-01-11", Flown(), NONE),
    ("police-ew", "retention_overdue", "2022-01-12", Flown(), UNKNOWN),
    ("police-ew", "responsibility", "2022-01-11", HEAVY, NONE),
    ("police-ew", "responsibility", "2022-01-12", HEAVY, FAIL),
    ("uk-police-npcc", "responsibility", "2022-01-11", HEAVY, NONE),
    ("uk-police-npcc", "responsibility", "2022-01-12", HEAVY, FAIL),
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
    ("uk-bvlos", "dock_distance", "2020-12-30", Flown(), OUT_OF_FORCE),
    ("uk-bvlos", "dock_distance", "2020-12-31", Flown(), IN_FORCE_WITHOUT_LIMIT),
    ("uk-bvlos", "operating_area", "2020-12-30", Flown(), NONE),
    ("uk-bvlos", "operating_area", "2020-12-31", Flown(), UNKNOWN),
    # United States: lists of makers.
    ("us-federal", "maker_1260h", "2022-10-04", by("DJI"), PASS),
    ("us-federal", "maker_1260h", "2022-10-05", by("DJI"), FAIL),
    ("us-federal", "maker_1260h", "2023-05-14", by("DJI"), FAIL),
    ("us-federal", "maker_1260h", "2025-01-06", by("Autel Robotics"), PASS),
    ("us-federal", "maker_1260h", "2025-01-07", by("Autel Robotics"), FAIL),
    ("us-federal", "maker_1260h", "2026-06-29", by("DJI"), FAIL),
    ("us-federal", "maker_1260h", "2026-06-30", by("DJI"), NONE),
    ("us-federal", "maker_1260h_contracts", "2026-06-29", by("DJI"), NONE),
    ("us-federal", "maker_1260h_contracts", "2026-06-30", by("DJI"), FAIL),
    ("us-federal", "maker_1260h_contracts", "2026-06-30", by("Parrot"), PASS),
    ("us-federal", "maker_1260h_goods", "2027-06-29", by("DJI"), NONE),
    ("us-federal", "maker_1260h_goods", "2027-06-30", by("DJI"), FAIL),
    ("us-federal", "maker_1260h", "2026-06-29", by("Autel Robotics"), FAIL),
    # Section 889 names makers of cameras and radios.
    ("us-federal", "maker_ndaa_889", "2019-08-12", by("Hikvision"), NONE),
    ("us-federal", "maker_ndaa_889", "2019-08-13", by("Hikvision"), FAIL),
    ("us-federal", "maker_ndaa_889", "2019-08-13", by("DJI"), PASS),
    ("us-federal", "maker_ndaa_889", "2019-08-13", by("Dahua"), FAIL),
    ("us-federal", "maker_ndaa_889", "2019-08-13", by("Huawei"), FAIL),
    ("us-federal", "maker_ndaa_889", "2019-08-13", by("Hytera"), FAIL),
    ("us-federal", "maker_ndaa_889", "2019-08-13", by("ZTE"), FAIL),
    ("us-federal", "maker_ndaa_1709", "2025-12-21", by("DJI"), PASS),
    ("us-federal", "maker_ndaa_1709", "2025-12-21", by("Autel"), PASS),
    ("us-federal", "maker_ndaa_1709", "2025-12-22", by("DJI"), FAIL),
    ("us-federal", "maker_ndaa_1709", "2025-12-22", by("Autel"), FAIL),
    ("us-federal", "maker_asda", "2025-12-21", by("DJI"), NONE),
    ("us-federal", "maker_asda", "2025-12-22", by("DJI"), FAIL),
    ("us-federal", "maker_asda", "2025-12-22", by("Autel"), FAIL),
    ("us-federal", "maker_asda", "2028-12-22", by("Autel"), FAIL),
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
    (
        "us-federal", "maker_fcc_covered", "2025-12-22",
        by("DJI", radio_authorised=dt.date(2025, 12, 23)), FAIL,
    ),
    (
        "us-federal", "maker_fcc_covered", "2025-12-22",
        by("Autel Robotics", radio_authorised=dt.date(2025, 12, 23)), FAIL,
    ),
    ("us-federal", "foreign_produced_fcc", "2025-12-21", Flown(ABROAD), NONE),
    (
        "us-federal", "foreign_produced_fcc", "2026-05-14",
        Flown({"country_of_production": "CN", "radio_authorised": dt.date(2025, 12, 22)}), PASS,
    ),
    (
        "us-federal", "foreign_produced_fcc", "2026-05-14",
        Flown({"country_of_production": "CN", "radio_authorised": dt.date(2025, 12, 23)}), FAIL,
    ),
    (
        "us-federal", "foreign_produced_fcc", "2026-01-06",
        Flown({**ABROAD, "production_exemption": "Blue UAS"}), FAIL,
    ),
    (
        "us-federal", "foreign_produced_fcc", "2026-01-07",
        Flown({**ABROAD, "production_exemption": "Blue UAS"}), PASS,
    ),
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
    ("us-federal", "remote_id", "2024-03-15", NO_REMOTE_ID, NONE),
    ("us-federal", "remote_id", "2024-03-16", NO_REMOTE_ID, FAIL),
    (
        "us-federal", "remote_id", "2024-03-16",
        Flown({"mass_g": 249.0, "remote_id": False}), NONE,
    ),
    # United States: no flight at night until 20 April 2021, with a light since.
    ("us-federal", "night_flight_until_2021", "2021-04-20", LIT, FAIL),
    ("us-federal", "night_flight_until_2021", "2021-04-20", Flown(), NONE),
    ("us-federal", "night_flight_until_2021", "2021-04-21", LIT, NONE),
    ("us-federal", "night_flight", "2021-04-20", UNLIT, NONE),
    ("us-federal", "night_flight", "2021-04-21", UNLIT, FAIL),
    ("us-federal", "night_flight", "2021-04-21", LIT, PASS),
    ("us-federal", "dji_sync_after_its_end", "2024-11-30", Flown(), NONE),
    ("us-federal", "dji_sync_after_its_end", "2024-12-01", Flown(), UNKNOWN),
    ("us-state", "maker_state_list", "2026-05-14", by("DJI"), NONE),
)  # fmt: skip

#: Pack, what names one wording of a text in it, and the first and last day of that wording.
TEXTS: tuple[tuple[str, str, str | None, str | None], ...] = (
    ("uk-open", "article 7: article 94A(1) and (2)", "2018-07-30", "2019-03-12"),
    ("uk-open", "article 4: article 94A(1) and (2)", "2019-03-13", "2020-12-30"),
    ("uk-open", "article 94B(2) and (3)", "2018-07-30", "2019-03-12"),
    ("uk-open", "article 94A(1) and (4) of", "2019-03-13", None),
    ("uk-open", "article 94A(1), (4) and (4A)", "2020-12-31", None),
    ("uk-open", "Drone and model aircraft registration", "2019-11-30", "2020-12-30"),
    ("uk-open", "article 9: article 265", "2020-12-31", "2025-12-31"),
    ("uk-open", "articles 94D(1), (2)", "2019-11-30", "2020-12-30"),
    ("uk-open", "SI 2025/1284", "2026-01-01", None),
    ("uk-open", "Article 4(1)(e)", "2020-12-31", None),
    ("uk-open", "Article 4(1)(d)", "2020-12-31", None),
    ("uk-open", "Article 14(5)(a); Annex", "2020-12-31", "2025-12-31"),
    ("uk-open", "Article 2(34)", "2020-12-31", None),
    ("uk-open", "Article 19(2)", "2020-12-31", None),
    ("uk-open", "No 376/2014", "2020-12-31", None),
    ("uk-open", "UAS.OPEN.060(2)(c)", "2020-12-31", None),
    ("uk-open", "UAS.OPEN.020(5)(d), UAS.OPEN.030(3)", "2020-12-31", None),
    ("uk-open", "reg. 24 (Article 20A)", "2026-01-01", None),
    ("uk-open", "reg. 1(3) and reg. 32", "2028-01-01", None),
    ("uk-open", "reg. 22(a)", "2026-01-01", None),
    ("uk-open", "reg. 30(b)", "2026-01-01", None),
    ("uk-open", "CAA, Remote ID", "2026-01-01", None),
    ("uk-specific", "Article 7(2); Article 12(4)", "2020-12-31", None),
    ("uk-specific", "SI 2025/1284", "2026-01-01", None),
    ("uk-specific", "reg. 21 (Article 12(3A))", "2026-01-01", None),
    ("uk-specific", "CAA, Remote ID", "2026-01-01", None),
    ("uk-specific", "Article 14(5)(b)", "2020-12-31", None),
    ("uk-specific", "Article 2(34)", "2020-12-31", None),
    ("uk-bvlos", "Article 7(2); Article 12(4)", "2020-12-31", None),
    ("uk-bvlos", "SI 2025/1284", "2026-01-01", None),
    ("uk-police-npcc", "article 94B(2) and (3)", "2018-07-30", "2019-03-12"),
    ("uk-police-npcc", "article 94A(1) and (4) of", "2019-03-13", None),
    ("uk-police-npcc", "article 94A(1), (4) and (4A)", "2020-12-31", None),
    ("police-ew", "as enacted", None, "2026-02-04"),
    ("police-ew", "s.73(A1)", "2026-02-05", None),
    ("police-ew", "SI 2026/82", "2026-02-05", None),
    ("police-ew", "Code of Practice, version 1", "2023-10-02", "2025-10-01"),
    ("police-ew", "Code of Practice, version 2", "2025-10-02", None),
    ("us-federal", "40.202(b)", "2024-11-12", "2028-12-22"),
    ("us-federal", "52.240-1(a)", "2024-11-12", "2028-12-22"),
    ("us-federal", "4.2101", "2019-08-13", None),
    ("us-federal", "§ 107.29(a), before", None, "2021-04-20"),
    ("us-federal", "§ 107.205(b)", None, "2021-04-20"),
    ("us-federal", "§ 107.29, as amended", "2021-04-21", None),
    ("us-federal", "91 FR 35189", "2026-06-10", None),
    ("us-federal", "Authorization of Covered Equipment", "2023-02-06", None),
    ("us-federal", "DA 25-1086", "2025-12-22", None),
    ("us-federal", "DA 26-22", "2026-01-07", "2026-12-31"),
)

#: List and maker, or what else the list goes by: the first and last day on it.
LISTED: Mapping[tuple[str, str], tuple[str, str | None]] = {
    **{
        ("fcc_covered", maker): ("2021-03-12", None)
        for maker in ("Huawei", "ZTE", "Hytera", "Hikvision", "Dahua")
    },
    **{
        ("ndaa_889", maker): ("2019-08-13", None)
        for maker in ("Huawei", "ZTE", "Hytera", "Hikvision", "Dahua")
    },
    **{
        (name, maker): ("2025-12-22", last)
        for maker in ("DJI", "Autel Robotics")
        for name, last in (("fcc_covered", None), ("ndaa_1709", None), ("fasc_asda", "2028-12-22"))
    },
    ("dod_1260h", "DJI"): ("2022-10-05", None),
    ("dod_1260h", "Autel Robotics"): ("2025-01-07", None),
    ("fcc_foreign_produced", "!US"): ("2025-12-22", None),
    ("uk_wms_2022", ""): ("2022-11-24", None),
}

#: Entries, by id: the entries that a test changes.
Rules = Mapping[str, PolicyEntry]


def is_as_expected(result: RuleResult, expected: Expected) -> bool:
    outcome, reason = expected if isinstance(expected, tuple) else (expected, "")
    return result.outcome is outcome and result.reason.startswith(reason)


def beside(day: str, days: int) -> str:
    return f"{dt.date.fromisoformat(day) + dt.timedelta(days=days)}"


def outcome_of_entry(entry: PolicyEntry, flown: Flown, day: str) -> RuleResult:
    flight, context = flight_on(flown, day)
    return apply_policy_entry_to_flight(flight, entry, context)


def wrong_cases(pack: str, entry: PolicyEntry) -> Iterator[str]:
    """Yield what differs for an entry of a pack from the cases and the texts above."""
    for of_pack, of_entry, day, flown, outcome in CASES:
        if (of_pack, of_entry) == (pack, entry.id):
            result = outcome_of_entry(entry, flown, day)
            if not is_as_expected(result, outcome):
                yield f"{entry.id} on {day}: {result.outcome}, not {outcome}: {result.reason}"
    for of_pack, fragment, first, last in TEXTS:
        if of_pack == pack and any(fragment in source.name_text for source in entry.sources):
            yield from wrong_texts(entry, fragment, first, last)


def wrong_texts(
    entry: PolicyEntry, fragment: str, first: str | None, last: str | None
) -> Iterator[str]:
    """Yield each day on either side of a wording's first and last on which a result is wrong."""
    expected = {day: True for day in (first, last) if day}
    expected |= {beside(first, -1): False} if first else {}
    expected |= {beside(last, 1): False} if last else {}
    for day, is_named in expected.items():
        named = "; ".join(outcome_of_entry(entry, HEAVY, day).legal_basis)
        if (fragment in named) is not is_named:
            yield f"{entry.id} on {day}: {fragment} in {named!r} is not {is_named}"


def wrong_listings(rows: Sequence[MakerListing]) -> Iterator[str]:
    """Yield each row that is not on its list on exactly the days above."""
    for row in rows:
        first, last = LISTED[row.list, row.maker or row.country_of_production]
        days = {first: True, beside(first, -1): False}
        days |= {last: True, beside(last, 1): False} if last else {}
        for day, is_listed in days.items():
            if row.applies_on(dt.date.fromisoformat(day)) is not is_listed:
                yield f"{row.list}, {row.maker}, on {day}"


@pytest.mark.parametrize(("pack", "entry", "day", "flown", "outcome"), CASES)
def test_a_flight_is_held_to_the_law_of_its_day(
    pack: str, entry: str, day: str, flown: Flown, outcome: Expected
) -> None:
    result = flown.result(pack, entry, day)
    assert is_as_expected(result, outcome), (result.outcome, result.reason)
    assert result.citation == policy_rules(pack)[entry].citation


def test_there_are_more_than_60_cases_from_2019_to_2028() -> None:
    assert len(CASES) > 60
    assert {day[:4] for _, _, day, _, _ in CASES} >= {f"{year}" for year in range(2019, 2029)}


@pytest.mark.parametrize("pack", sorted({pack for pack, *_ in TEXTS}))
def test_a_result_names_the_texts_in_force_on_its_day(pack: str) -> None:
    used = set()
    for entry in policy_rules(pack).values():
        used |= {
            fragment
            for of_pack, fragment, *_ in TEXTS
            if of_pack == pack and any(fragment in source.name_text for source in entry.sources)
        }
        assert list(wrong_cases(pack, entry)) == []
    assert used == {fragment for of_pack, fragment, *_ in TEXTS if of_pack == pack}


def test_every_row_is_on_its_list_on_its_days() -> None:
    assert list(wrong_listings(all_shipped_maker_listings())) == []
    assert LISTED.keys() == {
        (row.list, row.maker or row.country_of_production) for row in all_shipped_maker_listings()
    }


# Dates that are off by one


@dataclass(frozen=True)
class WrittenDate:
    """A date in an entry of a pack, and how to write another in its place."""

    pack: str
    entry: str
    place: str
    day: dt.date
    with_day: Callable[[PolicyEntry, dt.date], PolicyEntry]


def written_dates() -> Iterator[WrittenDate]:
    """Yield every date of law in every pack that ships, where it is written."""
    for pack in shipped_pack_names():
        text = (files("dji_audit") / "data" / "packs" / f"{pack}.toml").read_text("utf-8")
        for written in tomllib.loads(text).get("rule", ()):
            if not written.get("off"):
                yield from dates_of_entry(pack, written)


def dates_of_entry(pack: str, written: Mapping[str, Any]) -> Iterator[WrittenDate]:
    """Yield the dates of an entry: its validity, the wordings of its texts, its parameters."""
    name = partial(WrittenDate, pack, written["id"])
    for place in ("valid_from", "valid_to"):
        if place in written:
            yield name(place, written[place], partial(with_validity, place))
    for number, source in enumerate(written.get("sources", ())):
        for place in ("since", "until"):
            if place in source and source["kind"] != "secondary":
                changed = partial(with_source_date, number, place)
                yield name(f"sources {number} {place}", source[place], changed)
    for parameter, given in written.get("parameters", {}).items():
        value = given["value"] if isinstance(given, dict) and "value" in given else given
        for path, day in dates_within(value):
            changed = partial(with_parameter_date, parameter, path)
            yield name(f"{parameter} {path}", day, changed)


def dates_within(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield the keys and indices that lead to each date in a value of TOML, and the date."""
    if isinstance(value, dt.date):
        yield path, value
    elif isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from dates_within(value[key], (*path, key))


def with_validity(place: str, entry: PolicyEntry, day: dt.date) -> PolicyEntry:
    return entry.model_copy(update={place: day})


def with_source_date(number: int, place: str, entry: PolicyEntry, day: dt.date) -> PolicyEntry:
    sources = list(entry.sources)
    sources[number] = sources[number].model_copy(update={place: day})
    return entry.model_copy(update={"sources": tuple(sources)})


def with_parameter_date(
    name: str, path: tuple[Any, ...], entry: PolicyEntry, day: dt.date
) -> PolicyEntry:
    given = entry.parameters[name]
    changed = given.model_copy(update={"value": replaced_within(given.value, path, day)})
    return entry.model_copy(update={"parameters": {**entry.parameters, name: changed}})


def replaced_within(value: Any, path: tuple[Any, ...], day: dt.date) -> Any:
    """Return a value with a date in place of what is at the end of a path."""
    if not path:
        return day
    items = dict(value) if isinstance(value, Mapping) else list(value)
    items[path[0]] = replaced_within(items[path[0]], path[1:], day)
    return items


def boundaries() -> Mapping[tuple[str, str, dt.date, bool], list[WrittenDate]]:
    """Return the dates of each entry by day: what changes on one day is one boundary.

    Where an entry begins on the day of its first threshold, either alone hides a shift of the
    other.  The wordings of its texts are boundaries of their own.
    """
    groups: dict[tuple[str, str, dt.date, bool], list[WrittenDate]] = defaultdict(list)
    for each in written_dates():
        groups[each.pack, each.entry, each.day, each.place.startswith("sources")].append(each)
    return groups


def shifted(entry: PolicyEntry, dates: Sequence[WrittenDate], days: int) -> PolicyEntry:
    for each in dates:
        entry = each.with_day(entry, each.day + dt.timedelta(days=days))
    return entry


def test_the_dates_of_all_packs_are_found() -> None:
    dates = list(written_dates())
    assert len(dates) > 80
    assert {(each.pack, each.entry, each.place) for each in dates} >= {
        ("uk-open", "remote_id", "required (1, 'until')"),
        ("us-federal", "maker_asda", "valid_to"),
        ("us-federal", "foreign_produced_fcc", "exempt_until ()"),
        ("police-ew", "recording_without_purpose", "valid_from"),
    }
    for each in dates:
        entry = policy_rules(each.pack)[each.entry]
        assert shifted(entry, [each], 0) == entry, each
        assert shifted(entry, [each], 1) != entry, each


def test_a_boundary_that_is_a_day_early_fails_a_case() -> None:
    unseen = [
        (pack, entry, f"{day}", [each.place for each in dates])
        for (pack, entry, day, _), dates in boundaries().items()
        if not any(wrong_cases(pack, shifted(policy_rules(pack)[entry], dates, -1)))
    ]
    assert unseen == []


def test_a_date_alone_that_is_a_day_late_fails_a_case() -> None:
    """What begins late is missed on its first day, and what ends late is asked for too long."""
    unseen = [
        (each.pack, each.entry, each.place)
        for each in written_dates()
        if not any(wrong_cases(each.pack, shifted(policy_rules(each.pack)[each.entry], [each], 1)))
    ]
    assert unseen == []


@pytest.mark.parametrize("days", [-1, 1])
@pytest.mark.parametrize("field_name", ["valid_from", "valid_to"])
def test_a_list_that_is_off_by_one_day_fails_a_case(field_name: str, days: int) -> None:
    for row in all_shipped_maker_listings():
        day = getattr(row, field_name)
        if day is not None:
            shifted = replace(row, **{field_name: day + dt.timedelta(days=days)})
            assert list(wrong_listings([shifted])), row


@pytest.mark.parametrize("maker", ["DJI", "Autel Robotics"])
def test_a_flight_notices_a_maker_that_is_listed_a_day_late(
    maker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dates of the lists reach the flights: not only the table above."""
    late = tuple(
        replace(row, valid_from=row.valid_from + dt.timedelta(days=1))
        if row.maker == maker and row.valid_from
        else row
        for row in all_shipped_maker_listings()
    )
    monkeypatch.setattr(maker_of_concern, "all_shipped_maker_listings", lambda: late)
    entries = ("maker_1260h", "maker_ndaa_1709", "maker_asda", "maker_fcc_covered")
    for entry in entries:
        assert list(wrong_cases("us-federal", policy_rules("us-federal")[entry])), entry


# What else a date brings


def test_no_code_of_forensic_science_is_named_before_there_was_one() -> None:
    first = "2023-10-02"
    assert not HEAVY.result("police-ew", "log_integrity", "2023-10-01").legal_basis
    assert "version 1" in HEAVY.result("police-ew", "log_integrity", first).legal_basis[0]


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2025-12-21", NONE),
        ("2025-12-22", Outcome.FAIL_AUTHORISED),
        ("2028-12-22", Outcome.FAIL_AUTHORISED),
        ("2028-12-23", NONE),
    ],
)
def test_an_exception_of_the_drone_act_is_an_authorisation(day: str, outcome: Outcome) -> None:
    """FAR 40.202-5(a): search and rescue, as an authorised official determines."""
    begin = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00")
    exception = Authorisation.model_validate(
        {
            "reference": "SAR-7",
            "by": "Authorised official",
            "reason": "search and rescue, FAR 40.202-5(a)",
            "rules": "maker_asda",
            "start": begin,
            "end": begin + dt.timedelta(days=1),
        }
    )
    table = SuppliedTable("authorisation", "a.csv", "2" * 64, (SuppliedRow(exception, 0, 1),))
    flight, context = flight_on(by("DJI"), day)
    entry = policy_rules("us-federal")["maker_asda"]
    result = apply_policy_entry_to_flight(
        flight, entry, replace(context, authorisations=Authorisations(table))
    )
    assert result.outcome is outcome, result.reason


def test_what_only_accounts_say_is_no_legal_basis() -> None:
    basis = NO_REMOTE_ID.result("us-federal", "remote_id", "2024-03-16").legal_basis
    assert basis == ("14 CFR 89.105, § 89.105",)


def test_a_state_aircraft_is_held_to_no_limit_for_others() -> None:
    entries = policy_rules("uk-police-state-aircraft")
    limits = ("height_limit", "height_above_ground", "distance_limit", "remote_id", "night_flight")
    assert not entries.keys() & {*limits, "height_limit_until_2020"}
    assert "distance_limit" not in policy_rules("uk-bvlos")
