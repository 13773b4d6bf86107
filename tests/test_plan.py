"""What becomes of each paragraph of a text that is revised."""

from collections.abc import Sequence

import pytest

from debate.text.essay import Block, parse
from debate.text.plan import CHANGES, Known, Plan, first, plan, retitled

ROOFS = "Bees kept on roofs find more kinds of flowers than bees kept among fields."
NEIGHBOURS = "Their neighbours gain by it: gardens within a mile set more fruit, and earlier in the year."
TOWN = "So a town should let anyone keep two hives without asking, and ask no fee for the first year."
STINGS = "Against all this stands the sting, which has closed more school yards than snow ever did."
HONEY = "Honey from the town hall sold out in an hour, at twice the price of honey from the hills."


def blocks(*sources: str) -> tuple[Block, ...]:
    return parse("\n\n".join(sources), "txt", "Bees").blocks


def known(*sources: str, replies: int = 0) -> list[Known]:
    """Paragraphs with the keys k1, k2 and so on."""
    return [
        Known(f"k{number}", block.kind, block.source, block.html, block.debatable, replies)
        for number, block in enumerate(blocks(*sources), start=1)
    ]


def planned(new: Sequence[str], old: Sequence[str], gone: Sequence[Known] = (), **named) -> Plan:
    return plan("Bees", blocks(*new), known(*old), gone, **named)


def fates(found: Plan) -> list[tuple[str | None, str]]:
    return [(step.key, step.change) for step in found.steps]


def test_a_first_text_is_all_new() -> None:
    found = first("Bees", blocks(ROOFS, TOWN))
    assert fates(found) == [(None, "new"), (None, "new")]
    assert (found.removed, found.merged, found.counts["new"]) == ((), {}, 2)


def test_what_stays_is_kept() -> None:
    found = planned([ROOFS, NEIGHBOURS, TOWN], [ROOFS, NEIGHBOURS, TOWN])
    assert fates(found) == [("k1", "kept"), ("k2", "kept"), ("k3", "kept")]
    assert found.changes_nothing
    assert found.counts == {"kept": 3} | {change: 0 for change in CHANGES if change != "kept"}


def test_each_kind_of_change_is_told_apart() -> None:
    later = [TOWN.replace("two hives", "three hives"), ROOFS, NEIGHBOURS, HONEY]
    found = planned(later, [ROOFS, NEIGHBOURS, TOWN, STINGS])
    assert fates(found) == [("k3", "reworded"), ("k1", "kept"), ("k2", "kept"), (None, "new")]
    assert found.steps[0].is_moved
    assert 0.7 < found.steps[0].likeness < 1
    assert found.removed == ("k4",)
    assert not found.changes_nothing


def test_a_sign_that_changed_is_a_rewording() -> None:
    step = planned([ROOFS.replace(".", "!")], [ROOFS]).steps[0]
    assert (step.key, step.change, step.says_same) == ("k1", "reworded", False)


def test_a_split_paragraph_keeps_its_key_with_its_larger_part() -> None:
    found = planned(
        [ROOFS, "Their neighbours gain by it:", "gardens within a mile set more fruit, and earlier in the year.", TOWN],
        [ROOFS, NEIGHBOURS, TOWN],
    )
    assert fates(found) == [("k1", "kept"), (None, "split"), ("k2", "split"), ("k3", "kept")]
    assert found.steps[1].off == "k2"
    assert found.counts["split"] == 1


def test_a_merged_paragraph_is_told_where_it_went() -> None:
    found = planned([f"{ROOFS} {NEIGHBOURS}", TOWN], [ROOFS, NEIGHBOURS, TOWN])
    assert fates(found) == [("k2", "merged"), ("k3", "kept")]
    assert dict(found.merged) == {"k1": 0}
    assert found.steps[0].took == ("k1",)
    assert (found.removed, found.counts["merged"]) == ((), 1)


def gone(key: str, source: str) -> Known:
    return Known(key, "text", source, f"<p>{source}</p>", True, 3)


