from datetime import date

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction

from accounts import codes
from accounts.models import CaseWorker, Citizen, IdentityAnchor
from infra import audit, clock


@transaction.atomic
def set_personal_data(
    *,
    citizen: Citizen,
    first_name: str,
    family_name: str,
    birth_date: date,
    postcode: str,
    house_number: str,
    phone: str = "",
) -> None:
    """Store who the citizen says to be. This opens nothing: only an identity anchor does.

    Once anchored, name, birth date and address stand fast: changing them would open another person's claims.
    """
    row = Citizen.objects.select_for_update().get(pk=citizen.pk)
    row.phone = phone
    if not row.anchors.exists():
        row.first_name = first_name
        row.family_name = family_name
        row.birth_date = birth_date
        row.postcode = postcode
        row.house_number = house_number
    row.save(update_fields=["first_name", "family_name", "birth_date", "postcode", "house_number", "phone"])
    audit.record("personal_data_set", object_type="citizen", object_id=row.pk, citizen_id=row.pk)
    if _provider_confirms(row):
        anchor_identity(citizen=row, kind=IdentityAnchor.Kind.OIDC)


def _provider_confirms(citizen: Citizen) -> bool:
    """Whether a recognised OpenID Connect login of this person carries the family name and birth date that were typed.

    The login alone is not enough: the typed facts open the claims, so it is those that the provider has to confirm
    (claims `family_name` and `birthdate` of OpenID Connect Core 5.1).
    """
    accounts = SocialAccount.objects.filter(user_id=citizen.user_id, provider__in=settings.OIDC_IDENTITY_PROVIDERS)
    for account in accounts:
        claims = account.extra_data.get("userinfo", account.extra_data)
        same_name = codes.same_name(str(claims.get("family_name", "")), citizen.family_name)
        if same_name and citizen.birth_date and claims.get("birthdate") == citizen.birth_date.isoformat():
            return True
    return False


def own_match_key(citizen: Citizen) -> str:
    """The keyed hash of what the citizen typed; '' while it is incomplete."""
    if not (citizen.family_name and citizen.birth_date and citizen.postcode and citizen.house_number):
        return ""
    return codes.match_key(
        family_name=citizen.family_name,
        birth_date=citizen.birth_date.isoformat(),
        postcode=citizen.postcode,
        house_number=citizen.house_number,
    )


@transaction.atomic
def anchor_identity(
    *, citizen: Citizen, kind: IdentityAnchor.Kind, seen_by: CaseWorker | None = None
) -> IdentityAnchor:
    """Write down why we believe this is this person, once per kind, and fix the match key."""
    row = Citizen.objects.select_for_update().get(pk=citizen.pk)
    anchor, made = IdentityAnchor.objects.get_or_create(
        citizen=row, kind=kind, defaults={"seen_by": seen_by, "anchored_on": clock.today()}
    )
    key = own_match_key(row)
    if key and row.match_key != key:
        row.match_key = key
        row.save(update_fields=["match_key"])
    if made:
        audit.record("identity_anchored", object_type="citizen", object_id=row.pk, citizen_id=row.pk, reason=kind)
    return anchor
