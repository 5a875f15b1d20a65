"""Every call that changes something at a provider stands in our books before it is made (payments.md 1.6, 5.5, 5.7).

Whoever comes after a crash or a lost answer finds it, and repeats the same call under the same key. After 23 hours a
provider may have forgotten the key and would do it again: from then on we only look, and what is not found is for a person.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Final, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from arrangements.models import Payment, ProviderCall
from arrangements.payments.provider import CallFailed, OutcomeUnknown, Reading
from arrangements.payments.registry import NoSuchProvider, provider_named
from infra import audit, clock, jobs

log = logging.getLogger(__name__)

REPEAT_FOR: Final = timedelta(hours=23)
"""As long as the same key surely means the same call at the provider."""

OPEN: Final = "open_link"
CLOSE: Final = "close_link"
REFUND: Final = "refund"

State = ProviderCall.State
T = TypeVar("T")


class OtherParameters(ValueError):
    """The same thing was asked before with other parameters, and the outcome of that is not known to be a failure."""


class PersonMustLook(Exception):
    """Nobody knows whether an old call was carried out, and the provider cannot find it. A person decides."""


def call_provider(
    *,
    provider: str,
    operation: str,
    object_id: str,
    parameters: Mapping[str, str | int],
    call: Callable[[ProviderCall], T],
    id_of: Callable[[T], str],
    keep: Callable[[str, T | None], None] | None = None,
) -> tuple[str, T | None]:
    """Make this call once, whatever happens in between. Outside any transaction: the row is committed before the call.

    `call` gets the row: `reference(row)` is the key to send along, `called_at` when it was asked first. `keep` gets the
    provider's id and the answer, and writes what we want to remember in the transaction that closes the call. Gives the
    id and the answer; no answer when the call was made before and only its id is known.

    Raises OutcomeUnknown (try again later), CallFailed (certain; the next try is a new attempt), OtherParameters,
    PersonMustLook, and what `call` raises besides (then the outcome is unknown).
    """
    row = _claim(provider, operation, object_id, _digest(parameters))
    if row.state == State.TO_PERSON:
        raise PersonMustLook(row.key)
    if row.state == State.DONE:
        with transaction.atomic():
            if keep is not None:
                keep(row.provider_id, None)
        return row.provider_id, None
    if clock.now() - row.called_at >= REPEAT_FOR and operation != CLOSE:
        found = look_up(row)
        if found is None:
            raise PersonMustLook(row.key)
        with transaction.atomic():
            if keep is not None:
                keep(found, None)
        return found, None
    try:
        answer = call(row)
    except CallFailed as failure:
        log.warning("%s: %s", row.key, failure)
        _settle(row, State.FAILED)
        raise
    except OutcomeUnknown as unknown:
        log.warning("%s: no answer: %s", row.key, unknown)
        raise
    provider_id = id_of(answer)
    with transaction.atomic():
        _settle(row, State.DONE, provider_id)
        if keep is not None:
            keep(provider_id, answer)
    return provider_id, answer


def reference(row: ProviderCall) -> str:
    """Our key of this attempt at the provider: what it keeps the answer under, and what we find it by."""
    return row.object_id if row.attempt == 1 else f"{row.object_id}:{row.attempt}"


def close_at_provider(payment: Payment) -> Reading:
    """Make the open link of this payment unusable; gives the truth afterwards. Outside any transaction.

    Raises OutcomeUnknown, CallFailed.
    """
    provider = provider_named(payment.provider)
    _id, reading = call_provider(
        provider=payment.provider,
        operation=CLOSE,
        object_id=payment.provider_id[-60:],
        parameters={"provider_id": payment.provider_id},
        call=lambda row: provider.close_link(payment.provider_id),
        id_of=lambda reading: payment.provider_id,
    )
    return reading if reading is not None else provider.read(payment.provider_id)


def refund_at_provider(*, payment: Payment, amount_cents: int, key: str) -> str:
    """Send money of this payment back to who paid it, once per `key` (at most 55 characters); the provider's id of the refund.

    Outside any transaction. Raises OutcomeUnknown, CallFailed, OtherParameters, PersonMustLook.
    """
    provider = provider_named(payment.provider)
    refund_id, _answer = call_provider(
        provider=payment.provider,
        operation=REFUND,
        object_id=key,
        parameters={"provider_id": payment.provider_id, "amount_cents": amount_cents},
        call=lambda row: provider.refund(payment.provider_id, amount_cents, reference(row)),
        id_of=str,
    )
    return refund_id


def look_up(row: ProviderCall) -> str | None:
    """Ask the provider what became of a call that is too old to repeat, and settle it: done, or for a person.

    Outside any transaction. Raises OutcomeUnknown when it does not even answer that.
    """
    found = provider_named(row.provider).find(reference(row))
    _settle(row, State.DONE if found else State.TO_PERSON, found or "")
    return found


@jobs.job("look_up_calls", chunked=True)
def look_up_calls(work: jobs.Work) -> dict[str, int]:
    """Calls whose outcome nobody asked for again: found at the provider, or shown to a person of the desk."""
    before = clock.now() - REPEAT_FOR
    with transaction.atomic():
        # Closing twice is closing once: who wants it closed closes it again, however long ago.
        old = list(
            ProviderCall.objects.filter(state=State.UNKNOWN, called_at__lte=before)
            .exclude(operation=CLOSE)
            .order_by("pk")
        )
    found = 0
    for number, row in enumerate(old, start=1):
        try:
            found += look_up(row) is not None
        except (OutcomeUnknown, NoSuchProvider) as error:
            log.warning("%s: cannot be looked up now: %s", row.key, error)
        work.progress(number, len(old))
    return {"looked_up": len(old), "found": found}


def _digest(parameters: Mapping[str, str | int]) -> str:
    return sha256(json.dumps(parameters, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@transaction.atomic
def _claim(provider: str, operation: str, object_id: str, digest: str) -> ProviderCall:
    """The row of the attempt that is under way; a new one when there is none, or when the last one certainly failed."""
    calls = ProviderCall.objects.select_for_update().filter(provider=provider, operation=operation, object_id=object_id)
    last = calls.order_by("-attempt").first()
    if last is None or last.state == State.FAILED:
        attempt = 1 if last is None else last.attempt + 1
        made = ProviderCall(
            key=f"{urlsplit(settings.SITE_BASE_URL).netloc[:40]}:{provider}:{operation}:{object_id}:{attempt}",
            provider=provider,
            operation=operation,
            object_id=object_id,
            attempt=attempt,
            parameters_sha256=digest,
            called_at=clock.now(),
        )
        # Two who press at once find the same row, and send the same key.
        ProviderCall.objects.bulk_create([made], ignore_conflicts=True)
        last = calls.get(attempt=attempt)
    if last.parameters_sha256 != digest:
        raise OtherParameters(last.key)
    return last


@transaction.atomic
def _settle(row: ProviderCall, state: ProviderCall.State, provider_id: str = "") -> None:
    """Once: what somebody else settled meanwhile stays."""
    settled = ProviderCall.objects.filter(pk=row.pk, state=State.UNKNOWN).update(
        state=state, provider_id=provider_id, settled_at=clock.now()
    )
    if settled and state == State.TO_PERSON:
        audit.record("provider_call_to_person", object_type="provider_call", object_id=row.pk, reason="niet gevonden")
