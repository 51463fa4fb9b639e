"""Triggers of the tables of annotations, as version 0.2.0 made them: a later migration adds to them, and leaves this file."""

from annotations.migrations._triggers import function, keep_columns, keep_rows, refuse

# History.
APPEND_ONLY = [
    "annotations_annotation",
    "annotations_annotationlabel",
    "annotations_importreversal",
    "annotations_labelagreement",
    "annotations_labelcount",
    "annotations_settlement",
    "annotations_roundreport",
    "annotations_roundfigure",
    "annotations_studychange",
    "annotations_remark",
]
UNCHANGING = {
    # One label only, or several: the answers that are there were given under it.
    "annotations_study": {"slug": "slug of a study", "uuid": "UUID of a study", "task": "task of a study"},
    "annotations_label": {
        "key": "key of a label",
        "position": "position of a label",
        "study_id": "study of a label",
    },
    "annotations_item": {"key": "key of an item", "uuid": "UUID of an item", "study_id": "study of an item"},
    # Identity of a participant: every answer and judgment refers to it.
    "annotations_participant": {
        "study_id": "study of a participant",
        "user_id": "person of a participant",
        "role": "role of a participant",
        "source": "source of a participant",
    },
    "annotations_import": {"study_id": "study of an import"},
    "annotations_assignment": {
        "item_id": "item of an assignment",
        "participant_id": "participant of an assignment",
    },
    "annotations_guideline": {
        "study_id": "study of a guideline",
        "version": "version number of a guideline",
        "text": "text of a guideline",
    },
    "annotations_invitation": {
        "uuid": "UUID of an invitation",
        "study_id": "study of an invitation",
        "role": "role of an invitation",
        "email": "address of an invitation",
    },
}
NEVER_DELETED = {
    "annotations_guideline": "A guideline that was published is never deleted.",
    "annotations_invitation": "An invitation is never deleted: withdraw it.",
}
# With two keys exchanged, answers would name another label, text or person.
KEYS_STAY = [
    "annotations_assignment",
    "annotations_guideline",
    "annotations_import",
    "annotations_item",
    "annotations_label",
    "annotations_participant",
    "annotations_study",
    "annotations_user",
]


def keys_stay(schema_editor, tables):
    for table in tables:
        # Of any column: SQLite knows the key by other names too.
        refuse(schema_editor, table, "key_stays", "UPDATE", [("OLD.id <> NEW.id", f"A key of {table} never changes.")])


def texts_stay(schema_editor, done, changed, joined):
    """`changed`: what is so of a text that loses its item or its words; `joined`: of an item that gets another text."""
    sentence = f"The text of an item that is {done} never changes."
    for name, event, condition in (
        ("not_edited", "UPDATE", changed),
        ("not_deleted", "DELETE", changed),
        ("not_added", "INSERT", joined),
        ("not_moved", "UPDATE OF item_id", joined),
    ):
        refuse(schema_editor, "annotations_itemtext", f"{done}_{name}", event, [(condition, sentence)])


LABELLED = (
    "EXISTS (SELECT 1 FROM annotations_annotation WHERE item_id = {row}.item_id) "
    "OR EXISTS (SELECT 1 FROM annotations_labelcount WHERE item_id = {row}.item_id)"
)

# What a row names belongs together: one study, one item, one participant. One table at a time, by its key: a join that
# was planned while tables were empty reads them whole for every row.


def study_of(table, key):
    return f"(SELECT study_id FROM {table} WHERE id = {key})"


def of_another(table, key, *columns):
    """The row that `key` names, if it names one, has other values in these columns than the new one."""
    parts = [f"(SELECT {column} FROM {table} WHERE id = NEW.{key}) {{differs}} NEW.{column}" for column in columns]
    return f"NEW.{key} IS NOT NULL AND ({' OR '.join(parts)})"


def elsewhere(table, key, study="NEW.study_id"):
    """The row that `key` names, if it names one, is of another study."""
    return f"NEW.{key} IS NOT NULL AND {study_of(table, f'NEW.{key}')} {{differs}} {study}"


