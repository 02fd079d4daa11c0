"""Several questions in one document, as dashboards send them."""

from tests.fakes import running


def test_one_refused_question_leaves_the_answers_of_the_others() -> None:
    bad = "analytics(metrics: [faturamento], dimensions: [product]) { data }"
    with running() as service:
        answer = service.ask(f"{{ good: cacheStats {{ hits }} bad: {bad} }}")

    assert answer["data"] == {"good": {"hits": 0}, "bad": None}
    assert [each["path"] for each in answer["errors"]] == [["bad"]]
