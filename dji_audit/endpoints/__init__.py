"""The catalogue of endpoints: who operates a host, what it is for, and how that is known.

Host names are compared label by label from the right, never as substrings:
``notdji.com`` and ``dji.com.evil.org`` do not match ``dji.com``.  A look-alike in other
scripts is first converted to its ASCII form, so it never matches either.  Names on the
never-match list never match, whatever else the catalogue says.
"""

from dji_audit.endpoints._catalogue import (
    EDITION,
    Catalogue,
    build_catalogue,
    load_catalogue,
    shipped_catalogue,
)
from dji_audit.endpoints._catalogue_entry import CatalogueEntry, CatalogueError
from dji_audit.endpoints._catalogue_vocabulary import (
    CATEGORIES,
    CLAIMS,
    LDM_MODULES,
    UPLOAD_CATEGORIES,
)
from dji_audit.endpoints._dump_and_load_stix import dump_stix
from dji_audit.endpoints._endpoint_overlay_files import (
    EndpointOverlay,
    dump_endpoints_csv,
    parse_overlay,
    read_overlay,
)
from dji_audit.endpoints._host_explanation import explain_host
from dji_audit.endpoints._host_list_export import (
    dump_pihole_regular_expressions,
    dump_suricata_string_dataset,
    dump_zeek,
)
from dji_audit.endpoints._host_name_scan import HostOccurrence, scan_file
from dji_audit.endpoints._hosting_ranges import HostingRangePublisher, hosting_range_of_ip_address
from dji_audit.endpoints._lint_catalogue import lint_catalogue
from dji_audit.endpoints._normalise_host_names import (
    is_ip_address,
    is_public_host_name,
    normalise_host,
)

__all__ = [
    "CATEGORIES",
    "CLAIMS",
    "EDITION",
    "LDM_MODULES",
    "UPLOAD_CATEGORIES",
    "Catalogue",
    "CatalogueEntry",
    "CatalogueError",
    "EndpointOverlay",
    "HostOccurrence",
    "HostingRangePublisher",
    "build_catalogue",
    "dump_endpoints_csv",
    "dump_pihole_regular_expressions",
    "dump_stix",
    "dump_suricata_string_dataset",
    "dump_zeek",
    "explain_host",
    "hosting_range_of_ip_address",
    "is_ip_address",
    "is_public_host_name",
    "lint_catalogue",
    "load_catalogue",
    "normalise_host",
    "parse_overlay",
    "read_overlay",
    "scan_file",
    "shipped_catalogue",
]
