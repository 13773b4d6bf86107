"""Any text can be brought in: what comes through, and that what does not is named."""

import html
import re

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from packed import content, document, docx, odt

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


@pytest.mark.parametrize("host", ["bücher.example", "пример.example", "xn--bcher-kva.example", "straße.example"])
def test_a_link_to_a_host_in_other_letters_than_ours_comes_through(host: str) -> None:
    assert f"[there](https://{host}/a)" in page(f'<p>Look <a href="https://{host}/a">there</a>.</p>').text


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


@settings(deadline=None)
@given_any(WORDS)
def test_whatever_was_written_is_what_the_markdown_says(words: str) -> None:
    if not letters.visible(words):
        return
    made = pages.read(f"<body><p>{html.escape(words)}</p><p>end</p></body>")
    assert shown(made.text) == " ".join(f"{words} end".split())


RUNS = st.builds(
    Run, WORDS, st.booleans(), st.booleans(), st.just(False), st.sampled_from(["", "", "https://a.example/x_(y)"])
)


@settings(deadline=None)
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


# Pages


def test_a_page_without_landmarks_is_all_text() -> None:
    given = page(
        "<div>Bare words<br>on two lines<div><p>and a paragraph</p></div>after it</div><ul><li><a href=x>l</a></ul>"
    )
    assert given.text == "Bare words\\\non two lines\n\nand a paragraph\n\nafter it\n\n- l\n"
    assert told(given) == ["Links that lead to no http or https address, kept as words: 1."]


def test_comments_are_not_the_article_however_much_was_said() -> None:
    given = page(
        "<nav><a href=/>x</a></nav><div role=main><h1>The bridge</h1><p>Short.</p>"
        "<div class=related-work><p>Kept.</p></div>"
        f"</div><div id=comments><article class=comment><p>{'Long. ' * 99}</p></article></div>"
    )
    assert given.text == "Short.\n\nKept.\n"
    assert told(given) == ["Words around the article, such as menus and footers, left out: 100."]


def test_a_form_around_the_whole_page_costs_no_word() -> None:
    given = page(f"<form><input name=x><p>{'Many words. ' * 30}</p></form>")
    assert given.text == f"{' '.join(['Many words.'] * 30)}\n"


def test_relative_addresses_are_resolved_where_the_page_says_where_it_was() -> None:
    head = "<link rel=canonical href='https://example.org/a/b'>"
    assert page("<p><a href='c'>x</a>", head).text == "[x](https://example.org/a/c)\n"
    assert page("<p><a href='c'>x</a>", f"{head}<base href='/d/'>").text == "[x](https://example.org/d/c)\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("<p>Märzö".encode(), "Märzö"),
        (b"\xef\xbb\xbf" + "<p>Märzö".encode(), "Märzö"),
        ("<p>Märzö".encode("utf-16"), "Märzö"),
        ("<meta charset=iso-8859-1><p>„Märzö“".encode("cp1252"), "„Märzö“"),
        ("<meta charset=koi8-r><p>Мост".encode("koi8-r"), "Мост"),
        ("<?xml version='1.0' encoding='shift_jis'?><html><p>橋".encode("shift-jis"), "橋"),
        ("<p>Märzö".encode("cp1252"), "Märzö"),
        (b"<meta charset=unicode_escape><p>\\u0041", "\\u0041"),
    ],
)
def test_a_page_is_read_in_its_encoding(data: bytes, said: str) -> None:
    assert read(data, "a.html").text == f"{said}\n"


def test_tables_with_joined_cells_are_laid_out_plainly_and_layout_is_unfolded() -> None:
    given = page("<table><tr><th colspan=2>a<th>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<td>g</table>")
    assert given.text == "| a |  | b |\n| --- | --- | --- |\n| c | d | e |\n|  | f | g |\n"
    assert told(given) == ["Tables with joined cells, laid out plainly: 1."]
    given = page("<table><tr><td><h2>h</h2><p>one<td><table><tr><td>a<td>b<tr><td>c<td>d</table></table>")
    assert given.text == "## h\n\none\n\n| a | b |\n| --- | --- |\n| c | d |\n"
    assert told(given) == ["Tables that held more than a table can here, unfolded into blocks: 1."]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<ol><li>a<li value=5>b<li>c</ol>", "1. a\n\n5) b\n6) c\n"),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b\n"),
        ("<ul><li><p>a<p>b<li>c</ul>", "- a\n\n  b\n\n- c\n"),
        ("<ol><li>a<pre>x\n y</pre></ol>", "1. a\n\n   ```\n   x\n    y\n   ```\n"),
        ("<dl><dt>t<dd>d<dd>e<dt>u<dd>f</dl>", "- **t**\n\n  d\n\n  e\n\n- **u**\n\n  f\n"),
        ("<details><summary>s</summary><p>folded</details>", "**s**\n\nfolded\n"),
        ("<blockquote><ul><li>a</ul></blockquote>", "> - a\n"),
        ("<p>a<s>b</s> 1<sup>st</sup> x<sup>n+1</sup> 10<sup>ab</sup> <q>q</q>", "ab 1st xⁿ⁺¹ 10ab “q”\n"),
        ("<p>x<b> bold </b>y <i>(it)</i>z <code>a`b</code>", "x **bold** y *(it*)z ``a`b``\n"),
        ("<p><b style='font-weight:normal'>a <span style='font-weight:700'>b</span></b>", "a **b**\n"),
        ("<p># a<p>- b<p>+ c<p>1. d<p>= e<p>| f<p>&gt; g<p>~~~<p>---", None),
        ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````\n"),
        ("<h2>1. One # two #</h2><p>x", "## 1. One # two \\#\n\nx\n"),
        (
            "<p>a <a href='https://example.org/'>b <img alt='c' src='d.png'></a>",
            "a [b](https://example.org/) [![c]()](https://example.org/)\n",
        ),
        ("<figure><img alt=a src=x><figcaption>c <a href='https://e.example'>d</a></figcaption></figure>", None),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)\n"),
    ],
)
def test_each_element_becomes_what_markdown_has_for_it(body: str, text: str | None) -> None:
    given = page(body)
    if text is not None:
        assert given.text == text
    left = shown(given.text)
    for word in re.findall(r"[a-z]+", html.unescape(re.sub(r"<[^>]+>", " ", body))) if text is None else ():
        assert word in left


