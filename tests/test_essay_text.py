"""From a file or a paste to title and blocks: nothing lost, nothing guessed, nothing that keeps the server busy."""

import html
import re
import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from debate.text import essay, letters, markdown, markup
from debate.text.essay import BadText, Draft, decode, parse

TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from("\n\n\n\r \t\u00a0\u0085\u2028\u200b\ufeff\x0b\x0cab#>*-`|<&[]_:."))
)


def sources(draft: Draft) -> list[str]:
    return [block.source for block in draft.blocks]


def kinds(draft: Draft) -> list[str]:
    return [block.kind for block in draft.blocks]


def lines_that_show(text: str) -> list[str]:
    return [line for line in re.split("\r\n|\r|\n", text.removeprefix("\ufeff")) if letters.visible(line)]


# Plain text


def test_the_first_block_of_a_plain_text_is_its_title() -> None:
    draft = parse("A title\n\nOne.\n\nTwo.\n")
    assert draft.title == "A title"
    assert sources(draft) == ["One.", "Two."]


def test_with_a_title_all_blocks_are_paragraphs() -> None:
    draft = parse("One.\n\nTwo.", title=" A title\n")
    assert draft.title == "A title"
    assert sources(draft) == ["One.", "Two."]


@pytest.mark.parametrize("title", [None, "", "  ", "\n\t", "\u00a0"])
def test_a_blank_title_is_no_title(title: str | None) -> None:
    assert parse("A title\n\nOne.", title=title).title == "A title"


def test_a_title_over_several_lines_becomes_one_line() -> None:
    assert parse("A title \r\n  of two lines\n\nOne.").title == "A title of two lines"
    assert parse("One.", title="A title\r\nof two lines").title == "A title of two lines"


