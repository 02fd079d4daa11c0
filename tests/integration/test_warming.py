"""Several workers of one service warm together: what one has loaded is there for the others."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servery.embedded.port import free_port
from tests.fakes import RESTAURANT, TOKEN
from tests.process import CACHED, Service

pytestmark = pytest.mark.integration

LISTED = [f"metrics: [faturamento], dimensions: [store], limit: {limit}" for limit in range(901, 909)]
CLEAR = "mutation { clearCache { deleted } }"


def warmings(service: Service) -> Iterator[dict[str, Any]]:
    """What the workers logged of each."""
    for line in service.words.splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("event") == "the cache is warm":
            yield told


def loads(service: Service) -> int:
    return sum(each["loaded"] for each in warmings(service))


def sources(service: Service) -> set[str]:
    """Asked over connections of their own, which any worker may take."""
    asked = [f"{{ analytics({each}) {{ metadata {{ source }} }} }}" for each in LISTED]
    return {service.ask(each)["analytics"]["metadata"]["source"] for each in asked}


def test_three_workers_load_each_answer_once_at_the_start_and_once_after_a_clear(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    model = tmp_path / "model.yml"
    model.write_text(f"{RESTAURANT.read_text('utf-8')}\nwarm: {json.dumps(LISTED)}\n", "utf-8")
    service = Service(
        tmp_path / "service.log",
        free_port(),
        restaurant_url,
        redis_url,
        *("--workers", "3", "--model", str(model)),
        SERVERY_LOG_FORMAT="json",
        SERVERY_WARM_AT_START="true",
        SERVERY_WARM_AFTER_CLEAR="true",
    )
    with service:
        service.until(lambda: loads(service) >= len(LISTED))
        service.until(lambda: service.words.count("servery is ready") == 3)
        at_start = sources(service)
        service.ask(CLEAR, token=TOKEN)
        service.until(lambda: loads(service) >= 2 * len(LISTED))
        after_clear = sources(service)

    assert at_start | after_clear <= CACHED
    assert loads(service) == 2 * len(LISTED)
    assert all(each["failed"] == 0 for each in warmings(service))
