"""The published numbers that tests hold us to are those of the reference, example by example."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.published import boards, figures, ratings

# what was printed or computed there and nothing here computes, by example
NOT_OURS: Final = {
    "krippendorff_2011_C": {"expected/alpha_interval", "expected/alpha_ratio"},
    "gwet_raw4raters": {"expected/ac1_se", *(f"data/categories/{place}" for place in range(5))},
    "fleiss_1971": {"expected/p_e", "expected/z"},
    "cohen_1960": {"expected/chance"},
}


def _against(names: tuple[str, ...], reference: str, values: tuple[float, ...]) -> dict[str, float]:
    return dict(zip((name for name in names if name != reference), values, strict=True))


def _digits(rows: list[list[str | None]]) -> list[list[int | None]]:
    return [[None if answer is None else int(answer) for answer in row] for row in rows]


def _ours() -> dict[str, dict[str, Any]]:
    """Our literals of every example, arranged as the reference arranges them."""
    baltimore = boards.TEAMS[-1]
    tau = figures.SMALLEST_TAU
    return {
        "bradley_terry_baseball_1987": {
            "data": {
                "rows": [
                    [boards.TEAMS[home], boards.TEAMS[away], won, lost]
                    for home, away, won, lost in boards.BASEBALL
                ],
                "side_effect": False,
            },
            "expected": {
                "strength_minus_Baltimore": _against(boards.TEAMS, baltimore, boards.BASEBALL_STRENGTHS),
                "model_se": _against(boards.TEAMS, baltimore, boards.BASEBALL_ERRORS),
                "residual_deviance_42_rows": boards.BASEBALL_DEVIANCE,
            },
        },
        "bradley_terry_side_effect_baseball_1987": {
            "data": {"side_effect": True, "first_is_home": True},
            "expected": {
                "side_effect": boards.HOME_EFFECT,
                "side_effect_se": boards.HOME_EFFECT_ERROR,
                "strength_minus_Baltimore": _against(boards.TEAMS, baltimore, boards.HOME_STRENGTHS),
                "share_sum1_rounded_3": _against(boards.TEAMS, "", boards.HOME_SHARES),
                "residual_deviance": boards.HOME_DEVIANCE,
                "likelihood_ratio": boards.HOME_LIKELIHOOD_RATIO,
            },
        },
        "bradley_terry_citations": {
            "data": {"methods": boards.JOURNALS, "wins_row_over_column": boards.CITATIONS},
            "expected": {
                "strength_minus_Biometrika": _against(
                    boards.JOURNALS, "Biometrika", boards.CITATION_STRENGTHS
                ),
                "model_se": _against(boards.JOURNALS, "Biometrika", boards.CITATION_ERRORS),
                "residual_deviance_df3": boards.CITATION_DEVIANCE,
            },
        },
        "davidson_pudding": {
            "data": {"rows": [[*pair, *counts] for pair, counts in boards.PUDDING.items()]},
            "expected": {
                "worth_sum1": boards.PUDDING_WORTHS,
                "nu": boards.PUDDING_NU,
                "log_likelihood": boards.PUDDING_LOG_LIKELIHOOD,
                "strength_sum0": boards.PUDDING_STRENGTHS,
            },
        },
        "half_ties_pudding": {"expected": {"strength_sum0": boards.PUDDING_HALF_TIES}},
        "rao_kupper_pudding": {
            "expected": {
                "strength_sum0": boards.PUDDING_RAO_KUPPER,
                "theta": boards.PUDDING_THETA,
                "log_likelihood": boards.PUDDING_RAO_KUPPER_LOG_LIKELIHOOD,
            }
        },
        "rank_centrality_pudding_three_tie_rules": {
            "expected": {
                "ties_only_in_denominator_as_paper_counts": boards.PUDDING_CENTRALITY["denominator"],
                "ties_dropped": boards.PUDDING_CENTRALITY["drop"],
                "ties_half": boards.PUDDING_CENTRALITY["half"],
            }
        },
        "existence_tie_models_2_methods": {
            "data": {"rows": [["A", "B", *boards.ONE_WAY_WITH_TIES]]},
            "expected": {"half_ties_difference_A_minus_B": boards.ONE_WAY_DIFFERENCE},
        },
        "existence_tie_models_3_methods": {
            "data": {
                "rows": [
                    ["A", "B", boards.CYCLE_WINS, 0, 0],
                    ["B", "C", boards.CYCLE_WINS, 0, 0],
                    ["A", "C", 0, 0, boards.CYCLE_TIES],
                ]
            },
            "expected": {
                "davidson": {
                    "strength_A_minus_B": boards.CYCLE_DAVIDSON[0],
                    "strength_A_minus_C": boards.CYCLE_DAVIDSON[1],
                    "log_nu": boards.CYCLE_LOG_NU,
                },
                "rao_kupper": {
                    "strength_A_minus_B": boards.CYCLE_RAO_KUPPER[0],
                    "strength_A_minus_C": boards.CYCLE_RAO_KUPPER[1],
                },
            },
        },
        "circular_triads_dog": {
            "data": {"methods": boards.FOODS, "row_beats_column": boards.DOG},
            "expected": {
                "wins": [sum(row) for row in boards.DOG],
                "circular_triads": boards.DOG_CIRCULAR,
                "maximum": boards.DOG_MOST_CIRCULAR,
                "zeta": boards.DOG_ZETA,
                "expected_by_chance": boards.DOG_BY_CHANCE,
                "p_at_most_observed": boards.DOG_P,
            },
        },
        "krippendorff_2011_A": {
            "data": {"ratings": _digits(ratings.KRIPPENDORFF_A)},
            "expected": {"alpha_nominal": ratings.KRIPPENDORFF_A_ALPHA},
        },
        "krippendorff_2011_B": {
            "data": {"ratings": ratings.KRIPPENDORFF_B},
            "expected": {"alpha_nominal": ratings.KRIPPENDORFF_B_ALPHA},
        },
        "krippendorff_2011_C": {
            "data": {"ratings": _digits(ratings.KRIPPENDORFF_C)},
            "expected": {
                "alpha_nominal": ratings.KRIPPENDORFF_C_ALPHA,
                "alpha_ordinal": ratings.KRIPPENDORFF_C_ORDINAL,
            },
        },
        "gwet_raw4raters": {
            "data": {"ratings": _digits(ratings.KRIPPENDORFF_C)},
            "expected": {
                "gwet_ac1": ratings.GWET_AC1,
                "fleiss_generalised": ratings.GWET_FLEISS,
                "percent": ratings.GWET_PERCENT,
            },
        },
        "gwet_ac1_paradox": {
            "data": {"table": ratings.PARADOX},
            "expected": {
                "gwet_ac1": ratings.PARADOX_AC1,
                "cohen_kappa": ratings.PARADOX_KAPPA,
                "percent": ratings.PARADOX_PERCENT,
            },
        },
        "gwet_3x3_abstractors": {
            "data": {"table": ratings.ABSTRACTORS},
            "expected": {
                "cohen_kappa": ratings.ABSTRACTORS_KAPPA,
                "scott_pi": ratings.ABSTRACTORS_PI,
                "gwet_ac1": ratings.ABSTRACTORS_AC1,
                "percent": ratings.ABSTRACTORS_PERCENT,
            },
        },
        "fleiss_1971": {
            "data": {"categories": ratings.DIAGNOSES, "counts": ratings.PATIENTS},
            "expected": {
                "kappa": ratings.PATIENTS_KAPPA,
                "p_bar": ratings.PATIENTS_PERCENT,
                "per_category": ratings.PATIENTS_KAPPA_OF_EACH,
            },
        },
        "fleiss_wikipedia": {
            "data": {"counts": ratings.FOURTEEN_RATERS},
            "expected": {"kappa": ratings.FOURTEEN_RATERS_KAPPA},
        },
        "cohen_1960": {
            "data": {"table": ratings.COHEN},
            "expected": {"kappa": ratings.COHEN_KAPPA, "percent": ratings.COHEN_PERCENT},
        },
        "williams_steiger": {
            "data": {
                "n": figures.STEIGER_N,
                "r12": figures.STEIGER_R12,
                "r13": figures.STEIGER_R13,
                "r23": figures.STEIGER_R23,
            },
            "expected": {
                "t": figures.STEIGER_T,
                "df": figures.STEIGER_DEGREES,
                "p_two_sided": figures.STEIGER_P,
            },
        },
        "kendall_critical_values": {
            "data": {"M": list(tau), "two_sided_alpha": 0.05},
            "expected": {
                "smallest_abs_tau": [pair and pair[0] for pair in tau.values()],
                "p_there": [pair and pair[1] for pair in tau.values()],
            },
        },
        "po_jsd_paper_test": {
            "data": {"P": [figures.SHARES_OF_PEOPLE], "Q": [figures.SHARES_OF_A_MODEL]},
            "expected": {"po_jsd": figures.PO_JSD, "soft_accuracy": figures.SOFT_ACCURACY},
        },
        "hard_accuracy_not_label_permutation_invariant": {
            "data": {"P": [figures.TIED_PEOPLE], "Q": [figures.CERTAIN_MODEL]},
            "expected": {
                "hard_accuracy": figures.TIED_ACCURACY,
                "after_swapping_both_labels": figures.TIED_ACCURACY_SWAPPED,
            },
        },
        "holm_needs_permutations": {
            "data": {"tests": figures.HOLM_TESTS, "alpha": 0.05, "K": figures.HOLM_PERMUTATIONS},
            "expected": {"smallest_holm_p": figures.HOLM_SMALLEST_P, "K_needed": figures.HOLM_NEEDED},
        },
    }


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, part in node.items():
            # a sentence in the place of a number, or the names of the columns
            if not isinstance(part, str) and key != "columns":
                yield from _leaves(part, f"{path}/{key}".removeprefix("/"))
    elif isinstance(node, list | tuple):
        for place, part in enumerate(node):
            yield from _leaves(part, f"{path}/{place}")
    else:
        yield path, node if node is None or isinstance(node, str | bool) else float(node)


def _numbers(leaves: dict[str, Any]) -> dict[str, float]:
    return {path: leaf for path, leaf in leaves.items() if isinstance(leaf, float)}


def _others(leaves: dict[str, Any]) -> dict[str, Any]:
    return {path: leaf for path, leaf in leaves.items() if not isinstance(leaf, float)}


def test_every_worked_example_stands_in_our_literals_with_its_numbers(shared_reference: Path) -> None:
    examples = json.loads((shared_reference / "worked_examples.json").read_text(encoding="utf-8"))
    ours = _ours()

    assert sorted(ours) == sorted(example["name"] for example in examples)
    assert len(examples) == 24
    for example in examples:
        name = example["name"]
        theirs = dict(_leaves({"data": example["data"], "expected": example["expected"]}))
        known = {path: leaf for path, leaf in theirs.items() if path not in NOT_OURS.get(name, set())}
        assert set(theirs) - set(known) == NOT_OURS.get(name, set()), name
        mine = dict(_leaves(ours[name]))
        assert _others(mine) == _others(known), name
        assert _numbers(mine) == pytest.approx(_numbers(known), rel=0, abs=1e-12), name
