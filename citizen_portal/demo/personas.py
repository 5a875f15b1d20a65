"""The one-click ways in: a signed link per person. They exist in the demo only; the view answers 404 elsewhere."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from citizen_portal.demo import cast

_SALT = "citizen_portal.demo.personas"


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody a visitor can be. `lands_on` is the address they see first."""

    slug: str
    name: str
    role: str
    about: str
    email: str
    lands_on: str


_CONSOLE = ("delinde", "polderzorg", "noorderzon", "rivierdal")


def _personas() -> tuple[Persona, ...]:
    people = [Persona(one.slug, one.full_name, "Burger", one.story, one.email, "/mijn/") for one in cast.HOUSEHOLDS]
    for helper in cast.HELPERS:
        if helper.kind == "coach":
            about = f"Budgetcoach bij {helper.organisation}."
            people.append(Persona(helper.slug, helper.name, "Coach", about, helper.email, "/coach/"))
        else:
            about = "Medewerker van het loket: sluit organisaties aan en kan alles bekijken."
            people.append(Persona(helper.slug, helper.name, "Loket", about, helper.email, "/beheer/"))
    for one in cast.ORGANISATIONS:
        if one.slug not in _CONSOLE:
            continue
        people += [
            Persona(
                f"{one.slug}-balie",
                one.clerk,
                "Organisatie",
                f"Behandelaar bij {one.name}.",
                one.clerk_email,
                "/schuldeiser/",
            ),
            Persona(
                f"{one.slug}-beheer",
                one.manager,
                "Organisatie",
                f"Beheerder bij {one.name}: beleid en bestanden.",
                one.manager_email,
                "/schuldeiser/",
            ),
        ]
    return tuple(people)


PERSONAS = {persona.slug: persona for persona in _personas()}


def sign_in_path(slug: str, next_path: str = "") -> str:
    """The address that signs in as this person and goes to `next_path`. KeyError for somebody who does not exist."""
    persona = PERSONAS[slug]
    question = {"sleutel": Signer(salt=_SALT).signature(persona.slug)}
    if next_path:
        question["volgende"] = next_path
    return f"{reverse('demo:inloggen', args=[persona.slug])}?{urlencode(question)}"


def key_fits(slug: str, key: str) -> bool:
    """Whether `key` was made by us for this person: a link from elsewhere must not log a visitor in."""
    try:
        return Signer(salt=_SALT).unsign(f"{slug}:{key}") == slug
    except BadSignature:
        return False
