"""Rankings from pairwise judgments: Bradley-Terry, rank centrality and win rates, with intervals and checks.

`rank_methods` takes judgments as `Cells` and returns strengths, intervals, rank intervals and separations. Its parts
are functions of their own: `fit_bradley_terry` on counts, `analytic_intervals`, `compare_all_pairs`.
"""

from hlv.stats.pairwise.analytic_intervals import AnalyticIntervals, analytic_intervals
from hlv.stats.pairwise.bootstrap import Resamples, resample
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, NonConvergenceError, fit_bradley_terry
from hlv.stats.pairwise.circular_triads import circular_triads
from hlv.stats.pairwise.cluster_variance import UndeterminedIntervalError
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, UNKNOWN, Cells, make_cells, pair_counts
from hlv.stats.pairwise.goodness_of_fit import GoodnessOfFit, UndeterminedFitError, goodness_of_fit
from hlv.stats.pairwise.missing_verdicts import missing_verdicts
from hlv.stats.pairwise.mle_existence import NoRankingError, rankings_exist
from hlv.stats.pairwise.multiple_comparisons import Separation, compare_all_pairs, holm
from hlv.stats.pairwise.pair_likelihoods import PairTable, pair_table
from hlv.stats.pairwise.pair_probabilities import pair_probabilities, win_probability
from hlv.stats.pairwise.position_effect import PositionEffectFit, fit_position_effect
from hlv.stats.pairwise.rank_centrality import rank_centrality, win_rate
from hlv.stats.pairwise.ranking import rank_methods, ranks_from_strengths
from hlv.stats.pairwise.ranking_result import RankedMethod, Ranking, RankingSummary
from hlv.stats.pairwise.sample_size import most_informative, times_the_judges

__all__ = [
    "FIRST",
    "SECOND",
    "TIE",
    "UNKNOWN",
    "AnalyticIntervals",
    "BradleyTerryFit",
    "Cells",
    "GoodnessOfFit",
    "NoRankingError",
    "NonConvergenceError",
    "PairTable",
    "PositionEffectFit",
    "RankedMethod",
    "Ranking",
    "RankingSummary",
    "Resamples",
    "Separation",
    "UndeterminedFitError",
    "UndeterminedIntervalError",
    "analytic_intervals",
    "circular_triads",
    "compare_all_pairs",
    "fit_bradley_terry",
    "fit_position_effect",
    "goodness_of_fit",
    "holm",
    "make_cells",
    "missing_verdicts",
    "most_informative",
    "pair_counts",
    "pair_probabilities",
    "pair_table",
    "rank_centrality",
    "rank_methods",
    "rankings_exist",
    "ranks_from_strengths",
    "resample",
    "times_the_judges",
    "win_probability",
    "win_rate",
]
