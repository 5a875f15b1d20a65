"""Entry for Celery's worker and beat: the same application, on the connection of the worker's database role."""

import os

os.environ["EENPLAN_DB_ROLE"] = "worker"

from config.celery import app

__all__ = ["app"]
