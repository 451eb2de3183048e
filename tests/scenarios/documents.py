"""Builders of test documents, and the way back from a locator to the text it points at."""

import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.table import Table, _Cell
from openpyxl import Workbook, load_workbook

from scenarios.catalogue import Catalogue, Category, Subcategory, Text

HEADER = ("类别", "子类", "详细说明")


# Word


def write_cell(cell: _Cell, content: str | Sequence[str | tuple[str, str]]) -> None:
    """Fill a cell: a paragraph for each entry; a pair is style and text."""
    entries = [content] if isinstance(content, str) else list(content)
    for n, entry in enumerate(entries):
        style, text = entry if isinstance(entry, tuple) else (None, entry)
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        paragraph.text = text
        if style:
            paragraph.style = style


def add_table(
    document: WordDocument,
    rows: Sequence[Sequence[str | Sequence[str | tuple[str, str]]]],
    header: Sequence[str] | None = HEADER,
) -> Table:
    """A table of scenarios."""
    shown = [header, *rows] if header else list(rows)
    table: Table = document.add_table(rows=len(shown), cols=len(shown[0]))
    for row, contents in zip(table.rows, shown, strict=True):
        for cell, content in zip(row.cells, contents, strict=True):
            write_cell(cell, content)
    return table


def word_file(
    path: Path,
    rows: Sequence[Sequence[str | Sequence[str | tuple[str, str]]]],
    header: Sequence[str] | None = HEADER,
) -> Path:
    """A Word document with one table of scenarios."""
    document = Document()
    add_table(document, rows, header)
    document.save(str(path))
    return path


def one_detail(path: Path, detail: Sequence[str | tuple[str, str]]) -> Path:
    """A Word document with one scenario whose detail cell holds these paragraphs."""
    return word_file(path, [("取款/提现", "提现状态查询", detail)])


def word_xml(markup: str) -> Any:
    """An element in Word's namespace, to put into a document by hand."""
    return parse_xml(re.sub(r"^<[\w:]+", lambda tag: f"{tag[0]} {nsdecls('w')}", markup))


# Excel