def test_in_a_title_only_ascii_white_space_at_the_ends_is_trimmed() -> None:
    assert (
        parse("\t A\u00a0title,  kind\u00a0of\u2028\u0085\u00a0 \n\nOne.").title
        == "A\u00a0title,  kind\u00a0of\u2028\u0085\u00a0"
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("blank", ["", " ", "\t \t", "\u00a0", "\u2003", "\u200b", "\ufeff"])
@pytest.mark.parametrize("many", [1, 2, 7])
def test_any_number_of_blank_lines_separates_blocks(end: str, blank: str, many: int) -> None:
    gap = end + (blank + end) * many
    draft = parse(f"{gap}Title{gap}one{end}two{gap}three{gap}")
    assert draft.title == "Title"
    assert sources(draft) == ["one\ntwo", "three"]


@pytest.mark.parametrize("mark", ["\u0085", "\u2028", "\u2029", "\x0b", "\x0c"])
def test_what_only_python_takes_for_a_line_end_stays_in_its_paragraph(mark: str) -> None:
    assert sources(parse(f"T\n\none{mark}two")) == [f"one{mark}two"]


def test_in_plain_text_nothing_is_guessed() -> None:
    marked = ["# a", "> b", "- c\n- d", "***", "    e", "|f|\n|-|", "```\ng\n```", "[h](http://a.example)"]
    draft = parse("T\n\n" + "\n\n".join(marked))
    assert sources(draft) == marked
    assert set(kinds(draft)) == {"text"}
    assert all(block.debatable for block in draft.blocks)
    assert [block.html for block in draft.blocks] == [f"<p>{html.escape(each, quote=False)}</p>" for each in marked]


@given(TEXT)
@example("0\U000e0000")
def test_no_line_of_a_plain_text_is_lost_or_touched(text: str) -> None:
    try:
        draft = parse(text, title="T")
    except BadText:
        return
    assert "\n".join(sources(draft)).split("\n") == lines_that_show(text)
    for block in draft.blocks:
        shown = html.unescape(block.html.removeprefix("<p>").removesuffix("</p>"))
        assert shown == markup._OVERRIDES.sub("", block.source)  # what would turn or hide words is kept and not shown


@given(TEXT, st.sampled_from(["txt", "md"]), st.one_of(st.none(), TEXT))
def test_any_text_is_an_essay_or_a_bad_text_and_nothing_else(
    text: str, format: essay.Format, title: str | None
) -> None:
    try:
        draft = parse(text, format, title)
    except BadText as refused:
        bad = refused
    else:
        assert 1 <= len(draft.title) <= essay.TITLE_LIMIT
        assert letters.visible(draft.title)
        assert all(letters.visible(block.source) for block in draft.blocks)
        return
    assert bad.field in ("title", "text")
    assert re.fullmatch(r"[A-Z].*[.]", str(bad))


@given(TEXT)
def test_an_essay_taken_apart_and_joined_is_the_same_essay(text: str) -> None:
    try:
        draft = parse(text, title="T")
    except BadText:
        return
    assert parse("\n\n".join(sources(draft)), title="T") == draft


# Files


def test_a_file_in_utf_8_is_read_with_and_without_its_byte_order_mark() -> None:
    assert decode("Tïtle\r\n\r\nOne.".encode()) == "Tïtle\r\n\r\nOne."
    assert decode(b"\xef\xbb\xbf" + "Tïtle".encode()) == "Tïtle"
    assert parse("\ufeffTitle\n\nOne.").title == "Title"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        ("\u200b\ufeff".encode(), "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text"),
        (b"text\0text", "not a text"),
        ("Title".encode("utf-16"), "UTF-16"),
        ("Title".encode("utf-16-be"), "not a text"),
        ("One.\n\nTïtle".encode("latin-1"), r"not in UTF-8 \(line 3\)"),
        (b"One\r\n\xed\xa0\x80", r"not in UTF-8 \(line 2\)"),
        (b"One.\r\n\r\nTwo\x07.", r"Line 3 .*U\+0007"),
        (b"One.\rTwo\x1b[0m.", r"Line 2 .*U\+001B"),
        (b"One.\x7f", r"Line 1 .*U\+007F"),
        (b"x" * 1_000_001, "1,000,001"),
        (b"x" * 5_000_000, "1,000,000"),
    ],
)
def test_a_file_that_is_no_text_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(BadText, match=said) as bad:
        decode(data)
    assert bad.value.field == "text"
    assert "\n" not in str(bad.value)


def test_white_space_that_is_not_a_blank_or_a_line_end_is_let_in() -> None:
    assert decode(b"a\tb\x0bc\x0cd") == "a\tb\x0bc\x0cd"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_text_or_a_bad_text_and_nothing_else(data: bytes) -> None:
    try:
        text = decode(data)
    except BadText:
        return
    assert text.encode() == data.removeprefix(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("filename", "format"),
    [
        ("a.md", "md"),
        ("A.MD", "md"),
        ("a.b.markdown", "md"),
        ("a.mdown", "md"),
        ("a.txt", "txt"),
        ("md", "txt"),
        ("a.md.txt", "txt"),
        ("", "txt"),
    ],
)
def test_the_format_is_told_by_the_name_of_the_file(filename: str, format: str) -> None:
    assert essay.format_of(filename) == format


# Limits and refusals


