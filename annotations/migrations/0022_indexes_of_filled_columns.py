"""An answer is found by its text and person, and columns that are mostly empty have indexes of what is there alone."""

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0021_files_of_one_import"),
    ]

    operations = aside(
        migrations.RemoveIndex(
            model_name="annotation",
            name="annotation_row",
        ),
        migrations.AlterField(
            model_name="annotation",
            name="import_batch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="annotations",
                to="annotations.import",
            ),
        ),
        migrations.AlterField(
            model_name="annotation",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="annotations",
                to="annotations.item",
            ),
        ),
        migrations.AlterField(
            model_name="annotation",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="annotations.annotation",
            ),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(fields=["item", "participant"], name="annotation_of_item"),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                condition=models.Q(("import_batch__isnull", False)),
                fields=["import_batch", "row_key"],
                name="annotation_row",
            ),
        ),
        migrations.AddConstraint(
            model_name="annotation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaces__isnull", False)),
                fields=("replaces",),
                name="annotation_replaced_once",
            ),
        ),
    )
