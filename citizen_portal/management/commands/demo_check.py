"""`manage.py demo_check --base-url http://…`: walk the whole main job over HTTP, and stop at the first thing not so."""

import time
import urllib.error
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from citizen_portal.demo.browser import PageNotAsExpected
from citizen_portal.demo.check import NotSo, Walk


class Command(BaseCommand):
    help = "Walks the whole main job over HTTP on a running demo, with one line per step."
    # Everything is asked over HTTP; this process needs no tables and no URLs of its own.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", required=True, help="where the demo runs, for example http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()

        def say(text: str) -> None:
            self.stdout.write(text)
            self.stdout.flush()

        try:
            Walk(options["base_url"], say).run()
        except (NotSo, PageNotAsExpected) as wrong:
            raise CommandError(f"not so: {wrong}") from wrong
        except (urllib.error.URLError, TimeoutError, ConnectionError) as unreachable:
            raise CommandError(f"the site does not answer: {unreachable}") from unreachable
        say(f"all is as it should be ({time.monotonic() - started:.0f} s)")