@pytest.mark.parametrize("format", ["txt", "md"])
@pytest.mark.parametrize(
    ("text", "title", "field", "said"),
    [
        ("", None, "text", "empty"),
        ("\n \n", "T", "text", "empty"),
        ("Only a title", None, "text", "no paragraph beneath the title"),
        ("T\n\nOne\x00.", None, "text", r"Line 3 .*U\+0000"),
        ("T\n\nOne\x01.", None, "text", r"Line 3 .*U\+0001"),
        ("T\n\n\nOne\ud800.", None, "text", r"Line 4 .*U\+D800"),
        ("One.", "T\x02", "title", r"U\+0002"),
        ("One.", "T\udfff", "title", r"U\+DFFF"),
        ("One.", "\u200b\u2060", "title", "shows nothing"),
        ("One.", "x" * 301, "title", "301 characters; at most 300"),
        ("x" * 301 + "\n\nOne.", None, "title", "taken as the title, has 301 characters.*give a title of its own"),
        ("x" * 1_000_001, "T", "text", "1,000,001 characters; at most 1,000,000"),
        ("One.\n\n" * 5_001, "T", "text", "5,001 paragraphs; at most 5,000"),
    ],
)
def test_what_cannot_be_an_essay_is_refused_with_what_to_do(
    format: essay.Format, text: str, title: str | None, field: str, said: str
) -> None:
    with pytest.raises(BadText, match=said) as bad:
        parse(text, format, title)
    assert bad.value.field == field


@pytest.mark.parametrize("format", ["txt", "md"])
def test_an_essay_at_its_limits_is_accepted(format: essay.Format) -> None:
    draft = parse(("x" * 198 + "\n\n") * 5_000, format, "y" * 300)
    assert len(draft.blocks) == 5_000
    assert len(draft.title) == 300


# Markdown

MARKDOWN = """\
# The *title* &amp; `more`

A paragraph
of two lines.

Part one
--------

> quoted
>
> > twice

- one

  more of one
- two

### Part two

| a | b |
|---|:-:|
| 1 | 2 |

***

```python
first = 1

second = 2
```

    indented

Last.
"""


def test_markdown_is_cut_into_its_top_level_blocks() -> None:
    draft = parse(MARKDOWN, "md")
    assert draft.title == "The title & more"
    assert [(block.kind, block.debatable) for block in draft.blocks] == [
        ("text", True),
        ("heading", False),
        ("quote", True),
        ("list", True),
        ("heading", False),
        ("table", True),
        ("divider", False),
        ("code", True),
        ("code", True),
        ("text", True),
    ]


def test_a_markdown_block_keeps_its_lines_as_given() -> None:
    draft = parse(MARKDOWN, "md")
    assert "\n\n".join(sources(draft)) + "\n" == MARKDOWN.split("\n\n", 1)[1]


def test_headings_begin_at_the_second_level_and_end_at_the_sixth() -> None:
    draft = parse("# Title\n\n### a\n\n#### b\n\n> ##### c\n\n###### d\n\nText.", "md")
    assert [re.findall(r"<(h\d)>", block.html) for block in draft.blocks] == [["h2"], ["h3"], ["h4"], ["h5"], []]
    draft = parse("# a\n\n###### b\n\nText.", "md", "Title")
    assert [block.html for block in draft.blocks][:2] == ["<h2>a</h2>", "<h6>b</h6>"]


@pytest.mark.parametrize(
    "first", ["# Title", "###### Title", "Title\n=====", "Title", "*Ti*tle", "[Title](http://a.b)"]
)
def test_a_heading_or_a_paragraph_can_be_the_title(first: str) -> None:
    assert parse(f"{first}\n\nText.", "md").title == "Title"


@pytest.mark.parametrize("first", ["- Title", "> Title", "```\nTitle\n```", "***", "|Title|\n|-|"])
def test_any_other_block_is_no_title(first: str) -> None:
    with pytest.raises(BadText, match="does not begin with a title") as bad:
        parse(f"{first}\n\nText.", "md")
    assert bad.value.field == "title"
    assert parse(f"{first}\n\nText.", "md", "Title").title == "Title"


def test_headings_and_dividers_alone_are_no_essay() -> None:
    with pytest.raises(BadText, match="no paragraph beneath the title"):
        parse("# Title\n\n## a\n\n***", "md")


def test_a_reference_link_finds_its_address_in_another_block_and_that_line_is_kept() -> None:
    draft = parse("# T\n\nSee [there][1].\n\n[1]: https://a.example/x\n\nAnd\n\n[2]: https://b.example", "md")
    assert '<a href="https://a.example/x" rel="nofollow ugc noopener">there</a>' in draft.blocks[0].html
    assert sources(draft) == ["See [there][1].", "[1]: https://a.example/x\n\nAnd\n\n[2]: https://b.example"]


