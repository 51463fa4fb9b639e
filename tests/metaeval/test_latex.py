"""Tables and references for a paper: whatever people called their methods, LaTeX sets it and nothing runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlv.bundle.report_export import document
from hlv.core.rendering.latex import LONG_TABLE, PaperTable, escaped, latex_paragraph, latex_table
from metaeval.exporters.report import bibtex

NAMES = (r"R&D 50% a_b #1 $x$ {y} ~z ^w \input{/etc/passwd}", "[first] *star*", "كشف الخلاف v2", "a--b ''c''")
# What pdfLaTeX has no letters for, what it has some for, and names that no column holds.
ODD = (
    "日本 ✓ 😀 Ǆ e\u0301 \u0378",
    "Łódź naïve µ α Ω ½ € № ∞",
    "x" * 150,
    "a_very/long-name of a method " * 5,
)
# What is left once every command, sign and brace of ours is taken away must hold nothing that LaTeX acts on.
OURS = re.compile(
    r"\\(?:textbackslash|textbraceleft|textbraceright|textasciitilde|textasciicircum|textless|textgreater|textbar|dots)\{\}"
    r"|\\[&%$#_]|\\hlvrtl|\\hlvsigns|\{\\kern0pt\}|\$\\[A-Za-z]+\$|\$-\$"
)


def is_balanced(text: str) -> bool:
    depth = 0
    for letter in re.sub(r"\\[\\{}&%$#_]", "", text):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0


@given(st.text(max_size=60))
def test_any_text_is_balanced_and_holds_nothing_that_acts(text: str) -> None:
    made = escaped(text)
    assert is_balanced(made)
    left = OURS.sub("", made)
    assert not re.search(r"[\\&%$#_^]", left)
    assert "~" not in left.replace("~", "", text.count("\u00a0"))
    assert "\n" not in made


def test_each_sign_is_set_as_it_was_typed() -> None:
    assert escaped("R&D 50% a_b #1 $x$") == r"R\&D 50\% a\_b \#1 \$x\$"
    assert escaped("{y}~^\\") == (
        r"\textbraceleft{}y\textbraceright{}\textasciitilde{}\textasciicircum{}\textbackslash{}"
    )
    assert escaped("−0.12") == "$-$0.12"
    assert escaped("a--b") == r"a-{\kern0pt}-b"
    assert escaped("\u2068كشف الخلاف\u2069 v2") == (
        r"\hlvrtl{\hlvsigns{كشف الخلاف}{0643 0634 0641 0627 0644 062E 0644 0627 0641}} v2"
    )
    assert escaped("e\u0301日α") == r"é\hlvsigns{日}{65E5}$\alpha$"


def test_a_table_has_a_cell_for_each_column_whatever_is_in_it() -> None:
    table = PaperTable(
        name="Scores 1",
        caption="100% of R&D",
        header=("Method", "τ-b", "p"),
        rows=tuple((name, "0.5", "< .001") for name in NAMES),
        note="seed 1",
    )
    text = latex_table(table)
    assert is_balanced("\n".join(line for line in text.splitlines() if not line.startswith("%")))
    rows = text[text.index(r"\midrule") : text.index(r"\bottomrule")].splitlines()[1:]
    assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [2] * len(NAMES)
    # A bracket or a star after the end of a row would be taken for its argument.
    assert not any(row.startswith(("[", "*")) for row in rows)
    assert all(row.endswith(r" \\") for row in rows)
    begun, ended = (re.findall(rf"\\{word}\{{(\w+)\}}", text) for word in ("begin", "end"))
    assert begun == ended[::-1]
    for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\label{tab:-cores-1}"):
        assert text.count(rule) == 1


def test_references_are_whole_whatever_the_study_is_called() -> None:
    text = bibtex(
        ["kurniawan2026hlv", "kendall1945ties", "kurniawan2026hlv"],
        study="A {study} 100% @home",
        version="hlv 0.1.0",
        as_of="2026-03-01T00:00:00Z",
    )
    assert is_balanced(text)
    assert re.findall(r"@\w+\{([\w-]+),", text) == ["kurniawan2026hlv", "kendall1945ties", "hlv-study"]
    assert r"A \textbraceleft{}study\textbraceright{} 100\% @home" in text


@pytest.mark.parametrize("n_rows", [8, LONG_TABLE + 20], ids=["of one page", "over pages"])
def test_whatever_methods_are_called_a_paper_compiles(n_rows: int, tmp_path: Path) -> None:
    """By each TeX on this machine; where there is none, balance and escaping are all that is known.

    Nothing is fetched for it: tectonic, which would be, takes no part.
    """
    names = [*NAMES, *ODD, *(f"model_{n}%" for n in range(n_rows))][:n_rows]
    table = PaperTable(
        name="ranking",
        caption=f"100% of {NAMES[0]} by “{NAMES[2]}”",
        header=("Method", "95 % interval of the strength", "p"),
        rows=tuple((name, "−0.50 to 0.40", "< .001") for name in names),
        note=NAMES[0],
    )
    written = {
        "ranking.tex": latex_table(table),
        "methods.tex": latex_paragraph([*NAMES, *ODD]),
        "references.bib": bibtex(
            ["rao1967ties"], study=f'{NAMES[0]} "{NAMES[2]}"', version="1", as_of="2026"
        ),
    }
    written["all.tex"] = document(written)
    for name, text in written.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert is_balanced("\n".join(line for line in text.splitlines() if not line.startswith("%")))
    assert ("longtable}{" in written["ranking.tex"]) == (n_rows > LONG_TABLE)
    assert max(map(len, re.findall(r"\w+", written["ranking.tex"]))) < 40
    for command in compiling():
        made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
        assert made.returncode == 0, made.stdout[-3000:]


def compiling() -> list[list[str]]:
    """What compiles the document here: references are asked for by the first run, and set by the second."""
    found = []
    bib = shutil.which("bibtex")
    for engine, more in (("pdflatex", []), ("lualatex", ["fontspec.sty", "babel.sty"])):
        packages = ["kpsewhich", "booktabs.sty", "longtable.sty", "iftex.sty", *more]
        path = shutil.which(engine)
        if path and bib and subprocess.run(packages, capture_output=True).returncode == 0:
            run = [path, "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "all.tex"]
            found += [run, [bib, "all"], run]
    return found
