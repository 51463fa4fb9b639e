from django.apps import AppConfig


class HlvConfig(AppConfig):
    name = "hlv"
    verbose_name = "HLV"

    def ready(self) -> None:
        from hlv import celery, checks  # noqa: F401  makes the Celery application current; registers the checks
