# What there is to do with the project; each target makes .venv from the lock file where it is missing or stale.
PYTHON ?= python3
PATIENTS ?= 400
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
RSCRIPT := $(shell command -v Rscript)
LEFT_OUT := $(if $(CHROMIUM),,OLIGOMET_NO_BROWSER=1) $(if $(RSCRIPT),,OLIGOMET_NO_R=1)

# The tests start the program a hundred times: what Python compiles is kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check docs screenshots bench lock clean

help:
	@echo "make demo         a simulated registry, its survival figure and the dashboard (PATIENTS=400)"
	@echo "make test         style, types and all tests"
	@echo "make docs         the generated pages: data dictionary, edit checks, rules"
	@echo "make screenshots  the pictures of the pages in docs/images"
	@echo "make bench        the measurements of benchmarks/"
	@echo "make lock         the lock file anew, from pyproject.toml"

.venv/made: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "oligomet needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: .venv/made
	.venv/bin/oligomet demo --patients $(PATIENTS)

test: check
ifeq ($(CHROMIUM),)
	@echo "**********************************************************************************"
	@echo "*  NO CHROMIUM ON THIS MACHINE: the browser tests do NOT run. Install chromium.  *"
	@echo "**********************************************************************************"
endif
ifeq ($(RSCRIPT),)
	@echo "**********************************************************************************"
	@echo "*  NO R ON THIS MACHINE: the tests with R do NOT run. Install R with survival.   *"
	@echo "**********************************************************************************"
endif
	$(LEFT_OUT) .venv/bin/python -m pytest -n auto --maxprocesses 4
ifeq ($(CHROMIUM),)
	@echo "The browser tests did NOT run: there is no Chromium on this machine."
endif
ifeq ($(RSCRIPT),)
	@echo "The tests with R did NOT run: there is no R on this machine."
endif

check: .venv/made
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

docs: .venv/made
	.venv/bin/python -m registry.exchange.dictionary > docs/data-dictionary.md
	.venv/bin/python -m registry.checks.page > docs/edit-checks.md
	.venv/bin/python -m analytics.consensus.catalogue > docs/rules.md

screenshots: .venv/made
	.venv/bin/python -m tests.dashboard.screenshots

bench: .venv/made
	.venv/bin/python benchmarks/simulate.py
	.venv/bin/python benchmarks/storage.py
	.venv/bin/python benchmarks/storage.py --postgres

lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --output-file requirements.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
