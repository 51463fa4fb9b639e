"""Triggers of the tables of metaeval, as version 0.2.0 made them: a later migration adds to them, and leaves this file.

The table of texts is of annotations, which knows nobody: what metaeval asks of it stands here.
"""

from annotations.migrations._rules_0_2_0 import elsewhere, keys_stay, of_another, study_of, texts_stay
from annotations.migrations._triggers import keep_columns, keep_rows, refuse

APPEND_ONLY = [
    "metaeval_output",
    "metaeval_judgment",
    "metaeval_ranking",
    "metaeval_metricagreement",
    "metaeval_judgereport",
    "metaeval_scoring",
    "metaeval_metricscore",
    "metaeval_figure",
    "metaeval_protocol",
    "metaeval_labelling",
    "metaeval_labellinglabel",
    "metaeval_unaskedtie",
    "metaeval_analysisplan",
    "metaeval_sensitivity",
    "metaeval_textreport",
    "metaeval_textorder",
]
UNCHANGING = {
    "metaeval_method": {"study_id": "study of a method"},
    "metaeval_run": {"method_id": "method of a run"},
    "metaeval_campaign": {"study_id": "study of a campaign"},
    "metaeval_automaticjudge": {"study_id": "study of an automatic judge"},
    "metaeval_metric": {"study_id": "study of a metric"},
    "metaeval_comparison": {
        "campaign_id": "campaign of a comparison",
        "item_id": "item of a comparison",
        "low_id": "first method of a comparison",
        "high_id": "second method of a comparison",
    },
    "metaeval_exposure": {
        "uuid": "UUID of an exposure",
        "comparison_id": "comparison of an exposure",
        "participant_id": "participant of an exposure",
        "low_is_left": "side of an exposure",
        "sequence": "place of an exposure",
        "repeats_id": "repeated exposure of an exposure",
        "left_hash": "left side of an exposure",
        "right_hash": "right side of an exposure",
    },
}
# With two keys exchanged, judgments would be of other methods.
KEYS_STAY = [
    "metaeval_automaticjudge",
    "metaeval_campaign",
    "metaeval_comparison",
    "metaeval_exposure",
    "metaeval_method",
    "metaeval_metric",
    "metaeval_run",
]
DIRECTION_STAYS = (
    "OLD.higher_is_better <> NEW.higher_is_better "
    "AND EXISTS (SELECT 1 FROM metaeval_metricscore WHERE metric_id = OLD.id)",
    "The direction of a metric that has scores never changes.",
)
JUDGED = (
    "EXISTS (SELECT 1 FROM metaeval_comparison c WHERE c.item_id = OLD.item_id "
    "AND EXISTS (SELECT 1 FROM metaeval_judgment WHERE comparison_id = c.id))"
)
# Items that imported judgments name may come without a text, which a file of items gives them later.
SHOWN = (
    "EXISTS (SELECT 1 FROM metaeval_comparison c WHERE c.item_id = NEW.item_id "
    "AND EXISTS (SELECT 1 FROM metaeval_exposure WHERE comparison_id = c.id))"
)

