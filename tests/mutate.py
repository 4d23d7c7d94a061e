"""Change one line of the product at a time, and see whether a test fails.

A threshold that no test pins can be changed without anybody noticing.  This samples
such changes (mutants) over the parts in which numbers decide: flights, compliance, the
zone engine and the clocks of the formats.  Each mutant is run with the tests that cover
its line, in a copy of the checkout.  A mutant that no test notices survives.

::

    make mutate N=300 SEED=1
"""

import argparse
import ast
import hashlib
import json
import multiprocessing
import os
import queue
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TARGETS = (
    "dji_audit/flights/**/*.py",
    "dji_audit/compliance/**/*.py",
    "dji_audit/zones/engine/*.py",
    "parsers/**/*clock*.py",
    "parsers/_clocks/*.py",
)
#: Small flights that stand for tests.
EXAMPLES = {ROOT / "dji_audit" / "compliance" / "rules" / "_shared" / "_example_flights.py"}
COPIED = ("dji_audit", "parsers", "tests", "sample_logs", "docs", "benchmarks")
#: Seconds that the tests of one mutant may take in all; the slowest are left out beyond.
BUDGET_S = 60.0
#: A mutant that takes so much longer than its tests did without it hangs: it is noticed.
PATIENCE = 6.0
COMPARISONS = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
    ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not", ast.IsNot: "is",
    ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
WRITTEN = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
ARITHMETIC = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*")}
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any", "first": "last"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one line."""

    path: str
    line: int
    before: str
    after: str
    #: The file with the change.
    text: str

    def __str__(self) -> str:
        """Return where it is and what it changes."""
        return f"{self.path}:{self.line}: {self.before.strip()}  ->  {self.after.strip()}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield every change that is tried in a file."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    ignored = set(_not_run(tree))
    for node in ast.walk(tree):
        if id(node) in ignored:
            continue
        for start, end, new in _changes(node, lines):
            row = start[0]
            line = lines[row - 1]
            changed = line[: start[1]] + new + line[end[1] :]
            if changed != line:
                whole = "".join([*lines[: row - 1], changed, *lines[row:]])
                try:
                    compile(whole, path.name, "exec")
                except SyntaxError:
                    continue
                yield Mutant(path.relative_to(ROOT).as_posix(), row, line, changed, whole)


def _not_run(tree: ast.Module) -> Iterator[int]:
    """Yield the nodes that only describe: annotations, imports for them, examples of rules."""
    described = {id(inner) for part in _descriptions(tree) for inner in ast.walk(part)}
    loads = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
    # A constant that examples alone are made of is one of them.
    used = {node.id for node in loads if id(node) not in described}
    of_examples = {node.id for node in loads} - used
    for node in tree.body:
        if isinstance(node, ast.Assign) and all(
            isinstance(target, ast.Name) and target.id in of_examples for target in node.targets
        ):
            described |= {id(inner) for inner in ast.walk(node)}
    yield from described


