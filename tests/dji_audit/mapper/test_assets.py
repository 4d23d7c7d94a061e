"""The scripts of the pages: ES modules joined to one script."""

from collections.abc import Callable, Mapping

import pytest

from dji_audit.mapper.html import _assets
from dji_audit.mapper.html._assets import (
    ScriptModulesError,
    flight_page_script,
    join_script_modules,
    script_module_order,
)

Put = Callable[[Mapping[str, str]], None]


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Return a function that puts other modules in place of those of the viewer."""

    def put(texts: Mapping[str, str]) -> None:
        monkeypatch.setattr(
            _assets, "read_asset", lambda name: texts[name.removeprefix("js/").removesuffix(".js")]
        )

    return put


def test_a_module_stands_after_all_that_it_imports(modules: Put) -> None:
    modules(
        {
            "main": "import { a } from './a.js';\nimport { b } from './b.js';\nuse(a, b);\n",
            "a": "import { b } from './b.js';\nexport const a = b;\n",
            "b": "export function b() {\n}\n",
        }
    )
    assert script_module_order("main") == ["b", "a", "main"]
    script = join_script_modules("main", "a")
    assert "import" not in script
    assert "export" not in script
    assert script.index("function b") < script.index("const a") < script.index("use(a, b)")
    assert script.endswith("return a;\n})()")


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (
            {"main": "import { a } from './a.js';\n", "a": "import { m } from './main.js';\n"},
            "main -> a -> main",
        ),
        ({"main": "import { a } from './a.js';\n", "a": "const a = 1;\n"}, "does not export a"),
        (
            {
                "main": "import { a } from './a.js';\nconst b = a;\n",
                "a": "export const a = 1;\nlet b = 2;\n",
            },
            "declare b",
        ),
    ],
)
def test_what_cannot_be_joined_is_refused(
    modules: Put, texts: Mapping[str, str], reason: str
) -> None:
    modules(texts)
    with pytest.raises(ScriptModulesError, match=reason):
        join_script_modules("main")


def test_modules_in_folders_are_found_beside_and_above(modules: Put) -> None:
    modules(
        {
            "main": "import { a } from './map/a.js';\nuse(a);\n",
            "map/a": "import { b } from './b.js';\nimport { c } from '../c.js';\n"
            "export const a = b(c);\n",
            "map/b": "export const b = 1;\n",
            "c": "export const c = 2;\n",
        }
    )
    assert script_module_order("main") == ["map/b", "c", "map/a", "main"]


def test_the_viewer_leaves_one_name_behind() -> None:
    script = flight_page_script()
    assert script.startswith("const showFlight = (() => {\n'use strict';\n")
    assert "\nimport " not in script
    assert "\nexport " not in script
