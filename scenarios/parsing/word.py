"""Word documents: tables of scenarios, or headings with numbered steps below."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml.etree import XMLSyntaxError

from scenarios.parsing.archive import check_archive
from scenarios.parsing.errors import NotADocument
from scenarios.parsing.lines import Found, Line, join_locators, typed
from scenarios.parsing.outline import file_category, named, read_outline
from scenarios.parsing.sources import Source
from scenarios.parsing.tables import POSITIONS, Cell, Row, Rows, columns_of, titled
from scenarios.parsing.word_styles import Styles
from scenarios.parsing.words import labelled, slot_column_of

Element = Any
"""An lxml element; lxml ships no types for the classes python-docx makes of them."""

_KIND = "a Word document (.docx)"


def parse_word(path: Path, document_id: str) -> Source:
    """The scenarios of a Word document.

    Raises:
        NotADocument: the file is missing or no sound .docx.
    """
    check_archive(path, "word/document.xml", _KIND)
    try:
        document = Document(str(path))
        body, styles = document.element.body, Styles.of(document)
    # What python-docx lets through for a package whose parts or relations are not as they should.
    except (OpcError, XMLSyntaxError, BadZipFile, KeyError, ValueError, AttributeError) as error:
        raise NotADocument(f"{path}: expected {_KIND}, it cannot be read: {error}") from None
    reader = _Reader(Source(document_id), styles)
    reader.read(body)
    return reader.source


_CLEAR = {
    *("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "fldSimple"),
    *("AlternateContent", "Choice", "dir", "bdo"),
}
"""Elements that only wrap what they hold."""
_GONE = {"del", "moveFrom", "delText", "instrText", "Fallback", "pPr", "rPr", "rt", "txbxContent"}
"""Elements whose text is deleted, hidden, said twice or no part of the line."""
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def _tag(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: Element, *names: str) -> Iterator[Element]:
    """Children of these names, also inside content controls and tracked insertions."""
    for child in element:
        tag = _tag(child)
        if tag in names:
            yield child
        elif tag in _CLEAR:
            yield from _children(child, *names)


def _value(element: Element, path: str, default: str = "") -> str:
    """The w:val of a property at `path`; an empty one means on."""
    found = element.find("/".join(qn(f"w:{name}") for name in path.split("/")))
    return default if found is None else found.get(qn("w:val"), "on")


@dataclass(frozen=True)
class _Piece:
    text: str
    bold: bool


def _pieces(element: Element) -> Iterator[_Piece]:
    """The visible text of a paragraph with its bold type; a line break is a piece of its own."""
    for child in element:
        tag = _tag(child)
        if tag in _GONE:
            continue
        if tag == "t":
            yield _Piece(child.text or "", _is_bold(element))
        elif tag == "br" and child.get(qn("w:type")) in ("page", "column"):
            continue
        elif tag in _CHARACTERS:
            yield _Piece(_CHARACTERS[tag], _is_bold(element))
        else:
            yield from _pieces(child)


def _is_bold(run: Element) -> bool:
    return _value(run, "rPr/b", "off") not in ("off", "0", "false")


def _paragraphs(element: Element) -> Iterator[Element]:
    """Paragraphs below an element, in order; those of text boxes follow the one that holds them."""
    for child in element:
        tag = _tag(child)
        if tag in ("Fallback", "del", "moveFrom"):
            continue
        if tag == "p":
            yield child
        yield from _paragraphs(child)


def _goes_on(paragraph: Element) -> bool:
    """True when the mark at a paragraph's end is deleted: it is one with the next."""
    return paragraph.find("/".join(map(qn, ("w:pPr", "w:rPr", "w:del")))) is not None


