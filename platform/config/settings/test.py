"""The test suite. Everything real except the mailbox; secrets are fixed and worth nothing."""

from config import env
from config.settings.base import *
from config.settings.base import INSTALLED_APPS as _INSTALLED_APPS

DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
SITE_BASE_URL = "http://testserver"

SECRET_KEY = "tests-only-tests-only-tests-only-tests-only-tests-only"  # noqa: S105  not a secret
DEMOBANK_WEBHOOK_SECRET = "tests-only-webhook"  # noqa: S105  not a secret
MATCH_KEY_SECRET = "tests-only-match-key"  # noqa: S105  not a secret
SIGNING_KEY = "7e" * 32

BUSINESS_DATE_SOURCE = "table"
ALLOW_EXAMPLE_NORMS = True
SWEEP_SECONDS = env.integer("SWEEP_SECONDS", 2)
CELERY_BEAT_SCHEDULE["sweep-unfinished-jobs"]["schedule"] = float(SWEEP_SECONDS)

# First in the list: its `flush` command copies the template database instead of truncating tables, which no role may.
INSTALLED_APPS = ["tests.support", *_INSTALLED_APPS]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A password costs 0.3 s on purpose; hundreds of test users need not.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
