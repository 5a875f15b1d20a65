"""Pages for everybody, logged in or not."""

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.policies import PageRequest, page
from arrangements.domain.policy_values import policy_on
from arrangements.operations import start_payment
from infra import clock

GET = ("GET", "HEAD")


@page("public", methods=GET)
def start(request: PageRequest) -> HttpResponse:
    """P1: what we do, in three sentences."""
    return render(request, "public/start.html", {"values": policy_on(clock.today())})


@page("public", methods=GET)
def how_it_works(request: PageRequest) -> HttpResponse:
    """P2: in four steps."""
    return render(request, "public/how_it_works.html", {"values": policy_on(clock.today())})


@page("public", methods=GET)
def other_help(request: PageRequest) -> HttpResponse:
    """P4: crisis first."""
    return render(request, "public/other_help.html", {"values": policy_on(clock.today())})


@page("public", methods=GET)
def contact(request: PageRequest) -> HttpResponse:
    """P6: call us."""
    return render(request, "public/contact.html")


@page("public", methods=GET)
def words(request: PageRequest) -> HttpResponse:
    """P13: words explained."""
    return render(request, "public/words.html")


@page("public", methods=GET)
def privacy(request: PageRequest) -> HttpResponse:
    """P14: what we keep and who sees it."""
    return render(request, "public/privacy.html")


@page("public", atomic=False)
def pay_link(request: PageRequest, token: UUID) -> HttpResponse:
    """P10: landing from a message. Shows amount and month and nothing else about the person."""
    try:
        bill = start_payment.pay_link(token)
    except start_payment.LinkUnknown as error:
        raise Http404 from error
    failed = False
    if request.method == "POST" and bill.payable:
        try:
            payment = start_payment.start_payment_by_token(token=token, return_url=_back_from_bank(request))
        except start_payment.BeingPaid as paid:
            return redirect("betaallink-resultaat", payment=paid.payment.public_id)
        except start_payment.ProviderSilent:
            failed = True
        except start_payment.CannotPay:
            return redirect("betaallink", token=token)
        else:
            return redirect(payment.link)
    with transaction.atomic():
        return render(request, "public/pay_link.html", {"bill": bill, "failed": failed})


def _back_from_bank(request: HttpRequest) -> str:
    nobody = UUID(int=0)
    return request.build_absolute_uri(reverse("betaallink-resultaat", args=[nobody])).replace(str(nobody), "{payment}")


@page("public", methods=GET)
def pay_link_result(request: PageRequest, payment: UUID) -> HttpResponse:
    """Back from the bank without a login: how this one payment went."""
    try:
        result = start_payment.payment_result(payment)
    except start_payment.LinkUnknown as error:
        raise Http404 from error
    return render(request, "public/pay_link_result.html", {"result": result})
