"""Who has seen results of a campaign judges it no more, unless an owner allows it for the record."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import Participant, SecurityEvent, StudyChange
from annotations.services.studies import deactivate_participant
from metaeval.models import ResultsSeen
from tests.hlv.world import bearer
from tests.making import make_exposure, make_participant
from tests.metaeval.making import make_agreement_snapshot, make_board, make_ranking_snapshot, signed_in

pytestmark = pytest.mark.django_db


def make_judge_who_saw() -> Participant:
    """A researcher opened the results and became a judge afterwards."""
    campaign = make_board()
    make_ranking_snapshot(campaign)
    researcher = make_participant(campaign.study, "researcher")
    assert signed_in(researcher).get(f"/campaigns/{campaign.uuid}/results/").status_code == 200
    assert researcher.user is not None
    deactivate_participant(campaign.study, user=researcher.user, role="researcher")
    return make_participant(campaign.study, "judge", user=researcher.user)


def test_who_has_seen_results_gets_no_pair_and_no_verdict_is_taken() -> None:
    judge = make_judge_who_saw()
    campaign = judge.study.campaigns.get()
    client = signed_in(judge)
    assert "You have seen results" in client.get(f"/campaigns/{campaign.uuid}/judge/").content.decode()
    exposure = make_exposure(judge, campaign)
    assert client.get(f"/exposures/{exposure.uuid}/").status_code == 404
    sent = client.post(
        f"/api/exposures/{exposure.uuid}/judgments/", {"verdict": "left"}, content_type="application/json"
    )
    assert sent.status_code == 404


def test_who_has_seen_the_results_of_one_campaign_judges_another() -> None:
    judge = make_judge_who_saw()
    other = make_board()
    elsewhere = make_participant(other.study, "judge", user=judge.user)
    response = signed_in(elsewhere).get(f"/campaigns/{other.uuid}/judge/")
    assert response["Location"].startswith("/exposures/")


def test_an_owner_allows_it_for_the_record_and_the_audit_shows_it() -> None:
    judge = make_judge_who_saw()
    campaign = judge.study.campaigns.get()
    owner = signed_in(make_participant(judge.study, "owner"))
    audit = f"/campaigns/{campaign.uuid}/audit/"
    assert "Cannot judge this campaign any more." in owner.get(audit).content.decode()
    owner.post(f"{audit}allow/", {"judge": str(judge.uuid), "reason": ""})
    assert ResultsSeen.objects.filter(allowed_at__isnull=False).count() == 0
    owner.post(f"{audit}allow/", {"judge": str(judge.uuid), "reason": "Saw one figure by mistake."})
    page = owner.get(audit).content.decode()
    assert f"{judge.pseudonym}: saw results on" in page
    assert "Saw one figure by mistake." in page
    assert "may judge" in StudyChange.objects.filter(subject=judge.pseudonym).latest("pk").after
    response = signed_in(judge).get(f"/campaigns/{campaign.uuid}/judge/")
    assert response["Location"].startswith("/exposures/")


def test_pages_that_only_set_up_a_campaign_do_not_count() -> None:
    campaign = make_board()
    client = signed_in(make_participant(campaign.study, "researcher"))
    for page in ("", "comparisons/", "preview/", "audit/"):
        assert client.get(f"/campaigns/{campaign.uuid}/{page}").status_code == 200
    assert not ResultsSeen.objects.exists()


@pytest.mark.parametrize("page", ["over-campaigns/", "over-campaigns.csv", "over-campaigns.tex"])
def test_the_table_over_all_campaigns_is_results_of_each(page: str) -> None:
    agreement = make_agreement_snapshot(make_ranking_snapshot(make_board()))
    researcher = make_participant(agreement.study, "researcher")
    address = f"/studies/{agreement.study.uuid}/results/{page}"
    assert signed_in(researcher).get(address).status_code == 200
    assert {seen.campaign for seen in ResultsSeen.objects.filter(user=researcher.user)} == set(
        agreement.study.campaigns.all()
    )


@pytest.mark.parametrize("resource", ["results", "result", "judgments"])
def test_results_that_a_program_reads_count_too(resource: str) -> None:
    campaign = make_board()
    ranking = make_ranking_snapshot(campaign)
    judge = make_participant(campaign.study, "researcher")
    address = {
        "results": f"studies/{campaign.study.uuid}/results/",
        "result": f"studies/{campaign.study.uuid}/results/rankings/{ranking.uuid}/",
        "judgments": f"campaigns/{campaign.uuid}/judgments/",
    }[resource]
    assert Client().get(f"/api/v1/{address}", headers=bearer(judge.user)).status_code == 200
    assert ResultsSeen.objects.get().user == judge.user
    downloads = SecurityEvent.objects.filter(what="download", by=judge.user, study=campaign.study)
    assert downloads.count() == (resource != "results")


def test_other_resources_of_the_api_do_not_count_and_refused_requests_neither() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign)
    researcher, annotator = (make_participant(campaign.study, role) for role in ("researcher", "annotator"))
    for resource in ("campaigns", "items", "outputs"):
        address = f"/api/v1/studies/{campaign.study.uuid}/{resource}/"
        assert Client().get(address, headers=bearer(researcher.user)).status_code == 200
    address = f"/api/v1/studies/{campaign.study.uuid}/results/"
    assert Client().get(address, headers=bearer(annotator.user)).status_code >= 400
    assert not ResultsSeen.objects.exists()
