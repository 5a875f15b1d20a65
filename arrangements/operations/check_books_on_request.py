from typing import Any

from arrangements.operations.check_books import check_books
from infra import jobs


@jobs.job("check_books")
def check_books_job(_work: jobs.Work) -> dict[str, Any]:
    """Check all books for somebody who asked on a page, and keep what was found with the job. Worker only."""
    return {"findings": [f"{finding.check}: {finding.text}" for finding in check_books()]}
