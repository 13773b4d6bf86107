"""Cutting a text otherwise, by changing it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate.text import adjust
from debate.text.essay import parse

TEXT = (
    "One sentence here. And another! A third?\n\nA second paragraph of one sentence.\n\n## A part\n\n- first\n- second"
)


def cut(text: str, format: str = "md"):
    return parse(text, "md" if format == "md" else "txt", "Title").blocks


def sources(text: str, format: str = "md") -> list[str]:
    return [block.source for block in cut(text, format)]


def test_the_whole_is_cut_into_the_same_blocks() -> None:
    for format in ("md", "txt"):
        blocks = cut(TEXT, format)
        assert adjust.is_whole("Title", blocks, format)
        assert cut(adjust.whole(blocks), format) == blocks


def test_a_block_is_split_where_a_sentence_ends() -> None:
    first = cut(TEXT)[0]
    seams = adjust.seams(first, "md")
    assert [seam.begins for seam in seams] == ["And another! A third?", "A third?"]
    text = adjust.split(cut(TEXT), 0, seams[0].at)
    assert sources(text)[:3] == ["One sentence here.", "And another! A third?", "A second paragraph of one sentence."]


def test_plain_text_is_split_at_lines_too() -> None:
    blocks = cut("Roses are red\nViolets are blue\n\nNo more.", "txt")
    seams = adjust.seams(blocks[0], "txt")
    assert [seam.begins for seam in seams] == ["Violets are blue"]
    assert sources(adjust.split(blocks, 0, seams[0].at), "txt") == ["Roses are red", "Violets are blue", "No more."]


@pytest.mark.parametrize("text", ["Dr. 7 of 9 came at 5.30 p.m.", "One sentence", "A part"])
def test_what_ends_no_sentence_is_no_seam(text: str) -> None:
    assert adjust.seams(cut(text, "txt")[0], "txt") == []


def test_chinese_is_split_after_its_full_stops() -> None:
    assert [seam.begins for seam in adjust.seams(cut("蜂在屋顶。花在田里。", "txt")[0], "txt")] == ["花在田里。"]


def test_joined_plain_blocks_are_one_with_two_lines() -> None:
    blocks = cut("One line\n\nand its end.\n\nAnother.", "txt")
    assert sources(adjust.joined(blocks, 1, "txt"), "txt") == ["One line\nand its end.", "Another."]


def test_a_sentence_torn_apart_is_mended_in_markdown() -> None:
    blocks = cut("A sentence that the\n\npage break tore apart.")
    joined = cut(adjust.joined(blocks, 1, "md"))
    assert [block.html for block in joined] == ["<p>A sentence that the\npage break tore apart.</p>"]


def test_blocks_of_any_kind_are_joined_and_split_again() -> None:
    blocks = cut(TEXT)
    text = adjust.joined(blocks, 3, "md")  # the heading and its list
    joined = cut(text)
    assert len(joined) == 3
    assert "<h2>A part</h2>" in joined[2].html
    assert "<li>second</li>" in joined[2].html
    assert joined[2].debatable
    seams = adjust.seams(joined[2], "md")
    assert len(seams) == 1
    assert [block.source for block in cut(adjust.split(joined, 2, seams[0].at))] == [block.source for block in blocks]


def test_a_quote_is_split_between_its_lines() -> None:
    blocks = cut("> One said this.\n> Another said that.")
    seams = adjust.seams(blocks[0], "md")
    assert sources(adjust.split(blocks, 0, seams[0].at)) == ["> One said this.", "> Another said that."]


@given(
    st.lists(st.sampled_from(["One. Two. Three.", "A line\nand more", "Words", "Ends here."]), min_size=2, max_size=6),
    st.data(),
)
def test_splitting_and_joining_loses_no_word(parts: list[str], data: st.DataObject) -> None:
    format = data.draw(st.sampled_from(["md", "txt"]))
    blocks = cut("\n\n".join(parts), format)
    said = " ".join(adjust.whole(blocks).split())
    at = data.draw(st.integers(1, len(blocks) - 1))
    joined = cut(adjust.joined(blocks, at, format), format)
    assert len(joined) == len(blocks) - 1
    assert " ".join(adjust.whole(joined).replace("\n&\n", "\n").split()) == said
    seams = adjust.seams(blocks[at], format)
    if seams:
        seam = data.draw(st.sampled_from(seams))
        split = cut(adjust.split(blocks, at, seam.at), format)
        assert len(split) == len(blocks) + 1
        assert " ".join(adjust.whole(split).split()) == said
