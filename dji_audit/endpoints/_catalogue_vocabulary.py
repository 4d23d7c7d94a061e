"""The vocabulary of the catalogue: the allowed values with their meanings."""

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
        "device_lookup": "looking up a serial number",
        "firmware_update": "new firmware for aircraft, controller or batteries",
        "fleet_cloud": "a service that manages a fleet: missions, telemetry, media",
        "flight_record_sync": "copies of flight records",
        "geofence": "zones, their updates, and licences that unlock them",
        "geolocation": "turning addresses or positions into places",
        "gnss_assist": "satellite data that lets a receiver start faster",
        "infrastructure": "the operator's own infrastructure; apps do not contact it",
        "internal_or_staging": "the operator's test systems",
        "live_stream": "live video",
        "log_decrypt": "keys of encrypted flight records; requested by an auditor, not by an app",
        "log_upload": "copies of logs, for analysis",
        "maps": "map tiles and places; a request reveals the position",
        "media_sync": "copies of photos and videos",
        "ntrip_rtk": "corrections for a precise position; the position is sent",
        "other": "something else",
        "payments": "paying",
        "push": "messages to the device",
        "regulator_reporting": "reporting the position of the aircraft to a state",
        "relay_4g": "the control link over a mobile network",
        "remote_config": "settings that the operator changes remotely",
        "sdk_registration": "registration of an app with the maker's SDK",
        "social_share": "sharing on social networks",
        "store_marketing": "shop and advertising",
        "support_care": "support and insurance",
        "telemetry_analytics": "usage of app and aircraft, reported to the maker",
        "terrain": "heights of the ground; a request reveals the position",
        "third_party_analytics": "usage of the app, reported to a third party",
        "vendor_apex": "a domain of the maker with its subdomains; their role is unknown",
    }
)

#: Categories whose hosts take copies of records, logs, media, live video or telemetry.
UPLOAD_CATEGORIES = frozenset(
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

#: Modules of DJI's Mobile SDK that may be exempt from its Local Data Mode, in DJI's spelling
#: (``LDMExemptModule`` of Mobile SDK 5.18).
LDM_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "RTK": "corrections for a precise position",
        "MSDK_INIT_AND_REGISTRATION": "registration of the app with the SDK",
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

MATCH_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "exact": "this host only",
        "suffix": "this name and all its subdomains",
        "ip": "this address",
        "port": "this port on any host",
        "never": "never match this name, whatever other rows say",
    }
)

SPECIFICITIES: Mapping[str, str] = MappingProxyType(
    {
        "vendor": "the operator's own host: a contact is with the operator",
        "shared_sdk": "a service built into many apps: the contact may come from another app",
        "generic": "a host with many users: it supports a finding and never makes one",
        "vendor_ip_ageing": "an address that belonged to the operator when the source was written",
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
        "app_string_deobfuscated": "an obfuscated text in the app",
        "app_string": "a text in the app",
        "open_source_client": "a program that talks to it",
        "blocklist_from_observation": "a blocklist made by observing the app",
        "third_party_measurement": "traffic measured by others",
        "third_party_recon": "a survey of the operator's hosts by others",
        "third_party_reversing": "the app, analysed by others",
        "cert_san": "a certificate that names it",
        "domain_list": "a list of domains",
        "curated_list": "a manually maintained list",
        "registry_name_only": "a registry that lists the name; its use is guessed",
        "blocklist": "a blocklist; its use is guessed",
        "unit": "established by the unit itself",
    }
)

#: Claim of a network finding -> its meaning; weakest first.
CLAIMS: Mapping[str, str] = MappingProxyType(
    {
        "indicator": "a name or a mark in a file; nothing shows a connection to a computer",
        "other_aircraft": "app, host or device points to the maker of another aircraft; nothing "
        "shows that the contact is of the aircraft of this flight",
        "attempted": "a connection was tried and blocked, or got no answer; this is not a contact",
        "contact": "a name was looked up or connected to; the data sent is not shown",
        "probable_upload": "after the flight began, more bytes than a request needs were sent "
        "to a host that accepts uploads; the data sent is not shown",
        "confirmed_upload": "decrypted traffic shows a path that accepts uploads, or a file on "
        "the disk proves the upload",
    }
)
