from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arrangements.domain.history import from_to, is_told, sentence, who_did, why
from arrangements.queries.history import case_history, citizen_of
from infra import scope


class Command(BaseCommand):
    help = (
        "Vertel het verhaal van één zaak, op volgorde: wanneer, wie, wat, van en naar, en waarom. Het kenmerk is een "
        "betalingskenmerk, een kenmerk van een vordering, of het nummer van een voorstel, regeling of aanvraag."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", metavar="KENMERK")
        parser.add_argument("--all", action="store_true", help="ook de regels van de huishouding van het systeem")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope.as_worker("geschiedenis van een zaak tonen"):
            citizen = citizen_of(options["reference"])
            if citizen is None:
                raise CommandError(f"er is geen zaak met kenmerk {options['reference']}")
            events = case_history(citizen)
        for event in events:
            if not is_told(event) and not options["all"]:
                continue
            what = sentence(event) if is_told(event) else f"{event.action} {event.object_type} {event.object_id}"
            words = [f"{event.on:%d-%m-%Y} {event.at:%H:%M}", f"{event.object_type} {event.object_id}", what]
            words += [part for part in (from_to(event), why(event), f"door {who_did(event)}") if part]
            self.stdout.write(" | ".join(words))
