"""Triggers that let personal text go: a column that may be emptied is emptied or stays, and no other column changes."""

from annotations.migrations._triggers import refuse, remove

ANSWER = "Rows of {table} are never edited: only their free text can be removed."
ANSWER_COLUMNS = (
    *("id", "uuid", "client_key", "item_id", "participant_id", "assignment_id", "replaces_id", "gives_labels"),
    *("facts_insufficient", "guideline_unclear", "skipped", "guideline_id", "surplus", "shown_at", "submitted_at"),
    *("received_at", "active_ms", "import_batch_id", "row_key", "metadata"),
)
TEXTS_OF_ANSWER = ("reason", "comment", "payload_hash")
INVITATION = {
    "uuid": "UUID of an invitation",
    "study_id": "study of an invitation",
    "role": "role of an invitation",
}


def let_text_go(schema_editor, table, stay, may_go):
    changed = [f"OLD.{column} {{differs}} NEW.{column}" for column in stay]
    written = [f"(OLD.{column} <> NEW.{column} AND NEW.{column} <> '')" for column in may_go]
    remove(schema_editor, table, "not_edited")
    refuse(
        schema_editor,
        table,
        "not_edited",
        "UPDATE",
        [(" OR ".join((*changed, *written)), ANSWER.format(table=table))],
    )


def let_personal_content_go(schema_editor):
    let_text_go(schema_editor, "annotations_annotation", ANSWER_COLUMNS, TEXTS_OF_ANSWER)
    remove(schema_editor, "annotations_invitation", "stays")
    refuse(
        schema_editor,
        "annotations_invitation",
        "stays",
        f"UPDATE OF {', '.join((*INVITATION, 'email'))}",
        [
            *(
                (f"OLD.{column} {{differs}} NEW.{column}", f"The {name} never changes.")
                for column, name in INVITATION.items()
            ),
            (
                "OLD.email <> NEW.email AND NEW.email <> ''",
                "The address of an invitation never changes: it can only be removed.",
            ),
            # Without its address anybody could accept it.
            (
                "OLD.email <> NEW.email AND NEW.used_at IS NULL AND NEW.withdrawn_at IS NULL "
                "AND NEW.expires_at > CURRENT_TIMESTAMP",
                "The address of an invitation that can be accepted stays.",
            ),
        ],
    )
