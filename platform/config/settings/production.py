"""Production. Every secret and address comes from the environment; what is missing stops the start, by name."""

from config import env
from config.settings import base as _base
from config.settings.base import *

DEBUG = False
SECRET_KEY = env.required("SECRET_KEY")
DEMOBANK_WEBHOOK_SECRET = env.required("DEMOBANK_WEBHOOK_SECRET")
MATCH_KEY_SECRET = env.required("MATCH_KEY_SECRET")
SIGNING_KEY = env.key("SIGNING_KEY")
ALLOWED_HOSTS = [host.strip() for host in env.required("ALLOWED_HOSTS").split(",") if host.strip()]
SITE_BASE_URL = env.required("SITE_BASE_URL").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_BASE_URL]
HELP_PHONE = env.required("HELP_PHONE")
ACCOUNT_HOLDER_NAME = env.required("ACCOUNT_HOLDER_NAME")
ACCOUNT_HOLDER_IBAN = env.required("ACCOUNT_HOLDER_IBAN")

# Without a key nobody collects by link here: the demo bank refuses to exist. A live key needs the second setting.
STRIPE_SECRET_KEY = env.stripe_key(allow_live=env.boolean("STRIPE_ALLOW_LIVE", default=False))
STRIPE_WEBHOOK_SECRET = env.required("STRIPE_WEBHOOK_SECRET") if STRIPE_SECRET_KEY else ""
STRIPE_PAYMENT_METHODS = env.words("STRIPE_PAYMENT_METHODS", "ideal")
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += env.STRIPE_PAGES if STRIPE_SECRET_KEY else []

# Not switches: production has no demo doors, no made-up norms and no date but the real one.
DEMO = False
ALLOW_EXAMPLE_NORMS = False
BUSINESS_DATE_SOURCE = "clock"
env.refuse("DEMO")

DATABASES = {"default": env.database(pool=env.boolean("DB_POOL", default=True), all_required=True)}
REDIS_URL = env.redis_url(required=True)
CACHES = {"default": {**_base.CACHES["default"], "LOCATION": env.cache_url(REDIS_URL)}}
CELERY_BROKER_URL = env.broker_url(REDIS_URL)

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.required("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=True)
DEFAULT_FROM_EMAIL = env.required("DEFAULT_FROM_EMAIL")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_DOMAIN = env.required("MAIL_DOMAIN")

# The proxy in front ends TLS, and must overwrite this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# It also writes the visitor's address; without that everybody would share one limit.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 1)
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"

STORAGES = {
    **_base.STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
