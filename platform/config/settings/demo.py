"""`./dev demo`: pages as in production, made-up people, a date of its own, and a way in without a mailbox."""

from config.settings.dev import *

DEMO = True
# Error pages as real visitors get them; static files come straight from the source tree.
DEBUG = False
WHITENOISE_AUTOREFRESH = False
