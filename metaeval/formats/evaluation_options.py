"""What a person says about a file of outputs, judgments or scores beside the mapping."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotations.formats.import_options import ImportOptions
from hlv.core.tabular.encoding import detect_encoding
from hlv.core.tabular.errors import CellError, FormatError
from hlv.core.tabular.mapping import CertaintyRange

_UP = frozenset({"up", "higher", "higher-is-better", "max", "true", "+", "↑"})
_DOWN = frozenset({"down", "lower", "lower-is-better", "min", "false", "-", "↓"})


@dataclass(frozen=True, slots=True)
class Directions:
    """Which way each metric grows with quality; None where nobody said."""

    default: bool | None = None
    by_metric: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def parse(cls, options: Iterable[str]) -> Directions:
        """Read `up`, `down`, `METRIC=up`, `METRIC=down`; a comma or tab may replace the sign, as in a table.

        Raises `FormatError` for anything else.
        """
        default: bool | None = None
        by_metric: dict[str, bool] = {}
        for option in options:
            metric, word = _metric_and_word(option)
            direction = read_direction(word)
            if direction is None:
                raise FormatError(f"“{option}” is no direction: write up, down, METRIC=up or METRIC=down.")
            if metric:
                by_metric[metric] = direction
            else:
                default = direction
        return cls(default, by_metric)

    def of(self, metric: str) -> bool | None:
        return self.by_metric.get(_one_line(metric), self.default)


def _metric_and_word(option: str) -> tuple[str, str]:
    """The metric is blank where the option is a direction of all."""
    for sign in "=\t,":
        metric, found, word = option.rpartition(sign)
        if found and read_direction(word) is not None:
            return _one_line(metric), word
    return "", option


def _one_line(metric: str) -> str:
    """Names of columns may have line breaks; a metric's name has none."""
    return " ".join(metric.split())


def read_direction(word: str) -> bool | None:
    """True for “higher is better”, False for “lower is better”, None for neither."""
    folded = word.strip().casefold().replace("_", "-").replace(" ", "-")
    if folded in _UP:
        return True
    return False if folded in _DOWN else None


@dataclass(frozen=True, slots=True)
class BaseModels:
    """Base models of methods that a file does not place in one.

    Attributes
    ----------
    default
        Of all files.
    by_file
        {name of a file: base model}.
    min_input_ids
        {base model: first id}: in the paper's files, inputs from this id on are of this base model.
    """

    default: str = ""
    by_file: Mapping[str, str] = field(default_factory=dict)
    min_input_ids: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(
        cls,
        named: Iterable[str],
        min_input_ids: Iterable[str] = (),
        *,
        files: Mapping[str, str] | None = None,
    ) -> BaseModels:
        """Read `NAME` and `FILE=NAME`, and `NAME=ID`; `files` are {file as a person writes it: its name here}.

        Raises `FormatError` for anything else.
        """
        default = ""
        by_file: dict[str, str] = {}
        for one in named:
            file, sign, name = (part.strip() for part in one.rpartition("="))
            if not sign:
                default = _single_base_model(default, name)
            elif not name or file not in (files or {}):
                raise FormatError(f"“{one}” names no file of this import: write FILE=NAME or NAME.")
            else:
                known = (files or {})[file]
                by_file[known] = _single_base_model(by_file.get(known, ""), name)
        return cls(default, by_file, read_first_ids(min_input_ids))

    @property
    def scope(self) -> str:
        """What distinguishes two imports of one file: blank where no base model is named."""
        named = (*sorted(self.by_file.items()), *sorted(self.min_input_ids.items()))
        return "\n".join([self.default, *(f"{name}={value}" for name, value in named)])

    def of_file(self, source: str) -> str:
        return self.by_file.get(source, self.default)

    def of_input(self, input_id: str, sources: Iterable[str]) -> str:
        """Of an input of the paper that these files describe. Raises `CellError` where two are named."""
        named = {self.by_file[source] for source in sources if source in self.by_file}
        if self.min_input_ids:
            named |= self._by_id(input_id)
        if len(named) > 1:
            raise CellError(
                f"the input “{input_id}” has several base models: {', '.join(sorted(named))}.", "id"
            )
        return next(iter(named), self.default)

    def _by_id(self, input_id: str) -> set[str]:
        if not input_id.isdecimal():
            raise CellError(f"“{input_id}” is no number, so --min-input-id does not place the input.", "id")
        reached = [(first, name) for name, first in self.min_input_ids.items() if int(input_id) >= first]
        return {max(reached)[1]} if reached else set()


