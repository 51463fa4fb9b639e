"""The simulated people are reproducible, plausible, and tell the story of the study."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import kendalltau

from hlv.demo import Demonstration, simulate_demonstration
from hlv.demo.judging import METHODS
from hlv.demo.study import AREA_KEYS, JUDGES, LAWYERS, draw_times, midnight

METHOD_NAMES = [method.name for method in METHODS]


@pytest.fixture(scope="module")
def drawn() -> Demonstration:
    return simulate_demonstration()


def fingerprint(drawn: Demonstration) -> str:
    return hashlib.sha256(repr(drawn).encode()).hexdigest()


def human_shares(drawn: Demonstration, ids: tuple[str, ...]) -> NDArray[np.float64]:
    chosen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    answers: Counter[str] = Counter()
    for draw in drawn.annotations:
        if draw.gives_labels:
            answers[draw.request] += 1
            chosen[draw.request].update(draw.certainty.keys())
    return np.array([[chosen[one][key] / answers[one] for key in AREA_KEYS] for one in ids])


def mean_outputs(drawn: Demonstration, ids: tuple[str, ...]) -> NDArray[np.float64]:
    place = {one: n for n, one in enumerate(ids)}
    total = np.zeros((len(METHODS), len(ids), len(AREA_KEYS)))
    for draw in drawn.outputs:
        if draw.request in place:
            row = [draw.distribution[key] for key in AREA_KEYS]
            total[METHOD_NAMES.index(draw.method), place[draw.request]] += row
    return total / 2


def wins_with_half_ties(drawn: Demonstration) -> NDArray[np.float64]:
    wins = np.zeros((len(METHODS), len(METHODS)))
    for draw in drawn.judgments:
        left, right = METHOD_NAMES.index(draw.left), METHOD_NAMES.index(draw.right)
        share = {"left": 1.0, "right": 0.0, "both": 0.5, "neither": 0.5}.get(draw.verdict)
        if share is not None:
            wins[left, right] += share
            wins[right, left] += 1 - share
    return wins


def bradley_terry(wins: NDArray[np.float64]) -> NDArray[np.float64]:
    def loss(strengths: NDArray[np.float64]) -> float:
        return float((wins * np.logaddexp(0, strengths - strengths[:, np.newaxis])).sum())

    found = minimize(loss, np.zeros(len(wins)), method="BFGS", options={"gtol": 1e-3})
    return np.asarray(found.x - found.x.mean())


def soft_micro_f1(human: NDArray[np.float64], given: NDArray[np.float64]) -> float:
    return float(2 * np.minimum(human, given).sum() / (human + given).sum())


def hard_micro_f1(human: NDArray[np.float64], given: NDArray[np.float64]) -> float:
    return soft_micro_f1((human > 0.5).astype(float), (given > 0.5).astype(float))


def test_the_same_seed_draws_the_same_demonstration(drawn: Demonstration) -> None:
    assert simulate_demonstration() == drawn


def test_another_seed_draws_another_demonstration(drawn: Demonstration) -> None:
    assert simulate_demonstration(1).judgments != drawn.judgments


def test_another_process_draws_the_same_demonstration_without_django(drawn: Demonstration) -> None:
    program = (
        "import hashlib, sys; from hlv.demo import simulate_demonstration as s;"
        "print(hashlib.sha256(repr(s()).encode()).hexdigest(), 'django' in sys.modules)"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    answer = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert answer.stdout.decode().split() == [fingerprint(drawn), "False"]


def test_five_different_lawyers_answer_each_request(drawn: Demonstration) -> None:
    readers: defaultdict[str, set[str]] = defaultdict(set)
    for draw in drawn.annotations:
        readers[draw.request].add(draw.person)
    assert set(readers) == {request.id for request in drawn.requests}
    assert {len(people) for people in readers.values()} == {5}
    assert len(drawn.annotations) == 5 * len(drawn.requests)


def test_nobody_labels_a_language_they_do_not_read(drawn: Demonstration) -> None:
    languages = {person.key: person.languages for person in LAWYERS}
    language_of = {request.id: request.lang for request in drawn.requests}
    assert all(language_of[draw.request] in languages[draw.person] for draw in drawn.annotations)


def test_an_answer_says_something_and_its_certainties_are_levels(drawn: Demonstration) -> None:
    for draw in drawn.annotations:
        assert draw.gives_labels or draw.facts_insufficient or draw.guideline_unclear
        assert draw.gives_labels or not (draw.certainty or draw.rejected)
        assert set(draw.certainty.values()) <= {0.2, 0.4, 0.6, 0.8, 1.0}
        assert not set(draw.certainty) & set(draw.rejected)


def test_every_kind_of_answer_occurs(drawn: Demonstration) -> None:
    answers = drawn.annotations
    assert any(draw.gives_labels and not draw.certainty for draw in answers)
    assert any(draw.facts_insufficient for draw in answers)
    assert any(draw.guideline_unclear for draw in answers)
    assert any(draw.rejected for draw in answers)
    assert {draw.guideline_version for draw in answers} == {1, 2}


def test_lawyers_disagree_but_not_about_everything(drawn: Demonstration) -> None:
    shares = human_shares(drawn, tuple(request.id for request in drawn.requests))
    divided = ((shares > 0.1) & (shares < 0.9)).any(axis=1).mean()
    assert 0.5 < divided < 0.98
    assert (shares == 1).any(axis=1).mean() > 0.3


@pytest.mark.parametrize(
    ("stage", "first", "last"),
    [
        ("annotations", datetime(2026, 10, 12, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)),
        ("judgments", datetime(2026, 10, 31, tzinfo=UTC), datetime(2026, 11, 14, tzinfo=UTC)),
    ],
)
def test_answers_spread_over_two_weeks(
    drawn: Demonstration, stage: str, first: datetime, last: datetime
) -> None:
    times = [draw.submitted_at for draw in getattr(drawn, stage)]
    assert times == sorted(times)
    assert first < times[0] < times[-1] < last
    assert times[-1] - times[0] > timedelta(days=11)


@pytest.mark.parametrize("stage", ["annotations", "judgments"])
def test_nobody_does_two_things_at_once(drawn: Demonstration, stage: str) -> None:
    free_from: dict[str, datetime] = {}
    for draw in getattr(drawn, stage):
        assert draw.shown_at >= free_from.get(draw.person, draw.shown_at)
        assert timedelta(milliseconds=draw.active_ms) <= draw.submitted_at - draw.shown_at
        free_from[draw.person] = draw.submitted_at


def test_a_sitting_that_does_not_fit_its_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        draw_times(np.full(3, 10**8), first_day=midnight(2026, 10, 12), rng=np.random.default_rng(0))


def test_nine_methods_give_a_valid_output_for_each_request_in_two_runs(drawn: Demonstration) -> None:
    keys = {(draw.method, draw.run, draw.request) for draw in drawn.outputs}
    assert len(METHODS) == 9
    assert len(keys) == len(drawn.outputs) == 9 * 2 * len(drawn.requests)
    for draw in drawn.outputs:
        assert tuple(draw.distribution) == AREA_KEYS
        assert all(0 <= share <= 1 for share in draw.distribution.values())


def test_the_two_runs_of_a_method_differ(drawn: Demonstration) -> None:
    by_run: dict[tuple[str, int], list[dict[str, float]]] = defaultdict(list)
    for draw in drawn.outputs:
        by_run[draw.method, draw.run].append(draw.distribution)
    assert all(by_run[name, 1] != by_run[name, 2] for name in METHOD_NAMES)


def test_all_pairs_are_judged_on_sixty_texts_by_eight_uneven_judges(drawn: Demonstration) -> None:
    activity = Counter(draw.person for draw in drawn.judgments)
    pairs = {frozenset((draw.left, draw.right)) for draw in drawn.judgments}
    assert len(drawn.judged) == len({draw.request for draw in drawn.judgments}) == 60
    assert len(pairs) == 36
    assert set(activity) == {person.key for person in JUDGES}
    assert 2_300 <= len(drawn.judgments) <= 2_500
    assert max(activity.values()) > 1.5 * min(activity.values())


def test_a_judgment_belongs_to_its_comparison(drawn: Demonstration) -> None:
    for draw in drawn.judgments:
        comparison = drawn.comparisons[draw.comparison]
        assert comparison.request == draw.request
        assert set(comparison.methods) == {draw.left, draw.right}


def test_no_judge_sees_a_comparison_twice(drawn: Demonstration) -> None:
    turns = {(draw.person, draw.comparison) for draw in drawn.judgments}
    assert len(turns) == len(drawn.judgments)


def test_every_verdict_occurs_and_confidence_is_missing_only_where_none_can_be(drawn: Demonstration) -> None:
    assert {draw.verdict for draw in drawn.judgments} == {"left", "right", "both", "neither", "cannot"}
    for draw in drawn.judgments:
        assert (draw.confidence is None) == (draw.verdict == "cannot")
        assert draw.confidence is None or 1 <= draw.confidence <= 5


def test_either_side_wins_about_as_often(drawn: Demonstration) -> None:
    verdicts = Counter(draw.verdict for draw in drawn.judgments)
    n_decided = verdicts["left"] + verdicts["right"]
    assert abs(verdicts["left"] / n_decided - 0.5) < 3 * 0.5 / np.sqrt(n_decided)


def test_the_experts_have_a_ranking(drawn: Demonstration) -> None:
    wins = wins_with_half_ties(drawn)
    reached = np.linalg.matrix_power(np.eye(len(wins)) + (wins > 0), len(wins))
    assert (reached > 0).all()
    strengths = bradley_terry(wins)
    assert strengths.max() - strengths.min() > 1


@pytest.mark.parametrize("scored", ["all requests", "judged requests"])
def test_soft_micro_f1_orders_the_methods_more_like_the_experts_than_hard(
    drawn: Demonstration, scored: str
) -> None:
    every = tuple(request.id for request in drawn.requests)
    ids = every if scored == "all requests" else drawn.judged
    human, outputs = human_shares(drawn, ids), mean_outputs(drawn, ids)
    strengths = bradley_terry(wins_with_half_ties(drawn))
    soft = kendalltau(strengths, [soft_micro_f1(human, given) for given in outputs]).statistic
    hard = kendalltau(strengths, [hard_micro_f1(human, given) for given in outputs]).statistic
    assert 0.5 < soft < 1
    assert soft > hard + 0.2
