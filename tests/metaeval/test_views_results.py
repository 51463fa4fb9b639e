"""Results: what the dashboard says of a snapshot, what it refuses to say, and who may read it."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from annotations import jobs
from annotations.models import Job, Missing, WorkerBeat
from annotations.workers import WorkerHeart
from hlv.core.figures.figure_files import SVG
from metaeval.models import Campaign, Figure, Metric, MetricAgreement
from metaeval.services.judging import SubmittedVerdict, record_judgment
from tests.making import make_campaign, make_methods, make_participant, make_person, make_study
from tests.metaeval.making import (
    METHODS,
    make_agreement_snapshot,
    make_board,
    make_ranking_snapshot,
    make_shown,
    metric,
    signed_in,
    stored_agreement,
)

pytestmark = pytest.mark.django_db


def make_researcher(campaign: Campaign) -> Client:
    return signed_in(make_participant(campaign.study, "researcher"))


def dashboard(client: Client, campaign: Campaign) -> str:
    response = client.get(f"/campaigns/{campaign.uuid}/results/")
    assert response.status_code == 200
    return response.content.decode()


def test_the_dashboard_says_first_what_was_found_then_from_what() -> None:
    campaign = make_board(time_zone="Australia/Melbourne")
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    page = dashboard(make_researcher(campaign), campaign)
    assert page.index("The data do not show which one agrees best") < page.index("Snapshot 1, as of")
    for part in (
        "(Australia/Melbourne)",
        "5 judges",
        "60 judgments on 12 texts, 4 “cannot judge” left out",
        "400 scored texts",
        "1,000 resamples of judges and texts, 7 without a ranking of their own",
        "seed 36",
        "hlv 0.1.0",
        "There are only 5 judges.",
        "9 methods decide little.",
    ):
        assert part in page
    assert "style=" not in page


def test_figures_are_pictures_for_both_themes_and_widths_with_their_files() -> None:
    campaign = make_board()
    ranking = make_ranking_snapshot(campaign, drawn=True)
    make_agreement_snapshot(ranking, drawn=True)
    page = dashboard(make_researcher(campaign), campaign)
    assert page.count("<picture>") == 5
    assert len(re.findall(r"<source [^>]*prefers-color-scheme: dark", page)) == 10
    assert 'alt="Kendall tau-b with 95 % intervals, best first: soft f1 0.89, 0.69 to 0.99; po jsd' in page
    for words in (">SVG</a>", ">PNG</a>", ">PDF</a>", ">CSV</a>"):
        assert page.count(words) >= 5
    printed = re.search(r'media="print and [^"]*" srcset="([^"]+)"', page)
    assert printed is not None
    on_paper = make_researcher(campaign).get(printed[1]).content
    assert b'"#ffffff"' in on_paper
    assert b"#fffefb" not in on_paper
    # Of the metrics, their ranks, and each of the three that have an agreement: two themes by two widths.
    assert Figure.objects.filter(metric_agreement__isnull=False, media_type=SVG).count() == 5 * 4


def test_an_undetermined_ranking_is_a_sentence_and_no_figure() -> None:
    campaign = make_board()
    make_ranking_snapshot(
        campaign, drawn=True, undetermined="The methods fall into 2 groups.", unconnected=[["a"], ["b"]]
    )
    page = dashboard(make_researcher(campaign), campaign)
    assert "These judgments do not determine a ranking yet." in page
    assert "<picture>" not in page
    assert not Figure.objects.exists()


def test_an_undetermined_ranking_opens_what_is_missing() -> None:
    campaign = make_board()
    make_ranking_snapshot(
        campaign, undetermined="The methods fall into 2 groups.", unconnected=[["a"], ["b"]]
    )
    page = dashboard(make_researcher(campaign), campaign)
    assert page.count(' is-chapter" open>') == 1
    assert (
        page.index(' is-chapter" open>') < page.index('id="unclear-title"') < page.index('id="judges-title"')
    )


@pytest.mark.parametrize(
    ("state", "words"), [("paused", "Judging is paused"), ("closed", "Judging is closed")]
)
def test_a_campaign_without_new_judgments_says_so_and_links_to_it(state: str, words: str) -> None:
    campaign = make_board()
    client = make_researcher(campaign)
    for _page in ("empty", "dashboard"):
        assert words not in dashboard(client, campaign)
        Campaign.objects.filter(pk=campaign.pk).update(state=state)
        page = dashboard(client, campaign)
        assert words in page
        assert f'<a href="/campaigns/{campaign.uuid}/">' in page[page.index(words) :]
        Campaign.objects.filter(pk=campaign.pk).update(state="open")
        make_ranking_snapshot(campaign)


def test_before_the_first_snapshot_the_page_says_how_to_get_one() -> None:
    campaign = make_board()
    page = dashboard(make_researcher(campaign), campaign)
    assert "No results yet" in page
    assert "Compute results" in page


def test_judgments_since_the_snapshot_are_counted() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign)
    shown = make_shown(campaign)
    record_judgment(exposure=shown, client_key=uuid4(), submitted=SubmittedVerdict("left"))
    assert "1 judgment since this snapshot" in dashboard(make_researcher(campaign), campaign)


def test_the_newest_snapshot_is_shown_with_its_number() -> None:
    campaign = make_board()
    for seed_note in ("first", "second"):
        make_ranking_snapshot(campaign, notes=[f"the {seed_note} note"])
    page = dashboard(make_researcher(campaign), campaign)
    assert "Snapshot 2, as of" in page
    assert "the second note" in page
    assert "the first note" not in page


def test_a_dashboard_costs_at_most_sixteen_queries_of_its_own(django_assert_max_num_queries: Any) -> None:
    campaign = make_board()
    make_agreement_snapshot(make_ranking_snapshot(campaign, drawn=True), drawn=True)
    client = make_researcher(campaign)
    dashboard(client, campaign)
    # Besides these sixteen: the session and its person.
    with django_assert_max_num_queries(18) as asked:
        dashboard(client, campaign)
    assert not any('"metaeval_figure"."content"' in query["sql"] for query in asked.captured_queries)


def test_one_campaign_leads_straight_to_its_dashboard_and_several_are_listed() -> None:
    campaign = make_board()
    client = make_researcher(campaign)
    address = f"/studies/{campaign.study.uuid}/results/"
    assert client.get(address)["Location"] == f"/campaigns/{campaign.uuid}/results/"
    make_campaign(campaign.study, "tone")
    make_ranking_snapshot(campaign)
    page = client.get(address).content.decode()
    assert "Latest snapshot as of" in page
    assert "No results yet" in page


def test_a_study_without_campaigns_says_so() -> None:
    study = make_study()
    page = signed_in(make_participant(study, "owner")).get(f"/studies/{study.uuid}/results/")
    assert "no judging campaign yet" in page.content.decode()


def test_agreement_with_an_uploaded_score_stands_in_the_list() -> None:
    study = make_study()
    make_methods(study, METHODS)
    arena = Metric.objects.create(study=study, name="Arena", origin=Metric.Origin.UPLOADED)
    MetricAgreement.objects.create(
        study=study,
        against=arena,
        seed=1,
        code_version="hlv 0.1.0",
        data_fingerprint="",
        as_of=timezone.now(),
        result=stored_agreement(),
    )
    page = signed_in(make_participant(study, "owner")).get(f"/studies/{study.uuid}/results/").content.decode()
    assert "Metrics against Arena" in page
    assert "Against Arena, as of" in page


def test_names_that_people_typed_are_text() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign, names=("<script>alert(1)</script>", "b", "c"))
    page = dashboard(make_researcher(campaign), campaign)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_page_says_so_where_its_intervals_are_the_second_choice() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign, interval_method="CR3, judges, t(J_eff - 1), 95%")
    client = make_researcher(campaign)
    assert "bootstrap intervals" not in dashboard(client, campaign)
    make_ranking_snapshot(campaign, interval_method="bootstrap, percentiles of 1000 resamples, 95%")
    assert "bootstrap intervals, because no analytic interval could be computed" in dashboard(
        client, campaign
    )


def test_the_metric_to_draw_is_one_of_a_closed_list_and_what_is_none_is_said() -> None:
    campaign = make_board()
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    client = make_researcher(campaign)
    address = f"/campaigns/{campaign.uuid}/results/"
    chosen = client.get(address, {"metric": "po_jsd"}).content.decode()
    assert '<option value="po_jsd" selected>' in chosen
    assert "\u2068po jsd\u2069: τ-b" in chosen
    assert (
        "has no figure for metric \u2068nothing\u2069"
        in client.get(address, {"metric": "nothing"}).content.decode()
    )


def test_how_often_one_method_beats_another_is_said_when_asked() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign)
    client = make_researcher(campaign)

    def said(**asked: str) -> str:
        page = client.get(f"/campaigns/{campaign.uuid}/results/", asked).content.decode()
        return page[page.index('id="two-methods"') : page.index('id="who-beats-whom"')]

    one_way = said(one="JSD loss", other="Majority vote")
    assert "80 times of 100 (95 % interval 70 to 90)" in one_way
    assert "40 judgments compare them: 30 for the first, 8 for the second, 2 tied." in one_way
    assert "20 times of 100 (95 % interval 10 to 30)" in said(one="Majority vote", other="JSD loss")
    assert said(one="Soft labels").count('scope="row"') == 2
    assert "has no method \u2068nothing\u2069" in said(one="nothing")
    assert "Choose two different methods." in said(one="JSD loss", other="JSD loss")


def test_a_table_too_large_for_its_place_is_a_page_of_its_own() -> None:
    campaign = make_board()
    ranking = make_ranking_snapshot(campaign)
    make_agreement_snapshot(ranking, *(metric(f"metric_{number}", 0.5) for number in range(220)))
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    client = make_researcher(campaign)
    kept = f"?snapshot={ranking.uuid}"
    page = client.get(f"/campaigns/{campaign.uuid}/results/metric-ranks/{kept}").content.decode()
    assert "metric 219" in page
    assert client.get(f"/campaigns/{campaign.uuid}/results/metric-ranks.csv{kept}").status_code == 200
    for wrong in ("?snapshot=x", f"?snapshot={uuid4()}"):
        assert client.get(f"/campaigns/{campaign.uuid}/results/metric-ranks/{wrong}").status_code == 404
    assert client.get(f"/campaigns/{campaign.uuid}/results/nothing/").status_code == 404


# ---- computing anew --------------------------------------------------------------------------------------------


def compute(client: Client, campaign: Campaign, *, named: Any = None) -> Any:
    entered = {"campaign": campaign.uuid if named is None else named}
    return client.post(f"/studies/{campaign.study.uuid}/compute/", entered)


def test_computing_anew_is_a_job_and_asking_twice_is_asking_once() -> None:
    campaign = make_board()
    client = make_researcher(campaign)
    first, second = compute(client, campaign), compute(client, campaign)
    job = Job.objects.get()
    assert (job.kind, job.params) == ("metaeval", {"campaign": str(campaign.uuid)})
    assert first["Location"] == second["Location"] == f"/jobs/{job.uuid}/"


def test_a_finished_job_does_not_stand_in_the_way_of_the_next() -> None:
    campaign = make_board()
    client = make_researcher(campaign)
    compute(client, campaign)
    Job.objects.update(state=Job.State.DONE)
    compute(client, campaign)
    assert Job.objects.count() == 2


def test_the_page_says_when_no_worker_would_do_the_job() -> None:
    campaign = make_board()
    client = make_researcher(campaign)
    compute(client, campaign)
    assert "No worker is running." in dashboard(client, campaign)
    WorkerBeat.objects.create(name=WorkerHeart().name, beat_at=timezone.now())
    page = dashboard(client, campaign)
    assert "No worker is running." not in page
    assert "A new snapshot is being computed." in page


def test_malformed_orders_are_refused() -> None:
    campaign, foreign = make_board(), make_board()
    client = make_researcher(campaign)
    assert compute(client, campaign, named="x").status_code == 400
    assert compute(client, campaign, named=foreign.uuid).status_code == 404
    assert client.get(f"/studies/{campaign.study.uuid}/compute/").status_code == 405
    assert not Job.objects.exists()


# ---- the bytes of figures ------------------------------------------------------------------------------------------


# ---- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        (["owner"], 200),
        (["researcher"], 200),
        (["annotator"], 403),
        (["judge"], 403),
        (["owner", "judge"], 403),
        ([], 404),
    ],
)
def test_results_are_for_researchers_who_do_not_judge(roles: list[str], status: int) -> None:
    campaign = make_board()
    make_agreement_snapshot(make_ranking_snapshot(campaign, drawn=True))
    person = make_person()
    for role in roles:
        make_participant(campaign.study, role, user=person)
    client = signed_in(person)
    figure = Figure.objects.order_by("pk").values_list("uuid", flat=True)[0]
    for address in (
        f"/campaigns/{campaign.uuid}/results/",
        f"/campaigns/{campaign.uuid}/results/ranking.csv",
        f"/figures/{figure}/",
    ):
        assert client.get(address).status_code == status
    listed_page = client.get(f"/studies/{campaign.study.uuid}/results/").status_code
    assert listed_page == (302 if status == 200 else status)
    assert compute(client, campaign).status_code == (302 if status == 200 else status)


def test_pages_take_only_their_verbs_and_know_what_exists() -> None:
    campaign = make_board()
    client = make_researcher(campaign)
    for page in (f"/studies/{campaign.study.uuid}/results/", f"/campaigns/{campaign.uuid}/results/"):
        assert client.post(page).status_code == 405
    for missing in (f"/campaigns/{uuid4()}/results/", f"/figures/{uuid4()}/", f"/studies/{uuid4()}/results/"):
        assert client.get(missing).status_code == 404


def places_of(page: str) -> set[str]:
    """Where the page sends those who bring what is missing."""
    return set(
        re.findall(r'class="button" href="[^"]*/(import/\?kind=\w+|invitations/|campaigns/[^"/]*/)"', page)
    )


def test_results_without_labels_of_people_lead_to_importing_annotations_and_not_outputs() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign)
    page = dashboard(make_researcher(campaign), campaign)
    assert "No text has labels from people yet." in page
    assert "import/?kind=annotations" in places_of(page)
    assert "import/?kind=outputs" not in places_of(page)
    assert "invitations/" not in places_of(page), "only owners invite"
    owner = signed_in(make_participant(campaign.study, "owner"))
    assert "invitations/" in places_of(dashboard(owner, campaign))


def test_results_without_judgments_and_outputs_lead_to_both() -> None:
    campaign = make_campaign(make_study())
    page = dashboard(make_researcher(campaign), campaign)
    assert {"import/?kind=judgments", "import/?kind=outputs"} <= places_of(page)
    assert "No pair has been judged yet." in page


def test_a_job_that_lacks_something_leads_to_where_it_is_brought() -> None:
    study = make_study()
    job = jobs.run_now(jobs.create(kind="agreement", study=study, params={}))
    assert jobs.missing_of(job) == [Missing.ANSWERS]
    page = signed_in(make_participant(study, "researcher")).get(f"/jobs/{job.uuid}/").content.decode()
    assert "import/?kind=annotations" in places_of(page)
    # One that was kept before reasons had a type is read as it was.
    Job.objects.filter(pk=job.pk).update(result=None, reason="No answer gives labels yet.")
    page = signed_in(make_participant(study, "researcher")).get(f"/jobs/{job.uuid}/").content.decode()
    assert "No answer gives labels yet." in page
