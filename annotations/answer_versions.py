"""Answers as people read them again: labels, certainties and reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isclose

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.formats.spans import read_spans, words_of
from annotations.models import Annotation, Label
from annotations.submissions import STEP_WORDS, TOP_STEP

SKIP_REASONS: dict[str, str | Promise] = {
    "conflict": _("I know the people or the case"),
    "language": _("Not a language I read well"),
    "distress": _("I would rather not read this"),
    "other": _("Another reason, in your words"),
}


def certainty_words(certainty: float | None) -> str:
    """The step that was pressed; a share only where an imported certainty is none of the steps."""
    if certainty is None:
        return ""
    step = round(certainty * TOP_STEP)
    if step in STEP_WORDS and isclose(step / TOP_STEP, certainty):
        return gettext("%(step)s of %(top)s, %(words)s") % {
            "step": step,
            "top": TOP_STEP,
            "words": STEP_WORDS[step],
        }
    return f"{certainty:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class ChosenLabel:
    """A label of an answer, in words."""

    label: Label
    chosen: bool
    certainty: float | None
    # The words that decided it.
    quotes: tuple[str, ...] = ()

    @property
    def certainty_words(self) -> str:
        return certainty_words(self.certainty)

    @property
    def rejected_words(self) -> str:
        """How certain it is that the label does not apply."""
        if self.certainty is None or isclose(self.certainty, 1):
            return gettext("surely not")
        return gettext("not, %(certainty)s") % {"certainty": self.certainty_words}


@dataclass(frozen=True)
class AnswerVersion:
    """An answer as people read it again; with the plain texts of its item by position, its marked words too."""

    answer: Annotation
    texts: Mapping[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[ChosenLabel]:
        """The chosen labels come first."""
        rows = sorted(self.answer.labels.all(), key=lambda row: (not row.chosen, row.label.position))
        spans = read_spans(self.answer.spans or []) if self.texts else ()
        return [
            ChosenLabel(
                row.label,
                row.chosen,
                row.certainty,
                tuple(words_of(span, self.texts) for span in spans if span.label == row.label.key),
            )
            for row in rows
        ]

    @property
    def skip(self) -> str:
        """Why the text was skipped: an offered reason, or the person's own words."""
        answer = self.answer
        return str(SKIP_REASONS.get(answer.reason, answer.reason)) if answer.skipped else ""

    @property
    def reason(self) -> str:
        return self.skip or self.answer.reason

    @property
    def seconds(self) -> int | None:
        return None if self.answer.active_ms is None else round(self.answer.active_ms / 1000)
