"""Tables whose rows name scenarios: which column holds what, and which rows belong together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from scenarios.parsing.details import Details
from scenarios.parsing.lines import Found, Line, join_locators
from scenarios.parsing.sources import FoundScenario, Source
from scenarios.parsing.words import clean_name, header_of

POSITIONS = {"category": 0, "subcategory": 1, "detail": 2}
"""Columns of a three-column table that has no header."""

_BROKEN = re.compile(r"(?<=[\u4e00-\u9fff])\s*\n\s*(?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Cell:
    """A cell and the place where its text really stands (merged cells share one)."""

    lines: tuple[Line, ...] = ()
    origin: str = ""

    @property
    def text(self) -> str:
        """The cell's text on one line; no space comes between Chinese characters."""
        text = "\n".join(line.text for line in self.lines)
        return " ".join(_BROKEN.sub("", text).split())

    @property
    def found(self) -> Found:
        """The cell's name, without its number, and its place."""
        locators = [line.locator for line in self.lines]
        return Found(clean_name(self.text), join_locators(locators))


Row = Sequence[Cell]
"""Cells by column; a cell that spans columns stands in each of them."""


def columns_of(row: Row) -> dict[str, int]:
    """Role -> column of a header row; empty for a row that is no header."""
    found: dict[str, int] = {}
    for n, cell in enumerate(row):
        role = header_of(cell.text)
        if role and role not in found and (n == 0 or cell.origin != row[n - 1].origin):
            found[role] = n
    return found if "subcategory" in found and len(found) > 1 else {}


def titled(row: Row) -> str:
    """The text of a row that has a single cell across all columns, else an empty string."""
    across = len(row) > 1 and len({cell.origin for cell in row}) == 1
    return row[0].text if across else ""


@dataclass
class _Group:
    """The rows of one scenario."""

    category: Found
    name: Found
    origin: str
    lines: dict[str, list[Line]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def add(self, row: Row, columns: dict[str, int]) -> None:
        """Take a row's cells; a cell merged over several rows counts once."""
        for role, n in columns.items():
            if role in ("category", "subcategory") or n >= len(row) or row[n].origin in self.seen:
                continue
            self.seen.add(row[n].origin)
            self.lines.setdefault(role, []).extend(row[n].lines)


@dataclass
class Rows:
    """Collects scenarios row by row; categories carry down, from table to table, too."""

    source: Source
    columns: dict[str, int] = field(default_factory=dict)
    category: Found | None = None
    _group: _Group | None = None

    def read(self, row: Row) -> None:
        """Take the next row below a header."""
        category = self._cell(row, "category")
        name = self._cell(row, "subcategory")
        if (title := titled(row)) and title:
            self._open_category(row[0].found)
            return
        if category and category.text:
            self._change_category(category)
        if name and name.text and (not self._group or self._group.origin != name.origin):
            self._open_group(name)
        self._add(row)

    def close(self) -> None:
        """Finish the scenario that is open."""
        if self._group:
            self.source.scenarios.append(self._scenario(self._group))
        self._group = None

    def open_category(self, category: Found) -> None:
        """Rows from here on belong to this category unless they name another."""
        self._open_category(category)

    def _cell(self, row: Row, role: str) -> Cell | None:
        n = self.columns.get(role)
        return row[n] if n is not None and n < len(row) else None

    def _open_category(self, category: Found) -> None:
        self.close()
        self.category = category

    def _change_category(self, cell: Cell) -> None:
        found = cell.found
        if self.category is None or self.category.text != found.text:
            self._open_category(found)

    def _open_group(self, name: Cell) -> None:
        self.close()
        found = name.found
        if self.category is None:
            self.source.warnings.append(
                f"{found.locator}: {found.text!r} stands below no category; skipped"
            )
            return
        self._group = _Group(self.category, found, name.origin)

    def _add(self, row: Row) -> None:
        if self._group:
            self._group.add(row, self.columns)
            return
        texts = [row[n] for role, n in self.columns.items() if role not in POSITIONS or n == 2]
        if lost := next((cell for cell in texts if cell.text), None):
            place = lost.lines[0].locator
            self.source.warnings.append(f"{place}: the row names no subcategory; skipped")

    def _scenario(self, group: _Group) -> FoundScenario:
        details = Details(FoundScenario(group.category, group.name), self.source.document_id)
        for role, lines in group.lines.items():
            read_column(details, role, lines)
        self.source.warnings += details.warnings
        return details.finish()


def read_column(details: Details, role: str, lines: list[Line]) -> None:
    """Read the cells of one column: a header such as 常见问法 says what all of them are."""
    if role == "detail":
        details.read(lines)
    else:
        details.read(lines, role, labels=role == "steps")
