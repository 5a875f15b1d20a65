from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arrangements.operations.reconcile import reconcile
from infra import clock, scope


class Command(BaseCommand):
    help = (
        "Controleer alle boeken zoals ze stonden aan het eind van een dag: zeven regels, groen of rood, met hun cijfers. "
        "Eindigt met een fout als er een regel rood is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, metavar="JJJJ-MM-DD", help="zonder datum: gisteren")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope.as_worker("dagelijkse controle van de boeken"):
            day = options["date"] or clock.today() - timedelta(days=1)
            try:
                row = reconcile(day=day)
            except ValueError as error:
                raise CommandError(f"{day:%d-%m-%Y} moet nog komen") from error
        self.stdout.write(f"Controle van {day:%d-%m-%Y}, {row.entry_count} boekstukken, controlegetal {row.entry_hash}")
        for check in row.checks:
            self.stdout.write(f"{check['number']} {'groen' if check['is_green'] else 'ROOD '}  {check['title']}")
            self.stdout.write("         " + "; ".join(f"{name}: {value}" for name, value in check["figures"]))
            for text in check["faults"]:
                self.stdout.write(f"         fout: {text}")
            for text in check["notes"]:
                self.stdout.write(f"         let op: {text}")
        if not row.is_green:
            raise CommandError("er is een regel rood: er wordt niet doorbetaald tot dit is opgelost")
