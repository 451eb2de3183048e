# Every target sets up what it needs: .venv/ from pinned, hashed requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: serve setup test check evaluate benchmark catalogue docs lock clean

serve: $(VENV)/.api  ## Serve on http://127.0.0.1:8000
	$(BIN)/python api_server.py

setup: $(VENV)/.api  ## Only set up what serving needs

test: $(VENV)/.dev  ## Run the test suite
	$(BIN)/python -m pytest

check: $(VENV)/.dev  ## Format, lint, types, floors, catalogue, Dockerfile
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scenarios.linting data/catalogue.json --documents-root data/sop
	$(BIN)/hadolint Dockerfile

evaluate: $(VENV)/.api  ## Routing figures on the development cases
	$(BIN)/python -m evaluation data/evaluation/routing_dev.jsonl --catalogue data/catalogue.json

benchmark: $(VENV)/.api  ## Start, memory and latency of the service beside a bare FastAPI route
	$(BIN)/python -m benchmarks

catalogue: $(VENV)/.api  ## Parse and link the Word document, the workbook and the SOP pages
	$(BIN)/python -m scenarios.parsing data/sop --output data/catalogue.json
	$(BIN)/python -m scenarios.linting data/catalogue.json --documents-root data/sop

docs: $(VENV)/.api  ## Redraw what is generated: the graph's picture, the schema, the settings table
	$(BIN)/python -m graph > docs/graph.md
	$(BIN)/python -m scenarios.schema > data/catalogue.schema.json
	$(BIN)/python -m api > docs/settings.md

lock: $(VENV)/.dev  ## Pin requirements_*.in, with hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate requirements_api.in -o requirements_api.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate requirements_dev.in -o requirements_dev.txt

clean:  ## Remove what the targets made, but not the databases in var/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.api: requirements_api.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements_api.txt
	touch $@

$(VENV)/.dev: requirements_dev.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements_dev.txt
	touch $@ $(VENV)/.api
