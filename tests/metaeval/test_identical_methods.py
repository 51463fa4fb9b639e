"""Methods with the same output on every text used are one system: merged before agreement, and named."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from metaeval.findings.methods_of_metrics import methods_of_metrics
from metaeval.models import Campaign, Judgment, Method, MetricAgreement, Ranking
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.outputs import identical_methods
from metaeval.selectors.selections import Exclusions
from tests.hlv.commands import run
from tests.making import (
    make_campaign,
    make_imported_judgment,
    make_items,
    make_methods,
    make_output,
    make_participant,
    make_study,
    make_uploaded_metric,
)
from tests.metaeval.test_label_weights import answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

FAST = ("--n-resamples", "40", "--json")


def make_world(
    *,
    names: Sequence[str] = tuple("abcde"),
    bases: Sequence[str] = ("",) * 5,
    last: str = "the same",
) -> Campaign:
    """Five methods on four texts, of which b and d give the same, on the last one perhaps; three judges, every pair."""
    study = make_study(slug="twins")
    items = make_items(study, 4)
    methods = [
        make_methods(study, [name], base_model=base)[0] for name, base in zip(names, bases, strict=True)
    ]
    rng = np.random.default_rng(3)
    for item in items:
        answer(item, {"housing": 1.0}, {"contract": 1.0})
        drawn = rng.uniform(0.1, 0.9, size=(5, 3))
        if item != items[-1] or last == "the same":
            drawn[3] = drawn[1]
        for method, values in zip(methods, drawn, strict=True):
            if item != items[-1] or method != methods[3] or last != "missing":
                make_output(method, item, list(values))
    campaign = make_campaign(study)
    for judge in [make_participant(study, "judge") for _ in range(3)]:
        for item in items:
            for one in range(5):
                for other in range(one + 1, 5):
                    first, second = methods[one], methods[other]
                    if rng.random() < 0.6:
                        first, second = second, first
                    make_imported_judgment(campaign, winner=first, loser=second, judge=judge, item=item)
    return campaign


def methods_of(campaign: Campaign) -> list[Method]:
    return list(campaign.study.methods.order_by("position"))


def keys(groups: Sequence[Sequence[Method]]) -> list[list[str]]:
    return [[method.name for method in group] for group in groups]


@pytest.mark.parametrize("last", ["the same", "another", "missing"])
def test_methods_are_identical_where_every_output_is(last: str) -> None:
    campaign = make_world(last=last)
    study, methods = campaign.study, methods_of(campaign)
    items = np.array(list(study.items.order_by("pk").values_list("pk", flat=True)))

    assert keys(identical_methods(study, methods=methods)) == ([["b", "d"]] if last == "the same" else [])
    # Of other texts nobody asks.
    assert keys(identical_methods(study, methods=methods, item_ids=items[:-1])) == [["b", "d"]]


def test_what_is_compared_is_the_mean_over_runs() -> None:
    study = make_study()
    items, methods = make_items(study, 2), make_methods(study)
    for item in items:
        make_output(methods[0], item, [0.25, 0.5, 0.0])
        make_output(methods[1], item, [0.0, 0.25, 0.0], run="1")
        make_output(methods[1], item, [0.5, 0.75, 0.0], run="2")
        make_output(methods[2], item, [0.0, 0.25, 0.0])

    assert keys(identical_methods(study, methods=methods)) == [["alpha", "beta"]]


def test_methods_without_outputs_are_not_said_to_be_identical() -> None:
    study = make_study()
    methods = make_methods(study)
    make_output(methods[0], make_items(study, 1)[0], [0.1, 0.2, 0.3])

    assert identical_methods(study, methods=methods) == []


def test_judgments_of_one_system_are_pooled_and_those_within_it_left_out() -> None:
    campaign = make_world()
    a, b, c, d, e = methods_of(campaign)
    whole = comparison_counts(campaign)

    merged = whole.merged({d.pk: b})

    assert [method.name for method in merged.methods] == ["a", "b", "c", "e"]
    within = Judgment.objects.filter(comparison__low=b, comparison__high=d).count()
    assert merged.cells.n_judgments == whole.cells.n_judgments - within == 120 - 12
    between_b_and_c = Judgment.objects.filter(comparison__low__in=[b, c, d], comparison__high__in=[b, c, d])
    pooled = between_b_and_c.count() - within
    cells = merged.cells
    pair = ((cells.first == 1) & (cells.second == 2)) | ((cells.first == 2) & (cells.second == 1))
    assert cells.count[pair].sum() == pooled == 24
    # Nobody is judged against itself, whichever of the two was low.
    assert (cells.first != cells.second).all()
    assert (a.pk, e.pk) == (merged.methods[0].pk, merged.methods[3].pk)


def test_a_system_is_called_as_its_first_also_where_only_another_was_judged() -> None:
    campaign = make_world()
    a, b, c, d, e = methods_of(campaign)

    merged = comparison_counts(campaign, exclusions=Exclusions(methods=("b",))).merged({d.pk: b})

    assert [method.name for method in merged.methods] == ["a", "c", "b", "e"]
    assert len({a.pk, c.pk, e.pk}) == 3


def test_agreement_has_each_system_once_and_names_it_everywhere() -> None:
    campaign = make_world()
    found = json.loads(run("metaeval", "twins", *FAST))
    snapshot = MetricAgreement.objects.get()

    assert found["methods"] == ["a", "b", "c", "e"]
    assert {row["n_methods"] for row in found["metrics"] if not row["undetermined"]} == {4}
    assert found["identical"] == [{"counts_as": "b", "methods": ["b", "d"]}]
    assert "b, d give the same output on every text and count as one system, b" in found["notes"][0]
    assert "b, d give the same output" in " ".join(
        run("metaeval", "twins", "--n-resamples", "20", "--details").split()
    )
    assert any("count as one system" in sentence for sentence in methods_of_metrics(snapshot))
    assert found["n_judgments"] == 108
    # The ranking itself has every method by its name.
    assert len(Ranking.objects.latest("pk").result["methods"]) == 5
    # Everywhere else, too.
    assert {row["n_methods"] for row in found["differences"].values()} == {4}
    assert [row["method"] for row in found["without_each_method"]["metrics"][0]["without"]] == list("abce")
    assert campaign.pk == snapshot.campaign_id


def test_nothing_is_merged_where_no_two_are_identical() -> None:
    make_world(last="another")

    found = json.loads(run("metaeval", "twins", *FAST))

    assert found["identical"] == []
    assert found["methods"] == list("abcde")
    assert found["n_judgments"] == 120


def test_uploaded_scores_of_one_system_are_averaged() -> None:
    campaign = make_world()
    methods = methods_of(campaign)
    make_uploaded_metric(campaign.study, methods, [5.0, 1.0, 4.0, 2.0, 3.0])
    make_uploaded_metric(campaign.study, methods, [5.0, 1.0, 4.0, None, 3.0])
    names = list(
        campaign.study.metrics.filter(origin="uploaded").order_by("pk").values_list("name", flat=True)
    )

    found = json.loads(run("metaeval", "twins", *FAST))
    against = json.loads(run("metaeval", "twins", "--against", names[0], *FAST))

    columns = found["scores"]["metrics"]
    assert columns[names[0]]["values"] == [5.0, 1.5, 4.0, 3.0]
    assert columns[names[1]]["values"] == [5.0, 1.0, 4.0, 3.0]
    # One value of each of two names is no sample of one system.
    assert "low" not in columns[names[0]]
    assert against["identical"] == found["identical"]
    assert against["methods"] == ["a", "b", "c", "e"]
    assert against["scores"]["human"]["values"] == [5.0, 1.5, 4.0, 3.0]


def test_a_system_of_two_base_models_stands_in_the_table_of_each() -> None:
    make_world(names=("p", "q", "r", "q", "r"), bases=("small", "small", "small", "large", "large"))

    found = json.loads(run("metaeval", "twins", *FAST))

    assert found["identical"] == [{"counts_as": "q (small)", "methods": ["q (small)", "q (large)"]}]
    tables = {table["group"]: table["methods"] for table in found["groups"]["each"]}
    assert tables == {"small": ["p", "q", "r"], "large": ["q", "r"]}
    # p and r of "small" are drawn together; q, which is of both, and r of "large" are clusters of their own.
    general = found["differences"]["kendall_tau_b"]["methods_like_these"]
    assert "4 methods of 3 base models are too few" in general["undetermined"]


def test_a_text_that_one_alone_has_an_output_for_parts_two() -> None:
    campaign = make_world()
    methods = methods_of(campaign)
    make_output(methods[3], make_items(campaign.study, 1)[0], [0.1, 0.2, 0.3])

    assert keys(identical_methods(campaign.study, methods=methods)) == []
