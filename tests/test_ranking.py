"""The arithmetic of order, against the values that were worked out apart from the code."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate.ranking import Z80, disputed, wilson

COUNTS = st.integers(min_value=0, max_value=10**6)


@pytest.mark.parametrize(
    ("ups", "votes", "bound"),
    [
        (0, 0, 0),
        (1, 1, 0.3784),
        (0, 20, 0),
        (1, 29, 0.0104),
        (10, 10, 0.8589),
        (90, 100, 0.8549),
        (209, 259, 0.7736),
        (118, 143, 0.7808),
        (5500, 10000, 0.5436),
        (0.5, 0.5, 0.2334),
    ],
)
def test_the_80_percent_bound_has_its_reference_value(ups: float, votes: float, bound: float) -> None:
    assert wilson(ups, votes) == pytest.approx(bound, abs=5e-5)


@pytest.mark.parametrize(
    ("ups", "votes", "bound"),
    [(209, 259, 0.7545), (118, 143, 0.7546), (81, 263, 0.2553), (15, 148, 0.0624), (1, 1, 0.2065)],
)
def test_the_95_percent_bound_has_its_reference_value(ups: float, votes: float, bound: float) -> None:
    assert wilson(ups, votes, z=1.959964) == pytest.approx(bound, abs=5e-5)


def test_the_default_is_the_80_percent_bound() -> None:
    assert wilson(7, 9) == wilson(7, 9, Z80)


@given(COUNTS, COUNTS)
def test_the_bound_is_between_nothing_and_the_share_of_ups(ups: int, downs: int) -> None:
    bound = wilson(ups, ups + downs)
    assert 0 <= bound <= 1
    assert math.isfinite(bound)
    if ups + downs:
        assert bound <= ups / (ups + downs) + 1e-12


@given(st.integers(min_value=1, max_value=10**6))
def test_replies_without_an_up_tie_exactly(downs: int) -> None:
    assert wilson(0, downs) == 0.0


@given(COUNTS, COUNTS)
def test_an_up_never_lowers_the_bound_and_a_down_never_lifts_it(ups: int, downs: int) -> None:
    now = wilson(ups, ups + downs)
    assert wilson(ups + 1, ups + downs + 1) >= now - 1e-12
    assert wilson(ups, ups + downs + 1) <= now + 1e-12


@given(st.floats(min_value=0, max_value=1), st.floats(min_value=1e-9, max_value=1e9))
def test_fractions_of_votes_are_counted_without_falling_out_of_range(share: float, votes: float) -> None:
    assert 0 <= wilson(share * votes, votes) <= 1


@pytest.mark.parametrize(
    ("ups", "downs", "much"),
    [(0, 0, 0), (9, 0, 0), (0, 9, 0), (1, 1, 2), (5, 5, 10), (10, 5, 7.5), (5, 10, 7.5), (100, 1, 1.01)],
)
def test_a_reply_is_disputed_by_many_votes_evenly_split(ups: int, downs: int, much: float) -> None:
    assert disputed(ups, downs) == pytest.approx(much)
