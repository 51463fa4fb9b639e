"""Verdicts that a plan or a command leaves out by rule: applied, recorded, and refused where they name nothing."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone

from annotations.models import Participant
from metaeval.findings.dashboard import provenance
from metaeval.findings.methods_section import methods_paragraph
from metaeval.findings.preregistration_findings import preregistration_findings
from metaeval.models import AnalysisPlan, Campaign, Ranking
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.selectors.judgments import comparison_counts, n_left_out
from metaeval.selectors.selections import Exclusions
from metaeval.services.preregistration import PreregistrationRefusedError, preregister
from tests.hlv.commands import refusal, run
from tests.making import make_imported_judgment, make_participant
from tests.metaeval.making import make_board, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def make_judged() -> Campaign:
    """Two judges see every method beside the next on two texts; of one no time is known, of the other half is fast."""
    campaign = make_board()
    methods = list(campaign.study.methods.order_by("position"))
    for number in range(2):
        judge = make_participant(campaign.study, "judge")
        for place, item in enumerate(campaign.study.items.all()):
            for one, other in pairwise([*methods, methods[0]]):
                took = 2000 * place + 499 if number else None
                make_imported_judgment(
                    campaign, winner=one, loser=other, judge=judge, item=item, active_ms=took
                )
        Participant.objects.filter(pk=judge.pk).update(number=number + 7)
    return campaign


def test_each_rule_leaves_out_what_it_names() -> None:
    campaign = make_judged()
    study, as_of = campaign.study, timezone.now()
    whole = comparison_counts(campaign, as_of=as_of)
    n_methods, n_judgments = len(whole.methods), whole.cells.n_judgments
    method, text = study.methods.order_by("position")[0], study.items.order_by("position")[0]
    for left_out, share in (
        ({"without_judges": [7]}, 1 / 2),
        ({"without_texts": [text.key]}, 1 / 2),
        # In a circle each method meets two others.
        ({"without_methods": [method.name]}, 1 - 2 / n_methods),
        ({"under_seconds": 0.5}, 3 / 4),
        ({"under_seconds": 0.4}, 1),
        ({"under_seconds": 0.5, "without_judges": [7]}, 1 / 4),
    ):
        exclusions = Exclusions.of(left_out)
        assert exclusions.unknown_in(study) == ""
        kept = comparison_counts(campaign, as_of=as_of, exclusions=exclusions)
        assert kept.cells.n_judgments == pytest.approx(n_judgments * share), left_out
        assert n_left_out(campaign, exclusions, as_of=as_of) == n_judgments - kept.cells.n_judgments
        assert (kept.fingerprint == whole.fingerprint) == (share == 1), left_out
        assert (method in kept.methods) == ("without_methods" not in left_out)


def test_a_command_applies_the_exclusions_of_the_plan_and_all_say_so() -> None:
    campaign = make_judged()
    planned = PlannedAnalysis(metrics=("po_jsd",), n_resamples=0, without_judges=(7,))
    plan = preregister(campaign, planned, by=None)
    assert plan.content["without_judges"] == [7]
    slug = campaign.study.slug
    found = json.loads(run("rank", slug, "--json"))
    assert (found["n_judges"], found["n_left_out"], found["plan"]["added"]) == (
        1,
        found["n_judgments"],
        False,
    )
    ranked = Ranking.objects.get()
    said = f"{found['n_left_out']} verdicts"
    assert any(said in part and "judges numbered 7" in part for part in provenance(ranked, None))
    assert any(said in sentence for sentence in methods_paragraph(ranked, None, plan))
    held = preregistration_findings(plan, ranked, None)
    assert held is not None
    assert [line.departs for line in held.lines if line.what == "Verdicts left out"] == [False]
    found = json.loads(run("rank", slug, "--without-judges", "8", "--json"))
    assert found["plan"]["departures"] == {"without_judges": {"planned": [7], "done": [8]}}
    held = preregistration_findings(plan, Ranking.objects.latest("pk"), None)
    assert held is not None
    assert held.n_departures > 0


def test_what_the_study_has_not_cannot_be_left_out() -> None:
    campaign = make_judged()
    slug = campaign.study.slug
    assert "no judge 99 to leave out" in refusal("rank", slug, "--without-judges", "99")
    assert "no method “nobody”" in refusal("rank", slug, "--without-methods", "nobody")
    assert "0 seconds or more" in refusal("rank", slug, "--under-seconds=-1")
    with pytest.raises(PreregistrationRefusedError, match="no text “none”"):
        preregister(campaign, PlannedAnalysis(metrics=("po_jsd",), without_texts=("none",)), by=None)


def test_a_plan_is_frozen_with_its_exclusions_on_the_page() -> None:
    campaign = make_judged()
    client = signed_in(make_participant(campaign.study, "researcher"))
    key, method = campaign.study.items.all()[0].key, campaign.study.methods.all()[0].name
    entered = {
        "model": "bradley-terry", "ties": "half", "resample": "", "n_resamples": "5000", "seed": "7", "ridge": "0",
        "primary": "kendall_tau_b", "metrics": ["po_jsd"], "without_judges": ["8"], "without_methods": [method],
        "without_texts": f"{key}\n", "under_seconds": "2.5",
    }  # fmt: skip
    page = client.post(
        reverse("preregistration", args=[campaign.uuid]), entered, follow=True
    ).content.decode()
    content = AnalysisPlan.objects.get().content
    assert (content["without_judges"], content["without_methods"]) == ([8], [method])
    assert (content["without_texts"], content["under_seconds"]) == ([key], 2.5)
    assert "by the judges numbered 8" in page
    assert "less than 2.5 seconds" in page
