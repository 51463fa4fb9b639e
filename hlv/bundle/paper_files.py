"""Judgments of people in the paper's three files, which import again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from annotations.models import Item
from hlv.bundle.folder import Bundle, file_name
from metaeval.exporters.paper import Inputs, answer_lines, input_lines, metadata_csv
from metaeval.models import Campaign
from metaeval.selectors import exports
from metaeval.selectors.exports import ExportedJudgment
from metaeval.selectors.labels_first import labels_before_pairs
from metaeval.selectors.outputs import shown_outputs


def write_paper_files(
    bundle: Bundle, campaign: Campaign, *, as_of: dt.datetime, judges: dict[int, str], folder: str = "paper"
) -> None:
    """Nothing where no judgment names a text and a judge."""
    methods = exports.method_names(campaign.study, as_of=as_of)

    def judgments() -> Iterator[ExportedJudgment]:
        return exports.exported_judgments(
            campaign, automatic_judge=None, as_of=as_of, methods=methods, judges=judges
        )

    inputs = Inputs.of(judgments())
    if not inputs.keys:
        return
    keys = {item for item, _left, _right in inputs.keys}
    items = {
        item.pk: item
        for item in Item.objects.filter(study=campaign.study).prefetch_related("texts")
        if item.key in keys
    }
    outputs = {
        (items[item].key, methods[method]): shown
        for (method, item), shown in shown_outputs(list(methods), set(items), as_of=as_of).items()
        if item is not None
    }
    texts = {item.key: "\n\n".join(text.text for text in item.texts.all()) for item in items.values()}
    label_keys = dict(campaign.study.labels.values_list("name", "key"))
    labels = labels_before_pairs(campaign, as_of=as_of)
    stem = f"{folder}/{file_name(campaign.name)}"
    of = f"the judgments of people by “{campaign.name}”"
    bundle.write(
        f"{stem}-metadata.csv",
        metadata_csv(inputs),
        about=f"the options of {of}; imports again with the judgments",
    )
    bundle.write(
        f"{stem}-input.jsonl",
        input_lines(
            inputs, texts=texts, outputs=outputs, label_keys=label_keys, threshold=campaign.threshold
        ),
        about=f"texts and options of {of}, as the paper has them",
    )
    bundle.write(
        f"{stem}-data.jsonl",
        answer_lines(judgments(), inputs, labels=labels),
        about=f"{of} in the paper's schema, revised ones too; no repeats, and none that could not be judged",
    )
