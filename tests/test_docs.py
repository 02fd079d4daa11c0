"""Every question in the docs is asked, every model in them is loaded, and every link leads somewhere."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from model.load import model_of_text
from servery.auth import ADMINISTRATOR
from tests.plan.questions import RESTAURANT
from tests.service import Service, service_over

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")


def blocks(language: str, pages: list[Path]) -> list[tuple[str, str]]:
    found = []
    for page in pages:
        texts = [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]
        found += [(f"{page.name}-{number}", text) for number, text in enumerate(texts, 1)]
    return found


QUESTIONS = blocks("graphql", PAGES)


@pytest.fixture
async def service(restaurant_url: str) -> AsyncIterator[Service]:
    async with service_over(RESTAURANT, restaurant_url) as found:
        yield found


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("question", [text for _, text in QUESTIONS], ids=[name for name, _ in QUESTIONS])
async def test_a_question_of_the_docs_has_an_answer(question: str, service: Service) -> None:
    answer = await service.ask(question, viewer=ADMINISTRATOR)

    assert "errors" not in answer, answer["errors"]


def test_there_are_questions_in_the_docs() -> None:
    assert len(QUESTIONS) >= 8


@pytest.mark.parametrize("text", [text for _, text in blocks("yaml", [ROOT / "docs" / "quickstart.md"])])
def test_the_model_of_the_quickstart_is_complete(text: str) -> None:
    assert model_of_text(text).metrics


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = [
        link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()
    ]

    assert not broken
