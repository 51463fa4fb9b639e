"""The half of a bundle that annotators made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from annotations.exporters.answers import (
    answer_table,
    distribution_array,
    distribution_jsonl,
    distribution_table,
    items_jsonl,
    label_table,
    lewidi_json,
    paper_jsonl,
)
from annotations.models import Label, Study
from annotations.selectors.distributions import LabelTable
from annotations.selectors.distributions import label_table as counted_labels
from annotations.selectors.exports import (
    ExportedAnswer,
    ExportedItem,
    exported_answers,
    exported_counts,
    exported_items,
    participant_names,
)
from hlv.bundle.folder import Bundle
from hlv.bundle.readme import study_card
from hlv.core.tabular.writing import json_text


class AnnotationsExport:
    """Writes items, answers and distributions."""

    def __init__(self, study: Study, bundle: Bundle, *, as_of: dt.datetime, with_names: bool) -> None:
        self.study = study
        self.bundle = bundle
        self.as_of = as_of
        self.people = participant_names(study, with_names=with_names)
        self.labels: list[str] = list(
            Label.objects.filter(study=study).order_by("position").values_list("key", flat=True)
        )

    def write(self) -> None:
        self.bundle.write(
            "study.json",
            [json_text(study_card(self.study, as_of=self.as_of), indent=2) + "\n"],
            about="the study: task, labels, guidelines, imported files with their checksums",
        )
        self.bundle.write(
            "items.jsonl", items_jsonl(self._items()), about="items with all their texts; imports again"
        )
        if self.labels:
            self._write_answers()
            self._write_distributions()

    def _items(self) -> Iterator[ExportedItem]:
        return exported_items(self.study, as_of=self.as_of)

    def _answers(self, *, only_current: bool = True) -> Iterator[ExportedAnswer]:
        return exported_answers(self.study, as_of=self.as_of, names=self.people, only_current=only_current)

    def _write_answers(self) -> None:
        if next(self._answers(), None) is None:
            return
        one = self.study.one_label_only
        self.bundle.write(
            "annotations.csv",
            label_table(self._answers(only_current=False)),
            about="a row for each label of each answer; revised answers too (column stands)",
        )
        self.bundle.write(
            "answers.csv",
            answer_table(self._answers(), one_label_only=one),
            about="a row for each answer that stands; imports again",
        )
        self.bundle.write(
            "paper.jsonl",
            paper_jsonl(self._answers(), self._items(), one_label_only=one),
            about="the same answers as the paper's JSONL; imports again",
        )
        names = {answer.annotator for answer in self._answers()}
        if one and not any("," in name for name in (*self.labels, *names)):
            self.bundle.write(
                "lewidi2023.json",
                lewidi_json(self._answers(), self._items(), labels=self.labels),
                about="answers of one label as LeWiDi 2023; imports again. Certainties and skips have no place in it",
            )

    def _write_distributions(self) -> None:
        self.bundle.table(
            "label-counts.csv",
            ("item", "label", "n_chosen", "n_annotators"),
            exported_counts(self.study, as_of=self.as_of),
            about="counts that came without annotators; imports again",
        )
        table = counted_labels(self.study, as_of=self.as_of)
        one = self.study.one_label_only
        table = answered_items(table) if one else table
        if not len(table.item_ids):
            return
        keys_by_pk = {item.pk: item.key for item in self._items()}
        keys = [keys_by_pk[int(pk)] for pk in table.item_ids]
        how = "share of annotators who chose it" if one else "share of annotators whose set contains it"
        self.bundle.write(
            "distributions.csv",
            distribution_table(table, keys, one_label_only=one),
            about=f"of each label the {how}, plain and weighted by certainty (blank where undefined)",
        )
        self.bundle.write(
            "distributions.jsonl",
            distribution_jsonl(table, keys, one_label_only=one),
            about="the plain distributions, one per line",
        )
        self.bundle.write(
            "distributions/distributions.npy",
            distribution_array(table, one_label_only=one),
            about="the plain distributions as an array (items, labels)",
        )
        self.bundle.write("distributions/items.json", [json_text(keys, indent=0)], about="its rows")
        self.bundle.write(
            "distributions/labels.json", [json_text(list(table.label_keys), indent=0)], about="its columns"
        )


def answered_items(table: LabelTable) -> LabelTable:
    """Items on which somebody chose a label: where all gave the empty set there is no single-label share."""
    rows = table.counts.sum(axis=1) > 0
    return LabelTable(
        item_ids=table.item_ids[rows],
        label_names=table.label_names,
        label_keys=table.label_keys,
        counts=table.counts[rows],
        n_annotators=table.n_annotators[rows],
        certainties=table.certainties[rows],
        fingerprint=table.fingerprint,
    )
