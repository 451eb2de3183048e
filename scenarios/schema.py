"""`python -m scenarios.schema`: print the JSON Schema of the canonical catalogue."""

from __future__ import annotations

import json
import sys

from scenarios.catalogue import json_schema


def text() -> str:
    """The schema as committed in `data/catalogue.schema.json`."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
