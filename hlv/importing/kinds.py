"""The services of both apps that take a file, by what the file holds."""

from __future__ import annotations

from collections.abc import Callable

from annotations.formats.intake import Report
from annotations.services.imports import import_annotations, import_items
from metaeval.services.imports import import_judgments, import_outputs, import_scores

IMPORTS: dict[str, Callable[..., Report]] = {
    "items": import_items,
    "annotations": import_annotations,
    "outputs": import_outputs,
    "judgments": import_judgments,
    "scores": import_scores,
}
