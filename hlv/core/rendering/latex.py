"""Tables for a paper: LaTeX in the manner of booktabs, with every name and number made safe to typeset."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hlv.core.rendering.numbers import UNDEFINED
from hlv.core.rendering.tables import Cell, Column, Table

_GREEK: Final = {
    letter: rf"${chr(92)}{name if letter.islower() else name.capitalize()}$"
    for letter in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"
    # Unicode spells one of them otherwise.
    for name in [unicodedata.name(letter).split()[-1].lower().replace("lamda", "lambda")]
}
_SIGNS: Final = {
    "\\": r"\textbackslash{}",
    # Not \{ and \}: BibTeX counts those as braces.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "{''}",
    # At the head of a row they would belong to the end of the row before.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "±": r"$\pm$",
    "→": r"$\rightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "≈": r"$\approx$",
    "≠": r"$\neq$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    **_GREEK,
    "\u00a0": "~",
}
_LIGATURES: Final = frozenset({"--", "''", "``", "!`", "?`", ",,"})
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# Words of such a script with what stands between them: one run.
_RUN = re.compile(f"[{_RIGHT_TO_LEFT}]+(?:[\\s\u200c\u200d\\d.,:;]*[{_RIGHT_TO_LEFT}]+)*")
# What pdfLaTeX has letters for, with the T1 encoding and what the format itself loads.
_T1 = "\x20-\x7e\u00a0-\u017e\u0192\u0218-\u021b\u2010-\u2015\u201a\u201e\u2020-\u2022\u2030\u2039\u203a\u20ac\u2116\u2122"
_BEYOND_T1 = re.compile(f"[^\\s{_T1}{re.escape(''.join(_SIGNS))}]+")

# What pdfLaTeX has no letters for stands as code points: two such names never look alike, and nothing stops.
DEFINITIONS: Final = r"""\providecommand{\hlvrtl}[1]{#1}
\providecommand{\hlvsigns}[2]{\ifdefined\Umathcode#1\else{\scriptsize U+#2}\fi}
"""
PREAMBLE: Final = (
    r"""% In the preamble: \usepackage{booktabs,longtable}, and \usepackage[T1]{fontenc} under pdfLaTeX.
% pdfLaTeX sets signs that it has no letters for, such as Arabic, as their code points. LuaLaTeX and XeLaTeX set them
% as they are, given a font that has them, and \hlvrtl defined for names from right to left, such as
% \newcommand{\hlvrtl}[1]{\foreignlanguage{arabic}{#1}} with babel.
"""
    + DEFINITIONS
)
# Letters beyond which the names of a table are broken into lines, and rows beyond which the table is over pages.
LONG_NAME: Final = 24
LONG_TABLE: Final = 40
_LETTERS_OF_A_HEAD: Final = 14


@dataclass(frozen=True)
class PaperTable:
    """Cells as people read them; the first column holds names, numbers stand in the others.

    Attributes
    ----------
    name
        Of its file, and of its label after `tab:`.
    """

    name: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def on_paper(table: Table, *, name: str, caption: str, note: str = "") -> PaperTable:
    """The table of a page: intervals in columns of their own where these have a heading, and no plus signs."""
    shown = table.shown_in("paper")
    columns = [Column(column) if isinstance(column, str) else column for column in shown.columns]
    header = [heading for column in columns for heading in filter(None, (column.heading, column.interval))]
    rows = [
        (
            row.head,
            *(
                words
                for column, cell in zip(columns[1:], row.cells, strict=True)
                for words in _printed(column, cell)
            ),
        )
        for row in shown.rows
    ]
    return PaperTable(name, caption, tuple(header), tuple(rows), note)


def _printed(column: Column, cell: Cell) -> list[str]:
    bare = replace(cell, form=replace(cell.form, signed=False))
    if column.interval:
        return [bare.words, f"{bare.low} to {bare.high}" if bare.interval is not None else UNDEFINED]
    return [f"{bare.words} [{bare.low}, {bare.high}]" if bare.interval is not None else bare.words]


def escaped(text: str) -> str:
    """Text that LaTeX sets as it is: nothing in it is a command, a comment, or the end of a cell."""
    pieces, place = [], 0
    plain = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    for run in _RUN.finditer(plain):
        pieces.append(_escaped(plain[place : run.start()]))
        pieces.append(rf"\hlvrtl{{{_signs(run.group())}}}")
        place = run.end()
    pieces.append(_escaped(plain[place:]))
    return "".join(pieces)


def _signs(run: str) -> str:
    points = " ".join(f"{ord(letter):04X}" for letter in run if not letter.isspace())
    return rf"\hlvsigns{{{_set(run)}}}{{{points}}}"


def _escaped(text: str) -> str:
    pieces, place = [], 0
    for run in _BEYOND_T1.finditer(text):
        pieces += [_set(text[place : run.start()]), _signs(run.group())]
        place = run.end()
    return "".join([*pieces, _set(text[place:])])


def _set(text: str) -> str:
    pieces, before = [], ""
    for letter in re.sub(r"[^\S\u00a0]+", " ", text):
        # Side by side they would become one sign: a dash, a quotation mark, an inverted question mark. Empty braces
        # keep them apart in pdfLaTeX alone.
        apart = before + letter in _LIGATURES
        pieces.append((r"{\kern0pt}" if apart else "") + _SIGNS.get(letter, letter))
        before = letter
    return "".join(pieces)


def latex_table(table: PaperTable) -> str:
    """A float with caption, label and rules, to be read by \\input; one of many rows goes on over pages."""
    caption = rf"\caption{{{escaped(table.caption)}}}"
    label = rf"\label{{tab:{re.sub(r'[^a-z0-9-]+', '-', table.name)}}}"
    head = [r"\toprule", _head(table.header), r"\midrule"]
    rows = [_row(row, broken=_is_broken(table)) for row in table.rows]
    note = ["", rf"\smallskip{{\footnotesize {escaped(table.note)}\par}}"] if table.note else []
    narrow = r"\small\setlength{\tabcolsep}{4pt}"
    if len(table.rows) > LONG_TABLE:
        lines = [
            r"\begingroup",
            narrow,
            rf"\begin{{longtable}}{{{_columns(table)}}}",
            rf"{caption}{label}\\",
            *head,
            r"\endfirsthead",
            *head,
            r"\endhead",
            *rows,
            r"\bottomrule",
            r"\end{longtable}",
            *note,
            r"\endgroup",
        ]
    else:
        lines = [
            r"\begin{table}[tbp]",
            r"\centering",
            caption,
            label,
            narrow,
            rf"\begin{{tabular}}{{{_columns(table)}}}",
            *head,
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            *note,
            r"\end{table}",
        ]
    return PREAMBLE + "\n".join(lines) + "\n"


def _is_broken(table: PaperTable) -> bool:
    return any(len(row[0]) > LONG_NAME for row in table.rows)


def _columns(table: PaperTable) -> str:
    first = r"p{0.28\linewidth}" if _is_broken(table) else "l"
    # As booktabs would have it: rules as wide as what stands between them.
    return "@{}" + first + "r" * (len(table.header) - 1) + "@{}"


def _head(cells: Sequence[str]) -> str:
    """Long heads in lines above one another: they, not the numbers, would decide how wide a column is."""
    made = []
    for cell in cells:
        lines = [escaped(line) for line in textwrap.wrap(cell, _LETTERS_OF_A_HEAD, break_long_words=False)]
        made.append(lines[0] if len(lines) == 1 else r"\shortstack[r]{" + r" \\ ".join(lines) + "}")
    return " & ".join(made) + r" \\"


def _row(cells: Sequence[str], *, broken: bool) -> str:
    name = escaped(cells[0])
    if broken:
        # Where a name has no blank, it may be broken after what joins its words, or else anywhere.
        joined = re.sub(r"(\\_|/|(?<=\w)-(?=\w)|\w{16}(?=\w))", r"\1\\hspace{0pt}", name)
        name = rf"{{\raggedright {joined}\par}}"
    return " & ".join([name, *map(escaped, cells[1:])]) + r" \\"


def latex_paragraph(sentences: Iterable[str]) -> str:
    """Sentences, a line each."""
    return PREAMBLE + "".join(f"{escaped(sentence)}\n" for sentence in sentences)
