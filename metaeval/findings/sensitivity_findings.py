"""What a finding rests on: the ranking under other choices, with what changes marked in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.models import Job
from hlv.core.rendering.numbers import figure, p_text
from hlv.core.rendering.sentences import capital, listed, spelled
from hlv.core.rendering.tables import Cell, Table, TableRow, missing
from metaeval.models import Ranking, Sensitivity

KINDS = {
    "metrics": _lazy("Texts of the metrics"),
    "model": _lazy("Ties and model"),
    "side": _lazy("Sides"),
    "fast": _lazy("Pace"),
    "judge": _lazy("Without a judge"),
    "base model": _lazy("Base model alone"),
    "resampling": _lazy("Drawn again"),
}
MODELS = {
    "bradley-terry, half": _lazy("Bradley–Terry, ties half a win each"),
    "bradley-terry, davidson": _lazy("Bradley–Terry, ties after Davidson"),
    "bradley-terry, rao-kupper": _lazy("Bradley–Terry, ties after Rao and Kupper"),
    "bradley-terry, drop": _lazy("Bradley–Terry, ties left out"),
    "rank-centrality, half": _lazy("Rank centrality"),
    "win-rate, half": _lazy("Win rate"),
    "metrics on judged texts": _lazy("Metrics on the judged texts only"),
    "sides taken into account": _lazy("Sides taken into account"),
    "without fast answers": _lazy("Without fast answers"),
    "judges": _lazy("judges"),
    "items": _lazy("texts"),
    "both": _lazy("judges and texts"),
    "judgments": _lazy("bare judgments"),
}
# Of these a change is worth a row; the others stand in the file.
MOST_JUDGES = 12


@dataclass(frozen=True)
class SensitivitySection:
    """`snapshot` is None before the first; `running` is the job that is asked for and not over."""

    snapshot: Sensitivity | None
    running: Job | None
    is_stale: bool = False
    says: str = ""
    table: Table | None = None
    notes: tuple[str, ...] = ()


def sensitivity_section(
    found: Sensitivity | None, ranked: Ranking, running: Job | None
) -> SensitivitySection:
    if found is None:
        return SensitivitySection(None, running)
    result = found.result
    return SensitivitySection(
        found,
        running,
        is_stale=found.ranking_id != ranked.pk,
        says=found.undetermined or what_changes(result),
        table=None if found.undetermined else sensitivity_table(result),
        notes=sensitivity_notes(result),
    )


def what_changes(result: Mapping[str, Any]) -> str:
    rows = result["variants"]
    answered = [row for row in rows if row["undetermined"] is None]
    said = []
    for key, none, some in (
        (
            "leader",
            _("The same method leads under every one of %(of)s other choices."),
            _("Another method leads under %(n)s of %(of)s other choices: %(names)s."),
        ),
        (
            "metric",
            _("The same metric agrees best under all of them."),
            _("Another metric agrees best under %(n)s of %(of)s: %(names)s."),
        ),
        (
            "order",
            _("No rank moves."),
            _("Ranks move under %(n)s of %(of)s: %(names)s."),
        ),
        (
            "firsts",
            "",
            _("Other methods may be first under %(n)s of %(of)s: %(names)s."),
        ),
    ):
        # Other texts for the metrics leave the ranking as it is.
        asked = [row for row in answered if key == "metric" or row["kind"] != "metrics"]
        if key == "metric":
            # Of too few methods no metric is called the best.
            asked = [row for row in answered if row.get("best_metrics")]
            if not asked:
                continue
            if len(asked) < len(answered):
                none = _("The same metric agrees best under the %(of)s of them where one can be told.")
        changed = [row for row in asked if key in row["changes"]]
        facts = {
            "n": len(changed),
            "of": len(asked),
            "names": listed([choice_words(row) for row in changed]),
        }
        if words := some if changed else none:
            said.append(words % facts)
    said += [_beyond_words(row) for row in answered if "beyond" in row["changes"]]
    refused = len(rows) - len(answered)
    if refused:
        said.append(
            ngettext("%(n)s choice has no answer.", "%(n)s choices have no answer.", refused) % {"n": refused}
        )
    return " ".join(said)


def _beyond_words(row: Mapping[str, Any]) -> str:
    facts = row["facts"]
    return _(
        "Scored on the %(items)s judged texts alone, %(n)s of %(of)s metrics agree beyond chance; on all texts %(before)s."
    ) % {
        "items": f"{facts['n_items']:,}",
        "n": spelled(facts["n_beyond"]) if facts["n_beyond"] else _("none"),
        "of": spelled(facts["n_metrics"]),
        "before": spelled(facts["n_beyond_before"]) if facts["n_beyond_before"] else _("none"),
    }


def choice_words(row: Mapping[str, Any]) -> str:
    if row["kind"] == "judge":
        return _("without %(judge)s") % {"judge": row["name"]}
    if row["kind"] == "base model":
        return _("%(name)s alone") % {"name": row["name"]}
    words = str(MODELS.get(row["name"], row["name"]))
    return _("%(unit)s drawn again") % {"unit": words} if row["kind"] == "resampling" else words


def change_words(row: Mapping[str, Any]) -> str:
    """What is otherwise, for the mark beside a row."""
    said = []
    for change in row["changes"]:
        said.append(
            {
                "leader": _("another leads"),
                "order": _("ranks move by up to %(n)s") % {"n": f"{row.get('largest_rank_change', 0):g}"},
                "metric": _("another metric agrees best"),
                "firsts": _("other methods may be first"),
                "beyond": _("other metrics are beyond chance"),
            }[change]
        )
    return capital(", ".join(said))


def sensitivity_table(result: Mapping[str, Any]) -> Table:
    heads = [
        _("Choice"),
        _("What changes"),
        _("First"),
        _("Rank order, τ-b"),
        _("Best metric"),
        _("Judgments"),
    ]
    base = result["base"]
    rows = [_row(base, _("The ranking itself"), base)]
    judges = [row for row in result["variants"] if row["kind"] == "judge"]
    # Of many judges those come first without whom most is otherwise.
    judges.sort(
        key=lambda row: (
            row["undetermined"] is None,
            -len(row["changes"]),
            -row.get("largest_rank_change", 0),
        )
    )
    kept = judges[:MOST_JUDGES]
    shown = [row for row in result["variants"] if row["kind"] != "judge"]
    place = next(
        (n for n, row in enumerate(shown) if row["kind"] in ("base model", "resampling")), len(shown)
    )
    rows += [_row(row, capital(choice_words(row)), base) for row in [*shown[:place], *kept, *shown[place:]]]
    more = len(judges) - len(kept)
    note = _("Rank order: τ-b of the strengths with those of the ranking itself, over the same methods.")
    note = " ".join(filter(None, [note, _metrics_left_out(result)]))
    if more:
        note += " " + ngettext(
            "%(n)s more judge, without whom less changes, stands in the CSV.",
            "%(n)s more judges, without whom less changes, stand in the CSV.",
            more,
        ) % {"n": more}
    return Table(heads, rows, note=note)


def _row(row: Mapping[str, Any], words: str, base: Mapping[str, Any]) -> TableRow:
    if row["undetermined"] is not None or "leaders" not in row:
        why = str(row["undetermined"] or _("fewer than two methods have a strength"))
        dash = missing(why)
        return TableRow(words, [Cell(_("no answer")), dash, dash, dash, Cell(f"{row['n_judgments']:,}")], why)
    changes = change_words(row)
    if row["kind"] == "base":
        changed = missing(_("this is what the others are held against"))
    else:
        changed = Cell(changes, strong=True) if changes else Cell(_("nothing"))
    firsts = row.get("possible_firsts")
    remark = ""
    if firsts and (row["kind"] in ("base", "resampling")):
        remark = _("may be first: %(names)s") % {"names": listed(firsts, most=8)}
    facts = row.get("facts") or {}
    if "side_effect" in facts:
        remark = _("the left is favoured by %(value)s log odds, p %(p)s") % {
            "value": figure(facts["side_effect"], signed=True),
            "p": p_text(facts["p"]),
        }
    if "n_beyond" in facts:
        remark = _("%(n)s of %(of)s metrics beyond chance, %(before)s on all texts") % {
            "n": facts["n_beyond"],
            "of": facts["n_metrics"],
            "before": facts["n_beyond_before"],
        }
    tau = row["tau"]
    return TableRow(
        words,
        [
            changed,
            Cell(_("the same")) if _as_before("leader", row, base) else Cell(listed(row["leaders"])),
            missing(_("undefined")) if tau is None else Cell(figure(tau)),
            _best(row, base),
            Cell(f"{row['n_judgments']:,}"),
        ],
        remark,
    )


def _as_before(change: str, row: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Of a part of the methods another may be first without a change: it is named."""
    key = {"leader": "leaders", "metric": "best_metrics"}[change]
    return row is not base and change not in row["changes"] and row[key] == base[key]


