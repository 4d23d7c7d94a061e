"""The inventory: facts about the aircraft of a unit that no log holds.

It has one row for each aircraft, found by a serial number in the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from dji_audit.camera_view import Camera, FlightLike, parse_declared_cameras
from dji_audit.common.supplied_tables import (
    Day,
    RowModel,
    SuppliedFileError,
    SuppliedRow,
    SuppliedTable,
    WordList,
    read_supplied_table,
)
from dji_audit.flights import may_be_serial_of_same_aircraft, normalised_serial


class InventoryAircraft(RowModel):
    """One aircraft of the inventory; ``None``: the inventory does not say."""

    serial: str = Field(
        min_length=1,
        description="Serial number as a log gives it: of the aircraft, its flight controller or "
        "its Remote ID.",
    )
    maker: str | None = Field(
        None, description="Maker of the aircraft; used where no log names it."
    )
    model: str | None = Field(None, description="Name of the model; no rule uses it.")
    class_mark: str | None = Field(
        None,
        pattern=r"^((UK|C)[0-6]|none)$",
        description="`UK0` to `UK6`, `C0` to `C6`, or `none` for an aircraft without one.",
    )
    mass_g: float | None = Field(None, gt=0, description="Maximum take-off mass, grams.")
    crewed: bool | None = Field(
        None,
        description="Whether it carries a crew, as a helicopter does; no limit of drones holds.",
    )
    camera: bool | None = Field(None, description="Whether it carries a camera.")
    camera_model: str | None = Field(
        None,
        description="Camera, where no log gives its field of view: a name of "
        "`dji_audit/data/cameras.csv`, or degrees across and up as `71.5x56.6`.",
    )
    operator_id: str | None = Field(None, description="Operator ID registered for the aircraft.")
    operator_id_until: Day | None = Field(None, description="Last day on which the ID is valid.")
    remote_id: bool | None = Field(None, description="Whether Remote ID is fitted and on.")
    green_light: bool | None = Field(
        None, description="Whether it carries a green flashing light for night flights."
    )
    firmware_approved: WordList = Field(
        (),
        description="Approved versions, each as `part=version`; the part as the log names it, or "
        "`app`; a part may appear more than once.",
    )
    risk_acceptance: str | None = Field(
        None,
        description="Reference of the decision to use it although its maker is listed.",
    )
    radio_authorised: Day | None = Field(
        None, description="Date on which the FCC authorised the radio of the model."
    )
    dock_latitude_deg: float | None = Field(
        None, ge=-90, le=90, description="Latitude of its dock, WGS 84 degrees."
    )
    dock_longitude_deg: float | None = Field(
        None, ge=-180, le=180, description="Longitude of its dock, WGS 84 degrees."
    )
    country_of_production: str | None = Field(
        None,
        pattern=r"^[A-Z]{2}$",
        description="Country where it was produced, two letters of ISO 3166, such as `CN`.",
    )
    production_exemption: str | None = Field(
        None,
        description="Reference of the exemption from a list that goes by country of production.",
    )
    retention_days: int | None = Field(
        None, ge=0, description="Number of days for which its logs and recordings may be kept."
    )

    @field_validator("firmware_approved")
    @classmethod
    def _validate_part_version_texts(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for text in given:
            part, separator, version = text.partition("=")
            if not (part.strip() and separator and version.strip()):
                raise ValueError(f"{text!r} is not part=version")
        return given

    @field_validator("camera_model")
    @classmethod
    def _check_camera_model(cls, given: str | None) -> str | None:
        if given is not None:
            parse_declared_cameras(given)
        return given

    @model_validator(mode="after")
    def _has_both_coordinates_of_its_dock(self) -> Self:
        if (self.dock_latitude_deg is None) != (self.dock_longitude_deg is None):
            raise ValueError("a dock needs both dock_latitude_deg and dock_longitude_deg")
        return self

    @property
    def dock_position(self) -> tuple[float, float] | None:
        """Latitude and longitude of its dock, WGS 84 degrees; ``None``: not given."""
        if self.dock_latitude_deg is None or self.dock_longitude_deg is None:
            return None
        return self.dock_latitude_deg, self.dock_longitude_deg

    @property
    def declared_cameras(self) -> tuple[Camera, ...]:
        """The cameras of the aircraft; empty: the inventory does not say."""
        return parse_declared_cameras(self.camera_model) if self.camera_model is not None else ()

    def approved_firmware_versions_by_part(self) -> dict[str, frozenset[str]]:
        """Return part, in lower case -> approved versions."""
        versions_by_part: dict[str, set[str]] = {}
        for text in self.firmware_approved:
            part, _, version = text.partition("=")
            versions_by_part.setdefault(part.strip().lower(), set()).add(version.strip())
        return {part: frozenset(versions) for part, versions in versions_by_part.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """The aircraft of a unit, by serial."""

    table: SuppliedTable[InventoryAircraft]
    #: Normalised serial -> row, in the order of the table.
    row_by_serial: Mapping[str, SuppliedRow[InventoryAircraft]]

    def find_aircraft(self, flight: FlightLike) -> SuppliedRow[InventoryAircraft] | None:
        """Return the row of the aircraft of a flight; ``None``: none, or more than one may be."""
        rows = self.rows_that_may_be_of_aircraft(flight)
        return rows[0] if len(rows) == 1 else None

    def rows_that_may_be_of_aircraft(
        self, flight: FlightLike
    ) -> list[SuppliedRow[InventoryAircraft]]:
        """Return the row with a serial of the aircraft of a flight, else those that it may have.

        A log may hold the beginning of a serial, or the maker's own within a longer one.
        """
        serials = aircraft_serials_in_logs_of_flight(flight)
        listed = serials & self.row_by_serial.keys()
        if listed:
            # The aircraft goes before its flight controller, in whatever order they are listed.
            own = listed & {normalised_serial(log.aircraft.serial or "") for log in flight.logs}
            rows = [self.row_by_serial[serial] for serial in own or listed]
            return [min(rows, key=lambda row: row.number)]
        return [
            row
            for known, row in self.row_by_serial.items()
            if any(may_be_serial_of_same_aircraft(known, it) for it in serials)
        ]


def load_inventory(path: Path) -> Inventory:
    """Return the inventory in a CSV or TOML file.

    Raises:
        SuppliedFileError: If a row or column is not as declared, or two rows have one serial.
    """
    return build_inventory(read_supplied_table(path, "aircraft", InventoryAircraft))


def build_inventory(table: SuppliedTable[InventoryAircraft]) -> Inventory:
    """Return the inventory in a table.

    Raises:
        SuppliedFileError: If two rows have one serial.
    """
    row_by_serial: dict[str, SuppliedRow[InventoryAircraft]] = {}
    for row in table.rows:
        first = row_by_serial.setdefault(normalised_serial(row.record.serial), row)
        if first is not row:
            twice = f"{row.record.serial} appears twice, first as {first.number}"
            raise SuppliedFileError(f"{table.name}: {table.kind} {row.number}: {twice}")
    return Inventory(table, row_by_serial)


def aircraft_serials_in_logs_of_flight(flight: FlightLike) -> frozenset[str]:
    """Return the serials of the aircraft in all logs of a flight, normalised."""
    serials = (
        serial
        for log in flight.logs
        for serial in (log.aircraft.serial, log.aircraft.flight_controller_serial)
    )
    return frozenset(filter(None, (normalised_serial(serial or "") for serial in serials)))
