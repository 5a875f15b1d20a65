"""The first wall: every view names who may use it (reliability.md 4.1).

    @page("citizen")
    def household(request: PageRequest) -> HttpResponse: ...

`page` refuses (not logged in: to the login page; logged in as somebody else: 403), then opens the scope in which the
view's queries run. Somebody else's object is 404, because the scoped managers and row level security do not show it.
A system check (`accounts.checks`) fails when a URL leads to a view without a policy.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actors import NOBODY, Actor
from accounts.models import Mandate
from infra import clock, scope
from infra.scope import Scope

ACTING_SESSION_KEY = "acting_for"
ACTING_LIMIT = timedelta(minutes=60)


class PageRequest(HttpRequest):
    """A request that went through `page`. For type checkers; Django's own class is used at run time."""

    actor: Actor
    mandate: Mandate | None

    page: Callable[..., str]
    """The address of a citizen page by name, under /mijn/ or under /namens/<mandate>/ when a coach is acting."""


@dataclass(frozen=True, slots=True)
class Policy:
    """May this actor use the view, and in which scope does it run?"""

    allows: Callable[[Actor], bool]
    scope: Callable[[Actor], Scope]
    login_needed: bool = True


def _user_scope(actor: Actor) -> Scope:
    return Scope(user_id=actor.user_id, reason="pagina")


def _creditor_scope(actor: Actor) -> Scope:
    return Scope(user_id=actor.user_id, creditor_id=actor.creditor_id, reason="pagina van de organisatie")


def _coach_scope(actor: Actor) -> Scope:
    return Scope(user_id=actor.user_id, coach_id=actor.coach_id, reason="pagina van de coach")


def _citizen_scope(actor: Actor) -> Scope:
    return Scope(user_id=actor.user_id, citizen_id=actor.citizen_id, reason="eigen pagina")


POLICIES: dict[str, Policy] = {
    # everybody, logged in or not
    "public": Policy(lambda actor: True, _user_scope, login_needed=False),
    # the same, but only in the demo (404 elsewhere)
    "demo": Policy(lambda actor: True, _user_scope, login_needed=False),
    # a provider's machine: guarded by a signature in the view
    "webhook": Policy(lambda actor: True, lambda actor: Scope(reason="bericht van de bank"), login_needed=False),
    # anybody with a login, whatever the role
    "logged_in": Policy(lambda actor: actor.user_id is not None, _user_scope),
    # the citizen, or a coach with a mandate working for that citizen
    "citizen": Policy(lambda actor: actor.citizen_id is not None, _citizen_scope),
    # what nobody can do for the citizen: the final yes, consent, signing, stopping a helper
    "citizen_self": Policy(lambda actor: actor.citizen_id is not None, _citizen_scope),
    "coach": Policy(lambda actor: actor.coach_id is not None, _coach_scope),
    "creditor": Policy(lambda actor: actor.creditor_id is not None, _creditor_scope),
    "creditor_manager": Policy(
        lambda actor: actor.creditor_id is not None and actor.creditor_role == "manager", _creditor_scope
    ),
}


def actor_on(request: HttpRequest) -> Actor:
    """The actor the middleware found."""
    return cast(Actor, getattr(request, "actor", NOBODY))


View = Callable[..., HttpResponse]


def page(
    policy_name: str, *, methods: tuple[str, ...] = ("GET", "HEAD", "POST"), atomic: bool = True
) -> Callable[[View], View]:
    """Guard a view with the policy of that name; see the table above. Other methods answer 405.

    `atomic=False`: the view runs in no transaction, because it waits for somebody else's server, and opens its own around
    every query; outside one nobody's rows are visible.
    """
    policy = POLICIES[policy_name]

    def guard(view: View) -> View:
        @never_cache
        @require_http_methods(list(methods))
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if policy_name == "demo" and not settings.DEMO:
                raise Http404
            actor = actor_on(request)
            mandate_id = kwargs.pop("mandate", None)
            if policy.login_needed and actor.user_id is None:
                # A form that arrives after the session ended: say so, instead of only asking to log in.
                page_name = "sessie-voorbij" if request.method == "POST" else "inloggen"
                return redirect_to_login(request.get_full_path(), reverse(page_name))
            if mandate_id is not None:
                return _as_coach(request, view, policy_name, actor, mandate_id, args, kwargs)
            if not policy.allows(actor):
                if policy_name.startswith("citizen") and actor.coach_id is None and actor.creditor_id is None:
                    return _to_registration()
                raise PermissionDenied
            _put_on(request, None)
            with scope.act_as(policy.scope(actor)):
                return view(request, *args, **kwargs)

        guarded.policy_name = policy_name  # type: ignore[attr-defined]  # read by the system check
        return guarded if atomic else transaction.non_atomic_requests(guarded)

    return guard


def _to_registration() -> HttpResponse:
    from django.shortcuts import redirect

    return redirect("na-inloggen")


def _put_on(request: HttpRequest, mandate: Mandate | None) -> None:
    def address(name: str, **kwargs: Any) -> str:
        if mandate is None:
            return reverse(f"mijn:{name}", kwargs=kwargs)
        return reverse(f"namens:{name}", kwargs={"mandate": mandate.public_id, **kwargs})

    request.mandate = mandate  # type: ignore[attr-defined]  # declared on PageRequest
    request.page = address  # type: ignore[attr-defined]  # declared on PageRequest


def _as_coach(
    request: HttpRequest, view: View, policy_name: str, actor: Actor, mandate_id: UUID, args: Any, kwargs: Any
) -> HttpResponse:
    """Work for a client: only with a mandate that lives now, one client at a time, an hour at most."""
    if actor.coach_id is None:
        raise Http404
    # Pages that refuse look up whose page they are, also where the view itself runs in no transaction.
    with transaction.atomic():
        mandate, refusal = _mandate_for(request, policy_name, actor, mandate_id)
    if mandate is None:
        return refusal
    _put_on(request, mandate)
    acting_scope = Scope(
        user_id=actor.user_id, citizen_id=mandate.citizen_id, coach_id=actor.coach_id, reason="coach werkt voor cliënt"
    )
    with scope.act_as(acting_scope):
        return view(request, *args, **kwargs)


def _mandate_for(
    request: HttpRequest, policy_name: str, actor: Actor, mandate_id: UUID
) -> tuple[Mandate, None] | tuple[None, HttpResponse]:
    """The mandate to work with, or the page that says why not."""
    with scope.act_as(_coach_scope(actor)):
        mandate = (
            Mandate.objects.select_related("coach")
            .filter(public_id=mandate_id, coach_id=actor.coach_id, ended_at=None)
            .filter(valid_from__lte=clock.today(), valid_until__gte=clock.today())
            .first()
        )
    if mandate is None:
        return None, render(request, "coach/mandate_over.html", status=404)
    acting = request.session.get(ACTING_SESSION_KEY) or {}
    if acting.get("mandate") != str(mandate_id):
        return None, render(request, "coach/other_client.html", {"mandate": mandate}, status=409)
    if timezone.now() - datetime.fromisoformat(acting["since"]) > ACTING_LIMIT:
        return None, render(request, "coach/acting_over.html", {"mandate": mandate}, status=409)
    if policy_name == "citizen_self":
        _put_on(request, mandate)
        return None, render(request, "coach/only_the_client.html", {"mandate": mandate}, status=403)
    return mandate, None
