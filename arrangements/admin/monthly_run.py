"""The monthly run in /beheer/: how far it is, what went wrong, and the two things a person can do: start it, try again."""

from typing import Final
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from arrangements.models import MoneyRun, RunChunk
from arrangements.operations.pay_out import payout_date
from arrangements.queries.remittance import books_allow
from arrangements.queries.run_progress import failed_chunks, monthly_runs, run_progress
from infra import clock, jobs, scope
from infra.read_only_admin import ReadOnlyAdmin, is_desk
from infra.scope import Scope

URL_NAME: Final = "arrangements_monthly_run"
REFRESH_SECONDS: Final = 5


class StartForm(forms.Form):
    """A day in the month to run."""

    day = forms.DateField(
        label="Een dag in de maand",
        help_text="Een maand wordt een keer gedaan. Is hij er al, dan gaat hij verder waar hij was.",
        widget=forms.DateInput(attrs={"type": "date", "class": "vDateField"}, format="%Y-%m-%d"),
        error_messages={"required": "Vul een datum in.", "invalid": "Vul een datum in, zoals 05-01-2027."},
    )

    def clean_day(self) -> object:
        day = self.cleaned_data["day"]
        if payout_date(day) > clock.today():
            first = payout_date(day)
            raise forms.ValidationError(
                f"De maandrun van {day:%m-%Y} kan vanaf {first:%d-%m-%Y}. Kies een eerdere dag."
            )
        return day


@admin.register(RunChunk)
class RunChunkAdmin(ReadOnlyAdmin):
    list_display = ("run", "step", "number", "first_id", "last_id", "state", "attempts", "counted", "amount_cents")
    list_filter = ("state", "step")
    list_select_related = ("run",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.monthly_run)
        return [path("maandrun/", view, name=URL_NAME), *super().get_urls()]

    def monthly_run(self, request: HttpRequest) -> HttpResponse:
        """Progress of the newest run, or of the one that was chosen. It shows itself again while there is work."""
        if not is_desk(request):
            raise PermissionDenied
        form = StartForm(request.POST or None, initial={"day": clock.today()})
        if request.method == "POST":
            if "opnieuw" in request.POST:
                return self._retry(request)
            if form.is_valid():
                return self._start(request, form)
        runs = monthly_runs()
        chosen = next((run for run in runs if run.period == request.GET.get("maand")), runs[0] if runs else None)
        steps = run_progress(chosen) if chosen else []
        running = chosen is not None and chosen.state == MoneyRun.State.RUNNING
        failed = failed_chunks(chosen) if chosen else []
        divided = all(step.planned and not step.to_go and not step.failed for step in steps[:2])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,  # noqa: SLF001  as Django's own admin templates want it
            "title": f"Maandrun {chosen.period}" if chosen else "Maandrun",
            "runs": runs,
            "run": chosen,
            "steps": steps,
            "failed": failed,
            "books_are_red": running and divided and not steps[2].planned and not books_allow(clock.today()),
            "refresh": REFRESH_SECONDS if running and any(step.to_go for step in steps) else 0,
            "form": form,
        }
        return TemplateResponse(request, "admin/arrangements/runchunk/monthly_run.html", context)

    def _start(self, request: HttpRequest, form: StartForm) -> HttpResponse:
        day = form.cleaned_data["day"]
        self._promise(request, "monthly_run", {"date": day.isoformat(), "user": request.user.pk})
        messages.success(request, "De maandrun begint. Deze pagina laat zien hoe ver hij is.")
        return HttpResponseRedirect(reverse(f"admin:{URL_NAME}"))

    def _retry(self, request: HttpRequest) -> HttpResponse:
        run = get_object_or_404(MoneyRun, period=request.POST["opnieuw"], kind=MoneyRun.Kind.MONTHLY)
        self._promise(request, "retry_run", {"run": run.pk})
        messages.success(request, "Wat mislukte wordt opnieuw geprobeerd.")
        return HttpResponseRedirect(f"{reverse(f'admin:{URL_NAME}')}?maand={run.period}")

    def _promise(self, request: HttpRequest, kind: str, arguments: dict[str, object]) -> None:
        who = Scope(user_id=request.user.pk, desk=True, reason="loket maandrun")
        with scope.act_as(who):
            # Each press is a promise of its own; the run itself is once per month.
            jobs.enqueue(kind, key=f"{kind}:{uuid4().hex}", arguments=arguments)
