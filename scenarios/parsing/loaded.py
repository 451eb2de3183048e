"""Catalogues in JSON: the canonical form and the two short ones, with places as JSON pointers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scenarios.catalogue import Category, Subcategory, Text
from scenarios.errors import CatalogueInvalid
from scenarios.loading import load_catalogue
from scenarios.parsing.errors import NotADocument
from scenarios.parsing.sources import Source


def parse_json(path: Path, document_id: str) -> Source:
    """The catalogue in a JSON file; texts without a locator get a JSON pointer as theirs.

    Raises:
        NotADocument: the file is missing or holds no catalogue.
    """
    try:
        if path.stat().st_size == 0:
            raise NotADocument(f"{path}: expected a catalogue in JSON, the file is empty")
        catalogue, warnings = load_catalogue(path)
    except OSError as error:
        raise NotADocument(f"{path}: expected a catalogue in JSON, {error.strerror}") from None
    except CatalogueInvalid as error:
        raise NotADocument(" ".join(str(error).split())) from None
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    placed = _Placed(document_id, content)
    return Source(
        document_id,
        catalogue=catalogue.model_copy(
            update={"categories": [placed.category(category) for category in catalogue.categories]}
        ),
        warnings=[f"{document_id}: {warning}" for warning in warnings],
    )


class _Placed:
    """Finds a catalogue's texts in the JSON they came from."""

    def __init__(self, document_id: str, content: Any) -> None:
        self.document_id = document_id
        self.content = content

    def category(self, category: Category) -> Category:
        """The category with locators for its texts and those of its subcategories."""
        node, pointer = self._named(self.content, "", category.name)
        members = [self._subcategory(s, node, pointer) for s in category.subcategories]
        texts = {"name": category.name, "description": category.description}
        return category.model_copy(
            update={
                "subcategories": members,
                "locators": {**self._locators(texts, node, pointer), **category.locators},
            }
        )

    def _subcategory(self, subcategory: Subcategory, node: Any, pointer: str) -> Subcategory:
        below, place = self._named(node, pointer, subcategory.name)
        found = self._locators(texts_of(subcategory), below, place)
        return subcategory.model_copy(update={"locators": {**found, **subcategory.locators}})

    def _named(self, node: Any, pointer: str, name: Text) -> tuple[Any, str]:
        """The object that bears this name, as its `name` or as its key."""
        names = name.each()
        values = list(_walk(node, pointer))
        for place, value in values:
            key = _unescaped(place.rpartition("/")[2])
            if isinstance(value, dict) and (key in names or _bears(value, names)):
                return value, place
        # A list of bare names; neighbours are named in lists, too, but below those objects.
        for place, value in values:
            if isinstance(value, str) and value.strip() in names:
                return value, place
        return node, pointer

    def _locators(self, texts: dict[str, Text], node: Any, pointer: str) -> dict[str, str]:
        places: dict[str, str] = {}
        for place, value in _walk(node, pointer):
            if isinstance(value, str):
                places.setdefault(value.strip(), place)
        key = _unescaped(pointer.rpartition("/")[2])
        places.setdefault(key, pointer)
        return {
            f"{name}.{language}" if language else name: f"{self.document_id}#{places[text.strip()]}"
            for name, shown in texts.items()
            for language, text in shown.items()
            if text.strip() in places and text.strip()
        }


def texts_of(subcategory: Subcategory) -> dict[str, Text]:
    """Every text of a subcategory by the key of its locator."""
    return {
        "name": subcategory.name,
        "description": subcategory.description,
        **{f"examples.{n}": text for n, text in enumerate(subcategory.examples)},
        **{f"training_phrases.{n}": text for n, text in enumerate(subcategory.training_phrases)},
        **{f"steps.{step.id}": step.instruction for step in subcategory.steps},
        **{f"slots.{slot.id}": slot.name for slot in subcategory.slots},
        **{f"prohibitions.{n}": text for n, text in enumerate(subcategory.prohibitions)},
        **{f"escalation.{n}": entry.text for n, entry in enumerate(subcategory.escalation)},
    }


def _walk(node: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every value below a node with its JSON pointer, outermost first."""
    yield pointer, node
    if isinstance(node, dict):
        for key, value in node.items():
            escaped = key.replace("~", "~0").replace("/", "~1").replace("#", "%23")
            yield from _walk(value, f"{pointer}/{escaped}")
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from _walk(value, f"{pointer}/{n}")


def _bears(value: dict[str, Any], names: list[str]) -> bool:
    named = value.get("name")
    return any(text in names for text in (named.values() if isinstance(named, dict) else [named]))


def _unescaped(token: str) -> str:
    return token.replace("%23", "#").replace("~1", "/").replace("~0", "~")
