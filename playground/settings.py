"""Every setting, one section a concern. A wrong value stops the start with a sentence that names the variable."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playground.environment import database, env_bool, env_choice, env_int, env_str, prepare_data_folder, secret_key, socket_path

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Data folder: all state of a stand-alone installation -----------------------------------------------------------
DATA_DIR = prepare_data_folder(Path(env_str("PLAYGROUND_DATA", str(BASE_DIR / "data"))).expanduser().absolute())
RUN_DIR = DATA_DIR / "run"
LOG_DIR = DATA_DIR / "logs"

# --- Site -----------------------------------------------------------------------------------------------------------
DEBUG = env_bool("DEBUG")
SECRET_KEY = env_str("SECRET_KEY") or secret_key(DATA_DIR / "secret_key")
HOST = env_str("HOST", "127.0.0.1")
PORT = env_int("PORT", 8000)
WEB_PROCESSES = env_int("WEB_PROCESSES", 1)
PUBLIC_URL = env_str("PUBLIC_URL", f"http://{HOST}:{PORT}").rstrip("/")
# This machine may always ask, as health checks do.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", HOST, *filter(None, env_str("ALLOWED_HOSTS").replace(" ", "").split(","))]
if (_public_host := urlsplit(PUBLIC_URL).hostname) and _public_host not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public_host)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "playground.urls"
ASGI_APPLICATION = "playground.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "ninja",
    "generations",
    "playground",
]

MIDDLEWARE = [
    "playground.middleware.know_the_caller",
    "generations.api.cors.open_to_all_origins",
    "generations.api.shape.one_shape_of_refusals",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "playground.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "playground.middleware.know_the_browser",
    "playground.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "playground.middleware.welcome_first",
    "playground.opened_in.OpenedInThisTeam",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "playground.context_processors.team",
            ],
            # {% opened_in %} stands beside {% csrf_token %}, and needs no {% load %} either.
            "builtins": ["generations.templatetags.opened_in"],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------------------------
DATABASE_URL = env_str("DATABASE_URL", f"sqlite:///{DATA_DIR / 'playground.sqlite3'}")
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads first and writes later would fail at once when another writer is busy.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

# What all web servers share: the counts of wrong passwords. In the database, so that signing in needs nothing else; entries are
# many, or a stranger could push out the counts that stand against them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Broker: hints for the workers, announcements for the pages ------------------------------------------------------
REDIS_URL = env_str("REDIS_URL")
VALKEY_SOCKET = socket_path(RUN_DIR, "valkey.sock")
BROKER_FOLDER = DATA_DIR / "broker"
# Written by `manage.py up` where the embedded Valkey server cannot run.
FILESYSTEM_BROKER_MARK = RUN_DIR / "filesystem-broker"
EMBEDDED_VALKEY = not REDIS_URL and not FILESYSTEM_BROKER_MARK.exists()
PUBSUB_URL = REDIS_URL or (f"unix://{VALKEY_SOCKET}" if EMBEDDED_VALKEY else "")

# --- Celery: a message says "look at row N"; the row is the truth -----------------------------------------------------
RENDER_LEASE_S = env_int("RENDER_LEASE_S", 60)
STORE_LEASE_S = env_int("STORE_LEASE_S", 120)
SWEEP_EVERY_S = env_int("SWEEP_EVERY_S", 10)
SUBMIT_LEASE_S = env_int("SUBMIT_LEASE_S", 90)
RECONCILE_AFTER_S = env_int("RECONCILE_AFTER_S", 120)
REVIEW_AFTER_S = env_int("REVIEW_AFTER_S", 900)
EXPIRIES_BEFORE_REVIEW = 5

CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
if PUBSUB_URL:
    CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{VALKEY_SOCKET}"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # A task that runs longer than this is delivered again; the longest lease bounds the longest step.
        "visibility_timeout": 3 * max(RENDER_LEASE_S, STORE_LEASE_S),
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # A page must not wait for a broker that is away: try once more, then leave the row to the sweep.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 15,
    }
else:
    CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT = "filesystem://", "playground.file_broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_FOLDER),
        "data_folder_out": str(BROKER_FOLDER),
        "control_folder": str(BROKER_FOLDER / "control"),
        "polling_interval": 0.05,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "remote"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = env_int("WORKER_SOFT_SHUTDOWN_S", 20)
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULE = {
    # A sweep that waits longer than the next one comes is of no use.
    "poll": {"task": "generations.tasks.poll_remote", "schedule": 1, "options": {"expires": 2, "queue": "poll"}},
    "deliver": {"task": "generations.tasks.deliver", "schedule": 1, "options": {"expires": 2, "queue": "remote"}},
    "sweep": {"task": "generations.tasks.sweep", "schedule": SWEEP_EVERY_S, "options": {"expires": SWEEP_EVERY_S}},
}

# --- Backends: who makes the pictures ---------------------------------------------------------------------------------
WAVESPEED_BASE_URL = env_str("WAVESPEED_BASE_URL", "https://api.wavespeed.ai")
IMAGE_BACKENDS: dict[str, dict[str, Any]] = {
    "easel": {"BACKEND": "generations.backends.easel.Easel", "OPTIONS": {}},
    "wavespeed": {
        "BACKEND": "generations.backends.wavespeed.WaveSpeed",
        "OPTIONS": {"api_key": env_str("WAVESPEED_API_KEY"), "base_url": WAVESPEED_BASE_URL},
    },
}
# FLUX on a card of one's own is offered once its weights are named.
FLUX_MODEL = env_str("FLUX_MODEL")
FLUX_TRANSFORMER = env_str("FLUX_TRANSFORMER")
FLUX_ELSEWHERE = env_bool("FLUX_ELSEWHERE")
FLUX_OPTIONS = {
    "model": FLUX_MODEL or "black-forest-labs/FLUX.1-dev",
    "transformer": FLUX_TRANSFORMER,
    "precision": env_choice("FLUX_PRECISION", ("AUTO", "BF16", "INT8", "FP8")).lower(),
    "offload": env_choice("FLUX_OFFLOAD", ("AUTO", "NONE", "MODEL", "SEQUENTIAL")).lower(),
    "idle_unload_s": env_int("FLUX_IDLE_UNLOAD_S", 600),
    "hub_token": env_str("HF_TOKEN"),
    "hub_cache": env_str("HF_HUB_CACHE"),
    "is_elsewhere": FLUX_ELSEWHERE,
    "hashes": DATA_DIR / "flux-weights.json",
}
if FLUX_MODEL or FLUX_TRANSFORMER:
    IMAGE_BACKENDS["flux"] = {"BACKEND": "generations.backends.flux.Flux", "OPTIONS": FLUX_OPTIONS}
# One worker a card; empty for the first card alone.
CUDA_VISIBLE_DEVICES = env_str("CUDA_VISIBLE_DEVICES")
WAVESPEED_MAX_CONCURRENT = env_int("WAVESPEED_MAX_CONCURRENT", 3)
WAVESPEED_MAX_PER_MINUTE = env_int("WAVESPEED_MAX_PER_MINUTE", 10)
DEFAULT_BACKEND = env_str("DEFAULT_BACKEND", "easel")
CHECK_PICTURES = env_bool("CHECK_PICTURES", True)

# --- The API: what programs get -------------------------------------------------------------------------------------------
API_SYNC_WAIT_S = env_int("API_SYNC_WAIT_S", 90)
API_FILES_DAYS = env_int("API_FILES_DAYS", 7)
# Programs may name this address on this machine, for trials; every other one has to be public.
LOOPBACK_ORIGIN = env_str("LOOPBACK_ORIGIN")

# --- Enhancers: who improves prompts; the first is the default one ------------------------------------------------------
PROMPT_ENHANCERS: dict[str, dict[str, Any]] = {
    "local": {"BACKEND": "generations.enhancers.local.Local", "OPTIONS": {}},
    "wavespeed": {"BACKEND": "generations.enhancers.wavespeed.Optimizer", "OPTIONS": {"base_url": WAVESPEED_BASE_URL}},
    "chat": {
        "BACKEND": "generations.enhancers.chat.Chat",
        "OPTIONS": {
            "url": env_str("ENHANCER_CHAT_URL"),
            "model": env_str("ENHANCER_CHAT_MODEL"),
            "key": env_str("ENHANCER_CHAT_KEY"),
            "sees": env_bool("ENHANCER_CHAT_SEES"),
        },
    },
}

# --- Files --------------------------------------------------------------------------------------------------------------
MEDIA_ROOT = DATA_DIR / "media"
STATIC_ROOT = DATA_DIR / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "generations.storage.DurableFileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# A form with a reference picture: 20 MB for the file, the rest for the fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
# A selection of 1,000 pictures, and what is to become of them.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_100
FILE_UPLOAD_MAX_MEMORY_SIZE = 4_000_000
# More than the page takes in at once (generations.transfer.parcels.MOST), so that it can say so itself.
DATA_UPLOAD_MAX_NUMBER_FILES = 1000

# --- People -------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "generations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "playground"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "playground.accounts.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {
    "login": "playground.account_forms.SignInForm",
    "reauthenticate": "playground.account_forms.ConfirmForm",
    "change_password": "playground.account_forms.NewPasswordForm",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    # playground.lockout counts the wrong passwords; right ones are free.
    "login": None,
    # Of these only codes of second factors are left.
    "login_failed": "5/5m/key",
    "reset_password": "10/10m/ip,5/10m/key",
}
PASSWORD_RESET_TIMEOUT = 60 * 60
MFA_ADAPTER = "playground.accounts.SecondFactors"
MFA_FORMS = {"edit_webauthn": "playground.account_forms.PasskeyNameForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Owners make accounts, so that nobody sits in somebody else's.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1

# --- Single sign-on -------------------------------------------------------------------------------------------------------
OIDC_ISSUER = env_str("OIDC_ISSUER").rstrip("/")
OIDC_CLIENT_ID = env_str("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env_str("OIDC_CLIENT_SECRET")
OIDC_NAME = env_str("OIDC_NAME", "your company")
SOCIALACCOUNT_ADAPTER = "playground.accounts.SingleSignOn"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True}}

# --- Mail -----------------------------------------------------------------------------------------------------------------
EMAIL_HOST = env_str("EMAIL_HOST")
EMAIL_PORT = env_int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env_str("MAIL_FROM", f"playground@{_public_host or 'localhost'}")

# --- Security --------------------------------------------------------------------------------------------------------------
_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
TRUSTED_PROXIES = env_int("TRUSTED_PROXIES", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
# The proxy in front redirects to HTTPS; what other names under the domain do is for its owner to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Log ----------------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR"))},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        # The sweep runs every few seconds; what it finds is logged by itself.
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
