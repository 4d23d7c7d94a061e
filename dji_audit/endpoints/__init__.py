"""The catalogue of endpoints: which host is whose, what it is for, and how that is known.

A name is compared label by label from the right, never as a substring:
``notdji.com`` and ``dji.com.evil.org`` are not ``dji.com``.  A look-alike in
other letters is turned into its ASCII form first and so never matches either.
Names on the negative list never match, whatever else the catalogue says.
"""

from dji_audit.endpoints._catalogue import (
    EDITION,
    Catalogue,
    build,
    catalogue,
    load_catalogue,
)
from dji_audit.endpoints._explain import explain
from dji_audit.endpoints._export import dump_pihole, dump_suricata, dump_zeek
from dji_audit.endpoints._lint import faults
from dji_audit.endpoints._names import normalise
from dji_audit.endpoints._read import Layer, dump_csv, parse_layer, read_layer
from dji_audit.endpoints._row import CatalogueError, Endpoint
from dji_audit.endpoints._scan import Named, scan
from dji_audit.endpoints._stix import dump_stix
from dji_audit.endpoints._wording import CATEGORIES, LDM_MODULES, UPLOADS

__all__ = [
    "CATEGORIES",
    "EDITION",
    "LDM_MODULES",
    "UPLOADS",
    "Catalogue",
    "CatalogueError",
    "Endpoint",
    "Layer",
    "Named",
    "build",
    "catalogue",
    "dump_csv",
    "dump_pihole",
    "dump_stix",
    "dump_suricata",
    "dump_zeek",
    "explain",
    "faults",
    "load_catalogue",
    "normalise",
    "parse_layer",
    "read_layer",
    "scan",
]
