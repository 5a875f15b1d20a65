"""The citizen takes the case to a municipality, with everything that happened in one file; what that body is, is kept."""

from hashlib import sha256

from django.db import transaction

from accounts.models import User
from arrangements.documents.municipal import municipal_content
from arrangements.documents.pdf import render_pdf
from arrangements.domain.lifecycle import ProposalState
from arrangements.models import Arrangement, CaseTask, Document, MunicipalRoute, Proposal
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from infra import audit, clock


class NoRouteNow(Exception):
    """There is no proposal that was sent, or it became an arrangement."""


@transaction.atomic
def choose_municipal_route(*, proposal: Proposal, body_kind: str, body_name: str) -> MunicipalRoute:
    """Choose the municipal route: the file is made, the director hands over warmly. Scope: the citizen's.

    The proposal goes on as it is: only who stops, stops it. Choosing twice is choosing once. Raises NoRouteNow.
    """
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    found = MunicipalRoute.objects.filter(proposal=row).first()
    if found is not None:
        return found
    if row.state == ProposalState.DRAFT or Arrangement.objects.filter(proposal=row).exists():
        raise NoRouteNow
    today = clock.today()
    name = body_name.strip()
    kind = MunicipalRoute.BodyKind(body_kind) if name else MunicipalRoute.BodyKind.UNKNOWN
    route = MunicipalRoute.objects.create(
        citizen_id=row.citizen_id, proposal=row, chosen_on=today, body_kind=kind, body_name=name
    )
    audit.record(
        "municipal_route_chosen",
        object_type="municipal_route",
        object_id=route.pk,
        to_state=kind.value,
        citizen_id=row.citizen_id,
    )
    make_municipal_file(route=route)
    director = row.citizen.director
    make_task(
        citizen_id=row.citizen_id,
        key=f"municipal_route:{route.pk}",
        kind=CaseTask.Kind.MUNICIPAL_ROUTE,
        text="De cliënt gaat naar de gemeente. Bel samen, draag warm over, en leg vast of die organisatie erkend is.",
    )
    tell_citizen(
        row.citizen,
        key=f"municipal_route:{route.pk}",
        kind="municipal_route",
        subject="Uw dossier staat klaar",
        body=(
            "U kiest voor hulp van de gemeente. Uw dossier staat klaar.\n"
            f"{director.name} belt u binnen 2 werkdagen. Dan bellen we samen met de gemeente.\n"
            "Log in om het dossier te downloaden."
        ),
    )
    return route


def make_municipal_file(*, route: MunicipalRoute) -> Document:
    """The file of one choice, kept as it was given out. Part of the caller's transaction. Scope: the citizen's."""
    content = municipal_content(route=route)
    pdf = render_pdf(content)
    return Document.objects.create(
        kind=Document.Kind.MUNICIPAL,
        proposal=route.proposal,
        citizen_id=route.citizen_id,
        reference=content["reference"],
        content=content,
        pdf=pdf,
        sha256=sha256(pdf).hexdigest(),
        made_on=clock.today(),
    )


@transaction.atomic
def record_recognition(
    *, route: MunicipalRoute, body_kind: str, body_name: str, is_recognised: str, ground: str, user: User
) -> MunicipalRoute:
    """What was found out about the body: its name, and whether the law recognises it, with the ground.

    Scope: the desk's, or a coach's who works for the client. ValueError when it says yes or no without a name or a ground.
    """
    row = MunicipalRoute.objects.select_for_update(of=("self",)).get(pk=route.pk)
    recognised = MunicipalRoute.Recognised(is_recognised)
    name, why = body_name.strip(), ground.strip()
    if recognised != MunicipalRoute.Recognised.UNKNOWN and not (name and why):
        raise ValueError("whether a body is recognised is said of a body, with a ground")
    before = row.is_recognised
    row.body_kind = MunicipalRoute.BodyKind(body_kind) if name else MunicipalRoute.BodyKind.UNKNOWN
    row.body_name, row.is_recognised, row.ground = name, recognised, why
    row.recorded_by, row.recorded_on = user, clock.today()
    row.save(update_fields=["body_kind", "body_name", "is_recognised", "ground", "recorded_by", "recorded_on"])
    audit.record(
        "recognition_recorded",
        object_type="municipal_route",
        object_id=row.pk,
        from_state=before,
        to_state=recognised.value,
        citizen_id=row.citizen_id,
        details={"kind": row.body_kind},
    )
    return row
