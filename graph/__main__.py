"""`python -m graph [CATALOGUE.json]`: print the picture of the graph as a Mermaid page."""

from __future__ import annotations

import sys
from pathlib import Path

from graph.picture import page
from scenarios.loading import load_catalogue

if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data/catalogue.json")
    sys.stdout.write(page(load_catalogue(path)[0]))
