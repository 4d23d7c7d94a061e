"""Pin every package by hash, for running and for developing; name no index.

Run by ``make lock``.  ``run.txt`` is what the project needs, with its build
backend; ``dev.txt`` adds the tools on top of exactly those versions.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OPTIONS = (
    "--generate-hashes", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links",
    "--no-emit-options", "--no-header", "--no-annotate", "--strip-extras", "--allow-unsafe",
    "--quiet",
)  # fmt: skip


def compile_lock(source: str, out: Path, *more: str) -> None:
    """Resolve some requirements into a file of pins."""
    command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, *more]
    subprocess.run(  # noqa: S603 - our own arguments
        [*command, "--output-file", str(out), "-"], input=source, text=True, check=True, cwd=HERE
    )


def main() -> None:
    """Write both locks."""
    import tomllib

    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())
    # editables is what hatchling needs for an editable install.
    backend = [*project["build-system"]["requires"], "editables"]
    run = [*project["project"]["dependencies"], *backend]
    compile_lock("\n".join(run), HERE / "run.txt")
    dev = [*run, *project["dependency-groups"]["dev"], f"-c {HERE / 'run.txt'}"]
    compile_lock("\n".join(dev), HERE / "dev.txt")


if __name__ == "__main__":
    main()