def test_an_image_is_named_and_never_fetched() -> None:
    draft = parse('T\n\na ![a <b> & "c"](https://a.example/x.png) ![](y.png)', "md")
    assert draft.blocks[0].html == '<p>a <em>[image: a &lt;b&gt; &amp; "c"]</em> <em>[image]</em></p>'


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<div hx-get=/ data-hx-on:click=x class=y id=z style='color:red'>x</div>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "[x](//evil.example)",
        "[x](/local)",
        "![x](javascript:alert(1))",
        '![x" onerror="alert(1)](http://a.example)',
        "[x]: javascript:alert(1)\n\n[x]",
        "| <script> |\n|:-:|\n| <svg onload=x> |",
        '```py" onload="x\n<script>\n```',
        "{{7*7}}",
    ],
)
def test_no_payload_in_markdown_becomes_markup(payload: str) -> None:
    for block in parse(f"T\n\n{payload}\n\n> {payload}", "md").blocks:
        tree = LexborHTMLParser(f"<body>{block.html}</body>")
        assert not tree.css("script, style, svg, form, base, iframe, img, div")
        for node in tree.css("body *"):
            assert set(node.attributes) <= {"href", "rel"}
            assert (node.attributes.get("href") or "https://").startswith(("http://", "https://"))


@given(TEXT)
@example("0\t")
@example("a  \n \t\n\n")
@example("- a\n- b \t")
def test_no_line_of_a_markdown_text_is_lost_or_touched(text: str) -> None:
    try:
        draft = parse(text, "md", "T")
    except BadText:
        return
    got = [line for source in sources(draft) for line in source.split("\n") if letters.visible(line)]
    assert got == lines_that_show(text)


def test_what_is_nested_too_deep_to_be_laid_out_is_shown_as_it_was_typed() -> None:
    block = parse(">" * 100 + " the last word", "md", "T").blocks[0]
    assert block.kind == "quote"
    assert block.html == f"<p>{'&gt;' * 100} the last word</p>"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[x](/local)", "[x](/local)"),
        ("[*x*](#note)", "[<em>x</em>](#note)"),
        ("<mailto:a@b.example>", "&lt;mailto:a@b.example&gt;"),
        ("[x]()", "[x]()"),
    ],
)
def test_a_link_that_leads_nowhere_on_the_web_is_shown_as_it_was_typed(source: str, shown: str) -> None:
    assert parse(source, "md", "T").blocks[0].html == f"<p>{shown}</p>"


def test_a_table_that_would_be_blown_up_is_shown_as_it_was_typed() -> None:
    blown = "|" + "a|" * 400 + "\n|" + "-|" * 400 + "\n" + "|\n" * 400
    assert kinds(parse(f"|a|\n|-|\n|b|\n\n{blown}", "md", "T")) == ["table", "text"]


# Footnotes, glue and captions


def test_a_footnote_is_a_block_at_its_place_numbered_by_its_first_reference() -> None:
    draft = parse(
        "# T\n\nTwo[^b] and one[^a], two again[^b].\n\n[^a]: *A*\n\n    and more\n[^b]: B\n\nEnd[^none].", "md"
    )
    assert [(block.kind, block.html, block.debatable) for block in draft.blocks] == [
        ("text", "<p>Two<sup>1</sup> and one<sup>2</sup>, two again<sup>1</sup>.</p>", True),
        ("note", "<sup>2</sup> <em>A</em>\n<p>and more</p>", False),
        ("note", "<sup>1</sup> B", False),
        ("text", "<p>End[^none].</p>", True),
    ]


def test_a_footnote_nobody_refers_to_keeps_its_label() -> None:
    assert parse("a\n\n[^<x>]: b", "md", "T").blocks[1].html == "<sup>&lt;x&gt;</sup> b"


