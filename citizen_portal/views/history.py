"""What happened in a case, in order."""

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render

from accounts.policies import PageRequest, page
from arrangements.domain.history import is_told, sentence, who_did, why
from arrangements.queries.history import case_history
from citizen_portal.current import citizen_now

SHOWN = 200
"""The newest lines; the whole story is in the command of the desk."""


@page("citizen", methods=("GET", "HEAD"))
def history(request: PageRequest) -> HttpResponse:
    """Every step of the case, newest day first."""
    citizen = citizen_now()
    told = [event for event in case_history(citizen.pk) if is_told(event)]
    newest = list(reversed(told))[:SHOWN]
    days = [
        {
            "on": on,
            "lines": [{"sentence": sentence(one), "why": why(one), "who": who_did(one)} for one in events],
        }
        for on, events in groupby(newest, key=lambda event: event.on)
    ]
    return render(request, "citizen/history.html", {"days": days, "more": len(told) > SHOWN})
