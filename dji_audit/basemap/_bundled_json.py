"""The compact files of ``dji_audit/data/basemap``: JSON compressed by LZMA."""

import json
import lzma
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from dji_audit.geo.geodesy import Floats


@cache
def read_bundled_json(name: str) -> dict[str, Any]:
    """Return a file of the package, such as ``places``."""
    packed = (files("dji_audit") / "data" / "basemap" / f"{name}.json.xz").read_bytes()
    document: dict[str, Any] = json.loads(lzma.decompress(packed))
    return document


def decode_delta_degrees(differences: Sequence[int], per_degree: int) -> Floats:
    """Return degrees, shape ``(n,)``, of whole numbers that are each a difference."""
    return np.cumsum(np.asarray(differences, np.int64)) / per_degree
