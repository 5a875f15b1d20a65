"""A payment that the payer's bank took back, and its cost; and the money that came back after all (payments.md 5.4, 5.7)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum

from arrangements.domain import postings
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import ClaimState, InstallmentState, PaymentState, Thing
from arrangements.domain.postings import Account, Entry, Part
from arrangements.domain.storno import Back, Had, day_to_pay_again, take_back
from arrangements.models import (
    Arrangement,
    ArrangementLine,
    CaseTask,
    Installment,
    LedgerEntry,
    LedgerPosting,
    Payment,
    Receipt,
    Storno,
    StornoPart,
)
from arrangements.operations.change_plan import apply_plan, lock_plan
from arrangements.operations.free_refund_money import free_refund_money
from arrangements.operations.moves import move
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import (
    RULE_VERSION,
    RUNNING,
    book_receipt,
    lock_arrangement,
    receive_payment,
)
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell_storno import tell_storno, tell_storno_won
from arrangements.payments.provider import Reversal
from infra import audit, clock

LEFT = (ClaimState.TRANSFERRED, ClaimState.WITHDRAWN)


@transaction.atomic
def book_fee(*, payment_id: int, fee_cents: int) -> None:
    """The provider kept `fee_cents` for this payment: our cost, never the citizen's (payments.md 5.4). Worker only.

    Once per payment: what it says later changes nothing. ValueError below zero.
    """
    if fee_cents < 0:
        raise ValueError("a fee is not below zero")
    payment = _lock_payment(payment_id)
    if payment.fee_cents is not None:
        return
    payment.fee_cents = fee_cents
    payment.save(update_fields=["fee_cents"])
    if fee_cents:
        post_entries([postings.provider_fee(f"{payment.provider}:{payment.provider_id}:fee", amount=fee_cents)])


@transaction.atomic
def book_storno(*, payment_id: int, reversal: Reversal) -> Storno | None:
    """The provider says that this payment was taken back, or that it won the dispute about it. Worker only.

    Once per dispute, however often it is told. A payment that was never booked is booked first: what happened, happened.
    Part of a payment taken back, or more than it: nothing is booked, a person looks (None then).
    """
    payment = _lock_payment(payment_id)
    key = f"{payment.provider}:{reversal.dispute_id}"
    storno = Storno.objects.select_for_update(of=("self",)).filter(key=key).first()
    if storno is None:
        receipt = _receipt_of(payment, reversal.amount_cents)
        if receipt is None or receipt.amount_cents != reversal.amount_cents:
            _ask_a_person(payment, key)
            return None
        storno = _book(payment, receipt, key)
    _book_storno_fee(key, reversal.fee_cents)
    if reversal.won and storno.won_on is None:
        _book_won(storno)
    return storno


def _lock_payment(payment_id: int) -> Payment:
    """First the arrangement, as everywhere."""
    lock_arrangement(Payment.objects.values_list("arrangement_id", flat=True).get(pk=payment_id))
    return Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)


def _receipt_of(payment: Payment, amount_cents: int) -> Receipt | None:
    """The money of this payment as it stands with us now: its receipt, or the one in which it came back after a dispute."""
    if payment.state == PaymentState.PENDING:
        receive_payment(payment_id=payment.pk, amount_cents=amount_cents)
        payment.refresh_from_db()
    won = [won_key(key) for key in Storno.objects.filter(receipt__payment=payment).values_list("key", flat=True)]
    gone = Storno.objects.filter(arrangement_id=payment.arrangement_id, won_on=None).values("receipt_id")
    ours = Receipt.objects.select_for_update(of=("self",)).select_related("payment")
    living = ours.filter(Q(payment=payment) | Q(key__in=won), reversed_cents=0).exclude(pk__in=gone)
    return living.order_by("pk").first()


def won_key(storno_key: str) -> str:
    """The key of the receipt in which the money of a storno came back."""
    return f"{storno_key}:won"


def _ask_a_person(payment: Payment, key: str) -> None:
    make_task(
        citizen_id=payment.citizen_id,
        key=f"storno:{key}",
        kind=CaseTask.Kind.STORNO,
        text=(
            "De bank nam een deel van een betaling terug, of een ander bedrag. Dit is nog niet geboekt. "
            "Vraag het na bij het loket."
        ),
    )


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where the money comes from, in cents. `waiting`: was not divided yet."""

    back: tuple[Back, ...]
    waiting: int
    extra: int
    claimed: int

    @property
    def mirrored(self) -> int:
        return self.waiting + sum(one.payable + one.parked for one in self.back)

    @property
    def set_off(self) -> int:
        return sum(one.set_off for one in self.back)

    @property
    def way(self) -> Storno.Way:
        if self.claimed:
            return Storno.Way.ON_CITIZEN
        return Storno.Way.SET_OFF if self.set_off else Storno.Way.MIRRORED


