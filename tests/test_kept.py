"""What is kept in memory stays within its bytes, and holds nothing that is of no more use."""

import sys

from debate.kept import BESIDE, Kept

WORDS = "x" * 1000
EACH = sys.getsizeof(WORDS) + BESIDE


def test_the_least_recently_used_goes_first() -> None:
    kept = Kept[str](10 * EACH)
    for number in range(10):
        kept.put(number, WORDS)
    assert kept.get(0) == WORDS
    kept.put(10, WORDS)
    assert [number for number in range(11) if kept.get(number) is None] == [1]


def test_what_counts_is_the_bytes_in_memory() -> None:
    kept = Kept[str](40 * EACH)
    for number in range(40):
        kept.put(number, "\N{OGHAM LETTER BEITH}" * 1000)  # two bytes a character
    there = [number for number in range(40) if kept.get(number) is not None]
    assert 20 <= len(there) <= 28
    assert there[-1] == 39


def test_a_value_takes_the_place_of_the_one_before() -> None:
    kept = Kept[str](10 * EACH)
    for number in range(100):
        kept.put("one", f"{number:1000}")
        kept.put("other", WORDS)
    assert kept.get("one") == f"{99:1000}"
    assert kept.get("other") == WORDS


def test_what_is_too_large_by_far_is_not_kept() -> None:
    kept = Kept[str](10 * EACH)
    kept.put("small", WORDS)
    assert kept.put("large", WORDS * 2) == WORDS * 2
    assert kept.get("large") is None
    assert kept.get("small") == WORDS


def test_what_is_over_goes_with_the_next_that_comes() -> None:
    over: set[str] = set()
    kept = Kept[str](100 * EACH, lambda value: value in over)
    for number in range(10):
        kept.put(number, f"{number:1000}")
    over |= {f"{number:1000}" for number in (0, 1, 2, 5)}
    kept.put(10, WORDS)
    assert [number for number in range(11) if kept.get(number) is None] == [0, 1, 2], "5 stands behind what is not over"
    over.add(f"{11:1000}")
    assert kept.put(11, f"{11:1000}") == f"{11:1000}"


def test_nothing_is_left_where_all_is_over() -> None:
    kept = Kept[str](100 * EACH, lambda _: True)
    kept.put(1, WORDS)
    assert kept.get(1) is None
    kept.put(2, WORDS)
    assert kept.get(2) is None


def test_another_mark_forgets_everything_once() -> None:
    kept = Kept[str](100 * EACH)
    kept.forget("first")
    kept.put(1, WORDS)
    kept.forget("first")
    assert kept.get(1) == WORDS
    kept.forget("second")
    assert kept.get(1) is None
