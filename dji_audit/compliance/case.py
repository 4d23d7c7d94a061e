"""What a unit brings to an audit besides the logs of one flight."""

from dataclasses import dataclass, field

import parsers
from dji_audit.compliance.endpoints import Catalogue, catalogue


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What every flight of a run is held against."""

    catalogue: Catalogue = field(default_factory=catalogue)
    #: Logs of the network of the run, each with a ``watch``, in order of their names.
    network: tuple[parsers.Log, ...] = ()
