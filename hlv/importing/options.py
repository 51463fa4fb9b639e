"""How a file is read, as it is kept beside the upload and as both apps take it."""

from __future__ import annotations

from typing import Any, TypedDict

from annotations.formats.import_options import Duplicates
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.mapping import Mapping
from hlv.core.tabular.reading_options import CertaintyRange
from metaeval.formats.evaluation_options import Directions
from metaeval.formats.import_options import DEFAULT_CAMPAIGN, EvaluationOptions


class ReadingChoices(TypedDict, total=False):
    """What a person said, in JSON; nothing said is left out."""

    format: str
    mapping: list[str]
    duplicates: str
    certainty_range: str
    dataset: str
    encoding: str
    delimiter: str
    campaign: str
    automatic: str
    group: str
    method: str
    run: str
    directions: list[str]
    names: list[str]


def read_options(given: ReadingChoices | dict[str, Any], *, dry_run: bool = False) -> EvaluationOptions:
    """Raises `FormatError` for what cannot be understood."""
    scale = given.get("certainty_range")
    return EvaluationOptions(
        format_name=given.get("format") or None,
        mapping=Mapping.parse(given.get("mapping", [])),
        duplicates=Duplicates(given.get("duplicates") or Duplicates.ERROR),
        dry_run=dry_run,
        certainty_range=CertaintyRange.parse(scale) if scale else None,
        dataset=given.get("dataset") or None,
        encoding=given.get("encoding") or None,
        delimiter=given.get("delimiter") or None,
        names=read_names(given.get("names", [])),
        campaign=given.get("campaign") or DEFAULT_CAMPAIGN,
        automatic=given.get("automatic") or "",
        group=given.get("group") or "",
        method=given.get("method") or None,
        run=given.get("run") or None,
        directions=Directions.parse(given.get("directions", [])),
    )


def read_names(lines: list[str]) -> dict[str, str]:
    """`name in the file=name here`, one a line."""
    names: dict[str, str] = {}
    for line in lines:
        elsewhere, sign, own = (part.strip() for part in line.partition("="))
        if not (elsewhere and sign and own):
            raise FormatError(f"“{line}” joins no names: write name in the file=name here.")
        if names.setdefault(elsewhere, own) != own:
            raise FormatError(f"“{elsewhere}” is joined to two names.")
    return names
