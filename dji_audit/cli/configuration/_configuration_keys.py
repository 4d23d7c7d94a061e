"""The keys of ``dji-audit.toml``: each is the option of that name, with ``_`` for ``-``."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

#: Entries of a list, and characters of a text: more is no configuration.
_MAX_ENTRIES, _MAX_TEXT = 1000, 4096

_Text = Annotated[
    str, StringConstraints(min_length=1, max_length=_MAX_TEXT, pattern=r"^[^\x00-\x1f\x7f]*$")
]
_Texts = Annotated[list[_Text], Field(max_length=_MAX_ENTRIES)]
_Seconds = Annotated[float | int, Field(ge=1, le=1e9, allow_inf_nan=False)]


class PathKeyAnnotation:
    """Says of a key that it holds a path, or paths, relative to the configuration."""

    def __init__(self, *words: str, or_name: bool = False, ends_at: str = "") -> None:
        """Say what may stand there besides.

        Args:
            words: Words with a meaning of their own, such as ``none``.
            or_name: Whether a text may be a name where no file of that name lies there.
            ends_at: Letter whose last one in the text ends the path; empty: all of it is one.
        """
        self.words = words
        self.or_name = or_name
        self.ends_at = ends_at


_Path = Annotated[_Text, PathKeyAnnotation()]
_Paths = Annotated[_Texts, PathKeyAnnotation()]


def _optional_configuration_key(section: str, example: str, meaning: str) -> Any:
    """Return a key that need not be given.

    Args:
        section: Heading under which ``dji-audit init`` writes it.
        example: A value as TOML.
        meaning: What it does.
    """
    extra: dict[str, JsonValue] = {"section": section, "example": example}
    return Field(default=None, description=meaning, json_schema_extra=extra)


class ConfigurationFileValues(BaseModel):
    """What a ``dji-audit.toml`` may hold; ``None``: not given."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    paths: _Paths | None = _optional_configuration_key(
        "What is audited",
        '["evidence"]',
        "Logs, or folders of them, where the command line names none.",
    )
    leave_out: _Texts | None = _optional_configuration_key(
        "What is audited",
        '["Thumbs.db", "*.LRF", "private/"]',
        "Files that are not read. Without / a pattern is compared with a file's own name, with / "
        "at its end with the names of its folders, else with its whole path. * stands for any "
        "characters, ? for one. Each file is still named in the results, and one that may hold "
        "evidence keeps a run from being whole (exit code 4).",
    )
    policy: Annotated[_Text, PathKeyAnnotation(or_name=True)] | None = _optional_configuration_key(
        "What it is checked against",
        '"uk-police-npcc"',
        "Policy pack: a name that ships (`dji-audit rules list`), or a TOML file. Severities of "
        "rules are set there.",
    )
    zones: _Paths | None = _optional_configuration_key(
        "What it is checked against", '["zones"]', "Zone files, and folders of them."
    )
    zone_store: Annotated[_Text, PathKeyAnnotation("none")] | None = _optional_configuration_key(
        "What it is checked against",
        '"zone-store"',
        'Folder where `zones import` stores zone files; "none": no store.',
    )
    operating_areas: _Paths | None = _optional_configuration_key(
        "What it is checked against",
        '["areas.geojson"]',
        "Zone files with the areas that operations declare and keep to.",
    )
    endpoints: Annotated[_Texts, PathKeyAnnotation(or_name=True)] | None = (
        _optional_configuration_key(
            "What it is checked against",
            '["own-endpoints.csv"]',
            "Lists of endpoints besides the catalogue: files, or names of lists that `endpoints "
            "import` stored. The last wins.",
        )
    )
    inventory: _Path | None = _optional_configuration_key(
        "What it is checked against",
        '"inventory.csv"',
        "Table of the aircraft: serial, operator, class, firmware.",
    )
    operations: _Path | None = _optional_configuration_key(
        "What it is checked against",
        '"operations.csv"',
        "Table of the operations and their purpose.",
    )
    authorisations: _Path | None = _optional_configuration_key(
        "What it is checked against",
        '"authorisations.csv"',
        "Table of authorisations: who permitted what, where, when and why.",
    )
    acknowledged: _Path | None = _optional_configuration_key(
        "What it is checked against",
        '"acknowledged.csv"',
        "Table of findings that a named person looked at: they no longer count.",
    )
    keys: _Paths | None = _optional_configuration_key(
        "What opens encrypted files", '["keychains"]', "Keychains files, and folders of them."
    )
    key_store: Annotated[_Text, PathKeyAnnotation("none")] | None = _optional_configuration_key(
        "What opens encrypted files",
        '"key-store"',
        'Folder where `keys import` stores keychains; "none": no store.',
    )
    password_file: _Path | None = _optional_configuration_key(
        "What opens encrypted files",
        '"passwords.txt"',
        "Passwords of encrypted archives, one a line. Let nobody else read that file.",
    )
    camera: _Texts | None = _optional_configuration_key(
        "What logs do not state",
        '["M30T", "1581F5BKD229C00A=71.5x56.6"]',
        "Cameras whose field of view the logs do not state, for all aircraft or AIRCRAFT=CAMERA.",
    )
    clock: _Texts | None = _optional_configuration_key(
        "What logs do not state",
        '["pihole.log=2026-05-14T10:00:00+01:00"]',
        "When files were begun that state no year or zone: FILES=TIME, or FILES=SHOWN=TIME.",
    )
    clocks: _Path | None = _optional_configuration_key(
        "What logs do not state", '"clocks.csv"', "Table of such clocks, with who compared them."
    )
    device: _Texts | None = _optional_configuration_key(
        "What logs do not state",
        '["192.0.2.20", "tablet-7,192.0.2.21"]',
        "Addresses or names of controllers and tablets in network logs.",
    )
    track: Annotated[_Texts, PathKeyAnnotation(ends_at="=")] | None = _optional_configuration_key(
        "What logs do not state",
        '["watch.gpx=pilot"]',
        "Tracks in GPX, KML or KMZ and whose they are: FILE=pilot, =observer, =aircraft (a device "
        "on it) or =other-aircraft.",
    )
    elevation: _Path | None = _optional_configuration_key(
        "What logs do not state",
        '"elevation"',
        "Height of the ground: .hgt tile, folder of tiles, or GeoTIFF.",
    )
    camera_timezone: _Text | None = _optional_configuration_key(
        "What logs do not state",
        '"Europe/London"',
        "Time zone of the clocks of cameras and tables, where nothing else states it.",
    )
    timezone: _Text | None = _optional_configuration_key(
        "How results look",
        '"Europe/London"',
        "Time zone shown beside UTC. Without: that of the place flown.",
    )
    basemap: _Path | None = _optional_configuration_key(
        "How results look",
        '"region.mbtiles"',
        "Map to draw behind paths: MBTiles, PMTiles or GeoTIFF, or a folder of them.",
    )
    case_ref: _Text | None = _optional_configuration_key(
        "How results look", '"26/1042"', "Reference of the case, printed on every sheet."
    )
    exhibit: _Text | None = _optional_configuration_key(
        "How results look", '"ABC/1"', "Number of the exhibit, printed on every sheet."
    )
    by: _Text | None = _optional_configuration_key(
        "How results look", '"PC 1234 Example"', "Who makes the results, printed on every sheet."
    )
    fail_on: Literal["remark", "low", "medium", "high"] | None = _optional_configuration_key(
        "How it runs", '"medium"', "Least severity that exits with 1."
    )
    allow_partial: bool | None = _optional_configuration_key(
        "How it runs", "true", "Do not exit with 4 for logs read in part or left out."
    )
    state: _Path | None = _optional_configuration_key(
        "How it runs",
        '"state"',
        "Folder where `audit` keeps what it finds out, so that the next run reads only what is "
        "new. It may not lie among the evidence.",
    )
    jobs: Annotated[int, Field(ge=0, le=10_000)] | None = _optional_configuration_key(
        "How it runs", "2", "Worker processes; 0: one per core."
    )
    timeout: _Seconds | None = _optional_configuration_key(
        "How it runs", "600", "Seconds after which a worker stops reading a file."
    )


def path_annotation_of_key(name: str) -> PathKeyAnnotation | None:
    """Return what a key holds as a path; ``None``: no path."""
    # The annotation of an optional key is a union, whose first part has the mark.
    annotation = ConfigurationFileValues.model_fields[name].annotation
    for part in getattr(annotation, "__args__", ()):
        for mark in getattr(part, "__metadata__", ()):
            if isinstance(mark, PathKeyAnnotation):
                return mark
    return None


def section_and_example_of_key(name: str) -> tuple[str, str]:
    """Return the heading of a key in a new file, and an example of its value as TOML."""
    extra = ConfigurationFileValues.model_fields[name].json_schema_extra
    if not isinstance(extra, dict):
        raise TypeError(f"{name} has no section: declare it with _optional_configuration_key")
    return str(extra["section"]), str(extra["example"])
