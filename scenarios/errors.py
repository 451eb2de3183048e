"""What can be wrong with a catalogue, its sources, or a name for a part of it.

ScenariosError
├── CatalogueInvalid    the file is no catalogue in any accepted form
├── DocumentUnreadable  a source document cannot be parsed
└── UnknownName         no category, subcategory or language is called that
"""

from __future__ import annotations

from collections.abc import Sequence


class ScenariosError(Exception):
    """Base of this room's errors; the message says what was expected."""


class CatalogueInvalid(ScenariosError):
    """The text is not a catalogue in the canonical form or one of the short forms."""


class DocumentUnreadable(ScenariosError):
    """The file is not a document of the kind its name says, or holds no scenario."""


class UnknownName(ScenariosError):
    """No category, subcategory or language is called that; `nearest` holds the closest names."""

    def __init__(self, kind: str, given: str, nearest: Sequence[str]) -> None:
        self.kind = kind
        self.nearest = list(nearest)
        hint = f"; nearest: {', '.join(nearest)}" if nearest else ""
        super().__init__(f"expected the id or name of a {kind}, got {given!r:.120}{hint}")
