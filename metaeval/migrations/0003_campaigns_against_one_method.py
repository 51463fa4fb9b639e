"""A design for campaigns in which all methods meet one; earlier campaigns keep a balanced design with one opponent."""

from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0002_metric_directions")]

    operations = aside(
        migrations.RemoveConstraint(model_name="comparison", name="comparison_mode_is_known"),
        migrations.RemoveConstraint(model_name="protocol", name="protocol_opponents_of_a_balanced_design"),
        migrations.AddField(
            model_name="protocol", name="against", field=models.CharField(blank=True, default="", max_length=300),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="comparison",
            name="mode",
            field=models.CharField(
                choices=[
                    ("all-pairs", "all pairs"),
                    ("balanced", "balanced incomplete"),
                    ("against", "all against one method"),
                    ("imported", "imported"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="protocol",
            name="design",
            field=models.CharField(
                choices=[
                    ("all-pairs", "all pairs"),
                    ("balanced", "balanced incomplete"),
                    ("against", "all against one method"),
                ],
                default="all-pairs",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="comparison",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["all-pairs", "balanced", "against", "imported"])),
                name="comparison_mode_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="protocol",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("against", ""), ("design", "all-pairs"), ("opponents__isnull", True)),
                    models.Q(("against", ""), ("design", "balanced"), ("opponents__gte", 1)),
                    models.Q(
                        ("design", "against"),
                        ("opponents__isnull", True),
                        models.Q(("against", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="protocol_opponents_of_a_balanced_design",
            ),
        ),
    )