def test_a_footnote_ends_a_list_and_stands_in_no_quote() -> None:
    assert kinds(parse("- a[^1]\n[^1]: b\n\n> [^1]: c", "md", "T")) == ["list", "note", "quote"]


def test_a_line_of_nothing_but_an_ampersand_joins_two_blocks() -> None:
    draft = parse("# T\n\n## Part\n&\nWords.\n\n&\n\n- one\n&\n> two\n\nAlone.", "md")
    assert [(block.kind, block.debatable) for block in draft.blocks] == [("text", True), ("text", True)]
    assert draft.blocks[0].html == (
        "<h2>Part</h2>\n<p>Words.</p>\n<ul>\n<li>one</li>\n</ul>\n<blockquote>\n<p>two</p>\n</blockquote>"
    )
    assert draft.blocks[0].source == "## Part\n&\nWords.\n\n&\n\n- one\n&\n> two"


def test_joined_blocks_are_of_the_first_kind_that_can_be_debated() -> None:
    assert kinds(parse("## h\n&\n***\n&\n- l\n&\nt\n\nx", "md", "T")) == ["list", "text"]
    joined = parse("## h\n&\n***\n\nx", "md", "T").blocks[0]
    assert (joined.kind, joined.debatable) == ("heading", False)
    assert parse("t[^1]\n&\n[^1]: n", "md", "T").blocks[0].html == "<p>t<sup>1</sup></p>\n<sup>1</sup> n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("&\n\na\n\nb", ["<p>a</p>", "<p>b</p>"]),
        ("a\n\nb\n\n&", ["<p>a</p>", "<p>b</p>"]),
        ("a\n&\n&\nb", ["<p>a</p>", "<p>b</p>"]),
        ("a\n\n&\n\n&\n\n&\n\nb", ["<p>a</p>", "<p>b</p>"]),
        ("a\n\n\\&\n\nb", ["<p>a</p>", "<p>&amp;</p>", "<p>b</p>"]),
        ("a & b\n\n& c", ["<p>a &amp; b</p>", "<p>&amp; c</p>"]),
        (
            "a\n\n```\n&\n```\n\n    &",
            ["<p>a</p>", "<pre><code>&amp;\n</code></pre>", "<pre><code>&amp;\n</code></pre>"],
        ),
    ],
)
def test_an_ampersand_with_nothing_to_join_joins_nothing_and_is_kept(text: str, shown: list[str]) -> None:
    draft = parse(text, "md", "T")
    assert [block.html for block in draft.blocks] == shown
    assert text.count("&") == "".join(sources(draft)).count("&")


def test_nothing_is_joined_to_the_title() -> None:
    draft = parse("# T\n&\na\n&\nb", "md")
    assert (draft.title, [block.html for block in draft.blocks]) == ("T", ["<p>a</p>\n<p>b</p>"])


def test_plain_text_knows_neither_glue_nor_notes() -> None:
    assert sources(parse("T\n\na[^1]\n\n&\n\n[^1]: b")) == ["a[^1]", "&", "[^1]: b"]


def test_an_image_is_named_with_its_caption() -> None:
    draft = parse('![alt](x "a <caption>") ![](y "alone") ![same](z "same")', "md", "T")
    named = ["alt — a &lt;caption&gt;", "alone", "same"]
    assert draft.blocks[0].html == f"<p>{' '.join(f'<em>[image: {each}]</em>' for each in named)}</p>"


LINES = st.one_of(
    st.sampled_from(["", "a", "b c", "# h", "### h", "&", "- l", "  - m", "1. n", "> q", ">", "***", "---", "```"]),
    st.sampled_from(["", "| a | b |", "|---|---|", "[^1]: n", "x[^1]", '![i](x "t")', "*e*", "\\", "a\\&", "    in"]),
    st.sampled_from(["", "[r]: https://a.example", "[r]"]),
)


