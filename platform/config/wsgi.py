"""WSGI entry. Web processes use the database role of the app."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ["EENPLAN_DB_ROLE"] = "app"

application = get_wsgi_application()
