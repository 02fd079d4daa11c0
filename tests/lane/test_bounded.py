"""Values in memory, bounded by a size of their own."""

from random import Random

from cache.bounded import Bounded


def texts(most: int = 10) -> Bounded[str, str]:
    return Bounded(most, len)


def test_what_is_kept_is_found_and_nothing_else() -> None:
    kept = texts()
    kept.keep("a", "1234")

    assert kept.find("a") == "1234"
    assert kept.find("b") is None
    assert (len(kept), kept.size, kept.evictions) == (1, 4, 0)


def test_what_was_found_least_lately_goes_first() -> None:
    kept = texts()
    for name in "abc":
        kept.keep(name, "123")

    kept.find("a")
    kept.keep("d", "123")

    assert [name for name in "abcd" if name in kept] == ["a", "c", "d"]
    assert (kept.size, kept.evictions) == (9, 1)


def test_to_look_whether_it_is_there_is_no_use_of_it() -> None:
    kept = texts()
    for name in "abc":
        kept.keep(name, "123")

    assert "a" in kept
    kept.keep("d", "123")

    assert "a" not in kept


def test_as_many_go_as_take_the_room_of_a_new_one() -> None:
    kept = texts()
    for name in "abcde":
        kept.keep(name, "12")

    kept.keep("f", "1234567")

    assert [name for name in "abcdef" if name in kept] == ["e", "f"]
    assert (kept.size, kept.evictions) == (9, 4)


def test_what_is_larger_than_all_is_not_kept_and_takes_nobodys_place_but_its_own() -> None:
    kept = texts()
    kept.keep("a", "1")
    kept.keep("b", "1")

    kept.keep("b", "12345678901")

    assert ("a" in kept, "b" in kept) == (True, False)
    assert (kept.size, kept.evictions) == (1, 0)


def test_a_size_is_that_of_the_moment_in_which_it_was_kept() -> None:
    kept: Bounded[str, list[int]] = Bounded(10, len)
    growing = [1]
    kept.keep("a", growing)

    growing.extend(range(50))

    assert kept.size == 1
    kept.drop("a")
    assert kept.size == 0


def test_what_was_dropped_or_cleared_takes_no_room() -> None:
    kept = texts()
    kept.keep("a", "123")
    kept.keep("b", "123")

    kept.drop("a")
    kept.drop("a")

    assert (len(kept), kept.size) == (1, 3)
    kept.clear()
    assert (len(kept), kept.size, kept.find("b")) == (0, 0, None)


def test_it_agrees_with_a_list_that_is_sorted_by_use() -> None:
    dice = Random(7)
    kept, model = texts(20), list[tuple[str, str]]()
    for _ in range(3_000):
        name, value = dice.choice("abcdefghij"), "x" * dice.randrange(24)
        if dice.random() < 0.5:
            found = next((each for each in model if each[0] == name), None)
            assert kept.find(name) == (found and found[1])
            model = [each for each in model if each != found] + ([found] if found else [])
        else:
            kept.keep(name, value)
            model = [each for each in model if each[0] != name] + (
                [(name, value)] if len(value) <= 20 else []
            )
            while sum(len(each) for _, each in model) > 20:
                model.pop(0)
        assert kept.size == sum(len(each) for _, each in model)
