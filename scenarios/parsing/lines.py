"""A line of a document: what stands there, how it is marked, and where."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["plain", "bullet", "number", "heading", "columns", "row"]


@dataclass(frozen=True)
class Line:
    """One line or paragraph, in the order a reader meets it."""

    text: str
    """As it stands, with a bullet or number that was typed by hand."""
    locator: str
    body: str
    """The text without bullet or number."""
    kind: Kind = "plain"
    level: int = 0
    """Depth of a list item, indentation of a typed one, rank of a heading (1 = highest)."""
    style: str = ""
    """What the number or bullet looks like: a new look at the same indentation is a level down."""
    number: str = ""
    """A typed number such as `3` or `3.1`."""
    raw: str = ""
    """The body as it stands in the file, inline markup and all."""
    strong: bool = False
    """True for a line that is bold from end to end."""
    lead: str = ""
    """What is bold at the head of the body, where `raw` does not show it."""
    attached: bool = False
    """True for a plain line that belongs to the list item before it."""
    cells: tuple[str, ...] = ()
    """The cells of a table's row; a table's first row has the kind `columns`."""

    @property
    def is_item(self) -> bool:
        """True for a list item."""
        return self.kind in ("bullet", "number")


_BULLET = re.compile(r"^(?:[•·●○◦▪■□◆◇▶►‣⁃✓∙‧]\s*|[-–*+]\s+|[-*](?=[^\s\d*.-]))")
_NUMBERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # `1.5 倍流水` counts something: that is no number of an item.
    (
        "1.1",
        re.compile(
            r"^(\d{1,2}(?:\.\d{1,2})+)(?!\s*(?:[倍元折万千亿个小分天秒%％x]|usdt))"
            r"(?:[.．、)）:：](?!\d)\s*|\s+|(?=[^\d\s.,]))",
            re.IGNORECASE,
        ),
    ),
    ("1.", re.compile(r"^(\d{1,2})\s*[.．、](?!\d)\s*")),
    ("1)", re.compile(r"^(\d{1,2})\s*[)）]\s*")),
    ("1:", re.compile(r"^(\d{1,2})\s*[:：](?!\d)\s*")),
    ("(1)", re.compile(r"^[（(]\s*(\d{1,2})\s*[)）]\s*")),
    ("①", re.compile(r"^([①-⑳])\s*")),
    ("（一）", re.compile(r"^[（(]([一二三四五六七八九十]{1,3})[)）]\s*")),
    ("一、", re.compile(r"^([一二三四五六七八九十]{1,3})、\s*")),
    ("step", re.compile(r"^(?:step|步骤)\s*(\d{1,2})\s*[.．、:：)）]\s*", re.IGNORECASE)),
    ("第一步", re.compile(r"^第([一二三四五六七八九十\d]{1,3})步\s*[.．、:：，,]\s*")),
    ("a.", re.compile(r"^([a-zA-Z])[.)）]\s+")),
    ("(a)", re.compile(r"^[（(]([a-zA-Z])[)）]\s*")),
)


def typed(
    text: str,
    locator: str,
    *,
    level: int | None = None,
    raw: str | None = None,
    strong: bool = False,
    attached: bool = False,
) -> Line:
    """A line whose bullet or number, if it has one, was typed by hand."""
    stripped = text.strip()
    indent = _indentation(text) if level is None else level
    for style, shape in _NUMBERS:
        if (match := shape.match(stripped)) and match.end() < len(stripped):
            body, number = stripped[match.end() :], match[1]
            whole = raw or body
            return Line(
                stripped, locator, body, "number", indent, style, number, whole, strong=strong
            )
    if (match := _BULLET.match(stripped)) and match.end() < len(stripped):
        body, look = stripped[match.end() :], stripped[0]
        return Line(stripped, locator, body, "bullet", indent, look, raw=raw or body, strong=strong)
    return Line(
        stripped,
        locator,
        stripped,
        level=indent,
        raw=raw or stripped,
        strong=strong,
        attached=attached,
    )


def _indentation(text: str) -> int:
    """How far a line is set in, in columns; a tab counts four, a wide space two."""
    widths = {" ": 1, "\t": 4, "\u3000": 2, "\u00a0": 1}
    lead = text[: len(text) - len(text.lstrip())]
    return sum(widths.get(character, 0) for character in lead)


@dataclass(frozen=True)
class Found:
    """A text and where it stands."""

    text: str
    locator: str


def together(lines: Sequence[Line], separator: str = "\n") -> Found:
    """Several lines as one text with one locator."""
    texts = [line.text if line.kind != "heading" else line.body for line in lines]
    return Found(separator.join(texts), join_locators(line.locator for line in lines))


_COUNTED = re.compile(r"^(?P<place>.*?)(?P<number>\d+)$")


def join_locators(locators: Iterable[str]) -> str:
    """One locator for places of one document; neighbours become a range.

    >>> join_locators(["a.md#L3", "a.md#L4", "a.md#L9"])
    'a.md#L3-L4;L9'
    """
    document, places = "", list[str]()
    for locator in locators:
        document, _, place = locator.rpartition("#")
        if place not in places:
            places.append(place)
    return f"{document}#{';'.join(_ranges(places))}"


def _ranges(places: list[str]) -> list[str]:
    runs: list[tuple[str, int, int]] = []
    for place in places:
        match = _COUNTED.match(place)
        if match is None:
            return places
        prefix, number = match["place"], int(match["number"])
        if runs and runs[-1][0] == prefix and runs[-1][2] + 1 == number:
            runs[-1] = (prefix, runs[-1][1], number)
        else:
            runs.append((prefix, number, number))
    # Word and Excel places end in `paragraph=3-5` or `line=1-2`, Markdown ones in `L3-L5`.
    return [
        f"{prefix}{first}" + (f"-{'L' if prefix == 'L' else ''}{last}" if last > first else "")
        for prefix, first, last in runs
    ]
