"""What changed between two wordings, word by word."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate.text import difference
from debate.text.difference import Piece, between, in_order

WORDINGS = st.text(alphabet="ab \n.蜂éя", max_size=40)


@given(WORDINGS, WORDINGS)
def test_both_wordings_can_be_read_off_the_pieces(earlier: str, later: str) -> None:
    pieces = between(earlier, later)
    assert "".join(piece.words for piece in pieces if piece.kind != "new") == earlier
    assert "".join(piece.words for piece in pieces if piece.kind != "gone") == later
    assert all(piece.words for piece in pieces)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))


def test_a_word_that_changed_is_shown_alone() -> None:
    assert between("Dark at ten, alas.", "Dark at eleven, alas.") == [
        Piece("same", "Dark at "), Piece("gone", "ten"), Piece("new", "eleven"), Piece("same", ", alas.")
    ]  # fmt: skip


def test_the_blank_after_a_word_is_not_marked() -> None:
    assert between("one two three", "one TWO three") == [
        Piece("same", "one "), Piece("gone", "two"), Piece("new", "TWO"), Piece("same", " three")
    ]  # fmt: skip


def test_a_script_without_blanks_is_compared_sign_by_sign() -> None:
    assert between("蜂は飛ぶ。", "鳥は飛ぶ。") == [Piece("gone", "蜂"), Piece("new", "鳥"), Piece("same", "は飛ぶ。")]


def test_the_same_words_are_one_piece() -> None:
    assert between("Nothing changed.", "Nothing changed.") == [Piece("same", "Nothing changed.")]
    assert between("", "") == []


def test_very_long_wordings_are_shown_as_replaced_rather_than_compared_for_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(difference, "PAIRS_MAX", 10)
    assert between("a b c d e f x", "a 1 2 3 4 5 x") == [
        Piece("same", "a "), Piece("gone", "b c d e f "), Piece("new", "1 2 3 4 5 "), Piece("same", "x")
    ]  # fmt: skip


@pytest.mark.parametrize("later", ["again not " * 1_000, "not " * 2_000, "not again again " * 600])
def test_a_word_that_stands_a_thousand_times_is_compared_in_no_time(later: str) -> None:
    before = time.process_time()
    between("again " * 2_000, later)
    assert time.process_time() - before < 1


@given(st.text(alphabet="ab ", max_size=12), st.text(alphabet="ab ", max_size=12))
def test_as_many_words_as_can_be_are_the_same_in_both(earlier: str, later: str) -> None:
    old, new = difference._PARTS.findall(earlier), difference._PARTS.findall(later)
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, one in enumerate(old, start=1):
        for j, other in enumerate(new, start=1):
            longest[i][j] = longest[i - 1][j - 1] + 1 if one == other else max(longest[i - 1][j], longest[i][j - 1])
    steps = list(difference._steps(old, new))
    assert sum(kind == "same" for kind, _ in steps) == longest[-1][-1]


@given(st.permutations(range(8)))
def test_what_stands_in_order_is_a_longest_rising_run(numbers: list[int]) -> None:
    found = [numbers[at] for at in in_order(numbers)]
    assert found == sorted(found)
    best = [1] * len(numbers)
    for at, number in enumerate(numbers):
        best[at] += max((best[before] for before in range(at) if numbers[before] < number), default=0)
    assert len(found) == max(best)
