"""What was planned, what was done, and what was added: compliance of the snapshots with the plan in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import figure
from hlv.core.rendering.sentences import Finding, SentenceValue
from hlv.stats.labels.distributions import EQUAL
from metaeval.findings.choice_labels import (
    MODEL_WORDS,
    RESAMPLE_WORDS,
    RESAMPLED,
    STATISTIC_WORDS,
    TIES_WORDS,
    WEIGHTS_WORDS,
    joined_rules,
    left_out_words,
    orders_words,
)
from metaeval.models import AnalysisPlan, MetricAgreement, Ranking
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from metaeval.results.metric_rows import MetricRow
from metaeval.results.planned_analysis import PlannedAnalysis, PreregistrationCompliance, is_departure
from metaeval.results.ranking import read_ranking
from metaeval.results.ranking_options import RankingOptions, Setting
from metaeval.selectors.selections import NOTHING_LEFT_OUT, Exclusions
from metaeval.selectors.snapshots import as_planned_before, latest_before, newest_preregistration


@dataclass(frozen=True)
class PreregisteredSetting:
    """One setting: what the plan says, what the snapshot has."""

    what: str
    planned: str
    done: str
    departs: bool = False


@dataclass(frozen=True)
class PreregistrationFindings:
    lines: list[PreregisteredSetting]
    added: list[str] = field(default_factory=list)

    @property
    def n_departures(self) -> int:
        return sum(line.departs for line in self.lines)


@dataclass(frozen=True)
class Departure:
    """A newest snapshot that is not the planned one, or not by the defaults: in what, and the last before it that is."""

    summary: str
    followed: Ranking | None
    # The choices that a program comes with, where nothing was planned.
    of_defaults: bool = False

    @property
    def followed_words(self) -> str:
        if self.followed is None:
            return _("No earlier snapshot follows the preregistration.")
        number = getattr(self.followed, "number", "")
        if self.of_defaults:
            return _("Snapshot %(n)s follows the defaults.") % {"n": number}
        return _("Snapshot %(n)s follows the preregistration.") % {"n": number}

    @property
    def sentences(self) -> list[str]:
        """For a paper, where no link leads to a snapshot."""
        if self.followed is None:
            return [self.summary, self.followed_words]
        words = (
            _("Snapshot %(uuid)s, page %(page)s, follows the defaults.")
            if self.of_defaults
            else _("Snapshot %(uuid)s, page %(page)s, follows the preregistration: use it for the claim.")
        )
        return [
            self.summary,
            words % {"uuid": self.followed.uuid, "page": reverse("ranking", args=[self.followed.uuid])},
        ]


def departure_from_preregistration(ranked: Ranking, plan: AnalysisPlan | None = None) -> Departure | None:
    """None where it was computed as planned, nothing was planned, or it is a part, of which no plan speaks."""
    compliance = read_ranking(ranked).plan
    if compliance is None or not compliance.added or not ranked.is_of_everything:
        return None
    plan = plan or newest_preregistration(ranked.campaign, as_of=ranked.as_of)
    if plan is None:
        return None
    what = [
        _("%(what)s: %(done)s (planned: %(planned)s)")
        % {"what": line.what, "done": line.done, "planned": line.planned}
        for line in _settings(PlannedAnalysis.of(plan.content), ranked, None)
        if line.departs
    ]
    return Departure(
        summary=_("This computation differs from preregistration %(n)s: %(what)s.")
        % {"n": compliance.version, "what": "; ".join(what or compliance.departures)},
        followed=as_planned_before(ranked, version=compliance.version),
    )


def compliance_finding(compliance: PreregistrationCompliance | None) -> list[Finding]:
    """Whether a computation follows the plan in force; nothing where nothing was planned."""
    if compliance is None:
        return []
    values: dict[str, SentenceValue] = {"n": compliance.version, "moment": compliance.frozen_at}
    if not compliance.added:
        sentences = [Finding(_("Follows version %(n)s of the preregistration, frozen %(moment)s."), values)]
    else:
        what = [
            _("%(setting)s: %(done)s (planned: %(planned)s)")
            % {"setting": name, "done": _setting(one.done), "planned": _setting(one.planned)}
            for name, one in compliance.departures.items()
        ]
        values["what"] = "; ".join(what) or _("a subset of the campaign")
        words = _(
            "Exploratory: differs from version %(n)s of the preregistration, frozen %(moment)s: %(what)s."
        )
        sentences = [Finding(words, values, "caution")]
    if compliance.added_metrics:
        sentences.append(
            Finding(
                _("Metrics that the preregistration does not name: %(names)s."),
                {"names": ", ".join(compliance.added_metrics)},
            )
        )
    return sentences


def _setting(value: Setting) -> str:
    if value is None:
        return _("default")
    return ", ".join(map(str, value)) or _("nothing") if isinstance(value, list) else str(value)


def preregistration_findings(
    plan: AnalysisPlan | None, ranked: Ranking, agreed: MetricAgreement | None
) -> PreregistrationFindings | None:
    """None where nothing was planned: then all of it is exploration."""
    if plan is None:
        return None
    planned = PlannedAnalysis.of(plan.content)
    rows = {row.name: row for row in read_agreement(agreed).rows} if agreed is not None else {}
    lines = [*_settings(planned, ranked, agreed), *_metrics(planned, rows)]
    return PreregistrationFindings(lines, _added(planned, rows, agreed))


def _settings(
    planned: PlannedAnalysis, ranked: Ranking, agreed: MetricAgreement | None
) -> list[PreregisteredSetting]:
    done = ranked.parameters
    lines = []
    for name, what, words in (
        ("model", _("Ranking model"), MODEL_WORDS),
        ("ties", _("Ties"), TIES_WORDS),
        ("resample", _("What is resampled"), RESAMPLE_WORDS),
        ("n_resamples", _("Resamples"), None),
        ("seed", _("Seed"), None),
        ("ridge", _("Precision of the prior"), None),
    ):
        wanted, was = getattr(planned, name), done.get(name)
        shown = [
            str(words.get(value or "", value))
            if words is not None
            else _number(value, grouped=name != "seed")
            for value in (wanted, was)
        ]
        lines.append(PreregisteredSetting(what, shown[0], shown[1], departs=wanted != was))
    weights = planned.weights, str(done.get("weights", EQUAL))
    if any(one != EQUAL for one in weights) or (agreed is not None and agreed.scoring_id is not None):
        shown = [str(WEIGHTS_WORDS.get(one, one)) for one in weights]
        lines.append(
            PreregisteredSetting(
                _("Weights of human labels"), shown[0], shown[1], departs=weights[0] != weights[1]
            )
        )
    blocks = planned.block_by, str(done.get("block_by") or "")
    if any(blocks):
        shown = [column or _("none") for column in blocks]
        lines.append(
            PreregisteredSetting(
                _("Texts drawn together"), shown[0], shown[1], departs=blocks[0] != blocks[1]
            )
        )
    left_out = [Exclusions.of(given) for given in (planned.as_content(), done)]
    if any(one != NOTHING_LEFT_OUT for one in left_out):
        before, after = ("; ".join(left_out_words(one)) or _("none") for one in left_out)
        lines.append(
            PreregisteredSetting(_("Verdicts left out"), before, after, departs=left_out[0] != left_out[1])
        )
    if agreed is not None:
        was = agreed.parameters.get("n_permutations")
        lines.append(
            PreregisteredSetting(
                _("Permutations"),
                f"{planned.n_permutations:,}",
                # without random orders: which ones there were
                orders_words(read_agreement(agreed), "spearman") or "–" if was is None else f"{was:,}",
                departs=is_departure("n_permutations", planned.n_permutations, was),
            )
        )
    return lines


def _number(value: float | None, *, grouped: bool) -> str:
    """To the last digit: a seed that is rounded is another seed. Seeds are copied, and therefore bare of commas."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}" if grouped else str(value)
    return f"{value:,g}"


