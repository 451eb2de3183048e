"""Names of neighbouring scenarios, told apart and found in the catalogue."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapidfuzz import process

from scenarios.parsing.words import RELATIONS, clean_name, fold


def nearest(name: str, names: list[str]) -> str:
    """A hint at the most similar of these names, or an empty string."""
    found = process.extractOne(name, names) if names else None
    return f"; the nearest is {found[0]!r}" if found else ""


@dataclass
class Names:
    """The names of all scenarios by language."""

    _exact: dict[str | None, dict[str, list[str]]] = field(default_factory=dict)
    _folded: dict[str | None, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, language: str | None, name: str, subcategory_id: str) -> None:
        """Know a scenario by this name."""
        for known, key in ((self._exact, name), (self._folded, fold(name))):
            ids = known.setdefault(language, {}).setdefault(key, [])
            if subcategory_id not in ids:
                ids.append(subcategory_id)

    def spoken(self, language: str | None) -> list[str]:
        """All names in a language."""
        return list(self._exact.get(language, {}))

    def find(self, name: str, language: str | None, category_id: str) -> str | None:
        """The id of the scenario so named: exactly, else whatever the case and width.

        Of several with one name the one in the same category is meant.
        """
        ids = self._exact.get(language, {}).get(name)
        ids = ids or self._folded.get(language, {}).get(fold(name), [])
        near = [i for i in ids if i.startswith(f"{category_id}.")]
        unique = near if len(near) == 1 else ids
        return unique[0] if len(unique) == 1 else None


_SEPARATOR = re.compile(r"[、，,;；\n\t]")
_RELATION = re.compile(r"\s*[（(]\s*(?P<word>[^（）()]+?)\s*[)）]\s*[。.]?$")


@dataclass(frozen=True)
class Neighbour:
    """A name in a list of neighbours with the scenario it means, if it means one."""

    name: str
    relation: str
    subcategory_id: str | None


def neighbours(text: str, names: Names, language: str | None, category_id: str) -> list[Neighbour]:
    """The neighbours that a text lists; names may have separators in them.

    `提现验证（相似）、提现失败原因（下一步）` are two; `Fairness, RNG and certification` is one.
    """
    parts = _parts(text)
    found: list[Neighbour] = []
    while parts:
        taken, neighbour = next(_readings(parts, names, language, category_id))
        found.append(neighbour)
        parts = parts[taken:]
    return found


def _readings(
    parts: list[str], names: Names, language: str | None, category_id: str
) -> Iterator[tuple[int, Neighbour]]:
    """Readings of the first parts as one name, the longest known one first."""
    for taken in range(len(parts), 0, -1):
        whole = "".join(parts[:taken]).strip(" \t\n、，,;；。")
        for name, relation in _shapes(whole):
            if known := names.find(name, language, category_id):
                yield taken, Neighbour(name, relation, known)
    name, relation = next(_shapes(parts[0].strip(" \t\n、，,;；。")))
    yield 1, Neighbour(name, relation, None)


def _shapes(text: str) -> Iterator[tuple[str, str]]:
    """Name and relation: a bracket at the end is a relation, or else a part of the name."""
    match = _RELATION.search(text)
    bare = text[: match.start()] if match else text
    word = match["word"] if match else ""
    if match and fold(word) in RELATIONS:
        yield bare, RELATIONS[fold(word)]
        yield clean_name(bare), RELATIONS[fold(word)]
    else:
        yield text, "similar"
        yield clean_name(text), "similar"
        if match:
            yield clean_name(bare), word


def _parts(text: str) -> list[str]:
    """A text cut behind separators that stand outside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "（(") - (character in "）)")
        parts[-1] += character
        if depth <= 0 and _SEPARATOR.match(character):
            parts.append("")
    return [part for part in parts if part.strip(" \t\n、，,;；。")]
