"""Which metrics agree with the experts: sentences made from the numbers of a snapshot and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import p_text
from hlv.core.rendering.sentences import capital, listed, spelled, told, with_interval
from hlv.stats.pairwise.multiple_comparisons import holm
from metaeval.figures.metric_agreement import lettered_groups
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_counts import JudgedTexts, MetricCounts, count_metrics, judged_texts
from metaeval.results.metric_rows import LEVEL, Chance, MetricRow, chance_of_tau

MORE_METHODS = 5
# Of a τ-b: what a reader would call another number.
WORTH_SAYING = 0.02


@dataclass(frozen=True)
class AgreementRead:
    """The compared metrics, apart by whether chance may do it: copies of one of them stand in `counts` alone.

    `against` turn the order of the experts upside down: that is beyond chance too, and no agreement. `after_holm` are
    those of `beyond` that remain where the number of compared metrics is corrected for.
    """

    beyond: list[MetricRow]
    against: list[MetricRow]
    within: list[MetricRow]
    counts: MetricCounts
    n_methods: int
    # Metrics may score different methods; the fewest that one of them scores.
    fewest: int
    after_holm: list[MetricRow]
    judged: JudgedTexts | None = None

    @property
    def methods(self) -> str:
        """What the metrics rank, as part of a sentence."""
        if self.fewest == self.n_methods:
            return _("the %(n)s methods") % {"n": spelled(self.n_methods)}
        return _("the %(fewest)s to %(most)s methods that each scores") % {
            "fewest": spelled(self.fewest),
            "most": spelled(self.n_methods),
        }

    @property
    def n_metrics(self) -> int:
        return len(self.counts.compared)

    @property
    def chance(self) -> Chance | None:
        return chance_of_tau(self.n_methods) if self.n_methods >= 2 else None


def agreement_read(result: MetricAgreementResult) -> AgreementRead:
    counts = count_metrics(result.rows)
    answered = counts.compared
    beyond = [row for row in answered if not row.is_within_chance and row.tau and row.tau.value > 0]
    return AgreementRead(
        beyond=beyond,
        against=[row for row in answered if not row.is_within_chance and row.tau and row.tau.value <= 0],
        within=[row for row in answered if row.is_within_chance],
        counts=counts,
        n_methods=max((row.n_methods or 0 for row in answered), default=0),
        fewest=min((row.n_methods or 0 for row in answered), default=0),
        after_holm=_after_holm(answered, beyond),
        judged=judged_texts(result),
    )


def _after_holm(compared: Sequence[MetricRow], beyond: Sequence[MetricRow]) -> list[MetricRow]:
    """One without a p of its own keeps what chance alone says: nothing could be corrected."""
    tested = [row for row in compared if row.tau and row.tau.p is not None]
    adjusted = holm(np.array([row.tau.p for row in tested if row.tau], dtype=np.float64))
    lost = {row.name for row, p in zip(tested, adjusted.tolist(), strict=True) if p >= LEVEL}
    return [row for row in beyond if row.name not in lost]


def counted_metrics(counts: MetricCounts) -> str:
    """Which of all metrics the other sentences count, and why not the rest; nothing where they count all."""
    if counts.n_all == len(counts.compared):
        return ""
    said = [
        ngettext(
            "Of %(of)s metrics %(n)s is compared.",
            "Of %(of)s metrics %(n)s are compared.",
            len(counts.compared),
        )
        % {"of": spelled(counts.n_all), "n": spelled(len(counts.compared))}
    ]
    if counts.n_copies:
        names = {row.name: row.label for row in counts.compared}
        said.append(
            ngettext(
                "%(n)s only rescales another and counts with it: %(pairs)s.",
                "%(n)s only rescale another and count with it: %(pairs)s.",
                counts.n_copies,
            )
            % {
                "n": capital(spelled(counts.n_copies)),
                "pairs": "; ".join(
                    _("%(copies)s with %(name)s")
                    % {"copies": listed([row.label for row in rows]), "name": listed([names[key]])}
                    for key, rows in counts.copies.items()
                ),
            }
        )
    if counts.without_value:
        said.append(
            ngettext(
                "%(n)s has no value: %(names)s.", "%(n)s have no value: %(names)s.", len(counts.without_value)
            )
            % {
                "n": capital(spelled(len(counts.without_value))),
                "names": listed([row.label for row in counts.without_value]),
            }
        )
    return " ".join(said)


def compared_with_one_another(counts: MetricCounts, result: MetricAgreementResult) -> str:
    """Which metrics with a value were not tested against the others, and why; nothing where all were."""
    differences = result.by_tau
    if differences is None or differences.undetermined or not differences.tested:
        return ""
    names: dict[str, list[str]] = {}
    for row in counts.compared:
        if row.name in differences.left_out:
            why = differences.left_out[row.name].rstrip(".")
            names.setdefault(f"i{why[1:]}" if why.startswith("It ") else why, []).append(row.label)
    if not names:
        return ""
    return _("%(n)s of the %(of)s are also compared with one another; left out of that: %(names)s.") % {
        "n": capital(spelled(differences.n_compared)),
        "of": spelled(len(counts.compared)),
        "names": "; ".join(
            _("%(names)s (%(why)s)") % {"names": listed(of), "why": why} for why, of in names.items()
        ),
    }


def agreement_headline(read: AgreementRead, result: MetricAgreementResult, *, experts: str) -> str:
    methods, k, m = read.methods, len(read.beyond), read.n_metrics
    if m == 0:
        return _("No metric could be compared with %(experts)s.") % {"experts": experts}
    if read.chance is not None and read.chance.beyond is None:
        return _(
            "With %(n)s methods no metric can be shown to rank them as %(experts)s do: "
            "even the same order would have p = %(p)s."
        ) % {
            "n": spelled(read.n_methods),
            "experts": experts,
            "p": p_text(read.chance.smallest_p),
        }
    if k == 0 and read.against:
        return ngettext(
            "No metric ranks %(methods)s as %(experts)s do; %(names)s ranks them against %(experts)s.",
            "No metric ranks %(methods)s as %(experts)s do; %(names)s rank them against %(experts)s.",
            len(read.against),
        ) % {"methods": methods, "experts": experts, "names": listed([row.label for row in read.against])}
    if k == 0:
        return _("No metric is shown to rank %(methods)s as %(experts)s do: chance may do it.") % {
            "methods": methods,
            "experts": experts,
        }
    corrected = _corrected(read)
    first = capital(
        ngettext(
            "%(k)s of %(m)s metrics ranks %(methods)s more like %(experts)s than chance would%(corrected)s.",
            "%(k)s of %(m)s metrics rank %(methods)s more like %(experts)s than chance would%(corrected)s.",
            k,
        )
        % {
            "k": spelled(k),
            "m": spelled(m),
            "methods": methods,
            "experts": experts,
            "corrected": corrected,
        }
    )
    if m == k:
        all_of_them = {
            1: _("The one metric ranks %(methods)s more like %(experts)s than chance would."),
            2: _("Both metrics rank %(methods)s more like %(experts)s than chance would%(corrected)s."),
        }.get(
            k, _("All %(k)s metrics rank %(methods)s more like %(experts)s than chance would%(corrected)s.")
        )
        first = all_of_them % {
            "k": spelled(k),
            "methods": methods,
            "experts": experts,
            "corrected": corrected,
        }
    return f"{first} {_nearest(read, result)}" if k > 1 else first


def _corrected(read: AgreementRead) -> str:
    """How many remain where the number of metrics is corrected for; nothing where all do."""
    n_left = len(read.after_holm)
    if n_left == len(read.beyond):
        return ""
    return _(", %(n)s after Holm’s rule") % {"n": spelled(n_left) if n_left else _("none")}


def _nearest(read: AgreementRead, result: MetricAgreementResult) -> str:
    """Whether one metric may be called the nearest: only where the data set it apart from all others."""
    top = read.beyond[0]
    rivals = [row for row in read.counts.compared if row is not top]
    groups, differences = lettered_groups(result), result.by_tau
    if differences is not None and not differences.undetermined:
        # A metric that could not be compared with the others is nobody's superior.
        best = differences.copies.get(differences.best or "", [])
        alone = top.name in best and not (
            differences.not_different_from_best or differences.not_tested_with_best
        )
        alone = alone and all(row.name not in differences.left_out for row in rivals)
    elif groups:
        alone = not any(top.name in group.members for group in groups)
    else:
        alone = all(_below(rival, top) for rival in rivals)
    if alone:
        return _("%(name)s comes nearest.") % {"name": listed([top.label])}
    return _("Which of them comes nearest, these data cannot say.")


def _below(rival: MetricRow, top: MetricRow) -> bool:
    if rival.tau is None or top.tau is None or rival.tau.high is None or top.tau.low is None:
        return False
    return rival.tau.high < top.tau.low


def what_agreement_shows(read: AgreementRead, *, experts: str) -> list[str]:
    sentences = []
    if read.beyond:
        taus = [row.tau.value for row in read.beyond if row.tau]
        reach = with_interval(read.beyond[0].tau) if len(taus) == 1 and read.beyond[0].tau else _reach(taus)
        sentences.append(
            ngettext(
                "%(names)s agrees with %(experts)s beyond chance (τ-b %(reach)s; p < .05, not corrected for "
                "the number of metrics).",
                "%(names)s agree with %(experts)s beyond chance (τ-b %(reach)s; p < .05 each, not corrected for "
                "the number of metrics).",
                len(read.beyond),
            )
            % {
                "names": capital(listed([row.label for row in read.beyond])),
                "experts": experts,
                "reach": reach,
            }
            + _held_after_holm(read)
        )
        sentences += _held_on_judged_texts(read)
    if read.against:
        taus = [row.tau.value for row in read.against if row.tau]
        sentences.append(
            ngettext(
                "%(names)s ranks the methods against %(experts)s (τ-b %(reach)s; p < .05): the more it "
                "gives, the less they do. Is its direction right?",
                "%(names)s rank the methods against %(experts)s (τ-b %(reach)s; p < .05 each): the more they "
                "give, the less %(experts)s do. Are their directions right?",
                len(read.against),
            )
            % {
                "names": capital(listed([row.label for row in read.against])),
                "experts": experts,
                "reach": _reach(taus),
            }
        )
    return sentences


def _held_after_holm(read: AgreementRead) -> str:
    if read.n_metrics < 2:
        return ""
    facts = {"m": spelled(read.n_metrics), "names": listed([row.label for row in read.after_holm], most=8)}
    if len(read.after_holm) == len(read.beyond):
        return " " + _("The same after Holm’s rule over all %(m)s that are compared.") % facts
    if not read.after_holm:
        return " " + _("After Holm’s rule over all %(m)s that are compared none remains.") % facts
    return " " + _("After Holm’s rule over all %(m)s that are compared there remain %(names)s.") % facts


def _held_on_judged_texts(read: AgreementRead) -> list[str]:
    """Metrics are scored on all texts, and judges saw some: whether those alone say the same."""
    judged = read.judged
    if judged is None or not judged.before:
        return []
    n_before, n_kept = len(judged.before), len(judged.kept)
    whose = _("these %(n)s") if n_before == len(read.beyond) else _("the %(n)s of these that are scored here")
    facts = {
        "items": f"{judged.n_items:,}",
        "whose": whose % {"n": spelled(n_before)},
        "n": spelled(n_kept) if n_kept else _("none"),
        "names": listed([row.label for row in judged.lost], most=8),
    }
    if not judged.lost:
        words = ngettext(
            "Scored on the %(items)s judged texts alone it agrees beyond chance, too.",
            "Scored on the %(items)s judged texts alone they agree beyond chance, too.",
            n_before,
        )
    else:
        words = ngettext(
            "Scored on the %(items)s judged texts alone it is within what chance gives.",
            "Scored on the %(items)s judged texts alone, %(n)s of %(whose)s are still beyond chance; not %(names)s.",
            n_before,
        )
    return [words % facts]


def _reach(taus: Sequence[float]) -> str:
    """From the lowest to the highest; one number where two digits do not tell them apart."""
    low, high = told(min(taus)), told(max(taus))
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def what_agreement_leaves_unclear(read: AgreementRead) -> list[str]:
    sentences = []
    if read.within:
        sentences.append(
            ngettext(
                "Whether %(names)s ranks the methods better than chance.",
                "Whether %(names)s rank the methods better than chance.",
                len(read.within),
            )
            % {"names": listed([row.label for row in read.within])}
        )
    chance = read.chance
    if chance is not None and chance.beyond is not None:
        sentences.append(
            _("With %(n)s methods, a τ-b of %(within)s or less is within what chance gives.")
            % {"n": spelled(chance.n_methods), "within": told(chance.within)}
        )
        if read.fewest < read.n_methods:
            sentences.append(_("A metric that scores fewer methods must agree more than that."))
    elif chance is not None:
        sentences.append(
            _("With %(n)s methods the smallest possible p is %(p)s.")
            % {"n": spelled(chance.n_methods), "p": p_text(chance.smallest_p)}
        )
    return sentences


def what_improves_agreement(read: AgreementRead) -> list[str]:
    sentences: list[str] = []
    chance = read.chance
    if chance is not None:
        more = chance_of_tau(chance.n_methods + MORE_METHODS)
        if more.beyond is not None and chance.beyond is not None:
            # Among many methods a few more help too little to be worth a sentence.
            if chance.beyond - more.beyond < WORTH_SAYING:
                return sentences
            sentences.append(
                _(
                    "More methods: with %(more)s a τ-b of %(less)s is already beyond chance, with %(n)s it takes %(now)s."
                )
                % {
                    "more": spelled(more.n_methods),
                    "less": told(more.beyond),
                    "n": spelled(chance.n_methods),
                    "now": told(chance.beyond),
                }
            )
        elif more.beyond is not None:
            sentences.append(
                _("More methods: with %(more)s a τ-b of %(less)s is beyond chance.")
                % {"more": spelled(more.n_methods), "less": told(more.beyond)}
            )
    return sentences
