"""A comparison says which design planned it and whether judges are given it; indexes lead to the next one."""

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._remaking import aside


def name_designs(apps, schema_editor):
    comparisons = apps.get_model("metaeval", "Comparison").objects
    # A campaign without a protocol was planned before there were any, with what goes without saying.
    comparisons.filter(mode="designed", campaign__protocol__design="balanced").update(mode="balanced")
    comparisons.filter(mode="designed").update(mode="all-pairs")
    comparisons.exclude(mode="imported").filter(unasked_tie__isnull=True).update(is_asked=True)
    _check_now(schema_editor)


def forget_designs(apps, schema_editor):
    apps.get_model("metaeval", "Comparison").objects.exclude(mode="imported").update(mode="designed")
    _check_now(schema_editor)


def _check_now(schema_editor):
    # PostgreSQL alters no table whose rows still wait to be checked at the end of the transaction.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0011_text_reports")]
    operations = aside(
        migrations.RemoveIndex(model_name="comparison", name="comparison_next"),
        migrations.RemoveConstraint(model_name="comparison", name="comparison_mode_is_known"),
        migrations.AddField(
            model_name="comparison", name="is_asked", field=models.BooleanField(default=False)
        ),
        migrations.AlterField(
            model_name="comparison",
            name="mode",
            field=models.CharField(
                choices=[("all-pairs", "all pairs"), ("balanced", "balanced incomplete"), ("imported", "imported")],
                max_length=10,
            ),
        ),
        migrations.RunPython(name_designs, forget_designs),
        migrations.AddConstraint(
            model_name="comparison",
            constraint=models.CheckConstraint(
                condition=models.Q(mode__in=["all-pairs", "balanced", "imported"]), name="comparison_mode_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="comparison",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_asked", False), models.Q(("mode", "imported"), _negated=True), _connector="OR"
                ),
                name="comparison_imported_is_not_asked",
            ),
        ),
        migrations.AddIndex(
            model_name="comparison",
            index=models.Index(
                condition=models.Q(is_asked=True),
                fields=["campaign", "seats_taken", "position"],
                name="comparison_next",
            ),
        ),
        migrations.AddIndex(
            model_name="comparison",
            index=models.Index(fields=["campaign", "position"], name="comparison_order"),
        ),
        migrations.AlterField(
            model_name="exposure",
            name="repeats",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="repeated_by",
                to="metaeval.exposure",
            ),
        ),
        migrations.AddConstraint(
            model_name="exposure",
            constraint=models.UniqueConstraint(
                condition=models.Q(repeats__isnull=False), fields=["repeats"], name="exposure_repeated_once"
            ),
        ),
        migrations.AddIndex(
            model_name="exposure",
            index=models.Index(
                condition=models.Q(done_at__isnull=True, returned_at__isnull=True),
                fields=["lease_until"],
                name="exposure_lapsing",
            ),
        ),
    )
