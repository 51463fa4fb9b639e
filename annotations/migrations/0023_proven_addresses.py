"""Which addresses are proven. Whoever opens an invitation may write any address into its form; a link that those who run
the program made for an address, and that was opened, proves it.

Of the accounts that are there, one is proven by such a link where it came before every invitation. Where an invitation
came first the account was made by whoever opened that, and may be theirs still: the address waits for a new link.
"""

import unicodedata

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._remaking import aside
from annotations.migrations._statements import Statements

OPENED = (
    "SELECT {what} FROM annotations_signinlink link WHERE link.user_id = annotations_user.id "
    "AND link.participant_id IS NULL AND link.used_at IS NOT NULL"
)
JOINED = f"""
UPDATE annotations_user SET joined_by_id = (
    SELECT invitation.id FROM annotations_invitation invitation
    JOIN annotations_participant participant ON participant.id = invitation.participant_id
    WHERE participant.user_id = annotations_user.id
    AND NOT EXISTS ({OPENED.format(what=1)} AND link.used_at <= invitation.used_at)
    ORDER BY invitation.used_at, invitation.id LIMIT 1
)
"""
PROVEN = f"UPDATE annotations_user SET address_proven_at = ({OPENED.format(what='MIN(link.used_at)')}) WHERE joined_by_id IS NULL"


def normal(written):
    """As `normal_email` of this version, whatever it becomes."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", written).strip().lower()).strip()
    name, at, domain = folded.rpartition("@")
    if domain.isascii() and "xn--" not in domain:
        return folded
    try:
        return f"{name}{at}{domain.encode('idna').decode('idna')}"
    except UnicodeError:
        return folded


def prove(schema_editor):
    schema_editor.execute(JOINED)
    schema_editor.execute(PROVEN)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, email FROM annotations_user")
        people = cursor.fetchall()
        known = {email for _, email in people}
        for person, email in people:
            # Of two that were spelled apart the first keeps what people write.
            if (spelled := normal(email)) not in known:
                known.add(spelled)
                cursor.execute("UPDATE annotations_user SET email = %s WHERE id = %s", [spelled, person])


def leave(schema_editor):
    pass


class Migration(migrations.Migration):
    dependencies = [("annotations", "0022_indexes_of_filled_columns")]
    operations = aside(
        migrations.AddField(
            model_name="user", name="address_proven_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="user",
            name="joined_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotations.invitation",
            ),
        ),
        migrations.AddField(
            model_name="user", name="address_released_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("address_released_at__isnull", True), ("address_proven_at__isnull", True), _connector="OR"
                ),
                name="user_released_address_is_not_proven",
            ),
        ),
        Statements(prove, leave),
    )
