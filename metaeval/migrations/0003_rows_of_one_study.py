"""What a judgment, an output or a score names belongs together: one study, one comparison, one judge."""

from django.db import migrations

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import refuse, remove


# One table at a time, by its key: a join that was planned while tables were empty reads them whole for every row.


def study_of(table, key):
    return f"(SELECT study_id FROM {table} WHERE id = {key})"


def of_another(table, key, *columns):
    """The row that `key` names, if it names one, has other values in these columns than the new one."""
    parts = [f"(SELECT {column} FROM {table} WHERE id = NEW.{key}) {{differs}} NEW.{column}" for column in columns]
    return f"NEW.{key} IS NOT NULL AND ({' OR '.join(parts)})"


def elsewhere(table, key, study="NEW.study_id"):
    """The row that `key` names, if it names one, is of another study."""
    return f"NEW.{key} IS NOT NULL AND {study_of(table, f'NEW.{key}')} {{differs}} {study}"


CAMPAIGN = study_of("metaeval_campaign", "NEW.campaign_id")
COMPARED = study_of(
    "metaeval_campaign", "(SELECT campaign_id FROM metaeval_comparison WHERE id = NEW.comparison_id)"
)
ITEM = study_of("annotations_item", "NEW.item_id")
METRIC = study_of("metaeval_metric", "NEW.metric_id")

RULES = {
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
}


def forwards(schema_editor):
    for table, rules in RULES.items():
        refuse(schema_editor, table, "belongs", "INSERT", rules)


def backwards(schema_editor):
    for table in RULES:
        remove(schema_editor, table, "belongs")


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0002_history_stays")]
    operations = [Statements(forwards, backwards)]
