"""Find a category or scenario by what a person calls it: its id, or its name in any language."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from scenarios.catalogue import Catalogue, Category, Subcategory
from scenarios.errors import UnknownName
from scenarios.terms import fold

NEAREST = 3
"""Names offered when one is unknown."""


def resolve(
    catalogue: Catalogue, category: str | None, subcategory: str | None
) -> tuple[str, ...] | None:
    """The open subcategory ids a category and a subcategory leave; None when neither is given.

    Raises:
        UnknownName: one of them is unknown, or the subcategory is not in that category.
    """
    if category is None and subcategory is None:
        return None
    categories = catalogue.open_categories()
    if category is not None:
        categories = [c for c in categories if _is_called(c, category)]
        if not categories:
            nearest = _nearest(category, catalogue.open_categories())
            raise UnknownName("category", category, nearest)
    members = [s for c in categories for s in c.subcategories if catalogue.is_open(s.id)]
    if subcategory is not None:
        wanted = [s for s in members if _is_called(s, subcategory)]
        if not wanted:
            raise UnknownName("subcategory", subcategory, _nearest(subcategory, members))
        members = wanted
    return tuple(member.id for member in members)


def known_language(catalogue: Catalogue, language: str | None) -> str | None:
    """`language`, which the catalogue must have names in.

    Raises:
        UnknownName: it has none.
    """
    languages = catalogue.languages() or [catalogue.default_language]
    if language is not None and language not in languages:
        raise UnknownName("language", language, languages)
    return language


def _is_called(part: Category | Subcategory, name: str) -> bool:
    return fold(name).strip() in {fold(known).strip() for known in (part.id, *part.name.each())}


def _nearest(name: str, parts: Iterable[Category | Subcategory]) -> list[str]:
    names = [known for part in parts for known in (part.id, *part.name.each())]
    close = process.extract(fold(name), names, scorer=fuzz.WRatio, processor=fold, limit=NEAREST)
    return [known for known, _, _ in close]
