"""Addresses of sources: what is let in, what counts as the same, what a reader is shown."""

import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate.text import links

# reliability.md X3, and its neighbours.
HOSTILE = [
    "javascript:1",
    "javascript:alert(1)//http://a.example",
    "JaVaScRiPt:alert(1)",
    " \tjavascript:alert(1)",
    "java\nscript:alert(1)",
    "javascript&colon;alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "feed:javascript:alert(1)",
    "view-source:javascript:alert(1)",
    "blob:https://a.example/1",
    "ftp://a.example/",
    "mailto:a@b.example",
    "//evil.example",
    "///evil.example",
    r"http:\\evil.example",
    "http:/evil.example",
    "http:evil.example",
    "https://a@evil.example",
    "https://a:b@evil.example/",
    r"https://good.example\@evil.example",
    r"https://good.example\.evil.example/",
    "hxxp://a.example",
    "https ://a.example",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_only_whole_web_addresses_are_let_in(url: str) -> None:
    with pytest.raises(links.BadLink):
        links.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "not a source",
        "example.org",
        "www.example.org/x",
        "http://",
        "https:///path",
        "http://?q",
        "http://example",
        "http://localhost/",
        "http://.example.org",
        "http://example..org",
        "http://-example.org",
        "http://exa%6dple.org",
        "http://exa mple.org",
        "http://a.example/a b",
        "http://a.example/a\nb",
        "http://a.example/a\x00b",
        "http://a.example/\u200b",
        "http://a.example/\u202etxt.exe",
        'http://a.example/"onload=1',
        "http://a.example/<b>",
        "http://a.example:0/",
        "http://a.example:65536/",
        "http://a.example:1000080/",
        "http://a.example:http/",
        "http://a.example:-1/",
        "http://a.example:٣/",
        "http://[::1]/",
        "http://127.1/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://2130706433/",
        "http://１２７.1/",
        "http://999.1.1.1/",
        f"http://{'a' * 64}.example/",
        f"http://{'a.' * 200}example/",
        "http://a.example/\ud800",
    ],
)
def test_a_refusal_is_one_sentence_for_the_person_who_typed_it(url: str) -> None:
    with pytest.raises(links.BadLink) as refused:
        links.check(url)
    said = str(refused.value)
    assert said[0].isupper()
    assert said.endswith(".")
    assert "\n" not in said


def test_the_refusal_of_another_scheme_says_what_to_write() -> None:
    with pytest.raises(links.BadLink, match=r"^A source must start with http:// or https://\.$"):
        links.check("javascript:1")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "HTTPS://Example.ORG/Path?b=2&a=1#Part",
        "https://пример.рф/путь",
        "https://example.org:8443/x",
        "https://192.0.2.7/report.pdf",
        "https://example.org/wiki/Elf_(Begriff)",
        "https://a_b.example.org/",
        "https://example.org/user@host",
        "https://web.archive.org/web/2020/https://example.org/",
    ],
)
def test_a_good_address_is_kept_as_it_was_given(url: str) -> None:
    assert links.check(url) == url
    assert links.check(f" \t{url}\n") == url


def test_the_longest_address_has_2000_characters() -> None:
    base = "https://example.org/"
    assert links.check(base + "x" * (2_000 - len(base)))
    with pytest.raises(links.BadLink, match="2,000"):
        links.check(base + "x" * (2_001 - len(base)))


def test_an_address_that_grows_too_long_when_encoded_is_refused() -> None:
    with pytest.raises(links.BadLink, match="2,000"):
        links.check("https://example.org/" + "я" * 1_000)


