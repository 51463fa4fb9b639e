"""Reports on judges through their job: who is flagged, who is not, and what nobody can say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.utils import timezone

from annotations import jobs
from annotations.models import Import, Job, Participant
from hlv.stats.pairwise.comparisons import FIRST, SECOND
from hlv.stats.power.simulate import even_strengths, simulate_judgments
from metaeval.models import AutomaticJudge, Campaign, Comparison, JudgeReport, Judgment, Method
from metaeval.selectors.judges import judge_roster
from tests.making import (
    make_campaign,
    make_import,
    make_imported_judgment,
    make_items,
    make_methods,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.usefixtures("blank_figures")]

N_METHODS, N_ITEMS = 6, 20

# (judge, item, left, right, verdict)
Row = tuple[int, int, int, int, str]


def make_judges(campaign: Campaign, number: int) -> list[Participant]:
    """Sources of a file: people without an account."""
    return Participant.objects.bulk_create(
        Participant(study=campaign.study, role="judge", number=place, source=f"source {place}")
        for place in range(1, number + 1)
    )


def make_judgments(campaign: Campaign, judges: list[Participant], rows: Iterable[Row]) -> None:
    """Imported judgments at once: thousands, one by one, would take minutes."""
    methods = list(Method.objects.filter(study=campaign.study).order_by("pk"))
    items = list(campaign.study.items.order_by("pk"))
    batch = make_import(campaign.study, Import.Kind.JUDGMENTS)
    rows = list(rows)
    wanted = sorted({(item, min(left, right), max(left, right)) for _, item, left, right, _ in rows})
    made = Comparison.objects.bulk_create(
        Comparison(campaign=campaign, item=items[item], low=methods[low], high=methods[high], mode="imported")
        for item, low, high in wanted
    )
    compared = dict(zip(wanted, made, strict=True))
    Judgment.objects.bulk_create(
        Judgment(
            comparison=compared[item, min(left, right), max(left, right)],
            participant=judges[judge],
            verdict=verdict,
            low_is_left=left < right,
            submitted_at=timezone.now(),
            import_batch=batch,
            active_ms=20_000 + 1000 * judge,
        )
        for judge, item, left, right, verdict in rows
    )


def honest_rows(n_judges: int, *, each: int, rng: np.random.Generator) -> list[Row]:
    drawn = simulate_judgments(
        even_strengths(N_METHODS, spread=4.0), n_judgments=n_judges * each, n_judges=n_judges,
        n_items=N_ITEMS, rng=rng, tie_share=0.15, taste_sd=0.3,
    )  # fmt: skip
    said = {FIRST: "left", SECOND: "right"}
    return [
        (int(judge), int(item), int(left), int(right), said.get(int(outcome), "tie"))
        for judge, item, left, right, outcome in zip(
            drawn.judge, drawn.item, drawn.first, drawn.second, drawn.outcome, strict=True
        )
    ]


def clicked_rows(judge: int, verdicts: tuple[str, ...], *, each: int, rng: np.random.Generator) -> list[Row]:
    pairs = [rng.choice(N_METHODS, 2, replace=False) for _ in range(each)]
    return [
        (judge, int(rng.integers(N_ITEMS)), int(left), int(right), str(rng.choice(verdicts)))
        for left, right in pairs
    ]


def make_bench() -> Campaign:
    study = make_study(task="none", labels=())
    make_items(study, N_ITEMS)
    make_methods(study, [f"method {place}" for place in range(N_METHODS)])
    return make_campaign(study)


def report_on(campaign: Campaign, **params: Any) -> JudgeReport:
    given = {"campaign": str(campaign.uuid), "n_resamples": 100, **params}
    job = jobs.run_now(jobs.create(kind="judges", study=campaign.study, params=given))
    assert (job.state, job.reason) == ("done", "")
    report = JudgeReport.objects.get(job=job)
    assert job.result == {"judge_report": str(report.uuid), "undetermined": report.undetermined}
    return report


def test_clickers_are_flagged_and_of_a_hundred_honest_judges_none() -> None:
    campaign, rng = make_bench(), np.random.default_rng(36)
    judges = make_judges(campaign, 102)
    make_judgments(
        campaign,
        judges,
        [
            *honest_rows(100, each=40, rng=rng),
            *clicked_rows(100, ("left", "right"), each=60, rng=rng),
            *clicked_rows(101, ("left",), each=60, rng=rng),
        ],
    )
    rows = report_on(campaign).result["judges"]
    flagged = {row["judge"]: row["flags"] for row in rows if row["flags"]}
    assert set(flagged) == {"Judge 101", "Judge 102"}
    assert flagged["Judge 101"] == ["erratic", "random"]
    assert "left" in flagged["Judge 102"]
    clicker = rows[100]
    honest = [row["reliability"]["reliability"] for row in rows[:100]]
    assert clicker["reliability"]["high"] < np.median(honest)
    assert rows[101]["side_bias"]["share"] == 1
    agreement = clicker["agreement"]
    assert agreement["low"] < agreement["same"] < agreement["high"]
    assert rows[1]["median_seconds"] == pytest.approx(21.0)


def test_the_same_seed_gives_the_same_report_and_it_says_from_what() -> None:
    campaign, rng = make_bench(), np.random.default_rng(1)
    make_judgments(campaign, make_judges(campaign, 4), honest_rows(4, each=40, rng=rng))
    first, second, other = (report_on(campaign, seed=seed) for seed in (7, 7, 8))
    assert first.result == second.result != other.result
    assert (first.seed, first.parameters) == (
        7, {"ties": "half", "ridge": 0.0, "n_resamples": 100, "seed": 7},
    )  # fmt: skip
    assert first.data_fingerprint == other.data_fingerprint
    assert first.as_of < second.as_of


def test_one_judge_alone_is_refused_with_the_reason_and_keeps_what_is_hers() -> None:
    campaign, rng = make_bench(), np.random.default_rng(1)
    make_judgments(campaign, make_judges(campaign, 1), honest_rows(1, each=40, rng=rng))
    report = report_on(campaign)
    assert report.undetermined.startswith("There is only one judge")
    assert set(report.result["sections_undetermined"]) >= {"agreement", "consensus", "without", "reliability"}
    assert report.result["judges"][0]["side_bias"]["n_decided"] > 0


def test_no_judgments_or_no_named_judge_are_answers_with_a_reason() -> None:
    campaign = make_bench()
    assert report_on(campaign).undetermined
    one, other, *_ = campaign.study.methods.all()
    make_imported_judgment(campaign, winner=one, loser=other)
    assert report_on(campaign).undetermined == "No judgment names its judge."


def test_programs_are_no_judges_and_are_named_apart() -> None:
    campaign, rng = make_bench(), np.random.default_rng(1)
    make_judgments(campaign, make_judges(campaign, 3), honest_rows(3, each=40, rng=rng))
    before = report_on(campaign).result
    program = AutomaticJudge.objects.create(study=campaign.study, name="grader")
    Judgment.objects.create(
        comparison=campaign.comparisons.all()[0],
        automatic_judge=program,
        verdict="left",
        low_is_left=True,
        submitted_at=timezone.now(),
        import_batch=make_import(campaign.study, Import.Kind.JUDGMENTS),
    )
    after = report_on(campaign).result
    assert after["judges"] == before["judges"]
    assert after["automatic_judges"] == [{"name": "grader", "n_judgments": 1}]
    assert any("grader (1 judgments)" in note for note in after["notes"])


def test_who_only_said_cannot_judge_has_no_row_and_is_named() -> None:
    campaign, rng = make_bench(), np.random.default_rng(1)
    rows = honest_rows(2, each=40, rng=rng)
    make_judgments(campaign, make_judges(campaign, 3), [*rows, (2, 0, 0, 1, "cannot")])
    result = report_on(campaign).result
    assert [row["judge"] for row in result["judges"]] == ["Judge 1", "Judge 2"]
    assert "Without a verdict, only “cannot judge”: Judge 3." in result["notes"]


def test_the_number_of_queries_does_not_grow_with_the_judges(django_assert_num_queries: Any) -> None:
    campaign, rng = make_bench(), np.random.default_rng(1)
    make_judgments(campaign, make_judges(campaign, 12), honest_rows(12, each=5, rng=rng))
    with django_assert_num_queries(11):
        assert len(judge_roster(campaign).judges) == 12


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"campaign": str(UUID(int=0))}, "no such campaign"),
        ({"ties": "lost"}, "ties rule"),
        ({"ridge": -1.0}, "."),
        ({"n_resamples": -1}, "n-resamples must be a whole number"),
    ],
)
def test_what_cannot_be_computed_is_no_job(params: dict[str, Any], sentence: str) -> None:
    campaign = make_bench()
    given = {"campaign": str(campaign.uuid)} if params and "campaign" not in params else {}
    with pytest.raises(jobs.JobRefusedError, match=sentence):
        jobs.create(kind="judges", study=campaign.study, params=given | params)
    assert not Job.objects.exists()
