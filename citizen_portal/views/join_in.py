"""An organisation with our letter in its hand: says that it wants to take part. No login, and nothing about the citizen."""

from contextlib import suppress

from django.http import HttpResponse
from django.shortcuts import render

from accounts.policies import PageRequest, page
from arrangements.operations.invite_creditor import AlreadyAnswered, InvitationUnknown, answer_invitation, invited_by
from citizen_portal.forms.join_in import JoinInForm
from citizen_portal.limits import address_of, too_often

#: Per address and quarter of an hour; a code has 36 bits.
TRIES = 30


@page("public")
def join_in(request: PageRequest, code: str) -> HttpResponse:
    """The page behind the code of the letter."""
    if too_often("invitation-code", address_of(request), times=TRIES):
        return render(request, "public/join_in.html", {"too_often": True}, status=429)
    try:
        invited = invited_by(code)
    except InvitationUnknown:
        return render(request, "public/join_in.html", {"unknown": True}, status=404)
    answered = invited.answered_on is not None
    form = JoinInForm(
        request.POST if request.method == "POST" else None, initial={"organisation": invited.organisation}
    )
    if request.method == "POST" and not answered and form.is_valid():
        with suppress(AlreadyAnswered):  # a colleague was first: the page says the same
            answer_invitation(code=code, **form.cleaned_data)
        answered = True
    return render(request, "public/join_in.html", {"form": form, "answered": answered, "invited": invited})
