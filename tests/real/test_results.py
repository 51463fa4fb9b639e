"""The commands on real data, against numbers that others published or computed."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from metaeval.models import MetricAgreement, Ranking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

# Enough to see intervals; the estimates do not depend on it.
FEW = "--n-resamples=60"


def hlv(*words: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(words[0].replace("-", "_"), *words[1:], stdout=out, stderr=StringIO())
    return out.getvalue()


def hlv_json(*words: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(hlv(*words, "--json"))
    return result


def strengths(ranking: dict[str, Any]) -> dict[str, float]:
    return {method["name"]: method["strength"] for method in ranking["methods"]}


def metric(agreement: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (row for row in agreement["metrics"] if row["name"] == name)
    return found  # type: ignore[no-any-return]  # rows of JSON


@pytest.mark.slow
def test_llmfao_gives_the_reference_ranking_and_both_automatic_judges(
    shared_data: Path, shared_reference: Path
) -> None:
    expected = json.loads((shared_reference / "llmfao_ranking.json").read_text(encoding="utf-8"))
    folder = shared_data / "llmfao"
    hlv("create-study", "llmfao")
    hlv(
        "import",
        "judgments",
        str(folder / "crowd-comparisons.csv"),
        "--study=llmfao",
        "--map",
        "item=prompt",
        "judge=worker",
    )
    for name in ("gpt3-crowd", "gpt4-crowd"):
        hlv(
            "import", "judgments", str(folder / f"{name}-comparisons.csv"), "--study=llmfao", f"--automatic={name}",
            "--map", "item=prompt",
        )  # fmt: skip
    half = hlv_json("rank", "llmfao", FEW)
    assert strengths(half) == pytest.approx(expected["crowd"]["half_tie_strengths"], abs=1e-6)
    assert (half["n_judgments"], half["n_judges"], half["undetermined"]) == (8931, 124, None)
    assert sum(strengths(half).values()) == pytest.approx(0, abs=1e-9)
    davidson = hlv_json("rank", "llmfao", "--ties=davidson", "--n-resamples=0")
    assert strengths(davidson) == pytest.approx(expected["crowd"]["davidson_strengths"], abs=1e-6)
    assert davidson["tie_parameter"] == pytest.approx(expected["crowd"]["davidson_tie_parameter"], abs=1e-6)
    agreement = hlv_json("metaeval", "llmfao", FEW)
    for name in ("gpt3-crowd", "gpt4-crowd"):
        row, reference = metric(agreement, name), expected[name]["agreement_with_crowd"]
        tau = row["kendall_tau_b"]
        assert tau["value"] == pytest.approx(reference["kendall_tau_b"], abs=1e-6)
        assert tau["interval"][0] < tau["interval"][1]
        assert (row["n_methods"], row["n_resamples"]) == (59, 60)
    assert metric(agreement, "gpt4-crowd")["n_resamples_without_answer"] > 0


@pytest.mark.parametrize(("name", "alpha"), [("HS-Brexit", 0.3475), ("ArMIS", 0.5242)])
def test_lewidi_agreement_over_all_splits(shared_data: Path, name: str, alpha: float) -> None:
    files = [str(path) for path in sorted((shared_data / "lewidi2023" / name).glob("*.json"))]
    hlv("create-study", "lewidi", "--task=single", "--labels=0,1")
    hlv("import", "items", *files, "--study=lewidi")
    hlv("import", "annotations", *files, "--study=lewidi")
    found = hlv_json("agreement", "lewidi", "--n-resamples=50")["krippendorff_alpha"]
    assert found["value"] == pytest.approx(alpha, abs=5e-5)
    assert found["interval"][0] < alpha < found["interval"][1]


def test_reasoning_ncp_joins_judgments_and_scores_of_the_same_systems(
    shared_data: Path, tmp_path: Path
) -> None:
    folder, names = shared_data / "reasoning_ncp", tmp_path / "names.csv"
    names.write_text(
        "judgments,metrics\nbase3b,base3\nbasesft_3b,sft3\nbasewr_3b,basewr3\ntrained_3b,rl3\n",
        encoding="utf-8",
    )
    hlv("create-study", "ncp")
    criteria = ("plot", "character", "creativity", "development", "language", "overall_quality")
    for criterion in criteria:
        hlv(
            "import", "judgments", str(folder / "3b_pairwise_annotations.csv"), "--study=ncp", f"--campaign={criterion}",
            "--map", f"winner={criterion}", "left,right=options", "item=texts",
        )  # fmt: skip
    hlv(
        "import", "scores", str(folder / "raw_automated_metrics_3b.csv"), "--study=ncp", f"--names={names}",
        "--map", "method=key", "metric=cat", "value=val",
    )  # fmt: skip
    with pytest.raises(CommandError, match="several campaigns; name one with --campaign"):
        hlv("metaeval", "ncp")
    agreement = hlv_json("metaeval", "ncp", "--campaign=overall_quality", FEW)
    assert (agreement["n_methods"], agreement["resampling_unit"], agreement["n_judges"]) == (4, "items", 0)
    assert any("judges are not known" in note for note in agreement["ranking_notes"])
    assert any(".083" in note and "Add methods" in note for note in agreement["notes"])
    row = metric(agreement, "num_words")
    assert row["kendall_tau_b"]["p"] >= 0.083
    assert row["n_methods"] == 4
    assert Ranking.objects.get(campaign__name="overall_quality").result["n_judgments"] == 120


@pytest.mark.slow
def test_alpaca_eval_against_a_human_column_with_blanks(shared_data: Path) -> None:
    hlv("create-study", "alpaca")
    hlv(
        "import",
        "scores",
        str(shared_data / "alpaca_eval" / "benchmarks.csv"),
        "--study=alpaca",
        "--map",
        "method=Model",
    )
    agreement = hlv_json("metaeval", "alpaca", "--against=Arena Elo [Feb 2, 2024]")
    for name, spearman in (("LC AlpacaEval 2.0", 0.975), ("AlpacaEval 2.0", 0.931)):
        row = metric(agreement, name)
        assert row["spearman"]["value"] == pytest.approx(spearman, abs=5e-4)
        assert row["spearman"]["interval"] is None
        assert row["interval_rule"] == "No interval: neither side was resampled."
        assert row["n_methods"] == 37
    assert MetricAgreement.objects.get().against is not None


def test_vague_contracts_is_a_legal_study_by_column_mapping(shared_data: Path) -> None:
    file = str(shared_data / "vague_contracts" / "main-merged.csv")
    hlv("create-study", "vague", "--task=single", "--labels=yes,no,cantdecide")
    hlv("import", "items", file, "--study=vague", "--map", "item=title+version", "text=header+continuation")
    said = hlv(
        "import", "annotations", file, "--study=vague", "--certainty-range=0:4", "--duplicates=all", "--map",
        "item=title+version", "annotator=workerid", "label=individual_judgment", "certainty=confidence",
    )  # fmt: skip
    assert "4,140 annotations added from 4,140 records" in said
    found = hlv_json("agreement", "vague", "--n-resamples=20")
    assert found["entered"]["n_answers"] == 4140
    assert found["entered"]["n_items"] == 138


def test_chaosnli_counts_give_agreement_without_annotators(shared_data: Path) -> None:
    file = str(shared_data / "chaosnli" / "chaosNLI_snli.jsonl")
    hlv("create-study", "chaosnli", "--task=single", "--labels=e,n,c")
    hlv("import", "items", file, "--study=chaosnli")
    hlv("import", "annotations", file, "--study=chaosnli")
    found = hlv_json("agreement", "chaosnli", "--n-resamples=10")
    assert 0 < found["krippendorff_alpha"]["value"] < 1
    assert (found["entered"]["n_annotators"], found["entered"]["n_items"]) == (None, 1514)
    assert "counts without annotators" in found["cohen_kappa"]["undetermined"]
