"""The files of answers in a bundle, written together while the answers are read once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TextIO

from annotations.exporters.answers import (
    ANSWER_HEADER,
    LABEL_HEADER,
    answer_lines,
    label_lines,
    lewidi_entry,
    paper_lines,
)
from annotations.selectors.exports import ExportedAnswer, ExportedItem
from hlv.bundle.folder import Bundle
from hlv.core.tabular.writing import csv_lines

LEWIDI = "lewidi2023.json"


@dataclass
class AnswerFiles:
    """Open files, to which the answers to each item are added.

    Attributes
    ----------
    lewidi
        None where the answers cannot be written so.
    names_have_commas
        Whether an annotator's name has a comma, which a list of LeWiDi 2023 cannot contain.
    """

    labels: list[str]
    one_label_only: bool
    annotations: TextIO
    answers: TextIO
    paper: TextIO
    lewidi: TextIO | None
    n_entries: int = 0
    names_have_commas: bool = False

    def add(self, item: ExportedItem, given: list[ExportedAnswer]) -> None:
        """All answers to an item, revised ones too."""
        self.annotations.write(label_lines(given))
        current = [answer for answer in given if answer.is_current]
        self.answers.write(answer_lines(current, one_label_only=self.one_label_only))
        self.paper.writelines(paper_lines(item, current, one_label_only=self.one_label_only))
        if self.lewidi is None:
            return
        self.names_have_commas |= any("," in answer.annotator for answer in current)
        entry = lewidi_entry(item, current, labels=self.labels)
        if entry:
            self.lewidi.write(("{\n" if self.n_entries == 0 else ",\n") + entry)
            self.n_entries += 1

    def end(self) -> None:
        if self.lewidi is not None:
            self.lewidi.write("\n}\n" if self.n_entries else "{}\n")


@contextmanager
def open_answer_files(bundle: Bundle, labels: list[str], *, one_label_only: bool) -> Iterator[AnswerFiles]:
    """Files that are complete after the block."""
    with ExitStack() as stack:

        def opened(name: str, about: str) -> TextIO:
            return stack.enter_context(bundle.open(name, about=about))

        files = AnswerFiles(
            labels,
            one_label_only,
            annotations=opened(
                "annotations.csv",
                "a row for each label of each answer; revised answers too (column stands)",
            ),
            answers=opened("answers.csv", "a row for each answer that stands; imports again"),
            paper=opened("paper.jsonl", "the same answers as the paper's JSONL; imports again"),
            lewidi=opened(
                LEWIDI,
                "answers of one label as LeWiDi 2023; imports again. Certainties and skips have no place in it",
            )
            if one_label_only and not any("," in label for label in labels)
            else None,
        )
        files.annotations.write(csv_lines([LABEL_HEADER]))
        files.answers.write(csv_lines([ANSWER_HEADER]))
        yield files
        files.end()
    if files.names_have_commas:
        bundle.discard(LEWIDI)
