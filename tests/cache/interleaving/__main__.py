"""Plays schedules in a process of its own, and tells what came of them as JSON.

    python -m tests.cache.interleaving '{"design": "TOLD", "schedules": 250}'

Tests start it so, because it is slow while somebody measures which lines are run.
"""

import json
import sys
from collections.abc import Awaitable
from dataclasses import asdict

from tests.cache.interleaving.controls import CONTROLS
from tests.cache.interleaving.job import Job
from tests.cache.interleaving.outcome import Total
from tests.cache.interleaving.stage import Stage, staged
from tests.cache.interleaving.world import Trust


def play(job: Job) -> Total:
    def show(stage: Stage) -> Awaitable[Total]:
        seeds = range(job.schedules)
        if job.design in Trust.__members__:
            return stage.ours(seeds, Trust[job.design])
        kind = CONTROLS[job.design]
        return stage.control(kind, seeds, evicts_tokens=job.evicts_tokens, enough=job.enough)

    return staged(show)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(play(Job(**json.loads(sys.argv[1]))))))
