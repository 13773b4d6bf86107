"""Any text can be brought in: what comes through, and that what does not is named."""

import pytest

from debate.text import essay
from debate.text.essay import BadText, Given, read


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
