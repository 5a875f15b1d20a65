"""What citizens read, on every page: short sentences, easy words, few words before a question (ux.md 6e, TX1 and TX2).

A new page is one line in PAGES: its name in the resolver, and the stages at which a citizen gets to see it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import CaseWorker, Citizen
from accounts.operations.invite_client import invite_client
from citizen_portal import citizen_urls, fit
from citizen_portal import urls as portal_urls
from creditors.models import Creditor
from infra.scope import Scope, act_as, as_worker
from tests.factories import stages
from tests.factories.citizens import fill_in_pages, logged_in
from tests.factories.money import at
from tests.factories.people import make_citizen, make_director
from tests.factories.plans import make_case
from tests.support import reading
from tests.support.addresses import addresses, values

pytestmark = pytest.mark.django_db

# --- the stages ----------------------------------------------------------------------------------------------------


@dataclass
class Visit:
    """Somebody in front of the pages. `posts`: answers after which a page shows another face, by the page's name."""

    client: Client
    posts: dict[str, list[dict[str, str]]] = field(default_factory=dict)


def nobody(client: Client) -> Visit:
    """Not logged in; gives every possible answer to the questions before logging in."""
    stages.running()
    given = product(fit.Threat, fit.Helper, fit.Spare)
    answers = [{"threat": one.value, "helper": two.value, "spare": three.value} for one, two, three in given]
    return Visit(client, {"past-dit-bij-mij": [*answers, {}]})


def code_on_its_way(client: Client) -> Visit:
    client.post("/inloggen/", {"email": "nieuw@voorbeeld.example"})
    return Visit(client)


def newcomer(client: Client) -> Visit:
    logged_in(client, stages.newcomer())
    return Visit(client)


def begun(client: Client) -> Visit:
    """Nobody knows yet who this is: no anchor, no consent, no organisations."""
    make_director()
    logged_in(client, make_citizen(family_name="Begint", anchored=False))
    client.post("/mijn/begin/")
    return Visit(client)


def filling_in(client: Client) -> Visit:
    """A couple, everything answered; a coach offers help."""
    coach = make_director(kind="coach", default=False, name="Sam Visser")
    with act_as(Scope(coach_id=coach.pk, user_id=coach.user_id)):
        _, code = invite_client(coach=coach, label="cliënt", papers_seen=True)
    logged_in(client, stages.filling_in().citizen)
    return Visit(client, {"mijn:coachcode": [{"code": code}]})


def _filled_in(client: Client, **changed: dict[str, str]) -> Visit:
    logged_in(client, make_case(1_000_00, 2_000_00, not_dischargeable={1}).citizen)
    fill_in_pages(client, **changed)
    return Visit(client)


def alone(client: Client) -> Visit:
    """A single person with a fine that may not be waived, at the end of the questions."""
    return _filled_in(client)


def too_high(client: Client) -> Visit:
    return _filled_in(client, missen={"declared_cents": "900", "months": "36"})


def fact_missing(client: Client) -> Visit:
    return _filled_in(client, belastbaar={"unknown": "on"}, missen={"declared_cents": "450", "months": "36"})


def official_needed(client: Client) -> Visit:
    return _filled_in(client, bijzonder={"uncertain": "company_car"}, missen={"declared_cents": "450", "months": "36"})


def _at_stage(case: Callable[[], object]) -> Callable[[Client], Visit]:
    def stage(client: Client) -> Visit:
        made = case()
        logged_in(client, made.citizen)  # type: ignore[attr-defined]  # a Case
        return Visit(client)

    stage.__name__ = case.__name__
    return stage


waiting = _at_stage(stages.waiting)
to_sign = _at_stage(stages.to_sign)
running = _at_stage(stages.running)
finished = _at_stage(stages.finished)

# --- the pages -----------------------------------------------------------------------------------------------------

Stage = Callable[[Client], Visit]

#: Every page of a citizen, by its name in the resolver (`mijn:` for the pages of citizen_urls.py).
PAGES: Final[dict[str, tuple[Stage, ...]]] = {
    "start": (nobody,),
    "zo-werkt-het": (nobody,),
    "past-dit-bij-mij": (nobody,),
    "andere-hulp": (nobody,),
    "hulp": (nobody,),
    "begrippen": (nobody,),
    "privacy": (nobody,),
    "betaallink": (nobody,),
    "betaallink-resultaat": (nobody,),
    "inloggen": (nobody,),
    "inloggen-papier": (nobody,),
    "inloggen-code": (code_on_its_way,),
    "uitgelogd": (nobody,),
    "sessie-voorbij": (nobody,),
    "mijn:overzicht": (newcomer, begun, alone, fact_missing, too_high, waiting, to_sign, running, finished),
    "mijn:begin": (newcomer, alone),
    "mijn:coachcode": (filling_in,),
    "mijn:wie-bent-u": (begun, filling_in),
    "mijn:brief": (begun, filling_in),
    "mijn:toestemming": (begun, filling_in),
    "mijn:organisaties": (begun, filling_in),
    "mijn:organisaties-toevoegen": (filling_in,),
    "mijn:huishouden": (filling_in,),
    "mijn:bijzonder": (filling_in,),
    "mijn:inkomen": (filling_in,),
    "mijn:belastbaar": (filling_in, alone),
    "mijn:partner": (filling_in,),
    "mijn:vaste-lasten": (filling_in,),
    "mijn:missen": (filling_in,),
    "mijn:niets-missen": (filling_in,),
    "mijn:let-op": (too_high,),
    "mijn:nog-even": (fact_missing, official_needed),
    "mijn:geen-normen": (filling_in,),
    "mijn:geen-bedragen": (begun, filling_in),
    "mijn:voorstel": (filling_in, alone),
    "mijn:verhaal": (filling_in,),
    "mijn:controle": (filling_in, alone),
    "mijn:verstuurd": (waiting,),
    "mijn:status": (waiting, to_sign),
    "mijn:voorstel-stoppen": (waiting,),
    "mijn:overeenkomst": (to_sign, running),
    "mijn:documenten": (running, finished),
    "mijn:document": (running, finished),
    "mijn:betalen": (running, finished),
    "mijn:betaling-resultaat": (running,),
    "mijn:betalingen": (running,),
    "mijn:helpers": (filling_in, running),
    "mijn:berichten": (newcomer, running),
    "mijn:bericht": (running,),
    "mijn:gegevens": (newcomer, running),
}

