"""Excel workbooks: a sheet for each category, or one flat sheet with a row a sample question."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from scenarios.parsing.archive import check_archive
from scenarios.parsing.errors import NotADocument
from scenarios.parsing.excel_values import shown
from scenarios.parsing.lines import Found, Line, typed
from scenarios.parsing.sources import Source
from scenarios.parsing.tables import Cell, Rows, columns_of
from scenarios.parsing.words import clean_name

_KIND = "an Excel workbook (.xlsx)"
_TITLE_ROWS = 10
"""A header stands within the first ten rows that are not empty."""


def refuse_macros(path: Path, document_id: str) -> Source:
    """Refuse a workbook with macros.

    Raises:
        NotADocument: always.
    """
    raise NotADocument(
        f"{path}: expected {_KIND}, workbooks with macros are not read; save it as .xlsx"
    )


def parse_excel(path: Path, document_id: str) -> Source:
    """The scenarios of an Excel workbook.

    Raises:
        NotADocument: the file is missing or no sound .xlsx.
    """
    check_archive(path, "xl/workbook.xml", _KIND)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of what it would lose in writing; nothing is written here.
            warnings.simplefilter("ignore")
            values = load_workbook(path, data_only=True)
            formulas = load_workbook(path)
    # openpyxl lets through whatever a damaged part makes its readers raise.
    except (
        *(InvalidFileException, BadZipFile, KeyError, ValueError, TypeError, AttributeError),
        *(IndexError, SyntaxError, OSError, ArithmeticError),
    ) as error:
        raise NotADocument(f"{path}: expected {_KIND}, it cannot be read: {error}") from None
    source = Source(document_id)
    for sheet in values.worksheets:
        _Sheet(source, sheet, formulas[sheet.title]).read()
    return source


@dataclass
class _Sheet:
    """One sheet of a workbook."""

    source: Source
    values: Worksheet
    formulas: Worksheet
    _rows: dict[int, list[int]] = field(default_factory=dict)
    """Row -> its columns with content, both from 1."""
    _merges: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """Merged cell -> the cell that holds the content."""

    @property
    def place(self) -> str:
        """The locator of the sheet itself."""
        # Only what would end the name or look quoted is quoted; Chinese names stay readable.
        name = re.sub(r"[%#&;=]", lambda match: quote(match[0]), self.values.title)
        return f"{self.source.document_id}#sheet={name}"

    def read(self) -> None:
        """Read the sheet into the source, or say why it is skipped."""
        if self.values.sheet_state != "visible":
            self.source.warnings.append(f"{self.place}: the sheet is hidden; skipped")
            return
        self._survey()
        numbers = sorted(self._rows)
        if not numbers:
            return
        header = next((n for n in numbers[:_TITLE_ROWS] if columns_of(self._row(n))), None)
        if header is None:
            self.source.warnings.append(
                f"{self.place}: no header names subcategories and what belongs to them; skipped"
            )
            return
        columns = columns_of(self._row(header))
        rows = Rows(self.source, columns)
        if "category" not in columns:
            rows.open_category(Found(clean_name(self.values.title), self.place))
        for number in numbers[numbers.index(header) + 1 :]:
            row = self._row(number)
            if not columns_of(row):
                rows.read(row)
        rows.close()

    def _survey(self) -> None:
        """Find cells with content; the sheet's own dimensions may span millions of empty ones."""
        for row, column in _filled(self.formulas):
            self._rows.setdefault(row, []).append(column)
        for merged in self.formulas.merged_cells.ranges:
            origin = (merged.min_row, merged.min_col)
            if self.formulas.cell(*origin).value is None:
                continue
            for row in range(merged.min_row, merged.max_row + 1):
                for column in range(merged.min_col, merged.max_col + 1):
                    self._merges[row, column] = origin
                    self._rows.setdefault(row, []).append(column)

    def _row(self, number: int) -> list[Cell]:
        return [self._cell(number, n) for n in range(1, max(self._rows[number]) + 1)]

    def _cell(self, row: int, column: int) -> Cell:
        row, column = self._merges.get((row, column), (row, column))
        name = f"{get_column_letter(column)}{row}"
        place = f"{self.place}&cell={name}"
        # A cell that is not there must not be made: `cell()` would.
        if (row, column) not in _cells(self.values):
            return Cell((), name)
        text = shown(self.values.cell(row, column))
        if not text and self.formulas.cell(row, column).data_type == "f":
            self._warn_once(f"{place}: the formula has no stored value; open and save the workbook")
        return Cell(tuple(_lines(text, place)), name)

    def _warn_once(self, warning: str) -> None:
        if warning not in self.source.warnings:
            self.source.warnings.append(warning)


def _cells(sheet: Worksheet) -> dict[tuple[int, int], Any]:
    # openpyxl has no public way to the filled cells alone; `iter_rows` makes every empty one.
    return sheet._cells


def _filled(sheet: Worksheet) -> Iterator[tuple[int, int]]:
    return (place for place, cell in sorted(_cells(sheet).items()) if cell.value is not None)


def _lines(text: str, place: str) -> list[Line]:
    """The lines of a cell; one without a number belongs to the numbered one above it."""
    parts = re.split(r"\r\n|\r|\n", text)
    lines: list[Line] = []
    for n, part in enumerate(parts, 1):
        if part.strip():
            follows = bool(lines) and (lines[-1].kind == "number" or lines[-1].attached)
            locator = f"{place}&line={n}" if len(parts) > 1 else place
            lines.append(typed(part, locator, attached=follows))
    return lines
