"""hlv sensitivity: the newest ranking beside itself under other choices."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from metaeval.models import Ranking, Sensitivity
from tests.hlv.commands import refusal, run
from tests.making import make_campaign, make_uploaded_metric
from tests.metaeval.judged import make_judged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def test_it_says_what_changes_beside_the_newest_ranking_and_where_that_comes_from() -> None:
    slug = make_judged().study.slug
    run("rank", slug, "--n-resamples=50", "--seed=3")
    out = run("sensitivity", slug, "--details")
    snapshot = Sensitivity.objects.get()
    assert f"seed 3 · 50 resamples · {snapshot.code_version}" in out
    assert f"snapshot {snapshot.uuid}" in out
    assert f"The reference is the ranking in snapshot {Ranking.objects.get().uuid}." in out
    for words in ("Current ranking", "Without Judge 6", "Large only", "Rank centrality"):
        assert words in out
    assert "1 judgment was fast." in out
    assert "there is no best metric. Run hlv metaeval to compute both" in out
    assert "\u2068" not in out


@pytest.mark.both_databases
def test_its_json_is_the_kept_result_with_its_snapshot() -> None:
    slug = make_judged().study.slug
    run("rank", slug, "--n-resamples=1200")
    result = json.loads(run("sensitivity", slug, "--json"))
    snapshot = Sensitivity.objects.get()
    kinds = {row["kind"] for row in result["variants"]}
    assert kinds == {"model", "side", "fast", "judge", "base model", "resampling"}
    assert result["variants"] == snapshot.result["variants"]
    assert (result["snapshot"], result["ranking"]) == (str(snapshot.uuid), str(snapshot.ranking.uuid))
    # of what the ranking drew, no more than are needed here
    assert (result["n_resamples"], result["parameters"]["n_resamples"]) == (1000, 1200)
    assert (result["campaign"], result["undetermined"]) == (snapshot.campaign.name, None)


def test_with_a_metric_agreement_it_says_which_metric_agrees_best() -> None:
    campaign = make_judged()
    methods = list(campaign.study.methods.all())
    make_uploaded_metric(campaign.study, methods, [0.1, 0.2, 0.3, 0.4])
    run("metaeval", campaign.study.slug, "--n-resamples=20")
    result = json.loads(run("sensitivity", campaign.study.slug, "--json"))
    assert result["base"]["best_n_methods"] == 4
    out = run("sensitivity", campaign.study.slug, "--details")
    assert "there is no best metric" not in out
    # why none is the best of four methods is said once, and not in every row
    assert " ".join(out.split()).count("smallest possible two-sided p") == 1
    assert "(1)" in out


def test_of_a_ranking_without_an_answer_it_says_why_and_exits_with_1() -> None:
    campaign = make_judged()
    methods = [method.name for method in campaign.study.methods.all()]
    with pytest.raises(SystemExit):
        run("rank", campaign.study.slug, "--without-methods", *methods[:3])
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("sensitivity", campaign.study.slug, "--json", stdout=out, stderr=err)
    assert ended.value.code == 1
    assert json.loads(out.getvalue())["undetermined"] == err.getvalue().strip() != ""


def test_what_cannot_be_done_is_one_sentence() -> None:
    study = make_judged().study
    assert "There is no ranking yet. Compute the ranking first." in refusal("sensitivity", study.slug)
    assert "There is no study 'nowhere'" in refusal("sensitivity", "nowhere")
    make_campaign(study, name="second")
    assert "name one with --campaign" in refusal("sensitivity", study.slug)
    assert "no campaign 'taste'" in refusal("sensitivity", study.slug, "--campaign=taste")
