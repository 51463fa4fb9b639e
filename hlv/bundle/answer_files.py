"""The files of answers in a bundle, written together while the answers are read once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TextIO

from annotations.exporters.answers import (
    LABEL_HEADER,
    SPAN_HEADER,
    answer_header,
    answer_lines,
    label_lines,
    lewidi_entry,
    paper_lines,
    span_lines,
)
from annotations.exporters.other_programs import label_studio_task, lewidi2025_entry
from annotations.selectors.exports import ExportedAnswer, ExportedItem
from hlv.bundle.folder import Bundle
from hlv.core.tabular.writing import csv_lines

LEWIDI = "lewidi2023.json"


@dataclass
class JsonFile:
    """One object or list of JSON, written entry by entry."""

    stream: TextIO
    brackets: str
    n_entries: int = 0

    def add(self, entry: str) -> None:
        if entry:
            self.stream.write((",\n" if self.n_entries else f"{self.brackets[0]}\n") + entry)
            self.n_entries += 1

    def end(self) -> None:
        self.stream.write(f"\n{self.brackets[1]}\n" if self.n_entries else f"{self.brackets}\n")


@dataclass
class AnswerFiles:
    """Open files, to which the answers to each item are added.

    Attributes
    ----------
    lewidi
        None where the answers cannot be written so.
    names_have_commas
        Whether an annotator's name has a comma, which a list of LeWiDi 2023 cannot contain.
    spans
        None where the study does not ask for spans.
    """

    labels: list[str]
    one_label_only: bool
    annotations: TextIO
    answers: TextIO
    paper: TextIO
    label_studio: JsonFile
    lewidi2025: JsonFile | None
    lewidi: JsonFile | None
    spans: TextIO | None = None
    names_have_commas: bool = False

    def add(self, item: ExportedItem, given: list[ExportedAnswer]) -> None:
        """All answers to an item, revised ones too."""
        self.annotations.write(label_lines(given))
        current = [answer for answer in given if answer.is_current]
        self.answers.write(
            answer_lines(current, one_label_only=self.one_label_only, with_spans=self.spans is not None)
        )
        if self.spans is not None:
            self.spans.write(span_lines(item, current))
        self.paper.writelines(paper_lines(item, current, one_label_only=self.one_label_only))
        self.label_studio.add(label_studio_task(item, current))
        if self.lewidi2025 is not None:
            self.lewidi2025.add(lewidi2025_entry(item, current, labels=self.labels))
        if self.lewidi is not None:
            self.names_have_commas |= any("," in answer.annotator for answer in current)
            self.lewidi.add(lewidi_entry(item, current, labels=self.labels))

    def end(self) -> None:
        for file in (self.label_studio, self.lewidi2025, self.lewidi):
            if file is not None:
                file.end()


@contextmanager
def open_answer_files(
    bundle: Bundle, labels: list[str], *, one_label_only: bool, with_spans: bool = False
) -> Iterator[AnswerFiles]:
    """Files that are complete after the block."""
    with ExitStack() as stack:

        def opened(name: str, about: str) -> TextIO:
            return stack.enter_context(bundle.open(name, about=about))

        labels_have_commas = any("," in label for label in labels)

        files = AnswerFiles(
            labels,
            one_label_only,
            annotations=opened(
                "annotations.csv",
                "a row for each label of each answer; revised answers too (column stands)",
            ),
            answers=opened("answers.csv", "a row for each answer that stands; imports again"),
            paper=opened("paper.jsonl", "the same answers as the paper's JSONL; imports again"),
            label_studio=JsonFile(
                opened(
                    "label-studio.json",
                    "tasks with annotations as Label Studio; imports again. Certainties have no place in it",
                ),
                "[]",
            ),
            lewidi2025=None
            if labels_have_commas
            else JsonFile(
                opened(
                    "lewidi2025.json",
                    "answers as LeWiDi 2025; imports again. Certainties, skips and empty sets have no place in it",
                ),
                "{}",
            ),
            lewidi=JsonFile(
                opened(
                    LEWIDI,
                    "answers of one label as LeWiDi 2023; imports again. Certainties and skips have no place in it",
                ),
                "{}",
            )
            if one_label_only and not labels_have_commas
            else None,
            spans=opened(
                "spans.csv", "the words that decided a label, a row for each, with their places in the text"
            )
            if with_spans
            else None,
        )
        files.annotations.write(csv_lines([LABEL_HEADER]))
        files.answers.write(csv_lines([answer_header(with_spans=with_spans)]))
        if files.spans is not None:
            files.spans.write(csv_lines([SPAN_HEADER]))
        yield files
        files.end()
    if files.names_have_commas:
        bundle.discard(LEWIDI)
