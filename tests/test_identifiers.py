"""What is meant by an address, DOI, ISBN or arXiv number, however it was pasted: pairs, and what always holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate.text import identifiers, links
from debate.text.identifiers import recognise

BOOK = "9780306406157"
PAPER = "2101.00001"
LONG_DOI = "10.1002/(sici)1097-4571(199510)46:8<566::aid-asi5>3.0.co;2-w"
PAIRS = [
    # addresses
    ("HTTP://Example.ORG", "url", "http://example.org/"),
    ("http://example.org:80/a", "url", "http://example.org/a"),
    ("https://example.org:443/a", "url", "https://example.org/a"),
    ("https://example.org:8443/a", "url", "https://example.org:8443/a"),
    ("http://example.org/a/../b/./c", "url", "http://example.org/b/c"),
    ("https://example.org/a#part", "url", "https://example.org/a"),
    ("https://example.org/a#!part", "url", "https://example.org/a#!part"),
    ("https://example.org/?utm_source=x&utm_medium=y", "url", "https://example.org/"),
    ("https://example.org/a?b=1&fbclid=zzz", "url", "https://example.org/a?b=1"),
    ("https://example.org/a?gclid=1&b=2&msclkid=3", "url", "https://example.org/a?b=2"),
    ("https://example.org/a?b=1&a=2", "url", "https://example.org/a?b=1&a=2"),
    ("https://example.org/%7euser", "url", "https://example.org/~user"),
    ("https://example.org/a%2fb", "url", "https://example.org/a%2Fb"),
    ("https://EXAMPLE.org/Case", "url", "https://example.org/Case"),
    ("https://bücher.example/", "url", "https://xn--bcher-kva.example/"),
    ("  https://example.org/a \n", "url", "https://example.org/a"),
    ("<https://example.org/a>", "url", "https://example.org/a"),
    ("https://example.org/a?", "url", "https://example.org/a"),
    ("https://doi.org/abc", "url", "https://doi.org/abc"),
    ("https://evil.example/doi/10.1000/182", "url", "https://evil.example/doi/10.1000/182"),
    ("https://notarxiv.org/abs/2101.00001", "url", "https://notarxiv.org/abs/2101.00001"),
    ("https://openlibrary.org/isbn/9780306406158", "url", "https://openlibrary.org/isbn/9780306406158"),
    # DOI
    ("10.1000/182", "doi", "10.1000/182"),
    ("10.1000/ABC", "doi", "10.1000/abc"),
    ("doi:10.1000/182", "doi", "10.1000/182"),
    ("DOI: 10.1000/182", "doi", "10.1000/182"),
    ("doi 10.1000/182", "doi", "10.1000/182"),
    ("doi10.1000/182", "doi", "10.1000/182"),
    ("urn:doi:10.1000/182", "doi", "10.1000/182"),
    ("info:doi/10.1000/182", "doi", "10.1000/182"),
    ("10.1000/182.", "doi", "10.1000/182"),
    ("10.1000/182);", "doi", "10.1000/182"),
    ("10.1000.10/182", "doi", "10.1000.10/182"),
    ("doi.org/10.1000/182", "doi", "10.1000/182"),
    ("https://doi.org/10.1000/182", "doi", "10.1000/182"),
    ("http://dx.doi.org/10.1000/182", "doi", "10.1000/182"),
    ("https://www.doi.org/10.1000/182", "doi", "10.1000/182"),
    ("https://doi.org/10.1000%2F182", "doi", "10.1000/182"),
    ("https://doi.org/10.1000/182?nosfx=y#p1", "doi", "10.1000/182"),
    ("doi: https://doi.org/10.1000/182", "doi", "10.1000/182"),
    ("10.1002/(SICI)1097-4571(199510)46:8<566::AID-ASI5>3.0.CO;2-W", "doi", LONG_DOI),
    ("https://doi.org/10.1002/(SICI)1097-4571(199510)46:8%3C566::AID-ASI5%3E3.0.CO;2-W", "doi", LONG_DOI),
    ("https://onlinelibrary.wiley.com/doi/abs/10.1002/asi.23", "doi", "10.1002/asi.23"),
    ("https://www.tandfonline.com/doi/full/10.1080/0123.2020.1", "doi", "10.1080/0123.2020.1"),
    ("https://www.pnas.org/doi/10.1073/pnas.2503413122", "doi", "10.1073/pnas.2503413122"),
    ("https://link.springer.com/article/10.1007/s10606-012-9156-4", "doi", "10.1007/s10606-012-9156-4"),
    ("https://www.frontiersin.org/articles/10.3389/fpsyg.2015.00001/full", "doi", "10.3389/fpsyg.2015.00001"),
    ("https://www.biorxiv.org/content/10.1101/2020.01.30.927871v1.full.pdf", "doi", "10.1101/2020.01.30.927871"),
    (
        "https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0000001",
        "doi",
        "10.1371/journal.pone.0000001",
    ),
    # ISBN: 10 and 13 are one
    ("0306406152", "isbn", BOOK),
    ("9780306406157", "isbn", BOOK),
    ("0-306-40615-2", "isbn", BOOK),
    ("978-0-306-40615-7", "isbn", BOOK),
    ("978 0 306 40615 7", "isbn", BOOK),
    ("978\u20130\u2013306\u201340615\u20137", "isbn", BOOK),
    ("ISBN 0-306-40615-2", "isbn", BOOK),
    ("isbn:0306406152", "isbn", BOOK),
    ("ISBN-10: 0-306-40615-2", "isbn", BOOK),
    ("ISBN-13: 978-0-306-40615-7.", "isbn", BOOK),
    ("urn:isbn:0306406152", "isbn", BOOK),
    ("080442957X", "isbn", "9780804429573"),
    ("0-8044-2957-x", "isbn", "9780804429573"),
    ("979-10-90636-07-1", "isbn", "9791090636071"),
    ("https://openlibrary.org/isbn/0306406152", "isbn", BOOK),
    ("https://www.worldcat.org/isbn/978-0-306-40615-7", "isbn", BOOK),
    ("https://en.wikipedia.org/wiki/Special:BookSources/0-306-40615-2", "isbn", BOOK),
    # arXiv: all versions are one
    ("arXiv:2101.00001", "arxiv", PAPER),
    ("arxiv:2101.00001v3", "arxiv", PAPER),
    ("2101.00001v2", "arxiv", PAPER),
    ("arXiv 2101.00001", "arxiv", PAPER),
    ("https://arxiv.org/abs/2101.00001v2", "arxiv", PAPER),
    ("https://arxiv.org/pdf/2101.00001v2.pdf", "arxiv", PAPER),
    ("http://www.arxiv.org/html/2101.00001", "arxiv", PAPER),
    ("https://export.arxiv.org/abs/2101.00001", "arxiv", PAPER),
    ("arxiv.org/abs/2101.00001", "arxiv", PAPER),
    ("10.48550/arXiv.2101.00001", "arxiv", PAPER),
    ("https://doi.org/10.48550/arXiv.2101.00001", "arxiv", PAPER),
    ("hep-th/9901001", "arxiv", "hep-th/9901001"),
    ("arXiv:math.GT/0309136v1", "arxiv", "math/0309136"),
]
WRONG = [
    ("", "missing"),
    ("plain words", "must start with"),
    ("smith 2021", "must start with"),
    ("example.org/page", "must start with"),
    ("javascript:alert(1)", "must start with"),
    ("JaVaScRiPt:alert(1)", "must start with"),
    ("data:text/html,<b>", "must start with"),
    ("ftp://example.org/", "must start with"),
    ("//evil.example", "must start with"),
    ("https://user:password@example.org/", "user name or password"),
    ("https://example.org/a\x01b", "invisible"),
    ("https://example.org/\u202egpj", "invisible"),
    ("https://example.org/a b", "no spaces"),
    (f"https://example.org/{'a' * 10_000}", "2,000"),
    ("x" * 10_000, "2,000"),
    ("doi:10.12/abc", "no DOI"),
    ("doi:11.1000/182", "no DOI"),
    ("10.1000/", "no DOI"),
    ("DOI 182", "no DOI"),
    ("0306406153", "mistyped"),
    ("978-0-306-40615-8", "mistyped"),
    ("ISBN 0-306-40615-X", "mistyped"),
    ("ISBN 123", "10 or 13"),
    ("urn:isbn:97803064", "10 or 13"),
    ("arXiv:2113.00001", "no arXiv"),
    ("arXiv:12", "no arXiv"),
    ("10.١٠٠٠/182", "no DOI"),
    ("arXiv:٢١٠١.٠٠٠٠١", "no arXiv"),
    ("٠٣٠٦٤٠٦١٥٢", "must start with"),
]


@pytest.mark.parametrize(("given_as", "scheme", "canonical"), PAIRS, ids=[pair[0][:40] for pair in PAIRS])
def test_what_is_pasted_is_recognised(given_as: str, scheme: str, canonical: str) -> None:
    found = recognise(given_as)
    assert (found.scheme, found.canonical) == (scheme, canonical)
    assert links.fits(found.link)
    _is_the_same_again(found)


@pytest.mark.parametrize(("given_as", "why"), WRONG, ids=[pair[0][:40] or "nothing" for pair in WRONG])
def test_anything_else_gets_a_sentence(given_as: str, why: str) -> None:
    with pytest.raises(links.BadLink, match=why):
        recognise(given_as)


def test_there_are_sixty_pairs_at_least() -> None:
    assert len(PAIRS) >= 60


def _is_the_same_again(thing: identifiers.Thing) -> None:
    """A thing's own address, and how it is written, mean the same thing again."""
    for words in (thing.link, identifiers.link(thing.scheme, thing.canonical)):
        again = recognise(words)
        assert (again.scheme, again.canonical) == (thing.scheme, thing.canonical), words
    again = recognise(identifiers.shown(thing.scheme, thing.canonical))
    assert (again.scheme, again.canonical) == (thing.scheme, thing.canonical)