@pytest.mark.parametrize(
    "body",
    [
        "<p>a<sup><a href='#fn1'>1</a></sup></p><div id=fn1><p>n <a href='#r'>↩</a></p></div>",
        "<p>a<a epub:type=noteref href='#n'>*</a></p><aside epub:type=footnote id=n>n</aside>",
        "<p>a<a role=doc-noteref href='#n'>1</a></p><section role=doc-endnotes><hr><ol><li id=n>n</ol></section>",
        "<p>a<a href=#_ftn1 name=_ftnref1>[1]</a></p><div id=ftn1><p><a href=#_ftnref1 name=_ftn1>[1]</a> n</p></div>",
        "<p>a<sup><a href='#cite_note-1'>[1]</a></sup></p><ol><li id=cite_note-1><a href='#x'>↑</a> n</ol>",
    ],
)
def test_footnotes_are_found_however_they_are_made(body: str) -> None:
    assert page(body).text == "a[^1]\n\n[^1]: n\n"


# Word processors


def test_what_reviewers_did_to_a_docx_is_named() -> None:
    given = read(
        docx(
            document(
                "<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
                "<w:ins><w:r><w:t> new</w:t></w:r></w:ins><w:moveTo><w:r><w:t> moved</w:t></w:r></w:moveTo>"
                "<w:moveFrom><w:r><w:t>away</w:t></w:r></w:moveFrom></w:p>"
                "<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>struck</w:t></w:r><w:smartTag><w:r><w:t> smart</w:t></w:r>"
                "</w:smartTag></w:p>"
            )
        ),
        "a.docx",
    )
    assert given.text == "Kept new moved\n\nstruck smart\n"
    assert told(given) == [
        "Tracked deletions, left out: 2.",
        "Tracked insertions, taken in as if accepted: 2.",
        "Passages struck through, kept as plain words: 1.",
    ]


def test_what_reviewers_did_to_an_odt_is_named() -> None:
    given = read(
        odt(
            content(
                "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
                "</text:changed-region></text:tracked-changes><text:p>Kept<office:annotation><text:p>why?</text:p>"
                "</office:annotation><text:s text:c='3'/>wide<text:line-break/>next</text:p>"
                "<text:table-of-content><text:p>Contents</text:p></text:table-of-content>"
            )
        ),
        "a.odt",
    )
    assert given.text == "Kept wide\\\nnext\n"
    assert told(given) == [
        "Comments by reviewers, left out: 1.",
        "Tracked deletions, left out: 1.",
        "Generated tables of contents, left out: 1.",
    ]


def test_numbered_headings_of_an_odt_are_headings_and_its_numbered_lists_are_lists() -> None:
    style = b"urn:oasis:names:tc:opendocument:xmlns:style:1.0"
    levels = b"".join(b"<text:list-level-style-number text:level='%d' style:num-format='1'/>" % n for n in (1, 2))
    given = read(
        odt(
            content(
                "<text:list text:style-name='WWNum1'><text:list-item><text:h text:outline-level='1'>Chapter</text:h>"
                "</text:list-item></text:list><text:p>Words.</text:p>"
                "<text:list text:style-name='WWNum1' text:continue-numbering='true'><text:list-item><text:list>"
                "<text:list-item><text:h text:outline-level='2'>Part</text:h></text:list-item></text:list>"
                "</text:list-item></text:list><text:p>More.</text:p>"
                "<text:list text:style-name='WWNum1'><text:list-item><text:p>one</text:p></text:list-item>"
                "<text:list-item><text:p>two</text:p></text:list-item></text:list><text:p>End.</text:p>"
            ).replace(
                b"<office:body>",
                b"<office:automatic-styles><text:list-style xmlns:style='%s' style:name='WWNum1'>%s</text:list-style>"
                b"</office:automatic-styles><office:body>" % (style, levels),
            )
        ),
        "a.odt",
    )
    assert given.title == "Chapter"
    assert given.text == "Words.\n\n## Part\n\nMore.\n\n1. one\n2. two\n\nEnd.\n"


def test_a_file_is_what_its_bytes_say_whatever_its_name_is() -> None:
    assert read(docx(), "a.odt").text == read(odt(), "a.txt").text == "Words.\n"
    assert read(b"<!doctype html><p>x", "a.docx").text == "x\n"
    assert [essay.format_of("essay", data) for data in (docx(), odt(), b"<html>", b"# x")] == [
        "docx",
        "odt",
        "html",
        "txt",
    ]
    assert essay.format_of("a.HTM") == "html"


def test_a_language_is_one_that_essays_can_have() -> None:
    assert read(b"<html lang=de-AT><p>x", "a.html").language == "de"
    assert read(b"<html lang=no><p>x", "a.html").language == "nb"
    assert read(b"<html lang=tlh><p>x", "a.html").language == ""
