"""Addresses of sources: which are fit to be linked, which are the same, and what host a reader is shown."""

import re
from functools import lru_cache
from ipaddress import IPv4Address
from urllib.parse import quote, urlsplit

from url_normalize import url_normalize

from debate.text import letters
from debate.text.message import N_

URL_LIMIT = 2_000

_HOST_LIMIT = 253
_IN_URL = re.compile(r'[^\s<>"]*')
_PORT = re.compile(r"[0-9]{1,5}")
_IN_FRAGMENT = "!#$%&'()*+,/:;=?@"
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")

# What senders add to follow a reader; the page is the same without.
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "hsa_")
_TRACKING = frozenset(
    """
    __hsfp __hssc __hstc _ga _gl _hsenc _hsmi _openstat dclid epik fbclid gad_source gbraid gclid gclsrc hsctatracking
    igsh igshid li_fat_id mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash msclkid oly_anon_id oly_enc_id
    rb_clickid ref_src ref_url s_cid srsltid ttclid twclid vero_conv vero_id wbraid wickedid yclid ymclid
    """.split()
)


class BadLink(ValueError):
    """An address that is not fit to be a source; the message tells the person who gave it why, in one sentence."""


def check(url: str) -> str:
    """The address as given, without white space at its ends and fit to be an href.

    Raises BadLink for anything but an http or https address of a host on the public web, without a password in it.
    """
    return _examined(url)[0]


def fits(url: str) -> bool:
    """True if `check` lets the address pass."""
    try:
        check(url)
    except BadLink:
        return False
    return True


def canonical(url: str) -> str:
    """One form per thing, to tell whether two addresses name the same; raises BadLink as `check` does.

    Drops the fragment (unless it begins with "!", where it names the page) and tracking parameters; settles case,
    punycode, default port, dot segments and percent-encoding; folds slashes in a row. Parameters keep their order,
    which can matter.
    """
    return _one_form(check(url))


def host(url: str) -> str:
    """The host as shown to people, without "www."; in punycode where its letters could deceive.

    Raises BadLink as `check` does.
    """
    readable = ".".join(_readable(label) for label in _examined(url)[1].split("."))
    return readable.removeprefix("www.") if readable.count(".") > 1 else readable


def _examined(url: str) -> tuple[str, str]:
    """The address without white space at its ends, and its host in ASCII."""
    url = url.strip()
    ascii_host = _host_of(url)
    # Encoding makes a character up to nine times as long; short addresses need not be tried.
    if len(url.encode()) > URL_LIMIT // 9 and len(_one_form(url)) > URL_LIMIT:
        raise BadLink(N_("An address has at most %(most)s characters, counted as browsers send it.", most=URL_LIMIT))
    return url, ascii_host


def _host_of(url: str) -> str:
    if not url:
        raise BadLink(N_("An address is missing."))
    if len(url) > URL_LIMIT:
        raise BadLink(N_("An address has at most %(most)s characters.", most=URL_LIMIT))
    if not _IN_URL.fullmatch(url) or not all(letters.visible(char) for char in url):
        raise BadLink(N_("An address has no spaces, quotation marks, angle brackets or invisible characters in it."))
    if not re.match(r"https?://", url, re.I):
        raise BadLink(N_("A source must start with http:// or https://."))
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    if "@" in authority:
        raise BadLink(N_("An address must not hold a user name or password."))
    # Browsers read a backslash as a slash, other readers do not, and so they disagree on the host.
    if "\\" in url:
        raise BadLink(N_("An address has no backslash in it; %5C stands for one."))
    given, _, port = authority.partition(":")
    if port and not (_PORT.fullmatch(port) and 0 < int(port) < 65_536) and "[" not in given:
        raise BadLink(N_("The address has a port that does not exist."))
    host_name = _ascii_host(given)
    _refuse_host(host_name)
    return host_name


@lru_cache(maxsize=4096)  # of what was asked for only to be shown
def _ascii_host(given: str) -> str:
    if not given:
        raise BadLink(N_("The address names no host."))
    try:
        # Empty labels would be dropped in silence below, and browsers stumble over them.
        if len(given) > _HOST_LIMIT or ".." in given or given.startswith("."):
            raise UnicodeError
        return urlsplit(url_normalize(f"http://{given}/") or "").hostname or ""
    except (UnicodeError, ValueError) as error:
        raise BadLink(N_("The address names a host that cannot exist.")) from error


def _refuse_host(ascii_host: str) -> None:
    labels = ascii_host.split(".")
    if len(labels) < 2:
        raise BadLink(N_("The address names no host on the web, such as example.org."))
    if len(ascii_host) > _HOST_LIMIT or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadLink(N_("The address names a host that cannot exist."))
    # A last label that begins with a digit makes browsers read an IP address, in octal and hexadecimal too.
    if labels[-1][0].isdigit():
        try:
            IPv4Address(ascii_host)
        except ValueError as error:
            raise BadLink(N_("The address names a host by a number that cannot be one.")) from error


def _one_form(url: str) -> str:
    base, _, fragment = url.partition("#")
    base = url_normalize(base) or ""
    path, mark, query = base.partition("?")
    kept = [pair for pair in query.split("&") if not _tracks(pair.partition("=")[0])]
    form = path + mark * bool(kept) + "&".join(kept)
    return f"{form}#{quote(fragment, safe=_IN_FRAGMENT)}" if fragment.startswith("!") else form


def _tracks(parameter: str) -> bool:
    name = parameter.lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _readable(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return label
    folded = letters.fold(decoded)
    deceives = (
        len(letters.scripts(folded)) != 1
        or letters.skeleton(folded).isascii()
        or not all(letters.visible(char) for char in decoded)
    )
    return label if deceives else decoded
