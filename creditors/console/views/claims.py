from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import codes
from accounts.policies import page
from arrangements.domain.charges import CostsCheck
from arrangements.domain.lifecycle import Thing, state_label
from arrangements.queries.claims import costs_check
from creditors.console import claim_queries
from creditors.console.forms import UploadForm
from creditors.console.views.frame import creditor_on, download, paged, show, user_on
from creditors.models import ClaimImport, UploadedClaim
from creditors.operations.import_claims import AlreadyUploaded, FileUnusable, job_key, upload_claims
from creditors.operations.invitations import invitation_code
from creditors.policies.claims_file import COLUMNS, CUSTOMER_NUMBER, HEADER, REFERENCE
from creditors.policies.csv_out import csv_file
from creditors.queries import claim_imports

SECTION = "vorderingen"
CSV = "text/csv; charset=utf-8"
BUSY = (ClaimImport.State.WAITING, ClaimImport.State.CHECKING)
_EXAMPLE = ";".join(column.example for column in COLUMNS)


@page("creditor", methods=("GET", "HEAD"))
def claims(request: HttpRequest) -> HttpResponse:
    """The stored claims with the codes for the letters, and the files they came in."""
    found = paged(request, claim_imports.uploaded_claims())
    rows = [
        {"claim": claim, "code": _code(claim.creditor_id, claim.reference), "over": _over(claim)} for claim in found
    ]
    known = paged(request, claim_queries.own_claims(), "gevonden")
    context = {
        "rows": rows,
        "found": found,
        "known_found": known,
        "known": [{"claim": one, "state": state_label(Thing.CLAIM, one.state)} for one in known],
        "imports": claim_imports.claim_imports()[:20],
    }
    return show(request, "claims.html", context, section=SECTION)


def _over(claim: UploadedClaim) -> CostsCheck | None:
    """The costs, when more is asked than the table allows."""
    found = costs_check(claim)
    return found if found is not None and found.over else None


def _code(creditor_id: int, reference: str) -> str:
    return codes.shown(invitation_code(creditor_id=creditor_id, reference=reference))


@page("creditor", methods=("GET", "HEAD"))
def invitation_codes(_request: HttpRequest) -> HttpResponse:
    """All codes in one file, to print in the creditor's own letters."""
    rows = claim_imports.uploaded_claims().values_list(
        "creditor_id", "customer_number", "reference", "expires_on", "matched_at"
    )
    content = csv_file(
        [CUSTOMER_NUMBER, REFERENCE, "Uitnodigingscode", "GeldigTotEnMet", "Gevonden"],
        (
            (customer, reference, _code(creditor_id, reference), f"{expires:%d-%m-%Y}", "ja" if matched else "nee")
            for creditor_id, customer, reference, expires, matched in rows.iterator(chunk_size=5_000)
        ),
    )
    return download(content, name="uitnodigingscodes.csv", content_type=CSV)


@page("creditor")
def upload(request: HttpRequest) -> HttpResponse:
    """Send a file; the reading is a job."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = upload_claims(
                creditor=creditor_on(request), user=user_on(request), file_name=file.name, content=file.read()
            )
        except FileUnusable as reason:
            form.add_error("file", str(reason))
        except AlreadyUploaded as before:
            form.add_error(None, "Dit bestand heeft u al opgestuurd. Wij lezen het niet nog een keer.")
            context = {
                "form": form,
                "columns": COLUMNS,
                "header": HEADER,
                "example": _EXAMPLE,
                "before": before.claim_import,
            }
            return show(request, "upload.html", context, section=SECTION)
        else:
            return redirect("console:import", claim_import=row.public_id)
    context = {"form": form, "columns": COLUMNS, "header": HEADER, "example": _EXAMPLE}
    return show(request, "upload.html", context, section=SECTION)


@page("creditor", methods=("GET", "HEAD"))
def example_file(_request: HttpRequest) -> HttpResponse:
    """A file of one line to start from."""
    content = csv_file([column.name for column in COLUMNS], [[column.example for column in COLUMNS]])
    return download(content, name="voorbeeld-vorderingen.csv", content_type=CSV)


def _import(public_id: UUID) -> ClaimImport:
    found = claim_imports.claim_imports().filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


@page("creditor", methods=("GET", "HEAD"))
def one_import(request: HttpRequest, claim_import: UUID) -> HttpResponse:
    """How far the reading is, and what came of it."""
    found = _import(claim_import)
    failed = claim_imports.gave_up(found, job_key(found))
    busy = found.state in BUSY and not failed
    percent = min(found.rows_done * 100 // found.rows_total, 100) if found.rows_total else 0
    context = {
        "row": found,
        "busy": busy,
        "failed": failed,
        "percent": percent,
        "faults": [] if busy else claim_imports.first_faults(found.public_id),
        "shown": claim_imports.SHOWN_FAULTS,
    }
    response = show(request, "import.html", context, section=SECTION)
    if busy:
        # Works without a script; it stops by itself, and there is a link as well.
        response["Refresh"] = "3"
    return response


@page("creditor", methods=("GET", "HEAD"))
def import_faults(_request: HttpRequest, claim_import: UUID) -> HttpResponse:
    """Every fault of one file as CSV."""
    found = _import(claim_import)
    content = csv_file(
        ["Regel", "Kolom", "Reden"],
        (
            (str(one["line"]), one["column"] or "hele regel", one["reason"])
            for one in claim_imports.all_faults(found.public_id)
        ),
    )
    return download(content, name=f"fouten-{found.created_at:%Y%m%d-%H%M}.csv", content_type=CSV)
