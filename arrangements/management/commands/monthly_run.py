import time
from argparse import ArgumentParser
from datetime import date
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from arrangements.models import MoneyRun
from arrangements.operations.monthly_run import TooEarly, retry_run, start_monthly_run
from arrangements.queries.run_progress import failed_chunks, run_progress
from infra import clock, jobs, scope
from infra.models import Job
from kernel.cents import format_euro

PAUSE_SECONDS: Final = 1.0
PATIENCE: Final = 5
"""Looks without any progress, after which this command does the work itself: there may be no worker."""


class Command(BaseCommand):
    help = "Begin de maandrun van de maand van een datum, of laat zien hoe ver hij is. Een maand wordt een keer gedaan."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, help="een dag in de maand (jjjj-mm-dd); anders vandaag")
        parser.add_argument("--follow", action="store_true", help="wacht tot alles klaar is en laat de voortgang zien")
        parser.add_argument("--retry", action="store_true", help="probeer wat mislukte nog een keer")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope.as_worker("maandrun"):
            try:
                run = start_monthly_run(day=options["date"] or clock.today())
            except TooEarly as error:
                raise CommandError(str(error)) from error
            if options["retry"]:
                retry_run(run_id=run.pk)
            if options["follow"]:
                self._follow(run)
            self._show(run)
            failed = failed_chunks(run)
        for chunk in failed:
            self.stderr.write(f"{chunk.get_step_display()} {chunk.number}: {chunk.error}")
        if failed:
            raise CommandError("Niet alles is gelukt. Los het op en gebruik --retry.")

    def _follow(self, run: MoneyRun) -> None:
        before, looks = "", 0
        while True:
            with transaction.atomic():
                run.refresh_from_db()
                now = self._text(run)
                waits = run.chunks.filter(state="waiting").exists()
                stuck = not waits and (run.chunks.filter(state="failed").exists() or self._waits_for_books(run))
            if run.state != MoneyRun.State.RUNNING or stuck:
                return
            if now != before:
                self.stdout.write(now)
                before, looks = now, 0
            elif (looks := looks + 1) >= PATIENCE:
                jobs.sweep()
                continue
            time.sleep(PAUSE_SECONDS)

    def _waits_for_books(self, run: MoneyRun) -> bool:
        """Everything that could be done is done, and no job is on its way to do the next thing."""
        kinds = ["run_chunk", "advance_run", "close_monthly_run"]
        return not Job.objects.filter(kind__in=kinds, state__in=["waiting", "running"]).exists()

    @transaction.atomic
    def _show(self, run: MoneyRun) -> None:
        run.refresh_from_db()
        self.stdout.write(f"Maandrun {run.period}: {run.get_state_display()}")
        self.stdout.write(self._text(run))
        if run.state != MoneyRun.State.RUNNING:
            self.stdout.write(f"{run.batch_count} doorbetalingen, {format_euro(run.total_cents)}")

    def _text(self, run: MoneyRun) -> str:
        return "\n".join(
            f"  {step.label}: {step.done} klaar, {step.to_go} te gaan, {step.failed} mislukt; "
            f"{step.counted} geteld, {format_euro(step.amount_cents)}"
            for step in run_progress(run)
        )
