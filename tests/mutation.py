"""`python -m tests.mutation`: whether the nearest tests notice when a statistic is computed otherwise.

Each mutant changes one operator, constant or condition of a module, and only in the memory of a process of its own, which
runs the tests of that module. A mutant that fails no test survived: a test is missing, or the change is none, and
`equivalent_mutants.txt` says why. Without --sample every mutant is tried, which takes hours.

Options: --sample N (of each module, drawn by --seed, 0), --seed S, and modules as paths.
"""

from __future__ import annotations

import argparse
import ast
import copy
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any, Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
EQUIVALENT: Final = Path(__file__).with_name("equivalent_mutants.txt")
GOAL: Final = 0.9
SECONDS_TO_START: Final = 60.0
NEAREST: Final = Path(__file__).with_name("nearest_tests.txt")
COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    module: str
    # Of the nodes of the module, in the order of `_places`, and which of its changes.
    place: int
    name: str


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Nodes that can be changed, with the name of their function; no words, types or refusals."""

    def walk(node: ast.AST, within: str) -> Iterator[tuple[ast.AST, str]]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            within = f"{within}.{node.name}".lstrip(".")
        if _changed(node) is not None:
            yield node, within
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not isinstance(
                    child, ast.Raise | ast.JoinedStr | ast.Import
                ):
                    yield from walk(child, within)

    yield from walk(tree, "")


def _changed(node: ast.AST) -> ast.AST | None:
    """Another node in the place of this one; None where there is nothing to change."""
    other = copy.deepcopy(node)
    match other:
        case ast.Compare(ops=[op, *_]):
            other.ops[0] = COMPARISONS[type(op)]()
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op) if type(op) in OPERATORS:
            other.op = OPERATORS[type(op)]()  # type: ignore[assignment]  # of the same kind
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert(), operand=operand):
            return operand
        case ast.Constant(value=bool() as value):
            other.value = not value
        case ast.Constant(value=int() as value):
            other.value = value + 1
        case ast.Constant(value=float() as value):
            other.value = 2 * value + (value == 0)
        case ast.If() | ast.IfExp() | ast.While():
            other.test = ast.UnaryOp(ast.Not(), other.test)
        case _:
            return None
    return other


def mutants_of(module: str) -> list[Mutant]:
    tree = ast.parse((CHECKOUT / module).read_text(encoding="utf-8"))
    seen: Counter[str] = Counter()
    found = []
    for place, (node, within) in enumerate(_places(tree)):
        other = _changed(node)
        assert other is not None
        name = " -> ".join(ast.unparse(one).partition("\n")[0][:120] for one in (node, other))
        name = f"{within}: {name}"
        seen[name] += 1
        found.append(Mutant(module, place, name if seen[name] == 1 else f"{name} ({seen[name]})"))
    return found


class _Mutated(SourceFileLoader):
    """Finds the module and compiles it with one change, past any file of compiled code."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module.removesuffix(".py").replace("/", "."), str(CHECKOUT / mutant.module))
        self._place = mutant.place

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(Path(self.path).read_text(encoding="utf-8"))
        target = list(_places(tree))[self._place][0]
        other = _changed(target)

        class Change(ast.NodeTransformer):
            def visit(self, node: ast.AST) -> Any:
                return other if node is target else self.generic_visit(node)

        return compile(ast.fix_missing_locations(Change().visit(tree)), self.path, "exec")


def _run(mutant: Mutant | None, tests: Sequence[str]) -> None:
    """In a process of its own; it ends with pytest's code."""
    import pytest

    if mutant is not None:
        sys.meta_path.insert(0, _Mutated(mutant))
    sink = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(sink, stream)
    chosen = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    chosen += ["--hypothesis-seed=0", "--hypothesis-profile=release"]
    os._exit(int(pytest.main([*chosen, *tests])))


def is_noticed(mutant: Mutant | None, tests: Sequence[str], *, seconds: float) -> bool:
    """Whether a test fails, or none of them ends."""
    process = multiprocessing.get_context("fork").Process(target=_run, args=(mutant, tests))
    process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return True
    return process.exitcode != 0


def table(path: Path) -> dict[str, list[str]]:
    """Lines of "first | second | third" by their first; words after # are for readers."""
    rows = [line.split(" | ") for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return {" | ".join(row[:-1]): row[-1].split() for row in rows}


def nearest_tests(module: str) -> list[str]:
    own = sorted((CHECKOUT / "tests").rglob(f"test_{Path(module).stem}.py"))
    found = [str(path.relative_to(CHECKOUT)) for path in own] or [
        f"tests/{Path(module.removeprefix('hlv/')).parent}"
    ]
    return table(NEAREST).get(module, found)


def computing_modules() -> list[str]:
    found = (CHECKOUT / "hlv" / "stats").rglob("*.py")
    stats = sorted(str(path.relative_to(CHECKOUT)) for path in found if path.name != "__init__.py")
    return [*stats, *(module for module in table(NEAREST) if module not in stats)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="*", help="paths; all that compute")
    parser.add_argument("--sample", type=int, help="so many mutants of each module")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    known, totals = table(EQUIVALENT), Counter[str]()
    for module in asked.modules or computing_modules():
        every = mutants_of(module)
        open_ones = [mutant for mutant in every if f"{module} | {mutant.name}" not in known]
        chosen = open_ones
        if asked.sample is not None and asked.sample < len(open_ones):
            chosen = random.Random(f"{asked.seed} {module}").sample(open_ones, asked.sample)
        tests, began = nearest_tests(module), time.monotonic()
        if chosen and is_noticed(None, tests, seconds=600):
            print(f"{module}: its tests fail without any change: {' '.join(tests)}")
            return 1
        seconds = SECONDS_TO_START + 5 * (time.monotonic() - began)
        n_killed = 0
        # Threads that wait for processes.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for mutant, is_killed in zip(
                chosen, pool.map(partial(is_noticed, tests=tests, seconds=seconds), chosen), strict=True
            ):
                n_killed += is_killed
                if not is_killed:
                    print(f"{module} | {mutant.name} | survived", flush=True)
        totals.update(killed=n_killed, tried=len(chosen))
        n_equivalent = len(every) - len(open_ones)
        print(
            f"{module}: {n_killed} of {len(chosen)} killed; {len(every)} mutants, {n_equivalent} equivalent",
            flush=True,
        )
    if not totals["tried"]:
        print("These modules have nothing to change.")
        return 0
    share = totals["killed"] / totals["tried"]
    print(f"{totals['killed']} of {totals['tried']} killed, {share:.1%}; the goal is {GOAL:.0%}.")
    return int(share < GOAL)


if __name__ == "__main__":
    sys.exit(main())
