from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User


@transaction.atomic
def user_of_proven_address(*, email: str) -> User:
    """The login of an address somebody has just proven to read; made when there is none yet.

    Call only after the code from the mail was typed in. A new login sees nothing: what it may see hangs on other rows.
    """
    address = email.lower()
    user = User.objects.filter(email=address).first() or User.objects.create_user(address)
    row, _ = EmailAddress.objects.get_or_create(
        user=user,
        email=address,
        defaults={"verified": True, "primary": not EmailAddress.objects.filter(user=user).exists()},
    )
    if not row.verified:
        row.verified = True
        row.save(update_fields=["verified"])
    return user
