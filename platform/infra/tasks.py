"""The two Celery tasks there are: do one job, and find forgotten ones."""

import uuid

from celery import shared_task

from infra import jobs


@shared_task(name="infra.run_job")
def run_job(job_id: str) -> None:
    """Do one job by its id."""
    jobs.run(uuid.UUID(job_id))


@shared_task(name="infra.sweep_jobs")
def sweep_jobs() -> None:
    """Find unfinished jobs and do them; where there were too many for one round, another round follows at once."""
    if jobs.sweep() >= jobs.SWEEP_LIMIT:
        jobs.wake_sweeper()
