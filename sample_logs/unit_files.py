"""What the unit of the story brings besides its logs: inventory, operations log, authorisations.

The heights above 120 m of 09:09:01 to 09:09:38 UTC are allowed whole; those of the aircraft that
flies at 11:09 are allowed for their first half only; those of the one at 13:09 nobody allowed.
"""

from pathlib import Path
from typing import Any

from sample_logs.mavlink_flight import BOARD, REMOTE_OPERATOR
from sample_logs.story import AIRCRAFT_SERIAL, Story

FOLDER = "unit"
OPERATOR = "GBR-SYNTHETIC-02"
#: As readers write the number of the board: three words of the microcontroller's own.
BOARD_SERIAL = " ".join(f"{word:08X}" for word in BOARD)

INVENTORY = f"""\
# Synthetic. One table for each aircraft; a CSV with these names as columns says the same.

[[aircraft]]
serial = "{AIRCRAFT_SERIAL}"
maker = "DJI"
model = "Mavic 2"
class_mark = "none"
mass_g = 907
camera = true
operator_id = "{OPERATOR}"
operator_id_until = 2027-03-31
remote_id = true
green_light = true
firmware_approved = ["flight controller=3.4.2.24", "camera=0.1.9.20"]
risk_acceptance = "RA-2026-03"
retention_days = 31

[[aircraft]]
serial = "{BOARD_SERIAL}"
model = "quadrotor"
class_mark = "none"
mass_g = 1800
camera = true
operator_id = "{REMOTE_OPERATOR}"
operator_id_until = 2027-03-31
green_light = false
retention_days = 31
"""

_TRAINING = """\
purpose = "training"
incident_ref = "TRAINING-2026-05"
pilot = "PC 1042"
flyer_id = "GBR-RP-SYNTHETIC-1"
flyer_id_until = 2028-05-01
authorising_officer = "Sgt 77"
audio = false
"""

OPERATIONS = f"""\
# Synthetic. The flight at 13:01 UTC belongs to no operation.

[[operation]]
operation = "OP-2026-0514-1"
start = 2026-05-14T08:30:00Z
end = 2026-05-14T10:00:00Z
aircraft = ["{AIRCRAFT_SERIAL}"]
{_TRAINING}
[[operation]]
operation = "OP-2026-0514-2"
start = 2026-05-14T10:30:00Z
end = 2026-05-14T12:00:00Z
{_TRAINING}"""

_PHOTOS = "two photos from above for the training of searches"


def _height_permit(number: int, reason: str, start: str, end: str, serial: str) -> str:
    """Return what an inspector's authorisations to fly higher begin with."""
    return f"""\
[[authorisation]]
reference = "AUTH-2026-0{number}"
by = "Insp 12"
reason = "{reason}"
rules = ["height_limit"]
start = 2026-05-14T{start}Z
end = 2026-05-14T{end}Z
aircraft = ["{serial}"]"""


AUTHORISATIONS = f"""\
# Synthetic. Who allowed what, where, when and why.

{_height_permit(31, _PHOTOS, "09:08:00", "09:12:00", AIRCRAFT_SERIAL)}
latitude = 50.615
longitude = -3.965
radius_m = 600
up_to = 150

[[authorisation]]
reference = "AUTH-2026-033"
by = "Synthetic range office"
reason = "the camp was free for training that morning"
rules = ["zone_entry"]
subjects = ["SYN-R2"]
start = 2026-05-14T09:00:00Z
end = 2026-05-14T10:00:00Z
aircraft = ["{AIRCRAFT_SERIAL}"]

{_height_permit(32, "the same once more", "11:08:00", "11:09:20", BOARD_SERIAL)}
up_to = 150
"""


def write_unit_files(folder: Path, story: Story) -> dict[str, Any]:
    """Write the three files; they are no logs, so that nothing is true of them as logs."""
    unit = folder / FOLDER
    unit.mkdir(exist_ok=True)
    for name, text in (
        ("inventory", INVENTORY),
        ("operations", OPERATIONS),
        ("authorisations", AUTHORISATIONS),
    ):
        (unit / f"{name}.toml").write_text(text, encoding="utf-8", newline="\n")
    return {}
