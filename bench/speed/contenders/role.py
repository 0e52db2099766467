"""A role as it is shipped, on one topic; only its name is the run's own. `detect` is the real detectors."""

import sys

import msgspec

from bench.speed.contenders.timing import run_timed
from bench.speed.job import Job, job_of_this_process
from streams.roles.context import context
from streams.roles.detect import detect
from streams.roles.ingest import ingest
from streams.settings import Settings

ROLES = {"ingest": ingest, "detect": detect, "context": context}


def main(job: Job, name: str) -> None:
    """Run the role."""
    role = ROLES[name](Settings(kafka=job.kafka, partitions=len(job.ends)))
    run_timed(msgspec.structs.replace(role, name=job.name, inputs=(job.source,)), job)


if __name__ == "__main__":
    main(job_of_this_process(), sys.argv[2])
