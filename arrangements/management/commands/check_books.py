from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arrangements.operations.check_books import check_books
from infra import scope


class Command(BaseCommand):
    help = "Kijk of alle boeken kloppen. Eindigt met een fout bij het eerste verschil."

    def handle(self, *args: Any, **options: Any) -> None:
        with scope.as_worker("boeken nakijken"):
            findings = check_books()
        for finding in findings:
            self.stderr.write(f"{finding.check}: {finding.text}")
        if findings:
            raise CommandError(f"{len(findings)} verschillen in de boeken")
        self.stdout.write("De boeken kloppen.")
