"""Which 8-bit encoding a file is in: taken where its letters leave no doubt, refused where they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from hlv.core.tabular.encoding import detect_encoding
from hlv.core.tabular.errors import FormatError

CERTAIN = [
    ("Après la séance, l’élève déjà fatigué a été reçu à l'hôtel où ça brûle", "windows-1252"),
    ("déjà vu", "windows-1252"),
    ("très bien", "windows-1252"),
    ("El niño pidió información, ¿por qué? También él será así", "windows-1252"),
    ("perché la città è più bella, così è", "windows-1252"),
    ("São Paulo", "windows-1252"),
    ("smørrebrød på øen, æble", "windows-1252"),
    ("“costs” 10€ – don’t", "windows-1252"),
    ("هل العقد صحيح؟", "windows-1256"),
    ("Нарушил ли ответчик условия договора об аренде", "windows-1251"),
]
DOUBTFUL = [
    ("zażółć gęślą jaźń", "windows-1250", "zażółć"),
    ("być może są", "iso-8859-2", "być"),
    ("věc", "windows-1250", "věc"),
    ("gyűrű és őz", "windows-1250", "gyűrű"),
    ("că să încă", "windows-1250", "încă"),
    ("ışık güneş", "windows-1254", "ışık"),
    ("ačiū už žodžius, ėmė", "windows-1257", "ačiū"),
    ("le cœur coûte 10 €", "iso-8859-15", "cœur"),
    ("déjà vu", "mac-roman", "déjà"),
    ("el niño", "mac-roman", "niño"),
    ("déjà vu", "cp850", "déjà"),
    ("да", "windows-1251", ""),
    ("Нарушил ли ответчик", "koi8-r", "ответчик"),
    ("Καλημέρα σας, πώς είστε σήμερα", "windows-1253", "Καλημέρα"),
    ("שלום עולם זה בית", "windows-1255", "שלום"),
    ("สวัสดีครับ", "cp874", ""),
    ("合同是否有效", "gb18030", "合同是否有效"),
    ("契約は有効ですか", "cp932", "約は有効ですか"),
    ("Vi\u00ea\u0323t Nam", "windows-1258", "Vi\u00ea\u0323t"),
]


def make_table(folder: Path, text: str, encoding: str, *, n_rows: int) -> Path:
    path = folder / "a.csv"
    path.write_bytes(("id,text\n" + "".join(f"{n},{text}\n" for n in range(n_rows))).encode(encoding))
    return path


@pytest.mark.parametrize("n_rows", [1, 60])
@pytest.mark.parametrize(("text", "encoding"), CERTAIN)
def test_letters_that_leave_no_doubt_are_read(tmp_path: Path, text: str, encoding: str, n_rows: int) -> None:
    path = make_table(tmp_path, text, encoding, n_rows=n_rows)
    assert path.read_bytes().decode(detect_encoding(path, name="a.csv")) == path.read_bytes().decode(encoding)


@pytest.mark.parametrize("n_rows", [1, 60])
@pytest.mark.parametrize(("text", "encoding", "word"), DOUBTFUL)
def test_a_doubtful_encoding_is_refused_with_what_each_makes_of_a_word(
    tmp_path: Path, text: str, encoding: str, word: str, n_rows: int
) -> None:
    path = make_table(tmp_path, text, encoding, n_rows=n_rows)
    with pytest.raises(FormatError, match=r"--encoding NAME, in the browser the field Encoding") as refused:
        detect_encoding(path, name="a.csv")
    assert f"“{word}”" in str(refused.value) or not word


def test_a_mixed_western_file_with_a_foreign_name_is_read(tmp_path: Path) -> None:
    text = "Zürich, señor, smørrebrød, Ångström, garçon, naïve, città\n" * 40 + "Škoda\n"
    path = make_table(tmp_path, text, "windows-1252", n_rows=1)
    assert detect_encoding(path, name="a.csv") == "windows-1252"


def test_letters_far_behind_the_first_count_too(tmp_path: Path) -> None:
    text = "café\n" * 3 + "plain\n" * 100_000 + "zażółć gęślą jaźń\n" * 40
    with pytest.raises(FormatError, match="leave open"):
        detect_encoding(make_table(tmp_path, text, "windows-1250", n_rows=1), name="a.csv")
