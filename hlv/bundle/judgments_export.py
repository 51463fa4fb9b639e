"""The half of a bundle that methods, judges and computations made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from annotations.models import Item, Label, Study
from annotations.selectors.exports import names_by_pseudonym, participant_names
from hlv.bundle.agreement_files import OF_AGREEMENTS, write_over_campaigns
from hlv.bundle.folder import Bundle, file_name
from hlv.bundle.privacy import ALL, Privacy
from hlv.bundle.supplementary_export import write_analyses
from hlv.core.figures.figure_files import SLIM
from hlv.core.rendering.tables import file_rows
from hlv.core.stored_results import dump
from hlv.core.tabular.writing import json_text
from metaeval.exporters.judgments import (
    HISTORY_HEADER,
    LABELS_HEADER,
    TIE_HEADER,
    WIN_HEADER,
    Inputs,
    answer_lines,
    history_rows,
    input_lines,
    judgment_table,
    labels_rows,
    metadata_csv,
    tie_rows,
    win_rows,
)
from metaeval.exporters.results import (
    SCORE_HEADER,
    UPLOADED_HEADER,
    UPLOADED_ITEM_HEADER,
    method_table,
    outputs_jsonl,
    score_rows,
    snapshot_json,
    uploaded_rows,
)
from metaeval.figures import strength_scores
from metaeval.figures.drawn_figures import figure_files
from metaeval.findings.choice_labels import weights_notes
from metaeval.findings.judge_findings import JUDGE_HEADER, judges_table
from metaeval.findings.ranking_tables import RANKING_HEADER, ranking_table
from metaeval.findings.sensitivity_findings import SENSITIVITY_HEADER, sensitivity_table
from metaeval.models import AutomaticJudge, Campaign, MetricAgreement, Ranking, SupplementaryAnalysis
from metaeval.results.judges import read_judges
from metaeval.results.method_scores import method_scores
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking import read_ranking, read_sensitivity
from metaeval.results.scoring import read_scoring
from metaeval.selectors import exports
from metaeval.selectors.exports import ExportedJudgment, exported_labellings, labels_before_pairs
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.outputs import shown_outputs
from metaeval.selectors.scores import method_names


def write_paper_files(
    bundle: Bundle,
    campaign: Campaign,
    *,
    as_of: dt.datetime,
    judges: dict[int, str],
    folder: str = "paper",
    privacy: Privacy = ALL,
) -> None:
    """Nothing where no judgment names a text and a judge."""
    methods = method_names(campaign.study, as_of=as_of)

    def judgments() -> Iterator[ExportedJudgment]:
        return privacy.judgments(
            exports.exported_judgments(
                campaign, automatic_judge=None, as_of=as_of, methods=methods, judges=judges
            )
        )

    inputs = Inputs.of(judgments())
    if not inputs.keys:
        return
    keys = {item for item, _left, _right in inputs.keys}
    items = {
        item.pk: item
        for item in Item.objects.filter(study=campaign.study).prefetch_related("texts")
        if item.key in keys
    }
    outputs = {
        (items[item].key, methods[method]): shown
        for (method, item), shown in shown_outputs(list(methods), set(items), as_of=as_of).items()
        if item is not None
    }
    texts = {item.key: "\n\n".join(text.text for text in item.texts.all()) for item in items.values()}
    label_keys = dict(campaign.study.labels.values_list("name", "key"))
    labels = labels_before_pairs(campaign, as_of=as_of)
    stem = f"{folder}/{file_name(campaign.name)}"
    of = f"the judgments of people by “{campaign.name}”"
    bundle.write(
        f"{stem}-metadata.csv",
        metadata_csv(inputs),
        about=f"the options of {of}; imports again with the judgments",
    )
    bundle.write(
        f"{stem}-input.jsonl",
        input_lines(
            inputs, texts=texts, outputs=outputs, label_keys=label_keys, threshold=campaign.threshold
        ),
        about=f"texts and options of {of}, as the paper has them",
    )
    bundle.write(
        f"{stem}-data.jsonl",
        answer_lines(judgments(), inputs, labels=labels),
        about=f"{of} in the paper's schema, revised ones too; no repeats, and none that could not be judged",
    )


_SUFFIXES = {"image/svg+xml": "svg", "image/png": "png", "application/pdf": "pdf"}


class JudgmentsExport:
    """Writes methods, judgments, scores and snapshots."""

    def __init__(
        self, study: Study, bundle: Bundle, *, as_of: dt.datetime, with_names: bool, privacy: Privacy = ALL
    ) -> None:
        self.study = study
        self.bundle = bundle
        self.as_of = as_of
        self.privacy = privacy
        self.people = participant_names(study, with_names=with_names)
        self.names = names_by_pseudonym(study, with_names=with_names)
        self.labels: list[str] = list(
            Label.objects.filter(study=study).order_by("position").values_list("key", flat=True)
        )

    def write(self) -> None:
        self._write_methods()
        for campaign in exports.exported_campaigns(self.study, as_of=self.as_of):
            self._write_judgments(campaign)
            write_paper_files(
                self.bundle, campaign, as_of=self.as_of, judges=self.people, privacy=self.privacy
            )
        self._write_campaign_tables()
        self._write_snapshots()
        self._write_judge_reports()
        self._write_sensitivities()
        write_analyses(self.study, self.bundle, as_of=self.as_of, write_figures=self._write_figures)

    def _write_methods(self) -> None:
        methods = list(exports.exported_methods(self.study, as_of=self.as_of))
        if not methods:
            return
        self.bundle.has_base_models = any(method.base_model for method in methods)
        self.bundle.write("methods.csv", method_table(methods), about="methods and their base models")
        self.bundle.write(
            "outputs.jsonl",
            outputs_jsonl(exports.exported_outputs(self.study, as_of=self.as_of), self.labels),
            about="what each run of each method said; imports again",
        )
        names = method_names(self.study, as_of=self.as_of)
        for name, header, of_items, what in (
            ("uploaded-scores.csv", UPLOADED_HEADER, False, "whole methods"),
            ("uploaded-item-scores.csv", UPLOADED_ITEM_HEADER, True, "methods on single items"),
        ):
            uploaded = exports.uploaded_metric_scores(self.study, as_of=self.as_of)
            self.bundle.table(
                name,
                header,
                uploaded_rows(uploaded.iterator(chunk_size=5000), names, of_items=of_items),
                about=f"scores that the study's own metrics gave {what}; imports again",
            )
        self.bundle.table(
            "scores.csv",
            SCORE_HEADER,
            score_rows(
                exports.computed_metric_scores(self.study, as_of=self.as_of).iterator(chunk_size=5000)
            ),
            about=f"built-in metrics of the newest scoring, for each method and run{self._weights()}",
        )

    def _weights(self) -> str:
        newest = exports.exported_scorings(self.study, as_of=self.as_of).last()
        said = [] if newest is None else weights_notes(read_scoring(newest))
        return f". {' '.join(said)[:-1]}" if said else ""

    def _judges(self, campaign: Campaign) -> list[AutomaticJudge | None]:
        return [None, *exports.automatic_judges(campaign, as_of=self.as_of)]

    def _write_judgments(self, campaign: Campaign) -> None:
        methods = method_names(self.study, as_of=self.as_of)
        for judge in self._judges(campaign):
            kinds = exports.judgment_context(campaign, automatic_judge=judge, as_of=self.as_of)
            for place, known in enumerate(kinds):
                rows = self.privacy.judgments(
                    exports.exported_judgments(
                        campaign, automatic_judge=judge, as_of=self.as_of, methods=methods, judges=self.people
                    )
                )
                parts = [file_name(campaign.name)]
                if judge is not None:
                    parts.append(f"by-{file_name(judge.name)}")
                if place:
                    parts.append(str(place + 1))
                by = f"the program {judge.name}" if judge is not None else "people"
                self.bundle.write(
                    self.bundle.free_name("judgments", "-".join(parts), "csv"),
                    judgment_table(rows, known=known),
                    about=f"judgments of {by} by “{campaign.name}” that stand; imports again",
                )

    def _write_campaign_tables(self) -> None:
        as_of, people = self.as_of, self.people
        campaigns = exports.exported_campaigns(self.study, as_of=as_of)
        judged = [(campaign, judge) for campaign in campaigns for judge in self._judges(campaign)]
        methods = method_names(self.study, as_of=as_of)
        self.bundle.table(
            "unasked-ties.csv",
            TIE_HEADER,
            (
                row
                for campaign in campaigns
                for row in tie_rows(
                    exports.exported_unasked_ties(campaign, as_of=as_of, methods=methods),
                    campaign=campaign.name,
                )
            ),
            about="comparisons that count as ties because their outputs look the same: nobody was asked",
        )
        self.bundle.table(
            "labels-of-judges.csv",
            LABELS_HEADER,
            (
                row
                for campaign in campaigns
                for row in labels_rows(
                    self.privacy.labellings(exported_labellings(campaign, as_of=as_of, judges=people)),
                    campaign=campaign.name,
                )
            ),
            about="what judges found in texts before they saw the outputs; no annotations, unless imported as such",
        )
        self.bundle.table(
            "judgment-history.csv",
            HISTORY_HEADER,
            (
                row
                for campaign, judge in judged
                for row in history_rows(
                    self.privacy.judgments(
                        exports.exported_judgments(
                            campaign, automatic_judge=judge, as_of=as_of, methods=methods, judges=people
                        )
                    ),
                    campaign=campaign.name,
                    automatic_judge="" if judge is None else judge.name,
                )
            ),
            about="all judgments of people and programs, revised ones and repeats too; to read, not to import",
        )
        self.bundle.table(
            "win-counts.csv",
            WIN_HEADER,
            (
                row
                for campaign, judge in judged
                for row in win_rows(
                    comparison_counts(campaign, automatic_judge=judge, as_of=as_of),
                    campaign=campaign.name,
                    judged_by="people" if judge is None else judge.name,
                )
            ),
            about="how often each method was preferred to each other; “cannot judge” is left out",
        )

    def _write_snapshots(self) -> None:
        rankings = list(exports.exported_rankings(self.study, as_of=self.as_of))
        agreements = list(
            exports.exported_agreements(self.study, as_of=self.as_of).select_related(
                "ranking", "campaign", "against"
            )
        )
        labels = list(exports.exported_label_agreements(self.study, as_of=self.as_of))
        for name, snapshots, about in (
            ("rankings.json", rankings, "rankings of methods by judgments"),
            ("metric-agreements.json", agreements, "how far metrics agree with the human side"),
            ("label-agreements.json", labels, "how far annotators agree"),
        ):
            if snapshots:
                stored = [snapshot_json(snapshot) for snapshot in snapshots]
                self.bundle.write(
                    name,
                    [json_text(stored, indent=2) + "\n"],
                    about=f"{about}: every snapshot, the oldest first, with seed, parameters and versions",
                )
        newest_rankings = {one.campaign_id: one for one in rankings if one.is_of_everything}
        newest_agreements = {
            (one.campaign_id, one.against_id): one
            for one in agreements
            if one.ranking is None or one.ranking.is_of_everything
        }
        self.bundle.table(
            "rankings.csv",
            RANKING_HEADER,
            file_rows((ranking_table(read_ranking(one)) for one in newest_rankings.values()), RANKING_HEADER),
            about="the newest ranking of each campaign",
        )
        for name, header, rows_of, about in OF_AGREEMENTS:
            rows = (
                row
                for one in newest_agreements.values()
                for row in rows_of(read_agreement(one), against=_against(one))
            )
            self.bundle.table(name, header, rows, about=about)
        write_over_campaigns(self.bundle, list(newest_agreements.values()))
        for ranking in newest_rankings.values():
            self._write_figures(ranking=ranking)
        for agreement in newest_agreements.values():
            self._write_figures(agreement=agreement)

    def _write_judge_reports(self) -> None:
        reports = list(exports.exported_judge_reports(self.study, as_of=self.as_of))
        if not reports:
            return
        results = [read_judges(report).named(self.names) for report in reports]
        stored = [
            {**snapshot_json(report), "result": dump(result)}
            for report, result in zip(reports, results, strict=True)
        ]
        self.bundle.write(
            "judge-reports.json",
            [json_text(stored, indent=2) + "\n"],
            about="reports on the judges: every snapshot, the oldest first, with seed, parameters and versions",
        )
        newest = {report.campaign_id: result for report, result in zip(reports, results, strict=True)}
        self.bundle.table(
            "judges.csv",
            JUDGE_HEADER,
            file_rows(map(judges_table, newest.values()), JUDGE_HEADER),
            about="the newest report on the judges of each campaign",
        )

    def _write_sensitivities(self) -> None:
        tried = list(exports.exported_sensitivities(self.study, as_of=self.as_of))
        if not tried:
            return
        results = {one.pk: read_sensitivity(one).named(self.names) for one in tried}
        self.bundle.write(
            "sensitivities.json",
            [
                json_text(
                    [{**snapshot_json(one), "result": dump(results[one.pk])} for one in tried], indent=2
                )
                + "\n"
            ],
            about="rankings under other choices: every snapshot, the oldest first, with seed, parameters and versions",
        )
        newest = {one.campaign_id: one for one in tried if one.ranking.is_of_everything}
        self.bundle.table(
            "sensitivity.csv",
            SENSITIVITY_HEADER,
            file_rows(
                (
                    sensitivity_table(results[one.pk], most_judges=None, campaign=one.campaign.name)
                    for one in newest.values()
                ),
                SENSITIVITY_HEADER,
            ),
            about="the newest ranking of each campaign under other choices, and what changes",
        )

    def _write_figures(
        self,
        *,
        ranking: Ranking | None = None,
        agreement: MetricAgreement | None = None,
        analysis: SupplementaryAnalysis | None = None,
    ) -> None:
        of = ranking.campaign.name if ranking is not None else _against(agreement) if agreement else ""
        if analysis is not None:
            of = analysis.against.name if analysis.against else self.study.slug
        kept = exports.snapshot_figures(ranking=ranking, agreement=agreement, analysis=analysis)
        drawn_of = {} if agreement is None else _metrics_of_figures(agreement)
        for name, theme, media_type, content in figure_files(kept):
            suffix = _SUFFIXES.get(media_type, "bin")
            ending = "" if theme == "light" else f"-{theme}"
            self.bundle.write(
                self.bundle.free_name("figures", f"{file_name(of)}-{file_name(name)}{ending}", suffix),
                content,
                about=f"the figure {name} of “{of}”{drawn_of.get(name, '')}",
            )


def _metrics_of_figures(agreement: MetricAgreement) -> dict[str, str]:
    """Whose scores a numbered figure draws; none of a metric without an agreement."""
    drawn = strength_scores.specs(method_scores(read_agreement(agreement)))
    names = {
        strength_scores.figure_name(scored): f": {' '.join(scored.row.label.split())}" for scored in drawn
    }
    return names | {f"{name}{SLIM}": said for name, said in names.items()}


def _against(agreement: MetricAgreement) -> str:
    if agreement.against is not None:
        return agreement.against.name
    return agreement.campaign.name if agreement.campaign is not None else ""
