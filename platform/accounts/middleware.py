"""Puts the actor on the request. What the actor may do is decided per view, by `accounts.policies`."""

import time
from collections.abc import Callable

from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts import actors
from infra import scope
from infra.scope import Scope

ADMIN_PREFIX = "/beheer/"
SINCE_SESSION_KEY = "logged_in_since"
# However busy somebody is: after a working day one logs in again (ASVS 7.3.2).
LONGEST_SESSION_SECONDS = 8 * 3600


def _too_long(request: HttpRequest) -> bool:
    """Whether this login is older than a session may be. The first request of a login starts the count."""
    now = int(time.time())
    return now - int(request.session.setdefault(SINCE_SESSION_KEY, now)) > LONGEST_SESSION_SECONDS


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            request.actor = actors.NOBODY  # type: ignore[attr-defined]  # set here, read through policies.actor_on
            return self.get_response(request)
        if _too_long(request):
            logout(request)
            request.actor = actors.NOBODY  # type: ignore[attr-defined]  # as above
            return self.get_response(request)
        actor = actors.actor_of(request.user)
        request.actor = actor  # type: ignore[attr-defined]  # as above
        if actor.is_staff and request.path.startswith(ADMIN_PREFIX):
            # The admin renders after its view has returned, so the reading scope and a transaction span the whole
            # request. A failed view has rolled back to its own savepoint by then.
            desk = Scope(user_id=actor.user_id, desk=True, reason="beheer")
            with scope.act_as(desk), transaction.atomic():
                return self.get_response(request)
        with scope.act_as(Scope(user_id=actor.user_id, reason="pagina")):
            return self.get_response(request)