CAMPAIGN = study_of("metaeval_campaign", "NEW.campaign_id")
COMPARED = study_of(
    "metaeval_campaign", "(SELECT campaign_id FROM metaeval_comparison WHERE id = NEW.comparison_id)"
)
ITEM = study_of("annotations_item", "NEW.item_id")
METRIC = study_of("metaeval_metric", "NEW.metric_id")
OF_EXPOSURE = "(SELECT participant_id FROM metaeval_exposure WHERE id = NEW.exposure_id)"
OF_LABELLING = "(SELECT participant_id FROM metaeval_labelling WHERE id = NEW.labelling_id)"
BELONGS = {
    "metaeval_comparison": [
        (elsewhere("metaeval_method", "low_id", CAMPAIGN), "A comparison and its methods belong to one study."),
        (elsewhere("metaeval_method", "high_id", CAMPAIGN), "A comparison and its methods belong to one study."),
        (elsewhere("annotations_item", "item_id", CAMPAIGN), "A comparison and its item belong to one study."),
    ],
    "metaeval_exposure": [
        (
            elsewhere("annotations_participant", "participant_id", COMPARED),
            "An exposure and its participant belong to one study.",
        ),
        (
            of_another("metaeval_exposure", "repeats_id", "comparison_id", "participant_id"),
            "An exposure repeats one of the same comparison to the same participant.",
        ),
    ],
    "metaeval_judgment": [
        (
            elsewhere("annotations_participant", "participant_id", COMPARED),
            "A judgment and its participant belong to one study.",
        ),
        (
            elsewhere("metaeval_automaticjudge", "automatic_judge_id", COMPARED),
            "A judgment and its automatic judge belong to one study.",
        ),
        (
            elsewhere("annotations_import", "import_batch_id", COMPARED),
            "A judgment and its import belong to one study.",
        ),
        (
            of_another("metaeval_exposure", "exposure_id", "comparison_id", "participant_id", "low_is_left"),
            "A judgment has the comparison, the participant and the sides of its exposure.",
        ),
        (
            of_another(
                "metaeval_judgment",
                "replaces_id",
                "comparison_id",
                "participant_id",
                "automatic_judge_id",
                "exposure_id",
            ),
            "A judgment replaces one of the same judge on the same comparison.",
        ),
        (
            "NEW.replaces_id IS NOT NULL AND (SELECT COALESCE(root_id, id) FROM metaeval_judgment "
            "WHERE id = NEW.replaces_id) {differs} NEW.root_id",
            "A judgment has the root of the one that it replaces.",
        ),
    ],
    "metaeval_output": [
        (
            study_of("metaeval_method", "(SELECT method_id FROM metaeval_run WHERE id = NEW.run_id)")
            + f" {{differs}} {ITEM}",
            "An output and its item belong to one study.",
        ),
        (
            elsewhere("annotations_import", "import_batch_id", ITEM),
            "An output and its import belong to one study.",
        ),
    ],
    "metaeval_metricscore": [
        (elsewhere("metaeval_method", "method_id", METRIC), "A score and its method belong to one study."),
        (of_another("metaeval_run", "run_id", "method_id"), "A score is of a run of its method."),
        (elsewhere("annotations_item", "item_id", METRIC), "A score and its item belong to one study."),
        (
            elsewhere("metaeval_scoring", "scoring_id", METRIC),
            "A score and its computation belong to one study.",
        ),
        (
            elsewhere("annotations_import", "import_batch_id", METRIC),
            "A score and its import belong to one study.",
        ),
    ],
    "metaeval_ranking": [
        (elsewhere("metaeval_campaign", "campaign_id"), "A ranking and its campaign belong to one study."),
    ],
    "metaeval_judgereport": [
        (
            elsewhere("metaeval_campaign", "campaign_id"),
            "A report on judges and its campaign belong to one study.",
        ),
    ],
    "metaeval_metricagreement": [
        (elsewhere(table, key), f"A comparison of metrics and its {called} belong to one study.")
        for key, table, called in (
            ("campaign_id", "metaeval_campaign", "campaign"),
            ("ranking_id", "metaeval_ranking", "ranking"),
            ("against_id", "metaeval_metric", "human score"),
            ("scoring_id", "metaeval_scoring", "scores"),
        )
    ],
    "metaeval_labelling": [
        (
            f"{OF_EXPOSURE} {{differs}} NEW.participant_id",
            "Labels before a pair are of the participant to whom the pair is shown.",
        )
    ],
    "metaeval_labellinglabel": [
        (
            "(SELECT study_id FROM annotations_label WHERE id = NEW.label_id) {differs} "
            f"(SELECT study_id FROM annotations_participant WHERE id = {OF_LABELLING})",
            "A label before a pair is one of the study.",
        )
    ],
    "metaeval_analysisplan": [
        (
            "NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM metaeval_analysisplan "
            "WHERE campaign_id = NEW.campaign_id AND version = NEW.version - 1)",
            "A version of an analysis plan follows the one before it.",
        )
    ],
    "metaeval_sensitivity": [
        (
            f"{study_of('metaeval_campaign', 'NEW.campaign_id')} {{differs}} NEW.study_id",
            "A sensitivity and its campaign belong to one study.",
        ),
        (
            f"{study_of('metaeval_ranking', 'NEW.ranking_id')} {{differs}} NEW.study_id",
            "A sensitivity and its ranking belong to one study.",
        ),
    ],
}


def make_triggers(schema_editor):
    keep_rows(schema_editor, APPEND_ONLY)
    keep_columns(schema_editor, UNCHANGING)
    for table, rules in BELONGS.items():
        refuse(schema_editor, table, "belongs", "INSERT", rules)
    keys_stay(schema_editor, KEYS_STAY)
    refuse(schema_editor, "metaeval_metric", "settled", "UPDATE", [DIRECTION_STAYS])
    texts_stay(schema_editor, "judged", JUDGED, SHOWN)
