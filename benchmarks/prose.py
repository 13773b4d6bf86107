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


def sentences(chance: Random, words: int) -> str:
    """About so many words."""
    said: list[str] = []
    count = 0
    while count < words:
        parts = [
            " ".join(chance.choice(each.split("; ")) for each in (SUBJECTS, VERBS, OBJECTS, HOW))
            for _ in range(chance.randint(1, 2))
        ]
        sentence = f" {chance.choice(LINKS.split('; '))} ".join(parts)
        said.append(
            sentence[0].upper()
            + sentence[1:]
            + chance.choice(".!.?.")
            + f" ({chance.randrange(10**6):x})" * (count == 0)
        )
        count += len(sentence.split())
    return " ".join(said)
