"""`manage.py load_demo`: enter the made-up cast, once. As the worker."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from citizen_portal.demo.load import CastRefused, load


class Command(BaseCommand):
    help = "Enters the made-up people of the demo, the way real data comes in. Repeating it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("load_demo is for the demo only: use config.settings.demo")
        started = time.monotonic()
        try:
            made = load()
        except CastRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        took = time.monotonic() - started
        self.stdout.write(
            f"the cast of the demo is in ({took:.0f} s)" if made else "the cast of the demo was in already"
        )
