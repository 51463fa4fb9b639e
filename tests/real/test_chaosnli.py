"""ChaosNLI: counts of a hundred labels, no annotators; the file's own entropy is the check."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from annotations.models import Annotation, LabelCount, Study
from annotations.selectors.distributions import label_table
from annotations.services.imports import import_annotations, import_items
from hlv.stats.labels.distributions import entropy_in_nats
from tests.making import make_study

pytestmark = pytest.mark.django_db


def test_the_entropy_of_the_file_follows_from_the_counts(shared_data: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("e", "n", "c"))
    path = shared_data / "chaosnli" / "chaosNLI_snli.jsonl"
    assert import_items(study, [path]).n_added == 1514
    assert import_annotations(study, [path]).n_added == 1514
    assert Annotation.objects.count() == 0
    assert LabelCount.objects.count() == 3 * 1514
    table = label_table(study)
    shares = table.distributions(one_label_only=True)
    bits = entropy_in_nats(shares, task="single").ravel() / np.log(2)
    keys = dict(study.items.values_list("pk", "key"))
    with path.open(encoding="utf-8") as stream:
        told = {row["uid"]: row["entropy"] for row in map(json.loads, stream)}
    np.testing.assert_allclose(bits, [told[keys[int(pk)]] for pk in table.item_ids], atol=1e-12)
