# Everything starts from a bare Python with pip: `make run` serves the example, `make test` proves it all.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN = .venv/bin
# Tests wait more than they work, so three at a time suit two cores; one file stays in one process.
PROCESSES ?= 3
# docs/performance.md tells of all of them.
BENCHES ?= cached_answer planner handwritten

.PHONY: run test coverage check ui bench lock clean help setup setup-dev

help:
	@echo "make run    serve the restaurant example (PostgreSQL and Valkey included)"
	@echo "make test   run every test"
	@echo "make coverage  the same, and which lines and branches they reach (takes twice as long)"
	@echo "make check  lint, types, import rules, and that generated files are current"
	@echo "make ui     build the pages (GraphiQL); needs Node 20.19 or gets one from PyPI"
	@echo "make bench  measure a cached answer, the planner, and our SQL beside a person's (BENCHES=\"...\": others)"
	@echo "make lock   choose package versions anew"
	@echo "make clean  remove all that was made (.venv, .servery with the example, built pages)"
	@echo "make setup-dev  install what tests and checks need"

setup:
	@$(or $(PYTHON),$(error No Python 3.11 or newer was found; name one with PYTHON=...)) requirements/install.py run

setup-dev:
	@$(or $(PYTHON),$(error No Python 3.11 or newer was found; name one with PYTHON=...)) requirements/install.py dev

run: setup
	@exec $(BIN)/python -m servery demo

ui: setup
	@$(BIN)/python web/build.py --strict

test: setup-dev
	@$(BIN)/python web/build.py
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile $(ARGS)

coverage: ARGS += --cov
coverage: test

check: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/test_house_rules.py tests/test_packaging.py tests/schema/test_sdl.py

bench: setup-dev
	@for bench in $(BENCHES); do $(BIN)/python -m bench.$$bench || exit 1; done

lock:
	@echo "uv==$$($(BIN)/uv --version | cut -d' ' -f2)" | $(BIN)/uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -q -U -o requirements/bootstrap.lock
	@$(BIN)/uv pip compile pyproject.toml --extra demo --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -q -U -o requirements/run.lock
	@$(BIN)/uv pip compile pyproject.toml --extra demo --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -q -c requirements/run.lock -o requirements/dev.lock

clean:
	@rm -rf .venv .servery servery/static web/node_modules dist build \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
