"""Read a catalogue file: the canonical form, or one of the two short forms.

    catalogue, warnings = load_catalogue(Path("data/catalogue.json"))

The short forms are what parsed Word documents commonly give: a map from category name to its
subcategories, or `{"categories": [...]}` with names only. They load unchanged; what they lack
is said in a warning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scenarios.catalogue import Catalogue, Category, Related, Subcategory, Text, slug
from scenarios.errors import CatalogueInvalid
from scenarios.terms import language_of

EXAMPLE_KEYS = ("examples", "faq_samples", "samples", "questions")
RELATED_KEYS = ("related", "related_subcategories")


def load_catalogue(path: Path) -> tuple[Catalogue, list[str]]:
    """The sealed catalogue in `path` and warnings about what it lacks.

    Raises:
        CatalogueInvalid: the file is missing, is no JSON, or is no catalogue; says where and why.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CatalogueInvalid(f"expected a catalogue file at {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogueInvalid(
            f"expected UTF-8 text in {path}, byte {error.start} is not"
        ) from None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CatalogueInvalid(f"expected JSON in {path}: {error}") from None
    try:
        return read_catalogue(content)
    except CatalogueInvalid as error:
        raise CatalogueInvalid(f"{path}: {error}") from None


def read_catalogue(content: Any) -> tuple[Catalogue, list[str]]:
    """The sealed catalogue in parsed JSON and warnings about what it lacks.

    Raises:
        CatalogueInvalid: it has none of the accepted forms; says where and why.
    """
    if not isinstance(content, dict):
        raise CatalogueInvalid(f"expected an object with categories, got {type(content).__name__}")
    try:
        warnings: list[str] = []
        if "schema_version" in content:
            catalogue = Catalogue.model_validate(content)
        else:
            catalogue, warnings = _short_form(content)
    except ValidationError as error:
        raise CatalogueInvalid(_first_fault(error)) from None
    if not any(True for _ in catalogue.subcategories()):
        raise CatalogueInvalid("expected at least one subcategory, found none")
    try:
        return catalogue.sealed(), warnings
    except UnicodeEncodeError:
        raise CatalogueInvalid("expected no lone surrogates in texts") from None


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"]) or "catalogue"
    more = error.error_count() - 1
    return f"{place}: {fault['msg']}" + (f" (and {more} more)" if more else "")


def _short_form(content: dict[str, Any]) -> tuple[Catalogue, list[str]]:
    if isinstance(content.get("categories"), list):
        entries = [
            (entry.get("name"), entry) if isinstance(entry, dict) else (None, entry)
            for entry in content["categories"]
        ]
    else:
        entries = list(content.items())
    warnings: list[str] = []
    names: dict[str, str] = {}
    """Subcategory name -> id, to resolve `related` by name."""
    drafts: list[tuple[str, str, dict[str, Any], list[tuple[str, str, dict[str, Any]]]]] = []
    taken: set[str] = set()
    for name, entry in entries:
        if not isinstance(name, str) or not name.strip() or not isinstance(entry, dict):
            raise CatalogueInvalid(
                'expected {"category name": {"description", "subcategories": [...]}} or '
                f'{{"categories": [{{"name", "subcategories"}}]}}, got {name!r}: {entry!r:.80}'
            )
        category_id = _free(entry.get("id") or slug(name), taken)
        members = []
        for member in _list_of(entry, ("subcategories",)):
            member = {"name": member} if isinstance(member, str) else member
            if not isinstance(member, dict) or not isinstance(member.get("name"), str):
                raise CatalogueInvalid(
                    f"{name}: expected a subcategory with a name, got {member!r:.80}"
                )
            default_id = f"{category_id}.{slug(member['name'])}"
            subcategory_id = _free(member.get("id") or default_id, taken)
            names.setdefault(member["name"].strip(), subcategory_id)
            members.append((subcategory_id, member["name"].strip(), member))
        if not members:
            warnings.append(f"{name}: no subcategories")
        drafts.append((category_id, name.strip(), entry, members))
    categories = [
        Category(
            id=category_id,
            name=Text(name),
            description=_text(entry.get("description") or "", name),
            subcategories=[
                _subcategory(subcategory_id, member_name, member, names, warnings)
                for subcategory_id, member_name, member in members
            ],
        )
        for category_id, name, entry, members in drafts
    ]
    default_language = main_language(names)
    return Catalogue(categories=categories, default_language=default_language), warnings


def _subcategory(
    subcategory_id: str,
    name: str,
    entry: dict[str, Any],
    names: dict[str, str],
    warnings: list[str],
) -> Subcategory:
    related: list[Related] = []
    for target in _list_of(entry, RELATED_KEYS):
        label = target.get("name") if isinstance(target, dict) else target
        found = names.get(str(label).strip())
        if found is None:
            warnings.append(f"{name}: related {label!r} is no subcategory of this catalogue")
        elif found not in [r.subcategory_id for r in related]:
            related.append(Related(subcategory_id=found))
    examples = [text for e in _list_of(entry, EXAMPLE_KEYS) if (text := _text(e, name))]
    description = _text(entry.get("description") or "", name)
    for missing, present in (("description", description), ("sample questions", examples)):
        if not present:
            warnings.append(f"{name}: no {missing}")
    return Subcategory.model_validate(
        {
            "id": subcategory_id,
            "name": name,
            "description": description,
            "examples": examples,
            "negative_examples": _list_of(entry, ("negative_examples",)),
            "steps": [
                _step(step, n, name) for n, step in enumerate(_list_of(entry, ("steps",)), 1)
            ],
            "prohibitions": _list_of(entry, ("prohibitions",)),
            "related": related,
            "references": [
                reference
                if isinstance(reference, dict)
                else {"id": f"{subcategory_id}#{n}", "document_id": str(reference)}
                for n, reference in enumerate(_list_of(entry, ("references", "sop_references")), 1)
            ],
            "escalation": entry.get("escalation"),
        }
    )


def _text(value: Any, place: str) -> Text:
    """A text of the short form: a string, or a map from language to string."""
    try:
        return Text.model_validate(value)
    except ValidationError:
        raise CatalogueInvalid(f"{place}: expected a text, got {value!r:.80}") from None


def _step(step: Any, n: int, name: str) -> dict[str, Any]:
    """A step of the short form: a string, or an object with `text` and perhaps `subtext`."""
    if isinstance(step, str):
        return {"id": f"s{n}", "instruction": step}
    text = step.get("instruction") or step.get("text") if isinstance(step, dict) else None
    if not isinstance(text, str):
        raise CatalogueInvalid(f"{name}.steps.{n - 1}: expected a text, got {step!r:.80}")
    lines = [text, *map(str, _list_of(step, ("subtext",)))]
    return {"id": str(step.get("id") or f"s{n}"), "instruction": "\n".join(lines)}


def _list_of(entry: dict[str, Any], keys: Iterable[str]) -> list[Any]:
    for key in keys:
        value = entry.get(key)
        if isinstance(value, list):
            return value
        if value not in (None, "", {}):
            raise CatalogueInvalid(
                f"{entry.get('name', '')}.{key}: expected a list, got {value!r:.80}"
            )
    return []


def _free(wanted: str, taken: set[str]) -> str:
    """`wanted`, or `wanted-2`, `wanted-3`, ... when names collide."""
    candidate, n = wanted, 1
    while candidate in taken:
        n += 1
        candidate = f"{wanted}-{n}"
    taken.add(candidate)
    return candidate


def main_language(names: Iterable[str]) -> str:
    """The language most of the names are in."""
    found = [language_of(name) for name in names]
    return max(("zh", "en"), key=found.count)
