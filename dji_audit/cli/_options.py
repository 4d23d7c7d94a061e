"""Options that commands share: each group is a class, and a command gets it as one object."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import typer

from dji_audit.cli._command_group_and_option_builders import (
    option_for_output,
    option_for_supplied_table,
    option_that_takes_value,
)
from dji_audit.cli._terminal import print_error_and_return_exit
from dji_audit.cli.endpoints import Overlays
from dji_audit.cli.keys import KeyStore

if TYPE_CHECKING:
    from dji_audit.common.case_details import CaseDetails
    from dji_audit.compliance.context import ContextFiles

Level = Literal["remark", "low", "medium", "high"]
Jobs = Annotated[
    int,
    typer.Option("--jobs", "-j", metavar="N", min=0, help="Worker processes; 0: one per core."),
]
Timeout = Annotated[
    float,
    option_that_takes_value(
        "--timeout", "SECONDS", "Seconds after which a worker stops reading a file.", min=1
    ),
]
Keys = Annotated[
    list[Path] | None,
    option_that_takes_value(
        "--keys", "FILE|FOLDER", "Keychains JSON that decrypts version 13 and 14 records."
    ),
]
PasswordFile = Annotated[
    Path | None,
    option_that_takes_value(
        "--password-file",
        "FILE",
        "Passwords of encrypted ZIP archives, one a line, to try on each member.",
    ),
]
PolicyPack = Annotated[
    str,
    option_that_takes_value("--policy", "PACK", "Policy pack: a name that ships, or a TOML file."),
]
Timezone = Annotated[
    str | None,
    option_that_takes_value(
        "--timezone", "ZONE", "Time zone shown beside UTC. Default: that of the place flown."
    ),
]
CameraTimezone = Annotated[
    str | None,
    option_that_takes_value(
        "--camera-timezone",
        "ZONE",
        "Time zone of the clocks of cameras and tables, where nothing else states it.",
    ),
]
DeclaredClocks = Annotated[
    list[str] | None,
    option_that_takes_value(
        "--clock",
        "FILES=TIME",
        "When files were begun that state no year or zone, such as "
        "pihole.log=2026-05-14T10:00:00+01:00; FILES is a name, or a pattern with * and ?. "
        "FILES=SHOWN=TIME says what a wrong clock showed at a true time. May be given more than "
        "once.",
    ),
]
ClockTable = Annotated[
    Path | None, option_for_supplied_table("--clocks", "such clocks, with who compared them")
]
Now = Annotated[
    str | None,
    option_that_takes_value(
        "--now",
        "TIME",
        "Time of the run to print in the results, ISO 8601. Default: SOURCE_DATE_EPOCH; "
        "else none, so that two runs give the same bytes.",
    ),
]
CaseReference = Annotated[
    str | None,
    option_that_takes_value(
        "--case-ref", "TEXT", "Reference of the case, to print on every sheet."
    ),
]
Exhibit = Annotated[
    str | None,
    option_that_takes_value("--exhibit", "TEXT", "Number of the exhibit, to print on every sheet."),
]
MadeBy = Annotated[
    str | None,
    option_that_takes_value("--by", "NAME", "Who makes the results, to print on every sheet."),
]
Inventory = Annotated[
    Path | None, option_for_supplied_table("--inventory", "the aircraft: operator, class, firmware")
]
Operations = Annotated[
    Path | None, option_for_supplied_table("--operations", "the operations and their purpose")
]
Authorisations = Annotated[
    Path | None,
    option_for_supplied_table(
        "--authorisations", "authorisations: who permitted what, where, when and why"
    ),
]
Acknowledged = Annotated[
    Path | None,
    option_for_supplied_table(
        "--acknowledged",
        "findings that a named person looked at: fingerprint, severity, by, day, reason",
    ),
]
AsOf = Annotated[
    str | None,
    option_that_takes_value(
        "--as-of", "DATE", "Check every flight against the rules of this date, not of its own."
    ),
]

ZoneFiles = Annotated[
    list[Path] | None,
    option_that_takes_value(
        "--zones",
        "FILE|FOLDER",
        "Zones to check tracks against, besides those stored by `zones import`; may be given "
        "more than once.",
    ),
]
OperatingAreas = Annotated[
    list[Path] | None,
    option_that_takes_value(
        "--operating-areas",
        "FILE|FOLDER",
        "Zone files with the areas that operations declare and keep to; may be given more "
        "than once.",
    ),
]
Tracks = Annotated[
    list[str] | None,
    option_that_takes_value(
        "--track",
        "FILE=OWNER",
        "Track in GPX, KML or KMZ, and whose it is: pilot, observer, aircraft (a device on it) or "
        "other-aircraft. May be given more than once.",
    ),
]
ZoneStore = Annotated[
    str | None,
    option_that_takes_value(
        "--zone-store",
        "FOLDER",
        "Folder where `zones import` stores zone files; 'none': use no store. "
        "Default: the user's data folder.",
        envvar="DJI_AUDIT_ZONE_STORE",
    ),
]
Devices = Annotated[
    list[str] | None,
    option_that_takes_value(
        "--device",
        "ADDRESS",
        "Address or name of the controller or tablet in network logs; separate several of "
        "one device by commas. May be given once per device. Without it the contacts of all "
        "devices count.",
    ),
]
Elevation = Annotated[
    Path | None,
    option_that_takes_value(
        "--elevation", "FILE|FOLDER", "Ground elevation: .hgt tile, folder of tiles, or GeoTIFF."
    ),
]
Cameras = Annotated[
    list[str] | None,
    option_that_takes_value(
        "--camera",
        "[AIRCRAFT=]CAMERA",
        "Camera where the log does not state the field of view: a name such as M30T, or "
        "degrees horizontal x vertical such as 71.5x56.6; AIRCRAFT is a serial number or model. "
        "May be given more than once.",
    ),
]

Basemap = Annotated[
    Path | None,
    option_that_takes_value(
        "--basemap",
        "FILE|FOLDER",
        "Map to draw behind paths: MBTiles, PMTiles or GeoTIFF, or a folder of them. It is cut "
        "to each flight and put into its page; nothing is fetched.",
        envvar="DJI_AUDIT_BASEMAP",
    ),
]

Config = Annotated[
    str | None,
    option_that_takes_value(
        "--config",
        "FILE",
        "Configuration of the unit, with options to use where the command line gives none; "
        "'none': use none. Default: dji-audit.toml in the working folder, else in the folder "
        "that is read.",
    ),
]
LeaveOut = Annotated[
    list[str] | None,
    option_that_takes_value(
        "--leave-out",
        "PATTERN",
        "Files that are not read, such as *.LRF, private/ or card/*.tmp; each is named in the "
        "results. May be given more than once.",
    ),
]

Plots = Annotated[
    list[str] | None,
    option_that_takes_value(
        "--plot",
        "RECORD[.FIELD]",
        "Record, or one field of it, to put into pages so that its numbers can be plotted, such "
        "as OSD or OSD.height_ato_m; at most 1 MB a page. May be given more than once.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOptions:
    """What opens encrypted records and archives."""

    keys: Keys = None
    key_store: KeyStore = None
    password_file: PasswordFile = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReadingOptions(KeyOptions):
    """How logs are opened, and what is declared about their cameras and clocks."""

    camera_timezone: CameraTimezone = None
    clock: DeclaredClocks = None
    clocks: ClockTable = None
    elevation: Elevation = None
    camera: Cameras = None
    leave_out: LeaveOut = None

    def elevation_and_camera_files(self) -> "ContextFiles":
        """Return the files that a user named."""
        from dji_audit.compliance.context import ContextFiles

        return ContextFiles(
            elevation=self.elevation, cameras=tuple(self.camera or ()), clocks=self.clocks
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAndContextOptions(LogReadingOptions):
    """What flights are checked against, and what every result prints."""

    #: Whether the command must be told what to read.
    needs_paths: ClassVar[bool] = True

    config: Config = None
    policy: PolicyPack = "default"
    timezone: Timezone = None
    now: Now = None
    case_ref: CaseReference = None
    exhibit: Exhibit = None
    by: MadeBy = None
    inventory: Inventory = None
    operations: Operations = None
    authorisations: Authorisations = None
    acknowledged: Acknowledged = None
    as_of: AsOf = None
    endpoints: Overlays = None
    device: Devices = None
    zones: ZoneFiles = None
    zone_store: ZoneStore = None
    operating_areas: OperatingAreas = None
    track: Tracks = None
    basemap: Basemap = None

    def case_details(self) -> "CaseDetails":
        """Return what the user states of the case.

        Raises:
            typer.Exit: If it cannot be printed.
        """
        from dji_audit.common.case_details import CaseDetailsError, checked_case_details

        try:
            return checked_case_details(self.case_ref, self.exhibit, self.by)
        except CaseDetailsError as error:
            raise print_error_and_return_exit(str(error)) from error

    def declared_tracks(self) -> "list[tuple[Path, str]]":
        """Return the tracks that a user named, each with whose it is.

        Raises:
            typer.Exit: If a declaration names no file or no owner.
        """
        from dji_audit.common.supplied_tables import SuppliedFileError
        from dji_audit.compliance.declared_tracks import parse_track_path_and_owner

        try:
            return [parse_track_path_and_owner(text) for text in self.track or ()]
        except SuppliedFileError as error:
            raise print_error_and_return_exit(f"--{error}") from error

    def context_files(self) -> "ContextFiles":
        """Return the files that a user named, and the zone files in the store.

        Raises:
            typer.Exit: If the date is not valid, or there is no list of endpoints of a name.
        """
        from dji_audit.cli._user_data import (
            endpoint_list_paths_from_names_or_exit,
            stored_zone_files,
        )
        from dji_audit.compliance.context import ContextFiles

        try:
            day = dt.date.fromisoformat(self.as_of) if self.as_of is not None else None
        except ValueError as error:
            raise print_error_and_return_exit(
                f"--as-of {self.as_of} is not a date; use YYYY-MM-DD"
            ) from error
        if not all(device.replace(",", " ").strip() for device in self.device or ()):
            raise print_error_and_return_exit("--device: an address or a name must be given")
        tracks = self.declared_tracks()
        return ContextFiles(
            inventory=self.inventory,
            operations=self.operations,
            authorisations=self.authorisations,
            acknowledged=self.acknowledged,
            as_of=day,
            endpoints=endpoint_list_paths_from_names_or_exit(self.endpoints),
            devices=tuple(device.strip() for device in self.device or ()),
            zones=(*stored_zone_files(self.zone_store), *(self.zones or ())),
            operating_areas=tuple(self.operating_areas or ()),
            tracks=tuple(path for path, _ in tracks),
            track_owners=tuple(owner for _, owner in tracks),
            declared_clocks=tuple(self.clock or ()),
            elevation=self.elevation,
            cameras=tuple(self.camera or ()),
            clocks=self.clocks,
            basemap=self.basemap,
            configuration=Path(self.config) if self.config is not None else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCommandOptions(PolicyAndContextOptions):
    """How a run over many files is made, and what its exit code means."""

    jobs: Jobs = 0
    fail_on: Annotated[
        Level,
        option_that_takes_value(
            "--fail-on", "LEVEL", "Least severity that exits with 1: remark, low, medium, high."
        ),
    ] = "medium"
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Do not exit with 4 for logs read in part.")
    ] = False
    timeout: Timeout = 600.0
    progress: Annotated[
        Literal["auto", "jsonl", "none"],
        typer.Option(
            "--progress",
            help="auto: a line where standard error is a terminal; jsonl: lines of JSON there, "
            "for a scheduler (`dji-audit schema progress`).",
        ),
    ] = "auto"
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", help="Write only results, warnings and errors; no progress, no notes."
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions(RunCommandOptions):
    """The options of ``dji-audit audit``."""

    out: Annotated[
        Path | None,
        option_for_output(
            "FOLDER", "Folder for pages, index.html, flights.csv, report.json, report.jsonl."
        ),
    ] = None
    pages: Annotated[
        Literal["all", "findings", "none"] | None,
        typer.Option(
            "--pages",
            help="Of which flights pages are drawn: all, those that need a look, or none. "
            "Default: all of up to 200 flights, of more those that need a look. `map` draws the "
            "page of any log.",
        ),
    ] = None
    state: Annotated[
        Path | None,
        option_that_takes_value(
            "--state",
            "FOLDER",
            "Keep what is found out there, so that the next run, or the same after it was "
            "stopped, reads and audits only what is new or changed.",
        ),
    ] = None
    trust_mtime: Annotated[
        bool,
        typer.Option(
            "--trust-mtime",
            help="Do not hash files again whose size, time and inode are those of --state. The "
            "report says of which.",
        ),
    ] = False
    shard: Annotated[
        str | None,
        option_that_takes_value(
            "--shard",
            "K/N",
            "Read the K-th of N parts into --state, and judge nothing; then `fleet merge` the "
            "states of all parts, and audit with the merged one.",
        ),
    ] = None
    engine: Annotated[
        Literal["local", "dask"],
        typer.Option(
            "--engine",
            help="local: workers on this computer; dask: those of a cluster, which --scheduler "
            "names (extra `cluster`).",
        ),
    ] = "local"
    scheduler: Annotated[
        str | None,
        option_that_takes_value(
            "--scheduler",
            "ADDRESS",
            "Scheduler of Dask, such as tcp://10.0.0.5:8786; a connection to it is opened.",
        ),
    ] = None
    plot: Plots = None
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write a tagged PDF beside each page, and report.pdf.")
    ] = False
    parquet: Annotated[
        bool,
        typer.Option(
            "--parquet",
            help="Write the tables of the run as Parquet into tables/ of --out (extra `parquet`).",
        ),
    ] = False
    format: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="What to print.")
    ] = "table"
    all: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Print all flights, rules, findings with fingerprints, and files, before the "
            "summary.",
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierOptions(RunCommandOptions):
    """The options of ``dji-audit dossier``."""

    out: Annotated[Path, option_for_output("FILE.zip", "The dossier to write.")]
    with_originals: Annotated[
        bool,
        typer.Option(
            "--with-originals",
            help="Put the evidence itself inside, with the files that the unit supplied, so that "
            "`verify` can repeat the audit.",
        ),
    ] = False
    redact: Annotated[
        Literal["offset", "grid"] | None,
        option_that_takes_value(
            "--redact",
            "HOW",
            "Take positions, serial numbers and names out of everything. offset: each flight is "
            "moved to the open sea, its shape and times stay and can be checked; grid: positions "
            "become squares of a hundredth of a degree.",
        ),
    ] = None
    sign: Annotated[
        Path | None,
        option_that_takes_value(
            "--sign",
            "KEY",
            "PEM file of an Ed25519 private key that signs the manifest. Its password: "
            "DJI_AUDIT_SIGNING_PASSWORD.",
        ),
    ] = None
    timestamp_request: Annotated[
        Path | None,
        option_that_takes_value(
            "--timestamp-request",
            "FILE",
            "Write a request for a time stamp of the manifest (RFC 3161), to take to an authority.",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions(RunCommandOptions):
    """The options of ``dji-audit serve``."""

    #: What is audited is dropped in the browser.
    needs_paths: ClassVar[bool] = False

    port: Annotated[
        int,
        option_that_takes_value(
            "--port",
            "N",
            "Port on the loopback address. Default: any that is free.",
            min=0,
            max=65535,
        ),
    ] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions(KeyOptions):
    """The options of ``dji-audit verify``."""

    manifest_sha256: Annotated[
        str | None,
        option_that_takes_value(
            "--manifest-sha256", "HASH", "SHA-256 of manifest.json as somebody wrote it down."
        ),
    ] = None
    signed_by: Annotated[
        str | None,
        option_that_takes_value(
            "--signed-by",
            "KEY",
            "Public key that must have signed it: PEM file or 64 hexadecimal digits.",
        ),
    ] = None
    timestamp_root: Annotated[
        Path | None,
        option_that_takes_value(
            "--timestamp-root",
            "FILE",
            "PEM file of the root certificates that the time stamp must rest on.",
        ),
    ] = None
    basemap: Basemap = None
    no_audit: Annotated[
        bool, typer.Option("--no-audit", help="Do not repeat the audit of the evidence inside.")
    ] = False
    jobs: Jobs = 0
    timeout: Timeout = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectOptions(LogReadingOptions):
    """The options of ``dji-audit inspect``."""

    flight: Annotated[
        str | None,
        typer.Option(
            "--flight",
            "-f",
            metavar="ID",
            help="Show this flight: its sources, and how well their clocks are aligned.",
        ),
    ] = None
    records: Annotated[
        str | None,
        typer.Option("--records", "-r", metavar="NAME", help="Print every record of this name."),
    ] = None
    table: Annotated[
        Literal["track", "events", "captures", "contacts"] | None,
        typer.Option(
            "--table", "-t", metavar="NAME", help="Print track, events, captures or contacts."
        ),
    ] = None
    format: Annotated[
        Literal["table", "csv", "json", "jsonl"], typer.Option("--format", help="How to print.")
    ] = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOptions(RunCommandOptions):
    """The options of ``dji-audit map``."""

    out: Annotated[
        Path | None,
        option_for_output(
            "FILE",
            "HTML file to write; of several flights their index, with the pages in the "
            "folder FILE-flights beside it.",
        ),
    ] = None
    place: Annotated[
        str | None,
        option_that_takes_value(
            "--place", "LAT,LON", "Say when this place was in view of the camera."
        ),
    ] = None
    plot: Plots = None
    format: Annotated[
        Literal["table", "csv", "json", "jsonl"],
        typer.Option("--format", help="How to print when the place was in view."),
    ] = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOptions(PolicyAndContextOptions):
    """The options of ``dji-audit incident``."""

    time: Annotated[
        str,
        option_that_takes_value(
            "--time",
            "TIME",
            "The moment, ISO 8601, such as 2026-05-14T10:04:30Z; a local time without an offset "
            "needs --timezone.",
        ),
    ]
    out: Annotated[
        Path | None,
        option_for_output("FOLDER", "Folder for page, sheets and tables."),
    ] = None
    before: Annotated[
        float,
        option_that_takes_value(
            "--before", "SECONDS", "How much is shown before the moment.", min=1, max=3600
        ),
    ] = 120.0
    after: Annotated[
        float,
        option_that_takes_value(
            "--after", "SECONDS", "How much is shown after it.", min=0, max=3600
        ),
    ] = 60.0
