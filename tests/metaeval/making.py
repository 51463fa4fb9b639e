"""What tests of judging and results need besides tests/making.py."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from annotations.models import Participant, User
from hlv.core.stored_results import load
from metaeval.figures.drawn_figures import drawn_figures, keep_figures
from metaeval.models import Campaign, Exposure, JudgeReport, MetricAgreement, Ranking, Scoring, Sensitivity
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.ranking import RankingResult
from tests.making import (
    make_campaign,
    make_comparisons,
    make_exposure,
    make_items,
    make_methods,
    make_outputs,
    make_participant,
    make_study,
)

METHODS = ("JSD loss", "Soft labels", "Majority vote")


def signed_in(person: Participant | User | None) -> Client:
    client = Client()
    user = person.user if isinstance(person, Participant) else person
    assert user is not None
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_board(*, n_items: int = 2, judges_per_comparison: int = 2, **study: Any) -> Campaign:
    """A campaign whose methods all have outputs and wait to be compared."""
    made = make_study(**study)
    items = make_items(made, n_items)
    methods = make_methods(made, METHODS, base_model="roberta-base")
    make_outputs(methods, items)
    campaign = make_campaign(made, judges_per_comparison=judges_per_comparison)
    make_comparisons(campaign, items, methods)
    return campaign


def make_shown(campaign: Campaign | None = None) -> Exposure:
    """A pair that a judge holds."""
    campaign = campaign or make_board()
    return make_exposure(make_participant(campaign.study, "judge"), campaign)


def ranking_result(**more: Any) -> RankingResult:
    """As it is read; `stored_ranking` is its JSON, as it was before it had a version."""
    return load(RankingResult, stored_ranking(**more))


def stored_ranking(*, names: Sequence[str] = METHODS, **more: Any) -> dict[str, Any]:
    return {
        "methods": [
            {
                "name": name,
                "strength": 0.8 - 0.8 * place,
                "interval": [0.4 - 0.8 * place, 1.2 - 0.8 * place],
                "rank": place + 1,
                "rank_interval": [1, 2] if place < 2 else [3, 3],
                "n_judgments": 40,
            }
            for place, name in enumerate(names)
        ],
        "model": "bradley-terry",
        "ties": "half",
        "n_judgments": 60,
        "n_judges": 5,
        "n_items": 12,
        "n_cannot_judge": 4,
        "n_resamples": 1000,
        "n_resamples_without_answer": 7,
        "resampling_unit": "both",
        "undetermined": None,
        "unconnected": [],
        "joins": [],
        "inseparable": [["JSD loss", "Soft labels"]],
        "notes": ["There are only 5 judges."],
        "pairs": {
            "first": [0, 0, 1],
            "second": [1, 2, 2],
            "wins": [4, 30, 12],
            "losses": [5, 8, 6],
            "ties": [1, 2, 2],
            "expected": [0.55, 0.8, 0.62],
            "low": [0.4, 0.7, 0.5],
            "high": [0.7, 0.9, 0.7],
        },
        **more,
    }


def stored_checks(**more: Any) -> dict[str, Any]:
    """What is checked beside a ranking, where nothing could be."""
    return {
        "fit": {"undetermined": "The ranking has a prior."},
        "side_effect": {"undetermined": "No judgment names the sides of the methods."},
        "other_models": [],
        **more,
    }


def metric(name: str, tau: float | None, **more: Any) -> dict[str, Any]:
    interval = None if tau is None else [max(-1.0, tau - 0.2), min(1.0, tau + 0.1)]
    measure = {"value": tau, "interval": interval, "p": None if tau is None else 0.001 if tau > 0.55 else 0.3}
    return {
        "name": name,
        "label": name.replace("_", " "),
        "higher_is_better": True,
        "kendall_tau_b": measure,
        "spearman": measure,
        "pearson": measure,
        "pairwise_accuracy": measure,
        "n_methods": 9,
        "left_out": [],
        "undetermined": None if tau is not None else "All methods have the same score.",
        **more,
    }


def agreement_result(*metrics: dict[str, Any], **more: Any) -> MetricAgreementResult:
    """As it is read; `stored_agreement` is its JSON."""
    return load(MetricAgreementResult, stored_agreement(*metrics, **more))


def stored_agreement(*metrics: dict[str, Any], **more: Any) -> dict[str, Any]:
    rows = metrics or (
        metric("soft_f1", 0.89),
        metric("po_jsd", 0.78),
        metric("hard_f1", 0.28),
        metric("flat", None),
    )
    return {
        "methods": list(METHODS),
        "metrics": list(rows),
        "scores": {
            "human": {"values": [0.8, 0.0, -0.8], "low": [0.4, -0.4, -1.2], "high": [1.2, 0.4, -0.4]},
            "human_label": "Strength by the experts",
            "metrics": {
                row["name"]: {"values": [0.7, 0.5, 0.6], "low": [0.6, 0.4, 0.5], "high": [0.8, 0.6, 0.7]}
                for row in rows
            },
        },
        "notes": ["9 methods decide little."],
        "n_resamples": 1000,
        **more,
    }


def _pair(
    first: str, second: str, difference: float, adjusted_p: float | None, **more: Any
) -> dict[str, Any]:
    return {
        "first": first,
        "second": second,
        "difference": difference,
        "interval": [difference - 0.1, difference + 0.3],
        "test": "joint bootstrap",
        "p": adjusted_p,
        "adjusted_p": adjusted_p,
        "second_test": None,
        **more,
    }


def make_differences(*, near: float = 0.4, **more: Any) -> dict[str, Any]:
    """A result whose best metric stands above hard F1, and above PO-JSD where `near` is small."""
    exchanged = {"test": "PERM-BOTH", "p": 0.001, "adjusted_p": 0.003}
    found = {
        "undetermined": None,
        "metrics": [
            {"name": name, "copies": [name], "value": value}
            for name, value in (("hard_f1", 0.28), ("soft_f1", 0.89), ("po_jsd", 0.78))
        ],
        "differences": [
            _pair("hard_f1", "soft_f1", -0.61, 0.0123456789),
            _pair("hard_f1", "po_jsd", -0.5, 0.02),
            _pair("soft_f1", "po_jsd", 0.11, near, second_test=exchanged),
        ],
        "groups": [["soft_f1", "po_jsd"]] if near >= 0.05 else [],
        "left_out": {"flat": "It is constant"},
        "notes": [],
        "second_test_notes": ["Exchanging treats the human ranking as fixed."],
        "n_methods": 9,
        **more,
    }
    return {"differences": {"kendall_tau_b": found, "pearson": found}}


_drawings: dict[str, Any] = {}


def draw(snapshot: Ranking | MetricAgreement) -> None:
    """Draw what the service draws, but the same result only once in a run: drawing takes seconds."""
    key = f"{type(snapshot).__name__} {json.dumps(snapshot.result, sort_keys=True)}"
    if key not in _drawings:
        _drawings[key] = drawn_figures(snapshot)
    keep_figures(snapshot, _drawings[key])


def make_ranking_snapshot(
    campaign: Campaign,
    *,
    drawn: bool = False,
    judge_group: str = "",
    parameters: dict[str, Any] | None = None,
    as_of: datetime | None = None,
    **result: Any,
) -> Ranking:
    stored = stored_ranking(**result)
    snapshot = Ranking.objects.create(
        study=campaign.study,
        campaign=campaign,
        seed=36,
        code_version="hlv 0.1.0",
        data_fingerprint="0" * 64,
        as_of=as_of or timezone.now(),
        result=stored,
        undetermined=stored["undetermined"] or "",
        judge_group=judge_group,
        parameters=parameters or {},
    )
    if drawn:
        draw(snapshot)
    return snapshot


def make_agreement_snapshot(
    ranking: Ranking, *metrics: dict[str, Any], drawn: bool = False, **result: Any
) -> MetricAgreement:
    scoring = Scoring.objects.create(
        study=ranking.study,
        seed=36,
        code_version="hlv 0.1.0",
        data_fingerprint="0" * 64,
        as_of=ranking.as_of,
        result={
            "methods": list(METHODS),
            "n_items": 400,
            "metrics": [
                {
                    "name": "soft_f1",
                    "label": "soft f1",
                    "higher_is_better": True,
                    "scores": [
                        {"method": name, "value": 0.5, "interval": [0.4, 0.6], "undefined": None}
                        for name in METHODS
                    ],
                }
            ],
        },
    )
    snapshot = MetricAgreement.objects.create(
        study=ranking.study,
        campaign=ranking.campaign,
        ranking=ranking,
        scoring=scoring,
        seed=36,
        code_version="hlv 0.1.0",
        data_fingerprint="0" * 64,
        as_of=ranking.as_of,
        result=stored_agreement(*metrics, **result),
    )
    if drawn:
        draw(snapshot)
    return snapshot


def judge_row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "judge": f"Judge {number}",
        "number": number,
        "n_judgments": 40,
        "n_cannot_judge": 1,
        "median_seconds": 21.4,
        "flags": [],
        "agreement": {
            "n_comparisons": 12, "n_pairs": 30, "same": 0.71, "opposite": 0.12, "low": 0.6, "high": 0.81,
        },
        "self_consistency": {
            "n_flipped": 6, "same": 0.83, "same_side": 0.1, "n_repeated": 0, "repeated_same": None,
        },
        "side_bias": {
            "n_decided": 36, "n_left": 17, "share": 0.47, "low": 0.31, "high": 0.64, "p": 0.8, "adjusted_p": 1.0,
        },
        "triads": {"undetermined": "This judge decided all three pairs of no three methods."},
        "consensus": {
            "outfit": 1.1, "infit": 0.98, "outfit_z": 0.2, "infit_z": -0.1, "adjusted_p": 1.0, "flag": None,
        },
        "without": {
            "strengths": [0.5, 0.0, -0.5], "largest_change": 0.08, "largest_rank_change": 1.0, "tau": 0.9,
            "changes_leader": False,
        },
        "reliability": {"reliability": 0.86, "low": 0.7, "high": 0.95},
        **more,
    }  # fmt: skip


def judges_result(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "campaign": "accuracy",
        "judges": list(rows) or [judge_row(1), judge_row(2, flags=["erratic", "left"])],
        "methods": list(METHODS),
        "n_judgments": 80,
        "n_judges": 2,
        "n_items": 12,
        "n_resamples": 1000,
        "seed": 36,
        "sections_undetermined": {},
        "undetermined": None,
        "notes": ["Automatic judges are left out: a program (40 judgments). They are no people."],
        **more,
    }


def make_judge_report(
    campaign: Campaign, *rows: dict[str, Any], study: Any = None, **result: Any
) -> JudgeReport:
    stored = judges_result(*rows, **result)
    return JudgeReport.objects.create(
        study=study or campaign.study,
        campaign=campaign,
        seed=36,
        code_version="hlv 0.1.0",
        data_fingerprint="0" * 64,
        as_of=timezone.now(),
        result=stored,
        undetermined=stored["undetermined"] or "",
    )


def make_sensitivity(campaign: Campaign) -> Sensitivity:
    """Of the newest ranking: one choice that changes much, and one without an answer."""
    names = list(METHODS)
    said: dict[str, Any] = {
        "kind": "base",
        "name": "the ranking",
        "n_judgments": 60,
        "undetermined": None,
        "facts": {},
        "tau": 1.0,
        "largest_rank_change": 0.0,
        "leaders": names[:1],
        "possible_firsts": names[:2],
        "best_metrics": ["soft f1"],
        "best_tau": 0.89,
        "changes": [],
    }
    otherwise = {
        "kind": "judge", "name": "Judge 1", "leaders": names[1:2], "largest_rank_change": 1.0, "possible_firsts": None,
        "best_metrics": ["po jsd"], "changes": ["leader", "order", "metric"],
    }  # fmt: skip
    refused = {
        "kind": "model", "name": "bradley-terry, davidson", "n_judgments": 60, "facts": {}, "changes": [],
        "undetermined": "The methods fall into 2 groups.",
    }  # fmt: skip
    ranking = Ranking.objects.filter(campaign=campaign).latest("pk")
    return Sensitivity.objects.create(
        study=campaign.study,
        campaign=campaign,
        ranking=ranking,
        seed=36,
        code_version="hlv 0.1.0",
        data_fingerprint="0" * 64,
        as_of=ranking.as_of,
        result={"base": said, "variants": [refused, {**said, **otherwise}], "methods": names, "n_fast": 3},
    )
