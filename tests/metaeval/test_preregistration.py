"""Preregistrations: frozen once, one version after another, with a moment and a digest."""

from __future__ import annotations

import json
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from metaeval.findings.dashboard import provenance
from metaeval.models import AnalysisPlan, Campaign, Judgment, Ranking
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.services.preregistration import PreregistrationRefusedError, digest_of, preregister
from metaeval.services.preregistration_compliance import compliance, is_departure
from tests.hlv.commands import refusal, run
from tests.making import make_imported_judgment, make_participant
from tests.metaeval.making import make_board, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def planned(**more: Any) -> PlannedAnalysis:
    return PlannedAnalysis(**({"metrics": ("po_jsd",), "seed": 7} | more))


def test_a_frozen_version_is_neither_edited_nor_deleted() -> None:
    plan = preregister(make_board(), planned(), by=None)
    for write in (
        lambda: AnalysisPlan.objects.filter(pk=plan.pk).update(content={}),
        lambda: AnalysisPlan.objects.filter(pk=plan.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    assert AnalysisPlan.objects.get().content["metrics"] == ["po_jsd"]


def test_versions_follow_one_another_and_each_digest_holds_the_one_before() -> None:
    campaign = make_board()
    first = preregister(campaign, planned(), by=None)
    second = preregister(campaign, planned(ties="davidson"), by=None)
    assert (first.version, second.version) == (1, 2)
    stored = AnalysisPlan.objects.get(version=2)
    said = {
        "version": 2,
        "content": stored.content,
        "frozen_at": stored.frozen_at,
        "n_judgments_before": 0,
    }
    assert digest_of(campaign, **said, before=first.digest) == second.digest
    assert digest_of(campaign, **said, before="") != second.digest
    with pytest.raises(IntegrityError), transaction.atomic():
        AnalysisPlan.objects.create(
            campaign=campaign,
            version=4,
            content={},
            digest="0",
            n_judgments_before=0,
            frozen_at=timezone.now(),
        )


def test_a_plan_keeps_how_many_judgments_stood_before_it() -> None:
    campaign = make_board()
    one, other, *_ = campaign.study.methods.all()
    make_imported_judgment(campaign, winner=one, loser=other)
    assert preregister(campaign, planned(), by=None).n_judgments_before == Judgment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"metrics": ()}, "at least one metric"),
        ({"metrics": ("po_jsdd",)}, "no metric “po_jsdd”"),
        ({"metrics": ("po_jsd", "po_jsd")}, "repeated"),
        ({"statistics": ("tau",)}, "no statistic"),
        ({"model": "win-rate", "ridge": 1.0}, "takes no prior"),
        ({"ties": "denominator"}, "denominator"),
    ],
)
def test_what_could_not_be_computed_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    campaign = make_board()
    with pytest.raises(PreregistrationRefusedError, match=said):
        preregister(campaign, planned(**changes), by=None)
    assert not AnalysisPlan.objects.exists()


def test_the_same_plan_again_is_no_version() -> None:
    campaign = make_board()
    preregister(campaign, planned(), by=None)
    with pytest.raises(PreregistrationRefusedError, match="Version 1 is identical"):
        preregister(campaign, planned(), by=None)


ENTERED = {
    "model": "bradley-terry", "ties": "half", "resample": "both", "n_resamples": "5000", "seed": "7", "ridge": "0",
    "primary": "kendall_tau_b", "statistics": ["pearson"], "metrics": ["po_jsd", "soft_macro_f1"],
    "exclusions": "Verdicts under two seconds\n\n", "notes": "PO-JSD comes first. بيان",
}  # fmt: skip


def post(campaign: Campaign, **changes: Any) -> Any:
    client = signed_in(make_participant(campaign.study, "researcher"))
    return client, client.post(
        reverse("preregistration", args=[campaign.uuid]), ENTERED | changes, follow=True
    )


def test_a_researcher_freezes_a_plan_and_reads_it() -> None:
    campaign = make_board()
    _client, response = post(campaign)
    plan = AnalysisPlan.objects.get()
    assert plan.content["exclusions"] == ["Verdicts under two seconds"]
    assert plan.content["statistics"] == ["kendall_tau_b", "pearson"]
    page = response.content.decode()
    for words in (
        "Version 1 of the preregistration is frozen",
        plan.digest,
        "Verdicts under two seconds",
        "بيان",
    ):
        assert words in page


def test_the_form_says_what_does_not_go_together_and_keeps_what_was_entered() -> None:
    campaign = make_board()
    _client, response = post(campaign, ties="denominator", metrics=[])
    assert response.status_code == 400
    page = response.content.decode()
    assert "Choose at least one metric" in page
    assert "Verdicts under two seconds" in page
    _client, response = post(campaign, ties="denominator")
    assert "denominator" in response.content.decode()
    assert not AnalysisPlan.objects.exists()


def test_computing_anew_follows_the_plan_in_force() -> None:
    campaign = make_board()
    client, _response = post(campaign, ties="davidson", seed="41")
    client.post(reverse("compute", args=[campaign.study.uuid]), {"campaign": str(campaign.uuid)})
    params = campaign.study.jobs.get().params
    assert (params["ties"], params["seed"], params["n_resamples"]) == ("davidson", 41, 5000)


def make_documents(campaign: Campaign) -> None:
    for place, item in enumerate(campaign.study.items.order_by("position")):
        item.metadata = {"document": f"d{place // 2}"}
        item.save()


