"""Results that show themselves: as text, as a table of a notebook, as a data frame, as a figure."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from html import escape
from importlib import import_module
from typing import Any, Final, TypeAlias

from hlv.stats.reporting import p_text

Value: TypeAlias = str | float | int | None
Columns: TypeAlias = Mapping[str, Sequence[Value]]

FRAME_LIBRARIES: Final = ("pandas", "polars")
UNDEFINED: Final = "–"
_MOST_ROWS: Final = 30
_STYLE_OF_NUMBERS: Final = "text-align: right; font-variant-numeric: tabular-nums"


class Shown(ABC):
    """A result with a caption and a table of named columns."""

    @property
    @abstractmethod
    def caption(self) -> str:
        """What the table shows, in a sentence."""

    @abstractmethod
    def columns(self) -> Columns:
        """The cells by column, equally many in each; None where a value is undefined."""

    def shown_columns(self) -> Columns:
        """What text and notebook show; the whole table unless a result has a shorter form."""
        return self.columns()

    def to_frame(self, library: str | None = None) -> Any:
        """The table as a data frame of pandas or polars.

        Parameters
        ----------
        library
            "pandas" or "polars"; by default the first of them that is installed.

        Raises
        ------
        ImportError
            If the library is not installed.
        ValueError
            If it is neither of the two.
        """
        if library is not None and library not in FRAME_LIBRARIES:
            raise ValueError(f"no data frames of {library!r}; one of {', '.join(FRAME_LIBRARIES)}")
        for name in FRAME_LIBRARIES if library is None else (library,):
            try:
                module = import_module(name)
            except ModuleNotFoundError:
                continue
            return module.DataFrame({column: list(cells) for column, cells in self.columns().items()})
        raise ImportError(
            f"Data frames need {library or 'pandas or polars'}: install it, or use the method columns()."
        )

    def figure(self) -> Any:
        """The values with their intervals as an Altair chart.

        Raises
        ------
        ValueError
            If the table has no intervals.
        ImportError
            If Altair is not installed.
        """
        return _intervals_chart(self.columns(), self.caption)

    def __repr__(self) -> str:
        return f"{self.caption}\n{_text_table(self.shown_columns())}"

    def _repr_html_(self) -> str:
        return _html_table(self.shown_columns(), self.caption)


def shown_value(column: str, value: Value) -> str:
    """A cell as text: three decimals, p values without a leading zero, a dash where undefined."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return UNDEFINED
    if isinstance(value, float):
        return p_text(value) if column == "p" else f"{value:.3f}"
    return str(value)


def _is_number(cells: Sequence[Value]) -> bool:
    return all(isinstance(cell, int | float) for cell in cells if cell is not None)


def _shown_rows(columns: Columns) -> list[list[str]]:
    shown = [[shown_value(name, cell) for cell in cells[:_MOST_ROWS]] for name, cells in columns.items()]
    return [list(row) for row in zip(*shown, strict=True)]


def _n_left(columns: Columns) -> int:
    return max(0, len(next(iter(columns.values()), ())) - _MOST_ROWS)


def _text_table(columns: Columns) -> str:
    heads, rows = list(columns), _shown_rows(columns)
    numeric = [_is_number(cells) for cells in columns.values()]
    widths = [max(map(len, cells)) for cells in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in (heads, *rows)
    ]
    return "\n".join([*lines, *([f"and {left} more rows"] if (left := _n_left(columns)) else [])])


def _html_table(columns: Columns, caption: str) -> str:
    styles = [
        f' style="{_STYLE_OF_NUMBERS if _is_number(cells) else "text-align: left"}"'
        for cells in columns.values()
    ]

    def line(tag: str, cells: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{style}>{escape(cell)}</{tag}>" for cell, style in zip(cells, styles, strict=True)
        )

    body = "".join(f"<tr>{line('td', row)}</tr>" for row in _shown_rows(columns))
    more = f"<p>and {left} more rows</p>" if (left := _n_left(columns)) else ""
    return (
        f'<table><caption style="text-align: left">{escape(caption)}</caption>'
        f"<thead><tr>{line('th', list(columns))}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def _intervals_chart(columns: Columns, title: str) -> Any:
    if not {"low", "high"} <= columns.keys():
        raise ValueError("This result has no intervals to draw.")
    try:
        altair = import_module("altair")
    except ModuleNotFoundError as missing:
        raise ImportError("Figures need Altair: install altair.") from missing
    name, value = list(columns)[:2]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    across = {"type": "quantitative", "scale": {"zero": False}, "title": value}
    specification = {
        "title": title,
        "data": {"values": [row for row in rows if row[value] is not None]},
        "encoding": {
            "y": {"field": name, "type": "nominal", "sort": None, "title": None},
            "tooltip": [{"field": column} for column in columns],
        },
        "layer": [
            {"mark": "rule", "encoding": {"x": {"field": "low", **across}, "x2": {"field": "high"}}},
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {"x": {"field": value, **across}},
            },
        ],
    }
    return altair.LayerChart.from_dict(specification)
