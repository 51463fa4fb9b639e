"""hlv paper-tables: tables by hand, from files alone."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from hlv.stats.agreement.coefficients import krippendorff_alpha

BOTH, NEITHER, A, B = (True, True), (False, False), (True, False), (False, True)
# input, judge, verdict; the judge 2 answers input 0 again, and the later answer counts.
ANSWERS = (
    *((0, 1, A), (0, 2, B), (1, 1, BOTH), (1, 2, BOTH), (2, 1, NEITHER), (2, 2, B), (3, 1, A), (3, 2, A)),
    *((4, 1, B), (5, 1, A)),
)
AGAIN = (0, 2, A)
LISTED = ("0,ReL,MV", "1,MV,ReL", "2,SL,ReL", "3,MV,SL", "4,ReL,MV", "5,SL,MV")
OUTPUTS = {"ReL": {"x": 0.75, "y": 0.5}, "MV": {"x": 1.0}, "SL": {"y": 1.0, "x": 0.25}}
TEXTS = ("first", "second")


def answer(
    input_id: int, judge: int, verdict: tuple[bool, bool], time: str = "2024-09-27T04:49:00"
) -> object:
    return {
        "inputId": input_id,
        "annotatorId": judge,
        "timestamp": time,
        "preferredHLVAnnotation": {"isOptionAPreferred": verdict[0], "isOptionBPreferred": verdict[1]},
    }


def shown(shares: dict[str, float]) -> object:
    return [{"areaOfLaw": label, "confidence": share} for label, share in shares.items()]


def write_files(
    folder: Path, *, header: str = "id,optionA,optionB", listed: tuple[str, ...] = LISTED
) -> list[Path]:
    pairs = [line.split(",") for line in listed]
    outputs = OUTPUTS | {"A": {"x": 0.5}, "B": {"x": 0.5}}
    inputs = [
        {
            "id": int(number),
            "text": TEXTS[int(number) % 2],
            "optionA": shown(outputs[a]),
            "optionB": shown(outputs[b]),
        }
        for number, a, b in pairs
    ]
    labelled = [
        {"input": {"text": text}, "output": {"classes": classes}, "metadata": {"annotator": number}}
        for text in TEXTS
        for number, classes in enumerate((["x"], ["x", "y"], []))
    ]
    lines = {
        "data.jsonl": [*(answer(*one) for one in ANSWERS), answer(*AGAIN, "2024-09-28T04:49:00")],
        "input.jsonl": inputs,
        "all.jsonl": labelled,
    }
    for name, rows in lines.items():
        (folder / name).write_text("\n".join(json.dumps(row) for row in rows))
    (folder / "metadata.csv").write_text("\n".join([header, *listed]))
    return [folder / name for name in ("data.jsonl", "metadata.csv", "input.jsonl", "all.jsonl")]


def tables(folder: Path, files: list[Path], *words: str) -> dict[str, list[dict[str, str]]]:
    out = folder / "tables"
    call_command("paper_tables", *map(str, files), *words, "--out", str(out), stdout=StringIO())
    return {
        path.stem: list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
        for path in out.glob("*.csv")
    }


def row(rows: list[dict[str, str]], **wanted: str) -> dict[str, str]:
    (found,) = [one for one in rows if wanted.items() <= one.items()]
    return found


def test_wins_count_the_latest_answer_and_both_kinds_of_ties(tmp_path: Path) -> None:
    found = tables(tmp_path, write_files(tmp_path))
    of_pair = row(found["wins"], method="ReL", against="MV")
    assert {name: of_pair[name] for name in ("wins", "losses", "both", "neither", "n_judgments")} == {
        "wins": "2", "losses": "1", "both": "2", "neither": "0", "n_judgments": "5",
    }  # fmt: skip


def test_rank_centrality_with_the_papers_ties_differs_from_half_ties(tmp_path: Path) -> None:
    """The stationary shares of the walk, checked against its balance equations."""
    rows = tables(tmp_path, write_files(tmp_path))["ranking"]
    wins = {
        ("ReL", "MV"): 2,
        ("MV", "ReL"): 1,
        ("ReL", "SL"): 1,
        ("SL", "ReL"): 0,
        ("MV", "SL"): 2,
        ("SL", "MV"): 1,
    }
    met = {frozenset(("ReL", "MV")): 5, frozenset(("ReL", "SL")): 2, frozenset(("MV", "SL")): 3}
    share = {one["method"]: float(one["rank_centrality_of_the_paper"]) for one in rows}
    assert sum(share.values()) == pytest.approx(1)
    for method in share:
        into = sum(share[o] * wins[method, o] / met[frozenset((method, o))] for o in share if o != method)
        out = sum(share[method] * wins[o, method] / met[frozenset((method, o))] for o in share if o != method)
        assert into == pytest.approx(out)
    assert share != {one["method"]: float(one["rank_centrality_half_ties"]) for one in rows}


def test_the_agreement_of_verdicts_is_alpha_of_four_categories(tmp_path: Path) -> None:
    found = row(tables(tmp_path, write_files(tmp_path))["verdict-agreement"], base_model="all")
    # Inputs by left, right, both, neither.
    counts = [[2, 0, 0, 0], [0, 0, 2, 0], [0, 1, 0, 1], [2, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]]
    assert float(found["alpha"]) == pytest.approx(krippendorff_alpha(counts))
    assert (found["n_judgments"], found["n_inputs"], found["n_inputs_of_several"]) == ("10", "6", "4")


def test_scores_and_labels_use_the_outputs_as_shown(tmp_path: Path) -> None:
    """People: x 2/3, y 1/3 on both texts, so x alone is chosen above one half."""
    found = tables(tmp_path, write_files(tmp_path))
    score = row(found["scores"], method="MV", metric="hard_micro_f1")
    assert (score["value"], score["n_texts"]) == ("1.0", "2")
    label = row(found["labels"], kind="hard", method="SL", label="y")
    assert (label["precision"], label["recall"], label["support"]) == ("0.0", "1.0", "0.0")
    soft = row(found["labels"], kind="soft", method="SL", label="x")
    assert float(soft["recall"]) == pytest.approx(0.25 / (2 / 3))
    assert {one["n_methods"] for one in found["metric-agreement"]} <= {"3", "2"}
    tau = row(
        found["metric-agreement"],
        metric="soft_micro_f1",
        ranking="bradley_terry_half_ties",
        statistic="kendall_tau_b",
    )
    assert -1 <= float(tau["value"]) <= 1


def test_scores_have_intervals_over_texts(tmp_path: Path) -> None:
    """On both texts each method has the same score, so every resample has it too."""
    found = tables(tmp_path, write_files(tmp_path))["scores"]
    score = row(found, method="SL", metric="soft_micro_f1")
    assert float(score["interval_low"]) == pytest.approx(float(score["value"]))
    assert float(score["interval_high"]) == pytest.approx(float(score["value"]))


def test_strengths_have_the_intervals_of_a_ranking(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    listed = tuple(f"{number},{pair}" for number, pair in enumerate(("ReL,MV", "MV,SL", "ReL,SL") * 4))
    files = write_files(tmp_path, listed=listed)
    verdicts = (A, B, BOTH)
    lines = [
        answer(number, judge, verdicts[int(rng.integers(3))]) for number in range(12) for judge in range(9)
    ]
    files[0].write_text("\n".join(map(json.dumps, lines)))
    for one in tables(tmp_path, files)["ranking"]:
        ends = float(one["bradley_terry_low"]), float(one["bradley_terry_high"])
        assert ends[0] < float(one["bradley_terry_half_ties"]) < ends[1]


def write_many(folder: Path) -> list[Path]:
    """Nine judges on 12 inputs of three methods."""
    rng = np.random.default_rng(3)
    listed = tuple(f"{number},{pair}" for number, pair in enumerate(("ReL,MV", "MV,SL", "ReL,SL") * 4))
    files = write_files(folder, listed=listed)
    lines = [
        answer(number, judge, (A, B, BOTH)[int(rng.integers(3))])
        for number in range(12)
        for judge in range(9)
    ]
    files[0].write_text("\n".join(map(json.dumps, lines)))
    return files


def test_rank_centralities_have_bootstrap_intervals_over_judges_and_texts(tmp_path: Path) -> None:
    """The standard error that the interval shows is that of the delete-one-judge jackknife, another estimator."""
    files = write_many(tmp_path)
    rows = tables(tmp_path, files)["ranking"]

    lines = [json.loads(line) for line in files[0].read_text().splitlines()]
    for ties in ("of_the_paper", "half_ties"):
        name = f"rank_centrality_{ties}"
        for one in rows:
            low, high = float(one[f"{name}_low"]), float(one[f"{name}_high"])
            assert 0 < low < float(one[name]) < high < 1
    without = []
    for judge in range(9):
        kept = [line for line in lines if line["annotatorId"] != judge]
        files[0].write_text("\n".join(map(json.dumps, kept)))
        left = tables(tmp_path, files)["ranking"]
        without.append([float(one["rank_centrality_half_ties"]) for one in left])
    jackknife = np.sqrt(8 / 9 * ((np.array(without) - np.mean(without, axis=0)) ** 2).sum(axis=0))
    shown = np.array(
        [
            float(one["rank_centrality_half_ties_high"]) - float(one["rank_centrality_half_ties_low"])
            for one in rows
        ]
    ) / (2 * 1.96)
    # Judges and texts are drawn, so it is at least that of judges; two texts add little here.
    assert (shown > 0.8 * jackknife).all()
    assert (shown < 3 * jackknife).all()


def test_an_interval_of_few_resamples_with_an_answer_is_blank_with_its_reason(tmp_path: Path) -> None:
    rows = tables(tmp_path, write_files(tmp_path))["ranking"]
    for one in rows:
        assert one["rank_centrality_of_the_paper_low"] == ""
        assert "Rank centrality, denominator: interval not estimable" in one["undetermined"]


@pytest.mark.slow
def test_figures_are_drawn_for_each_base_model(tmp_path: Path) -> None:
    files = write_many(tmp_path)
    tables(tmp_path, files, "--base-model", "roberta", "--min-input-id", "llama=6", "--figures")

    drawn = {path.name for path in (tmp_path / "tables").iterdir() if path.suffix in {".svg", ".pdf"}}
    assert drawn == {
        f"{name}-{base}.{ending}"
        for name in ("ranking", "wins", "rank-centrality", "metric-agreement")
        for base in ("roberta", "llama")
        for ending in ("svg", "pdf")
    }
    svg = (tmp_path / "tables" / "ranking-llama.svg").read_text(encoding="utf-8")
    assert all(method in svg for method in OUTPUTS)
    assert (tmp_path / "tables" / "metric-agreement-llama.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.usefixtures("blank_figures")
def test_one_base_model_needs_no_name_in_its_figures_and_no_ranking_has_none(tmp_path: Path) -> None:
    files = write_many(tmp_path)
    tables(tmp_path, files, "--figures")
    found = {path.stem for path in (tmp_path / "tables").glob("*.svg")}
    assert found == {"ranking", "wins", "rank-centrality", "metric-agreement"}
    files[0].write_text(json.dumps(answer(0, 1, A)))
    (tmp_path / "other").mkdir()
    tables(tmp_path / "other", files, "--figures")
    assert not list((tmp_path / "other" / "tables").glob("*.svg"))


def write_single(folder: Path) -> list[Path]:
    """Every annotation has one label; what judges saw of an output sums to less than 1."""
    files = write_files(folder)
    labelled = [
        {"input": {"text": text}, "output": {"class": label}, "metadata": {"annotator": number}}
        for text in TEXTS
        for number, label in enumerate(("x", "x", "y"))
    ]
    files[3].write_text("\n".join(map(json.dumps, labelled)))
    return files


def test_annotations_of_one_label_each_are_scored_as_single_label(tmp_path: Path) -> None:
    files = write_single(tmp_path)
    found = tables(tmp_path, files)["scores"]
    # ReL shows x .75 and y .5, which is .6 and .4; people gave x 2/3 and y 1/3.
    assert float(row(found, method="ReL", metric="soft_accuracy")["value"]) == pytest.approx(0.6 + 1 / 3)
    assert row(found, method="SL", metric="hard_accuracy")["value"] == "0.0"
    several = tables(tmp_path, files, "--task", "multilabel")["scores"]
    assert "soft_accuracy" not in {one["metric"] for one in several}
    assert row(several, method="MV", metric="hard_micro_f1")["value"] == "1.0"


def test_an_output_without_labels_is_no_single_label_distribution(tmp_path: Path) -> None:
    files = write_single(tmp_path)
    of_rel, nothing = json.dumps(shown(OUTPUTS["ReL"])), json.dumps(shown({"x": 0.0}))
    files[2].write_text(files[2].read_text().replace(of_rel, nothing))
    with pytest.raises(CommandError, match=r"“ReL” lists no label .* --task multilabel"):
        tables(tmp_path, files)


def test_two_base_models_have_tables_of_their_own(tmp_path: Path) -> None:
    words = ("--base-model", "roberta", "--min-input-id", "llama=3")
    found = tables(tmp_path, write_files(tmp_path), *words)
    assert {one["base_model"] for one in found["wins"]} == {"roberta", "llama"}
    assert row(found["wins"], base_model="llama", method="ReL", against="MV")["n_judgments"] == "1"


def test_votes_against_the_human_distribution(tmp_path: Path) -> None:
    files = write_files(tmp_path, header="id,method,trueHLV", listed=("0,ReL,A", "1,ReL,B"))
    lines = [json.dumps(answer(*one)) for one in ((0, 1, A), (0, 2, BOTH), (1, 1, A), (1, 2, NEITHER))]
    files[0].write_text("\n".join(lines))
    inputs = [
        {"id": 0, "text": "first", "optionA": shown({"y": 1.0}), "optionB": shown(OUTPUTS["ReL"])},
        {"id": 1, "text": "second", "optionA": shown(OUTPUTS["ReL"]), "optionB": shown({"y": 1.0})},
    ]
    files[2].write_text("\n".join(map(json.dumps, inputs)))
    (found,) = tables(tmp_path, files)["votes-against-human"]
    assert [float(found[name]) for name in ("method_only", "human_only", "both", "neither")] == [0.25] * 4
    assert (found["n_judgments"], found["n_texts"]) == ("4", "2")


def test_a_ranking_that_the_judgments_do_not_determine_has_its_reason(tmp_path: Path) -> None:
    files = write_files(tmp_path)
    files[0].write_text(json.dumps(answer(0, 1, A)))
    found = row(tables(tmp_path, files)["ranking"], method="ReL")
    assert found["bradley_terry_half_ties"] == ""
    assert found["undetermined"]


def test_files_that_cannot_be_read_are_refused_with_their_row(tmp_path: Path) -> None:
    files = write_files(tmp_path)
    files[0].write_text(json.dumps(answer(99, 1, A)))
    with pytest.raises(CommandError, match=r"data\.jsonl, row 1.*“99” is not in the list of options"):
        tables(tmp_path, files)
    with pytest.raises(CommandError, match=r"data\.jsonl .* is missing"):
        tables(tmp_path, files[1:])
    assert not (tmp_path / "tables").exists()
