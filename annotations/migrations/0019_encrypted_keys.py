"""Keys of second factors are encrypted. Sign-ins that were being set up begin again: their key was in the session."""

from django.db import migrations, models

from annotations.encryption import decrypted, encrypted
from annotations.migrations._remaking import aside


def encrypt(apps, schema_editor):
    for factor in apps.get_model("annotations", "SecondFactor").objects.all():
        factor.encrypted_secret = encrypted(factor.encrypted_secret)
        factor.save(update_fields=["encrypted_secret"])


def decrypt(apps, schema_editor):
    for factor in apps.get_model("annotations", "SecondFactor").objects.all():
        factor.encrypted_secret = decrypted(factor.encrypted_secret)
        factor.save(update_fields=["encrypted_secret"])


class Migration(migrations.Migration):
    dependencies = [("annotations", "0018_account_details")]

    operations = aside(
        migrations.RenameField("secondfactor", "secret", "encrypted_secret"),
        migrations.AlterField("secondfactor", "encrypted_secret", models.TextField()),
        migrations.RunPython(encrypt, decrypt),
    )
