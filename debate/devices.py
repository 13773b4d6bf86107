"""What a browser says it is, in a few words: enough for somebody to know their own."""

# The first that fits: many say the later names beside their own.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS": "Firefox",
    "Chrome/": "Chrome",
    "CriOS": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def named(user_agent: str) -> str:
    """Browser and system of a User-Agent header, as in "Firefox, Linux"; empty where it says neither."""
    said = user_agent[:500]
    found = (next((name for mark, name in kinds.items() if mark in said), "") for kinds in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
