"""What a judgment, an output or a score names belongs together: one study, one comparison, one judge."""

from django.db import migrations

from annotations.migrations._triggers import refuse, remove


def named(column, source):
    """A key that may be absent names a row of `source`."""
    return f"NEW.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {source})"


def of_the_study(table, key, study="NEW.study_id"):
    return f"{table} x WHERE x.id = NEW.{key} AND x.study_id = {study}"


CAMPAIGN = "(SELECT k.study_id FROM metaeval_campaign k WHERE k.id = NEW.campaign_id)"
COMPARED = (
    "(SELECT k.study_id FROM metaeval_comparison c JOIN metaeval_campaign k ON k.id = c.campaign_id "
    "WHERE c.id = NEW.comparison_id)"
)
ITEM = "(SELECT i.study_id FROM annotations_item i WHERE i.id = NEW.item_id)"
METRIC = "(SELECT m.study_id FROM metaeval_metric m WHERE m.id = NEW.metric_id)"

RULES = {
    "metaeval_comparison": [
        (
            f"NOT EXISTS (SELECT 1 FROM {of_the_study('metaeval_method', 'low_id', CAMPAIGN)}) "
            f"OR NOT EXISTS (SELECT 1 FROM {of_the_study('metaeval_method', 'high_id', CAMPAIGN)})",
            "A comparison and its methods belong to one study.",
        ),
        (
            named("item_id", of_the_study("annotations_item", "item_id", CAMPAIGN)),
            "A comparison and its item belong to one study.",
        ),
    ],
    "metaeval_exposure": [
        (
            f"NOT EXISTS (SELECT 1 FROM {of_the_study('annotations_participant', 'participant_id', COMPARED)})",
            "An exposure and its participant belong to one study.",
        ),
        (
            named(
                "repeats_id",
                "metaeval_exposure e WHERE e.id = NEW.repeats_id AND e.comparison_id = NEW.comparison_id "
                "AND e.participant_id = NEW.participant_id",
            ),
            "An exposure repeats one of the same comparison to the same participant.",
        ),
    ],
    "metaeval_judgment": [
        (
            named("participant_id", of_the_study("annotations_participant", "participant_id", COMPARED)),
            "A judgment and its participant belong to one study.",
        ),
        (
            named("automatic_judge_id", of_the_study("metaeval_automaticjudge", "automatic_judge_id", COMPARED)),
            "A judgment and its automatic judge belong to one study.",
        ),
        (
            named("import_batch_id", of_the_study("annotations_import", "import_batch_id", COMPARED)),
            "A judgment and its import belong to one study.",
        ),
        (
            named(
                "exposure_id",
                "metaeval_exposure e WHERE e.id = NEW.exposure_id AND e.comparison_id = NEW.comparison_id "
                "AND e.participant_id = NEW.participant_id AND e.low_is_left = NEW.low_is_left",
            ),
            "A judgment has the comparison, the participant and the sides of its exposure.",
        ),
        (
            named(
                "replaces_id",
                "metaeval_judgment r WHERE r.id = NEW.replaces_id AND r.comparison_id = NEW.comparison_id "
                "AND NOT (r.participant_id {differs} NEW.participant_id) "
                "AND NOT (r.automatic_judge_id {differs} NEW.automatic_judge_id) "
                "AND NOT (r.exposure_id {differs} NEW.exposure_id)",
            ),
            "A judgment replaces one of the same judge on the same comparison.",
        ),
    ],
    "metaeval_output": [
        (
            "NOT EXISTS (SELECT 1 FROM metaeval_run r JOIN metaeval_method m ON m.id = r.method_id "
            f"WHERE r.id = NEW.run_id AND m.study_id = {ITEM})",
            "An output and its item belong to one study.",
        ),
        (
            named("import_batch_id", of_the_study("annotations_import", "import_batch_id", ITEM)),
            "An output and its import belong to one study.",
        ),
    ],
    "metaeval_metricscore": [
        (
            f"NOT EXISTS (SELECT 1 FROM {of_the_study('metaeval_method', 'method_id', METRIC)})",
            "A score and its method belong to one study.",
        ),
        (
            named("run_id", "metaeval_run r WHERE r.id = NEW.run_id AND r.method_id = NEW.method_id"),
            "A score is of a run of its method.",
        ),
        (
            named("item_id", of_the_study("annotations_item", "item_id", METRIC)),
            "A score and its item belong to one study.",
        ),
        (
            named("scoring_id", of_the_study("metaeval_scoring", "scoring_id", METRIC)),
            "A score and its computation belong to one study.",
        ),
        (
            named("import_batch_id", of_the_study("annotations_import", "import_batch_id", METRIC)),
            "A score and its import belong to one study.",
        ),
    ],
    "metaeval_ranking": [
        (
            named("campaign_id", of_the_study("metaeval_campaign", "campaign_id")),
            "A ranking and its campaign belong to one study.",
        ),
    ],
    "metaeval_metricagreement": [
        (
            named(key, of_the_study(table, key)),
            f"A comparison of metrics and its {called} belong to one study.",
        )
        for key, table, called in (
            ("campaign_id", "metaeval_campaign", "campaign"),
            ("ranking_id", "metaeval_ranking", "ranking"),
            ("against_id", "metaeval_metric", "human score"),
            ("scoring_id", "metaeval_scoring", "scores"),
        )
    ],
}


def forwards(apps, schema_editor):
    for table, rules in RULES.items():
        refuse(schema_editor, table, "belongs", "INSERT", rules)


def backwards(apps, schema_editor):
    for table in RULES:
        remove(schema_editor, table, "belongs")


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0007_history_stays")]
    operations = [migrations.RunPython(forwards, backwards)]
