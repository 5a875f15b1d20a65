from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from infra import signing


class Command(BaseCommand):
    help = (
        "Toon de publieke sleutels waarmee iedereen onze handtekening kan controleren, die van nu eerst. Met --new een "
        "nieuwe geheime sleutel voor SIGNING_KEY; zet dan de publieke sleutel van nu in SIGNING_OLD_KEYS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new", action="store_true", help="maak een nieuwe sleutel; er wordt niets bewaard")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new"]:
            private = signing.new_private_key()
            self.stdout.write(f"geheim    {private}")
            self.stdout.write(f"publiek   {signing.public_half(private)}")
            return
        for key_id, public in signing.public_keys().items():
            self.stdout.write(f"{key_id}  {public}")
