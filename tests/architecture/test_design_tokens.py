"""Facts that the stylesheet must write twice stand equal."""

from __future__ import annotations

import re

from tests.conftest import CHECKOUT

STYLES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((CHECKOUT / "static").rglob("*.css")))


def blocks(selector: str) -> list[dict[str, str]]:
    """The custom properties of every rule with exactly this selector."""
    found = []
    for rule in re.finditer(re.escape(selector) + r"\s*\{([^{}]*)\}", STYLES):
        found.append(dict(re.findall(r"(--[\w-]+)\s*:\s*([^;]+);", rule.group(1))))
    return [properties for properties in found if properties]


def test_dark_by_choice_and_dark_by_the_system_are_the_same_colours() -> None:
    chosen = blocks(':root[data-theme="dark"]')
    by_system = blocks(':root:not([data-theme="light"])')
    assert bool(chosen) == bool(by_system)
    for one, other in zip(chosen, by_system, strict=True):
        assert one == other