def excel_file(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    """A workbook with these sheets, each a list of rows."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


# From a locator back to the text


def resolve(locator: str, documents_root: Path) -> str:
    """The text a locator points at; several places are joined by line breaks."""
    document, found, fragment = locator.rpartition("#")
    if not found:
        return locator
    path = documents_root / document
    resolver = {
        ".docx": _resolve_word,
        ".xlsx": _resolve_excel,
        ".md": _resolve_markdown,
        ".json": _resolve_json,
    }[path.suffix]
    places = fragment.split(";") if path.suffix != ".json" else [fragment]
    return "\n".join(resolver(path, place) for place in places)


def _keys(place: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in place.split("&"))


def _span(numbers: str) -> range:
    first, _, last = numbers.replace("L", "").partition("-")
    return range(int(first), int(last or first) + 1)


def _resolve_word(path: Path, place: str) -> str:
    keys = _keys(place)
    body = _body(path, path.stat().st_mtime_ns)
    if "table" in keys:
        table = [t for t in body.iter(qn("w:tbl")) if not _within(t, "w:tbl")][
            int(keys["table"]) - 1
        ]
        row = _below(table, "tr")[int(keys["row"]) - 1]
        home = _below(row, "tc")[int(keys["cell"]) - 1]
        paragraphs = list(home.iter(qn("w:p")))
    else:
        paragraphs = [p for p in body.iter(qn("w:p")) if not _within(p, "w:tbl")]
    shown = "".join(_paragraph_text(paragraphs[n - 1]) for n in _span(keys["paragraph"]))
    if "paragraph" in keys and "line" not in keys:
        return "\n".join(_paragraph_text(paragraphs[n - 1]) for n in _span(keys["paragraph"]))
    return "\n".join(shown.split("\n")[n - 1] for n in _span(keys["line"]))


@lru_cache(maxsize=4)
def _body(path: Path, changed: int) -> Any:
    return Document(str(path)).element.body


@lru_cache(maxsize=4)
def _workbook(path: Path, changed: int) -> Workbook:
    return load_workbook(path)


def _within(element: Any, *names: str) -> bool:
    return next(element.iterancestors(*map(qn, names)), None) is not None


def _below(element: Any, name: str) -> list[Any]:
    """Rows of a table or cells of a row, in content controls, too, but not in nested tables."""
    found: list[Any] = []
    for child in element:
        if child.tag == qn(f"w:{name}"):
            found.append(child)
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins")):
            found += _below(child, name)
    return found


def _paragraph_text(paragraph: Any) -> str:
    texts = {qn("w:tab"): "\t", qn("w:br"): "\n"}
    return "".join(
        texts.get(element.tag) or element.text or ""
        for element in paragraph.iter(qn("w:t"), qn("w:tab"), qn("w:br"))
        if not _within(element, "w:del", "w:moveFrom", "w:pPr")
    )


def _resolve_excel(path: Path, place: str) -> str:
    keys = _keys(place)
    sheet = _workbook(path, path.stat().st_mtime_ns)[unquote(keys["sheet"])]
    if "cell" not in keys:
        return str(sheet.title)
    text = str(sheet[keys["cell"]].value)
    if "line" not in keys:
        return text
    return "\n".join(text.split("\n")[n - 1] for n in _span(keys["line"]))


def _resolve_markdown(path: Path, place: str) -> str:
    lines = path.read_text(encoding="utf-8").split("\n")
    return "\n".join(lines[n - 1] for n in _span(place))


def _resolve_json(path: Path, pointer: str) -> str:
    node, token = json.loads(path.read_text(encoding="utf-8")), ""
    for step in pointer.split("/")[1:]:
        token = step.replace("%23", "#").replace("~1", "/").replace("~0", "~")
        node = node[int(token)] if isinstance(node, list) else node[token]
    return node if isinstance(node, str) else token


# Every text with its place


def texts_with_keys(subcategory: Subcategory) -> Iterator[tuple[str, str]]:
    """Locator key and text of every text of a scenario."""
    yield from _keyed("name", subcategory.name)
    yield from _keyed("description", subcategory.description)
    for n, example in enumerate(subcategory.examples):
        yield f"examples.{n}", example.to()
    for n, example in enumerate(subcategory.training_phrases):
        yield f"training_phrases.{n}", example.to()
    for n, example in enumerate(subcategory.negative_examples):
        yield f"negative_examples.{n}", example.to()
    for step in subcategory.steps:
        yield from _keyed(f"steps.{step.id}", step.instruction)
    for slot in subcategory.slots:
        yield from _keyed(f"slots.{slot.id}", slot.name)
        yield from _keyed(f"slots.{slot.id}", slot.question)
    for key, texts in (
        ("prohibitions", subcategory.prohibitions),
        ("escalation", [entry.text for entry in subcategory.escalation]),
    ):
        for n, text in enumerate(texts):
            apart = f"{key}.{n}" in subcategory.locators
            yield from [(f"{key}.{n}", text.to())] if apart else _keyed(f"{key}.{n}", text)


def _keyed(key: str, text: Text) -> Iterator[tuple[str, str]]:
    for language, shown in text.items():
        if shown:
            yield (f"{key}.{language}" if language else key), shown


def bare(text: str) -> str:
    """A text without whitespace and inline marks, for comparison."""
    return re.sub(r"[\s*`|]+", "", text)


def misplaced(catalogue: Catalogue, documents_root: Path) -> list[str]:
    """Texts that do not stand where their locator points; empty when all is well."""
    wrong: list[str] = []
    parts: list[Category | Subcategory] = [*catalogue.categories]
    parts += [subcategory for _, subcategory in catalogue.subcategories()]
    for part in parts:
        keyed = list(_keyed("name", part.name))
        if isinstance(part, Subcategory):
            keyed = list(texts_with_keys(part))
        for key, text in keyed:
            source = bare(resolve(part.locators.get(key, "nowhere"), documents_root))
            if not all(bare(line) in source for line in text.split("\n")):
                wrong.append(f"{part.id} {key}: {text!r} at {part.locators.get(key)!r}")
        if isinstance(part, Subcategory):
            wrong += _misplaced_references(part, documents_root)
    return wrong


def _misplaced_references(subcategory: Subcategory, documents_root: Path) -> list[str]:
    return [
        f"{reference.id}: {reference.quote!r} at {reference.locator!r}"
        for reference in subcategory.references
        if bare(reference.quote) not in bare(resolve(reference.locator, documents_root))
    ]


def repacked(path: Path, replacements: dict[str, bytes]) -> Path:
    """The same Office file with some parts replaced or added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**parts, **replacements}.items():
            archive.writestr(name, data)
    return path
