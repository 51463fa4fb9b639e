"""`python -m tests.measure`: the figures of the table in docs/architecture.md, counted in the checkout.

`--list` names the logic modules without a test.
With `--journeys` it also runs the job of ranking and agreement and opens the results dashboard, on an empty database of
its own, and counts the modules of ours whose functions each enters.
"""

from __future__ import annotations

import ast
import inspect
import re
import statistics
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from types import FrameType

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGES = ("hlv", "annotations", "metaeval")
NO_LOGIC = {"__init__", "urls", "apps", "admin"}
UNTYPED = re.compile(r"(?:dict|Mapping|MutableMapping)\[str, Any\]")


def modules() -> Iterator[Path]:
    """Every module but migrations."""
    for package in PACKAGES:
        yield from (
            path for path in sorted((CHECKOUT / package).rglob("*.py")) if "migrations" not in path.parts
        )


def n_statements(tree: ast.AST) -> int:
    """Statements; docstrings and comments do not count."""
    return sum(isinstance(node, ast.stmt) and not _is_docstring(node) for node in ast.walk(tree))


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def n_key_reads(tree: ast.AST) -> int:
    """Reads by a literal string: `found["name"]` and `found.get("name")`."""
    return sum(_reads_a_key(node) for node in ast.walk(tree))


def _reads_a_key(node: ast.AST) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Load) and _is_text(node.slice)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        return node.func.attr == "get" and _is_text(node.args[0])
    return False


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_untyped(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a signature takes or returns `dict[str, Any]`."""
    returns = ast.unparse(function.returns) if function.returns else ""
    return UNTYPED.search(f"{ast.unparse(function.args)} {returns}") is not None


def imported_by_tests() -> set[str]:
    """Dotted names of modules, and of what is taken from them, that any test imports."""
    found: set[str] = set()
    for path in sorted((CHECKOUT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
    return found


def untested_modules() -> list[str]:
    """Logic modules that no test imports and that no file `test_<module>.py` tests: views are tested by requests."""
    imported = imported_by_tests()
    tests = list((CHECKOUT / "tests").rglob("test_*.py"))
    tested = {path.stem.removeprefix("test_") for path in tests} | commands_run(tests)
    names = {path: ".".join(path.relative_to(CHECKOUT).with_suffix("").parts) for path in modules()}
    return [
        name
        for path, name in names.items()
        if path.stem not in NO_LOGIC and name not in imported and not {path.stem, _view(path)} & tested
    ]


def commands_run(tests: Iterable[Path]) -> set[str]:
    """The modules of commands that tests run: they name a command as a person does."""
    words = re.compile(r"[\"']([a-z]+(?:-[a-z]+)*)[\"']")
    named = {word for path in tests for word in words.findall(path.read_text(encoding="utf-8"))}
    commands = (CHECKOUT / "hlv" / "management" / "commands").glob("*.py")
    return {path.stem for path in commands if path.stem.replace("_", "-") in named}


def _view(path: Path) -> str:
    """The tests of a module of views are called by both names."""
    return f"{path.parent.name}_{path.stem}" if path.parent.name == "views" else path.stem


def modules_entered(call: Callable[[], object]) -> set[Path]:
    """The modules of ours whose functions a call enters, in any thread. What an import runs does not count."""
    found: set[str] = set()

    def note(frame: FrameType, event: str, _value: object) -> None:
        if event == "call" and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            found.add(frame.f_code.co_filename)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return {path for path in modules() if str(path) in found}


def journeys() -> dict[str, set[Path]]:
    """The modules that a job and a page enter, once everything they need is imported."""
    import django

    import tests.environment  # noqa: F401  (it settles the environment, before Django reads it)

    django.setup()
    from django.test.runner import DiscoverRunner
    from django.test.utils import setup_test_environment
    from django.urls import reverse

    from annotations import jobs
    from tests.making import make_participant
    from tests.metaeval.making import signed_in
    from tests.metaeval.world import make_world

    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        campaign = make_world().campaign

        def run_job() -> None:
            params = {"campaign": str(campaign.uuid), "n_resamples": 40, "seed": 1}
            jobs.run_now(jobs.create(kind="metaeval", study=campaign.study, params=params))

        owner = signed_in(make_participant(campaign.study, "owner"))
        address = reverse("campaign-results", args=[campaign.uuid])

        def open_page() -> None:
            assert owner.get(address).status_code == HTTPStatus.OK

        run_job()
        open_page()
        return {
            "ranking-and-agreement job": modules_entered(run_job),
            "results dashboard page": modules_entered(open_page),
        }
    finally:
        runner.teardown_databases(databases)


def main() -> None:
    paths = list(modules())
    sources = [path.read_text(encoding="utf-8") for path in paths]
    trees = [ast.parse(source) for source in sources]
    functions = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = [len(source.splitlines()) for source in sources]
    n_lines = [(node.end_lineno or node.lineno) - node.lineno + 1 for node in functions]
    print(f"modules                          {len(paths):,}")
    print(f"statements                       {sum(map(n_statements, trees)):,}")
    print(f"reads by a literal key           {sum(map(n_key_reads, trees)):,}")
    print(f"signatures with dict[str, Any]   {sum(map(is_untyped, functions)):,}")
    print(f"lines of a file, median          {statistics.median(lengths):g}, longest {max(lengths)}")
    untested = untested_modules()
    print(f"logic modules without a test     {len(untested):,}")
    print(f"lines of a function, median      {statistics.median(n_lines):g}, longest {max(n_lines)}")
    if "--list" in sys.argv:
        print(*untested, sep="\n")
    if "--journeys" in sys.argv:
        for name, entered in journeys().items():
            print(f"modules entered by the {name}   {len(entered)}")
            if "--names" in sys.argv:
                print(*(f"  {path.relative_to(CHECKOUT)}" for path in sorted(entered)), sep="\n")


if __name__ == "__main__":
    main()
