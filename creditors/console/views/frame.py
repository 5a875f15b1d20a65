"""What every page of the console shares: the organisation, its menu, downloads."""

from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.policies import actor_on
from arrangements.queries.variations import waiting_consents
from creditors.console import queries
from creditors.models import Creditor

PER_PAGE = 50


def creditor_on(request: HttpRequest) -> Creditor:
    """The organisation the person behind the request works for."""
    creditor_id = actor_on(request).creditor_id
    if creditor_id is None:
        raise PermissionDenied  # the policy of the view has refused already
    return Creditor.objects.get(pk=creditor_id)


def user_on(request: HttpRequest) -> User:
    """The login behind the request; the policy has seen to it that there is one."""
    return cast(User, request.user)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu."""

    title: str
    address: str
    here: bool
    count: int = 0


def _menu(request: HttpRequest, section: str) -> list[MenuItem]:
    waiting = queries.waiting_answers().count()
    to_confirm = queries.balance_requests().count() + queries.disputed_in_plan().count()
    items = [
        ("werkvoorraad", "Werkvoorraad", waiting),
        ("saldo", "Saldo bevestigen", to_confirm),
        ("wijzigingen", "Wijzigingen", waiting_consents().count()),
        ("taken", "Taken", queries.open_tasks().count()),
        ("regelingen", "Regelingen", 0),
        ("uitbetalingen", "Uitbetalingen", 0),
        ("vorderingen", "Vorderingen", 0),
        ("berichten", "Berichten", 0),
    ]
    if actor_on(request).creditor_role == "manager":
        items.append(("beleid", "Beleid", 0))
    return [MenuItem(title, reverse(f"console:{name}"), name == section, count) for name, title, count in items]


def show(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, section: str, status: int = 200
) -> HttpResponse:
    """Render one page of the console inside its frame. `section`: the menu entry it belongs to."""
    seat = actor_on(request)
    frame = {
        "creditor": creditor_on(request),
        "menu": _menu(request, section),
        "seat_name": seat.name,
        "seat_role": seat.creditor_role,
    }
    return render(request, f"console/{template}", {**frame, **(context or {})}, status=status)


def paged(request: HttpRequest, rows: QuerySet[Any], name: str = "pagina") -> Page[Any]:
    """The page of `rows` the address asks for under `name`; the nearest one when it asks nonsense."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get(name))


def download(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A file that is saved, never shown as part of this site (reliability.md 2.4, row 34)."""
    safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "-" for sign in name)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{safe}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
