"""How characters look: which can be seen at all, which script they are of, and which pass for another."""

import re
import unicodedata

# Unicode's white space, controls and default-ignorable characters, and three that are drawn as nothing although they
# count as letters or symbols: the Hangul fillers and the blank Braille pattern.
_UNSEEN = (
    r"\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
_SEEN = re.compile(f"[^{_UNSEEN}]")
_IGNORED = re.compile(f"[{_UNSEEN}]+")

# First words of Unicode character names that belong together: one Japanese, Korean or Chinese name uses several.
_EAST_ASIAN = {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"}

# Per Latin letter, the folded characters that pass for it in one of their cases. Where the cases of a letter differ,
# the one that is drawn exactly alike decides: eta is h for its capital, nu is n.
_PASS_FOR = {
    "a": "аαɑᴀꓮᎪ", "b": "вьβʙꓐᏴ", "c": "сϲᴄꓚᏟ", "d": "ԁᴅꓓᎠ", "e": "еεҽᴇꓰᎬ", "f": "ϝꜰꓝ", "g": "ɡցɢꓖᏀᏳ",
    "h": "һнηհʜꓧᎻ", "j": "јϳᴊꓙᎫ", "k": "кκᴋꓗᏦ", "l": "1i|іӏιıɩǀլɪʟꓡꓲᏞᎥ", "m": "мμᴍꓟᎷ", "n": "пνոɴꓠ",
    "o": "0оοσօᴏꓳ", "p": "рρᴘꓑᏢ", "q": "ԛզգ", "r": "гʀꓣᎡᏒ", "s": "ѕꜱꓢᏚᏕ", "t": "тτᴛꓔᎢ", "u": "սᴜꓴ",
    "v": "ѵᴠꓦᏙ", "w": "ԝѡωᴡꓪᎳᏔ", "x": "хχꓫ", "y": "уүγυʏꓬᎽ", "z": "ζᴢꓜᏃ",
}  # fmt: skip
_LOOKS = str.maketrans({char: latin for latin, chars in _PASS_FOR.items() for char in chars})


def visible(text: str) -> bool:
    """True if at least one character of `text` leaves ink."""
    return _SEEN.search(text) is not None


def scripts(text: str) -> set[str]:
    """The scripts of the letters in `text`, by their Unicode names: "LATIN", "CYRILLIC" and so on."""
    found = set()
    for char in text:
        if char.isalpha() or unicodedata.category(char) == "Mc":
            word = unicodedata.name(char, "UNKNOWN").split()[0]
            found.add("EAST ASIAN" if word in _EAST_ASIAN else word)
    return found


def fold(text: str) -> str:
    """`text` without differences of case, width and style (NFKC and case folding) and without what cannot be seen."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # Folding the Turkish capital leaves an i with a second dot above, drawn as one.
    return _IGNORED.sub("", folded).replace("i\u0307", "i")


def skeleton(folded: str) -> str:
    """Folded text with each letter replaced by the Latin letter it passes for: what looks alike becomes equal."""
    return folded.translate(_LOOKS).replace("rn", "m").replace("vv", "w")
