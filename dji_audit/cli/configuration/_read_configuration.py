"""A configuration read from its file: bounded, checked, its paths relative to the file."""

import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dji_audit.cli.configuration._configuration_keys import (
    ConfigurationFileValues,
    PathKeyAnnotation,
    path_annotation_of_key,
)
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.supplied_tables import SuppliedFileError, spelling_hint

#: Bytes of a file, and characters of a line: dotted keys cost the square of their number.
MAX_SIZE, MAX_LINE = 64 << 10, 8192
#: Keys are never within tables, so that no line needs many dots before its value.
_DOTTED_KEY = re.compile(r"[^\"'#=\n]*(\.[^\"'#=\n.]*){8}")
#: Words for what a value must be, by the type of a fault.
_EXPECTED = {
    "string_type": "must be a text in quotes",
    "list_type": 'must be a list, such as ["a", "b"]',
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "string_too_short": "is empty; leave the key out instead",
    "string_pattern_mismatch": "holds a control character",
}


class ConfigurationError(SuppliedFileError):
    """A configuration cannot be used; the message names the file, the line and the key."""


@dataclass(frozen=True, slots=True)
class ConfigurationFromFile:
    """A configuration, and the file that it was read from."""

    path: Path
    sha256: str
    keys: ConfigurationFileValues

    def keys_and_values_given_in_file(self) -> dict[str, Any]:
        """Return the keys that the file gives, with paths relative to the working folder."""
        return {
            name: self._resolve_paths_of_key(name, value)
            for name, value in self.keys.model_dump(exclude_none=True).items()
        }

    def _resolve_paths_of_key(self, name: str, value: Any) -> Any:
        mark = path_annotation_of_key(name)
        if mark is None:
            return value
        if isinstance(value, list):
            return [self._resolve_path(each, mark) for each in value]
        return self._resolve_path(value, mark)

    def _resolve_path(self, text: str, mark: PathKeyAnnotation) -> str:
        if text in mark.words:
            return text
        if mark.ends_at:
            before, end, rest = text.rpartition(mark.ends_at)
            return (
                f"{self._resolve_path(before, PathKeyAnnotation())}{end}{rest}" if before else text
            )
        folder = self.path.parent
        path = Path(os.path.normpath(folder / text)) if text != "." else folder
        return text if mark.or_name and "/" not in text and not path.exists() else str(path)


def read_configuration(path: Path) -> ConfigurationFromFile:
    """Return the configuration in a file.

    Raises:
        ConfigurationError: If it cannot be read, is too large, no TOML, or holds a key or a value
            that no configuration has.
    """
    data = _read_bounded_bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: byte {error.start} is not UTF-8") from error
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MAX_LINE or _DOTTED_KEY.match(line):
            raise ConfigurationError(f"{path}, line {number}: too long, or too many dots in a key")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from error
    except RecursionError as error:
        raise ConfigurationError(f"{path}: lists within lists are too deep") from error
    except ValueError as error:
        # A number of thousands of digits.
        raise ConfigurationError(f"{path}: holds a number of too many digits") from error
    try:
        keys = ConfigurationFileValues.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(f"{path}{_first_fault_text(error, text)}") from error
    return ConfigurationFromFile(path, hashlib.sha256(data).hexdigest(), keys)


def _read_bounded_bytes(path: Path) -> bytes:
    try:
        # Opening a pipe would wait for whoever writes into it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigurationError(f"{path}: not a regular file")
        with path.open("rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        why = os_error_reason(error) if isinstance(error, OSError) else str(error)
        raise ConfigurationError(f"{path}: {why}") from error
    if len(data) > MAX_SIZE:
        raise ConfigurationError(f"{path}: more than {MAX_SIZE:,} bytes are not a configuration")
    return data


def _first_fault_text(error: ValidationError, text: str) -> str:
    """Return the first fault with its line, an unknown key before all others."""
    faults = error.errors(include_url=False, include_context=True)
    fault = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
    key = str(fault["loc"][0])
    line = next(_line_numbers_of_key(text, key), None)
    place = "" if line is None else f", line {line}"
    shown = key if len(key) <= 60 else f"{key[:60]}…"
    if fault["type"] == "extra_forbidden":
        hint = spelling_hint(
            key[:60].replace("-", "_").lower(), ConfigurationFileValues.model_fields
        )
        return f"{place}: there is no key {shown!r}{hint}"
    numbers = [part + 1 for part in fault["loc"][1:] if isinstance(part, int)]
    entry = f", entry {numbers[0]}" if numbers else ""
    message = fault["msg"][:1].lower() + fault["msg"][1:]
    return f"{place}: {shown}{entry} {_EXPECTED.get(fault['type'], f'is not valid: {message}')}"


def _line_numbers_of_key(text: str, key: str) -> Iterator[int]:
    """Yield the number of each line that gives a key, or begins a table of that name."""
    name = re.escape(key)
    begins = re.compile(rf"\s*(?:\[+\s*)?[\"']?{name}[\"']?\s*[=.\]]")
    for number, line in enumerate(text.splitlines(), 1):
        if begins.match(line):
            yield number
