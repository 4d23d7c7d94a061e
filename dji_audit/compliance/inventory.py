"""The inventory: what a unit knows of its aircraft that no log says.

One row an aircraft, found by a serial number that the log gives.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, field_validator

from dji_audit.supplied_tables import Brought, CaseError, Day, Line, Row, Words, read_rows
from dji_audit.view import Camera, Told, cameras_declared


class Aircraft(Line):
    """One aircraft of the inventory; ``None``: the inventory does not say."""

    serial: str = Field(
        min_length=1,
        description="As a log gives it: of the aircraft, its flight controller or its Remote ID.",
    )
    maker: str | None = Field(None, description="Counts where no log names the maker.")
    model: str | None = Field(None, description="For people; no rule looks at it.")
    class_mark: str | None = Field(
        None,
        pattern=r"^((UK|C)[0-6]|none)$",
        description="`UK0` to `UK6`, `C0` to `C6`, or `none` for an aircraft without one.",
    )
    mass_g: float | None = Field(None, gt=0, description="Greatest take-off mass, grams.")
    camera: bool | None = Field(None, description="Whether it carries a camera.")
    camera_model: str | None = Field(
        None,
        description="Its camera, where no log tells how wide that sees: a name of "
        "`dji_audit/data/cameras.csv`, or degrees across and up as `71.5x56.6`.",
    )
    operator_id: str | None = Field(None, description="Operator ID registered for it.")
    operator_id_until: Day | None = Field(None, description="Last day that the ID is valid.")
    remote_id: bool | None = Field(None, description="Whether Remote ID is fitted and on.")
    green_light: bool | None = Field(
        None, description="Whether it carries a green flashing light for the night."
    )
    firmware_approved: Words = Field(
        (),
        description="Approved versions, `part=version` each, the part as the log names it or "
        "`app`; a part may stand there more than once.",
    )
    risk_acceptance: str | None = Field(
        None, description="Reference of the decision to use it although its maker is on a list."
    )
    radio_authorised: Day | None = Field(
        None, description="Day on which the FCC authorised the model's radio."
    )
    retention_days: int | None = Field(
        None, ge=0, description="Days that its logs and recordings may be kept."
    )

    @field_validator("firmware_approved")
    @classmethod
    def _names_part_and_version(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for text in given:
            part, is_there, version = text.partition("=")
            if not (part.strip() and is_there and version.strip()):
                raise ValueError(f"{text!r} is not part=version")
        return given

    @field_validator("camera_model")
    @classmethod
    def _is_known(cls, given: str | None) -> str | None:
        if given is not None:
            cameras_declared(given)
        return given

    @property
    def declared_cameras(self) -> tuple[Camera, ...]:
        """The cameras that it carries; empty: the inventory does not say."""
        return cameras_declared(self.camera_model) if self.camera_model is not None else ()

    def approved(self) -> dict[str, frozenset[str]]:
        """Return the approved versions of each part, the part's name in lower case."""
        found: dict[str, set[str]] = {}
        for text in self.firmware_approved:
            part, _, version = text.partition("=")
            found.setdefault(part.strip().lower(), set()).add(version.strip())
        return {part: frozenset(versions) for part, versions in found.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """The aircraft of a unit, by serial."""

    table: Brought[Aircraft]

    def find(self, flight: Told) -> Row[Aircraft] | None:
        """Return the row of a flight's aircraft; ``None``: none has its serial."""
        wanted = serials(flight)
        return next((row for row in self.table.rows if plain(row.said.serial) in wanted), None)


def load_inventory(path: Path) -> Inventory:
    """Return the inventory in a CSV or TOML file.

    Raises:
        CaseError: If a row or column is not as declared, or two rows have one serial.
    """
    return inventory(read_rows(path, "aircraft", Aircraft))


def inventory(table: Brought[Aircraft]) -> Inventory:
    """Return the inventory in a table.

    Raises:
        CaseError: If two rows have one serial.
    """
    seen: dict[str, int] = {}
    for row in table.rows:
        first = seen.setdefault(plain(row.said.serial), row.number)
        if first != row.number:
            twice = f"{row.said.serial} stands there twice, first as {first}"
            raise CaseError(f"{table.name}: {table.kind} {row.number}: {twice}")
    return Inventory(table)


def serials(flight: Told) -> frozenset[str]:
    """Return the serials of a flight's aircraft, as any of its logs gives them, made alike."""
    named = (
        serial
        for log in flight.logs
        for serial in (log.aircraft.serial, log.aircraft.flight_controller_serial)
    )
    return frozenset(plain(serial) for serial in named if serial)


def plain(serial: str) -> str:
    """Return a serial without spaces, in capitals."""
    return "".join(serial.split()).upper()
