# make demo, make test: a fresh clone, Python 3.10 or newer and the package registries are all they need.

PYTHON ?= $(or $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$python && break; done),python3)
BIN := .venv/bin
ENVIRONMENT := .venv/made-from-pyproject

.PHONY: help demo test model chaos benchmark conformance lint audit package newest-xero-python

help:
	@echo "make demo            a bad day against the Xero sandbox, in a minute; KEEP=1 leaves Xero's page running"
	@echo "make test            the tests that need no bench, and those on a bench where there is one"
	@echo "make model DEPTH=2   the protocol against more interleavings than the tests try"
	@echo "make chaos SEED=1    on a bench, everything goes wrong at once; DOCUMENTS=1000 takes a quarter of an hour"
	@echo "                     CELL=\"Supplier Invoice No, Draft\": under these settings, see docs/development.md"
	@echo "make benchmark       all figures of docs/performance.md in half an hour; ONLY=\"calls submit\" prints those"
	@echo "make conformance CLIENT_ID=...   what a Xero demo company says to our open questions: docs/conformance.md"
	@echo "make lint            ruff, and whether locale/main.pot is current"
	@echo "make audit           semgrep with Frappe's rules, pip-audit, eslint and prettier, where they are installed"
	@echo "make package         the sdist of what is committed, installed into an empty environment: is every file there?"
	@echo "make newest-xero-python   the tests of the client with the newest xero-python, which pyproject.toml may not allow"

demo: $(ENVIRONMENT)
	@$(BIN)/python -m sandbox.bad_day $(if $(KEEP),--keep)

test: $(ENVIRONMENT)
	@$(BIN)/python -m tests.run

model: $(ENVIRONMENT)
	@$(BIN)/python -m pytest tests/model

chaos: $(ENVIRONMENT)
	@$(BIN)/python -m benchmarks.chaos $(if $(SEED),--seed $(SEED)) $(if $(DOCUMENTS),--documents $(DOCUMENTS)) $(if $(CELL),--cell "$(CELL)")

benchmark: $(ENVIRONMENT)
	@$(BIN)/python -m benchmarks.run $(ONLY)

conformance: $(ENVIRONMENT)
	@$(BIN)/python -m sandbox.conformance $(if $(CLIENT_ID),--client-id $(CLIENT_ID),--sandbox)

lint: $(ENVIRONMENT)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m pytest --quiet tests/test_main_pot.py

audit: $(ENVIRONMENT)
	@$(BIN)/python -m tests.audit

package: $(ENVIRONMENT)
	@$(BIN)/python -m tests.package

# In an environment of its own: whether the range in pyproject.toml has aged.
newest-xero-python: $(ENVIRONMENT)
	@$(PYTHON) -m venv .venv/newest
	@.venv/newest/bin/python -m pip install --quiet --upgrade --editable '.[dev]'
	@.venv/newest/bin/python -m pip install --quiet --upgrade xero-python
	@.venv/newest/bin/python -c 'from importlib.metadata import version; print("xero-python", version("xero-python"))'
	@.venv/newest/bin/python -m pytest --quiet tests/xero_api tests/crash tests/conformance tests/sandbox/test_sandbox_sdk.py

ifdef DEPTH
export DEPTH
endif

$(ENVIRONMENT): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
		echo "Python 3.10 or newer is needed, and $(PYTHON) is not. Name one: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Making the environment .venv; this happens once."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable '.[dev]' # setuptools explains what editable means
	@touch $@
