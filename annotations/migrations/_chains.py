"""Triggers of the log of answers and verdicts: links follow one another, and stay."""

from annotations.migrations._triggers import function, refuse

LINKS = "annotations_historylink"
PEOPLE = "annotations_participant"
FOLLOWS = "A link of the log follows the newest one of its participant."
STAYS = f"Rows of {LINKS} are never edited or deleted: a newer row replaces them."
MOVES_ON = "The head of a chain only moves to the next link."
# The salt alone may go, when a person is erased.
CHANGED = " OR ".join(
    f"OLD.{column} {{differs}} NEW.{column}"
    for column in ("id", "study_id", "participant_id", "number", "what", "row", "digest", "mac", "heads", "at")
)
HEAD = f"UPDATE {PEOPLE} SET chain_length = NEW.number, chain_head = NEW.mac WHERE id = NEW.participant_id"


def guard_chains(schema_editor):
    refuse(schema_editor, LINKS, "not_edited", "UPDATE", [(f"{CHANGED} OR NEW.salt IS NOT NULL", STAYS)])
    refuse(schema_editor, LINKS, "not_deleted", "DELETE", [("TRUE", STAYS)])
    for table, step in ((PEOPLE, "<> OLD.chain_length + 1"), ("annotations_study", "<= OLD.chain_length")):
        moved = "(OLD.chain_length <> NEW.chain_length OR OLD.chain_head <> NEW.chain_head)"
        refuse(
            schema_editor,
            table,
            "chain_grows",
            "UPDATE OF chain_length, chain_head",
            [(f"{moved} AND NEW.chain_length {step}", MOVES_ON)],
        )
    if schema_editor.connection.vendor == "postgresql":
        function(
            schema_editor,
            LINKS,
            "follows",
            "INSERT",
            f"IF NEW.participant_id IS NULL THEN RETURN NEW; END IF; {HEAD} AND chain_length = NEW.number - 1; "
            f"IF NOT FOUND THEN RAISE EXCEPTION '%', '{FOLLOWS}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
        )
        return
    schema_editor.execute(
        f"CREATE TRIGGER {LINKS}_follows BEFORE INSERT ON {LINKS} WHEN NEW.participant_id IS NOT NULL BEGIN "
        f"SELECT RAISE(ABORT, '{FOLLOWS}') WHERE NOT EXISTS (SELECT 1 FROM {PEOPLE} "
        f"WHERE id = NEW.participant_id AND chain_length = NEW.number - 1); {HEAD}; END",
        params=None,
    )
