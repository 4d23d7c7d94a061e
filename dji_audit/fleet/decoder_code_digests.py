"""What code a reading rests on, so that a new decoder reads the files of its format again only.

Of ``parsers`` a module counts with every module that it imports: what all formats share, and beside
it what each format has of its own.  Of ``dji_audit`` only the definitions count that reading a file
can reach: a rule, a page or a command can change without a file being read again.

The code is taken apart and never run.  What it loads by name at run time is followed where a
definition that calls ``import_module`` names a package, or itself stands in one.
"""

import ast
import hashlib
import json
import platform
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.resources import files
from pathlib import Path

import parsers
from dji_audit.common.atomic_files import write_atomically
from dji_audit.fleet.result_keys import package_code_digest

#: Where reading a file begins.
READ_FILE = ("dji_audit.fleet.read_file_in_worker", "read_file")
#: What is done only for files of which no log can be read.
UNREAD_FILE = ("dji_audit.fleet.report_rows_of_files", "unread_file_row")
_PARSERS = "parsers"
CODE_FILE = "reading-code.json"


@dataclass(frozen=True, slots=True)
class DecoderCodeDigests:
    """Digests of the code that results of reading rest on."""

    #: What reading any file rests on.
    shared: str
    #: What finding out rests on what a file is that holds no log.
    file_kinds: str
    #: Name of a format -> what its decoder has besides.
    formats: Mapping[str, str]

    def digests_of_shared_code_and_formats(self, names: Iterable[str]) -> list[str]:
        """Return the digests for a file that holds a log, and that no other formats can read."""
        return [self.shared, *(self.formats.get(name, "") for name in sorted(names))]

    @property
    def digests_of_all_formats(self) -> list[str]:
        """The digests for a file that any format might read, or a part of it, or that none can."""
        return [*self.digests_of_shared_code_and_formats(self.formats), self.file_kinds]


#: Of a store that goes with its run: no other code ever asks for its results.
ONE_RUN = DecoderCodeDigests("", "", {})


