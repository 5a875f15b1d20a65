import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arrangements.domain.ledger_journal import FORMATS
from arrangements.operations.export_ledger import WrongPeriod, export_ledger, record_export
from infra import scope


class Command(BaseCommand):
    help = (
        "Schrijf beide grootboeken van een periode, met de beginbalans, voor een ander boekhoudprogramma. "
        "Zonder namen, alleen nummers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="JJJJ-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="JJJJ-MM-DD")
        parser.add_argument("--format", dest="kind", choices=sorted(FORMATS), default="beancount")
        parser.add_argument("--output", type=Path, metavar="BESTAND", help="zonder bestand: naar het scherm")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last, kind = options["first"], options["last"], options["kind"]
        with scope.as_worker("grootboek exporteren"):
            try:
                record_export(first=first, last=last, kind=kind)
                lines = export_ledger(first=first, last=last, kind=kind)
            except WrongPeriod as refused:
                raise CommandError(str(refused)) from refused
            if options["output"] is None:
                for line in lines:
                    sys.stdout.write(line)
                return
            with options["output"].open("w", encoding="utf-8") as file:
                file.writelines(lines)
        self.stdout.write(f"{options['output']} is geschreven.")
