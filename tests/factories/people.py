"""People and organisations for tests, made the way the product makes them."""

from datetime import date
from itertools import count

from accounts.models import CaseWorker, Citizen, IdentityAnchor, User
from accounts.operations.identify_citizen import anchor_identity, set_personal_data
from accounts.operations.register_citizen import register_citizen
from creditors.models import AcceptancePolicy, Creditor, CreditorMember
from infra import clock
from infra.scope import Scope, act_as, as_worker

_number = count(1)


def make_user(email: str = "") -> User:
    return User.objects.create_user(email or f"persoon{next(_number)}@voorbeeld.example")


def make_director(*, kind: str = "desk", default: bool = True, name: str = "Noor Bakker") -> CaseWorker:
    found = CaseWorker.objects.filter(is_default_director=True).first() if default else None
    return found or CaseWorker.objects.create(
        user=make_user(),
        kind=kind,
        name=name,
        organisation="Eén Plan",
        phone="085 000 1234",
        is_default_director=default,
    )


def login_of(citizen: Citizen) -> User:
    """The citizen's login; everybody made here has one."""
    assert citizen.user is not None
    return citizen.user


def citizen_scope(citizen: Citizen) -> Scope:
    return Scope(user_id=citizen.user_id, citizen_id=citizen.pk, reason="test")


def creditor_scope(creditor: Creditor, member: CreditorMember | None = None) -> Scope:
    return Scope(user_id=member.user_id if member else None, creditor_id=creditor.pk, reason="test")


def make_citizen(
    *, family_name: str = "Jansen", anchored: bool = True, birth_date: date = date(1985, 12, 3)
) -> Citizen:
    director = make_director()
    user = make_user()
    with act_as(Scope(user_id=user.pk, reason="test")):
        citizen = register_citizen(user=user)
    with act_as(citizen_scope(citizen)):
        set_personal_data(
            citizen=citizen,
            first_name="Jo",
            family_name=family_name,
            birth_date=birth_date,
            postcode="1234AB",
            house_number="5",
        )
        citizen.refresh_from_db()
        if anchored:
            anchor_identity(citizen=citizen, kind=IdentityAnchor.Kind.DESK, seen_by=director)
            citizen.refresh_from_db()
    return citizen


def make_creditor(name: str = "", **fields: object) -> Creditor:
    number = next(_number)
    with as_worker("test"):
        return Creditor.objects.create(
            **{
                "name": name or f"Organisatie {number}",
                "kind": Creditor.Kind.OTHER,
                "iban": "NL91ABNA0417164300",
                "email": f"post{number}@organisatie.example",
                **fields,
            }
        )


def make_member(creditor: Creditor, *, role: str = "clerk", name: str = "Kees Clerk") -> CreditorMember:
    with as_worker("test"):
        return CreditorMember.objects.create(user=make_user(), creditor=creditor, name=name, role=role)


def make_policy(
    creditor: Creditor, *, minimum: int, member: CreditorMember, maximum_waived: int | None = None
) -> AcceptancePolicy:
    with act_as(creditor_scope(creditor, member)):
        return AcceptancePolicy.objects.create(
            creditor=creditor,
            version=1,
            minimum_basis_points=minimum,
            maximum_waived_cents=maximum_waived,
            valid_from=clock.today(),
            made_by_id=member.user_id,
        )
