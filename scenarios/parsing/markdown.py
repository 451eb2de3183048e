"""Markdown: pages `<language>/<category id>/<slug>.md`, documents of headings, and tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from scenarios.parsing.errors import NotADocument
from scenarios.parsing.lines import Found, Line, typed
from scenarios.parsing.outline import file_category, named, read_outline, read_scenario
from scenarios.parsing.sources import FoundScenario, Source
from scenarios.parsing.tables import Cell, Rows, columns_of
from scenarios.parsing.words import labelled

_PAGE = re.compile(
    r"(?:^|.*/)(?P<language>[a-z]{2})/(?P<category>[\w-]+)/(?P<slug>[\w-]+)\.(?:md|markdown)$"
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BOLD = re.compile(r"^(\*\*|__)(?P<inner>(?:(?!\1).)+)\1\s*[:：]?$")
_PARSER = MarkdownIt("commonmark").enable("table")


def parse_markdown(path: Path, document_id: str) -> Source:
    """The scenarios of a Markdown file.

    Raises:
        NotADocument: the file is missing, empty or no UTF-8 text.
    """
    text = _read(path)
    source = Source(document_id)
    document = _Document(text.split("\n"), source)
    document.read(_PARSER.parse(text))
    page = _PAGE.match(document_id)
    titles = [line for line in document.lines if line.kind == "heading" and line.level == 1]
    if page and len(titles) == 1:
        source.scenarios.append(_page(page, titles[0], document.lines, source))
    elif not source.scenarios:
        read_outline(document.lines, source)
    return source


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotADocument(f"{path}: expected a Markdown file, {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise NotADocument(
            f"{path}: expected Markdown in UTF-8, byte {error.start} is not"
        ) from None
    if not text.strip():
        raise NotADocument(f"{path}: expected a Markdown file, the file is empty")
    if "\0" in text:
        raise NotADocument(f"{path}: expected a Markdown file, the file is binary")
    # Front matter is for the publishing tool; its lines stay so that line numbers hold.
    return _FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), text, count=1)


def _page(page: re.Match[str], title: Line, lines: list[Line], source: Source) -> FoundScenario:
    category = Found(page["category"], source.document_id)
    below = lines[lines.index(title) + 1 :]
    scenario = read_scenario(category, title, below, source)
    scenario.language = page["language"]
    scenario.category_id = page["category"]
    scenario.id = f"{page['category']}.{page['slug']}"
    scenario.name = named(title)
    return scenario


@dataclass
class _Document:
    """Turns a token stream into lines, and tables of scenarios into scenarios."""

    file_lines: list[str]
    source: Source
    lines: list[Line] = field(default_factory=list)
    _lists: list[str] = field(default_factory=list)
    _fresh: bool = False
    """True right after an item's beginning, before its first paragraph."""

    def read(self, tokens: list[Token]) -> None:
        """Read the tokens of the whole document."""
        stream = iter(tokens)
        for token in stream:
            if token.type in ("bullet_list_open", "ordered_list_open"):
                self._lists.append("number" if token.type.startswith("ordered") else "bullet")
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
            elif token.type == "list_item_open":
                self._fresh = True
            elif token.type == "heading_open":
                self._heading(token, next(stream))
            elif token.type == "inline":
                self._paragraph(token)
            elif token.type == "table_open":
                self._table(stream)
            elif token.type in ("fence", "code_block"):
                self._code(token)
            elif token.type == "html_block" and not token.content.lstrip().startswith("<!--"):
                self.source.warnings.append(f"{self._place(_first(token))}: HTML is not read")

    def _place(self, number: int) -> str:
        return f"{self.source.document_id}#L{number + 1}"

    def _heading(self, opening: Token, inline: Token) -> None:
        text = _plain(inline)
        self.lines.append(
            Line(
                text,
                self._place(_first(opening)),
                text,
                "heading",
                int(opening.tag[1]),
                raw=inline.content,
            )
        )

    def _paragraph(self, token: Token) -> None:
        start = _first(token)
        content = token.content.split("\n")
        place = self._place(start)
        if len(content) > 1:
            place += f"-L{start + len(content)}"
        if self._lists and self._fresh:
            self._fresh = False
            self._item(token, place)
        elif len(content) > 1 and any(_stands_alone(line) for line in content):
            for n, line in enumerate(content):
                self._plain_line(line, self._place(start + n))
        else:
            self._append_plain(_plain(token), place, self._raw(token), token.content)

    def _item(self, token: Token, place: str) -> None:
        text = _plain(token)
        kind = "number" if self._lists[-1] == "number" else "bullet"
        self.lines.append(
            Line(
                text,
                place,
                text,
                "number" if kind == "number" else "bullet",
                len(self._lists) - 1,
                "list",
                raw=self._raw(token),
                strong=_BOLD.match(token.content) is not None,
            )
        )

    def _plain_line(self, content: str, place: str) -> None:
        self._append_plain(_plain_text(content), place, content.strip(), content)

    def _append_plain(self, text: str, place: str, raw: str, content: str) -> None:
        line = typed(
            text,
            place,
            level=len(self._lists),
            strong=_BOLD.match(content) is not None,
            attached=bool(self._lists),
        )
        # Below a typed number or bullet the raw text begins where the body does.
        shown = raw[raw.find(line.body) :] if line.is_item and line.body in raw else raw
        self.lines.append(replace(line, raw=shown))

    def _raw(self, token: Token) -> str:
        """A paragraph as it stands in the file, from its first character to its last."""
        content = token.content.split("\n")
        if len(content) == 1:
            return token.content
        start = _first(token)
        rows = self.file_lines[start : start + len(content)]
        at = rows[0].find(content[0])
        return "\n".join([rows[0][at:], *rows[1:]]).rstrip() if at >= 0 else token.content

    def _code(self, token: Token) -> None:
        start = _first(token) + (1 if token.type == "fence" else 0)
        for n, line in enumerate(token.content.splitlines()):
            if line.strip():
                self.lines.append(typed(line, self._place(start + n), attached=bool(self._lists)))

    def _table(self, stream: Iterator[Token]) -> None:
        rows = list(_table_rows(stream))
        cells = [[self._cell(content, n, row) for content in row] for n, row in rows]
        columns = columns_of(cells[0])
        if not columns:
            self._rows_as_lines(rows)
            return
        table = Rows(self.source, columns)
        if "category" not in columns:
            table.open_category(self._heading_above() or file_category(self.source))
        for row in cells[1:]:
            table.read(row)
        table.close()

    def _cell(self, content: str, number: int, row: list[str]) -> Cell:
        place = self._place(number)
        parts = [_plain_text(part) for part in _BREAK.split(content)]
        lines: list[Line] = []
        for part in filter(None, parts):
            follows = bool(lines) and (lines[-1].is_item or lines[-1].attached)
            lines.append(typed(part, place, attached=follows))
        return Cell(tuple(lines), f"{place}&column={_index(row, content)}")

    def _heading_above(self) -> Found | None:
        above = [line for line in self.lines if line.kind == "heading"]
        return named(above[-1]) if above else None

    def _rows_as_lines(self, rows: list[tuple[int, list[str]]]) -> None:
        for n, (number, contents) in enumerate(rows):
            cells = tuple(_plain_text(content) for content in contents)
            shown = self.file_lines[number].strip().strip("|").strip()
            # The type column quotes patterns in backticks, so a table of slots keeps them.
            kept = tuple(content.strip() for content in contents)
            text = "\t".join(cells)
            self.lines.append(
                Line(
                    text,
                    self._place(number),
                    text,
                    "row" if n else "columns",
                    raw=shown,
                    cells=kept,
                )
            )


def _index(row: list[str], content: str) -> int:
    return next(n for n, other in enumerate(row) if other is content)


def _stands_alone(line: str) -> bool:
    """True for a line that is more than the continuation of the paragraph it stands in."""
    text = _plain_text(line)
    return typed(text, "").is_item or labelled(text) is not None


def _table_rows(stream: Iterator[Token]) -> Iterator[tuple[int, list[str]]]:
    """Line number (from 0) and cell contents of each row, up to the table's end."""
    row: list[str] = []
    number = 0
    for token in stream:
        if token.type == "table_close":
            return
        if token.type == "tr_open":
            number, row = _first(token), []
        elif token.type == "inline":
            row.append(token.content)
        elif token.type == "tr_close":
            yield number, row


def _first(token: Token) -> int:
    return token.map[0] if token.map else 0


def _plain_text(content: str) -> str:
    return _plain(_PARSER.parseInline(content)[0]) if content.strip() else ""


def _plain(inline: Token) -> str:
    """A text without inline markup; what a link or image shows stays."""
    shown = {"softbreak": "\n", "hardbreak": "\n", "html_inline": ""}
    return "".join(shown.get(child.type, child.content) for child in inline.children or []).strip()
