"""Tables for a paper: LaTeX in the manner of booktabs, with every name and number made safe to typeset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

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
    "τ": r"$\tau$",
    "ρ": r"$\rho$",
    "ν": r"$\nu$",
    "\u00a0": "~",
}
_LIGATURES: Final = frozenset({"--", "''", "``", "!`", "?`", ",,"})
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# Words of such a script with what stands between them: one run.
_RUN = re.compile(f"[{_RIGHT_TO_LEFT}]+(?:[\\s\u200c\u200d\\d.,:;]*[{_RIGHT_TO_LEFT}]+)*")

PREAMBLE: Final = r"""% In the preamble: \usepackage{booktabs}, and \usepackage[T1]{fontenc} under pdfLaTeX.
% Names in Arabic or Hebrew need LuaLaTeX or XeLaTeX, a font that has them, and \hlvrtl defined for them, such as
% \newcommand{\hlvrtl}[1]{\foreignlanguage{arabic}{#1}} with babel.
\providecommand{\hlvrtl}[1]{#1}
"""


@dataclass(frozen=True)
class PaperTable:
    """Cells as people read them; the first column holds names, numbers stand in the others.

    Attributes
    ----------
    name
        Of its file, and of its label after `tab:`.
    n_text_columns
        So many columns at the start hold words, and are set to the left.
    """

    name: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    n_text_columns: int = 1


def escaped(text: str) -> str:
    """Text that LaTeX sets as it is: nothing in it is a command, a comment, or the end of a cell."""
    pieces, place = [], 0
    plain = _INVISIBLE.sub("", text)
    for run in _RUN.finditer(plain):
        pieces.append(_escaped(plain[place : run.start()]))
        pieces.append(rf"\hlvrtl{{{_escaped(run.group())}}}")
        place = run.end()
    pieces.append(_escaped(plain[place:]))
    return "".join(pieces)


def _escaped(text: str) -> str:
    pieces, before = [], ""
    for letter in re.sub(r"[^\S\u00a0]+", " ", text):
        # Side by side they would become one sign: a dash, a quotation mark, an inverted question mark.
        apart = before + letter in _LIGATURES
        pieces.append(("{}" if apart else "") + _SIGNS.get(letter, letter))
        before = letter
    return "".join(pieces)


def latex_table(table: PaperTable) -> str:
    """A float with caption, label and rules, to be read by \\input."""
    n_numbers = len(table.header) - table.n_text_columns
    lines = [
        r"\begin{table}[tbp]",
        r"\centering",
        rf"\caption{{{escaped(table.caption)}}}",
        rf"\label{{tab:{re.sub(r'[^a-z0-9-]+', '-', table.name)}}}",
        rf"\begin{{tabular}}{{{'l' * table.n_text_columns}{'r' * n_numbers}}}",
        r"\toprule",
        _row(table.header),
        r"\midrule",
        *(_row(row) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if table.note:
        lines += ["", rf"\smallskip{{\footnotesize {escaped(table.note)}\par}}"]
    return PREAMBLE + "\n".join([*lines, r"\end{table}"]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return " & ".join(escaped(cell) for cell in cells) + r" \\"


def latex_paragraph(sentences: Iterable[str]) -> str:
    """Sentences, a line each."""
    return PREAMBLE + "".join(f"{escaped(sentence)}\n" for sentence in sentences)
