# Everything goes through .venv; nothing else of this machine is changed, but for `make test` as root with
# apt, which installs a browser and a mail server to test against.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
BENCHES := $(filter-out helpdesk_process labels_peer topics_process topics_peer,$(basename $(notdir $(shell grep -l '__main__' benchmarks/*.py 2>/dev/null))))
DRILLS := $(basename $(notdir $(shell grep -l '__main__' drills/*.py 2>/dev/null)))

.DEFAULT_GOAL := help
.PHONY: help setup run test check e2e bench drill web lock

help: ## List what there is
	@grep -hE '^[a-z0-9]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | \
		while IFS="$$(printf '\t')" read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

setup: .venv/.desk web ## Make .venv with `desk` in it, and build the front end
	@echo "Ready: $(BIN)/desk --help"

run: setup ## Start the whole desk with a living demo
	@exec $(BIN)/desk run --demo

test: setup ## Run every test; as root with apt, installs a browser and a mail server for it
	@sh tests/provision.sh
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: setup ## Style, types, floors, and the front end's own
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py run lint
	$(BIN)/python hatch_build.py run types
	$(BIN)/python hatch_build.py test

e2e: setup ## Run the tests that use every process and a browser
	@sh tests/provision.sh
	@$(BIN)/python -m pytest tests/e2e

bench: setup ## Measure against baselines: make bench [BENCH=name]
	@set -e; for name in $(or $(BENCH),$(BENCHES)); do $(BIN)/python -m benchmarks.$$name; done

drill: setup ## Break things on purpose and count: make drill [DRILL=name]
	@set -e; for name in $(or $(DRILL),$(DRILLS)); do $(BIN)/python -m drills.$$name; done

web: .venv/.desk
	@$(BIN)/python hatch_build.py

COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-header --quiet

lock: .venv/.desk ## Take the newest allowed dependencies into the locks
	@$(PIP) install uv
	@$(COMPILE) --upgrade --all-extras --output-file requirements.lock
	@$(COMPILE) --upgrade --constraint requirements.lock --output-file requirements-run.lock

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Desk needs Python 3.11 or newer; none was found. Name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		echo "Installing Python's venv module …" && apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends "$$(basename $(PYTHON))-venv" >/dev/null; } || { \
		echo "Python's venv module is missing. On Debian and Ubuntu: sudo apt install $$(basename $(PYTHON))-venv"; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv

.venv/.locked: requirements.lock | .venv/bin/python
	@echo "Installing what requirements.lock names …"
	@$(PIP) install --require-hashes --prefer-binary --requirement requirements.lock
	@touch $@

.venv/.desk: .venv/.locked pyproject.toml
	@DESK_SKIP_WEB=1 $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@
