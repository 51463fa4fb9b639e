"""`make sbom`: what hlv needs to run, as CycloneDX 1.6, read from the installed packages without a network."""

from __future__ import annotations

import json
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LONGEST_NAME = 80


def needed_by(name: str) -> dict[str, list[str]]:
    """The package and all that it needs, each with what it needs itself; extras only where they are asked for."""
    found: dict[str, list[str]] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        package, extras = waiting.pop()
        if (package, extras) in seen:
            continue
        seen.add((package, extras))
        direct = found.setdefault(package, [])
        for line in distribution(package).requires or []:
            requirement = Requirement(line)
            marker = requirement.marker
            if marker and not any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                continue
            other = canonicalize_name(requirement.name)
            if other not in direct:
                direct.append(other)
            waiting.append((other, frozenset(requirement.extras)))
    return {package: sorted(direct) for package, direct in sorted(found.items())}


def licences(package: Distribution) -> list[dict[str, Any]]:
    """What the package declares: an expression, else classifiers, else a short free text."""
    declared = package.metadata
    if declared["License-Expression"]:
        return [{"expression": declared["License-Expression"]}]
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in declared.get_all("Classifier") or []
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    written = (declared["License"] or "").strip()
    names = classifiers or ([written] if written and len(written) <= LONGEST_NAME else [])
    return [{"license": {"name": name}} for name in names]


def component(name: str) -> dict[str, Any]:
    package = distribution(name)
    address = f"pkg:pypi/{canonicalize_name(name)}@{package.version}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": package.metadata["Name"],
        "version": package.version,
        "purl": address,
        "licenses": licences(package),
    }


def bill_of_materials(name: str = "hlv") -> dict[str, Any]:
    """The same packages give the same bytes: it carries no time."""
    needs = needed_by(name)
    parts = {package: component(package) for package in needs}
    others = [part for package, part in parts.items() if package != name]
    serial = uuid5(NAMESPACE_URL, json.dumps([part["bom-ref"] for part in parts.values()]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": parts[name] | {"type": "application"}},
        "components": others,
        "dependencies": [
            {"ref": parts[package]["bom-ref"], "dependsOn": [parts[other]["bom-ref"] for other in direct]}
            for package, direct in needs.items()
        ],
    }


def main(target: Path) -> None:
    made = bill_of_materials()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    silent = [part["name"] for part in made["components"] if not part["licenses"]]
    print(f"{target}: {len(made['components'])} packages, CycloneDX {made['specVersion']}")
    for part in made["components"]:
        names = [one.get("expression") or one["license"]["name"] for one in part["licenses"]]
        print(f"  {part['name']} {part['version']}: {', '.join(names) or 'no licence declared'}")
    if silent:
        print(f"No licence declared: {', '.join(silent)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("dist/sbom.json"))
