"""A developer's machine: embedded servers, or whatever DATABASE_URL and REDIS_URL name."""

from config import env
from config.settings.base import *

DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SITE_BASE_URL = env.text("SITE_BASE_URL", "http://127.0.0.1:8000").rstrip("/")

SECRET_KEY = env.local_secret("SECRET_KEY")
# Signs the events the demo bank posts to the webhook.
DEMOBANK_WEBHOOK_SECRET = env.local_secret("DEMOBANK_WEBHOOK_SECRET")
# A key of a sandbox makes Stripe collect instead of the demo bank; one that moves real money is refused here.
STRIPE_SECRET_KEY = env.stripe_key(allow_live=False)
STRIPE_WEBHOOK_SECRET = env.required("STRIPE_WEBHOOK_SECRET") if STRIPE_SECRET_KEY else ""
STRIPE_PAYMENT_METHODS = env.words("STRIPE_PAYMENT_METHODS", "ideal")
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += env.STRIPE_PAGES if STRIPE_SECRET_KEY else []
# Keys the hashes by which claims of unmatched people are found (architecture: "Who may see which debts").
MATCH_KEY_SECRET = env.local_secret("MATCH_KEY_SECRET")
# Signs the equality certificates.
SIGNING_KEY = env.local_key("SIGNING_KEY")

BUSINESS_DATE_SOURCE = "table"
ALLOW_EXAMPLE_NORMS = True
EMAIL_BACKEND = "infra.mail.DemoPostBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
