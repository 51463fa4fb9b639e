"""`make sbom`: the bill of materials names every package that hlv needs, with its licence."""

from __future__ import annotations

import tomllib
from importlib.metadata import version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import CHECKOUT
from tests.release.sbom import bill_of_materials


def test_every_dependency_is_a_component_with_version_and_licence() -> None:
    made = bill_of_materials()
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    components = {canonicalize_name(part["name"]): part for part in made["components"]}
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in project["dependencies"]:
        name = canonicalize_name(Requirement(line).name)
        assert components[name]["version"] == version(name)
        assert components[name]["purl"] == f"pkg:pypi/{name}@{version(name)}"
    # An extra that is asked for, and what only a dependency needs.
    assert {"brotli", "kombu", "sqlparse"} <= set(components)
    assert [part["name"] for part in components.values() if not part["licenses"]] == []
    assert "pytest" not in components


def test_references_are_unique_and_lead_to_components() -> None:
    made = bill_of_materials()
    known = [made["metadata"]["component"]["bom-ref"], *(part["bom-ref"] for part in made["components"])]
    assert len(set(known)) == len(known)
    assert {one["ref"] for one in made["dependencies"]} == set(known)
    assert {other for one in made["dependencies"] for other in one["dependsOn"]} <= set(known)


def test_the_same_packages_give_the_same_bill() -> None:
    assert bill_of_materials() == bill_of_materials()
