"""The kinds of tables: which columns mean what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ColumnNames = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportProgram:
    """A program that exports tables: how its header is recognised, and what its columns mean."""

    name: str
    title: str
    #: Columns, without their units, that the beginning of its header has.
    required_columns: frozenset[str]
    #: Role -> columns that play it, the best first.
    role_columns: Mapping[str, ColumnNames]
    #: Columns of messages -> kind of event, severity.
    message_columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: Columns that are true while something holds -> kind of event, what it is.  A column of
    #: faults bridges rows in which it drops, as the reader of the record itself does.
    flag_columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: Part of ``Aircraft`` -> columns that name it, the best first.
    identity_columns: Mapping[str, ColumnNames] = field(default_factory=dict)
    #: Kind of named position -> latitude and longitude columns.
    position_columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: Where the table's times come from; ``None``: a wall clock of which the zone is not known.
    clock_source: str | None = None
    #: Whether UTC is written to the second next to a finer count in ``elapsed_s``.
    has_fine_count: bool = False
    #: Whether its times are those of a satellite receiver, which is set at its first fix.
    clock_is_receiver: bool = False
    #: Column -> unit, of columns that name it otherwise than in brackets.
    column_units: Mapping[str, str] = field(default_factory=dict)
    #: Column -> what its numbers are multiplied by.
    column_factors: Mapping[str, float] = field(default_factory=dict)
    #: Number of an aircraft in the column of models -> its name.
    model_names: Mapping[str, str] = field(default_factory=dict)
    #: Whether start, aircraft, home point and messages stand as JSON in the first row.
    states_start_in_metadata: bool = False
    #: The decimal mark, if no program can have changed it; ``None``: as the positions show.
    decimal_mark: str | None = None


_OSD: Mapping[str, ColumnNames] = {
    "latitude_deg": ("OSD.latitude",),
    "longitude_deg": ("OSD.longitude",),
    "height_ato_m": ("OSD.height",),
    "north_mps": ("OSD.xSpeed",),
    "east_mps": ("OSD.ySpeed",),
    "down_mps": ("OSD.zSpeed",),
    "heading_deg": ("OSD.yaw",),
    "pitch_deg": ("OSD.pitch",),
    "roll_deg": ("OSD.roll",),
    "gimbal_yaw_deg": ("GIMBAL.yaw",),
    "gimbal_pitch_deg": ("GIMBAL.pitch",),
    "gimbal_roll_deg": ("GIMBAL.roll",),
    "satellites": ("OSD.gpsNum",),
    "flight_mode": ("OSD.flycState",),
    "elapsed_s": ("OSD.flyTime",),
}
_LIMITS = {
    "HOME.isReachedLimitDistance": ("limit.distance", "the distance limit is reached"),
    "HOME.isReachedLimitHeight": ("limit.height", "the height limit is reached"),
}
#: Not ``isAcceletorOverRange``: it stands in 113 rows of a real table in which the record of the
#: flight says that the aircraft was out of its limit, because those bits are read in reverse.
_FAULTS = {
    "OSD.isCompassError": ("fault", "compass error"),
    "OSD.compassError": ("fault", "compass error"),
    "OSD.isBarometerDeadInAir": ("fault", "barometer dead"),
    "OSD.isMotorBlocked": ("fault", "motor stalled"),
    "OSD.isNotEnoughForce": ("fault", "not enough force"),
    "OSD.isPropellerCatapult": ("fault", "propeller lost"),
}

FLIGHT_READER = ExportProgram(
    "flight-reader",
    "PhantomHelp and Flight Reader",
    frozenset({"CUSTOM.date", "CUSTOM.updateTime", "OSD.latitude", "OSD.longitude"}),
    role_columns={
        **_OSD,
        "height_agl_m": ("OSD.vpsHeight",),
        "altitude_amsl_m": ("OSD.altitude",),
        "ground_speed_mps": ("OSD.hSpeed",),
        "fix_ok": ("OSD.isGPSUsed",),
        "battery_pct": ("BATTERY.chargeLevel",),
        "date": ("CUSTOM.date",),
        "time": ("CUSTOM.updateTime",),
        "video": ("CAMERA.isVideo",),
        "photo": ("CAMERA.isPhoto",),
        "photo_count": ("DETAILS.photoNum",),
        "file": ("CAMERA.filename",),
        "card": ("CAMERA.sdCardIsInserted",),
        "on_ground": ("OSD.isOnGround",),
        "motors_on": ("OSD.isMotorOn",),
        "agl_measured": ("OSD.isSwaveWork",),
    },
    position_columns={
        "home": ("HOME.latitude", "HOME.longitude"),
        "pilot": ("APPGPS.latitude", "APPGPS.longitude"),
    },
    message_columns={
        "APP.tip": ("tip", "info"),
        "APP.message": ("tip", "info"),
        "APP.warning": ("warning", "notice"),
    },
    flag_columns={
        **_LIMITS,
        **_FAULTS,
        "MC.atDistanceLimit": ("limit.distance", "the distance limit is reached"),
        "MC.atAirportAltitudeLimit": ("geofence.limit", "at the height limit near an airport"),
        "MC.atAirportBoundary": ("geofence.limit", "at the boundary of an airport's zone"),
    },
    identity_columns={
        "model": ("OSD.droneType",),
        "name": ("DETAILS.aircraftName", "RECOVER.aircraftName"),
        "serial": ("DETAILS.aircraftSerial", "RECOVER.aircraftSerial"),
        "flight_controller_serial": ("SERIAL.flightController",),
        "camera_serial": ("DETAILS.cameraSerial", "SERIAL.camera", "RECOVER.cameraSerial"),
        "controller_serial": ("DETAILS.rcSerial", "SERIAL.rc", "RECOVER.rcSerial"),
        "battery_serial": ("DETAILS.batterySerial", "SERIAL.battery", "RECOVER.batterySerial"),
        "app": ("DETAILS.appName", "DETAILS.appType", "DETAILS.appVersion"),
    },
)

TXTLOGTOCSV = ExportProgram(
    "txtlogtocsv",
    "TXTlogToCSVtool",
    frozenset({"CUSTOM.updateTime", "CUSTOM.isVideo", "OSD.latitude", "OSD.longitude"}),
    role_columns={
        **_OSD,
        "height_agl_m": ("OSD.sWaveHeight",),
        "fix_ok": ("OSD.isGPSused",),
        "battery_pct": ("SMART_BATTERY.battery", "CENTER_BATTERY.relativeCapacity"),
        "time": ("CUSTOM.updateTime",),
        "video": ("CUSTOM.isVideo",),
        "photo": ("CUSTOM.isPhoto",),
        "photo_count": ("DETAILS.photoNum",),
        "on_ground": ("OSD.groundOrSky",),
        "motors_on": ("OSD.isMotorUp",),
        "agl_measured": ("OSD.isSwaveWork",),
    },
    message_columns={
        "APP_TIP.tip": ("tip", "info"),
        "APP_WARN.warn": ("warning", "notice"),
        "APP_SER_WARN.warn": ("warning", "serious"),
    },
    flag_columns={**_LIMITS, **_FAULTS},
    identity_columns={
        "model": ("OSD.droneType", "DETAILS.droneType", "RECOVER.droneType"),
        "name": ("DETAILS.aircraftName", "RECOVER.aircraftName"),
        "serial": ("DETAILS.aircraftSnBytes", "RECOVER.aircraftSnBytes"),
        "camera_model": ("CAMERA_INFO.cameraType",),
        "camera_serial": ("DETAILS.cameraSn", "RECOVER.cameraSn"),
        "controller_serial": ("DETAILS.rcSn", "RECOVER.rcSn"),
        "battery_serial": ("DETAILS.batterySn", "RECOVER.batterySn"),
        "app": ("DETAILS.appType", "DETAILS.appVersion"),
    },
    position_columns={
        "home": ("HOME.latitude", "HOME.longitude"),
        "pilot": ("APP_GPS.latitude", "APP_GPS.longitude"),
        "controller": ("RC_GPS.latitude", "RC_GPS.longitude"),
    },
    clock_source="clock of the app's device, as TXTlogToCSVtool writes it: UTC",
)

AIRDATA = ExportProgram(
    "airdata",
    "Airdata",
    frozenset({"time", "datetime", "latitude", "longitude", "height_above_takeoff"}),
    role_columns={
        "latitude_deg": ("latitude",),
        "longitude_deg": ("longitude",),
        "height_ato_m": ("height_above_takeoff",),
        "height_agl_m": ("height_sonar",),
        "altitude_amsl_m": ("altitude_above_seaLevel",),
        "ground_speed_mps": ("speed",),
        "heading_deg": ("compass_heading",),
        "pitch_deg": ("pitch",),
        "roll_deg": ("roll",),
        "gimbal_yaw_deg": ("gimbal_heading",),
        "gimbal_pitch_deg": ("gimbal_pitch",),
        "gimbal_roll_deg": ("gimbal_roll",),
        "satellites": ("satellites",),
        "battery_pct": ("battery_percent",),
        "flight_mode": ("flycState",),
        "elapsed_s": ("time",),
        "utc": ("datetime",),
        "video": ("isVideo",),
        "photo": ("isPhoto",),
    },
    message_columns={"message": ("tip", "info")},
    clock_source="UTC as Airdata writes it, to the second",
    has_fine_count=True,
)

#: Litchi's own numbers of aircraft (arpanghosh8453/open-dronelog, ``litchi_parser.rs``, facts
#: only); they are not those of DJI's records.
_LITCHI_MODELS = {
    "1": "Inspire 1", "2": "Phantom 3 Standard", "3": "Phantom 3 Advanced",
    "4": "Phantom 3 Professional", "5": "Phantom 3 4K", "6": "Mavic Pro", "7": "Inspire 2",
    "8": "Phantom 4", "9": "Phantom 4 Pro", "10": "Phantom 4 Advanced", "11": "Mavic Air",
    "14": "Mavic 2 Pro", "15": "Mavic 2 Zoom", "16": "Mavic 2 Enterprise", "17": "Mavic Mini",
    "18": "Mavic Air 2", "19": "FPV", "20": "Mini 2", "21": "Spark", "23": "Air 2S",
    "58": "Mini SE",
}  # fmt: skip

LITCHI = ExportProgram(
    "litchi",
    "Litchi",
    frozenset({"latitude", "longitude", "altitude", "datetime", "satellites", "max_altitude"}),
    role_columns={
        "latitude_deg": ("latitude",),
        "longitude_deg": ("longitude",),
        "height_ato_m": ("altitude",),
        "height_agl_m": ("ultrasonicHeight",),
        "ground_speed_mps": ("speed",),
        "heading_deg": ("yaw",),
        "pitch_deg": ("pitch",),
        "roll_deg": ("roll",),
        "gimbal_yaw_deg": ("gimbalYawRaw", "gimbalYaw"),
        "gimbal_pitch_deg": ("gimbalPitchRaw", "gimbalPitch"),
        "gimbal_roll_deg": ("gimbalRollRaw", "gimbalRoll"),
        "satellites": ("satellites",),
        "battery_pct": ("remainPowerPercent",),
        "flight_mode": ("flightmode",),
        "utc": ("datetime",),
        "video": ("isTakingVideo",),
        "photo": ("istakingphoto",),
        "flying": ("isflying",),
    },
    message_columns={"App_Tip": ("tip", "info"), "App_Warning": ("warning", "notice")},
    identity_columns={
        "model": ("Dronetype",),
        "name": ("Planename",),
        "flight_controller_serial": ("FlyControllerSerialNumber",),
        "controller_serial": ("RemoteSerialNumber",),
        "battery_serial": ("BatterySerialNumber",),
        "app": ("AppVersion",),
    },
    position_columns={"home": ("home_latitude", "home_longitude")},
    clock_source="UTC as Litchi writes it",
    # Tenths of degrees.
    column_factors={"gimbalYawRaw": 0.1, "gimbalPitchRaw": 0.1, "gimbalRollRaw": 0.1},
    model_names=_LITCHI_MODELS,
)

DATCON = ExportProgram(
    "datcon",
    "DatCon and CsvView",
    frozenset({"Tick#", "offsetTime"}),
    role_columns={
        "latitude_deg": ("GPS(0):Lat", "GPS:Lat", "IMU_ATTI(0):Latitude"),
        "longitude_deg": ("GPS(0):Long", "GPS:Long", "IMU_ATTI(0):Longitude"),
        "height_ato_m": ("General:relativeHeight", "osd_data:relativeHeight"),
        "altitude_amsl_m": ("GPS(0):heightMSL", "GPS:heightMSL"),
        "north_mps": ("IMU_ATTI(0):velN",),
        "east_mps": ("IMU_ATTI(0):velE",),
        "down_mps": ("IMU_ATTI(0):velD",),
        "heading_deg": ("IMU_ATTI(0):yaw", "IMU_ATTI(0):yaw360"),
        "pitch_deg": ("IMU_ATTI(0):pitch",),
        "roll_deg": ("IMU_ATTI(0):roll",),
        "satellites": ("IMU_ATTI(0):numSats", "GPS(0):numSV", "GPS:numSV"),
        "flight_mode": ("flyCState", "osd_data:flycState", "General:flyCState"),
        "elapsed_s": ("offsetTime", "Clock:offsetTime"),
        "utc": ("GPS:dateTimeStamp", "GPS(0):dateTimeStamp"),
    },
    message_columns={"eventLog": ("tip", "info"), "Attribute|Value": ("tip", "info")},
    position_columns={"home": ("HomePoint:Lat", "HomePoint:Long")},
    clock_source="satellite receiver, as DatCon writes it, to the second",
    has_fine_count=True,
    clock_is_receiver=True,
)

#: Speed and height stand in the unit that the user chose, which ends the name of the column.
_DRONELOG_SPEEDS = ("ms", "kmh", "mph", "fts")
_DRONELOG_UNITS = (
    {
        f"{name}_{unit}": unit
        for name in ("height", "vps_height", "altitude")
        for unit in ("m", "ft")
    }
    | {
        f"{name}_{unit}": {"ms": "m/s", "fts": "ft/s"}.get(unit, unit)
        for name in ("speed", "velocity_x", "velocity_y", "velocity_z")
        for unit in _DRONELOG_SPEEDS
    }
    | {"time_s": "s"}
)

OPEN_DRONELOG = ExportProgram(
    "open-dronelog",
    "Open DroneLog",
    frozenset({"time_s", "lat", "lng", "is_photo", "is_video", "gimbal_pitch_deg"}),
    role_columns={
        "latitude_deg": ("lat",),
        "longitude_deg": ("lng",),
        "height_ato_m": ("height_m", "height_ft"),
        "height_agl_m": ("vps_height_m", "vps_height_ft"),
        "ground_speed_mps": tuple(f"speed_{unit}" for unit in _DRONELOG_SPEEDS),
        "north_mps": tuple(f"velocity_x_{unit}" for unit in _DRONELOG_SPEEDS),
        "east_mps": tuple(f"velocity_y_{unit}" for unit in _DRONELOG_SPEEDS),
        "down_mps": tuple(f"velocity_z_{unit}" for unit in _DRONELOG_SPEEDS),
        "heading_deg": ("yaw_deg",),
        "pitch_deg": ("pitch_deg",),
        "roll_deg": ("roll_deg",),
        "gimbal_yaw_deg": ("gimbal_yaw_deg",),
        "gimbal_pitch_deg": ("gimbal_pitch_deg",),
        "gimbal_roll_deg": ("gimbal_roll_deg",),
        "satellites": ("satellites",),
        "battery_pct": ("battery_percent",),
        "flight_mode": ("flight_mode",),
        "elapsed_s": ("time_s",),
        "video": ("is_video",),
        "photo": ("is_photo",),
        "metadata": ("metadata",),
        "messages": ("messages",),
    },
    clock_source="start of the flight in UTC, as Open DroneLog writes it, and seconds since",
    column_units=_DRONELOG_UNITS,
    states_start_in_metadata=True,
)

_STATE = "flightControllerState"

OFFICIAL_JSON = ExportProgram(
    "dji-json",
    "DJI's own reader of flight records (JSON)",
    frozenset(),
    role_columns={
        "latitude_deg": (f"{_STATE}.aircraftLocation.latitude",),
        "longitude_deg": (f"{_STATE}.aircraftLocation.longitude",),
        "height_ato_m": (f"{_STATE}.altitude",),
        "north_mps": (f"{_STATE}.velocity.velocityX",),
        "east_mps": (f"{_STATE}.velocity.velocityY",),
        "down_mps": (f"{_STATE}.velocity.velocityZ",),
        "heading_deg": (f"{_STATE}.attitude.yaw",),
        "pitch_deg": (f"{_STATE}.attitude.pitch",),
        "roll_deg": (f"{_STATE}.attitude.roll",),
        # DJI spells it so.
        "gimbal_yaw_deg": ("gimbalState.atitude.yaw", "gimbalsState.0.atitude.yaw"),
        "gimbal_pitch_deg": ("gimbalState.atitude.pitch", "gimbalsState.0.atitude.pitch"),
        "gimbal_roll_deg": ("gimbalState.atitude.roll", "gimbalsState.0.atitude.roll"),
        "satellites": (f"{_STATE}.satelliteCount",),
        "flight_mode": (f"{_STATE}.flightMode",),
        "fix_ok": (f"{_STATE}.isGPSBeingUsed",),
        "elapsed_s": ("frame number / samplingRate",),
        "video": ("cameraState.isRecording", "camerasState.0.isRecording"),
        "photo": ("cameraState.isShootingSinglePhoto", "camerasState.0.isShootingSinglePhoto"),
        "flying": (f"{_STATE}.isFlying",),
        "motors_on": (f"{_STATE}.areMotorsOn",),
    },
    flag_columns={
        f"{_STATE}.hasReachedMaxFlightHeight": ("limit.height", "the height limit is reached"),
        f"{_STATE}.hasReachedMaxFlightRadius": ("limit.distance", "the distance limit is reached"),
        f"{_STATE}.isFailsafeEnabled": ("failsafe", "the control link is lost, fail-safe active"),
    },
    position_columns={
        "home": (
            f"{_STATE}.homeLocationCoordinate.latitude",
            f"{_STATE}.homeLocationCoordinate.longitude",
        ),
    },
    clock_source="start of the flight in UTC, as DJI's own reader writes it, and its frames since",
    column_units={
        f"{_STATE}.altitude": "m",
        f"{_STATE}.velocity.velocityX": "m/s",
        f"{_STATE}.velocity.velocityY": "m/s",
        f"{_STATE}.velocity.velocityZ": "m/s",
    },
    states_start_in_metadata=True,
    decimal_mark=".",
)

#: In the order in which they are tried: Airdata's columns include all that identify Litchi's.
EXPORTERS = (FLIGHT_READER, TXTLOGTOCSV, AIRDATA, LITCHI, DATCON, OPEN_DRONELOG)
