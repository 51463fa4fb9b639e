"""Sensitivity analysis: the ranking under other choices, with changes in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.models import Job
from hlv.core.rendering.numbers import COUNT, RANK, SIGNED, P, written
from hlv.core.rendering.sentences import capital, listed, reason
from hlv.core.rendering.tables import Cell, Column, Table, TableRow, count_cell, missing
from hlv.stats.meta_evaluation.sensitivity import ComparedVariant
from metaeval.models import Ranking, Sensitivity
from metaeval.results.ranking import SensitivityResult, read_sensitivity

KINDS = {
    "metrics": _lazy("Texts for metrics"),
    "model": _lazy("Tie rule and model"),
    "side": _lazy("Sides"),
    "fast": _lazy("Pace"),
    "judge": _lazy("Without a judge"),
    "base model": _lazy("Single base model"),
    "resampling": _lazy("Resampling unit"),
}
MODELS = {
    "bradley-terry, half": _lazy("Bradley–Terry, ties half a win each"),
    "bradley-terry, davidson": _lazy("Bradley–Terry, Davidson ties"),
    "bradley-terry, rao-kupper": _lazy("Bradley–Terry, Rao-Kupper ties"),
    "bradley-terry, drop": _lazy("Bradley–Terry, ties left out"),
    "rank-centrality, half": _lazy("Rank centrality"),
    "win-rate, half": _lazy("Win rate"),
    "metrics on judged texts": _lazy("Metrics on the judged texts only"),
    "sides taken into account": _lazy("With a side effect"),
    "without fast answers": _lazy("Without fast answers"),
    "judges": _lazy("judges"),
    "items": _lazy("texts"),
    "both": _lazy("judges and texts"),
    "judgments": _lazy("single judgments"),
}
# A page shows so many; the file has all.
MOST_JUDGES = 12
SENSITIVITY_HEADER: Final = (
    *("campaign", "kind", "choice", "n_judgments", "leaders", "largest_rank_change", "tau", "best_metrics"),
    *("best_tau", "best_n_methods", "changes", "undetermined"),
)
# In the order of their cells in a row.
_IN_FILES: Final = (
    *("kind", "choice", "leaders", "largest_rank_change", "best_metrics", "best_tau", "best_n_methods"),
    *("changes", "undetermined"),
)


@dataclass(frozen=True)
class SensitivitySection:
    """`snapshot` is None before the first; `running` is the job that is asked for and not over."""

    snapshot: Sensitivity | None
    running: Job | None
    is_stale: bool = False
    summary: str = ""
    table: Table | None = None
    notes: tuple[str, ...] = ()


def sensitivity_section(
    found: Sensitivity | None, ranked: Ranking, running: Job | None
) -> SensitivitySection:
    if found is None:
        return SensitivitySection(None, running)
    result = read_sensitivity(found)
    return SensitivitySection(
        found,
        running,
        is_stale=found.ranking_id != ranked.pk,
        summary=reason(found.undetermined) or " ".join(what_changes(result)),
        table=None if found.undetermined else sensitivity_table(result),
        notes=sensitivity_notes(result),
    )


def what_changes(result: SensitivityResult) -> list[str]:
    rows = result.variants
    answered = [row for row in rows if row.undetermined is None]
    sentences = []
    for key, none, some in (
        (
            "leader",
            _("The same method leads under all %(of)s alternatives."),
            _("Another method leads under %(n)s of %(of)s alternatives: %(names)s."),
        ),
        (
            "metric",
            _("The same metric agrees best under all of them."),
            _("Another metric agrees best under %(n)s of %(of)s: %(names)s."),
        ),
        (
            "order",
            _("No rank changes."),
            _("Ranks change under %(n)s of %(of)s: %(names)s."),
        ),
        (
            "firsts",
            "",
            _("The set of possible first methods changes under %(n)s of %(of)s: %(names)s."),
        ),
    ):
        # Other texts for the metrics leave the ranking as it is.
        asked = [row for row in answered if key == "metric" or row.kind != "metrics"]
        if key == "metric":
            # Of too few methods no metric is called the best.
            asked = [row for row in answered if row.best_metrics]
            if not asked:
                continue
            if len(asked) < len(answered):
                none = _(
                    "The same metric agrees best under the %(of)s alternatives that determine a best metric."
                )
        changed = [row for row in asked if key in row.changes]
        facts = {
            "n": len(changed),
            "of": len(asked),
            "names": listed([choice_words(row) for row in changed]),
        }
        if words := some if changed else none:
            sentences.append(words % facts)
    sentences += [_beyond_words(row) for row in answered if "beyond" in row.changes]
    refused = len(rows) - len(answered)
    if refused:
        sentences.append(
            ngettext("%(n)s alternative has no result.", "%(n)s alternatives have no result.", refused)
            % {"n": refused}
        )
    return sentences


def _beyond_words(row: ComparedVariant) -> str:
    facts = row.facts
    return _(
        "Scored on the %(items)s judged texts only, %(n)s of %(of)s metrics agree better than chance; on all "
        "texts, %(before)s."
    ) % {
        "items": written(facts.n_items, COUNT),
        "n": facts.n_beyond,
        "of": facts.n_metrics,
        "before": facts.n_beyond_before,
    }


def choice_words(row: ComparedVariant) -> str:
    if row.kind == "judge":
        return _("without %(judge)s") % {"judge": row.name}
    if row.kind == "base model":
        return _("%(name)s only") % {"name": row.name}
    words = str(MODELS.get(row.name, row.name))
    return _("bootstrap over %(unit)s") % {"unit": words} if row.kind == "resampling" else words


def change_words(row: ComparedVariant) -> str:
    """What is otherwise, for the mark beside a row."""
    sentences = []
    for change in row.changes:
        sentences.append(
            {
                "leader": _("another method leads"),
                "order": _("ranks change by up to %(n)s")
                % {"n": written(row.largest_rank_change or 0, RANK)},
                "metric": _("another metric agrees best"),
                "firsts": _("other possible first methods"),
                "beyond": _("other metrics agree better than chance"),
            }[change]
        )
    return capital(", ".join(sentences))


def sensitivity_table(
    result: SensitivityResult, *, most_judges: int | None = MOST_JUDGES, campaign: str = ""
) -> Table:
    """The ranking itself, then each other choice; a file has all judges, in the order of their numbers."""
    columns: list[str | Column] = [
        _("Choice"),
        _("Change"),
        _("First"),
        Column(_("Rank order, τ-b"), names=("tau",)),
        _("Best metric"),
        Column(_("Judgments"), names=("n_judgments",)),
        *(Column(name, names=(name,), media=frozenset()) for name in _IN_FILES),
    ]
    note = _("Rank order: τ-b with the strengths of the current ranking, over the same methods.")
    note = " ".join(filter(None, [note, _metrics_left_out(result)]))
    shown = result.variants
    if most_judges is not None:
        shown, more = _most_changed(shown, most_judges)
        if more:
            note += " " + ngettext(
                "The CSV has %(n)s more judge, with smaller changes.",
                "The CSV has %(n)s more judges, with smaller changes.",
                more,
            ) % {"n": more}
    base = result.base
    rows = [] if base is None else [_row(base, _("Current ranking"), base)]
    rows += [_row(row, capital(choice_words(row)), base) for row in shown if base is not None]
    return Table(
        columns,
        rows,
        note=note,
        title=_("Sensitivity analysis: the ranking under other choices"),
        everywhere={"campaign": campaign},
    )


def _most_changed(rows: list[ComparedVariant], most: int) -> tuple[list[ComparedVariant], int]:
    """Of many judges those without whom most changes, and how many more there are."""
    judges = [row for row in rows if row.kind == "judge"]
    judges.sort(
        key=lambda row: (row.undetermined is None, -len(row.changes), -(row.largest_rank_change or 0))
    )
    others = [row for row in rows if row.kind != "judge"]
    place = next((n for n, row in enumerate(others) if row.kind in ("base model", "resampling")), len(others))
    return [*others[:place], *judges[:most], *others[place:]], max(0, len(judges) - most)


def _row(row: ComparedVariant, words: str, base: ComparedVariant) -> TableRow:
    if row.undetermined is not None or not row.leaders:
        why = str(row.undetermined or _("fewer than two methods have a strength"))
        dash = missing(why)
        shown = [Cell(_("no result")), dash, dash, dash, count_cell(row.n_judgments)]
        return TableRow(words, [*shown, *_in_files(row)], why)
    changes = change_words(row)
    if row.kind == "base":
        changed = missing(_("the reference"))
    else:
        changed = Cell(changes, strong=True) if changes else Cell(_("nothing"))
    firsts = row.possible_firsts
    remark = ""
    if firsts and (row.kind in ("base", "resampling")):
        remark = _("possible first: %(names)s") % {"names": listed(firsts, most=8)}
    facts = row.facts
    if facts.side_effect is not None:
        remark = _("the left side adds %(value)s log odds, p %(p)s") % {
            "value": written(facts.side_effect, SIGNED),
            "p": written(facts.p, P),
        }
    if facts.n_beyond is not None:
        remark = _("%(n)s of %(of)s metrics better than chance, %(before)s on all texts") % {
            "n": facts.n_beyond,
            "of": facts.n_metrics,
            "before": facts.n_beyond_before,
        }
    return TableRow(
        words,
        [
            changed,
            Cell(_("same")) if _as_before("leader", row, base) else Cell(listed(row.leaders)),
            missing(_("undefined")) if row.tau is None else Cell(row.tau),
            _best(row, base),
            count_cell(row.n_judgments),
            *_in_files(row),
        ],
        remark,
    )


def _in_files(row: ComparedVariant) -> list[Cell]:
    values = (
        row.kind, row.name, "; ".join(row.leaders), row.largest_rank_change, "; ".join(row.best_metrics), row.best_tau,
        row.best_n_methods, "; ".join(row.changes), row.undetermined,
    )  # fmt: skip
    return [Cell(value) for value in values]


def _as_before(change: str, row: ComparedVariant, base: ComparedVariant) -> bool:
    """Of a part of the methods another may be first without a change: it is named."""
    key = {"leader": "leaders", "metric": "best_metrics"}[change]
    return row is not base and change not in row.changes and getattr(row, key) == getattr(base, key)


def _best(row: ComparedVariant, base: ComparedVariant) -> Cell:
    n_methods = row.best_n_methods
    of = _("of %(n)s methods") % {"n": n_methods} if n_methods else ""
    if why := row.best_undetermined:
        return Cell("–", note=of, reason=str(why))
    if not row.best_metrics:
        return missing(_("no metric"))
    words = _("same") if _as_before("metric", row, base) else listed(row.best_metrics)
    return Cell(words, note=" ".join(filter(None, [f"τ-b {written(row.best_tau)}", of])))


def _metrics_left_out(result: SensitivityResult) -> str:
    """Metrics that score fewer methods are not compared."""
    left_out = [] if result.base is None else result.base.best_left_out
    if not left_out:
        return ""
    return _("Best metric: among those that score the same methods; %(names)s left out.") % {
        "names": listed(left_out, most=8)
    }


def sensitivity_notes(result: SensitivityResult) -> tuple[str, ...]:
    n = result.n_fast
    fast = (
        ngettext("%(n)s judgment was fast.", "%(n)s judgments were fast.", n) % {"n": f"{n:,}"} if n else ""
    )
    return tuple(filter(None, (result.fast_rule, fast, result.fast_undetermined)))
