"""The house rules that a reader of one file cannot see: who may import, print and name what."""

import ast
import importlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import parsers
from tests.conftest import ROOT

FAMILIES = ("dji", "klv", "mavlink", "network", "other_makers", "remote_id", "tracks")
#: Third-party giants, each with the one room it may stand in.
ROOMS: dict[str, str | tuple[str, ...]] = {
    "pymavlink": "parsers/mavlink/",
    "folium": "dji_audit/mapper/",
    "branca": "dji_audit/mapper/",
    "pyarrow": ("dji_audit/exports/", "dji_audit/fleet/tables/"),
    "duckdb": "dji_audit/fleet/questions/",
    "xlsxwriter": "dji_audit/report/",
    "typer": "dji_audit/cli/",
    "typst": "dji_audit/mapper/typst_process.py",
    "rfc3161_client": "dji_audit/dossier/",
    "distributed": "dji_audit/fleet/dask_pool.py",
}
#: What must not read evidence, nor what it leans on: ``mavlink_connection`` runs a file whose
#: path looks like a program's and opens sockets for names such as ``udp:x``; DFReader loses what
#: lies behind damage; pyulog's events are fetched; the environment chooses pymavlink's dialect.
NEVER_ON_EVIDENCE = re.compile(
    r"mavlink_connection|\bmavutil\b|\bDFReader|\bpyulog\b|PX4Events|MAVLINK20|MAVLINK_DIALECT"
)
#: Modules that open connections.  ``urllib.parse`` only takes texts apart.
NETWORK = {
    "aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "smtplib",
    "socket", "socketserver", "ssl", "telnetlib", "urllib", "urllib3", "webbrowser", "websocket",
    "websockets", "xmlrpc",
}  # fmt: skip
HARMLESS = {"urllib.parse"}
#: Hosts that packages are fetched from, in pieces, so that this file does not name them.
INDEX_HOSTS = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "npm" + "js.com",
    "static.crates" + ".io",
    "conda.ana" + "conda.org",
)
INDEX_OPTIONS = ("--index" + "-url", "--extra-index" + "-url", "--find" + "-links")


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the full name of everything a file imports, and whether it names it relatively."""
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            whole = ".".join([*base, *([node.module] if node.module else [])])
            yield whole, bool(node.level)
            yield from ((f"{whole}.{alias.name}", bool(node.level)) for alias in node.names)


def test_there_is_something_to_check() -> None:
    assert len(sources("parsers")) > 20
    assert any(module == "parsers._model" for module, _ in imports(ROOT / "parsers/__init__.py"))


@pytest.mark.parametrize("path", sources("parsers"), ids=name)
def test_parsers_names_neither_itself_nor_the_application(path: Path) -> None:
    absolute = {module.partition(".")[0] for module, relative in imports(path) if not relative}
    assert not absolute & {"parsers", "dji_audit"}
    assert all(module.startswith("parsers") for module, relative in imports(path) if relative)


def public_modules() -> list[str]:
    return [
        f"parsers.{family}.{path.stem}"
        for family in FAMILIES
        for path in (ROOT / "parsers" / family).glob("*")
        if not path.name.startswith("_")
        and (path.suffix == ".py" or (path / "__init__.py").is_file())
    ]


def inside(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


@pytest.mark.parametrize("path", sources(*(f"parsers/{family}" for family in FAMILIES)), ids=name)
def test_a_format_imports_no_format(path: Path) -> None:
    mine = module_of(path)
    others = [format for format in public_modules() if not inside(mine, format)]
    assert len(others) >= 1
    for module, _ in imports(path):
        assert not any(inside(module, other) for other in others), module


def test_each_format_is_one_public_module() -> None:
    assert len(public_modules()) == len(parsers.formats())


@pytest.mark.parametrize("path", sources("parsers", "dji_audit"), ids=name)
def test_each_giant_stays_in_its_room(path: Path) -> None:
    for module, _ in imports(path):
        room = ROOMS.get(module.partition(".")[0])
        assert room is None or name(path).startswith(room), module


def test_nothing_reads_evidence_with_a_reader_that_runs_connects_or_gives_up() -> None:
    for path in sources("parsers", "dji_audit"):
        code = ast.unparse(without_docstrings(ast.parse(path.read_text("utf-8"))))
        assert not NEVER_ON_EVIDENCE.search(code), name(path)


def without_docstrings(tree: ast.Module) -> ast.Module:
    """Return a module without the texts that stand by themselves, which may say why not."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]  # a node that has one
                part
                for part in body
                if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
            ] or [ast.Pass()]
    return tree


@pytest.mark.parametrize("path", sources("parsers"), ids=name)
def test_pymavlink_is_used_for_its_definitions_only(path: Path) -> None:
    used = {module for module, _ in imports(path) if inside(module, "pymavlink")}
    assert used <= {"pymavlink.dialects.v20", "pymavlink.dialects.v20.all"}


#: Module -> what it may import all the same.
PERMITTED = {
    # Switches off the one socket that loading folium would open.
    "dji_audit/mapper/html/_folium.py": {"socket"},
    # The one command that asks a server, after saying what it will send.
    "dji_audit/keys/_server_connection.py": {"http", "socket", "ssl"},
    # The one socket that listens, on the loopback address, where a user asks for it.
    "dji_audit/fleet/serve/serve_on_loopback.py": {"socket"},
    # The names of cookies and their values; no connection.
    "dji_audit/fleet/serve/request_guard.py": {"http"},
}


