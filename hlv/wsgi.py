import gc
import os

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hlv.settings")
application = get_wsgi_application()


def settle() -> None:
    """Load every view now, and spare the garbage collector what stays for good.

    It would look through the whole program, drawing library and all, again and again: 90 ms of a request each time.
    """
    from hlv.database import limit_statements  # after django.setup()

    connection_created.connect(limit_statements)
    get_resolver().url_patterns  # noqa: B018  # reading them imports the views
    gc.collect()
    gc.freeze()


settle()
