from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from affordability.norms import half_year, next_half_year
from arrangements.operations.warn_norms import WARN_DAYS
from arrangements.queries.norm_records import half_year_state
from arrangements.queries.norm_words import half_year_name, state_lines
from infra import clock, scope


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is geen datum. Schrijf die zo: 2027-01-31.") from error


class Command(BaseCommand):
    help = (
        "Zeg of de normen van dit halfjaar en het volgende er zijn. Eindigt met een fout als die van nu ontbreken, of die "
        f"van het volgende halfjaar {max(WARN_DAYS)} dagen voor het begin of later."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="DATUM", help="de dag die telt, zoals 2026-12-01; anders vandaag")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope.as_worker("normen nakijken"):
            on = _day(options["on"]) if options["on"] else clock.today()
            states = [half_year_state(on), half_year_state(next_half_year(on))]
        late = []
        for state in states:
            first, *rest = state_lines(state)
            self.stdout.write(first)
            for line in rest:
                self.stdout.write(f"  {line}")
            days = (state.starts - on).days
            if not state.usable and (state.starts == half_year(on) or days <= max(WARN_DAYS)):
                late.append(half_year_name(state.starts))
        if late:
            raise CommandError(f"er zijn geen bruikbare normen voor {' en voor '.join(late)}")