#: Addresses without a page of their own, and why.
NOT_MEASURED: Final = {
    "na-inloggen": "sends everybody on",
    "mijn:toestemming-intrekken": "takes a button and leads back",
    "mijn:versturen": "takes a button and leads on",
    "mijn:zonder": "takes a button and leads back",
    "mijn:tekenen": "takes a button and leads on",
    "mijn:helper-stoppen": "takes a button and leads back",
    "mijn:overeenkomst-pdf": "the print form of a page that is measured",
    "mijn:document-pdf": "the print form of a page that is measured",
}

#: Where the law or an explanation needs a word we do not use elsewhere: page, word, why.
ALLOWED_WORDS: Final = {
    ("begrippen", "beslagvrije voet"): "is explained there",
    ("begrippen", "kwijtschelding"): "is explained there",
    ("begrippen", "machtiging"): "is explained there",
    ("begrippen", "preferent"): "is explained there",
    ("mijn:let-op", "beslagvrije voet"): "the law's name of an amount, in the steps of the calculation",
    ("mijn:nog-even", "beslagvrije voet"): "the law's name of an amount, in the steps of the calculation",
}

#: Names that are not ours to choose.
ORGANISATIONS: Final = {"Autoriteit Persoonsgegevens", "Geldfit", "Eén Plan"}


def _patterns() -> dict[str, str]:
    """The path pattern of every address of a citizen, by name."""
    citizen = {f"mijn:{one.name}": f"mijn/{one.pattern}" for one in citizen_urls.urlpatterns}
    public = {one.name: str(one.pattern) for one in portal_urls.urlpatterns if not isinstance(one, URLResolver)}
    return {name: pattern for name, pattern in {**public, **citizen}.items() if name is not None}


def _names() -> set[str]:
    with as_worker("test"):
        people = [(one.full_name, one.first_name) for one in Citizen.objects.all()]
        helpers = CaseWorker.objects.values_list("name", "organisation")
        organisations = Creditor.objects.values_list("name", flat=True)
        rows = {name for pair in [*people, *helpers] for name in pair} | set(organisations)
    return (rows | ORGANISATIONS | {settings.ACCOUNT_HOLDER_NAME}) - {""}


def _faces(visit: Visit, name: str, pattern: str, known: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Everything this page shows at this stage: (what was asked, html)."""
    for address in addresses(pattern, known):
        response = visit.client.get(address)
        if response.status_code == 200:
            yield address, response.content.decode()
    for answers in visit.posts.get(name, []):
        response = visit.client.post(f"/{pattern}", answers)
        assert response.status_code == 200, (name, answers, response.status_code)
        yield f"/{pattern} after {answers}", response.content.decode()


def _faults(name: str, page: str, names: set[str]) -> list[str]:
    allowed = {f"a word we do not use: {word}" for where, word in ALLOWED_WORDS if where == name}
    return [one for one in reading.faults(page, names) if one not in allowed]


STAGES: Final = list(dict.fromkeys(stage for shown in PAGES.values() for stage in shown))


@pytest.mark.parametrize("stage", STAGES, ids=[one.__name__ for one in STAGES])
def test_every_page_of_this_stage_is_easy_to_read(client: Client, stage: Stage) -> None:
    at(stages.MONDAY)
    visit, patterns, wrong = stage(client), _patterns(), []
    with as_worker("test"):
        known = values()
    names = _names()
    for name in [name for name, shown in PAGES.items() if stage in shown]:
        faces = list(_faces(visit, name, patterns[name], known))
        if not faces:
            wrong.append(f"{name}: is not shown at this stage; give it another one in PAGES")
        wrong += [f"{name} ({asked}): {fault}" for asked, page in faces for fault in _faults(name, page, names)]
    assert not wrong, "make the text easier (ux.md 2.6):\n" + "\n".join(dict.fromkeys(wrong))


def test_every_address_of_a_citizen_is_measured_or_has_a_reason_not_to_be() -> None:
    known, listed = _patterns(), [*PAGES, *NOT_MEASURED]
    new = sorted(set(known) - set(listed))
    assert not new, (
        f"{new}: a page nobody measured. Add a line to PAGES in {__file__} with the stages at which it is shown, "
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
