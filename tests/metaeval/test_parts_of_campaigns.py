"""Parts of a campaign: some methods, or some judges, as a snapshot of its own."""

from __future__ import annotations

import pytest

from annotations.models import Job
from hlv.core.stored_results import plain
from metaeval.models import Ranking
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.selections import Selection, selectable
from tests.making import (
    make_imported_judgment,
    make_methods,
    make_participant,
    make_study,
)
from tests.metaeval.judged import make_judged, run
from tests.metaeval.making import (
    make_judge_report,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def test_a_part_holds_the_judgments_of_its_methods_and_its_judges_alone() -> None:
    campaign = make_judged()
    whole = comparison_counts(campaign)
    small = comparison_counts(campaign, selection=Selection(base_model="small"))
    assert [method.name for method in small.methods] == ["a", "b"]
    assert small.cells.n_judgments + small.n_cannot == 24
    groups = [
        comparison_counts(campaign, selection=Selection(judge_group=name)) for name in ("bar", "academia")
    ]
    assert sum(part.cells.n_judgments for part in groups) == whole.cells.n_judgments
    assert sum(part.n_both for part in groups) == whole.n_both
    assert [part.cells.n_judges for part in groups] == [3, 3]
    assert len({part.fingerprint for part in (whole, small, *groups)}) == 4


def test_a_part_is_a_snapshot_of_its_own_and_leaves_that_of_all_where_it_is() -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=0)
    run(campaign, "ranking", n_resamples=0, judge_group="bar")
    make_judge_report(campaign)
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = f"/campaigns/{campaign.uuid}/results/"
    of_all, of_bar = client.get(address).content.decode(), client.get(address, {"judge_group": "bar"})
    assert "Snapshot 1, as of" in of_all
    assert "Selection:" not in of_all
    # What stays of all beside a part says so.
    assert "For the whole campaign and all judges" in of_bar.content.decode()
    assert "For the whole campaign and all judges" not in of_all
    assert "Snapshot 2, as of" in of_bar.content.decode()
    assert "judges of \u2068bar\u2069" in of_bar.content.decode()
    for_good = Ranking.objects.get(judge_group="")
    assert "always shows this snapshot" in client.get(f"/rankings/{for_good.uuid}/").content.decode()


def test_a_filter_marks_the_parts_that_have_no_snapshot_yet() -> None:
    campaign = make_judged()
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = f"/campaigns/{campaign.uuid}/results/"
    run(campaign, "ranking", n_resamples=0)
    page = client.get(address).content.decode()
    assert '<option value="small">small (not computed yet)</option>' in page
    assert '<option value="" selected>all methods</option>' in page
    run(campaign, "ranking", n_resamples=0, base_model="small")
    page = client.get(address).content.decode()
    assert '<option value="small">small</option>' in page
    assert '<option value="large">large (not computed yet)</option>' in page
    # Beside the chosen base model, no group of judges has a snapshot.
    page = client.get(address, {"base_model": "small"}).content.decode()
    assert '<option value="bar">bar (not computed yet)</option>' in page


def test_a_part_that_nobody_asked_for_yet_says_how_to_get_it_and_one_that_is_none_is_not_found() -> None:
    campaign = make_judged()
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = f"/campaigns/{campaign.uuid}/results/"
    page = client.get(address, {"base_model": "small"}).content.decode()
    assert "This selection has not been computed yet" in page
    counted = comparison_counts(campaign, selection=Selection(base_model="small"))
    assert f"There are {counted.cells.n_judgments + counted.n_cannot} judgments." in page
    assert "which rankings leave out" not in page
    methods = {method.name: method for method in campaign.study.methods.all()}
    make_imported_judgment(campaign, winner=methods["a"], loser=methods["b"], cannot=True)
    page = client.get(address, {"base_model": "small"}).content.decode()
    assert "1 of them is “cannot judge”, which rankings leave out." in page
    assert '<input type="hidden" name="base_model" value="small">' in page
    assert client.get(address, {"base_model": "none"}).status_code == 404
    compute = f"/studies/{campaign.study.uuid}/compute/"
    client.post(compute, {"campaign": campaign.uuid, "base_model": "small"})
    assert Job.objects.get().params == {"campaign": str(campaign.uuid), "base_model": "small"}
    refused = client.post(compute, {"campaign": campaign.uuid, "base_model": "none"})
    assert refused.status_code == 400
    assert "no such base model" in refused.content.decode()


def test_what_can_be_chosen_has_two_to_choose_from() -> None:
    assert plain(selectable(make_judged().study)) == {
        "base_models": ["large", "small"],
        "judge_groups": ["academia", "bar"],
    }
    alone = make_study()
    make_methods(alone, ("a", "b"), base_model="small")
    assert plain(selectable(alone)) == {"base_models": [], "judge_groups": []}
    assert "There are no two base models" in selectable(alone).refusal(Selection(base_model="small"))
    assert "There are no two groups of judges" in selectable(alone).refusal(Selection(judge_group="bar"))
