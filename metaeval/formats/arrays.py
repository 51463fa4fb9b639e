"""Outputs of methods in NumPy arrays; pickles are never read."""

from __future__ import annotations

import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeAlias

from hlv.core.tabular import RowSource, open_rows
from hlv.core.tabular.errors import FormatError, RowError, cut
from hlv.core.tabular.mapping import Mapping
from hlv.core.tabular.table_formats import Format, Part
from metaeval.formats.evaluation_options import Options, read_names, wrong_sum
from metaeval.formats.records import OutputRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"\x93NUMPY"
_NOUNS = ("items", "labels")
_LISTS_END = (".txt", ".json")
# What numpy says of a damaged or made-up header.
_FAULTS = (ValueError, TypeError, EOFError, OSError, ArithmeticError, RecursionError, tokenize.TokenError)
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class ArraySource:
    """An array of shape (N, K), or (2, N, K) with the human distribution first and the method's second."""

    path: Path
    name: str

    def names_of(self, noun: str) -> tuple[str, ...]:
        """The names in `items.txt` (or `.json`) in the array's folder, or none."""
        for suffix in _LISTS_END:
            path = self.path.with_name(noun + suffix)
            if path.is_file():
                return read_names(path)
        return ()


@dataclass(frozen=True)
class ListSource:
    """A list of names that came with an array: what its rows ("items") or its columns ("labels") are."""

    path: Path
    name: str
    noun: str

    @property
    def names(self) -> tuple[str, ...]:
        return read_names(self.path, name=self.name)


OutputSource: TypeAlias = "RowSource | ArraySource | ListSource"


def open_sources(
    files: Sequence[tuple[Path, str]], *, encoding: str | None = None, delimiter: str | None = None
) -> list[OutputSource]:
    """Each by content; beside an array, what is called items or labels is a list of names and no table.

    Raises `FormatError` as `open_rows` does.
    """
    has_array = any(_is_array_at(path) for path, _name in files)
    return [
        (list_source(path, name) if has_array else None)
        or open_source(path, encoding=encoding, delimiter=delimiter, name=name)
        for path, name in files
    ]


def list_source(path: Path, name: str) -> ListSource | None:
    """By its name, such as items.txt; None where it is called otherwise."""
    called = PurePath(name)
    if called.stem in _NOUNS and called.suffix in _LISTS_END:
        return ListSource(path, name, called.stem)
    return None


def _is_array_at(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def open_source(
    path: Path | str, *, encoding: str | None = None, delimiter: str | None = None, name: str | None = None
) -> RowSource | ArraySource:
    """A table or an array, by content. Raises `FormatError` as `open_rows` does."""
    path = Path(path)
    if _is_array_at(path):
        return ArraySource(path, name or path.name)
    return open_rows(path, encoding=encoding, delimiter=delimiter, name=name)


def _load(source: ArraySource) -> NDArray[np.floating]:
    # It loads slowly, and most files are no arrays.
    import numpy as np

    try:
        with np.errstate(over="ignore"):
            array: NDArray[np.floating] = np.load(source.path, mmap_mode="r", allow_pickle=False)
    except _FAULTS as error:
        said = cut(" ".join(str(error).split()), 200)
        raise FormatError(f"{source.name} is no array of numbers that can be read ({said}).") from None
    if array.ndim == 3 and array.shape[0] == 2:
        array = array[1]
    if array.ndim != 2 or not np.issubdtype(array.dtype, np.floating):
        raise FormatError(
            f"{source.name} has shape {array.shape} of {array.dtype}: "
            "real numbers of shape (items, labels) or (2, items, labels) are needed."
        )
    return array


def parse_arrays(
    sources: Sequence[OutputSource], mapping: Mapping, options: Options
) -> Iterator[OutputRecord | RowError]:
    """Rows of arrays as distributions.

    The items and labels come from the options, from the lists among the files, or from `items.txt` and `labels.txt`
    beside the array; the method from the options or the file's name.

    Raises
    ------
    FormatError
        The file is no such array, or its lists of items and labels are missing or of other lengths.
    """
    given = options
    for source in sources:
        if isinstance(source, ListSource) and source.noun == "items" and not options.items:
            given = replace(given, items=source.names)
        elif isinstance(source, ListSource) and source.noun == "labels" and not options.labels:
            given = replace(given, labels=source.names)
    for source in sources:
        if isinstance(source, RowSource):
            raise FormatError(f"{source.name} is a table: bring tables and arrays in imports of their own.")
        if isinstance(source, ArraySource):
            yield from _outputs(source, given)


def _outputs(source: ArraySource, options: Options) -> Iterator[OutputRecord | RowError]:
    array = _load(source)
    items = _listed("items", options.items or source.names_of("items"), array.shape[0], source)
    labels = _listed("labels", options.labels or source.names_of("labels"), array.shape[1], source)
    spelled = options.method or PurePath(source.name).stem
    method, run = options.method_name(spelled), options.run or "1"
    for number, (item_key, shares) in enumerate(zip(items, array, strict=True), start=1):
        sentence = _fault(shares, options)
        if sentence is not None:
            yield RowError(number, None, sentence, source.name)
            continue
        # Softmax in single precision may leave 1 by a rounding.
        distribution = {
            label: min(1.0, max(0.0, float(share))) for label, share in zip(labels, shares, strict=True)
        }
        yield OutputRecord(
            item_key=item_key,
            method=method,
            run=run,
            distribution=distribution,
            text=None,
            base_model=options.base_models.of_file(source.name),
            source=source.name,
            row=number,
            cells=(
                item_key,
                method,
                run,
                *(f"{label}={share!r}" for label, share in sorted(distribution.items())),
            ),
        )


def _listed(noun: str, names: tuple[str, ...], n_needed: int, source: ArraySource) -> tuple[str, ...]:
    if not names:
        raise FormatError(
            f"{source.name} needs a list of its {n_needed} {noun}: put {noun}.txt beside it, one per line."
        )
    if len(names) != n_needed:
        raise FormatError(f"{source.name} has {n_needed} {noun} and the list has {len(names)}.")
    if len(set(names)) != len(names):
        raise FormatError(f"The list of {noun} for {source.name} names one of them twice.")
    return names


def _fault(shares: NDArray[np.floating], options: Options) -> str | None:
    import numpy as np

    if not np.all(np.isfinite(shares)):
        return "a share is not a finite number."
    if np.any(shares < -_TOLERANCE) or np.any(shares > 1 + _TOLERANCE):
        return "a share is outside 0 to 1: are these scores before the softmax?"
    total = float(np.sum(shares, dtype=np.float64))
    return wrong_sum(total, options)


def _is_list_of(noun: str) -> Callable[[OutputSource], bool]:
    return lambda source: isinstance(source, ListSource) and source.noun == noun


ARRAY = Format(
    "npy",
    "A NumPy array of shape (N, K) or (2, N, K)",
    lambda source, _mapping: not isinstance(source, RowSource),
    parse_arrays,
    parts=(
        Part(
            "the array (.npy)",
            "numbers of shape items by labels",
            lambda source: isinstance(source, ArraySource),
        ),
        Part("items.txt", "the names of the array's rows, one a line", _is_list_of("items")),
        Part(
            "labels.txt",
            "the names of the array's columns, one a line; without it, the study's labels in their order",
            _is_list_of("labels"),
            is_needed=False,
        ),
    ),
)
