"""Choices and ranges that forms knew and the database did not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0004_lift_triggers")]

    operations = [
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "paused", "closed"])), name="campaign_state_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="comparison",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["designed", "imported"])), name="comparison_mode_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="exposure",
            constraint=models.CheckConstraint(
                condition=models.Q(("sequence__gte", 1)), name="exposure_sequence_begins_at_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="exposure",
            constraint=models.CheckConstraint(
                condition=models.Q(("repeats", models.F("id")), _negated=True), name="exposure_repeats_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="judgment",
            constraint=models.CheckConstraint(
                condition=models.Q(("replaces", models.F("id")), _negated=True),
                name="judgment_replaces_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="metric",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["built-in", "uploaded"])), name="metric_origin_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="metricscore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("interval_high__isnull", True), ("interval_low__isnull", True)),
                    models.Q(
                        ("interval_high__isnull", False),
                        ("interval_low__isnull", False),
                        ("interval_low__lte", models.F("interval_high")),
                    ),
                    _connector="OR",
                ),
                name="metric_score_interval_has_two_ends_in_order",
            ),
        ),
    ]
