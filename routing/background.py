"""Texts that belong to no scenario of any catalogue; they teach what out of scope looks like."""

from __future__ import annotations

import json
from pathlib import Path


def load_background(path: Path) -> list[str]:
    """The `text` of every line of a JSONL file.

    Raises:
        OSError: the file cannot be read.
        ValueError: a line is no JSON object with a text; names the line.
    """
    texts = []
    for number, line in enumerate(path.read_text("utf-8-sig").split("\n"), 1):
        if line.strip():
            try:
                texts.append(str(json.loads(line)["text"]))
            except (ValueError, KeyError, TypeError):
                raise ValueError(f'{path}:{number}: expected {{"text": ...}}') from None
    return texts
