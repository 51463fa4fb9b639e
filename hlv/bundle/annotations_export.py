"""The half of a bundle that annotators made."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack

from annotations.exporters.answers import (
    distribution_array,
    distribution_jsonl,
    distribution_table,
    items_jsonl,
)
from annotations.models import Label, Study
from annotations.selectors.distributions import LabelTable
from annotations.selectors.distributions import label_table as counted_labels
from annotations.selectors.exports import (
    ExportedAnswer,
    answers_by_item,
    exported_counts,
    exported_items,
    participant_names,
)
from hlv.bundle.answer_files import open_answer_files
from hlv.bundle.dataset_folder import open_dataset_folder
from hlv.bundle.folder import Bundle
from hlv.bundle.privacy import ALL, Privacy
from hlv.bundle.readme import study_card
from hlv.core.tabular.writing import json_text


class AnnotationsExport:
    """Writes items, answers and distributions."""

    def __init__(
        self, study: Study, bundle: Bundle, *, as_of: dt.datetime, with_names: bool, privacy: Privacy = ALL
    ) -> None:
        self.study = study
        self.bundle = bundle
        self.as_of = as_of
        self.privacy = privacy
        self.with_names = with_names
        self.people = participant_names(study, with_names=with_names)
        self.labels: list[str] = list(
            Label.objects.filter(study=study).order_by("position").values_list("key", flat=True)
        )
        self.keys: dict[int, str] = {}

    def write(self) -> None:
        self.bundle.write(
            "study.json",
            [
                json_text(study_card(self.study, as_of=self.as_of, with_names=self.with_names), indent=2)
                + "\n"
            ],
            about="the study: task, labels, guidelines, imported files with their checksums",
        )
        self._write_items_and_answers()
        if self.labels:
            self._write_distributions()

    def _write_items_and_answers(self) -> None:
        """Each item and each answer is read once, and written to all of its files."""
        given = (
            map(self.privacy.answers, answers_by_item(self.study, as_of=self.as_of, names=self.people))
            if self.labels
            else iter(())
        )
        answers = next(given, None)
        with ExitStack() as stack:
            items = stack.enter_context(
                self.bundle.open("items.jsonl", about="items with all their texts; imports again")
            )
            files = dataset = None
            if answers is not None:
                files = stack.enter_context(
                    open_answer_files(
                        self.bundle,
                        self.labels,
                        one_label_only=self.study.one_label_only,
                        with_spans=self.study.asks_spans,
                    )
                )
                dataset = stack.enter_context(
                    open_dataset_folder(self.study, self.bundle, self.labels, as_of=self.as_of)
                )
            for item in exported_items(self.study, as_of=self.as_of):
                self.keys[item.pk] = item.key
                items.writelines(items_jsonl([item]))
                current: list[ExportedAnswer] = []
                if files is not None and answers is not None and answers[0].item_id == item.pk:
                    files.add(item, answers)
                    current = [answer for answer in answers if answer.is_current]
                    answers = next(given, None)
                if dataset is not None:
                    dataset.add(item, current)

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
        keys = [self.keys[int(pk)] for pk in table.item_ids]
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
