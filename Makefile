# make run     install what is locked and serve on http://127.0.0.1:5000
# make test    the tests
# make bench   Debate beside a bare Flask app, measured (benchmarks/README.md)
# make check   format, lint, types, layers, templates, tests: what has to pass before anything lands
# Needed beforehand: make, and Python 3.11 or newer with venv (another one than python3: make PYTHON=python3.13).

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?= -q -n auto
UV_VERSION = 0.13.9

BIN := $(VENV)/bin
TRANSLATIONS := $(wildcard debate/translations/*/LC_MESSAGES/messages.po)
# What a build of the package may use is pinned too. Older pip reads the first name, newer pip the second.
BUILD_PINS = PIP_CONSTRAINT=build-constraints.txt PIP_BUILD_CONSTRAINT=build-constraints.txt
INSTALL = $(BIN)/pip install -q --disable-pip-version-check --no-deps

.PHONY: run test bench check check-full static-checks lock messages pictures format clean FORCE
.DEFAULT_GOAL := run

run: $(VENV)/.run
	$(BIN)/debate db upgrade
	$(BIN)/debate demo
	DEBATE_LOG=$${DEBATE_LOG:-text} $(BIN)/debate serve

test: $(VENV)/.dev
	$(BIN)/pytest $(PYTEST_ARGS)

# Takes minutes; options: make bench BENCH_ARGS="--quick --sizes 100,10000"
bench: $(VENV)/.run
	$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

check: static-checks
	$(BIN)/pytest $(PYTEST_ARGS)

# Like check, with every race and kill tried many times over, every page in every look, the Nu HTML checker and Lighthouse
# (the tests read RACES, KILLS, DRAINS, FLOOD, FUZZ, FUZZ_SEED and FULL). Slow: before a release, not before a commit. Java and npm are
# needed too.
check-full: export RACES = 50
check-full: export KILLS = 50
check-full: export DRAINS = 20
check-full: export FLOOD = 60
check-full: export FUZZ = 900
check-full: export FUZZ_SEED = $(shell date +%s)
check-full: export FULL = 1
check-full: check

static-checks: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --lint

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/.run: requirements.txt build-constraints.txt pyproject.toml debate/_build.py $(TRANSLATIONS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Debate needs Python 3.11 or newer: make PYTHON=python3.11 (or another)' >&2; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.txt
	$(BUILD_PINS) $(INSTALL) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

# The JavaScript comes with the installation: install again when it is gone.
ifeq ($(wildcard static/vendor/htmx.min.js),)
$(VENV)/.run: FORCE
endif

# Keeps the versions that are locked unless called as: make lock UPGRADE=--upgrade
lock:
	@set -eu; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	$(PYTHON) -m venv "$$tmp/venv"; \
	"$$tmp/venv/bin/pip" install -q --disable-pip-version-check uv==$(UV_VERSION); \
	compile() { \
	  echo "lock: $$*"; \
	  "$$tmp/venv/bin/uv" pip compile -q --no-config --cache-dir "$$tmp/cache" --universal --python-version 3.11 \
	    --no-emit-index-url --no-header $(UPGRADE) "$$@" >/dev/null; \
	}; \
	"$$tmp/venv/bin/python" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], "editables", sep="\n")' >"$$tmp/build.in"; \
	compile --no-annotate "$$tmp/build.in" -o build-constraints.txt; \
	compile --generate-hashes --extra redis pyproject.toml -o requirements.txt; \
	compile --generate-hashes dev.in -c requirements.txt -c build-constraints.txt -o requirements-dev.txt

# Collects what is to be translated anew and carries the translations over; then look for "fuzzy" and empty entries.
messages: $(VENV)/.dev
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k lazy_gettext --no-location --sort-output --omit-header -o "$(VENV)/messages.pot" debate templates
	for po in $(TRANSLATIONS); do \
	  $(BIN)/pybabel -q update -N --width=110 -i "$(VENV)/messages.pot" -o "$$po" -l "$$(basename "$$(dirname "$$(dirname "$$po")")")"; \
	done

# README's pictures, taken anew from the demo.
pictures: $(VENV)/.dev
	$(BIN)/python docs/pictures.py

# Leaves instance/ alone: the database is in there.
clean:
	rm -rf $(VENV) static/vendor build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
