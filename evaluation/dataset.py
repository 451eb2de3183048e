"""Case files: one JSON object a line.

{"text": "...", "gold": "withdrawals.status", "accept": ["withdrawals.how_to"], "lang": "en"}
{"text": "...", "gold": "oos"}
{"text": "...", "category": "banking", "subcategory": "card_arrival"}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.catalogue import Catalogue
from scenarios.errors import UnknownName
from scenarios.lookup import resolve
from scenarios.terms import language_of

OUT_OF_SCOPE = "oos"


class CasesInvalid(Exception):
    """The file is no case file; the message names the line and what was expected."""


@dataclass(frozen=True)
class Case:
    """A query and where it belongs."""

    text: str
    gold: str
    """A subcategory id, or `oos`."""
    accept: frozenset[str]
    """Every id that counts as right too; the gold one among them."""
    language: str


def load_cases(path: Path, catalogue: Catalogue) -> list[Case]:
    """The cases of a JSONL file.

    Raises:
        CasesInvalid: a line is no case, or names a scenario the catalogue has not.
    """
    try:
        # JSON may hold line ends of Unicode, which splitlines would cut at.
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CasesInvalid(f"expected a case file at {path}: {error}") from None
    cases = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line), catalogue))
            except (ValueError, UnknownName) as error:
                raise CasesInvalid(f"{path}:{number}: {error}") from None
    if not cases:
        raise CasesInvalid(f"expected at least one case in {path}, found none")
    return cases


def _case(entry: Any, catalogue: Catalogue) -> Case:
    if not isinstance(entry, dict):
        raise ValueError(f"expected an object with a text, got {entry!r:.80}")
    text = _string(entry, "text")
    if text is None:
        raise ValueError(f"expected an object with a text, got {entry!r:.80}")
    gold = _gold(entry, catalogue)
    accept = entry.get("accept") or []
    if not isinstance(accept, list):
        raise ValueError(f"expected a list of ids in accept, got {accept!r:.80}")
    for subcategory_id in accept:
        _check_id(subcategory_id, "accept", catalogue)
    return Case(text, gold, frozenset([gold, *accept]), _string(entry, "lang") or language_of(text))


def _string(entry: dict[str, Any], key: str) -> str | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"expected a string in {key}, got {value!r:.80}")
    if value is not None and any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(f"expected no lone surrogates in {key}")
    return value


def _check_id(value: Any, key: str, catalogue: Catalogue) -> None:
    known = isinstance(value, str) and (value == OUT_OF_SCOPE or catalogue.find(value))
    if not known:
        raise ValueError(
            f"expected a subcategory id or {OUT_OF_SCOPE!r} in {key}, got {value!r:.80}"
        )


def _gold(entry: dict[str, Any], catalogue: Catalogue) -> str:
    category, subcategory = _string(entry, "category"), _string(entry, "subcategory")
    if "gold" not in entry and subcategory is not None:
        if OUT_OF_SCOPE in (category, subcategory):
            return OUT_OF_SCOPE
        found = resolve(catalogue, category, subcategory)
        assert found is not None, "a subcategory was given"
        return found[0]
    _check_id(entry.get("gold"), "gold", catalogue)
    return str(entry["gold"])
