"""What attackers type, and the search for what of it has become alive on a page."""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>',
    "</title><script>1</script>", "<a hx-get=/ hx-trigger=load>x</a>", '<div data-hx-on:click="alert(1)">x</div>',
    "<style>*{display:none}</style>", "<base href=//evil.example>", "<form action=//evil.example><button>x</form>",
    "</textarea><script>1</script>", "&lt;img src=x onerror=1&gt; http://a.example", "<!-- comment", "]]> x",
    "' onmouseover='alert(1)", "<math><mtext></form><form><mglyph><style></math><img src onerror=1>",
    "{{7*191919}} {% raw %}", "    <script>code</script>",
)  # fmt: skip
ADDRESSES = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " \tjavascript:alert(1)", "java\nscript:alert(1)",
    "mailto:a@b.example",
    "javascript&colon;alert(1)", "\x01javascript:alert(1)", "data:text/html,<script>1</script>", "vbscript:x", "blob:x",
    "file:///etc/passwd", "feed:javascript:x", "view-source:javascript:x", "//evil.example", "http:\\\\evil.example",
    "https://a@evil.example", "/logout", "https://", "http://[::1", 'https://example.org/"onmouseover="x',
    "https://example.org/ x", "https://evil.example\u202e/gro",
)  # fmt: skip
# What somebody might be sent on to after logging in.
OUTWARD = (
    "https://evil.example", "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example",
    "\\/evil.example", "/%09/evil.example", "/\t/evil.example", "javascript:1", "http:evil.example", "@e.example",
    "/login?next=/login?next=/login?next=//evil.example", "/%5cevil.example", "/ /evil.example", "/\n/evil.example",
    "/logout", "evil.example", "", "/" + "a" * 600, "/.//evil.example", "https:evil.example", "/％2fevil", "?x=//e",
)  # fmt: skip
PEOPLES_WORDS = ".body *, .words *, .citations blockquote *, bdi *, textarea *, .note *, q *"
TAGS = set("a blockquote br code em li ol p pre strong ul h2 h3 h4 h5 h6 hr table thead tbody tr th td".split())


def harm(tree: LexborHTMLParser) -> Iterator[str]:
    """What on a page could act on a reader's behalf and does not come from our templates."""
    for node in tree.css(PEOPLES_WORDS):
        if node.tag == "sup" and node.attributes == {"class": "note"}:
            continue  # the number that a link has in print: ours, as nobody's words keep a class
        if node.tag not in TAGS or not set(node.attributes) <= {"href", "rel", "start"}:
            yield f"{node.tag} {node.attributes}"
    for node in tree.css(
        "style, base, iframe, object, embed, math, img, svg:not([aria-hidden=true], .strip > svg, .segno), script"
    ):
        if node.tag != "script" or not (node.attributes.get("src") or "").startswith(
            ("/assets/debate-", "/static/js/")
        ):
            yield node.html or ""
    for node in tree.css("*"):
        yield from (
            f"{node.tag} {name}" for name in node.attributes if name.startswith(("on", "hx-", "data-hx-on", "style"))
        )
    for node in tree.css("form"):
        if not (node.attributes.get("action") or "").startswith("/"):
            yield node.html or ""
    for node in tree.css("a[href]"):
        href, rel = node.attributes["href"] or "", set((node.attributes.get("rel") or "").split())
        outward = href.startswith(("http://", "https://"))
        if not (
            rel >= {"nofollow", "ugc", "noopener"} if outward else href.startswith(("/", "#")) and href[:2] != "//"
        ):
            yield node.html or ""