def _metrics(planned: PlannedAnalysis, rows: dict[str, MetricRow]) -> list[PreregisteredSetting]:
    """A line for each claim: every planned metric by every planned statistic."""
    lines = []
    for name in planned.metrics:
        row = rows.get(name)
        for statistic in planned.statistics:
            estimate = None if row is None else row.measures.get(statistic)
            if estimate is not None:
                shown = figure(estimate.value)
                if estimate.low is not None and estimate.high is not None:
                    shown = _("%(value)s, %(low)s to %(high)s") % {
                        "value": shown,
                        "low": figure(estimate.low),
                        "high": figure(estimate.high),
                    }
            elif row is None:
                shown = _("not computed")
            else:
                shown = row.undetermined or _("undetermined")
            lines.append(
                PreregisteredSetting(
                    row.label if row is not None else name,
                    str(STATISTIC_WORDS[statistic]),
                    shown,
                    departs=row is None,
                )
            )
    return lines


def _added(planned: PlannedAnalysis, rows: dict[str, MetricRow], agreed: MetricAgreement | None) -> list[str]:
    if agreed is None:
        return []
    added = []
    more = [row.label for key, row in rows.items() if key not in planned.metrics]
    if more:
        added.append(
            ngettext("%(n)s metric: %(names)s", "%(n)s metrics: %(names)s", len(more))
            % {"n": len(more), "names": ", ".join(more)}
        )
    statistics = [
        str(words)
        for name, words in STATISTIC_WORDS.items()
        if name not in planned.statistics and any(row.measures.get(name) for row in rows.values())
    ]
    if statistics:
        added.append(_("other statistics: %(names)s") % {"names": ", ".join(statistics)})
    added += _further_parts(read_agreement(agreed))
    return added


