"""Coverage is counted from an index of items alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotations", "0008_reports_on_rounds")]
    operations = [
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["study", "evidence", "seats_taken"], name="item_coverage"),
        ),
    ]
