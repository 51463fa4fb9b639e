"""Pages of the docs site that no file has: commands, the library, notebooks, and files of the checkout's root."""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from pathlib import Path

import django
import nbformat
from django.core.management import load_command_class
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from hlv.cli import our_commands, temporary_data_folder  # noqa: E402

# Of the root of the checkout; README.md has another name here, as docs/README.md is the start page.
ROOT_PAGES = {
    "README.md": "project.md",
    **{name: name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")},
}
_LINK = re.compile(r"(?<=\]\()((?:\.\./)+)([^)#]+)")
_LINK_FROM_ROOT = re.compile(r"(?<=\]\()docs/")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    generated = {
        page: _LINK_FROM_ROOT.sub("", (CHECKOUT / name).read_text(encoding="utf-8"))
        for name, page in ROOT_PAGES.items()
    }
    generated["LICENSE"] = (CHECKOUT / "LICENSE").read_text(encoding="utf-8")
    generated["reference/commands.md"] = _commands()
    generated |= _library()
    for uri, content in generated.items():
        files.append(File.generated(config, uri, content=content))
    for path in sorted((CHECKOUT / "examples").rglob("*.*")):
        uri = path.relative_to(CHECKOUT).as_posix()
        files.append(File.generated(config, uri, abs_src_path=str(path)))
        if path.suffix == ".ipynb":
            page = uri.replace(".ipynb", ".md")
            files.append(File.generated(config, page, content=_notebook(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links that leave docs/ for the root of the checkout lead to the page that shows the file."""
    depth = page.file.src_uri.count("/")

    def inside(link: re.Match[str]) -> str:
        ups, path = link.groups()
        if ups.count("../") != depth + 1:
            return link.group()
        return "../" * depth + ROOT_PAGES.get(path, path.replace(".ipynb", ".md"))

    return _LINK.sub(inside, markdown)


def _notebook(path: Path) -> str:
    """Text, code and printed results of a notebook."""
    parts = []
    for cell in nbformat.read(path, as_version=4).cells:
        parts.append(cell.source if cell.cell_type == "markdown" else f"```python\n{cell.source}\n```")
        for output in cell.get("outputs", ()):
            text = output.get("text") or output["data"]["text/plain"]
            parts.append(f"```text\n{text.rstrip()}\n```")
    return "\n\n".join([*parts, f"[This notebook]({path.name}) and its [data](data/README.md)"])


def _commands() -> str:
    """The help of every command, as it prints it."""
    os.environ |= {"COLUMNS": "100", "DJANGO_SETTINGS_MODULE": "hlv.settings"}
    parts = ["# Commands", "Every command of `hlv`, with the help that it prints."]
    with temporary_data_folder(only_help=True):
        django.setup()
        for name in sorted(our_commands()):
            spelled = name.replace("_", "-")
            text = load_command_class("hlv", name).create_parser("hlv", spelled).format_help()
            parts.append(f"## hlv {spelled}\n\n```text\n{text.strip()}\n```")
    return "\n\n".join(parts)


def _library() -> dict[str, str]:
    """A page for each package of hlv.stats, and one for its functions of columns."""
    stats = import_module("hlv.stats")
    parts = ["# Functions of columns", "[Python library](../library.md) explains them."]
    for module, names in stats._NAMES.items():
        if module != "frames.metric_functions":
            parts.append(f"::: hlv.stats.{module}\n    options:\n      members: {sorted(names)}")
    metrics = [getattr(stats, name) for name in stats._NAMES["frames.metric_functions"]]
    rows = [f"| `{one.__name__}` | {one.metric.label} | {one.metric.source} |" for one in metrics]
    parts.append("\n".join(["## Metrics", "", "| function | metric | source |", "|---|---|---|", *rows]))
    parts.append(
        "::: hlv.stats.frames.scores.MetricFunction.__call__\n    options:\n      show_root_heading: true"
    )
    pages = {"reference/hlv.stats.md": "\n\n".join(parts)}
    for name in stats.PACKAGES:
        package = import_module(f"hlv.stats.{name}")
        options = (
            f"    options:\n      members: {sorted(package.__all__)}\n      show_docstring_description: false"
        )
        title = f"hlv.stats.{name}"
        pages[f"reference/{title}.md"] = f"# {title}\n\n{package.__doc__}\n\n::: {title}\n{options}\n"
    return pages
