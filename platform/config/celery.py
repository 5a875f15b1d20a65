"""The Celery application. PostgreSQL is the truth; Celery only wakes somebody up.

Web processes import this module to send tasks. Workers start with `celery -A config.worker`, which first chooses the
database role of the worker. All settings, the beat schedule included, are in `config.settings.base` under `CELERY_`.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("eenplan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["infra", "accounts", "creditors", "arrangements"])
