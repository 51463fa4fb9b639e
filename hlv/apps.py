"""Start-up: the job that joins both apps becomes known."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HlvConfig(AppConfig):
    name = "hlv"
    verbose_name = "HLV"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from annotations.jobs import register
        from hlv import celery  # noqa: F401  makes the Celery application current
        from hlv.database import set_session  # importing it also registers the checks
        from hlv.security_log import connect_sign_ins
        from hlv.sessions import connect_sessions

        connection_created.connect(set_session)
        connect_sign_ins()
        connect_sessions()

        register("import", "hlv.importing.job.run_import", title=_("Import of a file"))
        register(
            "bundle",
            "hlv.bundle.run_bundle",
            title=_("Bundle to take away"),
            check="hlv.bundle.check_params",
        )
