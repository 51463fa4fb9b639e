"""Columns of judgments that are mostly empty have indexes of what is there alone."""

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0022_indexes_of_filled_columns"),
        ("metaeval", "0012_modes_of_comparisons"),
    ]

    operations = aside(
        migrations.RemoveIndex(
            model_name="judgment",
            name="judgment_row",
        ),
        migrations.AlterField(
            model_name="judgment",
            name="automatic_judge",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="judgments",
                to="metaeval.automaticjudge",
            ),
        ),
        migrations.AlterField(
            model_name="judgment",
            name="import_batch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="judgments",
                to="annotations.import",
            ),
        ),
        migrations.AlterField(
            model_name="judgment",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="metaeval.judgment",
            ),
        ),
        migrations.AlterField(
            model_name="judgment",
            name="root",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="revisions",
                to="metaeval.judgment",
            ),
        ),
        migrations.AddIndex(
            model_name="judgment",
            index=models.Index(
                condition=models.Q(("root__isnull", False)), fields=["root"], name="judgment_revision"
            ),
        ),
        migrations.AddIndex(
            model_name="judgment",
            index=models.Index(
                condition=models.Q(("automatic_judge__isnull", False)),
                fields=["automatic_judge"],
                name="judgment_of_program",
            ),
        ),
        migrations.AddIndex(
            model_name="judgment",
            index=models.Index(
                condition=models.Q(("import_batch__isnull", False)),
                fields=["import_batch", "row_key"],
                name="judgment_row",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaces__isnull", False)),
                fields=("replaces",),
                name="judgment_replaced_once",
            ),
        ),
    )
