"""Whose pages these are. Everything is read in the scope the policy of the view opened."""

from django.db.models import Exists, OuterRef, Q

from accounts.contact import Contact, contact_of
from accounts.models import Citizen, User
from accounts.policies import PageRequest
from arrangements.domain.lifecycle import UNDER_WAY, ProposalState
from arrangements.models import Application, Arrangement, Assessment, Proposal
from arrangements.queries.changes import plan_under_way
from infra import scope


def citizen_now() -> Citizen:
    """The citizen in whose scope this request runs (the own pages, or a coach with a mandate)."""
    citizen_id = scope.current().citizen_id
    assert citizen_id is not None  # noqa: S101  the policy said so; for the type checker
    return Citizen.objects.select_related("director", "user").get(pk=citizen_id)


def contact_now() -> Contact:
    """Whom this citizen calls today."""
    return contact_of(citizen_now().director)


def user_now(request: PageRequest) -> User:
    """The login behind the request."""
    user_id = request.actor.user_id
    assert user_id is not None  # noqa: S101  the policy said so; for the type checker
    return User.objects.get(pk=user_id)


def open_application() -> Application | None:
    """The application that is being filled in: for a new plan, or a change of the plan that runs.

    While a plan runs only a change of it can be filled in; once it is over, only an application for a new one.
    """
    running = Arrangement.objects.filter(citizen_id=OuterRef("citizen_id"), state__in=UNDER_WAY)
    first = Q(purpose=Application.Purpose.FIRST)
    return (
        Application.objects.annotate(plan_runs=Exists(running))
        .filter(first & Q(plan_runs=False) | ~first & Q(plan_runs=True), closed_at=None)
        .first()
    )


def first_application() -> Application | None:
    """The application for a new plan that is being filled in; a change of the running plan is not one."""
    found = open_application()
    return found if found is not None and found.purpose == Application.Purpose.FIRST else None


def plan_now() -> Arrangement | None:
    """The arrangement that is signed and not over."""
    citizen_id = scope.current().citizen_id
    return plan_under_way(citizen_id) if citizen_id is not None else None


def draft_of(application: Application) -> Proposal | None:
    """The proposal as the citizen looks at it before sending; None when the amount was changed since."""
    return Proposal.objects.filter(
        application=application, state=ProposalState.DRAFT, monthly_cents=application.declared_cents or 0
    ).first()


def latest_assessment(application: Application, verdict: str) -> Assessment | None:
    """The last assessment, if it has this verdict and is about the amount that stands now."""
    found = Assessment.objects.filter(inputs__application=str(application.public_id)).order_by("-pk").first()
    return found if found and found.verdict == verdict and found.declared_cents == application.declared_cents else None


def sent_proposal() -> Proposal | None:
    """The version that was sent last; None when nothing was sent, or when it was withdrawn."""
    latest = Proposal.objects.exclude(state=ProposalState.DRAFT).order_by("-version").first()
    return None if latest is None or latest.state == ProposalState.WITHDRAWN else latest


def ended_proposal() -> Proposal | None:
    """The last proposal, when the citizen stopped it."""
    latest = Proposal.objects.exclude(state=ProposalState.DRAFT).order_by("-version").first()
    return latest if latest is not None and latest.state == ProposalState.WITHDRAWN else None


def running_arrangement() -> Arrangement | None:
    """The arrangement that was signed last."""
    return Arrangement.objects.order_by("-signed_at").first()
