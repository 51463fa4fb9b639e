"""Every setting, read from the environment only; a wrong or missing one fails at start, in words.

Two ways to run. *Embedded*: no DATABASE_URL or a sqlite one; database, broker, secret and collected
static files lie in one data folder. *Deployed*: PostgreSQL and Redis are named, and so must be
SECRET_KEY and ALLOWED_HOSTS. docs/operations.md lists the variables; a test keeps the list complete.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote

import environ
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured

from hlv.private_files import close_file_to_others, close_folder_to_others, write_whole
from hlv.sign_in_settings import *  # noqa: F403

# Before numpy loads: on small machines the threads of its linear algebra wait for one another, and
# thousands of small systems, as resampling solves them, take fifteen times as long with two threads as with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

env = environ.Env()

# Texts and answers are confidential: whatever this program writes is its owner's alone.
os.umask(0o077)

PACKAGE_DIR = Path(__file__).resolve().parent
CHECKOUT_DIR = PACKAGE_DIR.parent
# A wheel carries templates and static files inside the package; a checkout keeps them at the top level.
_RESOURCES = {
    "templates": PACKAGE_DIR / "_templates"
    if (PACKAGE_DIR / "_templates").is_dir()
    else CHECKOUT_DIR / "templates",
    "static": PACKAGE_DIR / "_static" if (PACKAGE_DIR / "_static").is_dir() else CHECKOUT_DIR / "static",
}

DATA_DIR = Path(env.str("HLV_DATA_DIR", default="hlv-data")).absolute()


def _from_file(variable: str) -> str:
    """A secret in a file, as containers get theirs: variables are seen by whoever may look at a container."""
    path = env.str(variable, default="")
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except OSError as error:
        raise ImproperlyConfigured(f"{variable} names a file that cannot be read: {error}") from error


DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'hlv.sqlite3'}")
REDIS_URL = env.str("REDIS_URL", default="")
if _redis_password := _from_file("REDIS_PASSWORD_FILE"):
    REDIS_URL = REDIS_URL.replace("://", f"://:{quote(_redis_password, safe='')}@", 1)
EMBEDDED = DATABASE_URL.startswith("sqlite:")
DEBUG = env.bool("DEBUG", default=False)


SHORTEST_SECRET = 32


def _at_least(least: int, name: str, *, default: int) -> int:
    given: int = env.int(name, default=default)
    if given < least:
        raise ImproperlyConfigured(f"{name} is {given}: give at least {least}.")
    return given


def _ensure_data_folder() -> None:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    close_folder_to_others(DATA_DIR)


def _secret_key() -> str:
    """Given, or for the embedded way made once and readable by its owner only."""
    given: str = env.str("SECRET_KEY", default="") or _from_file("SECRET_KEY_FILE")
    if given:
        if len(given) < SHORTEST_SECRET:
            raise ImproperlyConfigured(
                f"SECRET_KEY has {len(given)} characters, so it can be guessed: give at least {SHORTEST_SECRET}."
            )
        return given
    if not EMBEDDED:
        raise ImproperlyConfigured(
            "Set SECRET_KEY to a long random text: only the embedded SQLite way makes its own."
        )
    _ensure_data_folder()
    path = DATA_DIR / "secret.key"
    if not path.exists():
        write_whole(path, secrets.token_urlsafe(64))
    close_file_to_others(path)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"{path} holds no key, or a broken one: put it back from a backup, or remove it, and a new one is made. "
            "With a new key people sign in again, and hlv check-log cannot verify what was logged before."
        )
    return key


# A lost network frees what waits: the server is given up when it has been silent for about half a minute.
POSTGRESQL_OPTIONS = {
    "connect_timeout": _at_least(1, "HLV_DATABASE_CONNECT_SECONDS", default=5),
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
# Of one statement of a page; jobs and commands may take longer. 0 is no limit.
STATEMENT_SECONDS = _at_least(0, "HLV_STATEMENT_SECONDS", default=60)
# Of a transaction, page or job, that asks nothing; PostgreSQL then ends it and frees its locks. 0 is no limit.
IDLE_TRANSACTION_SECONDS = _at_least(0, "HLV_IDLE_TRANSACTION_SECONDS", default=600)


def _database() -> dict[str, Any]:
    config: dict[str, Any] = dict(env.db_url_config(DATABASE_URL))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        _ensure_data_folder()
        close_file_to_others(Path(config["NAME"]))
        # IMMEDIATE: a transaction that will write takes its place in the queue at once instead of
        # failing half-way with "database is locked"; WAL lets readers go on meanwhile.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    elif config["ENGINE"] == "django.db.backends.postgresql":
        config["PASSWORD"] = _from_file("DATABASE_PASSWORD_FILE") or config["PASSWORD"]
        config["CONN_HEALTH_CHECKS"] = True
        config["CONN_MAX_AGE"] = 60
        # What the address says after its "?" counts first.
        config["OPTIONS"] = POSTGRESQL_OPTIONS | config.get("OPTIONS", {})
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")
    return config


SECRET_KEY = _secret_key()
# Of the log of answers and verdicts. Empty: SECRET_KEY.
HISTORY_KEY = env.str("HISTORY_KEY", default="") or _from_file("HISTORY_KEY_FILE")
METRICS_TOKEN = env.str("HLV_METRICS_TOKEN", default="") or _from_file("HLV_METRICS_TOKEN_FILE")
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_THIS_MACHINE = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_THIS_MACHINE if EMBEDDED else [])
if DEBUG and not set(ALLOWED_HOSTS) <= {*_THIS_MACHINE, "testserver"}:
    raise ImproperlyConfigured(
        "DEBUG shows settings and rows to everybody: with it, ALLOWED_HOSTS may name this machine only."
    )
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The address that printed links begin with.
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
# Without it, links in a reply begin with the host and port that were asked.
HAS_BASE_URL = "BASE_URL" in os.environ
_HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "hlv.apps.HlvConfig",
    "annotations.apps.AnnotationsConfig",
    "metaeval.apps.MetaevalConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_htmx",
    "axes",
]

MIDDLEWARE = [
    "hlv.health.answer_health_checks",
    "hlv.metrics.answer_scrapes",
    "hlv.request_ids.identify_requests",
    "django.middleware.security.SecurityMiddleware",
    "hlv.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hlv.compression.compress_where_safe",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hlv.sessions.limit_sessions",
    "hlv.middleware.follow_chosen_language",
    "hlv.sign_in.restrict_to_link_study",
    "hlv.sign_in.RequireSecondFactor",
    "hlv.security_log.log_events",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hlv.middleware.refuse_lookups_in_parameters",
    "hlv.middleware.UnreadableResultPage",
    "hlv.sign_in.RefuseWhenPasswordsBusy",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "hlv.urls"
WSGI_APPLICATION = "hlv.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_RESOURCES["templates"]],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hlv.context_processors.site",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

AUTH_USER_MODEL = "annotations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["hlv.sign_in.FewAtATimeArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "sign-in", "studies", "sign-in"
SILENCED_SYSTEM_CHECKS: list[str] = []

# A browser takes a cookie of this prefix from this host alone, over TLS.
_PREFIX = "__Host-" if _HTTPS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_PREFIX}csrftoken"
SESSION_ENGINE = "hlv.sessions"
# Unused for so long, or so old altogether: people sign in again.
SESSION_IDLE_SECONDS = 3600 * _at_least(1, "HLV_SESSION_IDLE_HOURS", default=7 * 24)
SESSION_COOKIE_AGE = 3600 * _at_least(1, "HLV_SESSION_HOURS", default=14 * 24)
# Sensitive actions ask for the password again where the sign-in was longer ago.
SECONDS_UNTIL_CONFIRMED_AGAIN = 60 * _at_least(1, "HLV_CONFIRM_AGAIN_MINUTES", default=60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# How long the security log is kept.
SECURITY_LOG_DAYS = _at_least(1, "HLV_SECURITY_LOG_DAYS", default=365)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# Where files are taken, a few are; how many there were is counted, so that they are refused in words.
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
# A table of 1,000 labels has seven cells in each row.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Counts of progress, remembered by each process for itself: one for each study and each person at work.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

LANGUAGE_CODE = "en"
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
FORMAT_MODULE_PATH = "hlv.formats"


def _languages() -> list[tuple[str, str]]:
    """English and every language with a catalogue; HLV_LANGUAGES names them instead, for translators."""
    translated = [path.parent.parent.name for path in LOCALE_PATHS[0].glob("*/LC_MESSAGES/django.mo")]
    # Compose passes an empty one where none is given.
    codes = env.list("HLV_LANGUAGES", default=[]) or translated
    for code in codes:
        if "name_local" not in LANG_INFO.get(code, {}):
            raise ImproperlyConfigured(f"HLV_LANGUAGES names {code!r}, which is no language of Django.")
    return [(code, LANG_INFO[code]["name_local"]) for code in dict.fromkeys([LANGUAGE_CODE, *sorted(codes)])]


LANGUAGES = _languages()
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [_RESOURCES["static"]]
STATIC_ROOT = DATA_DIR / "static"
# The manifest exists where static files were collected: `hlv serve` does so before it starts.
_MANIFEST = env.bool("HLV_STATIC_MANIFEST", default=(STATIC_ROOT / "staticfiles.json").exists())
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "hlv.staticfiles.ManifestStorage"
        if _MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _MANIFEST
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
# Uploads wait here for their import and go afterwards; web and workers must share it.
UPLOAD_DIR = Path(env.str("HLV_UPLOAD_DIR", default=str(DATA_DIR / "uploads"))).absolute()
close_folder_to_others(UPLOAD_DIR)
MEDIA_ROOT = str(UPLOAD_DIR)
UPLOAD_LIMIT_BYTES = env.int("HLV_UPLOAD_LIMIT_MB", default=200) * 1_000_000
# Arrays of features, name.npy with the text ids in name.txt, that people may train on in the browser.
FEATURES_DIR = Path(env.str("HLV_FEATURES_DIR", default=str(DATA_DIR / "features"))).absolute()
# Files are read in processes of their own, which may take so much and no more: a page's, a worker's.
PREVIEW_SECONDS = _at_least(1, "HLV_PREVIEW_SECONDS", default=4)
PREVIEW_MEMORY_MB = _at_least(60, "HLV_PREVIEW_MEMORY_MB", default=200)
PREVIEWS_AT_ONCE = _at_least(1, "HLV_PREVIEWS_AT_ONCE", default=2)
IMPORT_SECONDS = _at_least(1, "HLV_IMPORT_SECONDS", default=120)
IMPORT_MEMORY_MB = _at_least(60, "HLV_IMPORT_MEMORY_MB", default=500)
IMPORT_LIMIT_ROWS = _at_least(1, "HLV_IMPORT_LIMIT_ROWS", default=2_000_000)
# One view takes files, from who may import, and says so; a stranger's would fill the disk.
FILE_UPLOAD_HANDLERS = ["hlv.importing.upload_handlers.NoFiles"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["hlv.parsers.PlainJSONParser"],
    # Only streams have formats, and find them themselves; an import has an option of this name.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "HLV",
    "DESCRIPTION": "Studies of human label variation: data in, jobs, results out.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_PUBLIC": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

_BROKER_DIR = DATA_DIR / "broker"
close_folder_to_others(_BROKER_DIR)
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 3600}
    if REDIS_URL
    else {
        # One folder for both directions: what is sent out is what is taken in.
        "data_folder_in": str(_BROKER_DIR / "messages"),
        "data_folder_out": str(_BROKER_DIR / "messages"),
        "control_folder": str(_BROKER_DIR / "control"),
        "store_processed": False,
        # Seconds between looks into the folder; the default of one is a wait that people notice.
        "polling_interval": 0.2,
    }
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = env.str("HLV_QUEUE", default="hlv")
CELERY_BEAT_SCHEDULE = {
    "reap": {"task": "annotations.tasks.reap_jobs", "schedule": 5.0},
    "refresh": {"task": "metaeval.tasks.refresh_results", "schedule": 30.0},
    "seal": {"task": "annotations.tasks.seal_history", "schedule": 60.0},
    "tidy": {"task": "annotations.tasks.tidy_up", "schedule": 3600.0},
}

# While judging goes on, results are computed again at most once in so many minutes; 0: only when somebody asks.
REFRESH_MINUTES = _at_least(0, "HLV_REFRESH_MINUTES", default=15)

# A job that has not beaten for this long is taken from its worker and queued again.
JOB_SILENCE_SECONDS = env.int("HLV_JOB_SILENCE_SECONDS", default=30)
# Less work than this is done before other workers have read what there is to do.
JOB_SECONDS_WORTH_HELP = env.float("HLV_JOB_SECONDS_WORTH_HELP", default=3.0)

LOG_FORMAT = env.str("HLV_LOG_FORMAT", default="") or "plain"
if LOG_FORMAT not in ("plain", "json"):
    raise ImproperlyConfigured(f"HLV_LOG_FORMAT is {LOG_FORMAT!r}: give plain or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "hlv.logs.PlainLines",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "hlv.logs.JsonLines"},
    },
    "filters": {
        "without_links": {"()": "hlv.middleware.WithoutSignInLinks"},
        "one_line_per_outage": {"()": "hlv.outages.OneLinePerOutage"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["one_line_per_outage", "without_links"],
        }
    },
    # It warns at each start that the file broker has no host name.
    "loggers": {"kombu.connection": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
