import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arrangements.domain.certificate import Statement
from arrangements.domain.certificate_check import Check
from arrangements.domain.certificate_file import MAX_BYTES, Unreadable
from arrangements.queries.certificates import Checked, check_file, check_together


class Command(BaseCommand):
    help = (
        "Controleer een bewijs van gelijke behandeling: de verklaring van één organisatie, of de volledige lijst. Bij meer "
        "bestanden ook of ze over hetzelfde plan gaan. Zegt per controle goed of fout en eindigt bij fout met 1. Gebruikt "
        "geen database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", metavar="BESTAND", nargs="+", type=Path)
        parser.add_argument(
            "--key",
            metavar="SLEUTEL",
            default="",
            help="de publieke sleutel (64 tekens) die moet kloppen; anders de onze",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["key"]:
            _look_at_key(options["key"])
        checked = [found for path in options["files"] if (found := self._check(path, options["key"])) is not None]
        good = len(checked) == len(options["files"]) and all(one.good for one in checked)
        if len(checked) > 1:
            together = check_together(checked)
            self._say(together)
            good = good and together.good
        if not good:
            raise CommandError("niet alles klopt")
        self.stdout.write("Alles klopt.")

    def _check(self, path: Path, key: str) -> Checked | None:
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{path} is niet te lezen: {error.strerror}") from error
        try:
            checked = check_file(content, public_key=key)
        except Unreadable as reason:
            self.stdout.write(f"{path}\n  fout  {reason}")
            return None
        paper = checked.paper
        kind = f"verklaring voor {paper.party.name}" if isinstance(paper, Statement) else "volledige lijst"
        self.stdout.write(f"{path}: {kind}, {paper.heading.label}, {paper.heading.made_on}")
        self.stdout.write(f"  code {paper.root}")
        for check in checked.checks:
            self._say(check)
        return checked

    def _say(self, check: Check) -> None:
        self.stdout.write(f"  {'goed' if check.good else 'fout'}  {check.title}")
        for fault in check.faults:
            self.stdout.write(f"        {fault}")


def _look_at_key(key: str) -> None:
    if not re.fullmatch("[0-9a-f]{64}", key):
        raise CommandError("een sleutel is 64 tekens: 0 tot en met 9 en a tot en met f")
