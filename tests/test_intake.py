"""Any text can be brought in: what comes through, and that what does not is named."""

import html
import re

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from debate.text import essay, letters
from debate.text.essay import BadText, Given, parse, read
from debate.text.intake import page as pages
from debate.text.intake.inline import Break, Run, tidied, write


def page(body: str, head: str = "") -> Given:
    return read(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), "page.html")


def told(given: Given) -> list[str]:
    return [str(sentence) for sentence in given.left_out]


PAGE = """\
<header><a href="/">The Ostley Post</a> <nav><a href="/news">News</a></nav></header>
<div class="cookie-banner">We use cookies.</div>
<main><article>
<header><h1>The bridge</h1><p>By a reader</p></header>
<p>It was <em>old</em> and <strong>narrow</strong>, and <a href="https://example.org/x">a link</a> says so.</p>
<aside>Advertisement</aside>
<h2>After the flood</h2>
<blockquote><p>One.</p><p>Two.</p></blockquote>
<ol start="3"><li>three<ul><li>nested</li></ul></li><li>four</li></ol>
<div class="share"><button>Share</button></div>
<form><input name="mail"><button>Subscribe</button></form>
<p>The end.</p>
</article></main>
<footer>All rights reserved.</footer>
"""

ARTICLE = """\
By a reader

It was *old* and **narrow**, and [a link](https://example.org/x) says so.

## After the flood

> One.
>
> Two.

3. three
   - nested
4. four

The end.
"""


def test_a_saved_page_gives_its_article_without_what_stands_around_it() -> None:
    head = "<title>The bridge | The Ostley Post</title><meta name=author content='Vera Quill'>"
    given = page(PAGE, head)
    assert given.text == ARTICLE
    assert (given.title, given.author, given.format) == ("The bridge", "Vera Quill", "md")
    assert told(given) == [
        "Forms, left out: 1.",
        "Fields and buttons of forms, left out: 1.",
        "Words around the article, such as menus and footers, left out: 11.",
    ]


def test_plain_text_and_markdown_stay_what_they_are() -> None:
    assert read(b"A *b*\r\n\r\nc", "a.txt") == Given("A *b*\r\n\r\nc", "txt")
    assert read(b"# A\n\nb", "a.md") == Given("# A\n\nb", "md")
    assert essay.FORMATS == ("txt", "md", "html", "docx", "odt")


@pytest.mark.parametrize(
    ("begins", "said"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"{\\rtf1\\ansi", "Rich Text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"old Word format"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"", "empty"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_name(begins: bytes, said: str) -> None:
    with pytest.raises(BadText, match=said):
        read(begins, "essay.docx")


def shown(source: str) -> str:
    """What readers see of Markdown, on one line."""
    return " ".join(
        " ".join(html.unescape(re.sub(r"<[^>]+>", "", block.html)) for block in parse(source, "md", "T").blocks).split()
    )


SIGNS = st.text(st.sampled_from("ab1 .\\`*_[]()<>&!#+-=|~:;\"'/^$\u00e9\u00a0"), max_size=30)
WORDS = st.one_of(SIGNS, st.sampled_from(["http://a.example/b_c_d*e", "&amp;", "1. a", "[^1]: b", "---", "![x](y)"]))


@given_any(WORDS)
def test_whatever_was_written_is_what_the_markdown_says(words: str) -> None:
    if not letters.visible(words):
        return
    made = pages.read(f"<body><p>{html.escape(words)}</p><p>end</p></body>")
    assert shown(made.text) == " ".join(f"{words} end".split())


RUNS = st.builds(
    Run, WORDS, st.booleans(), st.booleans(), st.just(False), st.sampled_from(["", "", "https://a.example/x_(y)"])
)


@given_any(st.lists(st.one_of(RUNS, st.builds(Break)), max_size=5), st.sampled_from(["paragraph", "heading", "cell"]))
def test_emphasis_and_links_never_cost_a_word(inlines: list[Run | Break], place: str) -> None:
    tidy = tidied(inlines)
    said = "".join(each.text if isinstance(each, Run) else " " for each in tidy)
    if not letters.visible(said):
        return
    written, _ = write(tidy, place)  # type: ignore[arg-type]
    before, behind = {"paragraph": ("", ""), "heading": ("## ", "\n\nx"), "cell": ("|a|\n|-|\n| ", " |")}[place]
    expected = {"paragraph": said, "heading": f"{said} x", "cell": f"a {said}"}[place]
    assert shown(f"{before}{written}{behind}").split() == expected.split()
