"""The second factor of an account: an app that shows codes, passkeys, and codes on paper for when both are lost."""

from __future__ import annotations

from django.db import models

from annotations.models.people import User


class SecondFactor(models.Model):
    """The key that the person's app shares with this program."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    # By `annotations.encryption`.
    encrypted_secret = models.TextField()
    # Of the newest code that was taken: no code works twice.
    last_step = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class Passkey(models.Model):
    """The public half of a key that a person's device or security key has (W3C Web Authentication, level 2)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    # Authenticator's type, credential ID and public key, as the device sent them.
    credential = models.BinaryField()
    # Uses, as the device counts them: a copied key counts twice. 0 where the device does not count.
    n_signed = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"passkey {self.name} of {self.user_id}"


class RecoveryCode(models.Model):
    """A code that works once in place of the app or a passkey; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
