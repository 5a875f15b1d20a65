"""Where "Ik heb een bewindvoerder" leads: who it is, that nothing starts without that person, and who calls."""

from typing import Any

from django.contrib import messages

from accounts.policies import PageRequest
from arrangements.models import CaseTask
from arrangements.operations.bewind_consent import ask_bewindvoerder
from arrangements.operations.record_bewind import Bewindvoerder, OnlyAHelper, end_bewind, record_bewind
from arrangements.queries.bewind import bewind_of
from citizen_portal.current import citizen_now, contact_now

WHO_PAGE = "bewindvoerder"
STATUS_PAGE = "bewind"


def say_bewind(request: PageRequest, *, says: bool) -> bool:
    """Keep the answer to "Ik heb een bewindvoerder". True when the next page asks who that is."""
    citizen = citizen_now()
    found = bewind_of(citizen.pk)
    if says:
        known = found.bewind if found else record_bewind(citizen=citizen, who=Bewindvoerder())
        return not known.name
    try:
        end_bewind(citizen=citizen)
    except OnlyAHelper:
        messages.info(request, f"Is uw bewind gestopt? Bel {contact_now().name}. Dan passen wij het aan.")
    return False


def wait_for_bewindvoerder(request: PageRequest) -> str:
    """Nothing starts yet: the director gets the task to call. The address of the page that says so."""
    ask_bewindvoerder(citizen=citizen_now())
    return request.page(STATUS_PAGE)


def status(citizen_id: int) -> dict[str, Any]:
    """For the pages that tell it; `bewind` is None when there is none. `due_on`: the last day on which the director calls."""
    found = bewind_of(citizen_id)
    open_tasks = CaseTask.objects.filter(citizen_id=citizen_id, kind=CaseTask.Kind.BEWIND, done_on=None)
    due_on = open_tasks.values_list("due_on", flat=True).first() if found and found.waits else None
    return {"bewind": found, "due_on": due_on}
