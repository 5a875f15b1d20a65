"""Settings that hold everywhere. What differs stands in dev, demo, test and production.

No settings module opens a connection or needs a variable to be set, production excepted: type checks and `--help`
import them with an empty environment.
"""

from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

from config import env

BASE_DIR = env.ROOT
VAR_DIR = env.VAR

# --- what this product calls its own -----------------------------------------------------------------------------

# True in the demo only: one-click sign-in, all mail readable in the browser, the time machine. Production refuses it.
DEMO = False
# Where "today" comes from: "clock" is the real date in Amsterdam, "table" the business date the time machine moves.
BUSINESS_DATE_SOURCE = "clock"
# Norms made up for years not yet published. Never in production.
ALLOW_EXAMPLE_NORMS = False
# How often the sweeper looks for unfinished jobs, in seconds.
SWEEP_SECONDS = env.integer("SWEEP_SECONDS", 60)
# Absolute address of the site, without a slash at the end; used in letters, mails and signed links.
SITE_BASE_URL = "http://127.0.0.1:8000"
# The foundation that holds the money of citizens on its way to creditors (stichting derdengelden).
ACCOUNT_HOLDER_NAME = "Stichting Derdengelden Eén Plan"
ACCOUNT_HOLDER_IBAN = "NL02ABNA0123456789"
# Stripe collects where there is a key (dev and production read it), else the demo bank where that may be. A live key
# needs a second setting besides. Stripe's own names of what people may pay with; never more than the account offers.
STRIPE_SECRET_KEY = ""
STRIPE_WEBHOOK_SECRET = ""
STRIPE_PAYMENT_METHODS = ["ideal"]
# Where Stripe answers; tests put a server of their own here. Empty is Stripe itself.
STRIPE_API_BASE = ""
# Our own account, from which we make up what providers keep (payments.md 5.4): money from here is never a citizen's.
OWN_ACCOUNT_IBAN = env.text("OWN_ACCOUNT_IBAN", "NL51ABNA0987654321")
# Whether a transfer without a betalingskenmerk is booked when account and amount agree (payments.md 4, step 4).
BOOK_KNOWN_IBAN_AND_AMOUNT = env.boolean("BOOK_KNOWN_IBAN_AND_AMOUNT", default=True)
# What the made-up bank charges, in cents: for a payment, and for a storno.
DEMOBANK_FEE_CENTS = env.integer("DEMOBANK_FEE_CENTS", 29)
DEMOBANK_STORNO_FEE_CENTS = env.integer("DEMOBANK_STORNO_FEE_CENTS", 7_50)
# The number on every page that does not belong to one citizen; there the director's own number stands.
HELP_PHONE = env.text("HELP_PHONE", "088 000 12 34")

# Public keys (64 hex digits each) we signed certificates with before the key of now, separated by commas: what they
# signed stays good. The private key itself stands in dev, test and production.
SIGNING_OLD_KEYS = env.keys("SIGNING_OLD_KEYS")

# --- applications ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # pages of allauth about passkeys use it
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "infra",
    "accounts",
    "creditors",
    "creditors.console",
    "arrangements",
    "citizen_portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Puts the scope of the person behind the request in place; needs to know who that is.
    "accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the templates of the apps: pages of allauth get our own look.
        "DIRS": [BASE_DIR / "citizen_portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- data --------------------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {"default": env.database(pool=env.boolean("DB_POOL", default=False))}
REDIS_URL = env.redis_url()
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.cache_url(REDIS_URL),
        "KEY_PREFIX": "eenplan",
    },
}

# --- who is there ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "inloggen"
LOGIN_REDIRECT_URL = "/na-inloggen/"
LOGOUT_REDIRECT_URL = "/uitgelogd/"
CSRF_FAILURE_VIEW = "citizen_portal.views.login.csrf_failed"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_REQUIRED = True
# The longest ASVS 6.5.5 allows; the default of three minutes is too short for people who have to find their mail.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = int(timedelta(minutes=10).total_seconds())
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = ACCOUNT_LOGIN_BY_CODE_FORMAT
# The same page for a known and an unknown address: who has debts here is nobody's business (ASVS 6.3.8).
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# How many proxies of our own stand in front: that many names at the end of X-Forwarded-For are to be believed. Limits
# per address count on it.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0)
SOCIALACCOUNT_ONLY = False
# OpenID Connect providers (DigiD or eHerkenning through a broker): a JSON list of what allauth calls APPS, each with
# provider_id, name, client_id, secret and settings.server_url.
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": env.json_list("OIDC_PROVIDERS")}}
# Of these, the ones whose login is proof of identity (a sufficient level), by provider_id, separated by commas.
OIDC_IDENTITY_PROVIDERS = [one.strip() for one in env.text("OIDC_IDENTITY_PROVIDERS", "").split(",") if one.strip()]
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Eén Plan"

# Sessions live in the database: losing the cache logs nobody out and opens no door. Half an hour without a click ends
# one (ASVS 7.3.1).
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# --- headers -----------------------------------------------------------------------------------------------------

# No inline script or style anywhere. Two rules of the component CSS draw an icon from a data: image.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands")]
TIME_ZONE = "Europe/Amsterdam"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# --- files -------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# What `./dev setup` copied out of the npm packages: see infra/assets.py.
STATICFILES_DIRS = [("npm", VAR_DIR / "assets")]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Uploads are parsed and stored as rows; the largest is a claims file of 100,000 lines.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- mail --------------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = "Eén Plan <post@eenplan.example>"
# Right-hand side of Message-ID, so that a mail sent twice is recognised as one.
MAIL_DOMAIN = "eenplan.example"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10

# --- Celery (reliability notes: PostgreSQL is the truth, a lost message costs a minute and never money) ------------

CELERY_BROKER_URL = env.broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task is given out again only after this time when a whole worker was killed; no task may take longer than 5 minutes.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "polling_interval": 0.2}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 5 * 60
CELERY_TASK_TIME_LIMIT = 6 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-unfinished-jobs": {
        "task": "infra.sweep_jobs",
        "schedule": float(SWEEP_SECONDS),
        # A sweep nobody got round to is of no use once the next one is due.
        "options": {"expires": float(max(SWEEP_SECONDS, 1))},
    },
    # The work of the day is promised once per date; every hour, so that a worker that was down at midnight catches up.
    # A payment whose message got lost is asked about five minutes after it was started.
    "every-five-minutes": {
        "task": "arrangements.every_five_minutes",
        "schedule": 300.0,
        "options": {"expires": 300.0},
    },
    "every-hour": {"task": "arrangements.every_hour", "schedule": 3600.0, "options": {"expires": 3600.0}},
}

# --- logging: ids and outcomes, never names, amounts of a person or request bodies ----------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own set-up would mail administrators a page full of local variables.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # These print parameters of statements and of outgoing calls.
        "django.db.backends": {"handlers": [], "level": "WARNING", "propagate": True},
        "stripe": {"handlers": [], "level": "WARNING", "propagate": True},
        "fontTools": {"handlers": [], "level": "WARNING", "propagate": True},
        "celery.app.trace": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
