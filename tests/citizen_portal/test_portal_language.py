"""What citizens read, on every page: short sentences, easy words, few words before a question (ux.md 6e, TX1 and TX2).

Which page is shown when: tests/support/citizen_pages.py, where a new page is one line.
"""

from typing import Final

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import CaseWorker, Citizen
from citizen_portal import citizen_urls
from creditors.models import Creditor
from infra.scope import as_worker
from tests.factories import stages
from tests.factories.money import at
from tests.factories.people import make_user
from tests.support import citizen_pages, reading
from tests.support.addresses import values
from tests.support.citizen_pages import NOT_MEASURED, PAGES, STAGES, Stage

pytestmark = pytest.mark.django_db

#: Where the law or an explanation needs a word we do not use elsewhere: page, word, why.
ALLOWED_WORDS: Final = {
    ("begrippen", "beslagvrije voet"): "is explained there",
    ("begrippen", "kwijtschelding"): "is explained there",
    ("begrippen", "machtiging"): "is explained there",
    ("begrippen", "preferent"): "is explained there",
    ("mijn:officieel-bedrag", "beslagvrije voet"): "the name that stands on the paper one has to find",
}

#: Names that are not ours to choose.
ORGANISATIONS: Final = {"Autoriteit Persoonsgegevens", "Geldfit", "Eén Plan"}


def _names() -> set[str]:
    with as_worker("test"):
        people = [(one.full_name, one.first_name) for one in Citizen.objects.all()]
        helpers = CaseWorker.objects.values_list("name", "organisation")
        organisations = Creditor.objects.values_list("name", flat=True)
        rows = {name for pair in [*people, *helpers] for name in pair} | set(organisations)
    return (rows | ORGANISATIONS | {settings.ACCOUNT_HOLDER_NAME}) - {""}


#: Where the question comes after a long text, and why.
ASKS_LATE: Final = {"mijn:overeenkomst": "what somebody signs is read before, whole"}


def _faults(name: str, page: str, names: set[str]) -> list[str]:
    allowed = {f"a word we do not use: {word}" for where, word in ALLOWED_WORDS if where == name}
    late = name in ASKS_LATE
    return [
        one
        for one in reading.faults(page, names)
        if one not in allowed and not (late and "words before the question" in one)
    ]


@pytest.mark.parametrize("stage", STAGES, ids=[one.__name__ for one in STAGES])
def test_every_page_of_this_stage_is_easy_to_read(client: Client, stage: Stage) -> None:
    at(stages.MONDAY)
    visit, wrong = stage(client), []
    with as_worker("test"):
        known = values()
    names = _names()
    for name in citizen_pages.pages_at(stage):
        shown = [(asked, page.content.decode()) for asked, page in citizen_pages.faces(visit, name, known)]
        if not shown:
            wrong.append(f"{name}: is not shown at this stage; give it another one in PAGES")
        wrong += [f"{name} ({asked}): {fault}" for asked, page in shown for fault in _faults(name, page, names)]
    assert not wrong, "make the text easier (ux.md 2.6):\n" + "\n".join(dict.fromkeys(wrong))


def test_the_pages_for_when_something_is_wrong_are_easy_to_read(client: Client) -> None:
    """They have no address of their own."""
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    shown = {
        "not open yet": client.get("/na-inloggen/"),
        "not for you": client.get("/coach/"),
        "not there": client.get("/bestaat-niet/"),
        "an old form": Client(enforce_csrf_checks=True).post("/past-dit-bij-mij/"),
    }
    assert {asked: page.status_code for asked, page in shown.items()} == {
        "not open yet": 503,
        "not for you": 403,
        "not there": 404,
        "an old form": 403,
    }
    pages = {asked: page.content.decode() for asked, page in shown.items()} | {"broken": render_to_string("500.html")}
    assert {asked: found for asked, page in pages.items() if (found := reading.faults(page, ORGANISATIONS))} == {}


def test_every_address_of_a_citizen_is_measured_or_has_a_reason_not_to_be() -> None:
    known, listed = citizen_pages.patterns(), [*PAGES, *NOT_MEASURED]
    new = sorted(set(known) - set(listed))
    assert not new, (
        f"{new}: a page nobody measured. Add a line to PAGES in {citizen_pages.__file__} with the stages at which it is shown, "
        "or to NOT_MEASURED with the reason why there is nothing to read. A hole in its address is filled by "
        "tests/support/addresses.py."
    )
    gone = sorted(set(listed) - set(known))
    assert not gone, f"{gone}: these addresses are gone; take their lines out of PAGES or NOT_MEASURED"
    assert len(listed) == len(set(listed)), "a page is both measured and not measured"


def test_the_pages_under_namens_are_those_under_mijn() -> None:
    """Measured once, because a coach gets the same views and templates."""
    spaces = {str(one.pattern): one for one in get_resolver().url_patterns if isinstance(one, URLResolver)}
    inside = [one for one in spaces[""].url_patterns if isinstance(one, URLResolver)]
    lists = [one.urlconf_name for one in inside if one.namespace in ("mijn", "namens")]
    assert [one is citizen_urls.urlpatterns for one in lists] == [True, True]
