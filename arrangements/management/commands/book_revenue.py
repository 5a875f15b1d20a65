from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arrangements.operations.own_money import book_revenue
from infra import scope
from kernel.cents import AmountError, format_euro, parse_euro


class Command(BaseCommand):
    help = (
        "Boek wat een organisatie of gemeente op onze eigen rekening betaalde. Van het geld van burgers gaat hier niets af. "
        "Een nummer wordt één keer geboekt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--invoice", required=True, metavar="NUMMER", help="het nummer van de factuur")
        parser.add_argument("--amount", required=True, metavar="BEDRAG", help="in euro, bijvoorbeeld 1.250,00")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            cents = parse_euro(options["amount"])
        except AmountError as refused:
            raise CommandError(str(refused)) from refused
        if not cents:
            raise CommandError("Het bedrag is nul. Vul in wat er is betaald.")
        with scope.as_worker("eigen geld boeken"):
            new = book_revenue(key=f"invoice:{options['invoice']}", amount_cents=cents)
        said = format_euro(cents, whole=False)
        self.stdout.write(
            f"Factuur {options['invoice']}: {said} is geboekt."
            if new
            else f"Factuur {options['invoice']} is al geboekt."
        )