@dataclass
class _Lines:
    """Reads paragraphs into lines."""

    styles: Styles
    carried: tuple[list[_Piece], list[str]] = field(default_factory=lambda: ([], []))
    """Pieces and places of paragraphs that go on in the next one."""

    def of(self, paragraph: Element, locator: str) -> list[Line]:
        """The lines of a paragraph: one, or more where line breaks part it."""
        pieces, places = self.carried
        pieces, places = [*pieces, *_pieces(paragraph)], [*places, locator]
        self.carried = ([], [])
        if _goes_on(paragraph):
            self.carried = (pieces, places)
            return []
        parts = _broken(pieces)
        shown = [n for n, part in enumerate(parts, 1) if "".join(p.text for p in part).strip()]
        lines: list[Line] = []
        for n in shown:
            place = join_locators(places) + (f"&line={n}" if len(parts) > 1 else "")
            lines.append(self._line(paragraph, parts[n - 1], place, lines))
        return lines

    def _line(self, paragraph: Element, part: list[_Piece], place: str, before: list[Line]) -> Line:
        text = "".join(piece.text for piece in part)
        strong = all(piece.bold for piece in part if piece.text.strip())
        heading = self.styles.heading(paragraph)
        if heading:
            bare = text.strip()
            return Line(bare, place, bare, "heading", heading, raw=bare)
        hangs_on = bool(before) and (before[-1].is_item or before[-1].attached)
        attached = hangs_on or not before and self.styles.is_indented(paragraph)
        line = typed(text, place, strong=strong, attached=attached)
        item = None if before else self.styles.item(paragraph)
        if item:
            kind, level = item
            line = replace(
                line, kind=kind, level=level, style=f"list-{kind}", number="", attached=False
            )
        return replace(line, lead=_lead(part, line.body)) if not strong else line