def _descriptions(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is written for who reads a rule, and what is run as its own test."""
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name):
            parts.append(node if node.test.id == "TYPE_CHECKING" else None)
        if isinstance(node, ast.Call):
            name = str(getattr(node.func, "id", ""))
            parts.append(node if name == "dataclass" or "example" in name.lower() else None)
        if isinstance(node, ast.FunctionDef) and "example" in node.name:
            parts.append(node)
        if isinstance(node, ast.Assign):
            named = [getattr(target, "id", "") for target in node.targets]
            parts.append(node if named == ["_EXAMPLES"] else None)
        yield from filter(None, parts)


def _changes(node: ast.AST, lines: Sequence[str]) -> Iterator[Any]:
    """Yield start, end and new text for each change of a node that stands on one line."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right, kind = node.left, node.comparators[0], type(node.ops[0])
        yield from _between(left, right, WRITTEN[kind], COMPARISONS[kind], lines)
    elif isinstance(node, ast.BoolOp) and len(node.values) == 2:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        yield from _between(node.values[0], node.values[1], old, new, lines)
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        old, new = ARITHMETIC[type(node.op)]
        if not isinstance(node.left, ast.Constant | ast.JoinedStr) or not isinstance(
            getattr(node.left, "value", 0), str
        ):
            yield from _between(node.left, node.right, old, new, lines)
    elif isinstance(node, ast.Constant) and node.lineno == node.end_lineno:
        other = _other_constant(node.value)
        if other is not None:
            yield (*_span(node, lines), other)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        (row, column), _ = _span(node, lines)
        if lines[row - 1][column : column + 4] == "not ":
            yield (row, column), (row, column + 4), ""
    elif isinstance(node, ast.Name) and node.id in SWAPPED and isinstance(node.ctx, ast.Load):
        yield (*_span(node, lines), SWAPPED[node.id])


def _other_constant(value: object) -> str | None:
    if value is True or value is False:
        return str(not value)
    if isinstance(value, int):
        return str(value + 1)
    if isinstance(value, float):
        return repr(value * 1.2 if value else 1.0)
    return None


def _between(left: ast.expr, right: ast.expr, old: str, new: str, lines: Sequence[str]) -> Any:
    """Yield the change of an operator, where both sides meet on one line."""
    _, (row, start) = _span(left, lines)
    (below, end), _ = _span(right, lines)
    if row == below:
        at = lines[row - 1][start:end].find(old)
        if at >= 0:
            yield (row, start + at), (row, start + at + len(old)), new


def _span(node: ast.expr, lines: Sequence[str]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where a node begins and ends, in characters."""
    last = node.end_lineno or node.lineno
    first_column = len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
    end_column = len(lines[last - 1].encode()[: node.end_col_offset].decode())
    return (node.lineno, first_column), (last, end_column)


class Contexts:
    """A pytest plugin that notes which test runs a line, and how long each test takes."""

    def __init__(self, coverage: Any) -> None:
        """Note into a measurement of coverage."""
        self.coverage = coverage
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Begin the lines of a test."""
        self.coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the time that a test took, and whether it failed."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed:
            self.failed.append(report.nodeid)


def measure(copy: Path, tests: Sequence[str], target: Path) -> None:
    """Run the tests once and write which of them run which line."""
    import coverage
    import pytest

    os.chdir(copy)
    measured = coverage.Coverage(
        data_file=None, source=[str(copy / "dji_audit"), str(copy / "parsers")]
    )
    plugin = Contexts(measured)
    measured.start()
    pytest.main(["-q", "-m", "not browser", "-p", "no:cacheprovider", *tests], plugins=[plugin])
    measured.stop()
    data = measured.get_data()
    lines: dict[str, dict[int, list[str]]] = {}
    for name in data.measured_files():
        contexts = data.contexts_by_lineno(name)
        path = Path(name).relative_to(copy).as_posix()
        lines[path] = {
            line: [test for test in set(run_by) if test and test not in plugin.failed]
            for line, run_by in contexts.items()
        }
    target.write_text(json.dumps({"lines": lines, "seconds": plugin.seconds}), "utf-8")


def tests_for(mutant: Mutant, lines: Mapping[str, Mapping[str, Sequence[str]]]) -> set[str]:
    """Return the tests that run the line; of a constant, those that run what uses it."""
    covered = lines.get(mutant.path, {})
    tree = ast.parse((ROOT / mutant.path).read_text("utf-8"))
    if _function_at(tree, mutant.line) is not None:
        return set(covered.get(str(mutant.line), ()))
    # It runs when the file is imported, by whichever test comes first: that one says nothing.
    names = {
        target.id
        for node in tree.body
        if node.lineno <= mutant.line <= (node.end_lineno or node.lineno)
        for target in ast.walk(node)
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
    }
    used = {
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Attribute) and node.attr in names)
    }
    run_by = {
        test
        for line in used
        if _function_at(tree, line) is not None
        for test in covered.get(str(line), ())
    }
    # Imported elsewhere, or a default of a class: whatever runs the file at all.
    return run_by or {test for tests in covered.values() for test in tests}


def _function_at(tree: ast.Module, line: int) -> ast.AST | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[0].lineno
            if body <= line <= (node.end_lineno or node.lineno):
                return node
    return None


def chosen(tests: set[str], seconds: Mapping[str, float]) -> tuple[list[str], float]:
    """Return the tests to run, the quickest first, and how long they take."""
    out: list[str] = []
    spent = 0.0
    for test in sorted(tests, key=lambda name: (seconds.get(name, 1.0), name)):
        spent += seconds.get(test, 1.0)
        if out and spent > BUDGET_S:
            break
        out.append(test)
    return out, min(spent, BUDGET_S)


def try_mutant(copy: Path, mutant: Mutant, tests: Sequence[str], limit_s: float) -> str:
    """Return ``killed``, ``survived`` or ``timeout``; run in a process of its own."""
    target = copy / mutant.path
    original = target.read_text("utf-8")
    target.write_text(mutant.text, "utf-8")
    child = os.fork()
    if not child:
        code = 70
        try:
            os.setsid()
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            os.chdir(copy)
            sys.dont_write_bytecode = True
            import pytest

            code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
        finally:
            os._exit(code)
    try:
        return _waited(child, limit_s)
    finally:
        target.write_text(original, "utf-8")


def _waited(child: int, limit_s: float) -> str:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "survived" if os.waitstatus_to_exitcode(status) == 0 else "killed"
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


