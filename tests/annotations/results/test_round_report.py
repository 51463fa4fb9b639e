"""The schemas of stored agreements and round reports: what they keep, and what earlier versions stored."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.results.round_report import (
    LabelAgreementResult,
    RoundResult,
    RoundTexts,
    read_label_agreement,
    read_round,
    read_round_texts,
)
from hlv.core.stored_results import NewerResultError, dump, load
from tests.annotations.rounds import make_report, make_round


@pytest.mark.django_db
def test_a_computed_round_is_stored_with_versions_and_read_back_as_it_was_computed() -> None:
    report = make_report(make_round().study)
    assert dump(read_label_agreement(report.agreement)) == report.agreement.result
    assert dump(read_round(report)) == report.result
    assert dump(read_round_texts(report)) == report.texts
    assert "schema_version" in report.agreement.result.keys() & report.result.keys() & report.texts.keys()


@pytest.mark.django_db
def test_results_without_a_version_may_lack_what_came_later() -> None:
    report = make_report(make_round().study)
    agreement, result = report.agreement.result, report.result
    later = ("schema_version", "n_from_files", "level", "seed")
    for stored in (agreement, result, report.texts):
        for key in later:
            stored.pop(key, None)
    agreement["krippendorff_alpha"].pop("distance")
    agreement["cohen_kappa"].pop("n_annotator_pairs")
    found = load(LabelAgreementResult, agreement)
    assert (found.krippendorff_alpha.distance, found.cohen_kappa.n_annotator_pairs) == ("", None)
    assert load(RoundResult, result).n_from_files == 0
    assert len(load(RoundTexts, report.texts).divided) == 3


@pytest.mark.parametrize("schema", [LabelAgreementResult, RoundResult, RoundTexts])
def test_a_round_of_a_newer_version_is_refused(schema: type[Any]) -> None:
    with pytest.raises(NewerResultError, match="stored by a newer version of HLV"):
        load(schema, {"schema_version": 99})
