"""Closing of accounts, erasure of people, and retention of personal content per study."""

from django.db import migrations, models

from annotations.migrations._erasure import let_personal_content_go
from annotations.migrations._remaking import aside
from annotations.migrations._statements import Statements


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0009_checks_by_statement'),
    ]

    operations = [
        *aside(
            migrations.RemoveConstraint(
                model_name='securityevent',
                name='security_event_is_known',
            ),
            migrations.AddField(
                model_name='study',
                name='personal_removed_at',
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='study',
                name='remove_personal_on',
                field=models.DateField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='user',
                name='closed_at',
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='user',
                name='closed_roles',
                field=models.JSONField(blank=True, default=list),
            ),
            migrations.AddField(
                model_name='user',
                name='erased_at',
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AlterField(
                model_name='securityevent',
                name='what',
                field=models.CharField(choices=[('signed in', 'signed in'), ('sign-in failed', 'sign-in failed'), ('signed out', 'signed out'), ('password changed', 'password changed'), ('right changed', 'right changed'), ('link made', 'link made'), ('sessions ended', 'sessions ended'), ('export', 'export'), ('download', 'download'), ('texts or answers opened', 'texts or answers opened'), ('command', 'command'), ('account closed', 'account closed'), ('second factor changed', 'second factor changed'), ('retention changed', 'retention changed')], max_length=30),
            ),
            migrations.AddConstraint(
                model_name='securityevent',
                constraint=models.CheckConstraint(condition=models.Q(('what__in', ['signed in', 'sign-in failed', 'signed out', 'password changed', 'right changed', 'link made', 'sessions ended', 'export', 'download', 'texts or answers opened', 'command', 'account closed', 'second factor changed', 'retention changed'])), name='security_event_is_known'),
            ),
            migrations.AddConstraint(
                model_name='user',
                constraint=models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), ('is_active', False), _connector='OR'), name='user_closed_cannot_sign_in'),
            ),
            migrations.AddConstraint(
                model_name='user',
                constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), ('closed_at__isnull', False), _connector='OR'), name='user_erased_is_closed'),
            ),
        ),
        Statements(let_personal_content_go),
    ]