def cached_or_new_decoder_code_digests(state: Path) -> DecoderCodeDigests:
    """Return the digests of this code; a folder of states keeps them until a line of it changes."""
    whole = [
        package_code_digest("dji_audit"),
        package_code_digest(_PARSERS),
        platform.python_version(),
    ]
    path = state / CODE_FILE
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_bytes())
        if kept["code"] == whole and _package_versions(kept["packages"]) == kept["packages"]:
            return DecoderCodeDigests(kept["shared"], kept["file_kinds"], dict(kept["formats"]))
    code, packages = _decoder_code_digests_and_package_versions()
    kept = {
        "code": whole,
        "packages": packages,
        "shared": code.shared,
        "file_kinds": code.file_kinds,
        "formats": dict(code.formats),
    }
    with suppress(OSError):
        # Where it cannot be kept, the next run finds it out again.
        write_atomically(path, json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return code


@cache
def _decoder_code_digests_and_package_versions() -> tuple[DecoderCodeDigests, dict[str, str]]:
    graph = ImportGraph({name: Path(str(files(name))) for name in ("dji_audit", _PARSERS)})
    return graph.decoder_code_digests_and_package_versions(_module_name_by_format_name())


def _module_name_by_format_name() -> dict[str, str]:
    """Return the module of each format by the name of the format."""
    known = {id(each): each.name for each in parsers.formats()}
    found: dict[str, str] = {}
    for name, module in sorted(sys.modules.items()):
        format_name = known.get(id(getattr(module, "FORMAT", None)))
        if format_name is not None and name.startswith(f"{_PARSERS}."):
            found.setdefault(format_name, name)
    return found


def _package_versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of installed packages, by their names."""
    found = {}
    for name in sorted(packages):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


class ImportGraph:
    """The modules of some packages, and what each of their definitions leads to."""

    def __init__(self, packages: Mapping[str, Path]) -> None:
        """Take the folders of packages by their names; nothing is read yet."""
        self._paths: dict[str, Path] = {}
        self._data: dict[str, list[Path]] = defaultdict(list)
        for package, folder in packages.items():
            for path in sorted(folder.rglob("*")):
                if "__pycache__" in path.parts or not path.is_file():
                    continue
                parts = [package, *path.relative_to(folder).parts]
                if path.suffix == ".py":
                    parts[-1] = path.stem
                    self._paths[".".join(parts[:-1] if path.stem == "__init__" else parts)] = path
                else:
                    self._data[path.name].append(path)
        self._modules: dict[str, _ParsedModule] = {}

    def decoder_code_digests_and_package_versions(
        self, formats: Mapping[str, str]
    ) -> tuple[DecoderCodeDigests, dict[str, str]]:
        """Return the digests, and the versions of the packages that are a part of them.

        Args:
            formats: Name of each format -> its module.
        """
        shared = self.imported_modules([_PARSERS])
        own = {name: self.imported_modules([module]) - shared for name, module in formats.items()}
        definitions = self.reachable_definitions([READ_FILE], frozenset({UNREAD_FILE}))
        of_unread = self.reachable_definitions([UNREAD_FILE]) - definitions
        modules = {module for module, _ in definitions | of_unread}
        reached = shared.union(modules, *own.values())
        packages = _package_versions(self._third_party_packages(reached))
        made_with = [platform.python_version(), *map(list, packages.items())]
        digest = hashlib.sha256(json.dumps(made_with).encode())
        digest.update(self._digest_of_modules(shared).encode())
        digest.update(self._digest_of_definitions(definitions).encode())
        by_format = {name: self._digest_of_modules(modules) for name, modules in own.items()}
        file_kinds = self._digest_of_definitions(of_unread)
        return DecoderCodeDigests(digest.hexdigest(), file_kinds, by_format), packages

    def imported_modules(self, names: Iterable[str]) -> frozenset[str]:
        """Return some modules with all that they import, and the packages that hold them."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found or name not in self._paths:
                continue
            found.add(name)
            waiting += _enclosing_packages(name)
            waiting += (
                each
                for module, attribute in self._parsed_module(name).imports.values()
                for each in (module, f"{module}.{attribute}", *_enclosing_packages(module))
            )
        return frozenset(found)

    def reachable_definitions(
        self,
        roots: Iterable[tuple[str, str]],
        without: frozenset[tuple[str, str]] = frozenset(),
    ) -> frozenset[tuple[str, str]]:
        """Return each definition, as module and name, that some lead to; those of parsers not.

        Args:
            roots: Where to begin.
            without: Definitions that are not followed.
        """
        found: set[tuple[str, str]] = set()
        waiting = list(roots)
        while waiting:
            module, name = waiting.pop()
            if module.split(".")[0] == _PARSERS or module not in self._paths:
                continue
            if (module, name) in found or (module, name) in without:
                continue
            found.add((module, name))
            it = self._parsed_module(module)
            if name not in it.source_and_names_by_definition:
                waiting += self._definitions_reexported_as(it, name)
                continue
            # Importing a module runs what stands in it and in the packages around it.
            waiting += ((each, _LOOSE) for each in (module, *_enclosing_packages(module)))
            waiting += self._definitions_used_by(it, name)
        return frozenset(found)

    def _definitions_reexported_as(
        self, module: "_ParsedModule", name: str
    ) -> Iterator[tuple[str, str]]:
        """Yield where a name comes from that a module does not define."""
        if name in module.imports:
            yield from self._definitions_behind_import(module.imports[name], ())
        elif (below := f"{module.name}.{name}") in self._paths:
            yield from self._module_and_name_of_each_definition(below)
        elif "__getattr__" in module.source_and_names_by_definition:
            # It is found by name when it is asked for, somewhere below.
            for each in self._modules_below_package(module.name):
                yield from self._module_and_name_of_each_definition(each)

    def _definitions_used_by(self, module: "_ParsedModule", name: str) -> Iterator[tuple[str, str]]:
        use = module.source_and_names_by_definition[name]
        imports = {**module.imports, **use.imports}
        for chain in use.names:
            if chain[0] in use.imports or (
                chain[0] in imports and chain[0] not in module.source_and_names_by_definition
            ):
                yield from self._definitions_behind_import(imports[chain[0]], chain[1:])
            elif chain[0] in module.source_and_names_by_definition:
                yield module.name, chain[0]
        if use.loads_by_name:
            packages = [text for text in use.texts if text in self._paths]
            packages += [module.name] * use.names_itself
            for package in packages:
                for each in self._modules_below_package(package):
                    yield from self._module_and_name_of_each_definition(each)

    def _definitions_behind_import(
        self, imported: tuple[str, str | None], attributes: Sequence[str]
    ) -> Iterator[tuple[str, str]]:
        """Yield what an imported name and its attributes lead to."""
        module, attribute = imported
        chain = [*([attribute] if attribute is not None else []), *attributes]
        while chain and f"{module}.{chain[0]}" in self._paths:
            yield module, _LOOSE
            module = f"{module}.{chain.pop(0)}"
        if module not in self._paths:
            return
        if chain:
            yield module, chain[0]
        else:
            yield from self._module_and_name_of_each_definition(module)

    def _module_and_name_of_each_definition(self, module: str) -> Iterator[tuple[str, str]]:
        if module.split(".")[0] != _PARSERS:
            for name in self._parsed_module(module).source_and_names_by_definition:
                yield module, name

    def _modules_below_package(self, package: str) -> list[str]:
        return [name for name in self._paths if name.startswith(f"{package}.")]

    def _digest_of_modules(self, modules: Iterable[str]) -> str:
        digest = hashlib.sha256()
        for name in sorted(modules):
            path = self._paths[name]
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
            if path.stem == "__init__":
                for data in sorted(path.parent.iterdir()):
                    if data.is_file() and data.suffix not in (".py", ".pyc"):
                        digest.update(f"{data.name}\0".encode() + data.read_bytes() + b"\0")
        return digest.hexdigest()

    def _digest_of_definitions(self, definitions: Iterable[tuple[str, str]]) -> str:
        digest = hashlib.sha256()
        names: set[str] = set()
        for module, name in sorted(definitions):
            if (
                use := self._parsed_module(module).source_and_names_by_definition.get(name)
            ) is not None:
                digest.update(f"{module}\0{name}\0{use.source}\0".encode())
                names |= use.texts & self._data.keys()
        for name in sorted(names):
            for path in self._data[name]:
                digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def _third_party_packages(self, modules: Iterable[str]) -> set[str]:
        """Return the installed packages that some modules import."""
        roots = {
            imported[0].split(".")[0]
            for name in modules
            for imported in self._parsed_module(name).imports.values()
        }
        roots -= {name.split(".")[0] for name in self._paths} | sys.stdlib_module_names
        by_import = packages_distributions() if roots else {}
        return {each for root in roots for each in by_import.get(root, ())}

    def _parsed_module(self, name: str) -> "_ParsedModule":
        if name not in self._modules:
            path = self._paths[name]
            self._modules[name] = _ParsedModule(
                name, path.read_text("utf-8"), path.stem == "__init__"
            )
        return self._modules[name]


#: Stands for the statements of a module that define nothing, and are run when it is imported.
_LOOSE = "(statements)"


class _ParsedModule:
    """One module: what it imports, and what each of its definitions uses.

    The tree of its statements is many times its text and is not kept: with those of all modules
    this process would take twice the memory.
    """

    def __init__(self, name: str, source: str, is_package: bool) -> None:
        self.name = name
        self._package = name if is_package else name.rpartition(".")[0]
        self._source = source
        #: Name -> module and attribute that it stands for, wherever in the module.
        self.imports = self._imports_in(ast.parse(source))

    @cached_property
    def source_and_names_by_definition(self) -> dict[str, "_DefinitionSourceAndNames"]:
        """Name of each definition -> what it uses; of statements that define nothing together."""
        pieces: dict[str, list[ast.stmt]] = defaultdict(list)
        for statement in ast.parse(self._source).body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                continue
            for name in _names_defined_by_statement(statement) or (_LOOSE,):
                pieces[name].append(statement)
        pieces.setdefault(_LOOSE, [])
        lines = self._source.splitlines()
        return {
            name: self._source_and_names_used(statements, lines)
            for name, statements in pieces.items()
        }

    def _source_and_names_used(
        self, statements: Sequence[ast.stmt], lines: Sequence[str]
    ) -> "_DefinitionSourceAndNames":
        source: list[str] = []
        names: set[tuple[str, ...]] = set()
        texts: set[str] = set()
        imports: dict[str, tuple[str, str | None]] = {}
        for statement in statements:
            decorators = getattr(statement, "decorator_list", ())
            first = min([statement.lineno, *(each.lineno for each in decorators)])
            source += lines[first - 1 : statement.end_lineno]
            imports |= self._imports_in(statement)
            for node in ast.walk(statement):
                if isinstance(node, ast.Name):
                    names.add((node.id,))
                elif isinstance(node, ast.Attribute) and (chain := _names_of_attribute_chain(node)):
                    names.add(chain)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.add(node.value)
        longest = {
            chain
            for chain in names
            if not any(other[: len(chain)] == chain for other in names if len(other) > len(chain))
        }
        plain = {chain[0] for chain in longest}
        return _DefinitionSourceAndNames(
            "\n".join(source),
            frozenset(longest),
            frozenset(texts),
            imports,
            loads_by_name="import_module" in {part for chain in longest for part in chain},
            names_itself=bool(plain & {"__name__", "__package__", "__path__"}),
        )

    def _imports_in(self, tree: ast.AST) -> dict[str, tuple[str, str | None]]:
        found: dict[str, tuple[str, str | None]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.split(".")[0]
                    found[name] = (alias.name if alias.asname else name, None)
                    if not alias.asname:
                        found[alias.name] = (alias.name, None)
            elif isinstance(node, ast.ImportFrom):
                above = self._package.split(".")
                base = above[: len(above) - node.level + 1] if node.level else []
                module = ".".join([*base, *([node.module] if node.module else [])])
                for alias in node.names:
                    found[alias.asname or alias.name] = (module, alias.name)
        return found


@dataclass(frozen=True, slots=True)
class _DefinitionSourceAndNames:
    """The source of a definition, and what it uses."""

    source: str
    #: Names, each with its attributes.
    names: frozenset[tuple[str, ...]]
    texts: frozenset[str]
    imports: Mapping[str, tuple[str, str | None]]
    #: Whether it imports modules by names that it makes, and whether of its own package.
    loads_by_name: bool
    names_itself: bool


def _enclosing_packages(name: str) -> list[str]:
    """Return the packages that hold a module."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _names_defined_by_statement(statement: ast.stmt) -> set[str]:
    """Return the names that a statement of a module gives a meaning to."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


def _names_of_attribute_chain(node: ast.Attribute) -> tuple[str, ...]:
    """Return ``("a", "b", "c")`` for ``a.b.c``; empty: it begins with something else."""
    parts = [node.attr]
    value = node.value
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    return (value.id, *reversed(parts)) if isinstance(value, ast.Name) else ()
