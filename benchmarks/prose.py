"""Invented sentences, the same for the same chance."""

from random import Random

SUBJECTS = (
    "the river; a lock keeper; our council; the mill; rain; the upper town; a heron; the levy; my uncle; the weir"
)
VERBS = "mends; forgets; carries; costs; outlasts; explains; hides; returns; doubles; softens; measures; owes; repeats"
OBJECTS = (
    "the winter; a promise; forty letters; the quiet; what was agreed; its own weight; the morning shift; a narrow "
    "street; the price of salt; every second house; nothing at all; the better half of June; a door; the far bank"
)
LINKS = "and so; although; because; long before; whenever; unless; which is why; as if; just as"
HOW = "slowly; at a loss; twice a year; in spite of itself; without a word; by night; as ever; in good faith; for once"
_PARTS = [each.split("; ") for each in (SUBJECTS, VERBS, OBJECTS, HOW)]
_LINKS = LINKS.split("; ")


def sentences(chance: Random, words: int) -> str:
    """At least so many words, and up to a sentence more."""
    said: list[str] = []
    count = 0
    while count < words:
        clauses = [" ".join(chance.choice(part) for part in _PARTS) for _ in range(chance.randint(1, 2))]
        sentence = f" {chance.choice(_LINKS)} ".join(clauses)
        said.append(sentence[0].upper() + sentence[1:] + chance.choice(".!.?."))
        count += len(sentence.split())
    return " ".join(said)


def bodies(chance: Random, count: int) -> list[str]:
    """So many replies' words, in the Markdown they are typed in: most of them short, a few long, some with markup."""
    made = []
    for number in range(count):
        words = sentences(chance, int(min(400, 12 + chance.paretovariate(1.3) * 12)))
        kind = chance.random()
        if kind < 0.08:
            words = f"> {sentences(chance, 10)}\n\n{words}"
        elif kind < 0.14:
            words += f" See [what was said](https://example.org/said/{number})."
        elif kind < 0.2:
            words += f" **{sentences(chance, 4)}**"
        elif kind < 0.23:
            words += "\n\n" + "\n".join(f"- {sentences(chance, 5)}" for _ in range(3))
        made.append(f"{words} ({number:x})")
    return made
