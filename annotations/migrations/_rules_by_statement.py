"""Rules on new answers and their labels, checked once for each statement on PostgreSQL instead of once for each row.

An import adds a thousand rows with a statement; a trigger for each row took three quarters of its time. The conditions
are those of version 0.2.0, asked of every row of the statement. They look one table up by key, never in a join: the
plan of a join made while tables are empty reads them whole. SQLite has triggers for rows only, and keeps them.
"""

from annotations.migrations._rules_0_2_0 import (
    BELONGS,
    BOTH,
    OF_ONE_LABEL,
)
from annotations.migrations._triggers import remove


def of_row(condition):
    """The conditions of version 0.2.0 speak of NEW, the row that a trigger was called for; here of each row added."""
    return condition.replace("NEW.", "added.")


ANSWERS = "annotations_annotation"
LABELS = "annotations_annotationlabel"
OF_ITS_ANSWER = f"FROM {ANSWERS} a WHERE a.id = NEW.annotation_id"
# Values of one row and never EXISTS, which PostgreSQL would plan as a join. The labels are there when they are counted.
LABEL_RULES = [
    BELONGS[LABELS][0][0],
    f"(SELECT a.skipped {OF_ITS_ANSWER})",
    f"NEW.chosen AND NOT (SELECT a.gives_labels {OF_ITS_ANSWER})",
    f"NEW.chosen AND (SELECT count(*) FROM {LABELS} o WHERE o.annotation_id = NEW.annotation_id AND o.chosen) > 1 "
    f"AND {OF_ONE_LABEL}",
]
# Two transactions that add a label to one answer do not see each other's, so the answer is locked before its labels are
# counted. An answer of this transaction is invisible to others and needs no lock.
IS_OF_OTHERS = f"(SELECT a.xmin FROM {ANSWERS} a WHERE a.id = added.annotation_id) <> pg_current_xact_id()::xid"
LOCK_ANSWERS = f"""
FOR wanted IN SELECT DISTINCT added.annotation_id FROM added
  WHERE added.chosen AND {IS_OF_OTHERS} AND {of_row(OF_ONE_LABEL)} ORDER BY 1
LOOP
  PERFORM 1 FROM {ANSWERS} WHERE id = wanted FOR NO KEY UPDATE;
END LOOP;
"""
# Items in the order of their keys, so that two statements never wait for each other.
EVIDENCE = f"""
FOR wanted, gives IN SELECT added.item_id, bool_or(added.gives_labels) FROM added
  WHERE (SELECT i.evidence FROM annotations_item i WHERE i.id = added.item_id) IS DISTINCT FROM 'annotations'
  GROUP BY 1 ORDER BY 1
LOOP
  IF gives THEN
    UPDATE annotations_item SET evidence = 'annotations' WHERE id = wanted AND evidence <> 'counts';
  ELSE
    PERFORM 1 FROM annotations_item WHERE id = wanted AND evidence <> 'counts' FOR NO KEY UPDATE;
  END IF;
  IF NOT FOUND THEN RAISE EXCEPTION '%', '{BOTH}' USING ERRCODE = 'check_violation'; END IF;
END LOOP;
"""


def check_by_statement(schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    by_statement(schema_editor, ANSWERS, "belongs", checks(BELONGS[ANSWERS]))
    by_statement(schema_editor, ANSWERS, "evidence", EVIDENCE, "wanted bigint; gives boolean;")
    sentences = [sentence for _condition, sentence in BELONGS[LABELS]]
    labels = list(zip(LABEL_RULES, sentences, strict=True))
    by_statement(schema_editor, LABELS, "belongs", LOCK_ANSWERS + checks(labels), "wanted bigint;")


def checks(rules):
    return " ".join(
        f"IF EXISTS (SELECT 1 FROM added WHERE {of_row(condition.format(differs='IS DISTINCT FROM'))}) THEN "
        f"RAISE EXCEPTION '%', '{sentence}' USING ERRCODE = 'check_violation'; END IF;"
        for condition, sentence in rules
    )


def by_statement(schema_editor, table, name, body, declared=""):
    """A trigger in place of the one for each row."""
    remove(schema_editor, table, name)
    declare = f"DECLARE {declared} " if declared else ""
    schema_editor.execute(
        f"CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off "
        f"AS $$ {declare}BEGIN {body} RETURN NULL; END $$",
        params=None,
    )
    schema_editor.execute(
        f"CREATE TRIGGER {table}_{name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_{name}()",
        params=None,
    )
