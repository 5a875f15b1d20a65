"""What every page shows around its own content: the help line, for whom we work, whether this is the demo."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from accounts.contact import contact_of
from accounts.models import Citizen, Mandate
from accounts.policies import actor_on
from arrangements.payments import demobank
from arrangements.payments.registry import STRIPE, name_for_new_payments
from citizen_portal.help_lines import HELP_LINES, HelpLines, dial
from infra import clock, scope
from infra.scope import Scope

register = template.Library()

_COLLECTORS = {demobank.NAME: "de demobank", STRIPE: "een proefomgeving van Stripe"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of a page. `citizen_page`: inside the portal of one citizen, so there is a menu and a named person.

    `help_away`: the name of the director who is away, while somebody else takes the phone; else ''.
    """

    help_name: str
    help_phone: str
    help_away: str
    citizen_page: bool
    acting_for: str
    stop_acting_url: str
    logged_in: bool
    demo: bool
    collector: str
    business_date: date | None

    @property
    def help_link(self) -> str:
        """The number as a telephone dials it."""
        return dial(self.help_phone)


@register.simple_tag(takes_context=True)
def frame(context: dict[str, Any]) -> Frame:
    """Look up the frame once per page. Works without a request too (then it is a public page)."""
    request = context.get("request")
    actor = actor_on(request) if request is not None else None
    mandate: Mandate | None = getattr(request, "mandate", None)
    citizen = _citizen(mandate)
    contact = contact_of(citizen.director) if citizen else None
    return Frame(
        help_name=contact.name if contact else "",
        help_phone=contact.phone if contact else settings.HELP_PHONE,
        help_away=contact.away if contact else "",
        citizen_page=citizen is not None,
        acting_for=(citizen.full_name or "uw cliënt") if citizen and mandate else "",
        stop_acting_url=_address("coach:stoppen") if mandate else "",
        logged_in=actor is not None and actor.user_id is not None,
        demo=settings.DEMO,
        collector=_COLLECTORS.get(name_for_new_payments(), "") if settings.DEMO else "",
        business_date=clock.today() if settings.DEMO else None,
    )


def _citizen(mandate: Mandate | None) -> Citizen | None:
    """The citizen whose pages these are; None on pages that belong to nobody in particular."""
    now = scope.current()
    if mandate is not None and now.citizen_id is None:
        # Pages that stop a coach half-way are made outside the client's scope, but name the client in the banner.
        with scope.act_as(Scope(user_id=now.user_id, citizen_id=mandate.citizen_id, coach_id=mandate.coach_id)):
            return Citizen.objects.select_related("director").filter(pk=mandate.citizen_id).first()
    if now.citizen_id is None:
        return None
    return Citizen.objects.select_related("director").filter(pk=now.citizen_id).first()


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.simple_tag
def help_lines() -> HelpLines:
    """The telephone numbers of help elsewhere."""
    return HELP_LINES


@register.simple_tag
def session_minutes() -> int:
    """How long somebody who does nothing stays logged in."""
    return int(settings.SESSION_COOKIE_AGE) // 60
