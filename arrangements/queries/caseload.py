"""What a coach sees: who needs me today, and the file of one client. Runs in the coach's scope; no balances in the list."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from django.db import connection

from accounts.models import Mandate
from arrangements.domain.lifecycle import ProposalState
from arrangements.models import Answer, Application, Arrangement, Assessment, CaseTask, Proposal

MANDATE_ENDS_SOON = timedelta(days=14)
UNTOUCHED = timedelta(days=7)


class Need(StrEnum):
    """Why a client needs the coach, the most pressing first."""

    TASK = "task"
    REFUSED = "refused"
    SILENT = "silent"
    AMBER = "amber"
    MISSED = "missed"
    TO_SIGN = "to_sign"
    TO_SEND = "to_send"
    MANDATE_ENDS = "mandate_ends"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason. `count` is of answers or instalments, 0 where nothing is counted; `on` the day it is due or happened."""

    need: Need
    on: date
    count: int = 0
    task: CaseTask | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """One row of the caseload."""

    mandate: Mandate
    signals: list[Signal] = field(default_factory=list)

    @property
    def next_date(self) -> date:
        """Nothing is without a next date (features.md B16): without a reason it is the end of the mandate."""
        return min((signal.on for signal in self.signals), default=self.mandate.valid_until)


@dataclass(frozen=True, slots=True)
class ClientFile:
    """What a coach needs to know of one client. None where there is nothing yet."""

    application: Application | None
    assessment: Assessment | None
    proposal: Proposal | None
    answers: list[Answer]
    arrangement: Arrangement | None
    tasks: list[CaseTask]


def living_mandates(coach_id: int, today: date) -> list[Mandate]:
    """The mandates that hold today. One whose date has passed gives no access, ended or not."""
    return list(
        Mandate.objects.filter(coach_id=coach_id, ended_at=None, valid_from__lte=today, valid_until__gte=today)
        .select_related("citizen")
        .order_by("citizen__family_name", "pk")
    )


def caseload(coach_id: int, today: date) -> list[Client]:
    """All clients of a coach: who needs something first, by date; then the others, by name. Three queries in all."""
    mandates = {mandate.citizen_id: mandate for mandate in living_mandates(coach_id, today)}
    clients = {citizen_id: Client(mandate) for citizen_id, mandate in mandates.items()}
    for task in CaseTask.objects.filter(assigned_to_id=coach_id, done_on=None, citizen_id__in=mandates):
        clients[task.citizen_id].signals.append(Signal(Need.TASK, task.due_on, task=task))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM caseload_signals()")
        rows = cursor.fetchall()
    for citizen_id, refused, silent, missed, verdict, has_draft, to_sign, touched_on in rows:
        client = clients.get(citizen_id)
        if client is None:
            continue
        add = client.signals.append
        if refused:
            add(Signal(Need.REFUSED, today, refused))
        if silent:
            add(Signal(Need.SILENT, today, silent))
        if verdict == Assessment.Verdict.AMBER:
            add(Signal(Need.AMBER, today))
        if missed:
            add(Signal(Need.MISSED, today, missed))
        if to_sign:
            add(Signal(Need.TO_SIGN, today))
        if has_draft:
            add(Signal(Need.TO_SEND, today))
        elif touched_on is not None and today - touched_on >= UNTOUCHED:
            add(Signal(Need.UNTOUCHED, today))
    order = list(Need)
    for client in clients.values():
        if client.mandate.valid_until - today <= MANDATE_ENDS_SOON:
            client.signals.append(Signal(Need.MANDATE_ENDS, client.mandate.valid_until))
        client.signals.sort(key=lambda signal: (signal.on, order.index(signal.need)))
    return sorted(clients.values(), key=lambda client: (not client.signals, client.next_date))


def client_file(citizen_id: int) -> ClientFile:
    """The file of one client. Scope: the coach acting for this citizen."""
    application = Application.objects.filter(citizen_id=citizen_id, closed_at=None).first()
    proposal = (
        Proposal.objects.filter(citizen_id=citizen_id)
        .exclude(state__in=[ProposalState.LAPSED, ProposalState.WITHDRAWN])
        .order_by("-version")
        .first()
    )
    return ClientFile(
        application=application,
        assessment=Assessment.objects.filter(citizen_id=citizen_id).order_by("-pk").first(),
        proposal=proposal,
        answers=list(Answer.objects.filter(proposal=proposal).select_related("creditor")) if proposal else [],
        arrangement=Arrangement.objects.filter(citizen_id=citizen_id).order_by("-pk").first(),
        tasks=list(CaseTask.objects.filter(citizen_id=citizen_id, done_on=None)),
    )