def test_texts_drawn_together_are_planned_and_compared() -> None:
    campaign = make_board(n_items=8)
    make_documents(campaign)
    methods, items = list(campaign.study.methods.all()), list(campaign.study.items.all())
    judges = [make_participant(campaign.study, "judge") for _ in range(3)]
    for place, item in enumerate(items):
        for one, other in pairwise([*methods, methods[0]]):
            make_imported_judgment(campaign, winner=one, loser=other, item=item, judge=judges[place % 3])
    slug = campaign.study.slug
    run("preregister", slug, "--metrics", "po_jsd", "--block-by", "document", "--n-resamples", "40")
    assert AnalysisPlan.objects.get().content["block_by"] == "document"

    followed = json.loads(run("rank", slug, "--json"))
    assert (followed["plan"]["added"], followed["parameters"]["block_by"]) == (False, "document")
    # Single texts, where documents were planned, are a departure, and so is another column.
    single = json.loads(run("rank", slug, "--block-by", "", "--json"))
    assert single["plan"]["departures"] == {"block_by": {"planned": "document", "done": ""}}
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(reverse("campaign-results", args=[campaign.uuid])).content.decode()
    assert "Texts drawn together: none (planned: document)" in page
    assert (
        "<dt>Texts drawn together</dt><dd><bdi>document</bdi></dd>"
        in client.get(reverse("preregistration", args=[campaign.uuid])).content.decode()
    )


def test_documents_that_were_not_planned_are_a_departure_also_from_an_early_plan() -> None:
    campaign = make_board(n_items=4)
    make_documents(campaign)
    plan = preregister(campaign, planned(n_resamples=0), by=None)
    early = {name: value for name, value in plan.content.items() if name != "block_by"}
    assert (plan.content["block_by"], PlannedAnalysis.of(early).block_by) == ("", "")
    moment = timezone.now()
    for done, departures in (
        ({"block_by": "document"}, {"block_by"}),
        ({}, set()),
        ({"block_by": "document", "seed": 8}, {"block_by", "seed"}),
    ):
        found = compliance(campaign, done, as_of=moment)
        assert found is not None
        assert set(found.departures) == departures


def test_a_column_that_texts_lack_is_refused_before_it_is_frozen() -> None:
    campaign = make_board(n_items=2)
    with pytest.raises(PreregistrationRefusedError, match="no value in the column 'document'"):
        preregister(campaign, planned(block_by="document"), by=None)
    assert not AnalysisPlan.objects.exists()
    make_documents(campaign)
    _client, response = post(campaign, block_by="document")
    assert AnalysisPlan.objects.get().content["block_by"] == "document"
    assert "Draw texts together by" in response.content.decode()


def test_more_permutations_than_planned_are_no_departure() -> None:
    assert not is_departure("n_permutations", 9_999, 199_999)
    assert is_departure("n_permutations", 199_999, 9_999)
    # all orders of the methods, or Kendall's exact distribution
    assert not is_departure("n_permutations", 199_999, None)
    assert is_departure("n_resamples", 9_999, 199_999)


def test_a_command_follows_the_plan_or_is_marked_as_added() -> None:
    campaign = make_board()
    methods = list(campaign.study.methods.all())
    for one, other in pairwise([*methods, methods[0]]):
        make_imported_judgment(campaign, winner=one, loser=other)
    slug = campaign.study.slug
    assert json.loads(run("rank", slug, "--n-resamples", "0", "--json"))["plan"] is None
    preregister(campaign, planned(n_resamples=0), by=None)
    assert "Follows version 1 of the preregistration" in run("rank", slug)
    snapshot = Ranking.objects.latest("pk")
    assert (snapshot.seed, snapshot.result["plan"]["added"]) == (7, False)
    # The ranking stands even where there is no metric to compare with it.
    with pytest.raises(CommandError, match="No text has labels from people yet"):
        run("metaeval", slug)
    assert Ranking.objects.latest("pk").result["plan"]["added"] is False
    said = run("rank", slug, "--seed", "8")
    assert "Exploratory: differs from version 1" in said
    assert "seed: 8 (planned: 7)" in said
    held = Ranking.objects.latest("pk").result["plan"]
    assert (held["added"], held["departures"]) == (True, {"seed": {"planned": 7, "done": 8}})
    assert "added after preregistration 1" in provenance(Ranking.objects.latest("pk"), None)
    followed = Ranking.objects.order_by("-pk")[1]
    client = signed_in(make_participant(campaign.study, "researcher"))
    for name in ("campaign-results", "campaign-report"):
        page = client.get(reverse(name, args=[campaign.uuid])).content.decode()
        assert "differs from preregistration 1: Seed: 8 (planned: 7)." in page
        assert "Snapshot 3 follows the preregistration." in page
        assert str(followed.uuid) in page
    said = client.get(reverse("report-file", args=[campaign.uuid, "methods.txt"])).content.decode()
    assert f"Snapshot {followed.uuid}, page" in said
    page = client.get(reverse("ranking", args=[followed.uuid])).content.decode()
    assert "differs from preregistration" not in page


def test_the_command_freezes_and_says_the_digest() -> None:
    campaign = make_board()
    slug = campaign.study.slug
    said = run("preregister", slug, "--metrics", "po_jsd", "--exclude", "Judges with one judgment")
    assert AnalysisPlan.objects.get().digest in said
    assert "is identical" in refusal(
        "preregister", slug, "--metrics", "po_jsd", "--exclude", "Judges with one judgment"
    )
    assert "no metric" in refusal("preregister", slug, "--metrics", "nothing")


def test_the_former_name_of_the_command_names_the_new_one_and_does_the_same() -> None:
    slug = make_board().study.slug
    out, err = StringIO(), StringIO()
    call_command("freeze_plan", slug, "--metrics", "po_jsd", "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue())["digest"] == AnalysisPlan.objects.get().digest
    assert "hlv preregister" in err.getvalue()
