"""Logging in with a code from a mail or from paper, and everything around the session."""

import secrets
import time
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts import codes
from accounts.models import User
from accounts.operations.paper_code import redeem_paper_code
from accounts.operations.prove_email import user_of_proven_address
from accounts.operations.register_citizen import NoDirector, register_citizen
from accounts.policies import PageRequest, page
from citizen_portal.current import user_now
from citizen_portal.forms.login import EmailCodeForm, EmailForm, PaperCodeForm
from citizen_portal.limits import address_of, too_often

SESSION_KEY = "email_code"
PURPOSE = "email-login"
TRIES = 5

TOO_OFTEN = "U heeft het te vaak geprobeerd. Wacht 15 minuten. Of bel ons."


def _next(request: HttpRequest) -> str:
    """Where to go after logging in, if that is on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else ""


def _with_next(name: str, wanted: str) -> str:
    return reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted else "")


@page("public")
def choose(request: PageRequest) -> HttpResponse:
    """P7: choose a way to log in. Sending a code looks the same for an address we know and one we do not."""
    wanted = _next(request)
    if request.actor.user_id is not None and request.method != "POST":
        return redirect(wanted or "na-inloggen")
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if too_often("email-code", email, times=TRIES) or too_often(
            "email-code-from", address_of(request), times=4 * TRIES
        ):
            form.add_error("email", TOO_OFTEN)
        else:
            _send_code(request, email, wanted)
            return redirect(_with_next("inloggen-code", wanted))
    providers = [
        {"name": provider.name, "url": provider.get_login_url(request, next=wanted or reverse("na-inloggen"))}
        for provider in get_social_adapter().list_providers(request)
    ]
    return render(
        request,
        "login/choose.html",
        {"form": form, "next": wanted, "providers": providers, "paper_url": _with_next("inloggen-papier", wanted)},
    )


def _send_code(request: HttpRequest, email: str, wanted: str) -> None:
    code = f"{secrets.randbelow(1_000_000):06d}"
    request.session[SESSION_KEY] = {
        "email": email,
        "hash": codes.code_hash(PURPOSE, code),
        "at": time.time(),
        "tries": 0,
        "next": wanted,
    }
    minutes = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60
    send_mail(
        subject="Uw code om in te loggen",
        message=(
            f"Goedendag,\n\nUw code is:\n\n{code}\n\n"
            f"Typ deze code op onze website. De code werkt {minutes} minuten.\n\n"
            "Vroeg u geen code aan? Dan hoeft u niets te doen.\nGeef de code aan niemand anders.\n\n"
            f"Vragen? Bel {settings.HELP_PHONE}.\n\nMet vriendelijke groet,\nEén Plan"
        ),
        from_email=settings.DEFAULT_FROM_EMAIL,
        recipient_list=[email],
    )


def _pending(request: HttpRequest) -> dict[str, Any] | None:
    """The code that was sent to this browser and still works."""
    pending: dict[str, Any] | None = request.session.get(SESSION_KEY)
    if pending is None or time.time() - pending["at"] > settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT:
        request.session.pop(SESSION_KEY, None)
        return None
    return pending


@page("public")
def email_code(request: PageRequest) -> HttpResponse:
    """P8: type the code. Five tries, ten minutes."""
    pending = _pending(request)
    if pending is None:
        return redirect(_with_next("inloggen", _next(request)))
    form = EmailCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = codes.code_hash(PURPOSE, form.cleaned_data["code"])
        # The number in the session is for the text on the page: requests at the same moment all read the same one.
        counted_out = too_often("email-code-try", pending["hash"], times=TRIES)
        if not counted_out and constant_time_compare(given, pending["hash"]):
            request.session.pop(SESSION_KEY)
            return _log_in(
                request, user_of_proven_address(email=pending["email"]), email=pending["email"], wanted=pending["next"]
            )
        pending["tries"] += 1
        request.session[SESSION_KEY] = pending
        if counted_out or pending["tries"] >= TRIES:
            request.session.pop(SESSION_KEY)
            form.add_error("code", "U heeft het te vaak geprobeerd. Vraag een nieuwe code aan.")
        else:
            form.add_error("code", "Deze code klopt niet. Kijk nog eens in de mail.")
    return render(
        request,
        "login/email_code.html",
        {
            "form": form,
            "email": pending["email"],
            "minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60,
            "again_url": _with_next("inloggen", pending["next"]),
        },
    )


@page("public")
def paper(request: PageRequest) -> HttpResponse:
    """A code on paper from coach or desk; works once."""
    wanted = _next(request)
    form = PaperCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if too_often("paper-code", address_of(request), times=TRIES):
            form.add_error("code", TOO_OFTEN)
        elif (user := redeem_paper_code(code=form.cleaned_data["code"])) is not None:
            return _log_in(request, user, email="", wanted=wanted)
        else:
            form.add_error("code", "Deze code werkt niet. Kijk nog eens goed. Of vraag een nieuwe code.")
    return render(
        request, "login/paper.html", {"form": form, "next": wanted, "back_url": _with_next("inloggen", wanted)}
    )


def _log_in(request: HttpRequest, user: User, *, email: str, wanted: str) -> HttpResponse:
    """Through allauth, so that a second factor is still asked of those who have one."""
    record_authentication(request, user, method="code", email=email or None)
    response: HttpResponse = perform_login(
        request, user, email_verification="none", redirect_url=wanted or reverse("na-inloggen"), email=email or None
    )
    return response


@page("public", methods=("GET", "HEAD"))
def logged_out(request: PageRequest) -> HttpResponse:
    """P9: a neutral page."""
    return render(request, "login/logged_out.html")


@page("public", methods=("GET", "HEAD"))
def session_over(request: PageRequest) -> HttpResponse:
    """P9: what happened and how to go on."""
    return render(request, "login/session_over.html", {"login_url": _with_next("inloggen", _next(request))})


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django gives the reason
    """A form of an older session was sent. Not an address of its own: Django calls it."""
    here = request.get_full_path()
    onward = here if request.user.is_authenticated else _with_next("inloggen", here)
    return render(request, "login/session_over.html", {"login_url": onward}, status=403)


@page("logged_in", methods=("GET", "HEAD"))
def after_login(request: PageRequest) -> HttpResponse:
    """Sends everybody to the right place. A login without any role is a citizen from here on."""
    actor = request.actor
    if actor.is_staff:
        return redirect("admin:index")
    if actor.coach_id is not None:
        return redirect("coach:werkvoorraad")
    if actor.creditor_id is not None:
        return redirect("console:werkvoorraad")
    if actor.citizen_id is not None:
        return redirect("mijn:overzicht")
    try:
        register_citizen(user=user_now(request))
    except NoDirector:
        return render(request, "login/not_open_yet.html", status=503)
    return redirect("mijn:begin")
