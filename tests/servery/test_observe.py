"""What operators read in the log."""

import pytest
from structlog.testing import capture_logs

from cache.event import Event, EventName
from cache.tokens import Mode
from db.events import Pooled
from servery.observe import cache_log, watch_database
from servery.settings import Settings


def test_a_pooler_is_told_of_with_the_sign_by_which_it_was_known() -> None:
    with capture_logs() as lines:
        watch_database(Pooled("another number"))

    assert [(line["log_level"], line["sign"]) for line in lines] == [("warning", "another number")]
    assert "pooler" in lines[0]["event"]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Event(EventName.MISS, "analytics:1", 3.0, "absent", "absent"), {"debug": "debug"}),
        (Event(EventName.INVALIDATED, "channel:2", detail=Mode.EXPIRE.value), {"debug": "debug"}),
        (
            Event(EventName.INVALIDATED, "channel:2", detail=Mode.PURGE.value),
            {"debug": "info", "info": "info"},
        ),
        (Event(EventName.CLEAR, "analytics:*"), {"debug": "info", "info": "info"}),
        (
            Event(EventName.STORE_LOST),
            {"debug": "warning", "info": "warning", "warning": "warning"},
        ),
    ],
    ids=["miss", "expired", "purged", "cleared", "lost"],
)
def test_what_the_cache_tells_is_logged_from_its_level_on(event: Event, told: dict[str, str]) -> None:
    heard: dict[str, str] = {}
    for level in ("debug", "info", "warning", "error"):
        with capture_logs() as lines:
            cache_log(Settings.model_validate({"log_level": level}))(event)
        heard.update((level, line["log_level"]) for line in lines)

    assert heard == told
