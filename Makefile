# `make` alone lists the targets. Everything runs inside .venv, which the first target that needs it makes.

PYTHON ?= $(firstword $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3))
PORT ?= 8501
PYTEST ?=

VENV := .venv
PY := $(VENV)/bin/python
# A stamp carries the checksum of its requirements: it goes stale with their content, not with a file's time.
RUN_STAMP := $(VENV)/installed-$(shell cksum < requirements.txt | tr ' ' -)
DEV_STAMP := $(VENV)/installed-dev-$(shell cat requirements.txt requirements-dev.txt | cksum | tr ' ' -)
AXE := tests/browser/node_modules/axe-core/axe.min.js
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
COMPILE := $(PY) -m uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# Servers and workers share what is compiled; without it each compiles the whole application anew.
unexport PYTHONDONTWRITEBYTECODE

# $(call check,words,command): one check of `make test`; says which one stopped the run.
define check
@echo "== $(1)"
@$(2) || { echo "make: $(1) failed: $(2)" >&2; exit 1; }
endef

.DEFAULT_GOAL := help
.PHONY: help run demo test test-long bench docs lock axe

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | while IFS="$$(printf '\t')" read -r name words; do printf '  make %-10s %s\n' "$$name" "$$words"; done

run: demo  ## environment, demo company, application on http://127.0.0.1:8501 (PORT=… for another)
	MALLOC_ARENA_MAX=$${MALLOC_ARENA_MAX:-1} exec $(PY) -m streamlit run app.py --server.port $(PORT)

demo: $(RUN_STAMP)  ## load the demo company into an empty COUNCIL_HOME
	$(PY) -m core ensure-demo

test: $(DEV_STAMP) axe  ## every check: format, lint, types, imports, tests
	$(call check,format,$(PY) -m ruff format --check --quiet .)
	$(call check,lint,$(PY) -m ruff check --quiet .)
	$(call check,types,$(PY) -m mypy)
	$(call check,imports,$(VENV)/bin/lint-imports --no-logo)
	$(call check,tests,$(PY) -m pytest -q -n 2 --dist loadfile --durations=15 --durations-min=1 $(PYTEST))

# The accessibility checker of the browser tests; without npm or network they are skipped, except where required.
axe:
	@test -f $(AXE) || ! command -v npm >/dev/null || npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --silent || true

test-long: $(DEV_STAMP)  ## the tests too long for make test: simulators, recovery, load
	$(call check,long tests,$(PY) -m pytest -q --durations=15 -m long $(PYTEST))

bench: $(DEV_STAMP)  ## measure against peers and goals; writes docs/benchmarks.md
	$(PY) -m tests.benchmarks

docs: $(DEV_STAMP)  ## regenerate docs/definitions.md and the pictures of the README
	$(PY) -m core docs
	$(PY) -m tests.browser.pictures

lock: $(DEV_STAMP)  ## pin requirements*.in with hashes; UPGRADE=1 takes newer versions
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt

$(PY):
	@test -n "$(PYTHON)" || { echo "make: no Python found; install Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11; pass PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "make: $(PYTHON) has no working venv; install python3-venv" >&2; exit 1; }

$(RUN_STAMP): | $(PY)
	@echo "Installing requirements.txt into $(VENV) (a minute or two the first time)"
	@$(PIP_INSTALL) -r requirements.txt
	@rm -f $(VENV)/installed-[0-9]* && touch $@

$(DEV_STAMP): $(RUN_STAMP) | $(PY)
	@echo "Installing requirements-dev.txt into $(VENV)"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@rm -f $(VENV)/installed-dev-* && touch $@
