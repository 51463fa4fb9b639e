"""When a person last changed their own address, and the event of such a change."""

from django.db import migrations, models

from annotations.migrations._remaking import aside

EVENTS = [
    "signed in",
    "sign-in failed",
    "signed out",
    "password changed",
    "right changed",
    "link made",
    "sessions ended",
    "export",
    "download",
    "texts or answers opened",
    "command",
    "account closed",
    "second factor changed",
    "name or address changed",
    "retention changed",
]


class Migration(migrations.Migration):
    dependencies = [("annotations", "0017_search")]

    operations = aside(
        migrations.AddField(
            model_name="user",
            name="address_changed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RemoveConstraint(model_name="securityevent", name="security_event_is_known"),
        migrations.AlterField(
            model_name="securityevent",
            name="what",
            field=models.CharField(choices=[(event, event) for event in EVENTS], max_length=30),
        ),
        migrations.AddConstraint(
            model_name="securityevent",
            constraint=models.CheckConstraint(
                condition=models.Q(what__in=EVENTS), name="security_event_is_known"
            ),
        ),
    )