@pytest.mark.parametrize("path", sources("parsers", "dji_audit"), ids=name)
def test_nothing_that_opens_a_connection_is_imported(path: Path) -> None:
    for module, relative in imports(path):
        if module.partition(".")[0] in PERMITTED.get(name(path), ()):
            continue
        if relative or any(inside(module, harmless) for harmless in HARMLESS):
            continue
        if module == "urllib":  # "from urllib import parse" yields its parts, too
            continue
        assert module.partition(".")[0] not in NETWORK, module


@pytest.mark.parametrize("path", sources("parsers", "dji_audit"), ids=name)
def test_only_the_command_line_prints_exits_or_reads_the_environment(path: Path) -> None:
    # What typst_process prints goes into a pipe to the process that started it.
    if name(path).startswith("dji_audit/cli/") or name(path) == "dji_audit/mapper/typst_process.py":
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"print", "input", "exit", "quit", "breakpoint"}
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            spoken = f"{node.value.id}.{node.attr}"
            assert spoken not in {"sys.stdout", "sys.stderr", "sys.exit", "os.environ", "os.getenv"}


@pytest.mark.parametrize("path", sources("dji_audit"), ids=name)
def test_the_application_uses_parsers_by_its_root_only(path: Path) -> None:
    for module, relative in imports(path):
        if not relative and inside(module, "parsers") and module != "parsers":
            assert module.removeprefix("parsers.") in parsers.__all__, module


def test_no_modules_import_one_another_in_a_circle() -> None:
    graph = grimp.build_graph("dji_audit", "parsers", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imports).prepare()  # raises CycleError with the circle


def test_what_parsers_offers_is_sorted_and_there() -> None:
    offered = parsers.__all__
    constants = [one for one in offered if one.isupper()]
    classes = [one for one in offered if one[0].isupper() and not one.isupper()]
    functions = [one for one in offered if one[0].islower()]
    assert offered == [*sorted(constants), *sorted(classes), *sorted(functions)]
    assert len(set(offered)) == len(offered)
    assert all(hasattr(parsers, one) for one in offered)
    assert not any(one.startswith("_") for one in offered)


#: Lists of one kind of thing: a format, a rule or a sample in each file.
LISTS = {
    "dji_audit/compliance/rules",
    "dji_audit/zones/formats",
    "tests/dji_audit/compliance/rules",
}
MAX_ENTRIES = 25


def test_a_folder_shows_at_most_25_entries_lists_of_formats_and_rules_apart() -> None:
    crowded = {
        name(folder): len(entries)
        for top in ("parsers", "dji_audit")
        for folder in (ROOT / top, *(ROOT / top).rglob("*"))
        if folder.is_dir()
        and folder.name != "__pycache__"
        and name(folder) not in LISTS
        and len(entries := [each for each in folder.iterdir() if each.name != "__pycache__"])
        > MAX_ENTRIES
    }
    assert crowded == {}


def test_a_class_name_stands_for_one_thing() -> None:
    homes: dict[str, list[str]] = {}
    for path in sources("parsers", "dji_audit"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(name(path))
    assert {each: files for each, files in homes.items() if len(files) > 1} == {}


@pytest.mark.parametrize(
    "path",
    [each for each in sources("parsers", "dji_audit") if "\n__all__ = " in each.read_text("utf-8")],
    ids=name,
)
def test_a_module_holds_what_it_lists_as_public(path: Path) -> None:
    module = importlib.import_module(module_of(path))
    assert [each for each in module.__all__ if not hasattr(module, each)] == []


@pytest.mark.parametrize("path", sources("dji_audit/report"), ids=name)
def test_no_row_of_a_report_holds_just_anything(path: Path) -> None:
    names = {
        node.id
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name)
    }
    assert "Any" not in names


def test_nothing_can_be_run_with_python_m() -> None:
    """An evidence folder is not trusted, and ``-m`` would put it first on the import path."""
    assert not [name(path) for path in sources("parsers", "dji_audit") if path.stem == "__main__"]


def committed() -> list[Path]:
    """Return the files of the repository; of a copy without one, all that would be in it."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
        paths = [ROOT / path for path in listed.stdout.decode().split("\0") if path]
    else:
        folders = ("parsers", "dji_audit", "tests", "sample_logs", "benchmarks", "docs")
        paths = [path for folder in folders for path in (ROOT / folder).rglob("*")]
        paths += ROOT.glob("*")
    return [path for path in paths if path.is_file() and path.suffix != ".pyc"]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name(path)}: {line[:100]}" for line in text.splitlines() if pattern.search(line)
        ]
    return found


def test_no_committed_file_names_a_package_index() -> None:
    paths = committed()
    assert ROOT / "pyproject.toml" in paths
    words = [re.escape(word) for word in (*INDEX_HOSTS, *INDEX_OPTIONS)]
    assert lines_with(re.compile("|".join(words), re.IGNORECASE), paths) == []


def test_no_committed_file_names_a_path_of_the_machine_it_was_made_on() -> None:
    own = Path(__file__).resolve()
    paths = [path for path in committed() if path.resolve() != own]
    assert lines_with(re.compile(r"(?<![\w.~/-])/(work|root|home/\w+|Users/\w+)/"), paths) == []
    product = [path for path in paths if name(path).startswith(("parsers/", "dji_audit/"))]
    product = [path for path in product if "/vendor/" not in name(path)]
    assert lines_with(re.compile(r"(?<![\w.~/-])/tmp\b"), product) == []


MERGE_MARKS = re.compile(r"^(<{7}|>{7}) ")


def test_no_committed_file_holds_the_marks_of_an_unfinished_merge() -> None:
    assert MERGE_MARKS.search("<" * 7 + " HEAD")
    assert MERGE_MARKS.search(">" * 7 + " topic")
    assert lines_with(MERGE_MARKS, committed()) == []