def _book(payment: Payment, receipt: Receipt, key: str) -> Storno:
    arrangement = lock_arrangement(payment.arrangement_id)
    today = clock.today()
    found = _sources(arrangement, receipt)
    storno = Storno.objects.create(
        receipt=receipt,
        arrangement=arrangement,
        citizen_id=arrangement.citizen_id,
        key=key,
        way=found.way,
        amount_cents=receipt.amount_cents,
        mirrored_cents=found.mirrored,
        set_off_cents=found.set_off,
        extra_cents=found.extra,
        claimed_cents=found.claimed,
        open_cents=found.claimed,
        happened_on=today,
    )
    StornoPart.objects.bulk_create(
        StornoPart(
            storno=storno,
            creditor_id=one.creditor,
            claim_id=one.claim,
            amount_cents=one.set_off,
            open_cents=one.set_off,
        )
        for one in found.back
        if one.set_off
    )
    post_entries(_entries(arrangement, storno, found))
    receipt.divided_cents -= sum(one.amount for one in found.back)
    receipt.extra_cents -= found.extra
    receipt.reversed_cents = storno.amount_cents - found.claimed
    receipt.divided_on = receipt.divided_on or today
    receipt.save(update_fields=["divided_cents", "extra_cents", "reversed_cents", "divided_on"])
    if payment.state in (PaymentState.SUCCEEDED, PaymentState.SETTLED):
        move(Thing.PAYMENT, payment, PaymentState.REVERSED, reason="teruggenomen door de bank van de betaler")
    if found.back:
        _reopen_plan(arrangement, receipt, found.back, storno)
    audit.record(
        "storno_booked",
        object_type="storno",
        object_id=storno.pk,
        to_state=storno.way,
        citizen_id=arrangement.citizen_id,
        details={"amount_cents": storno.amount_cents, "claimed_cents": storno.claimed_cents},
    )
    tell_storno(arrangement, storno)
    return storno


def _sources(arrangement: Arrangement, receipt: Receipt) -> _Sources:
    amount = receipt.amount_cents
    if receipt.divided_on is None:
        return _Sources(back=(), waiting=amount, extra=0, claimed=0)
    runs = arrangement.state in RUNNING and _reopenable(arrangement) >= receipt.divided_cents
    back = take_back(_had(arrangement, receipt), runs=runs) if receipt.divided_cents else ()
    # What was kept for the citizen is there unless it went back already.
    extra = free_refund_money(arrangement, wanted_cents=receipt.extra_cents)
    taken = sum(one.amount for one in back or ())
    return _Sources(back=tuple(back or ()), waiting=0, extra=extra, claimed=amount - taken - extra)


def _had(arrangement: Arrangement, receipt: Receipt) -> list[Had]:
    """What the receipt gave to every claim, from the books; and how its line stands now. The lines stay locked."""
    entry = LedgerEntry.objects.get(key=f"cash:{receipt.key}:distribution:{RULE_VERSION}")
    gave: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for posting in _claim_postings([entry.pk], entry).filter(credit_cents__gt=0):
        gave[_claim(posting)][posting.account] += posting.credit_cents
    later = _given_later(arrangement, receipt, entry)
    rows = (
        ArrangementLine.objects.select_for_update(of=("self",))
        .filter(arrangement=arrangement, claim_id__in=list(gave))
        .select_related("claim", "creditor")
        .order_by("position")
    )
    return [
        Had(
            claim=row.claim_id,
            creditor=row.creditor_id,
            paid=gave[row.claim_id][Account.PAYABLE_TO_CREDITOR],
            parked=gave[row.claim_id][Account.RESERVED_FOR_DISPUTE],
            later=max(0, later[row.claim_id]),
            payable_now=row.paid_cents - row.remitted_cents,
            remitted_now=row.remitted_cents,
            parked_now=row.parked_cents,
            agreed=row.creditor.set_off_agreed,
            gone=row.closed_on is not None or row.claim.state in LEFT,
        )
        for row in rows
    ]


