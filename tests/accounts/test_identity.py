"""What proves that a login is a person, and what does not."""

from datetime import date

import pytest
from allauth.socialaccount.models import SocialAccount
from pytest_django.fixtures import Settings

from accounts.models import Citizen, IdentityAnchor
from accounts.operations.accept_invitation import accept_invitation
from accounts.operations.identify_citizen import set_personal_data
from accounts.operations.invite_client import invite_client
from infra import clock
from infra.scope import Scope, act_as
from tests.factories.people import citizen_scope, login_of, make_citizen, make_director

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(settings: Settings) -> None:
    clock.set_today(date(2026, 11, 23))
    settings.OIDC_IDENTITY_PROVIDERS = ["digid"]


def with_login(provider: str, **claims: str) -> Citizen:
    citizen = make_citizen(anchored=False)
    SocialAccount.objects.create(user=citizen.user, provider=provider, uid="1", extra_data={"userinfo": claims})
    return citizen


def says(citizen: Citizen, family_name: str) -> list[str]:
    with act_as(citizen_scope(citizen)):
        set_personal_data(
            citizen=citizen,
            first_name="Jo",
            family_name=family_name,
            birth_date=date(1985, 12, 3),
            postcode="1234AB",
            house_number="5",
        )
        return list(IdentityAnchor.objects.values_list("kind", flat=True))


def test_a_recognised_login_that_carries_the_typed_name_and_birth_date_is_an_anchor() -> None:
    citizen = with_login("digid", family_name="DE BOËR", birthdate="1985-12-03")
    assert says(citizen, "de Boer") == ["oidc"]


@pytest.mark.parametrize(
    ("provider", "claims"),
    [
        ("digid", {"family_name": "Pietersen", "birthdate": "1985-12-03"}),
        ("digid", {"family_name": "De Boer", "birthdate": "1985-12-04"}),
        ("digid", {"birthdate": "1985-12-03"}),
        ("digid", {"family_name": "De Boer"}),
        ("someshop", {"family_name": "De Boer", "birthdate": "1985-12-03"}),
    ],
)
def test_another_name_another_day_or_another_provider_is_no_anchor(provider: str, claims: dict[str, str]) -> None:
    assert says(with_login(provider, **claims), "De Boer") == []


def test_an_email_login_alone_is_no_anchor() -> None:
    assert says(make_citizen(anchored=False), "De Boer") == []


def test_papers_seen_at_the_desk_are_an_anchor_of_the_desk() -> None:
    desk, citizen = make_director(), make_citizen(anchored=False)
    with act_as(Scope(user_id=desk.user_id, coach_id=desk.pk, reason="test")):
        _, code = invite_client(coach=desk, label="mevrouw J.", papers_seen=True)
    with act_as(citizen_scope(citizen)):
        accept_invitation(citizen=citizen, user=login_of(citizen), code=code)
        assert IdentityAnchor.objects.get().kind == IdentityAnchor.Kind.DESK