SAME = [
    ("http://example.org", "http://example.org/"),
    ("HTTP://EXAMPLE.org/", "http://example.org/"),
    ("http://example.org:80/a", "http://example.org/a"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("https://example.org:/a", "https://example.org/a"),
    ("https://example.org./a", "https://example.org/a"),
    ("http://Example.org:80/a/../b/", "http://example.org/b/"),
    ("http://example.org/a/./b", "http://example.org/a/b"),
    ("http://example.org/../a", "http://example.org/a"),
    ("http://example.org/%7euser", "http://example.org/~user"),
    ("http://example.org/%c3%a4", "http://example.org/%C3%A4"),
    ("http://example.org/ä", "http://example.org/%C3%A4"),
    ("http://example.org/a\u0308", "http://example.org/%C3%A4"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
    ("http://example.org/a#part", "http://example.org/a"),
    ("http://example.org/a#:~:text=some%20words", "http://example.org/a"),
    ("http://example.org/a?", "http://example.org/a"),
    ("http://example.org/a?&x=1&", "http://example.org/a?x=1"),
    ("http://example.org/a?utm_source=x", "http://example.org/a"),
    ("http://example.org/a?UTM_Medium=x&b=1", "http://example.org/a?b=1"),
    ("http://example.org/a?b=1&fbclid=x&a=2", "http://example.org/a?b=1&a=2"),
    ("http://example.org/a?gclid=1&msclkid=2&yclid=3&dclid=4", "http://example.org/a"),
    ("http://example.org/a?mc_cid=1&mc_eid=2&igshid=3&ref_src=4&_hsenc=5&_hsmi=6", "http://example.org/a"),
    ("http://example.org/a?utm%5Fsource=x", "http://example.org/a"),
    ("https://example.org/#!/talk/7", "https://example.org/#!/talk/7"),
    ("https://example.org/?utm_source=x#!/talk/ä", "https://example.org/#!/talk/%C3%A4"),
    ("https://example.org/a?q=a+b%20c", "https://example.org/a?q=a+b%20c"),
    ("  https://example.org/a  ", "https://example.org/a"),
]


@pytest.mark.parametrize(("given_url", "form"), SAME)
def test_one_thing_has_one_form(given_url: str, form: str) -> None:
    assert links.canonical(given_url) == form
    assert links.canonical(form) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/a", "https://example.org/a"),
        ("http://example.org/a", "http://example.org/A"),
        ("http://example.org/a", "http://example.org/a/"),
        ("http://example.org/?a=1&b=2", "http://example.org/?b=2&a=1"),
        ("http://example.org/?a=", "http://example.org/?a"),
        ("http://example.org/a%2Fb", "http://example.org/a/b"),
        ("http://example.org/?q=a%26b", "http://example.org/?q=a&b"),
        ("http://example.org/?q=a%2Bb", "http://example.org/?q=a+b"),
        ("http://example.org/#!a", "http://example.org/#!b"),
        ("http://example.org/?ref=1", "http://example.org/?ref=2"),
        ("http://www.example.org/", "http://example.org/"),
        ("http://example.org:8080/", "http://example.org/"),
    ],
)
def test_what_may_be_two_things_keeps_two_forms(one: str, other: str) -> None:
    assert links.canonical(one) != links.canonical(other)


@pytest.mark.parametrize("url", HOSTILE)
def test_no_form_is_made_up_for_what_is_no_address(url: str) -> None:
    with pytest.raises(links.BadLink):
        links.canonical(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.nature.com/articles/1", "nature.com"),
        ("https://nature.com:8080/", "nature.com"),
        ("https://News.BBC.co.uk/", "news.bbc.co.uk"),
        ("https://www.com/", "www.com"),
        ("https://bücher.example/", "bücher.example"),
        ("https://xn--bcher-kva.example/", "bücher.example"),
        ("https://пример.рф/", "пример.рф"),
        ("https://例え.jp/", "例え.jp"),
        # Mixed scripts, a whole label that passes for Latin, and what is no letter at all: punycode.
        ("https://pаypal.example/", "xn--pypal-4ve.example"),
        ("https://аррӏе.com/", "xn--80ak6aa92e.com"),
        ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://😀.example/", "xn--e28h.example"),
        ("https://192.0.2.7/", "192.0.2.7"),
    ],
)
def test_a_reader_is_shown_a_host_that_cannot_deceive(url: str, shown: str) -> None:
    assert links.host(url) == shown


HOSTS = st.sampled_from(["example.org", "EXAMPLE.org.", "bücher.example", "пример.рф", "xn--bcher-kva.de", "192.0.2.7"])
TAILS = st.text(st.sampled_from("abAB.~/%2Ff:;=&?#!+@ä\u0308é-_'()[]|{}^`,*$ы"), max_size=40)


@given(st.sampled_from(["http://", "HTTPS://"]), HOSTS, st.sampled_from(["", ":80", ":443", ":8080"]), TAILS)
def test_the_canonical_form_of_a_canonical_form_is_itself(scheme: str, host: str, port: str, tail: str) -> None:
    form = links.canonical(f"{scheme}{host}{port}/{tail}")
    assert links.canonical(form) == form
    assert form.isascii()
    assert urlsplit(form).scheme in ("http", "https")


@given(st.one_of(st.text(), st.text().map("http://".__add__), st.text().map("https://example.org/".__add__)))
def test_any_text_is_an_address_or_a_bad_link_and_nothing_else(text: str) -> None:
    try:
        form = links.canonical(text)
    except links.BadLink:
        return
    assert links.canonical(form) == form
    assert len(form) <= links.URL_LIMIT
    assert links.host(text)


@pytest.mark.parametrize(
    "bomb",
    [
        "http://" + "a." * 50_000,
        "http://" + "é." * 120 + "example/",
        "http://example.org/" + "%" * 1_900,
        "http://example.org/" + "../" * 600,
        "http://example.org/?" + "&" * 1_900,
        "http" * 100_000,
    ],
)
def test_no_address_keeps_the_server_busy(bomb: str) -> None:
    begun = time.process_time()
    with suppress(links.BadLink):
        links.canonical(bomb)
    assert time.process_time() - begun < 0.2
