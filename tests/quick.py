"""`make quick`: lint, types, contracts, and the tests nearest to what changed, without a browser.

Changed is what git reports against the last commit; without a change, what the last commit changed. The nearest tests
are those named after a changed module or that compare its folder with a list, then those that import it, then those that name a route or a template of it.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("hlv", "annotations", "metaeval")
# Test files that a run takes at most: what a minute on two cores has room for.
MAX_TEST_FILES: Final = 12
MAX_BY_ROUTE: Final = 3
# Tests that compare a whole folder with a list: no name or import leads from a file of it to them.
COMPARED_WITH_A_LIST: Final = {
    "docs/": ["tests/architecture/test_plain_language.py", "tests/architecture/test_science_docs.py"],
    "hlv/stats/metrics/": [
        "tests/stats/metrics/test_registry.py",
        "tests/stats/metrics/test_few_annotators.py",
        "tests/architecture/test_science_docs.py",
    ],
}


def _git(*arguments: str) -> list[str]:
    found = subprocess.run(["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()


def changed_files() -> list[str]:
    """Paths that differ from the last commit, or from the one before it where nothing differs."""
    changed = [*_git("diff", "--name-only", "HEAD"), *_git("ls-files", "--others", "--exclude-standard")]
    changed = changed or _git("diff", "--name-only", "HEAD~1")
    return [path for path in dict.fromkeys(changed) if (CHECKOUT / path).exists()]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _routes(view: str) -> set[str]:
    """Names of the routes whose view stands in the module `view`."""
    pattern = re.compile(rf'\b{view}\.\w+[^,]*,\s*name="([\w-]+)"')
    return {
        name
        for urls in CHECKOUT.glob("*/urls.py")
        for name in pattern.findall(urls.read_text(encoding="utf-8"))
    }


def _words(changed: Sequence[str]) -> set[str]:
    """Strings by which a test names a changed view or template."""
    words: set[str] = set()
    templates = {path.removeprefix("templates/") for path in changed if path.startswith("templates/")}
    for path in (path for package in PACKAGES for path in (CHECKOUT / package).rglob("views/*.py")):
        source = path.read_text(encoding="utf-8")
        if str(path.relative_to(CHECKOUT)) in changed or any(name in source for name in templates):
            words |= _routes(path.stem)
    return words


def nearest_tests(changed: Sequence[str]) -> list[str]:
    """Test files, the nearest first."""
    modules = {
        path[:-3].replace("/", ".").removesuffix(".__init__") for path in changed if path.endswith(".py")
    }
    stems = {f"test_{name.rsplit('.', 1)[-1]}" for name in modules if name.split(".")[0] in PACKAGES}
    words = _words(changed)
    listed = {
        test
        for folder, tests in COMPARED_WITH_A_LIST.items()
        if any(path.startswith(folder) for path in changed)
        for test in tests
    }
    ranked: list[tuple[int, int, str]] = []
    for path in sorted((CHECKOUT / "tests").rglob("test_*.py")):
        name = str(path.relative_to(CHECKOUT))
        if "journeys" in path.parts:
            continue
        source = path.read_text(encoding="utf-8")
        if name in changed:
            ranked.append((0, 0, name))
        elif path.stem in stems:
            ranked.append((1, 0, name))
        elif name in listed:
            ranked.append((1, 1, name))
        elif modules & set(_imports(path)):
            ranked.append((2, 0, name))
        elif n_named := sum(source.count(f'"{word}"') for word in words):
            ranked.append((3, -n_named, name))
    by_name = [name for rank, _, name in sorted(ranked) if rank < 3][:MAX_TEST_FILES]
    by_route = [name for rank, _, name in sorted(ranked) if rank == 3][:MAX_BY_ROUTE]
    return by_name + by_route


def main(arguments: list[str]) -> int:
    begun = time.monotonic()
    changed = changed_files()
    tests = nearest_tests(changed)
    program = Path(sys.executable).parent
    steps = [
        [program / "ruff", "check", "."],
        [program / "ruff", "format", "--check", "."],
        [program / "mypy"],
        [program / "lint-imports"],
    ]
    if tests:
        chosen = ["-m", "not journey and not embedded and not slow", "-n", "2", "-q", *tests, *arguments]
        steps.append([program / "python", "-m", "pytest", *chosen])
    for step in steps:
        print("==", *step[:1], *step[-len(tests) :] if tests and step is steps[-1] else step[1:], flush=True)
        if subprocess.run([str(part) for part in step], cwd=CHECKOUT, check=False).returncode:
            return 1
    print(f"{len(changed)} files changed, {len(tests)} test files run, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
