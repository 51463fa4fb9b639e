"""Search on PostgreSQL: words of texts, and beginnings of identifiers. SQLite reads a limited number of texts."""

from django.db import migrations

from annotations.migrations._statements import Statements

INDEXES = (
    # What comes after 50,000 characters is not searched: the database refuses a list of words above a megabyte.
    "CREATE INDEX item_text_words ON annotations_itemtext USING gin (to_tsvector('simple', left(text, 50000)))",
    "CREATE INDEX item_key_prefix ON annotations_item (study_id, key varchar_pattern_ops)",
)


def add_indexes(schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in INDEXES:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("annotations", "0016_passkeys")]

    operations = [Statements(add_indexes)]
