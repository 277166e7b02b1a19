# Two commands are enough on a new machine with Python 3.11+ and make: `make run` and `make test`.
# Each makes .venv, installs what it needs and does its work. `make help` lists the rest.

PYTHON ?= python3
HOST   ?= 127.0.0.1
PORT   ?= 8501
TESTS  ?=
ACCOUNTS ?=

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
PY      := $(BIN)/python
PIP     := $(PY) -m pip install --disable-pip-version-check --quiet
RUNTIME := .venv/.runtime-installed
DEV     := .venv/.dev-installed

.DEFAULT_GOAL := help
.PHONY: help run test lint bench demo pin clean browser

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) ## start Tierwise on http://127.0.0.1:8501 (PORT=9000 moves it)
	@$(PY) server.py --host $(HOST) --port $(PORT)

test: $(DEV) browser ## all tests (TESTS="tests/core -k gini" runs some)
	$(PY) -m pytest -n auto --dist loadgroup $(TESTS)

lint: $(DEV) ## ruff and mypy
	$(PY) -m ruff check .
	$(PY) -m mypy

bench: $(DEV) ## every hot path timed, beside what one would use instead
	$(PY) -m benchmarks

demo: $(RUNTIME) ## make the demo book anew
	$(PY) data/make_demo.py

# Both files hold exact versions for every platform and Python from 3.11 on; the header is ours, so that no address
# of this machine's package index gets into them.
pin: $(DEV) ## write requirements.txt and requirements-dev.txt from the .in files
	@for name in requirements requirements-dev; do \
	  { printf '# Every package, exact. Written by `make pin` from %s.in; change that file instead.\n' $$name; \
	    $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url \
	      --annotation-style line $$name.in; } > $$name.tmp && mv $$name.tmp $$name.txt || exit 1; \
	done

clean: ## remove what can be made again (never data/workspace)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The rest are files. A stamp is older than a requirements file exactly when that file has changed since.

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Tierwise needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo 'Python cannot make a virtual environment. On Debian and Ubuntu: sudo apt-get install python3-venv' >&2; exit 2; }

$(RUNTIME): requirements.txt | $(PY)
	@echo 'Installing what Tierwise needs ...'
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(PY)
	@echo 'Installing what the tests need ...'
	@$(PIP) -r requirements-dev.txt
	@touch $(RUNTIME) $@

# One Chromium is enough: $CHROMIUM, one in PATH, else the system's package where that needs no password, else
# Playwright's own download.
browser: $(DEV)
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome; do \
	  command -v "$$name" >/dev/null 2>&1 && exit 0; done; \
	$(PY) -c 'import os, playwright.sync_api as p; s = p.sync_playwright().start(); \
	  found = os.path.exists(s.chromium.executable_path); s.stop(); raise SystemExit(not found)' && exit 0; \
	echo 'Installing a browser for the tests ...'; \
	[ "$$(id -u)" = 0 ] && as= || as='sudo -n'; \
	{ command -v apt-get && $$as apt-get update -q && $$as apt-get install -q -y --no-install-recommends chromium; } \
	  >/dev/null 2>&1 && command -v chromium >/dev/null && exit 0; \
	$(PY) -m playwright install --with-deps chromium || $(PY) -m playwright install chromium