def alike(draft: Draft) -> list[tuple[str, list[str], str]]:
    """The blocks; white space at the end of code is nothing that can be seen."""
    return [(block.kind, re.sub(r"\n+</code>", "</code>", block.html).split(), block.source) for block in draft.blocks]


@given(st.lists(LINES, max_size=14).map("\n".join), st.sampled_from(["txt", "md"]))
def test_blocks_joined_again_are_the_same_blocks(text: str, format: str) -> None:
    try:
        draft = parse(text, format, "T")
    except BadText:
        return
    assert alike(parse("\n\n".join(sources(draft)), format, "T")) == alike(draft)


@given(st.lists(LINES, max_size=14).map("\n".join))
def test_the_numbers_of_footnotes_are_no_words_and_are_filled_in_by_the_text(text: str) -> None:
    with suppress(BadText):
        blocks = parse(text, "md", "T").blocks
        assert markdown.numbered([(each.source, markdown.unnumbered(each.html)) for each in blocks]) == [
            each.html for each in blocks
        ]


def test_a_footnote_is_numbered_in_any_text_that_its_paragraph_goes_on_into() -> None:
    before = parse("One[^a].\n\nTwo[^b], `[^a]`.\n\n[^a]: A\n\n[^b]: B\n\n[^<x>]: c", "md", "T").blocks
    after = parse("Two[^b], `[^a]`.\n\n- one[^<x>]\n\n[^b]: B\n\n[^<x>]: c\n\n[^a]: A", "md", "T").blocks
    old = {block.source: block.html for block in before}
    assert old[after[0].source] != after[0].html
    pieces = [(block.source, old.get(block.source, block.html)) for block in after]
    assert markdown.numbered(pieces) == [block.html for block in after]
    assert [markdown.unnumbered(html) for _, html in pieces] == [markdown.unnumbered(each.html) for each in after]


BOMBS = {
    "open notes": "[^a]: x\n\n" + "[^" * 20_000,
    "many notes": "".join(f"x[^{number}]\n\n[^{number}]: y\n\n" for number in range(2_400)),
    "notes in notes": "[^a]: " * 10_000 + "x",
    "glue": "a\n&\n" * 9_000 + "a",
    "nothing but glue": "&\n" * 19_000 + "a",
    "deep quotes": ">" * 10_000,
    "deep quotes, spaced": "> " * 10_000,
    "deep lists": "- " * 10_000 + "x",
    "stars": "*" * 100_000 + "x",
    "underscores": "_" * 100_000 + "." + "_" * 100_000,
    "open links": "[a](b" * 50_000,
    "brackets": "[" * 10_000,
    "open images": "![" * 10_000,
    "parentheses": "(" * 10_000,
    "ampersands": "x" + "&" * 50_000,
    "many ampersands": "x" + "&" * 900_000,
    "footnotes": "x[^1]\n" * 15_000,
    "definitions": "x\n\n" + "[a]: b\n" * 15_000,
    "headings": "# a\n" * 4_000 + "x",
    "one long word": "x" * 1_000_000,
    "half addresses": "://" * 300_000,
    "odd addresses": "http://[ " * 100_000,
    "a wide table": "|" + "a|" * 5_000 + "\n|" + "-|" * 5_000 + "\n" + "|\n" * 5_000,
    "a full table": "|" + "a|" * 90 + "\n|" + "-|" * 90 + "\n" + ("|" + "a|" * 90 + "\n") * 3_000,
    "code": "```\n" + "&" * 900_000 + "\n```",
    "lines": "a\n" * 500_000,
    "items": "- a\n" * 14_000,
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("format", ["txt", "md"])
def test_no_text_keeps_the_server_busy(name: str, format: essay.Format) -> None:
    begun = time.process_time()
    with suppress(BadText):
        parse(BOMBS[name], format, "T")
    assert time.process_time() - begun < 2, "a second is the promise, twice that the alarm"