def _given_later(arrangement: Arrangement, receipt: Receipt, entry: LedgerEntry) -> dict[int, int]:
    """What every claim got payable since `entry`, less what was mirrored of it, in cents. By the keys of this arrangement."""
    keys = [
        f"cash:{key}:distribution:{RULE_VERSION}"
        for key in Receipt.objects.filter(arrangement=arrangement).exclude(pk=receipt.pk).values_list("key", flat=True)
    ]
    keys += [
        f"cash:{key}:mirrored" for key in Storno.objects.filter(arrangement=arrangement).values_list("key", flat=True)
    ]
    keys += [
        f"cash:arrangement:{arrangement.pk}:version:{number}:freed" for number in range(1, arrangement.version + 1)
    ]
    entries = list(LedgerEntry.objects.filter(key__in=keys, pk__gt=entry.pk).values_list("pk", flat=True))
    sums = (
        _claim_postings(entries, entry)
        .filter(account=Account.PAYABLE_TO_CREDITOR)
        .values("claim_id")
        .annotate(sum=Sum(F("credit_cents") - F("debit_cents")))
        .values_list("claim_id", "sum")
    )
    return defaultdict(int, {int(claim): int(amount) for claim, amount in sums if claim is not None})


def _claim_postings(entries: Sequence[int], since: LedgerEntry) -> QuerySet[LedgerPosting]:
    """The sides of these entries that belong to a claim. The day keeps older months out of the search."""
    return LedgerPosting.objects.filter(
        entry_id__in=list(entries), booked_on__gte=since.booked_on, claim_id__isnull=False
    )


def _claim(posting: LedgerPosting) -> int:
    assert posting.claim_id is not None  # noqa: S101  `_claim_postings` asked for it; for the type checker
    return posting.claim_id


def _entries(arrangement: Arrangement, storno: Storno, found: _Sources) -> list[Entry]:
    """First back to what was not divided, then off the provider's balance (payments.md 5.4)."""
    pk, key = arrangement.pk, storno.key
    entries: list[Entry] = []
    if found.mirrored - found.waiting:
        entries += postings.mirrored(
            f"{key}:mirrored",
            arrangement=pk,
            paid=[Part(one.claim, one.creditor, one.payable) for one in found.back],
            parked=[Part(one.claim, one.creditor, one.parked) for one in found.back],
        )
    if found.set_off:
        parts = [Part(one.claim, one.creditor, one.set_off) for one in found.back]
        entries += postings.storno_set_off(f"{key}:set_off", arrangement=pk, parts=parts)
    if found.extra:
        aside = postings.overpayment("as it was", arrangement=pk, amount=found.extra)
        entries.append(postings.reversal(f"{key}:extra", aside))
    if found.claimed:
        entries.append(postings.storno_on_citizen(f"{key}:claimed", arrangement=pk, amount=found.claimed))
    entries.append(postings.storno(key, arrangement=pk, amount=storno.amount_cents))
    return entries


def _reopenable(arrangement: Arrangement) -> int:
    """What was paid on instalments that count, or that another took the place of, in cents: so much can be open again."""
    return _paid_on(arrangement).aggregate(sum=Sum("paid_cents"))["sum"] or 0


def _paid_on(arrangement: Arrangement) -> QuerySet[Installment]:
    paid = Installment.objects.filter(arrangement=arrangement, paid_cents__gt=0)
    return paid.exclude(state=InstallmentState.MOVED, replaced_by=None)


def _reopen_plan(arrangement: Arrangement, receipt: Receipt, back: Sequence[Back], storno: Storno) -> None:
    """The debts and the instalments are open again, and the plan goes on from there as a new version: nobody's share changes."""
    rows = {
        row.claim_id: row
        for row in ArrangementLine.objects.select_for_update(of=("self",)).filter(arrangement=arrangement)
    }
    for one in back:
        row = rows[one.claim]
        row.parked_cents -= one.parked
        row.paid_cents -= one.payable + one.set_off
        row.remitted_cents -= one.set_off
    ArrangementLine.objects.bulk_update(rows.values(), ["parked_cents", "paid_cents", "remitted_cents"])
    amount = sum(one.amount for one in back)
    # Together: the version may not begin above what there is.
    arrangement.received_cents -= amount
    arrangement.base_received_cents = min(arrangement.base_received_cents, arrangement.received_cents)
    arrangement.save(update_fields=["received_cents", "base_received_cents"])
    _reopen_installments(arrangement, receipt, amount)
    plan = lock_plan(arrangement.pk)
    apply_plan(
        plan,
        lines=plan.lines,
        ground=ChangeGround.STORNO,
        decided_by=Decider.SYSTEM,
        details={"storno": storno.pk},
    )
    arrangement.refresh_from_db()


