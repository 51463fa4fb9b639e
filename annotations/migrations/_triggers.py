"""Triggers in the words of either database. Once released they are never changed: migrations rest on them.

SQLite remakes a table to change it, and the table's triggers go with it; and it does not rename a table while a
trigger elsewhere names one that is missing. A migration that changes a table therefore takes the triggers away
first and makes them again after.
"""


def refuse(schema_editor, table, name, event, rules, *, locking=""):
    """Refuse a row for which a condition holds, with the sentence beside it.

    Conditions are SQL that both databases read, on NEW and OLD; `{differs}` compares NULLs as values.
    `locking` is run first on PostgreSQL, where another transaction may be writing.
    """
    if schema_editor.connection.vendor == "postgresql":
        checks = " ".join(
            f"IF {condition.format(differs='IS DISTINCT FROM')} THEN "
            f"RAISE EXCEPTION '%', '{sentence}' USING ERRCODE = 'check_violation'; END IF;"
            for condition, sentence in rules
        )
        row = "OLD" if event == "DELETE" else "NEW"
        function(schema_editor, table, name, event, f"{locking} {checks} RETURN {row};")
    else:
        checks = " ".join(
            f"SELECT RAISE(ABORT, '{sentence}') WHERE {condition.format(differs='IS NOT')};"
            for condition, sentence in rules
        )
        schema_editor.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} BEGIN {checks} END", params=None
        )


def function(schema_editor, table, name, event, body):
    """A trigger of PostgreSQL with a function of its own.

    Its plans are kept from the first row on, when a table may be empty and reading it whole looks best: an import
    of many rows would read it whole for each of them. Every look-up here is by key, so it goes by the index; and of
    one table at a time, because no setting keeps a join of empty tables from reading them whole.
    """
    schema_editor.execute(
        f"CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off "
        f"AS $$ BEGIN {body} END $$",
        params=None,  # a percent sign is PostgreSQL's own
    )
    schema_editor.execute(
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_{name}()",
        params=None,
    )


def remove(schema_editor, table, name):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {table}_{name}()")
    else:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")


def keep_rows(schema_editor, tables):
    """Rows of these tables are history."""
    for table in tables:
        sentence = f"Rows of {table} are never edited or deleted: a newer row replaces them."
        refuse(schema_editor, table, "not_edited", "UPDATE", [("TRUE", sentence)])
        refuse(schema_editor, table, "not_deleted", "DELETE", [("TRUE", sentence)])


def keep_columns(schema_editor, columns):
    """`columns`: of each table, columns with what they are called in a sentence."""
    for table, called in columns.items():
        rules = [
            (f"OLD.{column} {{differs}} NEW.{column}", f"The {name} never changes.")
            for column, name in called.items()
        ]
        refuse(schema_editor, table, "stays", f"UPDATE OF {', '.join(called)}", rules)
