"""The closed sets of words of the catalogue, each with its meaning."""

from collections.abc import Mapping
from types import MappingProxyType

#: What a host is for.
CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "account": "logging in to the maker's account",
        "activation": "binding an aircraft or battery to a person or place",
        "adsb": "positions of other aircraft",
        "app_update": "new versions of the app",
        "cloud_storage": "storage rented from a cloud",
        "content_cdn": "pictures, texts and downloads of the app",
        "crash_reporting": "reports of crashes, with what the app was doing",
        "device_lookup": "looking a serial number up",
        "firmware_update": "new firmware for aircraft, controller or batteries",
        "fleet_cloud": "a service that manages a fleet: missions, telemetry, media",
        "flight_record_sync": "copies of flight records",
        "geofence": "zones, their updates, and licences that unlock them",
        "geolocation": "turning addresses or positions into places",
        "gnss_assist": "satellite data that lets a receiver start faster",
        "infrastructure": "the operator's own machinery; apps do not talk to it",
        "internal_or_staging": "the operator's test systems",
        "live_stream": "live video",
        "log_decrypt": "keys of encrypted flight records: asked for by an auditor, not by an app",
        "log_upload": "copies of logs, for analysis",
        "maps": "map tiles and places: what is asked for is where one is",
        "media_sync": "copies of photos and videos",
        "ntrip_rtk": "corrections for a precise position, for which the position is sent",
        "other": "something else",
        "payments": "paying",
        "push": "messages to the device",
        "regulator_reporting": "telling a state where the aircraft is",
        "relay_4g": "the control link over a mobile network",
        "remote_config": "switches and settings that the operator changes from afar",
        "sdk_registration": "admitting an app to the maker's SDK",
        "social_share": "sharing on social networks",
        "store_marketing": "shop and advertising",
        "support_care": "support and insurance",
        "telemetry_analytics": "how app and aircraft are used, told to the maker",
        "terrain": "heights of the ground: what is asked for is where one is",
        "third_party_analytics": "how the app is used, told to somebody else than the maker",
        "vendor_apex": "a domain of the maker: what lies below it is the maker's, role not known",
    }
)

#: Categories whose hosts take copies of records, logs, media, live video or telemetry.
UPLOADS = frozenset(
    {
        "cloud_storage",
        "fleet_cloud",
        "flight_record_sync",
        "live_stream",
        "log_upload",
        "media_sync",
        "regulator_reporting",
    }
)

#: Parts of DJI's Mobile SDK that may be exempt from its Local Data Mode, spelled as DJI does
#: (``LDMExemptModule`` of Mobile SDK 5.18).
LDM_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "RTK": "corrections for a precise position",
        "MSDK_INIT_AND_REGISTRATION": "admitting the app to the SDK",
        "FLY_SAFE": "zones and the licences that unlock them",
        "UTMISS": "reporting to the Chinese state",
        "LIVE_STREAMING": "live video",
        "FIRMWARE_UPGRADE": "new firmware",
        "EXPERENCE_IMPROVEMENT": "analytics and crash reports",
        "USER_ACCOUNT": "logging in",
        "LTE": "the control link over a mobile network",
        "REAL_NAME": "registering a person with an aircraft",
        "OID": "an identifier of the device",
        "OTHER": "everything else",
    }
)

MATCHES: Mapping[str, str] = MappingProxyType(
    {
        "exact": "this host and no other",
        "suffix": "this name and every name below it",
        "ip": "this address",
        "port": "this port on any host",
        "never": "never match this name, whatever else is said of it",
    }
)

SPECIFICITIES: Mapping[str, str] = MappingProxyType(
    {
        "vendor": "the operator's own: a contact is with the operator",
        "shared_sdk": "a service built into many apps: a contact may come from another app",
        "generic": "a host that many share: it supports a finding and never makes one",
        "vendor_ip_ageing": "an address that was the operator's when the source was written",
    }
)

ENVIRONMENTS = ("prod", "staging", "internal")
CONFIDENCES = ("high", "medium", "low")

#: How it is known what a host is for.
EVIDENCE: Mapping[str, str] = MappingProxyType(
    {
        "vendor_source": "the maker's own source code",
        "vendor_firewall_list": "the maker's list for firewalls",
        "vendor_doc": "the maker's documentation",
        "gcs_source": "source code of a ground station",
        "sdk_source": "code of the maker's SDK",
        "decompiled_source": "the app, decompiled",
        "app_manifest": "the manifest of the app",
        "app_string_deobfuscated": "a text in the app that was hidden there",
        "app_string": "a text in the app",
        "open_source_client": "a program that talks to it",
        "blocklist_from_observation": "a blocklist made by watching the app",
        "third_party_measurement": "traffic measured by others",
        "third_party_recon": "a survey of the operator's hosts by others",
        "third_party_reversing": "the app, analysed by others",
        "cert_san": "a certificate that names it",
        "domain_list": "a list of domains",
        "curated_list": "a list kept by hand",
        "registry_name_only": "a registry that holds the name; its use is guessed",
        "blocklist": "a blocklist; its use is guessed",
        "unit": "what a unit itself established",
    }
)
