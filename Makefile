# Everything is installed into $(VENV), from locks that pin every file by its hash.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help
# Hundreds of processes start in a test run: what one has compiled, the next ones take.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo test lint format bench golden docs lock install clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The first interpreter that is new enough; `make PYTHON=/path/to/python test` overrules it.
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)
# One more than there are cores: a third of the time tests wait for leases, processes, browsers.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))')
PIP := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMP) ## Watch commits become a cluster's and a cloud's state, on this machine
	@$(BIN)/gitopsd demo

test: lint ## Check the code and run all tests
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal
	@echo "test: all tests passed"

lint: $(STAMP) ## Check style, types and import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@echo "lint: nothing to complain about"

format: $(STAMP) ## Format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(STAMP) ## Measure speed and memory, as ratios in one run
	@$(BIN)/python -m benchmarks

golden: $(STAMP) ## Write the golden cases anew; review the difference before you commit it
	@GITOPSD_GOLDEN=write $(BIN)/pytest -n auto tests/golden
	@git status --short tests/golden

docs: $(STAMP) ## Write the generated pages of docs/reference, and copies in the chart, anew
	@$(BIN)/python -m gitopsd.cli.reference docs/reference/commands.md
	@$(BIN)/python -m gitopsd.cli.marks docs/reference/marks.md
	@$(BIN)/python -m gitopsd.rules.reference docs/reference/checks.md
	@$(BIN)/python -m gitopsd.planning.reference notices docs/reference/notices.md
	@$(BIN)/python -m gitopsd.planning.reference guards docs/reference/guards.md
	@$(BIN)/python -m gitopsd.daemon.metrics.reference docs/reference/metrics.md
	@$(BIN)/python -m gitopsd.daemon.settings.chart deploy/helm/gitopsd/values.schema.json
	@cp $(filter-out %kustomization.yaml,$(wildcard gitopsd/crds/*.yaml)) deploy/helm/gitopsd/crds/
	@cp deploy/monitoring/alerts.yaml deploy/monitoring/dashboard.json deploy/helm/gitopsd/files/

lock: $(STAMP) ## Resolve the dependencies anew (needs the network)
	@$(COMPILE) --upgrade -o requirements.lock pyproject.toml
	@$(COMPILE) --upgrade --extra dev --extra otel -c requirements.lock -o requirements-dev.lock pyproject.toml
	@sed -i '/^\#/d; /^$$/d' requirements.lock requirements-dev.lock

install: $(STAMP) ## Install everything into .venv
	@$(BIN)/python -m compileall -q gitopsd
	@echo "install: $(VENV) is ready"

clean: ## Remove what was installed and cached
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@echo "clean: .venv and caches are gone"

$(STAMP): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer with venv is needed; none was found." \
		"Install it, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Installing $$(grep -c == requirements-dev.lock) packages into $(VENV) (only this once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --progress-bar off -r requirements-dev.lock \
		| awk '/^Collecting/ { print "  " $$2; fflush() } /^Installing/ { print "  unpacking"; fflush() }'
	@$(PIP) install --quiet --no-index --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q gitopsd
	@touch $@
	@echo "Installed: $$($(BIN)/gitopsd version)"
