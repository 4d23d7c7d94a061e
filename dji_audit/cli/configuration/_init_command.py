"""``dji-audit init``: a new configuration, every key in it as a comment that says what it does."""

from pathlib import Path

from dji_audit.cli._terminal import write_new_file_and_print_path
from dji_audit.cli.configuration._configuration_keys import (
    ConfigurationFileValues,
    section_and_example_of_key,
)
from dji_audit.cli.configuration._find_configuration import FILE_NAME
from dji_audit.common.commented_toml import wrap_as_toml_comment

_HEAD = (
    "Configuration of dji-audit: options that a unit would otherwise give with every command. "
    "Take away the # before a key to use it. audit, dossier, report, export, timeline, map and "
    "incident use this file where it lies in the folder in which they are called, or in the one "
    "that they read, or where --config names it. What the command line says wins; a list there "
    "takes the place of the list here. Paths are relative to this file. "
    "`dji-audit doctor` checks it."
)


def init_command(folder: Path) -> int:
    """Write a new configuration into a folder; return the exit code."""
    write_new_file_and_print_path(folder / FILE_NAME, new_configuration_text())
    return 0


def new_configuration_text() -> str:
    """Return a configuration in which every key is explained and none is given."""
    lines = wrap_as_toml_comment(_HEAD)
    last_section = ""
    for name, key in ConfigurationFileValues.model_fields.items():
        section, example = section_and_example_of_key(name)
        if section != last_section:
            lines += ["", "", f"# ==== {section} ===="]
            last_section = section
        lines += ["", *wrap_as_toml_comment(key.description or ""), f"#{name} = {example}"]
    return "\n".join(lines) + "\n"
