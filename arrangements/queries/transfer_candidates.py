"""Which arrangements a bank transfer can be meant for, for many transfers in a few statements. Scope: the worker's."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db.models import F

from arrangements.domain.lifecycle import ArrangementState, InstallmentState, PaymentState
from arrangements.domain.matching import Candidate, Incoming, references_in, structured
from arrangements.models import Arrangement, Installment, KnownIban, Payment

_RUNNING: Final = (ArrangementState.ACTIVE, ArrangementState.PAUSED, ArrangementState.SUSPENDED)
_OVER: Final = (ArrangementState.FULFILLED, ArrangementState.WAIVED, ArrangementState.TERMINATED)
_UNPAID: Final = (InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED)
#: An amount alone fits many; more than so many are of no use to a person.
_MOST_BY_AMOUNT: Final = 200


def transfer_candidates(incoming: Sequence[Incoming], today: date) -> list[list[Candidate]]:
    """For each transfer the arrangements that have its reference, its account, our id or (without these) its amount."""
    named = [_references(one) for one in incoming]
    by_reference = _by_reference({one for row in named for one in row})
    by_iban = _by_iban({one.iban for one in incoming} - {""})
    by_id = _by_our_id({one.end_to_end_id for one in incoming} - {""})
    wanted: list[set[int]] = []
    for one, references in zip(incoming, named, strict=True):
        found = {by_reference[reference] for reference in references if reference in by_reference}
        found |= by_iban.get(one.iban, set())
        found |= {pk for pk, _id in by_id.get(one.end_to_end_id, ())}
        wanted.append(found)
    unknown = {one.amount_cents for one, found in zip(incoming, wanted, strict=True) if not found}
    by_amount = _by_amount(unknown)
    for one, found in zip(incoming, wanted, strict=True):
        if not found:
            found.update(by_amount.get(one.amount_cents, ()))
    rows = _candidates({pk for found in wanted for pk in found}, by_id, today)
    return [[rows[pk] for pk in sorted(found)] for found in wanted]


def _references(one: Incoming) -> frozenset[str]:
    return references_in(one.text) | ({structured(one)} - {""})


def _by_reference(references: set[str]) -> dict[str, int]:
    if not references:
        return {}
    rows = Arrangement.objects.filter(payment_reference__in=references)
    return dict(rows.values_list("payment_reference", "pk"))


def _by_iban(ibans: set[str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for iban, pk in KnownIban.objects.filter(iban__in=ibans).values_list("iban", "arrangement_id") if ibans else ():
        found[iban].add(pk)
    return found


def _by_our_id(ids: set[str]) -> dict[str, list[tuple[int, str]]]:
    """Payments we started and that did not come in through their provider: a transfer may carry their number."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    if not ids:
        return found
    rows = Payment.objects.filter(provider_id__in=ids, receipt=None).exclude(state=PaymentState.SUCCEEDED)
    for pk, name in rows.values_list("arrangement_id", "provider_id"):
        found[name].append((pk, name))
    return found


def _by_amount(amounts: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    if not amounts:
        return found
    rows = (
        Installment.objects.filter(state__in=_UNPAID, arrangement__state__in=_RUNNING)
        .annotate(still=F("amount_cents") - F("paid_cents"))
        .filter(still__in=amounts)
        .order_by("due_date", "arrangement_id")
    )
    for pk, still in rows.values_list("arrangement_id", "still")[:_MOST_BY_AMOUNT]:
        found[still].add(pk)
    return found


def _candidates(ids: set[int], by_id: dict[str, list[tuple[int, str]]], today: date) -> dict[int, Candidate]:
    if not ids:
        return {}
    asked, due, ibans, ours = _asked(ids), _due(ids, today), defaultdict(set), defaultdict(set)
    for pk, iban in KnownIban.objects.filter(arrangement_id__in=ids).values_list("arrangement_id", "iban"):
        ibans[pk].add(iban)
    for pairs in by_id.values():
        for pk, name in pairs:
            ours[pk].add(name)
    found = {}
    for row in Arrangement.objects.filter(pk__in=ids).select_related("citizen"):
        amounts = asked[row.pk] | ({due[row.pk]} if due[row.pk] else set())
        if row.state in _RUNNING and row.pot_cents > row.received_cents:
            amounts |= {row.pot_cents - row.received_cents}
        if row.state in _OVER:
            amounts |= {row.monthly_cents}
        found[row.pk] = Candidate(
            arrangement=row.pk,
            reference=row.payment_reference,
            running=row.state in _RUNNING,
            over=row.state in _OVER,
            asked=frozenset(amounts),
            ibans=frozenset(ibans[row.pk]),
            our_ids=frozenset(ours[row.pk]),
            first_name=row.citizen.first_name,
            family_name=row.citizen.family_name,
        )
    return found


def _asked(ids: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for row in Installment.objects.filter(arrangement_id__in=ids, state__in=_UNPAID):
        found[row.arrangement_id].add(row.open_cents)
    # Who pays a second time pays the monthly amount: that is exact too.
    for pk, monthly in Arrangement.objects.filter(pk__in=ids).values_list("pk", "monthly_cents"):
        found[pk].add(monthly)
    return found


def _due(ids: set[int], today: date) -> dict[int, int]:
    """All that is due by now, together."""
    found: dict[int, int] = defaultdict(int)
    for row in Installment.objects.filter(arrangement_id__in=ids, state__in=_UNPAID, due_date__lte=today):
        found[row.arrangement_id] += row.open_cents
    return found
