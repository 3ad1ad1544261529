# The front door: `make publish` publishes the sample show, `make test` proves everything. See CONTRIBUTING.md.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What is quick comes first, what needs a server, a browser or a client comes last; a soak is asked for by name.
SLOW := stores sync publish commands adoption cli bucket docs whole preview site clients e2e
AREAS := $(sort $(foreach file,$(wildcard tests/*/test_*.py tests/*/*/test_*.py),$(word 2,$(subst /, ,$(file)))))
ORDER := $(addprefix tests/,$(filter-out $(SLOW) soak,$(AREAS)) $(filter $(AREAS),$(SLOW)))

.NOTPARALLEL:
.PHONY: publish test packages release-check test-ceph test-soak lint format bench screenshots mutations docs docs-site media constraints lock programs parsers clean help

publish: .venv/runtime ## publish the sample show into public/
	$(BIN)/publish --yes
	@echo "the show lies in public/; look at it with  $(BIN)/publish preview"

test: .venv/development programs parsers lint ## everything: style, types, tests
	@echo "tests: $(ORDER)"
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --timeout 300 $(ORDER) --durations=25 --durations-min=0.5

test-ceph: .venv/development ## every test that speaks to an S3 server once more, on Ceph
	@tools/install_programs.sh ceph
	AIRDATE_S3=ceph $(BIN)/python -m pytest tests --ignore=tests/soak -m s3 --durations=10 --durations-min=1

packages: .venv/development ## wheel and source archive into dist/, the same bytes everywhere
	$(BIN)/python -m build --no-isolation --outdir dist .

release-check: .venv/development ## install both on each Python at hand, and with the lowest packages allowed; a show's first day with each
	$(BIN)/python tools/release_check.py

test-soak: .venv/development programs ## the long ones: many publishes cut at every point
	AIRDATE_SOAK=1 $(BIN)/python -m pytest tests/soak --durations=25

lint: .venv/development ## ruff and mypy
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

format: .venv/development ## put the code into shape
	$(BIN)/python -m ruff check --fix-only .
	$(BIN)/python -m ruff format .

bench: .venv/development ## measure; prints ratios
	@for file in $(wildcard benchmarks/*.py); do echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py) || exit 1; done

mutations: .venv/development programs ## break 40 conditions drawn by SEED (1), one at a time, and see which test notices
	$(BIN)/python tools/mutations.py $(or $(SEED),1)

screenshots: .venv/development programs ## pictures of every kind of page, into build/screenshots/
	$(BIN)/python -m tools.screenshots build/screenshots

docs: .venv/development ## write the generated pages of docs/ again
	$(BIN)/python tools/make_docs.py

docs-site: .venv/development docs ## docs/ as a site in build/docs-site/; a warning is an error
	$(BIN)/properdocs build -f mkdocs.yml

media: .venv/development programs ## record and draw the sample show again (needs espeak-ng and ffmpeg)
	$(BIN)/python tools/make_media.py

constraints: ## pin exactly what is installed in .venv now
	$(BIN)/python -m pip freeze --all --exclude-editable --exclude airdate --exclude pip --exclude wheel | LC_ALL=C sort -f > constraints.txt

lock: .venv/development ## write locked/ again: what action.yml installs, by version and hash
	$(BIN)/python tools/lock.py

programs:
	@tools/install_programs.sh

parsers: ## podcast parsers of the Node world for the tests, where npm is at hand
	@cmp -s tests/support/parsers/package.json .venv/node/package.json || { mkdir -p .venv/node && cp tests/support/parsers/package.json .venv/node/ && \
	cd .venv/node && npm install --no-audit --no-fund --ignore-scripts --no-package-lock --loglevel=error >/dev/null; } || \
	{ rm -f .venv/node/package.json; echo "could not be installed: the podcast parsers of tests/support/parsers (is npm here?)" >&2; }

clean: ## remove what was made, keep .venv and public/
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find feed publisher tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1: /'

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with  make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "no virtual environment could be made; on Debian:  apt-get install python3-venv" >&2; exit 1; }

.venv/runtime: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

.venv/development: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev,docs]'
	@touch $@ .venv/runtime
