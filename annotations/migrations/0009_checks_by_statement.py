from django.db import migrations

from annotations.migrations._rules_by_statement import check_by_statement
from annotations.migrations._statements import Statements


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0008_languages'),
    ]

    operations = [Statements(check_by_statement)]
