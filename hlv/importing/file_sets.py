"""How a file is read, and which files belong to one import."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from annotations.formats.registry import FORMATS as LABELLED
from hlv.core.tabular import RowSource, open_rows
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.mapping import Mapping
from hlv.core.tabular.table_formats import Format, Part, choose, part_names, sort_parts
from metaeval.formats.arrays import OutputSource, open_sources
from metaeval.formats.evaluation_options import Options
from metaeval.formats.registry import JUDGMENT_FORMATS, OUTPUT_FORMATS, SCORE_FORMATS

AnyFormat = Format[Any, Any, Any]
# Where a file lies, and what it is called.
PathAndName: TypeAlias = "tuple[Path, str]"
_FORMATS: dict[str, MappingOf[str, AnyFormat]] = {
    **LABELLED,
    "outputs": OUTPUT_FORMATS,
    "judgments": JUDGMENT_FORMATS,
    "scores": SCORE_FORMATS,
}
ROWS_LOOKED_AT = 50
MOST_FILES = max(len(one.parts) for formats in _FORMATS.values() for one in formats.values())


class ReadingChoices(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person chose for a file; a default is stored nowhere."""

    format: str = ""
    mapping: list[str] = []
    duplicates: str = ""
    certainty_range: str = ""
    dataset: str = ""
    encoding: str = ""
    delimiter: str = ""
    campaign: str = ""
    automatic: str = ""
    group: str = ""
    min_input_ids: list[str] = []
    method: str = ""
    run: str = ""
    directions: list[str] = []
    names: list[str] = []
    ignored_columns: list[str] = []
    normalise: bool = False
    create_items: bool = False

    @classmethod
    def stored(cls, options: object) -> ReadingChoices:
        """From the JSON of an upload or a job."""
        return msgspec.convert(options, cls)

    def as_json(self) -> dict[str, str | list[str] | bool]:
        choices: dict[str, str | list[str] | bool] = msgspec.to_builtins(self)
        return choices


def order_of_files(kind: str, choices: ReadingChoices, files: Sequence[PathAndName]) -> list[int]:
    """Places of the files, the one whose rows are imported first.

    Of one file only what it lacks is said here; all else that is wrong with it the import says.

    Raises
    ------
    FormatError
        They are not of one import, or one that belongs to them is missing.
    """
    formats = _FORMATS[kind]
    if len(files) == 1:
        try:
            sources = open_files(kind, choices, files)
            parts = _chosen(formats, sources, choices).parts
        except FormatError:
            return [0]
        return sort_parts(parts, sources) if parts else [0]
    sources = open_files(kind, choices, files)
    if choices.format and not formats[choices.format].parts:
        raise FormatError(
            f"A file of the format “{choices.format}” says all by itself: bring these one by one."
        )
    try:
        parts = _chosen(formats, sources, choices).parts
    except FormatError:
        parts = ()
    return sort_parts(parts or _nearest(kind, sources), sources)


def ignored_columns(kind: str, choices: ReadingChoices, table: RowSource) -> list[str]:
    """Columns of a table of scores that an import would not read, by its first rows; none of other kinds.

    Which columns of outputs are read depends on the labels of the study.
    """
    if kind != "scores":
        return []
    try:
        found = _chosen(SCORE_FORMATS, [table], choices)
        options = Options(ignored=frozenset(choices.ignored_columns))
        return found.ignored(table, Mapping.parse(choices.mapping), options, table.head(ROWS_LOOKED_AT))
    except FormatError:
        return []


def open_files(kind: str, choices: ReadingChoices, files: Sequence[PathAndName]) -> list[OutputSource]:
    """The files of one import. Raises `FormatError` where one of them cannot be read."""
    encoding, delimiter = choices.encoding or None, choices.delimiter or None
    if kind == "outputs":
        return open_sources(files, encoding=encoding, delimiter=delimiter)
    return [open_rows(path, encoding=encoding, delimiter=delimiter, name=name) for path, name in files]


def _chosen(
    formats: MappingOf[str, AnyFormat], sources: Sequence[OutputSource], choices: ReadingChoices
) -> AnyFormat:
    mapping = Mapping.parse(choices.mapping)
    return choose(formats, sources, mapping=mapping, name=choices.format or None)


def _nearest(kind: str, sources: Sequence[OutputSource]) -> tuple[Part[Any], ...]:
    """The parts of the format that most of the files are of: it says which of them is none."""
    of_several = _of_several(kind)
    nearest = max(of_several, key=lambda one: _n_parts(one, sources), default=None)
    if nearest is None or _n_parts(nearest, sources) == 0:
        raise FormatError(_unlike(kind, sources))
    return nearest.parts


def _of_several(kind: str) -> list[AnyFormat]:
    return [one for one in _FORMATS[kind].values() if one.parts]


def _n_parts(one: AnyFormat, sources: Sequence[OutputSource]) -> int:
    return sum(any(part.is_it(source) for part in one.parts) for source in sources)


def _unlike(kind: str, sources: Sequence[OutputSource]) -> str:
    begin = f"{', '.join(source.name for source in sources)} are no files of one import of {kind}"
    # Tables alone are known to every kind.
    if all(isinstance(source, RowSource) for source in sources):
        for other in _FORMATS:
            if any(_n_parts(one, sources) == len(sources) for one in _of_several(other)):
                return f"{begin}, but of {other}: say so under “What the file holds”."
    known = "; or ".join(part_names(one.parts) for one in _of_several(kind))
    return f"{begin}: bring them one by one." + (f" What comes together is {known}." if known else "")
