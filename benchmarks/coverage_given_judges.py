"""How often intervals with the judges as given hold what these judges would say of endless texts."""

from __future__ import annotations

import sys

import numpy as np

from hlv.stats.pairwise.comparisons import make_cells
from hlv.stats.pairwise.ranking import rank_methods
from hlv.stats.power.simulate import even_strengths, same_judges_strengths, simulate_judgments

SEED = 20_261_202
N_BOARDS = 300
N_METHODS = 10
ITEM_SD = 0.15
# judges, judgments, texts
LAYOUTS = ((3, 1_500, 80), (5, 3_000, 150), (5, 32_694, 300), (8, 1_200, 60), (15, 3_000, 100))
WANTED = (0.93, 0.98)


def table_of_given_judges(n_boards: int = N_BOARDS) -> list[str]:
    """Print the table; returns what is not as it claims."""
    print(
        f"With the judges as given: {n_boards} boards each, seed {SEED}; {N_METHODS} methods, tastes .35, texts {ITEM_SD}"
    )
    names = [str(place) for place in range(N_METHODS)]
    failed = []
    for n_judges, n_judgments, n_items in LAYOUTS:
        held, ranks, separated, by_default = [], [], [], []
        for child in np.random.SeedSequence([SEED, n_judges, n_judgments]).spawn(n_boards):
            drawn = simulate_judgments(
                even_strengths(N_METHODS, spread=2.5),
                n_judgments=n_judgments,
                n_judges=n_judges,
                n_items=n_items,
                rng=np.random.default_rng(child),
                tie_share=0.2,
                taste_sd=0.35,
                item_sd=ITEM_SD,
                evenness=2.0,
            )
            cells = make_cells(
                first=drawn.first,
                second=drawn.second,
                outcome=drawn.outcome,
                judge=drawn.judge,
                item=drawn.item,
            )
            given = rank_methods(cells, names, n_resamples=0, seed=SEED).given_judges
            if given is None or given.best_rank is None or given.worst_rank is None:
                continue
            truth = same_judges_strengths(drawn, item_sd=ITEM_SD)
            held.append(float(((given.low <= truth) & (truth <= given.high)).mean()))
            rank = np.argsort(np.argsort(-truth)) + 1
            ranks.append(bool(((given.best_rank <= rank) & (rank <= given.worst_rank)).all()))
            separated.append(given.n_separated)
            by_default.append(given.n_separated_by_default)
        coverage = float(np.mean(held))
        layout = f"{n_judges} judges, {n_judgments:,} judgments of {n_items} texts"
        print(
            f"{layout}: strengths {coverage:.1%}, all rank intervals {np.mean(ranks):.1%}; separated pairs "
            f"{np.mean(separated):.1f}, by default {np.mean(by_default):.1f} of {N_METHODS * (N_METHODS - 1) // 2}",
            flush=True,
        )
        if not WANTED[0] <= coverage <= WANTED[1]:
            failed.append(f"{layout}: with the judges as given {coverage:.1%}")
    return failed


if __name__ == "__main__":
    problems = table_of_given_judges(int(sys.argv[1]) if len(sys.argv) > 1 else N_BOARDS)
    print("\n".join(problems) or "All within what they claim.")
    sys.exit(1 if problems else 0)
