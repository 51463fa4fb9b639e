"""Choices and ranges that forms knew and the database did not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotations", "0006_evidence_as_it_is")]

    operations = [
        migrations.AddConstraint(
            model_name="guideline",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="guideline_versions_begin_at_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["items", "annotations", "outputs", "judgments", "scores"])),
                name="import_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="participant_numbers_begin_at_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("quota__isnull", True), ("quota__gte", 1), _connector="OR"),
                name="participant_quota_wants_an_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("answers_wanted__lte", 1000)), name="study_wants_1000_at_most"
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("order__in", ["fixed", "random"])), name="study_order_is_known"
            ),
        ),
    ]