def _further_parts(result: MetricAgreementResult) -> list[str]:
    """Parts of a metric agreement that no plan asks for, by what they are called."""
    parts = (
        (result.without_each_method, _("agreement without each method")),
        (result.noise_ceiling, _("noise ceiling")),
        (result.verdicts, _("agreement on single judgments")),
        (result.groups, _("agreement within groups of methods")),
    )
    added = [_("differences between metrics")] if result.differences else []
    if result.outliers is not None and result.outliers.outliers:
        added.append(_("agreement without outlier methods"))
    return [*added, *(words for part, words in parts if part is not None and not part.undetermined)]


_DEFAULTS = RankingOptions()


def find_departure(ranked: Ranking, plan: AnalysisPlan | None = None) -> Departure | None:
    """From the plan in force where there is one, else from the defaults."""
    if read_ranking(ranked).plan:
        return departure_from_preregistration(ranked, plan)
    return departure_from_defaults(ranked)


def departure_from_defaults(ranked: Ranking) -> Departure | None:
    """None where the choices are the defaults, or none before it followed them, or a part alone is ranked."""
    if not ranked.is_of_everything or _is_default(RankingOptions.of(ranked.parameters)):
        return None
    followed = latest_before(ranked, lambda parameters: _is_default(RankingOptions.of(parameters)))
    if followed is None:
        return None
    what = list(_departures(ranked, followed))
    if not what:
        # The unit was asked for by name that is drawn by default.
        return None
    return Departure(
        summary=_("This computation differs from the defaults: %(what)s.") % {"what": "; ".join(what)},
        followed=followed,
        of_defaults=True,
    )


def _is_default(by: RankingOptions) -> bool:
    return (by.model, by.ties, by.resample, by.ridge, by.weights, by.block_by, by.exclusions) == (
        _DEFAULTS.model,
        _DEFAULTS.ties,
        _DEFAULTS.resample,
        _DEFAULTS.ridge,
        _DEFAULTS.weights,
        _DEFAULTS.block_by,
        NOTHING_LEFT_OUT,
    )


def _departures(ranked: Ranking, followed: Ranking) -> Iterator[str]:
    by = RankingOptions.of(ranked.parameters)
    instead = _("%(what)s %(done)s instead of %(default)s")
    if by.model != _DEFAULTS.model:
        yield instead % {
            "what": _("model"),
            "done": MODEL_WORDS.get(by.model, by.model),
            "default": MODEL_WORDS[_DEFAULTS.model],
        }
    if by.ties != _DEFAULTS.ties:
        yield instead % {
            "what": _("ties:"),
            "done": TIES_WORDS.get(by.ties, by.ties),
            "default": TIES_WORDS[_DEFAULTS.ties],
        }
    drawn, usual = (read_ranking(one).resampling_unit or "" for one in (ranked, followed))
    if by.resample is not None and drawn and drawn != usual:
        yield instead % {
            "what": _("bootstrap and intervals by"),
            "done": RESAMPLED.get(drawn, drawn),
            "default": RESAMPLED.get(usual, usual),
        }
    if by.ridge != _DEFAULTS.ridge:
        yield _("a Gaussian prior of precision %(ridge)s instead of none") % {"ridge": f"{by.ridge:g}"}
    if by.weights != _DEFAULTS.weights:
        yield instead % {
            "what": _("weights of human labels"),
            "done": WEIGHTS_WORDS.get(by.weights, by.weights),
            "default": WEIGHTS_WORDS[_DEFAULTS.weights],
        }
    if by.block_by:
        yield _("texts with the same %(column)s drawn together") % {"column": by.block_by}
    if rules := left_out_words(by.exclusions):
        yield _("verdicts left out: %(rules)s") % {"rules": joined_rules(rules)}
