"""What Word's styles and lists say about a paragraph: heading, title, list item, indented."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from docx.oxml.ns import qn

Element = Any

_HEADING = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_LISTED = re.compile(r"^(?:list|列表)\s*(bullet|number|项目符号|编号)\s*([2-5])?$", re.IGNORECASE)
_BODY_TEXT = 9
"""The outline level that means no heading."""


@dataclass
class _Style:
    name: str
    based_on: str
    properties: Element | None


@dataclass
class Styles:
    """The styles and list definitions of one document."""

    styles: dict[str, _Style] = field(default_factory=dict)
    formats: dict[tuple[str, int], str] = field(default_factory=dict)
    """List id and level -> the format of its numbers (`bullet`, `decimal`, ...)."""

    @classmethod
    def of(cls, document: Any) -> "Styles":
        """The styles of a python-docx document."""
        found = cls()
        for style in document.styles.element.findall(qn("w:style")):
            found.styles[style.get(qn("w:styleId"), "")] = _Style(
                _value(style.find(qn("w:name"))),
                _value(style.find(qn("w:basedOn"))),
                style.find(qn("w:pPr")),
            )
        for relation in document.part.rels.values():
            if relation.reltype.endswith("/numbering") and not relation.is_external:
                found._read_numbering(relation.target_part.element)
        return found

    def _read_numbering(self, numbering: Element) -> None:
        levels = {
            abstract.get(qn("w:abstractNumId")): {
                int(level.get(qn("w:ilvl"), "0")): _value(level.find(qn("w:numFmt")), "decimal")
                for level in abstract.findall(qn("w:lvl"))
            }
            for abstract in numbering.findall(qn("w:abstractNum"))
        }
        for number in numbering.findall(qn("w:num")):
            abstract_id = _value(number.find(qn("w:abstractNumId")))
            for level, shape in levels.get(abstract_id, {}).items():
                self.formats[number.get(qn("w:numId"), ""), level] = shape

    def heading(self, paragraph: Element) -> int:
        """The rank of a heading from 1 on, 0 for other paragraphs."""
        for style in self._chain(paragraph):
            if match := _HEADING.match(style.name):
                return int(match[1])
        for properties in self._properties(paragraph):
            level = _value(properties.find(qn("w:outlineLvl")))
            if level.isdigit():
                return int(level) + 1 if int(level) < _BODY_TEXT else 0
        return 0

    def is_title(self, paragraph: Element) -> bool:
        """True for the document's title."""
        return any(style.name.casefold() in ("title", "标题") for style in self._chain(paragraph))

    def item(self, paragraph: Element) -> tuple[Literal["bullet", "number"], int] | None:
        """Kind and level of a list item."""
        listed = next(filter(None, (_LISTED.match(s.name) for s in self._chain(paragraph))), None)
        deeper = int(listed[2]) - 1 if listed and listed[2] else 0
        for properties in self._properties(paragraph):
            numbering = properties.find(qn("w:numPr"))
            if numbering is None:
                continue
            list_id = _value(numbering.find(qn("w:numId")))
            level = int(_value(numbering.find(qn("w:ilvl")), "0") or 0)
            if list_id in ("", "0"):
                return None
            shape = self.formats.get((list_id, level), "decimal")
            return None if shape == "none" else (_kind(shape), level + deeper)
        if listed:
            bullet = listed[1].casefold() in ("bullet", "项目符号")
            return ("bullet" if bullet else "number"), deeper
        return None

    def is_indented(self, paragraph: Element) -> bool:
        """True for a plain paragraph that is set in, as what hangs on to a list item is."""
        if any(
            style.name.casefold().startswith("list continue") for style in self._chain(paragraph)
        ):
            return True
        properties = paragraph.find(qn("w:pPr"))
        indent = properties.find(qn("w:ind")) if properties is not None else None
        if indent is None:
            return False
        left = indent.get(qn("w:left"), indent.get(qn("w:start"), "0"))
        return left.isdigit() and int(left) > 0

    def _chain(self, paragraph: Element) -> list[_Style]:
        """The paragraph's style and those it is based on."""
        properties = paragraph.find(qn("w:pPr"))
        style_id = _value(properties.find(qn("w:pStyle"))) if properties is not None else ""
        chain: list[_Style] = []
        while style_id in self.styles and self.styles[style_id] not in chain:
            chain.append(self.styles[style_id])
            style_id = chain[-1].based_on
        return chain

    def _properties(self, paragraph: Element) -> list[Element]:
        """Paragraph properties, nearest first."""
        own = paragraph.find(qn("w:pPr"))
        found = [own, *(style.properties for style in self._chain(paragraph))]
        return [properties for properties in found if properties is not None]


def _kind(shape: str) -> Literal["bullet", "number"]:
    return "bullet" if shape == "bullet" else "number"


def _value(element: Element | None, default: str = "") -> str:
    return default if element is None else str(element.get(qn("w:val"), default))
