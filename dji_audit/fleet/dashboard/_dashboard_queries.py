"""What the dashboard shows of a fleet: rows of the tables, grouped for its parts."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dji_audit.endpoints import CLAIMS

#: Signs of wear and danger in the events of a flight, each with its words and its condition in SQL.
SIGNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "motor": (
            "motor or propeller",
            "kind IN ('fault', 'warning') AND (lower(text) LIKE '%motor%' "
            "OR lower(text) LIKE '%propeller%' OR lower(text) LIKE '%esc %')",
        ),
        "vibration": ("vibration", "lower(text) LIKE '%vibrat%'"),
        "fault": ("other fault", "kind = 'fault'"),
        "battery": ("battery", "kind = 'battery'"),
        "failsafe": ("fail-safe", "kind = 'failsafe'"),
        "link_lost": ("link lost", "kind = 'link.lost'"),
    }
)
#: Claims from the weakest to the strongest.
CLAIM_ORDER = tuple(CLAIMS)


@dataclass(frozen=True, slots=True)
class DeviceAndContactedHost:
    """One device or app and the host that it talked to."""

    serial: str | None
    aircraft: str | None
    apps: str
    devices: str
    host: str
    operators: str
    #: The strongest.
    claim: str
    first: str | None
    last: str | None
    contacts: int
    flights: int
    bytes_up: int | None
    #: Contacts that break a Local Data Mode that a person claims.
    against_local_data_mode: int


def query_sqlite_rows(
    connection: sqlite3.Connection, statement: str, values: tuple[object, ...] = ()
) -> list[sqlite3.Row]:
    """Return the rows of a statement, each by the names of its columns."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(statement, values).fetchall()


def hosts_contacted_by_devices(connection: sqlite3.Connection) -> list[DeviceAndContactedHost]:
    """Return who talked to whom, the strongest claims first."""
    rank = " ".join(f"WHEN '{claim}' THEN {index}" for index, claim in enumerate(CLAIM_ORDER))
    rows = connection.execute(
        f"SELECT serial, aircraft, apps, devices, host, operators, "  # noqa: S608 - words of ours
        f"max(CASE claim {rank} ELSE -1 END), min(first), max(last), count(*), "
        "count(DISTINCT flight), sum(bytes_up), "
        "sum(local_data_mode IN ('fail', 'fail_authorised', 'fail_acknowledged')) "
        "FROM data_sync GROUP BY serial, aircraft, apps, devices, host, operators "
        "ORDER BY 7 DESC, 10 DESC, host, serial, apps, devices"
    )
    return [
        DeviceAndContactedHost(
            serial=row[0],
            aircraft=row[1],
            apps=row[2],
            devices=row[3],
            host=row[4],
            operators=row[5],
            claim=CLAIM_ORDER[row[6]] if row[6] >= 0 else "",
            first=row[7],
            last=row[8],
            contacts=row[9],
            flights=row[10],
            bytes_up=row[11],
            against_local_data_mode=row[12] or 0,
        )
        for row in rows
    ]


def wear_and_danger_signs_by_flight(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """Return the signs of wear and danger in the events of each flight that has any."""
    found: dict[str, list[str]] = {}
    seen = " OR ".join(condition for name, (_, condition) in SIGNS.items() if name != "fault")
    for name, (_, condition) in SIGNS.items():
        # What is said of a part is not counted once more as another fault.
        wanted = f"({condition}) AND NOT coalesce({seen}, 0)" if name == "fault" else condition
        for (flight,) in connection.execute(
            f"SELECT DISTINCT flight FROM events WHERE {wanted} ORDER BY flight"  # noqa: S608 - ours
        ):
            found.setdefault(flight, []).append(name)
    return {flight: tuple(names) for flight, names in found.items()}
