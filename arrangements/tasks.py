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
    check_books_on_request,
    collect_claims,
    correct_claim,
    grant_kwijtschelding,
    invite_creditor,
    join_later,
    link_named_creditor,
    make_certificates,
    pay_out,
    recalculate_proposals,
    reconcile,
    refresh_payment,
    release_cases,
    rerun_gate,
    run_day,
    settle_dispute,
    settle_proposal,
    submit_run,
    tell_partner,
    transfer_claim,
    use_new_norms,
    withdraw_claim,
    withdraw_run,
    write_off_storno,
)
from arrangements.payments import demobank
from infra import clock, jobs, scope

JOBS = (
    activate_arrangement,
    advance,
    apply_transfers,
    approve_run,
    block_iban,
    check_books_on_request,
    collect_claims,
    correct_claim,
    demobank,
    grant_kwijtschelding,
    invite_creditor,
    join_later,
    link_named_creditor,
    make_certificates,
    pay_out,
    recalculate_proposals,
    reconcile,
    refresh_payment,
    release_cases,
    rerun_gate,
    run_day,
    settle_dispute,
    settle_proposal,
    submit_run,
    tell_partner,
    transfer_claim,
    use_new_norms,
    withdraw_claim,
    withdraw_run,
    write_off_storno,
)


@shared_task(name="arrangements.every_hour")
def every_hour() -> None:
    """Promise the work of today, once a day, and look after payments whose webhook may have been lost.

    Where the time machine moves the date, it does the work of the days itself.
    """
    with scope.as_worker("elk uur"), transaction.atomic():
        hour = clock.now().strftime("%Y-%m-%dT%H")
        jobs.enqueue("refresh_pending_payments", key=f"refresh_pending_payments:{hour}")
        if settings.BUSINESS_DATE_SOURCE != "table":
            run_day.promise_day(clock.today())
