"""Rankings and metric agreement from columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import polars
import pytest
from scipy import stats

from hlv.stats import InvalidColumnError, metric_agreement, rank_methods, score_methods

N = 600


def make_judgments(seed: int = 3, **more: Any) -> dict[str, list[Any]]:
    rng = np.random.default_rng(seed)
    first = rng.integers(4, size=N)
    second = (first + rng.integers(1, 4, size=N)) % 4
    wins = rng.random(N) < 1 / (1 + np.exp(0.8 * (first - second)))
    return {
        "first": [f"m{n}" for n in first],
        "second": [f"m{n}" for n in second],
        "winner": [f"m{n}" for n in np.where(wins, first, second)],
        "judge": [f"judge {n}" for n in rng.integers(10, size=N)],
        "item": [f"text {n}" for n in rng.integers(30, size=N)],
        **more,
    }


@pytest.mark.parametrize("frame", [pandas.DataFrame, polars.DataFrame])
def test_columns_of_every_library_give_the_same_ranking(frame: Any) -> None:
    columns = make_judgments()
    table = frame(columns)
    found = rank_methods(**columns, n_resamples=50)
    assert [method.name for method in found.methods] == ["m0", "m1", "m2", "m3"]
    same = rank_methods(**{name: table[name] for name in columns}, n_resamples=50)
    np.testing.assert_array_equal(same.ranking.low, found.ranking.low)


def test_the_order_of_rows_changes_nothing() -> None:
    columns = make_judgments()
    order = np.random.default_rng(1).permutation(N)
    shuffled = {name: [cells[place] for place in order] for name, cells in columns.items()}
    found, again = (rank_methods(**rows, n_resamples=50).columns() for rows in (columns, shuffled))
    for name in ("method", "rank", "best_rank", "worst_rank"):
        assert again[name] == found[name]
    np.testing.assert_allclose(again["low"], found["low"], atol=1e-12)  # type: ignore[arg-type]


def test_winners_may_be_words() -> None:
    columns = make_judgments()
    words = [
        "model_a" if one == best else "model_b"
        for one, best in zip(columns["first"], columns["winner"], strict=True)
    ]
    found, worded = (rank_methods(**rows, n_resamples=0) for rows in (columns, {**columns, "winner": words}))
    np.testing.assert_array_equal(worded.ranking.strengths, found.ranking.strengths)


def test_ties_are_counted() -> None:
    columns = make_judgments()
    columns["winner"][:60] = ["tie"] * 60
    assert rank_methods(**columns, ties="davidson", n_resamples=0).ranking.n_ties == 60


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"winner": ["c"]}, "The winner 'c' in row 0 is neither 'a' nor 'b'"),
        ({"second": ["a"]}, "Row 0 compares 'a' with itself"),
        ({"winner": [None]}, "winner is missing in row 0"),
        ({"judge": ["x", "y"]}, "judge has 2 rows, but the other columns have 1"),
    ],
)
def test_bad_judgments_are_refused_in_a_sentence(columns: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidColumnError, match=sentence):
        rank_methods(**{"first": ["a"], "second": ["b"], "winner": ["a"], **columns})


def test_no_ranking_is_an_answer_with_a_reason() -> None:
    found = rank_methods(first=["a", "c"], second=["b", "d"], winner=["a", "c"])
    assert found.undetermined is not None
    assert found.caption == f"No ranking: {found.undetermined}"
    assert set(found.columns()["strength"]) == {None}


def make_predictions() -> tuple[Any, dict[str, Any]]:
    rng = np.random.default_rng(4)
    human = rng.dirichlet([3, 1, 1], 30)
    noisy = {f"m{n}": rng.dirichlet([1, 1, 1], 30) for n in range(4)}
    return human, {
        name: human * (0.8 - 0.2 * n) + output * (0.2 + 0.2 * n)
        for n, (name, output) in enumerate(noisy.items())
    }


def test_agreement_with_scores_has_intervals() -> None:
    human, predictions = make_predictions()
    ranking = rank_methods(**make_judgments(), n_resamples=100)
    scores = score_methods(human, predictions, metrics=["po_jsd", "brier_loss"], n_resamples=100)
    tau = metric_agreement(ranking, scores).coefficient("brier_loss")
    assert tau.value == 1.0
    assert tau.interval is not None


@pytest.mark.parametrize("as_frame", [False, True])
def test_agreement_of_given_scores_is_the_correlation(as_frame: bool) -> None:
    people = {"a": 1.2, "b": 0.4, "c": -0.1, "d": -0.5}
    given = {"loss": {"a": 0.1, "b": 0.3, "c": 0.2, "d": 0.9}}
    found = metric_agreement(
        pandas.Series(people) if as_frame else people,
        pandas.DataFrame(given) if as_frame else given,
        lower_is_better=["loss"],
    )
    x, y = [-loss for loss in given["loss"].values()], list(people.values())
    peers = {"kendall_tau_b": stats.kendalltau, "spearman": stats.spearmanr, "pearson": stats.pearsonr}
    for name, peer in peers.items():
        assert found.coefficient("loss", name).value == pytest.approx(peer(x, y).statistic)


def test_a_method_without_a_score_is_left_out() -> None:
    people = {"a": 3.0, "b": 2.0, "c": 1.0, "d": 0.0}
    found = metric_agreement(people, {"metric": {"a": 3.0, "b": 2.0, "c": float("nan")}})
    assert found.agreement.metrics[0].left_out == ["c", "d"]


def test_what_cannot_be_compared_is_refused_in_a_sentence() -> None:
    human, predictions = make_predictions()
    ranking = rank_methods(**make_judgments(), n_resamples=50)
    with pytest.raises(ValueError, match="give both the same n_resamples"):
        metric_agreement(ranking, score_methods(human, predictions, metrics=["po_jsd"], n_resamples=60))
    same = {**predictions, "m1": predictions["m0"]}
    with pytest.raises(ValueError, match="'m0' and 'm1' have identical predictions"):
        metric_agreement(ranking, score_methods(human, same, metrics=["po_jsd"], n_resamples=50))
    with pytest.raises(ValueError, match="No method has both"):
        metric_agreement({"x": 1.0, "y": 2.0}, {"metric": {"a": 1.0}})
    with pytest.raises(ValueError, match="names 'loss', which is none of the metrics"):
        metric_agreement({"a": 1.0, "b": 2.0}, {"metric": {"a": 1.0, "b": 2.0}}, lower_is_better=["loss"])


def test_a_progress_bar_ends_at_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    rank_methods(**make_judgments(), n_resamples=200, progress=True)
    assert capsys.readouterr().err.endswith("[##############################] 100%\n")
