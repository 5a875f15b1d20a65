"""Everything the worker does for this app is a registered job; importing the modules registers them."""

from celery import shared_task
from django.conf import settings
from django.db import transaction

from arrangements.operations import (
    activate_arrangement,
    advance,
    apply_transfers,
    approve_run,
    block_iban,
    book_withholding,
    call_provider,
    carry_out_decision,
    check_books_on_request,
    close_event,
    collect_claims,
    correct_claim,
    divide_waiting,
    grant_kwijtschelding,
    import_statement,
    invite_creditor,
    join_later,
    link_named_creditor,
    make_certificates,
    monthly_run,
    pay_out,
    recalculate_proposals,
    reconcile,
    refresh_payment,
    release_cases,
    rerun_gate,
    run_day,
    settle_dispute,
    settle_proposal,
    submit_refunds,
    submit_run,
    take_settlements,
    tell_partner,
    transfer_claim,
    use_new_norms,
    watch_events,
    withdraw_claim,
    withdraw_run,
)
from arrangements.payments import demobank
from infra import clock, jobs, scope

JOBS = (
    activate_arrangement,
    advance,
    apply_transfers,
    approve_run,
    block_iban,
    book_withholding,
    call_provider,
    carry_out_decision,
    check_books_on_request,
    close_event,
    collect_claims,
    correct_claim,
    demobank,
    divide_waiting,
    grant_kwijtschelding,
    import_statement,
    invite_creditor,
    join_later,
    link_named_creditor,
    make_certificates,
    monthly_run,
    pay_out,
    recalculate_proposals,
    reconcile,
    refresh_payment,
    release_cases,
    rerun_gate,
    run_day,
    settle_dispute,
    settle_proposal,
    submit_refunds,
    submit_run,
    take_settlements,
    tell_partner,
    transfer_claim,
    use_new_norms,
    watch_events,
    withdraw_claim,
    withdraw_run,
)


@shared_task(name="arrangements.every_five_minutes")
def every_five_minutes() -> None:
    """Ask about payments whose webhook may have been lost: when is a rule of its own (`domain.janitor`)."""
    with scope.as_worker("elke vijf minuten"), transaction.atomic():
        minute = clock.now()
        minute = minute.replace(minute=minute.minute - minute.minute % 5)
        jobs.enqueue("refresh_pending_payments", key=f"refresh_pending_payments:{minute:%Y-%m-%dT%H:%M}")


@shared_task(name="arrangements.every_hour")
def every_hour() -> None:
    """Promise the work of today, once a day, and fetch what providers told and paid while we did not hear it.

    Where the time machine moves the date, it does the work of the days itself.
    """
    with scope.as_worker("elk uur"), transaction.atomic():
        hour = clock.now().strftime("%Y-%m-%dT%H")
        for kind in ("fetch_missed_events", "look_again_at_events", "take_settlements", "look_up_calls"):
            jobs.enqueue(kind, key=f"{kind}:{hour}")
        if settings.BUSINESS_DATE_SOURCE != "table":
            run_day.promise_day(clock.today())
