"""The schemas of stored scorings, reports on judges, sensitivity and power analyses: what they keep, and what earlier versions stored."""

from __future__ import annotations

from typing import Any

import pytest

from hlv.core.stored_results import NewerResultError, dump, load
from metaeval.models import JudgeReport, Scoring, Sensitivity
from metaeval.results.judges import JudgesResult, read_judges
from metaeval.results.power_analysis import PowerAnalysis, read_power_analysis
from metaeval.results.ranking import SensitivityResult, read_sensitivity
from metaeval.results.scoring import ScoringResult, read_scoring
from tests.making import make_methods, make_outputs, make_study
from tests.metaeval.judged import make_judged
from tests.metaeval.judged import run as run_of_campaign
from tests.metaeval.making import judge_row
from tests.metaeval.test_results import make_labelled, run


@pytest.mark.django_db
def test_a_computed_scoring_is_stored_with_its_version_and_read_back_as_it_was_computed() -> None:
    study = make_study()
    make_labelled(study)
    make_outputs(make_methods(study, ("a", "b")), list(study.items.all()))
    run("scoring", study, n_resamples=20)
    snapshot = Scoring.objects.get()
    found = read_scoring(snapshot)
    assert dump(found) == snapshot.result
    assert found.scored_methods == ["a", "b"]
    assert found.metrics[0].scores[0].estimate is not None
    assert found.annotators is not None


@pytest.mark.django_db
def test_a_computed_report_on_judges_is_stored_with_its_version_and_read_back() -> None:
    run_of_campaign(make_judged(), "judges", n_resamples=20)
    snapshot = JudgeReport.objects.get()
    found = read_judges(snapshot)
    assert dump(found) == snapshot.result
    assert any(row.agreement and row.agreement.same is not None for row in found.judges)


@pytest.mark.django_db
def test_a_computed_sensitivity_analysis_is_stored_with_its_version_and_read_back() -> None:
    campaign = make_judged()
    run_of_campaign(campaign, "ranking", n_resamples=20)
    run_of_campaign(campaign, "sensitivity")
    snapshot = Sensitivity.objects.get()
    assert dump(read_sensitivity(snapshot)) == snapshot.result


def test_a_choice_without_an_answer_once_had_no_keys_of_its_order() -> None:
    refused = {
        "kind": "model",
        "name": "x",
        "n_judgments": 6,
        "undetermined": "No.",
        "facts": {},
        "changes": [],
    }
    side = refused | {"undetermined": None, "facts": {"side_effect": 0.1, "p": 0.2}, "leaders": ["a"]}
    one, other = load(SensitivityResult, {"base": None, "variants": [refused, side]}).variants
    assert (one.leaders, one.tau, one.best_n_methods) == ([], None, None)
    assert (other.facts.side_effect, other.facts.n_beyond) == (0.1, None)


def test_a_scoring_without_a_version_may_lack_what_came_later() -> None:
    score = {"method": "a", "value": 0.5, "interval": [0.4, 0.6], "undefined": None, "runs": [0.5]}
    metric = {"name": "m", "label": "M", "origin": "built-in", "beside": None, "scores": [score]}
    found = load(ScoringResult, {"methods": ["a"], "n_items": 3, "metrics": [metric], "annotators": None})
    assert (found.weights, found.without_built_in) == (None, None)
    assert found.metrics[0].higher_is_better
    assert found.metrics[0].scores[0].sd_of_runs is None


def test_a_report_on_judges_without_a_version_had_a_reason_alone_where_nothing_was_determined() -> None:
    row = judge_row(1)
    del row["reliability"]
    stored = {"judges": [row], "sections_undetermined": {"reliability": "One judge."}, "notes": []}
    found = load(JudgesResult, stored)
    assert found.undetermined_sections(found.judges[0]) == [
        ("triads", "This judge decided all three pairs of no three methods."),
        ("reliability", "One judge."),
    ]


def test_a_power_analysis_of_version_0_that_computed_no_judgments_needed_does_not_say_that_none_are_enough() -> (
    None
):
    row = {"places": 1, "log_odds": 1.0, "share": 0.5}
    plan = {"n_methods": 3, "n_judges": 6, "n_judgments": 150}
    stored = {"name": "as planned", "plan": plan, "n_simulations": 3, "seed": 1}
    rows = [row, row | {"judgments_needed": None}]
    (found,) = read_power_analysis({"forecasts": [stored | {"separated_by_places_apart": rows}]}).forecasts
    reasons = [separation.needed_undetermined for separation in found.separated_by_places_apart]
    assert reasons == ["An earlier version did not compute this: simulate again.", None]
    assert (found.code_version, found.n_with_interval, found.cautions) == ("", 3, [])


@pytest.mark.parametrize("schema", [ScoringResult, JudgesResult, SensitivityResult, PowerAnalysis])
def test_a_result_of_a_newer_version_is_refused(schema: type[Any]) -> None:
    with pytest.raises(NewerResultError, match="stored by a newer version of HLV"):
        load(schema, {"schema_version": 99})
