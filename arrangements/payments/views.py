"""The door for providers, and the page of the made-up bank."""

import logging

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from accounts.policies import page
from arrangements.models import DemoBankFault, DemoBankPayment
from arrangements.operations.store_event import store_event
from arrangements.payments import demobank
from arrangements.payments.fault_form import FaultForm
from arrangements.payments.provider import Refused
from arrangements.payments.registry import NoSuchProvider, provider_named

log = logging.getLogger(__name__)

# Messages of providers are a few kilobytes.
_LARGEST_BODY = 64 * 1024

_DECISIONS = {"pay": demobank.pay, "refuse": demobank.refuse, "expire": demobank.expire}


@csrf_exempt  # a machine has no cookie; the signature over the raw body guards this door, and no other is open like it
@page("webhook", methods=("POST",))
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Store a signed event and answer at once; a job looks at the provider what is true. Twice is once."""
    try:
        collector = provider_named(provider)
    except NoSuchProvider:
        raise Http404 from None
    if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST_BODY:
        log.warning("webhook of %s refused: too large", provider)
        return HttpResponseBadRequest()
    body = request.body
    try:
        event = collector.verify(body, request.headers)
    except Refused as refused:
        log.warning("webhook of %s refused: %s", provider, refused)
        return HttpResponseBadRequest()
    store_event(provider=provider, event=event, raw=body)
    return HttpResponse(status=200)


@page("demo")
def demobank_page(request: HttpRequest, payment_id: str) -> HttpResponse:
    """DEMO – geen echt geld: pay, refuse, or let it expire."""
    payment = DemoBankPayment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise Http404
    if request.method == "POST":
        decide = _DECISIONS.get(request.POST.get("decision", ""))
        if decide is not None:
            try:
                decide(payment_id)
            except demobank.AlreadyDecided:
                return redirect("demobank", payment_id=payment_id)
            return redirect(payment.return_url)
    return render(request, "payments/demobank.html", {"payment": payment, "main_class": "main--narrow"})


@page("demo")
def demobank_faults(request: HttpRequest) -> HttpResponse:
    """DEMO – geen echt geld: choose what goes wrong at the bank, and see what was chosen."""
    form = FaultForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.choose():
        return redirect("demobank_faults")
    context = {
        "form": form,
        "chosen": DemoBankFault.objects.order_by("-id")[:20],
        "payments": DemoBankPayment.objects.exclude(state=DemoBankPayment.State.OPEN).order_by("-decided_at")[:10],
    }
    return render(request, "payments/faults.html", context)
