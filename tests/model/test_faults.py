"""What goes wrong is told in words."""

from model.faults import ModelFault, ModelInvalid, did_you_mean, shown, similar


def test_similar_names_come_likeliest_first_and_at_most_three() -> None:
    known = ["revenue", "revenues", "avenue", "revenue_net", "orders"]

    assert similar("revenu", known) == ["revenue", "revenues", "revenue_net"]
    assert similar("xyz", known) == []


def test_suggestions_are_a_sentence_or_nothing() -> None:
    assert did_you_mean(["a", "b"]) == " Did you mean 'a' or 'b'?"
    assert did_you_mean([]) == ""


def test_a_fault_begins_with_its_place() -> None:
    assert (
        str(ModelFault("It is wrong.", "Right it.", "model.yml", 7)) == "model.yml:7: It is wrong. Right it."
    )
    assert str(ModelFault("It is wrong.")) == "It is wrong."


def test_all_faults_are_told_at_once() -> None:
    one, other = ModelFault("One.", "", "a.yml", 1), ModelFault("Other.", "", "b.yml", 2)

    assert str(ModelInvalid((one, other))) == "The model has 2 faults:\n  a.yml:1: One.\n  b.yml:2: Other."
    assert str(ModelInvalid((one,))).startswith("The model has 1 fault:\n")


def test_a_value_is_shown_on_one_short_line() -> None:
    assert shown("a\n  b\tc") == "a b c"
    assert shown(True) == "true"
    assert shown("a" * 100) == "a" * 60 + "..."
