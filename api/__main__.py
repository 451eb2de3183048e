"""`python -m api`: print the page of settings."""

from __future__ import annotations

import sys

from api.settings import page

if __name__ == "__main__":
    sys.stdout.write(page())
