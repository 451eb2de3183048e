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
        lines = path.read_text("utf-8").splitlines()
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
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise ValueError(f"expected an object with a text, got {entry!r:.80}")
    gold = _gold(entry, catalogue)
    accept = entry.get("accept") or []
    if not isinstance(accept, list):
        raise ValueError(f"expected a list of ids in accept, got {accept!r:.80}")
    for subcategory_id in accept:
        if catalogue.find(subcategory_id) is None and subcategory_id != OUT_OF_SCOPE:
            raise ValueError(f"expected a subcategory id in accept, got {subcategory_id!r}")
    language = entry.get("lang") or language_of(entry["text"])
    return Case(entry["text"], gold, frozenset([gold, *accept]), language)


def _gold(entry: dict[str, Any], catalogue: Catalogue) -> str:
    gold = entry.get("gold")
    if gold is None and "subcategory" in entry:
        if OUT_OF_SCOPE in (entry.get("category"), entry["subcategory"]):
            return OUT_OF_SCOPE
        found = resolve(catalogue, entry.get("category"), str(entry["subcategory"]))
        assert found is not None
        return found[0]
    if gold != OUT_OF_SCOPE and (not isinstance(gold, str) or catalogue.find(gold) is None):
        raise ValueError(f"expected a subcategory id or {OUT_OF_SCOPE!r} in gold, got {gold!r:.80}")
    return str(gold)
