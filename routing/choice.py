"""Which of the options offered a reply chooses: by number, by name, or by id."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from scenarios.catalogue import Catalogue
from scenarios.terms import fold

_NUMBERS = {
    "一": 1,
    "二": 2,
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
}
_NUMBER = re.compile(
    r"^(?:第|选|我选|是|option|number|no\.?|the|#)?\s*"
    r"([1-9]|[一二三四]|one|two|three|four|first|second|third|fourth)"
    r"\s*(?:个|项|种|号|one|option|st|nd|rd|th|please|吧|的)*\s*[.。)）]?$"
)
NAME_MATCH = 85
"""Similarity (0 to 100) from which a reply counts as an option's name."""


def chosen_option(reply: str, options: Sequence[str], catalogue: Catalogue) -> str | None:
    """The id among `options` that `reply` names, or None when it says something else."""
    folded = fold(reply).strip()
    number = _NUMBER.match(folded)
    if number:
        n = _NUMBERS.get(number[1]) or int(number[1])
        return options[n - 1] if n <= len(options) else None
    for option in options:
        scenario = catalogue.find(option)
        names = scenario[1].name.each() if scenario else []
        if any(fuzz.ratio(folded, fold(name)) >= NAME_MATCH for name in (option, *names)):
            return option
    return None
