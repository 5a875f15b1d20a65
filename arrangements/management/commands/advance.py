from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from arrangements.operations.advance import AlreadyMoving, DayNotFinished, advance_to, target_date
from infra import clock, scope


class Command(BaseCommand):
    help = "Verzet de datum en doe alles wat in die tijd vervalt (alleen demo en oefening)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=int, default=0)
        parser.add_argument("--days", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        def show(today: date) -> None:
            if options["verbosity"] > 1:
                self.stdout.write(today.isoformat())

        with scope.as_worker("tijdmachine"):
            try:
                until = target_date(clock.today(), months=options["months"], days=options["days"])
                days = advance_to(until=until, show=show)
            except (ImproperlyConfigured, ValueError, AlreadyMoving, DayNotFinished) as error:
                raise CommandError(f"{type(error).__name__}: {error}") from error
        self.stdout.write(f"Het is nu {until.isoformat()}; {days} dagen met werk.")