def test_words_that_return_bring_their_paragraph_back() -> None:
    found = planned([ROOFS, STINGS, TOWN], [ROOFS, TOWN], [gone("g1", STINGS), gone("g2", HONEY)])
    assert fates(found) == [("k1", "kept"), ("g1", "returned"), ("k2", "kept")]
    much_like = STINGS.replace("snow", "frost")
    assert fates(planned([ROOFS, much_like, TOWN], [ROOFS, TOWN], [gone("g1", STINGS)]))[1] == ("g1", "returned")
    assert fates(planned([ROOFS, HONEY, TOWN], [ROOFS, TOWN], [gone("g1", STINGS)]))[1] == (None, "new")


def test_what_is_in_the_text_comes_before_what_was() -> None:
    found = planned([ROOFS, STINGS], [ROOFS, STINGS], [gone("g1", STINGS)])
    assert fates(found) == [("k1", "kept"), ("k2", "kept")]


def test_the_authors_word_wins() -> None:
    rewritten = "Nothing of the old words is left in here at all."
    assert fates(planned([rewritten, TOWN], [ROOFS, TOWN])) == [(None, "new"), ("k2", "kept")]
    found = planned([rewritten, TOWN], [ROOFS, TOWN], corrections={0: "k1"})
    assert fates(found) == [("k1", "reworded"), ("k2", "kept")]
    assert found.removed == ()
    as_new = planned([ROOFS, TOWN], [ROOFS, TOWN], corrections={0: None})
    assert fates(as_new) == [(None, "new"), ("k2", "kept")]
    assert as_new.removed == ("k1",)
    back = planned([rewritten, TOWN], [ROOFS, TOWN], [gone("g1", STINGS)], corrections={0: "g1"})
    assert fates(back)[0] == ("g1", "returned")


def test_two_may_change_places_by_the_authors_word() -> None:
    found = planned([ROOFS, TOWN], [ROOFS, TOWN], corrections={0: "k2", 1: "k1"})
    assert [step.key for step in found.steps] == ["k2", "k1"]


@pytest.mark.parametrize("corrections", [{0: "nobody"}, {7: "k1"}, {0: "k1", 1: "k1"}])
def test_a_correction_that_means_nothing_is_left_alone(corrections: dict[int, str]) -> None:
    found = planned([ROOFS, TOWN], [ROOFS, TOWN], corrections=corrections)
    assert found.steps[0].key == "k1"
    assert len({step.key for step in found.steps}) == 2


def test_a_block_can_be_closed_while_nobody_has_replied() -> None:
    found = planned([ROOFS, TOWN], [ROOFS, TOWN], switched={0})
    assert [step.debatable for step in found.steps] == [False, True]
    assert not found.changes_nothing
    with_replies = plan("Bees", blocks(ROOFS, TOWN), known(ROOFS, TOWN, replies=1), (), switched={0})
    assert [step.debatable for step in with_replies.steps] == [True, True]


def test_a_paragraph_that_was_closed_stays_closed() -> None:
    closed = [Known("k1", "text", ROOFS, f"<p>{ROOFS}</p>", False)]
    assert plan("Bees", blocks(ROOFS), closed, ()).steps[0].debatable is False
    assert plan("Bees", blocks(ROOFS), closed, (), switched={0}).steps[0].debatable is True


@pytest.mark.parametrize(
    ("line", "title", "count"),
    [
        ("Bees", "Bees", 2),
        ("BEES!", "Bees", 2),
        ("Bees and other neighbours", "Bees and other neighbours", 2),
        (HONEY, "Bees", 3),
        (STINGS, "Bees", 3),
        ("x" * 301, "Bees", 3),
    ],
    ids=["the same", "the same words", "another title", "a sentence", "a paragraph", "too long"],
)
def test_a_file_may_begin_with_the_title_again_or_with_another(line: str, title: str, count: int) -> None:
    draft = retitled("\n\n".join((line, ROOFS, TOWN)), "txt", "Bees", known(ROOFS, STINGS, TOWN))
    assert (draft.title, len(draft.blocks)) == (title, count)


def test_a_text_without_a_title_keeps_the_one_that_there_is() -> None:
    draft = retitled(f"{ROOFS}\n\n{TOWN}", "txt", "Bees", known(ROOFS, TOWN))
    assert (draft.title, len(draft.blocks)) == ("Bees", 2)
