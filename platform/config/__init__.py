"""Wiring: settings, URLs, Celery, WSGI. Nothing below may import from here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