ITEMS_STUDY = study_of("annotations_item", "NEW.item_id")
STRANGER = f"{ITEMS_STUDY} {{differs}} {study_of('annotations_participant', 'NEW.participant_id')}"
IMPORTED_ELSEWHERE = elsewhere("annotations_import", "import_batch_id", ITEMS_STUDY)
ANSWER_OF_THE_LABEL = "SELECT 1 FROM annotations_annotation a WHERE a.id = NEW.annotation_id"
ANSWERS_STUDY = study_of(
    "annotations_item", "(SELECT item_id FROM annotations_annotation WHERE id = NEW.annotation_id)"
)
OF_ONE_LABEL = f"(SELECT task FROM annotations_study WHERE id = {ANSWERS_STUDY}) IN ('single', 'ordinal')"
INVITED_ELSEWHERE = (
    elsewhere("annotations_participant", "participant_id"),
    "An invitation and its participant belong to one study.",
)
BELONGS = {
    "annotations_item": [
        (elsewhere("annotations_import", "import_batch_id"), "An item and its import belong to one study.")
    ],
    "annotations_assignment": [
        (STRANGER, "The item and the participant of an assignment belong to one study.")
    ],
    "annotations_annotation": [
        (STRANGER, "The item and the participant of an answer belong to one study."),
        (
            of_another("annotations_assignment", "assignment_id", "item_id", "participant_id"),
            "An answer has the item and the participant of its assignment.",
        ),
        (
            of_another("annotations_annotation", "replaces_id", "item_id", "participant_id"),
            "An answer replaces one of the same participant to the same item.",
        ),
        (
            elsewhere("annotations_guideline", "guideline_id", ITEMS_STUDY),
            "An answer and the guideline that was read belong to one study.",
        ),
        (IMPORTED_ELSEWHERE, "An answer and its import belong to one study."),
    ],
    "annotations_annotationlabel": [
        (
            f"{ANSWERS_STUDY} {{differs}} {study_of('annotations_label', 'NEW.label_id')}",
            "An answer and its labels belong to one study.",
        ),
        (f"EXISTS ({ANSWER_OF_THE_LABEL} AND a.skipped)", "A skip has no labels."),
        (
            f"NEW.chosen AND EXISTS ({ANSWER_OF_THE_LABEL} AND NOT a.gives_labels)",
            "An answer that gives no labels has none chosen.",
        ),
        (
            "NEW.chosen AND EXISTS (SELECT 1 FROM annotations_annotationlabel o "
            f"WHERE o.annotation_id = NEW.annotation_id AND o.chosen) AND {OF_ONE_LABEL}",
            "An answer has one label at most in a study of this task.",
        ),
    ],
    "annotations_labelcount": [
        (
            f"{ITEMS_STUDY} {{differs}} {study_of('annotations_label', 'NEW.label_id')}",
            "An item and the labels that are counted belong to one study.",
        ),
        (IMPORTED_ELSEWHERE, "A count and its import belong to one study."),
    ],
    "annotations_invitation": [INVITED_ELSEWHERE],
}
LOCKING = {
    # Two transactions that add a label to one answer do not see each other's.
    "annotations_annotationlabel": f"IF NEW.chosen AND {OF_ONE_LABEL} THEN "
    f"PERFORM 1 FROM annotations_annotation WHERE id = NEW.annotation_id FOR NO KEY UPDATE; END IF;"
}
ACCEPTED = (
    "OLD.participant_id IS NOT NULL AND OLD.participant_id {differs} NEW.participant_id",
    "An invitation that was accepted stays so.",
)

# Counts without annotators and answers of annotators never meet within an item, also not at the same moment. The item's
# column decides: its row lock makes two transactions come one after the other, which on PostgreSQL do not see each
# other's rows. It never changes back, so where it says the right kind already, nothing is locked.
BOTH = "An item has either answers of annotators or counts without annotators, never both."
REFUSED = f"RAISE EXCEPTION '%', '{BOTH}' USING ERRCODE = 'check_violation'; END IF;"
OF_THE_ITEM = "FROM annotations_item WHERE id = NEW.item_id"
SKIPPED_OR_ANSWERED = "EXISTS (SELECT 1 FROM annotations_annotation WHERE item_id = NEW.item_id)"
# A skip is no label and leaves the column as it is; the lock makes a count that comes meanwhile wait and see it.
ANSWERS = f"""
IF EXISTS (SELECT 1 {OF_THE_ITEM} AND evidence = 'annotations') THEN RETURN NEW; END IF;
IF NEW.gives_labels THEN
  UPDATE annotations_item SET evidence = 'annotations' WHERE id = NEW.item_id AND evidence <> 'counts';
ELSE
  PERFORM 1 {OF_THE_ITEM} AND evidence <> 'counts' FOR NO KEY UPDATE;
END IF;
IF NOT FOUND THEN {REFUSED}
RETURN NEW;
"""
COUNTS = f"""
IF EXISTS (SELECT 1 {OF_THE_ITEM} AND evidence = 'counts') THEN RETURN NEW; END IF;
UPDATE annotations_item SET evidence = 'counts' WHERE id = NEW.item_id AND evidence <> 'annotations';
IF NOT FOUND OR {SKIPPED_OR_ANSWERED} THEN {REFUSED}
RETURN NEW;
"""