def _single_base_model(before: str, name: str) -> str:
    if before and before != name:
        raise FormatError(
            f"“{before}” and “{name}” are both named as base model: name one, or one for each file."
        )
    return name


def read_first_ids(entries: Iterable[str]) -> dict[str, int]:
    """Read `NAME=ID`. Raises `FormatError` for anything else."""
    found: dict[str, int] = {}
    for one in entries:
        name, sign, first = (part.strip() for part in one.rpartition("="))
        if not (sign and name and first.isdecimal()):
            raise FormatError(f"“{one}” names no first input: write NAME=ID, such as llama=6240.")
        if name in found or int(first) in found.values():
            raise FormatError(f"“{one}” names a base model or a first input a second time.")
        found[name] = int(first)
    return found


@dataclass(frozen=True, slots=True)
class Options:
    """Options of reading outputs, judgments and scores.

    Attributes
    ----------
    names
        Method names of the file where the study spells them otherwise: {name in the file: name in the study}.
    certainty_range
        The scale of a judge's confidence; None is 0:1.
    task
        The study's; outputs of “single” and “ordinal” must sum to 1.
    labels, items
        What the columns and rows of an array, or the columns of a wide table of outputs, stand for.
    method, run, base_models
        Where the file does not name them.
    directions
        Of the metrics in the file.
    ignored
        Columns that are no metrics.
    normalise
        Divide shares that nearly sum to 1 by their sum.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    certainty_range: CertaintyRange | None = None
    task: str | None = None
    labels: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    method: str | None = None
    run: str | None = None
    base_models: BaseModels = field(default_factory=BaseModels)
    directions: Directions = field(default_factory=Directions)
    ignored: frozenset[str] = frozenset()
    normalise: bool = False

    def check_ignored(self, columns: Collection[str], *, name: str) -> None:
        """Raise `FormatError` where a column that is to be ignored is not in the file."""
        missing = sorted(self.ignored.difference(columns))
        if missing:
            known = ", ".join(f"“{column}”" for column in list(columns)[:20])
            raise FormatError(f"{name} has no column “{missing[0]}” to ignore. Its columns are {known}.")

    def method_name(self, spelled: str) -> str:
        return self.names.get(spelled, spelled)


SUM_TOLERANCE = 1e-3
# More is no rounding: a label is missing, or these are no shares.
LARGEST_CORRECTION = 0.1


def wrong_sum(total: float, options: Options) -> str | None:
    """Why shares with this sum are no distribution over labels of which one is taken."""
    off = abs(total - 1)
    if options.task not in {"single", "ordinal"} or off <= SUM_TOLERANCE:
        return None
    told = f"the shares sum to {total:.6g}, not to 1"
    if off > LARGEST_CORRECTION:
        return f"{told}: check the labels and the numbers."
    if options.normalise:
        return None
    return f"{told}: correct them, or divide them by their sum (--normalise, in the browser the same option)."


DEFAULT_CAMPAIGN = "judging"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions(ImportOptions):
    """Options beyond those of every import.

    Attributes
    ----------
    campaign
        The criterion of the judgments.
    base_models
        Of methods that the file does not place in one.
    automatic
        Name of the program that gave the judgments; blank for people's.
    method, run
        Of outputs whose file names none.
    ignored_columns
        Of a table of scores: columns that are no metrics.
    normalise
        Divide the shares of outputs that nearly sum to 1 by their sum.
    create_items
        Outputs and scores create the items that the study lacks, as judgments do.
    """

    campaign: str = DEFAULT_CAMPAIGN
    base_models: BaseModels = field(default_factory=BaseModels)
    automatic: str = ""
    method: str | None = None
    run: str | None = None
    directions: Directions = field(default_factory=Directions)
    ignored_columns: tuple[str, ...] = ()
    normalise: bool = False
    create_items: bool = False

    def as_json(self) -> dict[str, object]:
        given: dict[str, object] = {
            "campaign": self.campaign if self.campaign != DEFAULT_CAMPAIGN else None,
            "group": self.base_models.default,
            "base_models": dict(self.base_models.by_file),
            "min_input_ids": dict(self.base_models.min_input_ids),
            "automatic": self.automatic,
            "method": self.method,
            "run": self.run,
            "direction": self.directions.default,
            "directions": dict(self.directions.by_metric),
            "ignored_columns": list(self.ignored_columns),
            "normalise": self.normalise or None,
            "create_items": self.create_items or None,
        }
        # Not super(): a dataclass with slots is another class than the one the method was written in.
        return ImportOptions.as_json(self) | {
            key: value for key, value in given.items() if value not in (None, "", {}, [])
        }


def _text_of(path: Path, name: str | None = None) -> str:
    name = name or path.name
    if not path.is_file():
        raise FormatError(f"There is no file {name}.")
    text = path.read_text(encoding=detect_encoding(path, name=name))
    if not text.strip():
        raise FormatError(f"{name} is empty.")
    return text


def read_name_map(path: Path | str, *, known: Collection[str] = ()) -> dict[str, str]:
    """Method names as {spelled in the file: spelled in the study}.

    The file is a JSON object or has two columns, with or without a header, in either order where `known` names
    (the study's) tell which side is the study's; otherwise the second column is the study's.

    Raises
    ------
    FormatError
        A line has not two names, or a name is mapped to two others.
    """
    path = Path(path)
    names: dict[str, str] = {}
    for line, (elsewhere, own) in _pairs_in(path, "map of names"):
        if elsewhere in known and own not in known:
            elsewhere, own = own, elsewhere
        if names.setdefault(elsewhere, own) != own:
            raise FormatError(f"{path.name}, line {line}: “{elsewhere}” is mapped to two names.")
    return names


def read_directions(path: Path | str) -> list[str]:
    """Directions as `METRIC=up`: a JSON object, or two columns, metric and direction, with or without a header.

    Raises
    ------
    FormatError
        A line has no direction, or a metric has two.
    """
    path = Path(path)
    found: dict[str, str] = {}
    pairs = _pairs_in(path, "list of directions")
    for line, (metric, word) in pairs:
        if read_direction(word) is None:
            if (line, metric, word) == (pairs[0][0], *pairs[0][1]) and len(pairs) > 1:
                continue  # a header
            raise FormatError(f"{path.name}, line {line}: “{word}” is no direction: write up or down.")
        if read_direction(found.setdefault(metric, word)) != read_direction(word):
            raise FormatError(f"{path.name}, line {line}: “{metric}” has two directions.")
    return [f"{metric}={word}" for metric, word in found.items()]


def _pairs_in(path: Path, what: str) -> list[tuple[int, tuple[str, str]]]:
    """Two texts in each line, with the number of the line."""
    text = _text_of(path)
    return (
        _json_pairs(text, path.name, what)
        if text.lstrip().startswith("{")
        else _column_pairs(text, path.name, what)
    )


def _json_pairs(text: str, name: str, what: str) -> list[tuple[int, tuple[str, str]]]:
    try:
        members = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"{name}: line {error.lineno} is not valid JSON ({error.msg}).") from None
    except RecursionError:
        raise FormatError(f"{name} is nested too deep: a {what} is an object of texts.") from None
    if not isinstance(members, dict) or not all(isinstance(own, str | bool) for own in members.values()):
        raise FormatError(f"{name}: a {what} is an object of texts.")
    return [(number, (key, str(own))) for number, (key, own) in enumerate(members.items(), start=1)]


def _column_pairs(text: str, name: str, what: str) -> list[tuple[int, tuple[str, str]]]:
    lines = text.splitlines(keepends=True)
    delimiter = next((one for one in "\t;,=" if all(one in line for line in lines if line.strip())), ",")
    pairs: list[tuple[int, tuple[str, str]]] = []
    records = csv.reader(lines, delimiter=delimiter)
    for record in records:
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        if len(cells) != 2 or not all(cells):
            raise FormatError(f"{name}, line {records.line_num}: a {what} has two cells in each line.")
        pairs.append((records.line_num, (cells[0], cells[1])))
    return pairs


def read_names(path: Path | str, *, name: str | None = None) -> tuple[str, ...]:
    """Names in order: a JSON list, or one in each line. `name` is what the file is called to people."""
    path = Path(path)
    name = name or path.name
    text = _text_of(path, name)
    if not text.lstrip().startswith("["):
        return tuple(line for line in text.splitlines() if line.strip())
    try:
        names = json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise FormatError(f"{name}: line {error.lineno} is not valid JSON ({error.msg}).") from None
    except RecursionError:
        raise FormatError(f"{name} is nested too deep: a list of names holds only texts.") from None
    if not all(isinstance(one, str) for one in names):
        raise FormatError(f"{name}: a list of names holds only texts.")
    return tuple(names)
