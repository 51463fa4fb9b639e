"""hlv metaeval-table: several criteria, campaigns and studies in one table with one correction."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from annotations.models import Job
from metaeval.models import MetricAgreement, MetricDirection
from tests.hlv.commands import refusal, run
from tests.metaeval.several_campaigns import make_several
from tests.stats.meta_evaluation.test_family_correction import closed_testing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

FAST = ("--n-resamples=60", "--seed=3")
UP, DOWN = [7.0, 6, 5, 4, 3, 2, 1], [1.0, 2, 3, 4, 5, 6, 7]
NEAR, FAR = [7.0, 6, 5, 4, 3, 1, 2], [4.0, 6, 2, 7, 1, 5, 3]
ORDER, OTHER = range(7), (1, 0, 2, 3, 4, 6, 5)


def table(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("metaeval-table", *words, *FAST, "--json"))
    return found


def cells_of(found: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """By metric and column."""
    return {
        (row["name"], column["title"]): cell
        for row in found["rows"]
        for column, cell in zip(found["columns"], row["cells"], strict=True)
    }


def test_cells_are_those_of_metaeval_and_p_has_one_correction() -> None:
    make_several("one", {"accuracy": ORDER, "clarity": OTHER}, {"near": NEAR, "far": FAR})
    make_several("two", {"accuracy": OTHER}, {"near": NEAR, "up": UP})
    single = {
        (slug, name): json.loads(run("metaeval", slug, f"--campaign={name}", *FAST, "--json"))
        for slug, name in (("one", "accuracy"), ("one", "clarity"), ("two", "accuracy"))
    }

    found = table("one", "two")

    assert [column["title"] for column in found["columns"]] == [
        "one · accuracy",
        "one · clarity",
        "two · accuracy",
    ]
    cells = cells_of(found)
    expected = {
        (row["name"], f"{slug} · {name}"): row["kendall_tau_b"]
        for (slug, name), result in single.items()
        for row in result["metrics"]
    }
    for key, coefficient in expected.items():
        assert cells[key]["coefficient"]["value"] == coefficient["value"]
        assert cells[key]["coefficient"]["interval"] == coefficient["interval"]
        assert cells[key]["coefficient"]["p"] == coefficient["p"]
    adjusted = closed_testing([coefficient["p"] for coefficient in expected.values()])
    assert found["n_tests"] == len(expected) == 6
    assert [cells[key]["adjusted_p"] for key in expected] == pytest.approx(adjusted, abs=1e-12)
    # A metric that a study lacks.
    assert cells["up", "one · clarity"]["coefficient"] is None
    assert cells["up", "one · clarity"]["adjusted_p"] is None
    # Nothing was computed a second time.
    assert {column["snapshot"] for column in found["columns"]} == {
        str(one.uuid) for one in MetricAgreement.objects.all()
    }


def test_what_is_missing_is_computed_and_recompute_computes_all() -> None:
    make_several("one", {"accuracy": ORDER, "clarity": OTHER}, {"near": NEAR})
    run("metaeval", "one", "--campaign=clarity", *FAST)
    kept = MetricAgreement.objects.get()

    first = table("one")
    assert MetricAgreement.objects.count() == Job.objects.count() == 2
    assert first["columns"][1]["snapshot"] == str(kept.uuid)
    assert first["columns"][0]["seed"] == 3

    again = table("one", "--campaign=clarity", "--recompute")
    assert MetricAgreement.objects.count() == 3
    assert [column["snapshot"] for column in again["columns"]] == [
        str(MetricAgreement.objects.latest("pk").uuid)
    ]


def test_human_scores_are_columns_and_not_rows() -> None:
    make_several("one", {"accuracy": ORDER}, {"fluency": UP, "meaning": NEAR, "metric": FAR, "loss": DOWN})

    found = table("one", "--against=fluency", "--against=meaning")

    assert [column["against"] for column in found["columns"]] == ["fluency", "meaning"]
    assert [row["name"] for row in found["rows"]] == ["metric", "loss"]
    assert (found["left_out"], found["n_tests"]) == (["fluency", "meaning"], 4)
    cells = cells_of(found)
    assert cells["loss", "fluency"]["coefficient"]["value"] == -1.0
    # Chosen rows make the family; both are asked for here, and one of them has no row against itself.
    chosen = table("one", "--against=fluency", "--against=meaning", "--metric=metric", "--metric=meaning")
    assert [row["name"] for row in chosen["rows"]] == ["metric", "meaning"]
    assert chosen["n_tests"] == 3
    words = run("metaeval-table", "one", "--against=fluency", "--against=meaning", *FAST, "--details")
    assert "Significant, but in the opposite order in a column: loss." in " ".join(words.split())
    assert "Human scores of a column, and therefore no rows: fluency and meaning." in " ".join(words.split())


def test_base_models_are_columns_on_request() -> None:
    make_several("one", {"accuracy": ORDER}, {"near": NEAR, "far": FAR}, base_models=True)
    single = json.loads(run("metaeval", "one", *FAST, "--json"))

    found = table("one", "--by-base-model")

    assert [(column["title"], column["n_methods"]) for column in found["columns"]] == [
        ("accuracy · small", 4),
        ("accuracy · large", 3),
    ]
    cells = cells_of(found)
    for group in single["groups"]["each"]:
        for row in group["metrics"]:
            stored = row["kendall_tau_b"]["value"]
            assert cells[row["name"], f"accuracy · {group['group']}"]["coefficient"]["value"] == stored
    # Four methods give no p below 1/12, three none below 1/3: Holm over two and two tests.
    assert found["smallest_adjusted_p"] == pytest.approx(4 / 12)
    words = " ".join(run("metaeval-table", "one", "--by-base-model").split())
    assert "0 of 4 tested cells agree" in words
    assert "No verdict is possible: no adjusted p can be below .333" in words


def test_another_statistic_has_its_own_p() -> None:
    make_several("one", {"accuracy": ORDER}, {"near": NEAR, "far": FAR})
    single = json.loads(run("metaeval", "one", *FAST, "--json"))

    found = table("one", "--statistic=pearson")

    p_values = [row["pearson"]["p"] for row in single["metrics"]]
    cells = cells_of(found)
    assert [cells[row["name"], "accuracy"]["adjusted_p"] for row in single["metrics"]] == pytest.approx(
        closed_testing(p_values), abs=1e-12
    )


def test_the_terminal_has_the_answer_first() -> None:
    make_several("one", {"accuracy": ORDER, "clarity": OTHER}, {"near": NEAR, "far": FAR})

    words = " ".join(run("metaeval-table", "one", *FAST).split())

    assert "Agreement of metrics with people: Kendall’s τ-b" in words
    assert "2 of 4 tested cells agree with people better than chance after one Holm correction." in words
    assert "In every column: near." in words
    assert "p has one Holm correction over 4 tests of all columns" in words


def test_many_columns_are_in_several_tables_with_whole_names() -> None:
    name = "a metric with a long name of several words"
    make_several("one", {f"criterion {n}": ORDER for n in range(4)}, {name: NEAR})

    words = run("metaeval-table", "one", *FAST)

    assert words.count("Agreement of metrics with people") == 2
    assert words.count(name) >= 2


def test_files_have_every_cell_with_its_snapshot(tmp_path: Path) -> None:
    make_several("one", {"accuracy": ORDER, "clarity": OTHER}, {"near": NEAR, "far": FAR})
    make_several("two", {"50 % accuracy": OTHER}, {"near": NEAR})

    found = table("one", "two", f"--csv={tmp_path / 'all.csv'}", f"--latex={tmp_path / 'all.tex'}")

    rows = list(csv.DictReader((tmp_path / "all.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 6
    cells = cells_of(found)
    for row in rows:
        cell = cells[row["metric"], f"{row['study']} · {row['campaign']}"]
        assert row["n_tests"] == "5"
        if cell["coefficient"] is None:
            assert (row["value"], row["adjusted_p"]) == ("", "")
            continue
        assert float(row["value"]) == cell["coefficient"]["value"]
        assert [float(row["interval_low"]), float(row["interval_high"])] == cell["coefficient"]["interval"]
        assert float(row["p"]) == cell["coefficient"]["p"]
        assert float(row["adjusted_p"]) == cell["adjusted_p"]
        assert row["snapshot"] in {column["snapshot"] for column in found["columns"]}
    tex = (tmp_path / "all.tex").read_text(encoding="utf-8")
    assert r"\label{tab:agreement-over-campaigns-1}" in tex
    assert r"two · 50 \%" in tex
    assert all(column["snapshot"] in tex for column in found["columns"])


def test_an_export_has_the_table_of_each_statistic(tmp_path: Path) -> None:
    make_several("one", {"accuracy": ORDER, "clarity": OTHER}, {"near": NEAR, "far": FAR})
    found = {
        statistic: table("one", f"--statistic={statistic}") for statistic in ("kendall_tau_b", "pearson")
    }

    run("export", "one", tmp_path / "out")

    with (tmp_path / "out" / "agreement-over-campaigns.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5 * 2 * 2
    for statistic, printed in found.items():
        cells = cells_of(printed)
        for row in (one for one in rows if one["statistic"] == statistic):
            assert float(row["adjusted_p"]) == cells[row["metric"], row["campaign"]]["adjusted_p"]
    # With one human side there is nothing to correct together.
    make_several("two", {"accuracy": ORDER}, {"near": NEAR})
    table("two")
    run("export", "two", tmp_path / "other")
    assert not (tmp_path / "other" / "agreement-over-campaigns.csv").exists()


def test_a_corrected_direction_marks_its_column() -> None:
    study = make_several("one", {"accuracy": ORDER}, {"near": NEAR, "far": FAR})
    run("metaeval", "one", *FAST)
    run("set-direction", "one", "near", "down")
    assert MetricDirection.objects.filter(metric__study=study).exists()

    words = " ".join(run("metaeval-table", "one", "--details").split())

    assert "Not current: the direction of near was corrected after the snapshot of accuracy." in words


def test_refusals_name_what_is_known() -> None:
    make_several("one", {"accuracy": ORDER}, {"near": NEAR})
    run("metaeval", "one", *FAST)

    assert "There is no study 'none'" in refusal("metaeval-table", "none")
    assert "has no campaign 'style' (known: accuracy)" in refusal("metaeval-table", "one", "--campaign=style")
    assert "has no uploaded score 'mqm' (known: near)" in refusal("metaeval-table", "one", "--against=mqm")
    assert "has a metric 'bleu'; known are near." in refusal("metaeval-table", "one", "--metric=bleu")
    assert "--n-resamples and --seed take whole numbers" in refusal("metaeval-table", "one", "--seed=-1")
    make_several("empty", {}, {})
    assert "There is no metric agreement yet" in refusal("metaeval-table", "empty")
