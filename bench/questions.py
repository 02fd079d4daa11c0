"""Questions as people write them, in GraphQL, read into what the planner takes."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from bench.faults import NotMeasured
from model.model import Model
from model.query import Query
from model.viewer import ANONYMOUS
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.question import Question, query_of
from schema.build import Request, Schema
from schema.context import Context, Services
from servery.demo.run import example_model

PAIRS: Final = Path(__file__).with_name("pairs")
"""Each of its questions lies beside the SQL that a person would write for the same answer."""

NOW: Final = datetime(2026, 6, 15, 12, tzinfo=UTC)
"""The morning after the example's last day."""

DEFAULT_LIMIT: Final = 1000


class _Heard(Exception):
    """Instead of an answer."""


@dataclass(slots=True)
class _Listener:
    """Stands in the place of what answers, and only notes what is asked."""

    questions: list[Question] = field(default_factory=list)

    async def answer(self, question: Question, *_: object) -> Any:
        self.questions.append(question)
        raise _Heard


def typical_folder() -> Path:
    """The example's own questions where it has some, else those of the pairs."""
    own = example_model().parent / "questions"
    return own if any(own.glob("*.graphql")) else PAIRS


def queries_in(folder: Path, model: Model) -> dict[str, Query]:
    """Every question of a folder by the name of its file. Raises NotMeasured for one that `model` refuses."""
    schema = Schema(model, lambda *_: None)
    found: dict[str, Query] = {}
    for path in sorted(folder.glob("*.graphql")):
        for number, question in enumerate(_questions(path, schema), 1):
            name = path.stem if number == 1 else f"{path.stem} {number}"
            found[name] = query_of(question, model, NOW, DEFAULT_LIMIT)
    return found


def _questions(path: Path, schema: Schema) -> list[Question]:
    listener = _Listener()
    services = Services(cast("Analytics", listener), cast("Admin", None))
    asked = schema.execute(Request(path.read_text("utf-8")), Context(services, ANONYMOUS, "bench"))
    response = asyncio.run(asked)
    if not listener.questions:
        raise NotMeasured(f"{path.name} is not a question of this model: {response.get('errors')}")
    return listener.questions
