"""Every page of a citizen and the stages at which it is shown; for tests that look at all of them.

A new page is one line in PAGES: its name in the resolver, and the stages at which a citizen gets to see it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from django.test import Client
from django.urls import URLPattern

from accounts.operations.invite_client import invite_client
from arrangements.models import CertificateList, EqualityCertificate
from arrangements.queries.certificates import file_of
from citizen_portal import citizen_urls, fit
from citizen_portal import urls as portal_urls
from infra import jobs
from infra.scope import Scope, act_as, as_worker
from tests.factories import answers, beslag, refusals, shifts, stages, stornos, variations
from tests.factories.citizens import fill_in_pages, logged_in
from tests.factories.partners import share, together
from tests.factories.people import make_citizen, make_director
from tests.factories.plans import make_case, submitted
from tests.support.addresses import addresses

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
    return Visit(client, {"past-dit-bij-mij": [*answers, {}], "controleer": [*_certificates(), {}, {"text": "onzin"}]})


def _certificates() -> list[dict[str, str]]:
    """The papers of the running plan, one of them altered by a cent."""
    with as_worker("test"):
        files = [file_of(row).decode() for row in EqualityCertificate.objects.all()]
        files += [file_of(row).decode() for row in CertificateList.objects.all()]
    return [{"text": text} for text in (*files, *(re.sub(r'("deel": \d+)', r"\g<1>1", text) for text in files))]


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


def thin(client: Client) -> Visit:
    """The amount leaves nothing for a setback: a lower one is suggested."""
    return _filled_in(client, missen={"declared_cents": "490,50", "months": "36"})


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


def partners(client: Client) -> Visit:
    """Takes part together with a partner who sent a proposal; each shares one claim with the other."""
    one, other = make_case(1_000_00, 2_000_00), make_case(3_000_00)
    together(other.citizen, one.citizen)
    share(one.claims[0])
    share(other.claims[0])
    submitted(other)
    jobs.run_all()
    logged_in(client, one.citizen)
    return Visit(client)


def partner_invited(client: Client) -> Visit:
    """Has asked for a code for the partner."""
    logged_in(client, make_case(1_000_00).citizen)
    client.post("/mijn/partner/code/")
    return Visit(client)


def late_creditor(client: Client) -> Visit:
    """A running plan with a debt that was found later, confirmed, and one that still waits; a lower amount is tried."""
    case = variations.late_creditor()
    variations.late_claim(case, 300_00, confirmed=False)
    logged_in(client, case.citizen)
    answers = [{"monthly_cents": "30"}, {"monthly_cents": "45"}]
    return Visit(client, {"mijn:lager-bedrag": answers, "mijn:langere-pauze": [{"months": "3"}, {}]})


under_bewind = _at_stage(stages.under_bewind)
asked_bewindvoerder = _at_stage(stages.asked_bewindvoerder)
bewindvoerder_says_yes = _at_stage(stages.bewindvoerder_says_yes)
budgeting = _at_stage(stages.budgeting)
late_creditor_asked = _at_stage(variations.late_creditor_asked)
offered = _at_stage(variations.offered)
offered_too_much = _at_stage(variations.offered_too_much)
lowered = _at_stage(variations.lowered)
lower_refused = _at_stage(variations.lower_refused)
changing = _at_stage(stages.changing)
changed = _at_stage(stages.changed)
waiting = _at_stage(stages.waiting)
municipal = _at_stage(refusals.at_municipality)
all_said_no = _at_stage(refusals.refused_by_everybody)
stopped = _at_stage(refusals.stopped)
silent = _at_stage(refusals.silent)
chosen = _at_stage(refusals.chosen)
names_unknown = _at_stage(refusals.naming_unknown)
to_sign = _at_stage(stages.to_sign)
running = _at_stage(stages.running)
finished = _at_stage(stages.finished)
moved = _at_stage(shifts.moved)
paused = _at_stage(shifts.paused)
pause_asked = _at_stage(shifts.pause_asked)
bridged = _at_stage(shifts.bridged)
seized = _at_stage(beslag.seized)
late = _at_stage(beslag.late)
over = _at_stage(beslag.over)
owes_us = _at_stage(stornos.owes_us)
disputing = _at_stage(stages.disputing)

questioned = _at_stage(answers.questioned)
replied = _at_stage(answers.replied)
refused = _at_stage(answers.refused)
looking_again = _at_stage(answers.looking_again)
lapsed = _at_stage(answers.lapsed)


def gaps(client: Client) -> Visit:
    """At the end of the questions, and something was passed over: permission, an amount, who this is."""
    logged_in(client, answers.with_gaps())
    fill_in_pages(client)
    return Visit(client)


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
    "controleer": (nobody,),
    "betaallink": (nobody,),
    "betaallink-resultaat": (nobody,),
    "inloggen": (nobody,),
    "inloggen-papier": (nobody,),
    "inloggen-code": (code_on_its_way,),
    "uitgelogd": (nobody,),
    "sessie-voorbij": (nobody,),
    "mijn:overzicht": (
        newcomer,
        begun,
        alone,
        fact_missing,
        too_high,
        waiting,
        questioned,
        lapsed,
        to_sign,
        running,
        paused,
        finished,
        late_creditor_asked,
        offered,
        seized,
        late,
        over,
        owes_us,
        all_said_no,
        stopped,
        names_unknown,
    ),
    "mijn:begin": (newcomer, alone),
    "mijn:coachcode": (filling_in,),
    "mijn:wie-bent-u": (begun, filling_in),
    "mijn:brief": (begun, filling_in),
    "mijn:toestemming": (begun, filling_in),
    "mijn:organisaties": (begun, filling_in, partners, names_unknown),
    "mijn:organisaties-toevoegen": (filling_in,),
    "mijn:huishouden": (filling_in,),
    "mijn:bijzonder": (filling_in,),
    "mijn:bewindvoerder": (under_bewind,),
    "mijn:bewind": (under_bewind, asked_bewindvoerder, bewindvoerder_says_yes),
    "mijn:inkomen": (filling_in,),
    "mijn:belastbaar": (filling_in, alone),
    "mijn:partner": (filling_in,),
    "mijn:vaste-lasten": (filling_in,),
    "mijn:budget": (filling_in, budgeting),
    "mijn:budget-inkomsten": (filling_in, budgeting),
    "mijn:budget-vaste-lasten": (filling_in, budgeting),
    "mijn:budget-reserveren": (filling_in, budgeting),
    "mijn:budget-huishouden": (filling_in, budgeting),
    "mijn:missen": (filling_in, budgeting),
    "mijn:betaaldag": (filling_in, alone),
    "mijn:niets-missen": (filling_in,),
    "mijn:let-op": (too_high,),
    "mijn:nog-even": (fact_missing, official_needed),
    "mijn:geen-normen": (filling_in,),
    "mijn:geen-bedragen": (begun, filling_in),
    "mijn:officieel-bedrag": (filling_in, official_needed),
    "mijn:voorstel": (filling_in, alone, thin),
    "mijn:verhaal": (filling_in,),
    "mijn:controle": (filling_in, alone, gaps, asked_bewindvoerder),
    "mijn:berekening": (alone, fact_missing, official_needed, too_high),
    "mijn:verstuurd": (waiting,),
    "mijn:status": (
        waiting,
        to_sign,
        questioned,
        refused,
        looking_again,
        lapsed,
        silent,
        chosen,
        all_said_no,
        municipal,
    ),
    "mijn:vraag": (questioned, replied),
    "mijn:nog-eens": (refused,),
    "mijn:keuze": (waiting, silent, chosen),
    "mijn:gemeente": (waiting, all_said_no, municipal, stopped),
    "mijn:voorstel-stoppen": (waiting, to_sign),
    "mijn:overeenkomst": (to_sign, running),
    "mijn:schulden": (running, disputing),
    "mijn:betwist": (running, disputing),
    "mijn:documenten": (running, finished),
    "mijn:document": (running, finished, seized, over, municipal),
    "mijn:beslag": (running, seized),
    "mijn:regeling-stoppen": (running,),
    "mijn:regeling-stoppen-zeker": (running,),
    "mijn:betalen": (running, finished),
    "mijn:zelf-overmaken": (running,),
    "mijn:betaling-resultaat": (running,),
    "mijn:betalingen": (running, moved, owes_us),
    "mijn:geschiedenis": (running,),
    "mijn:samen": (filling_in, partner_invited, partners),
    "mijn:samen-code": (partner_invited,),
    "mijn:samen-meedoen": (filling_in,),
    "mijn:samen-delen": (partners,),
    "mijn:samen-stoppen": (partners,),
    "mijn:lukt-niet": (running, paused),
    "mijn:later": (running, moved),
    "mijn:later-klaar": (moved,),
    "mijn:pauze": (running, pause_asked, paused),
    "mijn:veranderd": (running, changing),
    "mijn:anders-betalen": (running,),
    "mijn:anders-betalen-klaar": (bridged,),
    "mijn:extra-betalen": (running,),
    "mijn:teruggehaald": (owes_us,),
    "mijn:keuzes": (to_sign,),
    "mijn:lukt-niet-gegevens": (changing,),
    "mijn:vergelijking": (changing,),
    "mijn:doorgegeven": (changed,),
    "mijn:jaarcontrole": (running, changing),
    "mijn:lager-bedrag": (running, late_creditor),
    "mijn:langere-pauze": (running, late_creditor),
    "mijn:wijziging": (late_creditor_asked, lowered, lower_refused),
    "mijn:nieuwe-schuld": (running, late_creditor, late_creditor_asked),
    "mijn:nieuwe-schuld-erbij": (late_creditor,),
    "mijn:doet-mee": (offered, offered_too_much),
    "mijn:helpers": (filling_in, running, bewindvoerder_says_yes),
    "mijn:machtiging": (bewindvoerder_says_yes,),
    "mijn:berichten": (newcomer, running),
    "mijn:bericht": (running, partners, seized, late, over),
    "mijn:gegevens": (newcomer, running),
}

#: Addresses without a page of their own, and why.
NOT_MEASURED: Final = {
    "na-inloggen": "sends everybody on",
    "mijn:toestemming-intrekken": "takes a button and leads back",
    "mijn:versturen": "takes a button and leads on",
    "mijn:opnieuw-beginnen": "takes a button and leads on",
    "mijn:zonder": "takes a button and leads back",
    "meedoen": "of an organisation, which holds a letter; measured in test_portal_refusal.py",
    "mijn:tekenen": "takes a button and leads on",
    "mijn:officieel-bedrag-foto": "the photo of a paper",
    "mijn:berekening-van": "an earlier one of a page that is measured",
    "mijn:budget-nagekeken": "takes a button of a coach and leads back",
    "mijn:helper-stoppen": "takes a button and leads back",
    "mijn:samen-niet-delen": "takes a button and leads back",
    "mijn:betwist-stoppen": "takes a button and leads back",
    "mijn:machtiging-pdf": "the print form of a page that is measured",
    "mijn:overeenkomst-pdf": "the print form of a page that is measured",
    "mijn:bewijs": "a file",
    "mijn:document-pdf": "the print form of a page that is measured",
}

STAGES: Final = list(dict.fromkeys(stage for shown in PAGES.values() for stage in shown))


def patterns() -> dict[str, str]:
    """The path pattern of every address of a citizen, by name."""
    public = [one for one in portal_urls.urlpatterns if isinstance(one, URLPattern)]
    found = {str(one.name): str(one.pattern) for one in public}
    return found | {f"mijn:{one.name}": f"mijn/{one.pattern}" for one in citizen_urls.urlpatterns}


def faces(visit: Visit, name: str, known: dict[str, list[str]]) -> Iterator[tuple[str, Any]]:
    """Everything this page shows at this stage: (what was asked, response). `known`: from tests.support.addresses.values."""
    pattern = patterns()[name]
    for address in addresses(pattern, known):
        response = visit.client.get(address)
        if response.status_code == 200:
            yield address, response
    for typed in visit.posts.get(name, []):
        response = visit.client.post(f"/{pattern}", typed)
        assert response.status_code == 200, (name, typed, response.status_code)
        yield f"/{pattern} after {typed}", response


def pages_at(stage: Stage) -> list[str]:
    """The names of the pages to look at in this stage."""
    return [name for name, shown in PAGES.items() if stage in shown]