hosts = st.sampled_from(
    [
        "example.org",
        "doi.org",
        "dx.doi.org",
        "arxiv.org",
        "onlinelibrary.wiley.com",
        "openlibrary.org",
        "bücher.example",
    ]
)
tails = st.text(st.sampled_from("abcXYZ019./:;()<>%#?&=-_~!*'+,@é\u2013v"), max_size=40)
isbns = st.from_regex(r"[0-9][0-9 -]{8,16}[0-9X]", fullmatch=True)
papers = st.from_regex(r"[0-9]{4}\.[0-9]{4,5}(v[0-9])?", fullmatch=True)
pasted = st.one_of(
    st.builds("{}{}/{}".format, st.sampled_from(["http://", "https://", "HTTPS://", ""]), hosts, tails),
    st.builds("{}10.{}/{}".format, st.sampled_from(["", "doi:", "https://doi.org/"]), st.integers(1, 10**9), tails),
    st.builds("{}{}".format, st.sampled_from(["", "ISBN ", "isbn:"]), isbns),
    st.builds("{}{}".format, st.sampled_from(["", "arXiv:", "https://arxiv.org/pdf/"]), papers),
    st.text(max_size=60),
)


@given(pasted)
def test_recognising_is_idempotent(words: str) -> None:
    try:
        found = recognise(words)
    except links.BadLink:
        return
    assert found.scheme in identifiers.SCHEMES
    assert links.fits(found.link)
    _is_the_same_again(found)


@given(st.integers(0, 10**9 - 1))
def test_an_isbn_of_ten_and_of_thirteen_digits_are_one(number: int) -> None:
    first = f"{number:09}"
    check = next(sign for sign in "0123456789X" if _fits_ten(first + sign))
    long = recognise(f"ISBN {first}{check}").canonical
    assert long.startswith(f"978{first}")
    assert recognise(long).canonical == long
    others = [sign for sign in "0123456789" if sign != long[-1]]
    for sign in others:
        with pytest.raises(links.BadLink):
            recognise(long[:-1] + sign)


def _fits_ten(digits: str) -> bool:
    return sum((at + 1) * (10 if sign == "X" else int(sign)) for at, sign in enumerate(digits)) % 11 == 0


@pytest.mark.parametrize("given", [f"doi:10.1000/{chr(0x958) * 219}", f"https://doi.org/10.1000/{'!' * 700}"])
def test_what_makes_too_long_an_address_is_none(given: str) -> None:
    with pytest.raises(links.BadLink, match="at most"):
        recognise(given)
