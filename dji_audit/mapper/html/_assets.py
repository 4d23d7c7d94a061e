"""The parts of a page that are the same for every flight, read from the package."""

import posixpath
import re
from functools import cache
from importlib.resources import files

LEAFLET = "leaflet-1.9.4"

_IMPORT = re.compile(
    r"^import \{([^}]*)\} from '((?:\./|(?:\.\./)+)[a-z_/]+)\.js';\n", re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=const |let |function |class )", re.MULTILINE)
_DECLARED = re.compile(r"^(?:const|let|function|class) (\w+|\[[^\]]*\])", re.MULTILINE)


class ScriptModulesError(RuntimeError):
    """The modules of a script cannot be joined to one."""


@cache
def read_asset(name: str) -> str:
    """Return the text of a file of ours, with the same line ends on every computer."""
    text = (files("dji_audit.mapper") / "assets" / name).read_text("utf-8")
    return text.replace("\r\n", "\n")


@cache
def flight_page_script() -> str:
    """Return the script of a flight page; it leaves one name behind, ``showFlight``."""
    return f"const showFlight = {join_script_modules('flight_page', 'showFlight')};\n"


@cache
def index_page_script() -> str:
    """Return the script of the index page; it leaves one name behind, ``showFlights``."""
    return f"const showFlights = {join_script_modules('index_page', 'showFlights')};\n"


def join_script_modules(entry: str, result: str | None = None) -> str:
    """Return a module and everything it imports as one expression without imports.

    The modules share one scope, each after those it imports, so an import needs no code:
    the name is there already.

    Args:
        entry: The module to begin with.
        result: The name whose value the expression returns; ``None``: none.

    Raises:
        ScriptModulesError: If modules import one another in a circle, import a name that is not
            exported, or declare a name twice.
    """
    modules = {name: read_asset(f"js/{name}.js") for name in script_module_order(entry)}
    exported = {
        name: set(_top_level_names_of_module(_exported_lines_without_export_word(text)))
        for name, text in modules.items()
    }
    owners: dict[str, str] = {}
    for name, text in modules.items():
        for names, source in _imported_names_and_their_modules(name, text):
            if missing := {part.strip() for part in names.split(",")} - exported[source] - {""}:
                raise ScriptModulesError(
                    f"{source}.js does not export {', '.join(sorted(missing))}"
                )
        for declared in _top_level_names_of_module(_EXPORT.sub("", text)):
            if owners.setdefault(declared, name) != name:
                raise ScriptModulesError(f"{name}.js and {owners[declared]}.js declare {declared}")
    parts = "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in modules.values())
    returned = f"return {result};\n" if result else ""
    return f"(() => {{\n'use strict';\n{parts}\n{returned}}})()"


def script_module_order(entry: str) -> list[str]:
    """Return the names of a module and of all it imports, each after those it imports.

    Raises:
        ScriptModulesError: If modules import one another in a circle.
    """
    order: list[str] = []

    def add_with_imports(name: str, importing: tuple[str, ...]) -> None:
        if name in importing:
            raise ScriptModulesError(f"imports in a circle: {' -> '.join((*importing, name))}")
        if name not in order:
            for _, source in _imported_names_and_their_modules(name, read_asset(f"js/{name}.js")):
                add_with_imports(source, (*importing, name))
            order.append(name)

    add_with_imports(entry, ())
    return order


def _imported_names_and_their_modules(name: str, text: str) -> list[tuple[str, str]]:
    """Return the names that a module imports, as text, each with its module (``map/zones``)."""
    folder = posixpath.dirname(name)
    return [
        (names, posixpath.normpath(posixpath.join(folder, source)))
        for names, source in _IMPORT.findall(text)
    ]


def _exported_lines_without_export_word(text: str) -> str:
    """Return the lines of a module that export, without the word."""
    return "\n".join(line[7:] for line in text.splitlines() if line.startswith("export "))


def _top_level_names_of_module(text: str) -> list[str]:
    """Return the names that a module declares at its top level."""
    return [
        name.strip() for match in _DECLARED.findall(text) for name in match.strip("[]").split(",")
    ]


@cache
def leaflet_javascript_text() -> str:
    """Return Leaflet as it was published, without the pointer to its source map."""
    text = _read_vendored_leaflet_file("leaflet.js")
    return re.sub(r"//# sourceMappingURL=.*", "", text)


@cache
def leaflet_style() -> str:
    """Return Leaflet's styles without the pictures they name, which we do not use."""
    return re.sub(r"url\((?!#)[^()]*\)", "none", _read_vendored_leaflet_file("leaflet.css"))


def _read_vendored_leaflet_file(name: str) -> str:
    text = (files("dji_audit.mapper") / "vendor" / LEAFLET / name).read_text("utf-8")
    return text.replace("\r\n", "\n")


def fill_template_slots(template: str, slots: dict[str, str]) -> str:
    """Return a template with each ``<!--slot:name-->`` replaced, in one pass.

    What is put in is not looked at again, so that it cannot name a slot.

    Raises:
        KeyError: If the template names a slot that is not given.
    """
    return re.sub(r"<!--slot:([a-z_]+)-->", lambda found: slots[found[1]], template)
