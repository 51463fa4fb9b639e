"""Links by which people come to a study; an invitation is never deleted, and what it offered stays."""

from uuid import uuid4

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_columns, refuse, remove

TABLE = "annotations_invitation"
UNCHANGING = {
    TABLE: {
        "uuid": "UUID of an invitation",
        "study_id": "study of an invitation",
        "role": "role of an invitation",
        "email": "address of an invitation",
    }
}
ELSEWHERE = (
    "NEW.participant_id IS NOT NULL AND "
    "(SELECT study_id FROM annotations_participant WHERE id = NEW.participant_id) {differs} NEW.study_id"
)
USED = "OLD.participant_id IS NOT NULL AND OLD.participant_id {differs} NEW.participant_id"


def forwards(schema_editor):
    keep_columns(schema_editor, UNCHANGING)
    refuse(
        schema_editor,
        TABLE,
        "used_stays",
        "UPDATE OF participant_id",
        [
            (USED, "An invitation that was accepted stays so."),
            (ELSEWHERE, "An invitation and its participant belong to one study."),
        ],
    )
    refuse(
        schema_editor,
        TABLE,
        "belongs",
        "INSERT",
        [(ELSEWHERE, "An invitation and its participant belong to one study.")],
    )
    refuse(schema_editor, TABLE, "not_deleted", "DELETE", [("TRUE", "An invitation is never deleted: withdraw it.")])


def backwards(schema_editor):
    for name in ("stays", "used_stays", "belongs", "not_deleted"):
        remove(schema_editor, TABLE, name)


def to(table, *, related="+"):
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name=related, to=table
    )


class Migration(migrations.Migration):
    dependencies = [("annotations", "0010_divided_work")]
    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid4, editable=False, unique=True)),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="annotations.study",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("researcher", "researcher"),
                            ("annotator", "annotator"),
                            ("judge", "judge"),
                        ],
                        max_length=12,
                    ),
                ),
                ("group", models.CharField(blank=True, max_length=100)),
                ("quota", models.PositiveIntegerField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("created_by", to(settings.AUTH_USER_MODEL)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("participant", to("annotations.participant", related="invitations")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "researcher", "annotator", "judge"])),
                        name="invitation_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quota__isnull", True), ("quota__gte", 1), _connector="OR"),
                        name="invitation_quota_wants_an_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("participant__isnull", True), ("used_at__isnull", True)),
                            models.Q(("participant__isnull", False), ("used_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="invitation_is_used_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"
                        ),
                        name="invitation_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="invitation_expires_later",
                    ),
                ],
            },
        ),
        Statements(forwards, backwards),
    ]
