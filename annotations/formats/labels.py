"""Labels and certainties as cells write them."""

from __future__ import annotations

import json
import re

from hlv.core.tabular.cells import DECODER, Json, RepeatedKeyError, cell_text
from hlv.core.tabular.errors import CellError
from hlv.core.tabular.mapping import CertaintyRange, Options

_SEPARATORS = re.compile(r"[,;|]")
_PYTHON_LIST = re.compile(r"[\[({]\s*'.*[\])}]", re.DOTALL)
_VECTOR = re.compile(r"\[\s*[01](\.0)?(\s*,\s*[01](\.0)?)*\s*\]")


def read_labels(value: Json, *, options: Options, column: str) -> tuple[str, ...]:
    """The labels of one answer; () is the empty set.

    Lists (of JSON, or written as JSON in a cell) are sets. Text is one label, unless the study has several
    labels per item: then it is cut at commas, semicolons or bars, and blank text is the empty set. The study's own
    labels may have such signs.
    """
    if isinstance(value, list):
        return _unique([_label_text(member, column) for member in value])
    if value is None:
        raise CellError(
            "the label is missing: leave the row out, or write [] for “no label applies”.", column
        )
    text = _label_text(value, column)
    if text in options.labels:
        return (text,)
    stripped = text.strip()
    if stripped.startswith("[") and stripped.endswith("]"):
        return _listed_labels(stripped, options=options, column=column)
    if _PYTHON_LIST.fullmatch(stripped):
        raise _stringified(stripped, column)
    if options.task == "multilabel":
        return _unique(_cut_labels(text, options.labels))
    if not stripped:
        raise CellError("the label is blank: leave the row out if the annotator gave no answer.", column)
    return (text,)


def _cut_labels(text: str, labels: tuple[str, ...]) -> list[str]:
    """The labels of a cell; the study's that have a separator in their name are found whole, in quotes or not."""
    with_signs = sorted((label for label in labels if _SEPARATORS.search(label)), key=len, reverse=True)
    if not with_signs:
        return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
    whole = "|".join(re.escape(label) for label in with_signs)
    parts = re.compile(rf'\s*(?:"({whole})"|({whole})|([^,;|]*))\s*(?:[,;|]|$)')
    found = (quoted or named or other for quoted, named, other in parts.findall(text))
    return [part.strip() for part in found if part.strip()]


def split_labels(text: str) -> tuple[str, ...]:
    """“contradiction,neutral” as a set, in the order written."""
    return _unique([part.strip() for part in text.split(",") if part.strip()])


def is_not_assigned(text: str, *, options: Options) -> bool:
    """Whether a cell of a wide table says that this annotator did not get the item: blank, -1, all zeros."""
    stripped = text.strip()
    if not stripped:
        return True
    if stripped in {"-1", "-1.0"}:
        return stripped not in options.labels
    return _VECTOR.fullmatch(stripped) is not None and "1" not in stripped


def read_certainties(
    value: Json, labels: tuple[str, ...], *, scale: CertaintyRange, column: str
) -> dict[str, float] | None:
    """The certainty of each label in [0, 1]; None where none is given.

    One number goes to each chosen label; a list runs beside the labels; an object names its labels, chosen
    or not.
    """
    if isinstance(value, str) and value.strip()[:1] in {"{", "["}:
        value = _decoded(value, column)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, dict):
        return {
            label: scale.share(cell_text(member), column)
            for label, member in value.items()
            if member is not None
        }
    if isinstance(value, list):
        if len(value) != len(labels):
            raise CellError(f"there are {len(value)} certainties for {len(labels)} labels.", column)
        return {
            label: scale.share(cell_text(member), column)
            for label, member in zip(labels, value, strict=True)
            if member is not None
        }
    share = scale.share(cell_text(value), column)
    return dict.fromkeys(labels, share)


def _unique(labels: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(labels))


def _label_text(value: Json, column: str) -> str:
    if isinstance(value, list | dict) or value is None:
        raise CellError("the labels are nested: a list of texts is needed.", column)
    return cell_text(value)


def _stringified(text: str, column: str) -> CellError:
    return CellError(
        f"“{text}” is a list written by a program: write the labels with commas between them, "
        'or as JSON with double quotes: ["a", "b"].',
        column,
    )


def _decoded(text: str, column: str) -> Json:
    try:
        value: Json = DECODER.decode(text.strip())
    except (json.JSONDecodeError, RepeatedKeyError):
        raise _stringified(text.strip(), column) from None
    return value


def _listed_labels(text: str, *, options: Options, column: str) -> tuple[str, ...]:
    value = _decoded(text, column)
    if _VECTOR.fullmatch(text) and isinstance(value, list):
        if len(value) != len(options.labels):
            raise CellError(
                f"“{text}” has {len(value)} places and the study has {len(options.labels)} labels: "
                "a vector needs one place per label.",
                column,
            )
        return tuple(
            label for label, place in zip(options.labels, value, strict=True) if str(place)[0] == "1"
        )
    if not isinstance(value, list):
        raise _stringified(text, column)
    return _unique([_label_text(member, column) for member in value])