def copy_of(folder: Path) -> Path:
    """Return a copy of the checkout, with the real logs beside it where they are."""
    copy = folder / "main"
    copy.mkdir(parents=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.glob("*"):
        if path.is_file():
            shutil.copy(path, copy / path.name)
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        (folder / "shared").symlink_to(shared.resolve(), target_is_directory=True)
    return copy


def _preload() -> None:
    """Load what every test needs, once, before processes are forked."""
    import folium
    import pandas
    import pydantic
    import pyproj
    import pytest
    import shapely
    import typer

    assert all((folium, pandas, pydantic, pyproj, pytest, shapely, typer))


def worker(
    folder: Path, work: Sequence[tuple[int, Mutant, list[str], float]], results: Any
) -> None:
    """Try mutants one after another, in a copy of one's own."""
    sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() != ROOT]
    _preload()
    copy = copy_of(folder)
    for number, mutant, tests, seconds in work:
        limit = 20.0 + PATIENCE * seconds
        if number == work[0][0]:
            text = (copy / mutant.path).read_text("utf-8")
            if try_mutant(copy, replace(mutant, text=text), tests, limit) != "survived":
                raise RuntimeError(f"the tests fail without a change: {' '.join(tests)[:300]}")
        results.put((number, try_mutant(copy, mutant, tests, limit)))


def tree_hash(tests: Sequence[str]) -> str:
    """Return a digest of every file that decides which test runs which line."""
    digest = hashlib.sha256(repr(list(tests)).encode())
    for name in ("dji_audit", "parsers", "tests", "sample_logs"):
        for path in sorted((ROOT / name).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def main() -> None:
    """Sample mutants, try them, print the share that was noticed and those that were not."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("-n", type=int, default=300, help="mutants to try")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="only files whose path begins so")
    parser.add_argument("--cache", type=Path, default=ROOT / ".mutation")
    parser.add_argument("--at-least", type=float, default=0.0, help="percent; less exits with 1")
    parser.add_argument("--tests", nargs="*", default=["tests"], help="tests to choose from")
    given = parser.parse_args()

    cached = given.cache / f"{tree_hash(given.tests)}.json"
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as scratch:
        if not cached.is_file():
            print("running the tests once, to see which line each of them runs", flush=True)
            given.cache.mkdir(exist_ok=True)
            copy = copy_of(Path(scratch) / "measured")
            process = context.Process(target=measure, args=(copy, given.tests, cached))
            process.start()
            process.join()
        known = json.loads(cached.read_text("utf-8"))
        paths = sorted({path for pattern in TARGETS for path in ROOT.glob(pattern)} - EXAMPLES)
        paths = [path for path in paths if path.relative_to(ROOT).as_posix().startswith(given.only)]
        everything = [mutant for path in paths for mutant in mutants_of(path)]
        sample = random.Random(given.seed).sample(everything, min(given.n, len(everything)))  # noqa: S311 - a sample to repeat, no secret
        work: list[list[tuple[int, Mutant, list[str], float]]] = [[] for _ in range(given.jobs)]
        outcome: dict[int, str] = {}
        for number, mutant in enumerate(sample):
            tests, seconds = chosen(tests_for(mutant, known["lines"]), known["seconds"])
            if tests:
                work[number % given.jobs].append((number, mutant, tests, seconds))
            else:
                outcome[number] = "no test runs this line"
        results = context.Queue()
        workers = [
            context.Process(target=worker, args=(Path(scratch) / str(job), part, results))
            for job, part in enumerate(work)
            if part
        ]
        for process in workers:
            process.start()
        while len(outcome) < len(sample) and any(one.is_alive() for one in workers):
            try:
                number, word = results.get(timeout=5)
            except queue.Empty:
                continue
            outcome[number] = word
            if word == "survived":
                print(f"survived  {sample[number]}", flush=True)
        for process in workers:
            process.join()
    report(sample, outcome, given.seed, len(everything), given.at_least)


def report(
    sample: Sequence[Mutant], outcome: Mapping[int, str], seed: int, of: int, at_least: float
) -> None:
    """Print the share by folder, what survived, and exit with 1 where too much did."""
    noticed = {number for number, word in outcome.items() if word in ("killed", "timeout")}
    folders: dict[str, list[bool]] = defaultdict(list)
    for number, mutant in enumerate(sample):
        folders["/".join(mutant.path.split("/")[:2])].append(number in noticed)
        if number not in noticed and outcome.get(number) != "survived":
            print(f"{outcome.get(number, 'not run')}:  {mutant}")
    for folder, known in sorted(folders.items()):
        print(f"{folder:28} {sum(known):4} of {len(known):4} noticed")
    share = 100 * len(noticed) / len(sample)
    print(
        f"{len(noticed)} of {len(sample)} mutants noticed ({share:.1f} %), seed {seed}, of {of:,}"
    )
    raise SystemExit(share < at_least)


if __name__ == "__main__":
    main()