def _best(row: Mapping[str, Any], base: Mapping[str, Any]) -> Cell:
    n_methods = row.get("best_n_methods")
    of = _("of %(n)s methods") % {"n": n_methods} if n_methods else ""
    if why := row.get("best_undetermined"):
        return Cell("–", beside=of, reason=str(why))
    if not row["best_metrics"]:
        return missing(_("no metric"))
    words = _("the same") if _as_before("metric", row, base) else listed(row["best_metrics"])
    return Cell(words, beside=" ".join(filter(None, [f"τ-b {figure(row['best_tau'])}", of])))


def _metrics_left_out(result: Mapping[str, Any]) -> str:
    """Who scores fewer methods than the others is not held against them."""
    left_out = result["base"].get("best_left_out") or []
    if not left_out:
        return ""
    return _("Best metric: of those that score the same methods; %(names)s left out.") % {
        "names": listed(left_out, most=8)
    }


def sensitivity_notes(result: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    if result.get("fast_rule"):
        notes.append(result["fast_rule"])
    if result.get("n_fast"):
        notes.append(
            ngettext("%(n)s judgment was fast.", "%(n)s judgments were fast.", result["n_fast"])
            % {"n": f"{result['n_fast']:,}"}
        )
    if result.get("fast_undetermined"):
        notes.append(result["fast_undetermined"])
    return tuple(notes)
