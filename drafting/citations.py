"""Citation marks in streamed text: read, checked against the passages offered, and removed."""

from __future__ import annotations

import re

_MARK = re.compile(r"\s?[\[【［]\^?(\d{1,3}(?:\s*[,，、–-]\s*\d{1,3})*)[\]】］]")
_OPENING = re.compile(r"\s?[\[【［][\d\s,，、^–-]{0,24}$|\s$")
"""A text's end that may turn out to be the beginning of a mark."""


class CitationReader:
    """Takes text as it comes and gives back what a customer may see.

    Marks of passages that were offered are noted in `cited`; every mark leaves the text.

    >>> reader = CitationReader(offered=2)
    >>> reader.feed("Wait 2 hours [1") + reader.feed("]. Then ask [7].") + reader.close()
    'Wait 2 hours. Then ask.'
    >>> reader.cited
    [1]
    """

    def __init__(self, offered: int) -> None:
        self.cited: list[int] = []
        self.unknown: list[int] = []
        """Cited numbers that no offered passage has."""
        self._offered = offered
        self._held = ""

    def feed(self, text: str) -> str:
        """The part of the text so far that is certain."""
        text = _MARK.sub(self._note, self._held + text)
        opening = _OPENING.search(text)
        cut = opening.start() if opening else len(text)
        self._held = text[cut:]
        return text[:cut]

    def close(self) -> str:
        """What was held back; it was no mark after all."""
        rest, self._held = self._held, ""
        return rest

    def _note(self, mark: re.Match[str]) -> str:
        for digits in re.findall(r"\d+", mark[1]):
            number = int(digits)
            known = self.cited if 1 <= number <= self._offered else self.unknown
            if number not in known:
                known.append(number)
        return ""