def _broken(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces parted at line breaks."""
    parts: list[list[_Piece]] = [[]]
    for piece in pieces:
        first, *others = piece.text.split("\n")
        parts[-1].append(_Piece(first, piece.bold))
        parts += [[_Piece(other, piece.bold)] for other in others]
    return parts


def _lead(part: list[_Piece], body: str) -> str:
    """What is bold at the beginning of a line's body."""
    marks = "".join(("b" if piece.bold else " ") * len(piece.text) for piece in part)
    text = "".join(piece.text for piece in part)
    start = text.rfind(body)
    end = start
    while start >= 0 and end < len(marks) and marks[end] == "b":
        end += 1
    return text[start:end].strip() if start >= 0 else ""


@dataclass
class _Reader:
    """Reads a document's body in order."""

    source: Source
    styles: Styles
    lines: list[Line] = field(default_factory=list)
    """What stands outside tables of scenarios."""
    title: Found | None = None
    _rows: Rows | None = None
    _paragraph: int = 0
    _table: int = 0
    _directly: bool = False
    """True when nothing stands between here and the last table of scenarios."""

    def read(self, body: Element) -> None:
        """Read all blocks, then finish what is open."""
        reader = _Lines(self.styles)
        for block in _children(body, "p", "tbl"):
            if _tag(block) == "p":
                self._read_paragraph(block, reader)
            else:
                self._read_table(block)
        if self._rows:
            self._rows.close()
        else:
            read_outline(self.lines, self.source, self.title)

    def _read_paragraph(self, block: Element, reader: _Lines) -> None:
        for paragraph in (block, *_paragraphs(block)):
            self._paragraph += 1
            place = f"{self.source.document_id}#paragraph={self._paragraph}"
            lines = reader.of(paragraph, place)
            if lines and self.styles.is_title(paragraph):
                self.title = named(lines[0])
            else:
                self.lines += lines
            self._directly = self._directly and not lines

    def _read_table(self, table: Element) -> None:
        self._table += 1
        rows = _Grid(self.source.document_id, self._table, self.styles).rows(table)
        columns = next(filter(None, (columns_of(row) for row in rows)), {})
        if not columns and not self._continues(rows):
            self._read_other_table(rows)
            return
        self._rows = self._rows or Rows(self.source)
        self._rows.columns = columns or self._rows.columns or POSITIONS
        self._name_category(columns)
        heads = [n for n, row in enumerate(rows) if columns_of(row)]
        first = heads[0] + 1 if heads else 0
        for n, row in enumerate(rows[first:], first):
            if found := columns_of(row):
                self._rows.columns = found
            elif n > 0 or not titled(row):
                self._rows.read(row)
        self._directly = True

    def _name_category(self, columns: dict[str, int]) -> None:
        """A table without a column of categories belongs to the heading above it."""
        if not self._rows or not columns or "category" in columns:
            return
        above = next((line for line in reversed(self.lines) if line.kind == "heading"), None)
        self._rows.open_category(
            named(above) if above else self.title or file_category(self.source)
        )

    def _continues(self, rows: list[Row]) -> bool:
        """True for a table without a header whose rows name scenarios all the same."""
        width = max((len(row) for row in rows), default=0)
        expected = max(self._rows.columns.values()) + 1 if self._rows else len(POSITIONS)
        if self._rows and self._directly and width >= expected:
            return True
        told = sum(1 for row in rows if len(row) == len(POSITIONS) and _tells(row[2]))
        return width == len(POSITIONS) and told * 2 >= len(rows) > 0

    def _read_other_table(self, rows: list[Row]) -> None:
        if not any(line.kind == "heading" for line in self.lines):
            self.source.warnings.append(
                f"{self.source.document_id}#table={self._table}: no header names categories and "
                "subcategories; the table is not read"
            )
            return
        self.lines += _row_lines([[cell.lines for cell in row] for row in rows])


_MUCH = 25
"""Characters from which a cell without labels or bullets tells about a scenario."""


def _tells(cell: Cell) -> bool:
    return (
        len(cell.lines) > 1
        or len(cell.text) >= _MUCH
        or any(line.is_item or labelled(line.body) for line in cell.lines)
    )


def _row_lines(rows: list[list[tuple[Line, ...]]]) -> list[Line]:
    """Rows of a table that is no table of scenarios, one line each; a single column is text."""
    if rows and all(len(row) == 1 for row in rows):
        return [line for row in rows for line in row[0]]
    found: list[Line] = []
    for row in rows:
        lines = [line for cell in row for line in cell]
        if not lines:
            continue
        cells = tuple("\n".join(line.text for line in cell) for cell in row)
        text = "\t".join(cells).strip()
        names_slots = sum(slot_column_of(cell) is not None for cell in cells) > 1
        kind = "columns" if names_slots else "row"
        place = join_locators(line.locator for line in lines)
        found.append(
            Line(
                text, place, text, "columns" if kind == "columns" else "row", raw=text, cells=cells
            )
        )
    return found


@dataclass
class _Grid:
    """The rows of a table with merged cells filled in."""

    document_id: str
    table: int
    styles: Styles

    def rows(self, table: Element) -> list[Row]:
        """Every row that is not deleted."""
        found: list[Row] = []
        above: list[Cell] = []
        for number, row in enumerate(_children(table, "tr"), 1):
            if row.find("/".join(map(qn, ("w:trPr", "w:del")))) is not None:
                continue
            above = self._row(row, number, above)
            found.append(above)
        return found

    def _row(self, row: Element, number: int, above: list[Cell]) -> list[Cell]:
        skipped = _value(row, "trPr/gridBefore", "0")
        cells = [Cell() for _ in range(int(skipped) if skipped.isdigit() else 0)]
        for n, cell in enumerate(_children(row, "tc"), 1):
            if cell.find("/".join(map(qn, ("w:tcPr", "w:cellDel")))) is not None:
                continue
            span = _value(cell, "tcPr/gridSpan", "1")
            merge = _value(cell, "tcPr/vMerge", "restart")
            if _value(cell, "tcPr/hMerge", "restart") != "restart" and cells:
                content = cells[-1]
            elif merge != "restart" and len(cells) < len(above):
                content = above[len(cells)]
            else:
                content = self._cell(cell, f"table={self.table}&row={number}&cell={n}")
            cells += [content] * max(1, int(span) if span.isdigit() else 1)
        return cells

    def _cell(self, cell: Element, place: str) -> Cell:
        numbers = {paragraph: n for n, paragraph in enumerate(_paragraphs(cell), 1)}
        lines = self._blocks(cell, f"{self.document_id}#{place}&paragraph=", numbers)
        return Cell(tuple(lines), place)

    def _blocks(self, parent: Element, place: str, numbers: dict[Element, int]) -> list[Line]:
        reader = _Lines(self.styles)
        lines: list[Line] = []
        for block in _children(parent, "p", "tbl"):
            if _tag(block) == "tbl":
                lines += _row_lines(
                    [
                        [tuple(self._blocks(cell, place, numbers)) for cell in _children(row, "tc")]
                        for row in _children(block, "tr")
                    ]
                )
                continue
            for paragraph in (block, *_paragraphs(block)):
                found = reader.of(paragraph, f"{place}{numbers[paragraph]}")
                lines += [_unheaded(line) for line in found]
        return lines


def _unheaded(line: Line) -> Line:
    """A heading inside a cell is a label or a name, never a heading of the document."""
    if line.kind != "heading":
        return line
    return replace(typed(line.text, line.locator), strong=True)
