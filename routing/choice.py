"""Which of the options offered a reply chooses: by number, by name, or by id."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from scenarios.catalogue import Catalogue
from scenarios.terms import fold

MAX_REPLY = 80
"""Characters of a reply that can be a choice."""

_NUMBERS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "last": -1,
    "最后一": -1,
}
_NUMBER = re.compile(
    r"^(?:我?想?(?:选|要|问|是|就是)*的?是?第?|(?:i (?:mean|choose|want|pick) )?"
    r"(?:the |option |number |no\.? ?|#)?)\s*"
    r"([1-9]|[一二两三四]|最后一|one|two|three|four|first|second|third|fourth|last)"
    r"(?:\ufe0f?\u20e3)?\s*(?:个|项|种|号|条|吧|的|one|option|st|nd|rd|th|please|pls|thanks"
    r"|thank you|谢谢|谢了|哈|[,，.。!！)）]|\s)*$"
)
NAME_MATCH = 85
"""Similarity (0 to 100) from which a reply counts as an option's name."""
MIN_PART = 3
"""Letters or Han characters that a part of a name must have to stand for it."""


def chosen_option(reply: str, options: Sequence[str], catalogue: Catalogue) -> str | None:
    """The id among `options` that `reply` names, or None when it says something else."""
    folded = fold(reply[:MAX_REPLY]).strip()
    number = _NUMBER.match(folded)
    if number:
        n = _NUMBERS.get(number[1]) or int(number[1])
        return options[n - 1 if n > 0 else n] if options and n <= len(options) else None
    names = {
        option: [fold(name) for name in (option, *catalogue[option].name.each())]
        for option in options
    }
    for option, known in names.items():
        if any(fuzz.ratio(folded, name) >= NAME_MATCH for name in known):
            return option
    parts = [
        option
        for option, known in names.items()
        if len(folded) >= MIN_PART and any(folded in name for name in known)
    ]
    return parts[0] if len(parts) == 1 else None
