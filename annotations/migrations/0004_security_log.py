import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0003_history_links'),
    ]

    operations = [
        migrations.CreateModel(
            name='SecurityEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('signed in', 'signed in'), ('sign-in failed', 'sign-in failed'), ('signed out', 'signed out'), ('password changed', 'password changed'), ('right changed', 'right changed'), ('link made', 'link made'), ('sessions ended', 'sessions ended'), ('export', 'export'), ('download', 'download'), ('texts or answers opened', 'texts or answers opened'), ('command', 'command')], max_length=30)),
                ('at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('operator', models.CharField(blank=True, max_length=100)),
                ('subject', models.CharField(blank=True, max_length=300)),
                ('network', models.CharField(blank=True, max_length=50)),
                ('about', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('study', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.study')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['study', '-id'], name='security_event_of_study')],
                'constraints': [models.CheckConstraint(condition=models.Q(('what__in', ['signed in', 'sign-in failed', 'signed out', 'password changed', 'right changed', 'link made', 'sessions ended', 'export', 'download', 'texts or answers opened', 'command'])), name='security_event_is_known')],
            },
        ),
    ]
