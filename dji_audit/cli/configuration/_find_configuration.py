"""Which configuration applies: the one named, that of the working folder, that of the evidence."""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dji_audit.cli.configuration._read_configuration import ConfigurationError

FILE_NAME = "dji-audit.toml"
#: What the option says where no configuration is wanted.
NO_CONFIGURATION = "none"


@dataclass(frozen=True, slots=True)
class ConfigurationChoice:
    """The configuration that applies, and those that do not."""

    #: ``None``: none applies.
    path: Path | None
    #: Whether nobody named it and it lies in a folder that is audited.
    lies_in_evidence: bool = False
    #: Others that were found in folders that are audited.
    not_used: tuple[Path, ...] = ()


def choose_configuration(named: str | None, paths: Sequence[Path]) -> ConfigurationChoice:
    """Return which configuration applies.

    The working folder comes before the evidence: what came with evidence may be the work of
    anybody.  For the same reason a link is not followed there.

    Args:
        named: What the user says; ``none``: none is wanted; ``None``: nothing.
        paths: What is audited.

    Raises:
        ConfigurationError: If several audited folders hold one each, and none is named.
    """
    beside = tuple(_configuration_in_each_folder(paths))
    if named == NO_CONFIGURATION:
        return ConfigurationChoice(None, not_used=beside)
    own = Path(named) if named is not None else Path(FILE_NAME)
    if named is not None or own.is_file():
        return ConfigurationChoice(
            own, not_used=tuple(it for it in beside if not _is_same_path(it, own))
        )
    if len(beside) > 1:
        raise ConfigurationError(
            f"{beside[0]} and {beside[1]}: two configurations; name one with --config FILE, or "
            "use none with --config none"
        )
    return ConfigurationChoice(beside[0], True) if beside else ConfigurationChoice(None)


def _configuration_in_each_folder(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the configuration in each folder, once."""
    seen = set[Path]()
    for path in paths:
        file = path / FILE_NAME
        try:
            if not stat.S_ISREG(file.lstat().st_mode) or file.resolve() in seen:
                continue
        except (OSError, ValueError):
            # No folder, or one that cannot be opened: whoever reads it says so.
            continue
        seen.add(file.resolve())
        yield file


def _is_same_path(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
