"""What follows from the rows of a fleet: aircraft, batteries, payloads, firmware, quarantine.

Every figure is one statement of SQL over the other tables, so that anybody can repeat it.
"""

import sqlite3
from typing import Any

from dji_audit.report.run_verdict import INCOMPLETE_STATUSES

#: First words of parts that are moved from aircraft to aircraft.
_MOVED_PARTS = ("battery", "camera", "gimbal", "controller", "payload")
#: Rows of ``contacts`` take what the rule on Local Data Mode says of their host; flights take the
#: share of their window that was recorded.
_FILL_COLUMNS = (
    """
    UPDATE flights SET network_share =
      (SELECT share FROM coverage WHERE coverage.flight = flights.flight)
    """,
    """
    UPDATE contacts SET local_data_mode =
      (SELECT min(findings.outcome) FROM findings
       JOIN rules ON rules.rule = findings.rule AND rules.applied_rule = 'local_data_mode'
       WHERE findings.flight = contacts.flight AND findings.subject = contacts.host)
    WHERE contacted_by = 'device' AND flight IS NOT NULL
    """,
    """
    UPDATE flights SET declared_conflict = nullif(
      (SELECT joined(logged.flight) FROM flights AS logged
       WHERE logged.entry = 'log' AND logged.serial = flights.serial
         AND coalesce(logged.takeoff, logged.start) < flights.landing
         AND coalesce(logged.landing, logged.start) > flights.takeoff), '')
    WHERE entry = 'declared' AND serial IS NOT NULL
    """,
)
_AIRCRAFT = """
INSERT INTO aircraft
WITH own AS (
  SELECT *, coalesce(serial, 'model ' || coalesce(aircraft, '')) AS craft FROM flights
  WHERE NOT simulated
),
latest AS (
  SELECT craft, maker, aircraft, aircraft_name,
    row_number() OVER (
      PARTITION BY craft
      ORDER BY entry = 'declared', aircraft IS NULL, start IS NULL, start DESC, flight
    ) AS place
  FROM own
)
SELECT
  own.serial, latest.maker, latest.aircraft, latest.aircraft_name,
  sum(own.entry = 'log'), sum(own.entry = 'declared'),
  min(own.start), max(own.start),
  coalesce(sum(own.duration_s), 0.0), sum(own.duration_s IS NULL),
  sum(own.video_s), sum(own.thermal_s), sum(own.audio_s),
  sum(own.verdict IS 'needs_look'), sum(own.findings), joined(own.app)
FROM own JOIN latest ON latest.craft = own.craft AND latest.place = 1
GROUP BY own.craft ORDER BY own.serial IS NULL, own.serial, latest.aircraft
"""
_BATTERIES = """
INSERT INTO batteries
SELECT parts.serial, count(DISTINCT flights.flight), joined(flights.serial),
  min(flights.start), max(flights.start), coalesce(sum(flights.duration_s), 0.0),
  min(tracks.least_battery_pct),
  coalesce(sum((SELECT count(*) FROM events
                WHERE events.flight = flights.flight AND events.kind = 'battery')), 0)
FROM (SELECT DISTINCT flight, serial FROM parts WHERE part = 'battery' AND serial IS NOT NULL)
  AS parts
JOIN flights ON flights.flight = parts.flight AND NOT flights.simulated
LEFT JOIN tracks ON tracks.flight = flights.flight
GROUP BY parts.serial ORDER BY parts.serial
"""
_PAYLOADS = """
INSERT INTO payloads
SELECT parts.serial, max(parts.model), count(DISTINCT flights.flight), joined(flights.serial),
  min(flights.start), max(flights.start)
FROM parts JOIN flights ON flights.flight = parts.flight AND NOT flights.simulated
WHERE parts.part = 'payload'
GROUP BY coalesce(parts.serial, 'model ' || parts.model)
ORDER BY parts.serial IS NULL, parts.serial, max(parts.model)
"""
_FIRMWARE = """
INSERT INTO firmware
WITH seen AS (
  SELECT flights.serial, flights.aircraft, coalesce(flights.serial, '') AS craft,
    coalesce(flights.aircraft, '') AS kind, part, version, flights.start AS start
  FROM flight_firmware JOIN flights ON flights.flight = flight_firmware.flight
    AND NOT flights.simulated
),
own AS (
  SELECT serial, max(aircraft) AS aircraft, craft, max(kind) AS kind, part, version,
    count(*) AS flights, min(start) AS first_seen, max(start) AS last_seen
  FROM seen GROUP BY craft, CASE WHEN serial IS NULL THEN kind ELSE '' END, part, version
),
latest AS (
  SELECT craft, part, max(last_seen) AS last_seen FROM own GROUP BY craft, part
),
replaced AS (
  SELECT DISTINCT old.kind, old.part, old.version
  FROM own AS old JOIN own AS new ON new.craft = old.craft AND new.kind = old.kind
    AND new.part = old.part AND new.first_seen > old.last_seen
  WHERE old.serial IS NOT NULL AND old.kind <> '' AND NOT is_moved_part(old.part)
)
SELECT own.serial, own.aircraft, own.part, own.version, own.flights, own.first_seen,
  own.last_seen, own.last_seen IS latest.last_seen,
  round(julianday((SELECT max(start) FROM flights WHERE NOT simulated))
    - julianday(own.first_seen), 1),
  replaced.version IS NOT NULL
FROM own
JOIN latest ON latest.craft = own.craft AND latest.part = own.part
LEFT JOIN replaced ON replaced.kind = own.kind AND replaced.part = own.part
  AND replaced.version = own.version
ORDER BY own.serial IS NULL, own.serial, own.aircraft, own.part, own.first_seen, own.version
"""
_QUARANTINE = f"""
INSERT INTO quarantine
SELECT name, status, reason, advice, size, sha256, flights FROM files
WHERE status IN ({", ".join(f"'{status}'" for status in sorted(INCOMPLETE_STATUSES))})
ORDER BY status, name
"""  # noqa: S608 - the words are ours


class _JoinedTextsAggregate:
    """The aggregate ``joined(x)``: the different texts in order, parted by semicolons."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def step(self, text: Any) -> None:
        if text:
            self._texts.add(str(text))

    def finalize(self) -> Any:
        return "; ".join(sorted(self._texts))


def _is_interchangeable_part(part: str) -> bool:
    """Return whether a part is moved between aircraft, so that another version is no update."""
    return part.lower().startswith(_MOVED_PARTS)


def fill_derived_tables(connection: sqlite3.Connection) -> None:
    """Fill the columns and tables that follow from the rows that are there."""
    connection.create_aggregate("joined", 1, _JoinedTextsAggregate)
    connection.create_function("is_moved_part", 1, _is_interchangeable_part, deterministic=True)
    for statement in (*_FILL_COLUMNS, _AIRCRAFT, _BATTERIES, _PAYLOADS, _FIRMWARE, _QUARANTINE):
        connection.execute(statement)
