"""Logged-in citizens and the whole application filled in over HTTP, as a browser would."""

from django.test import Client

from accounts.models import Citizen, Mandate
from accounts.operations.accept_invitation import accept_invitation
from accounts.operations.invite_client import invite_client
from accounts.policies import ACTING_SESSION_KEY
from infra import clock
from infra.scope import Scope, act_as
from tests.factories.people import citizen_scope, make_citizen, make_director

ANSWERS: dict[str, dict[str, str]] = {
    "huishouden": {"situation": "alleenstaand"},
    "bijzonder": {},
    "inkomen": {"amount": "1.900", "period": "month", "holiday": "included"},
    "belastbaar": {"taxable_income_cents": "26.000", "taxable_period": "year"},
    "vaste-lasten": {"rent_cents": "650", "energy_cents": "", "health_insurance_cents": "150,50"},
    "missen": {"declared_cents": "45", "months": "36"},
}
"""A single person who can miss 493,58 a month; the pages from the household on, in their order."""


def logged_in(client: Client, citizen: Citizen | None = None) -> Citizen:
    """Log a citizen in; made when none is given."""
    citizen = citizen or make_citizen()
    assert citizen.user is not None
    client.force_login(citizen.user, backend="django.contrib.auth.backends.ModelBackend")
    return citizen


def fill_in_pages(client: Client, **changed: dict[str, str]) -> str:
    """Post every page from the household on; returns the address of the page after the last."""
    onward = ""
    for name, answers in ANSWERS.items():
        given = changed.get(name.replace("-", "_"), answers)
        response = client.post(f"/mijn/aanvraag/{name}/", given)
        assert response.status_code == 302, (name, response.content.decode())
        onward = response["Location"]
    return onward


def acting_coach(client: Client, citizen: Citizen) -> Mandate:
    """A coach with a mandate of this citizen, logged in and working for the citizen."""
    coach = make_director(kind="coach", default=False, name="Sam Visser")
    with act_as(Scope(coach_id=coach.pk, user_id=coach.user_id)):
        _, code = invite_client(coach=coach, label="cliënt", papers_seen=True)
    with act_as(citizen_scope(citizen)):
        assert citizen.user is not None
        mandate = accept_invitation(citizen=citizen, user=citizen.user, code=code)
    client.force_login(coach.user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[ACTING_SESSION_KEY] = {"mandate": str(mandate.public_id), "since": clock.now().isoformat()}
    session.save()
    return mandate
