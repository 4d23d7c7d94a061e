"""The one place where a configuration and the command line become the options of a command."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from dji_audit.cli._options import PolicyAndContextOptions, RunCommandOptions
from dji_audit.cli._terminal import print_error_and_return_exit, print_to_stderr
from dji_audit.cli.configuration._find_configuration import (
    FILE_NAME,
    ConfigurationChoice,
    choose_configuration,
)
from dji_audit.cli.configuration._read_configuration import (
    ConfigurationError,
    ConfigurationFromFile,
    read_configuration,
)
from dji_audit.common.safe_text import terminal_safe_text

OptionsT = TypeVar("OptionsT", bound=PolicyAndContextOptions)
#: Options that hold a path, or paths; others that a configuration locates hold a text.
_PATH_OPTIONS = frozenset(
    {"zones", "operating_areas", "inventory", "operations", "authorisations", "acknowledged"}
    | {"keys", "password_file", "clocks", "elevation", "basemap", "state"}
)
_MAX_NAMED = 12


def options_and_paths_with_configuration(
    options: OptionsT, paths: Sequence[Path] | None, given: Collection[str]
) -> tuple[OptionsT, list[Path]]:
    """Return the options and paths of a command with what the configuration says.

    Says on standard error which configuration applies.

    Args:
        options: What the command line, the environment and the defaults say.
        paths: What the command line names; ``None`` or empty: nothing.
        given: The options that the command line or the environment gives: they win.

    Raises:
        typer.Exit: If the configuration cannot be used, or nothing says what to audit.
    """
    named = list(paths or ())
    try:
        found = choose_configuration(options.config, named)
        configuration = None if found.path is None else read_configuration(found.path)
    except ConfigurationError as error:
        raise print_error_and_return_exit(str(error)) from error
    if configuration is None:
        merged, values = replace(options, config=None), {}
    else:
        values = configuration.keys_and_values_given_in_file()
        merged = merge_configuration_into_options(options, configuration, given)
    if not named:
        named = [Path(text) for text in values.get("paths", ())]
    if not named and options.needs_paths:
        raise print_error_and_return_exit(
            f"name what to read: a file or a folder, or give paths in {FILE_NAME}"
        )
    is_quiet = isinstance(options, RunCommandOptions) and options.quiet
    _print_configuration(found, configuration, given, is_quiet)
    return merged, named


def merge_configuration_into_options(
    options: OptionsT, configuration: ConfigurationFromFile, given: Collection[str] = ()
) -> OptionsT:
    """Return options with what a configuration gives, but for those that were given otherwise."""
    known = {option.name for option in fields(options)}
    changes: dict[str, Any] = {
        name: _configuration_value_as_option(name, value)
        for name, value in configuration.keys_and_values_given_in_file().items()
        if name in known and name not in given
    }
    return replace(options, config=str(configuration.path), **changes)


def _configuration_value_as_option(name: str, value: Any) -> Any:
    if name == "timeout":
        return float(value)
    if name not in _PATH_OPTIONS:
        return value
    return [Path(each) for each in value] if isinstance(value, list) else Path(value)


def _print_configuration(
    found: ConfigurationChoice,
    configuration: ConfigurationFromFile | None,
    given: Collection[str],
    is_quiet: bool,
) -> None:
    """Say which configuration applies, and what it gives; of one in the evidence always."""
    for path in () if is_quiet else found.not_used:
        print_to_stderr(f"config   {terminal_safe_text(path)} is not used")
    if configuration is None:
        return
    name = terminal_safe_text(configuration.path)
    if found.lies_in_evidence:
        print_to_stderr(
            f"warning  {name} lies among the evidence: whoever made that may have written it; "
            "--config none uses none"
        )
    elif is_quiet:
        return
    keys = list(configuration.keys_and_values_given_in_file())
    used = [key for key in keys if key not in given]
    more = f" and {len(used) - _MAX_NAMED} more" if len(used) > _MAX_NAMED else ""
    says = f"gives {', '.join(used[:_MAX_NAMED])}{more}" if used else "gives nothing that is used"
    print_to_stderr(f"config   {name} {says} (SHA-256 {configuration.sha256})")
    if replaced := [key for key in keys if key in given]:
        print_to_stderr(f"config   the command line replaces its {', '.join(replaced)}")