def _reopen_installments(arrangement: Arrangement, receipt: Receipt, amount: int) -> None:
    """The instalment this payment was for first, then the newest that were paid.

    One whose day has passed gets a new day: nobody is late because a bank took something back, and help with paying late
    does not start at its end.
    """
    today = clock.today()
    paid = _paid_on(arrangement).select_for_update(of=("self",)).order_by("-due_date", "-number")
    own = receipt.payment.installment_id if receipt.payment is not None else None
    for row in sorted(paid, key=lambda one: one.pk != own):
        if not amount:
            break
        part = min(amount, row.paid_cents)
        amount -= part
        # One before it may have made it ask more.
        row.refresh_from_db(fields=["amount_cents"])
        row.paid_cents -= part
        if row.state == InstallmentState.MOVED:
            row.save(update_fields=["paid_cents"])
            _ask_more(_successor(row), part)
            continue
        to = InstallmentState.PARTLY_PAID if row.paid_cents else InstallmentState.OPEN
        if row.state == to:
            row.save(update_fields=["paid_cents"])
        else:
            move(
                Thing.INSTALLMENT,
                row,
                to,
                reason="de bank nam de betaling terug",
                paid_cents=row.paid_cents,
                paid_on=None,
                ladder_step="",
            )
        _give_a_new_day(row, day_to_pay_again(row.due_date, today), today)
    if amount:
        raise ValueError(f"arrangement {arrangement.pk}: {amount} cents were paid on no instalment")


def _successor(row: Installment) -> Installment:
    """The instalment that counts in the place of one that was moved, perhaps more than once."""
    while row.state == InstallmentState.MOVED:
        row = Installment.objects.select_for_update(of=("self",)).get(replaces=row)
    return row


def _ask_more(row: Installment, cents: int) -> None:
    """What was paid on the moved one is not paid any more: its successor asks it as well."""
    row.amount_cents += cents
    if row.state == InstallmentState.PAID:
        to = InstallmentState.PARTLY_PAID if row.paid_cents else InstallmentState.OPEN
        move(
            Thing.INSTALLMENT,
            row,
            to,
            reason="de bank nam de betaling terug",
            amount_cents=row.amount_cents,
            paid_on=None,
        )
    else:
        row.save(update_fields=["amount_cents"])


def _give_a_new_day(row: Installment, due: date, today: date) -> None:
    if due == row.due_date:
        return
    move(
        Thing.INSTALLMENT,
        row,
        InstallmentState.MOVED,
        reason="de bank nam de betaling terug",
        moved_on=today,
        moved_ground=ChangeGround.STORNO.value,
    )
    Installment.objects.create(
        arrangement_id=row.arrangement_id,
        citizen_id=row.citizen_id,
        number=row.number,
        due_date=due,
        amount_cents=row.open_cents,
        replaces=row,
    )


def _book_storno_fee(key: str, fee_cents: int) -> None:
    fee_key = f"{key}:fee"
    if fee_cents and not LedgerEntry.objects.filter(key=f"cash:{fee_key}").exists():
        post_entries([postings.storno_fee(fee_key, amount=fee_cents)])


def _book_won(storno: Storno) -> None:
    """The bank gives it back. What stood open on the citizen is closed by it, what was written off is no loss any more; what
    the citizen had repaid is the citizen's. What was undone of the plan is a new receipt, to be divided as any other.
    """
    arrangement = lock_arrangement(storno.arrangement_id)
    key = won_key(storno.key)
    entries: list[Entry] = [postings.storno_won(key, arrangement=arrangement.pk, amount=storno.amount_cents)]
    if storno.written_off_cents:
        loss = postings.written_off("as it was", arrangement=arrangement.pk, amount=storno.written_off_cents)
        entries.append(postings.reversal(f"{storno.key}:found", loss))
        storno.open_cents += storno.written_off_cents
    storno.written_off_cents, storno.won_on = 0, clock.today()
    storno.save(update_fields=["open_cents", "written_off_cents", "won_on"])
    receipt = Receipt(
        kind=Receipt.Kind.INSTALLMENT if arrangement.state in RUNNING else Receipt.Kind.AFTER_END,
        arrangement=arrangement,
        citizen_id=arrangement.citizen_id,
        key=key,
        amount_cents=storno.amount_cents,
        received_on=clock.today(),
    )
    book_receipt(
        arrangement,
        receipt,
        *entries,
        repays=storno,
        divide_at_most=storno.mirrored_cents + storno.set_off_cents,
        quiet=True,
    )
    audit.record(
        "storno_won",
        object_type="storno",
        object_id=storno.pk,
        citizen_id=arrangement.citizen_id,
        details={"amount_cents": storno.amount_cents, "receipt": receipt.pk},
    )
    tell_storno_won(arrangement, storno, receipt)
