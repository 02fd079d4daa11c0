"""What operators read in the log."""

from structlog.testing import capture_logs

from db.events import Pooled
from servery.observe import watch_database


def test_a_pooler_is_told_of_with_the_sign_by_which_it_was_known() -> None:
    with capture_logs() as lines:
        watch_database(Pooled("another number"))

    assert [(line["log_level"], line["sign"]) for line in lines] == [("warning", "another number")]
    assert "pooler" in lines[0]["event"]
