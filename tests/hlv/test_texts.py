"""From numbers to texts: orders computed by a job, and one text with all that was said of it."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from annotations import jobs
from annotations.models import Annotation, AnnotationLabel, Item, Job, Participant, Study
from annotations.policy import Action, Role
from metaeval.findings.text_links import text_links
from metaeval.models import Campaign, TextOrder
from metaeval.results.metric_agreement import read_agreement
from tests.making import make_imported_judgment, make_participant, make_study
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_board,
    make_ranking_snapshot,
    ranking_result,
    signed_in,
)

pytestmark = pytest.mark.django_db


def say(person: Participant, item: Item, *keys: str) -> None:
    answer = Annotation.objects.create(
        item=item, participant=person, gives_labels=True, submitted_at=timezone.now()
    )
    labels = {label.key: label for label in item.study.labels.all()}
    for key in keys:
        AnnotationLabel.objects.create(annotation=answer, label=labels[key], certainty=0.8)


def make_divided() -> Campaign:
    """Two texts: on the first the groups part, on the second all say one thing; both are judged."""
    campaign = make_board(n_items=2)
    study = campaign.study
    first, second = study.items.order_by("position")
    for group, keys in (("bar", ("housing",)), ("academia", ("family",))):
        for _ in range(2):
            person = make_participant(study)
            Participant.objects.filter(pk=person.pk).update(group=group)
            say(person, first, *keys)
            say(person, second, "contract")
    one, other, *_ = study.methods.order_by("position")
    judge = make_participant(study, "judge")
    for item in (first, second):
        make_imported_judgment(campaign, winner=one, loser=other, judge=judge, item=item)
    return campaign


def compute(study: Study) -> Job:
    return jobs.run_now(jobs.create(kind="texts", study=study, params={}))


def page_of(study: Study, order: str = "", **more: str) -> Any:
    client = signed_in(make_participant(study, "researcher"))
    query = {"order": order, **more} if order else more
    return client.get(reverse("texts", args=[study.uuid]), query)


def test_texts_stand_in_order_of_what_divides_people() -> None:
    study = make_divided().study
    compute(study)
    first = study.items.order_by("position")[0]
    for name in ("entropy", "groups"):
        order = TextOrder.objects.get(name=name)
        assert [line["item"] for line in order.texts] == [str(first.uuid)]
    assert TextOrder.objects.get(name="groups").texts[0]["value"] == pytest.approx(2 / 3)
    page = page_of(study, "groups").content.decode()
    assert reverse("item", args=[first.uuid]) in page
    assert "0.67" in page


def test_each_metric_with_scores_of_texts_is_held_against_the_judges() -> None:
    study = make_divided().study
    compute(study)
    names = list(TextOrder.objects.filter(name__startswith="judges-").values_list("title", flat=True))
    assert any(title.startswith("PO-JSD · ") for title in names)
    assert not any("Entropy correlation" in title for title in names)


def test_an_order_from_no_list_is_not_found() -> None:
    study = make_divided().study
    compute(study)
    assert page_of(study, "seats_taken").status_code == 404


def test_a_point_of_a_figure_leads_to_its_texts() -> None:
    campaign = make_divided()
    study = campaign.study
    first, second = study.items.order_by("position")
    one, other, third, *_ = study.methods.order_by("position")
    make_imported_judgment(
        campaign, winner=one, loser=third, judge=study.participants.filter(role="judge")[0], item=second
    )

    def listed(**asked: str) -> list[Item]:
        page = page_of(study, **asked).content.decode()
        return [item for item in (first, second) if reverse("item", args=[item.uuid]) in page]

    # Even before there is an order; then also those that have no value in it.
    for _ in range(2):
        assert listed(one=one.name, other=third.name) == [second]
        assert listed(one=other.name, other=one.name) == [first, second]
        assert listed(one=other.name, other=third.name) == []
        assert listed(label="housing") == [first]
        assert listed(label="contract", one=third.name) == [second]
        compute(study)
    assert "no method or label “nobody”" in page_of(study, one="nobody").content.decode()


def test_a_metric_leads_to_its_own_order_and_says_where_there_is_none() -> None:
    campaign = make_divided()
    study = campaign.study
    compute(study)
    order = TextOrder.objects.get(title=f"PO-JSD · {campaign.name}")
    page = page_of(study, metric="PO-JSD", campaign=campaign.name)
    assert page.context["now"] == order.name
    page = page_of(study, metric="Entropy correlation", campaign=campaign.name)
    assert page.context["now"] == "entropy"
    assert "has no per-text scores" in page.content.decode()


def test_tables_of_results_lead_to_texts_for_those_who_may_read_them() -> None:
    campaign = make_board()
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    texts = reverse("texts", args=[campaign.study.uuid])
    researcher = make_participant(campaign.study, "researcher")
    address = f"/campaigns/{campaign.uuid}/results/"
    page = signed_in(researcher).get(address).content.decode()
    names = ranking_result().names
    for asked in (
        {"one": names[0]},
        {"one": names[0], "other": names[1]},
        {"metric": "po jsd", "campaign": campaign.name},
    ):
        assert f'href="{texts}?{escape(urlencode(asked))}"' in page
    # A metric that scores no single text has no order to lead to; a method that it scores has its texts.
    later = make_agreement_snapshot(
        make_ranking_snapshot(campaign),
        verdicts={
            "undetermined": None,
            "metrics": [{"name": name, "undetermined": "one judge"} for name in ("po_jsd", "flat")],
        },
    )
    page = signed_in(researcher).get(address).content.decode()
    assert f"metric=po+jsd&amp;campaign={campaign.name}" in page
    assert "metric=soft+f1" not in page
    assert "metric=flat" not in page
    scored = text_links(campaign, list(Action)).of_agreement(read_agreement(later))
    assert scored.of_score("soft f1", names[0]) == f"{texts}?{urlencode({'one': names[0]})}"
    # Who annotates as well is led to no answers of others.
    make_participant(campaign.study, "annotator", user=researcher.user)
    page = signed_in(researcher).get(address).content.decode()
    assert texts not in page
    assert reverse("bundle", args=[campaign.study.uuid]) not in page


def test_an_order_that_was_computed_stays() -> None:
    compute(make_divided().study)
    with pytest.raises(IntegrityError), transaction.atomic():
        TextOrder.objects.update(texts=[])


def test_a_study_without_anything_is_refused_in_words() -> None:
    job = compute(make_study())
    assert job.state == Job.State.FAILED
    assert "texts cannot be ordered" in job.reason
    page = signed_in(make_participant(job.study, "researcher")).get(f"/studies/{job.study.uuid}/texts/")
    assert "This study has no texts yet." in page.content.decode()
    assert "Sort the texts" not in page.content.decode()


def test_asking_twice_is_asking_once() -> None:
    study = make_divided().study
    client = signed_in(make_participant(study, "researcher"))
    addresses = {client.post(reverse("texts-recompute", args=[study.uuid]))["Location"] for _ in range(2)}
    assert len(addresses) == study.jobs.count() == 1


def test_a_list_costs_the_same_for_any_number_of_texts(django_assert_max_num_queries: Any) -> None:
    study = make_divided().study
    compute(study)
    client = signed_in(make_participant(study, "researcher"))
    with django_assert_max_num_queries(15):
        client.get(reverse("texts", args=[study.uuid]))


def test_a_text_shows_answers_outputs_scores_and_judgments() -> None:
    campaign = make_divided()
    study = campaign.study
    item = study.items.order_by("position")[0]
    client = signed_in(make_participant(study, "researcher"))
    page = client.get(reverse("item", args=[item.uuid])).content.decode()
    for words in ("Annotator 1", "JSD loss", "PO-JSD ↑", "Judge 1", "A better", campaign.name, "housing"):
        assert words in page
    judge = study.participants.get(role=Role.JUDGE)
    assert judge.user is not None
    assert judge.user.email not in page


def test_names_are_for_those_who_may_see_them() -> None:
    study = make_divided().study
    item = study.items.order_by("position")[0]
    study.participants.get(role=Role.JUDGE).user.__class__.objects.filter(
        participations__role=Role.JUDGE, participations__study=study
    ).update(name="Zaynab the judge")
    for role, sees in (("owner", True), ("researcher", False)):
        page = signed_in(make_participant(study, role)).get(reverse("item", args=[item.uuid]))
        assert ("Zaynab the judge" in page.content.decode()) is sees


def test_whoever_labels_or_judges_sees_none_of_it() -> None:
    study = make_divided().study
    compute(study)
    item = study.items.order_by("position")[0]
    for role in ("annotator", "judge"):
        client = signed_in(make_participant(study, role))
        for address in (reverse("texts", args=[study.uuid]), reverse("item", args=[item.uuid])):
            assert client.get(address).status_code == 403
    both = make_participant(study, "annotator")
    make_participant(study, "researcher", user=both.user)
    assert signed_in(both).get(reverse("item", args=[item.uuid])).status_code == 403