def keep_one_kind_of_evidence(schema_editor):
    refuse(
        schema_editor,
        "annotations_item",
        "evidence_stays",
        "UPDATE OF evidence",
        [("OLD.evidence <> 'none' AND OLD.evidence <> NEW.evidence", BOTH)],
    )
    if schema_editor.connection.vendor == "postgresql":
        function(schema_editor, "annotations_annotation", "evidence", "INSERT", ANSWERS)
        function(schema_editor, "annotations_labelcount", "evidence", "INSERT", COUNTS)
        return
    # SQLite has one writer at a time: what it sees is all there is.
    counted = f"EXISTS (SELECT 1 {OF_THE_ITEM} AND evidence = 'counts')"
    answered = f"EXISTS (SELECT 1 {OF_THE_ITEM} AND evidence = 'annotations') OR {SKIPPED_OR_ANSWERED}"
    for table, refused, kind, labelled in (
        ("annotations_annotation", counted, "annotations", "NEW.gives_labels"),
        ("annotations_labelcount", answered, "counts", "TRUE"),
    ):
        schema_editor.execute(
            f"CREATE TRIGGER {table}_evidence BEFORE INSERT ON {table} BEGIN "
            f"SELECT RAISE(ABORT, '{BOTH}') WHERE {refused}; "
            f"UPDATE annotations_item SET evidence = '{kind}' "
            f"WHERE id = NEW.item_id AND evidence = 'none' AND {labelled}; END"
        )


# What each person gave in each hour, and remarks to those who run a study, so that watching never reads the answers.
# Added after a row is there: one that is refused, or passed over as known, is not counted.
TALLY = "annotations_answertally"
COUNTED = {
    "n_answers": "CASE WHEN NEW.replaces_id IS NULL AND NOT NEW.skipped THEN 1 ELSE 0 END",
    "n_skips": "CASE WHEN NEW.replaces_id IS NULL AND NEW.skipped THEN 1 ELSE 0 END",
    "n_revisions": "CASE WHEN NEW.replaces_id IS NULL THEN 0 ELSE 1 END",
    "active_ms": "COALESCE(NEW.active_ms, 0)",
}
HOUR = {
    "postgresql": "date_trunc('hour', NEW.submitted_at, 'UTC')",
    # As Django writes moments: "2026-10-12 09:31:07.25", in UTC.
    "sqlite": "substr(NEW.submitted_at, 1, 13) || ':00:00'",
}
IS_REMARK = (
    "NEW.import_batch_id IS NULL AND "
    "(NEW.skipped OR NEW.facts_insufficient OR NEW.guideline_unclear OR NEW.comment <> '')"
)
REMARK = f"INSERT INTO annotations_remark (annotation_id, study_id) VALUES (NEW.id, {ITEMS_STUDY});"


def after_each_answer(schema_editor, name, condition, add, settings=""):
    trigger = f"CREATE TRIGGER annotations_annotation_{name} AFTER INSERT ON annotations_annotation"
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE FUNCTION annotations_annotation_{name}() RETURNS trigger LANGUAGE plpgsql "
            f"{settings}AS $$ BEGIN {add} RETURN NULL; END $$",
            params=None,
        )
        schema_editor.execute(
            f"{trigger} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION annotations_annotation_{name}()",
            params=None,
        )
    else:
        schema_editor.execute(f"{trigger} WHEN {condition} BEGIN {add} END", params=None)


def tally_each_answer(schema_editor):
    columns = ", ".join(COUNTED)
    added = ", ".join(f"{column} = {TALLY}.{column} + excluded.{column}" for column in COUNTED)
    add = (
        f"INSERT INTO {TALLY} (participant_id, hour, {columns}) "
        f"VALUES (NEW.participant_id, {HOUR[schema_editor.connection.vendor]}, {', '.join(COUNTED.values())}) "
        f"ON CONFLICT (participant_id, hour) DO UPDATE SET {added};"
    )
    after_each_answer(schema_editor, "tallied", "NEW.import_batch_id IS NULL", add)


def make_triggers(schema_editor):
    keep_rows(schema_editor, APPEND_ONLY)
    keep_columns(schema_editor, UNCHANGING)
    for table, sentence in NEVER_DELETED.items():
        refuse(schema_editor, table, "not_deleted", "DELETE", [("TRUE", sentence)])
    texts_stay(schema_editor, "labelled", LABELLED.format(row="OLD"), LABELLED.format(row="NEW"))
    for table, rules in BELONGS.items():
        refuse(schema_editor, table, "belongs", "INSERT", rules, locking=LOCKING.get(table, ""))
    keep_one_kind_of_evidence(schema_editor)
    refuse(
        schema_editor,
        "annotations_invitation",
        "used_stays",
        "UPDATE OF participant_id",
        [ACCEPTED, INVITED_ELSEWHERE],
    )
    keys_stay(schema_editor, KEYS_STAY)
    tally_each_answer(schema_editor)
    after_each_answer(schema_editor, "remarked", IS_REMARK, REMARK, "SET enable_seqscan = off ")
