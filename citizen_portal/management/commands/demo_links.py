"""`manage.py demo_links`: one sign-in link per person."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from citizen_portal.demo.personas import PERSONAS, sign_in_path


class Command(BaseCommand):
    help = "Prints where the demo is and one sign-in link per person."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("sign-in links exist in the demo only: use config.settings.demo")
        base = settings.SITE_BASE_URL
        self.stdout.write(f"Rondleidingen, post en de tijdmachine: {base}/demo/\n")
        role = ""
        for persona in PERSONAS.values():
            if persona.role != role:
                role = persona.role
                self.stdout.write(f"\n{role}")
            self.stdout.write(f"  {persona.name}: {persona.about}")
            self.stdout.write(f"    {base}{sign_in_path(persona.slug)}")
