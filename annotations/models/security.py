"""The security log: who signed in, who opened, exported or changed rights, from where."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.models.people import User
from annotations.models.studies import Study


class SecurityEvent(models.Model):
    """One event. Never edited; deleted once it is older than the setting allows."""

    class What(models.TextChoices):
        SIGNED_IN = "signed in", _("signed in")
        SIGN_IN_FAILED = "sign-in failed", _("sign-in failed")
        SIGNED_OUT = "signed out", _("signed out")
        PASSWORD = "password changed", _("password changed")  # the name of an event
        RIGHT = "right changed", _("right changed")
        LINK = "link made", _("link made")
        SESSIONS = "sessions ended", _("sessions ended")
        EXPORT = "export", _("export")
        DOWNLOAD = "download", _("download")
        READ = "texts or answers opened", _("texts or answers opened")
        COMMAND = "command", _("command")
        CLOSED = "account closed", _("account closed")
        FACTOR = "second factor changed", _("second factor changed")
        DETAILS = "name or address changed", _("name or address changed")
        RETENTION = "retention changed", _("retention changed")

    what = models.CharField(max_length=30, choices=What.choices)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    # Who did it: an account, or the user of the machine who ran a command.
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    operator = models.CharField(max_length=100, blank=True)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    # Whose account it is about, where that is not who did it.
    about = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The page with its key, or the command with its arguments.
    subject = models.CharField(max_length=300, blank=True)
    # Of IPv6 the /64.
    network = models.CharField(max_length=50, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="security_event_is_known",
                condition=Q(
                    what__in=[
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
                ),
            )
        ]
        indexes = [models.Index(fields=["study", "-id"], name="security_event_of_study")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what} {self.subject}".rstrip()


# What browsers and systems write of themselves, and what people call them; the first that fits counts.
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")),
)


# In a session: when its person last gave the password again.
CONFIRMED = "confirmed"


class BrowserSession(AbstractBaseSession):
    """A session of a browser, with whose it is: so that people can list and end theirs."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions")
    signed_in_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(auto_now=True)
    network = models.CharField(max_length=50, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store

    @property
    def browser_name(self) -> str:
        """“Firefox, Windows”; what the browser writes of itself where it is another."""
        known = [
            next((name for part, name in names if part in self.browser), "")
            for names in (_BROWSERS, _SYSTEMS)
        ]
        return ", ".join(known) if all(known) else self.browser
