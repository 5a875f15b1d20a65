"""What waits for a person of the desk about money: counts, and where to go. Scope: the desk's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from arrangements.models import (
    BankFile,
    BankLine,
    MoneyDecision,
    MoneyRun,
    ProviderCall,
    ProviderEvent,
    Receipt,
    Refund,
    RunChunk,
    Storno,
    WithholdingFile,
)
from creditors.models import IbanChange


@dataclass(frozen=True, slots=True)
class Waiting:
    """A heap of work: how much, what it is, what to do, and the name of the page where that is done."""

    label: str
    count: int
    to_do: str
    url_name: str


def _bank_lines() -> int:
    return BankLine.objects.filter(meaning=BankLine.Meaning.OPEN, decisions__isnull=True).distinct().count()


def _decisions() -> int:
    needs_two = [MoneyDecision.Kind.WRITE_OFF, MoneyDecision.Kind.SEND_BACK]
    return MoneyDecision.objects.filter(kind__in=needs_two, approved_by=None, done_on=None).count()


def _files() -> int:
    return BankFile.objects.filter(state=BankFile.State.REFUSED).count()


def _runs() -> int:
    return MoneyRun.objects.filter(state=MoneyRun.State.BUILT).count()


def _chunks() -> int:
    return RunChunk.objects.filter(state=RunChunk.State.FAILED).count()


def _refunds() -> int:
    return Refund.objects.filter(state__in=[Refund.State.ASKED, Refund.State.FAILED]).count()


def _withholding() -> int:
    return WithholdingFile.objects.filter(state=WithholdingFile.State.WAITING).count()


def _stornos() -> int:
    return Storno.objects.filter(open_cents__gt=0).count()


def _ibans() -> int:
    return IbanChange.objects.filter(state=IbanChange.State.ASKED).count()


def _events() -> int:
    events = ProviderEvent.objects.filter(handled_at=None).filter(Q(shown_on__isnull=False)).count()
    return events + ProviderCall.objects.filter(state=ProviderCall.State.TO_PERSON).count()


def _undivided() -> int:
    return Receipt.objects.filter(divided_on=None).count()


_HEAPS: Final[tuple[tuple[str, Callable[[], int], str, str], ...]] = (
    ("Regels van de bank zonder plaats", _bank_lines, "Zeg waar het geld bij hoort.", "admin:arrangements_bank_queue"),
    ("Besluiten die op een tweede wachten", _decisions, "Kijk het na.", "admin:arrangements_bank_queue"),
    ("Geweigerde bestanden van de bank", _files, "Vraag een nieuw bestand.", "admin:arrangements_statements"),
    (
        "Runs om vrij te geven",
        _runs,
        "Vergelijk het totaal en geef vrij, met twee.",
        "admin:arrangements_moneyrun_changelist",
    ),
    ("Delen van een maandrun die mislukten", _chunks, "Kijk waarom.", "admin:arrangements_monthly_run"),
    ("Terugbetalingen", _refunds, "Keur goed, of zoek een ander rekeningnummer.", "admin:arrangements_refunds"),
    ("Specificaties zonder geld", _withholding, "Wacht op de overboeking.", "admin:arrangements_withholding"),
    ("Storno's die nog open staan", _stornos, "Bel de burger.", "admin:arrangements_stornos"),
    ("Nieuwe rekeningnummers", _ibans, "Controleer de naam bij de bank.", "admin:creditors_ibanchange_changelist"),
    (
        "Berichten die niemand kent",
        _events,
        "Vraag het na bij de betaaldienst.",
        "admin:arrangements_providerevent_changelist",
    ),
    (
        "Ontvangsten die op de verdeling wachten",
        _undivided,
        "De maandrun verdeelt ze.",
        "admin:arrangements_monthly_run",
    ),
)


def waiting() -> list[Waiting]:
    """Every heap, also an empty one, in the order of a working day."""
    return [Waiting(label, count(), to_do, url_name) for label, count, to_do, url_name in _HEAPS]
