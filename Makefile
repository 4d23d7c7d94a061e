# Everything here sets itself up: Python 3.11 or newer, pip and make are enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := demo

# Workers are processes of their own: without compiled files each would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test slow lint bench mutate expected docs lock clean browser

# The environment is made anew whenever a lock or the project's metadata change.
$(VENV)/run.done: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: $(VENV)/run.done requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/run.done
	$(BIN)/dji-audit demo $(DEMO)

# Browser tests want Debian's chromium: installed where that is possible,
# skipped aloud elsewhere, required where CI=true.
browser:
	@if [ ! -x /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	fi

# The scripts of the pages are checked with Node: skipped aloud where there is none,
# required where CI=true.
NODE_MODULES := node_modules/.package-lock.json
NODE_CHECK    = if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NODE_MODULES) && npm run --silent $(1); \
	elif [ "$(CI)" = true ]; then echo "npm is not here, and CI=true requires it" >&2; exit 1; \
	else echo "npm is not here: the scripts of the pages are not checked ($(1))"; fi

$(NODE_MODULES): package.json package-lock.json
	npm ci --no-fund --no-audit --loglevel=error
	@touch $@

# A file of tests stays in one process, so that what its tests share is made once.
test: $(VENV)/dev.done browser
	@$(call NODE_CHECK,test)
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile $(TESTS)

# What takes minutes or gigabytes: all views of all samples, tails of 2 GB, growth up to 10 MB.
slow: $(VENV)/dev.done
	$(BIN)/python -m pytest -m slow $(TESTS)

lint: $(VENV)/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(call NODE_CHECK,lint)

bench: $(VENV)/dev.done
	$(BIN)/python benchmarks/run.py

# Changes one line at a time and asks whether a test notices: make mutate N=300 SEED=1
N    ?= 300
SEED ?= 1
mutate: $(VENV)/dev.done
	$(BIN)/python tests/mutate.py -n $(N) --seed $(SEED) --at-least 85

# Accepts what the synthetic logs give now as what they should give.
expected: $(VENV)/dev.done
	ACCEPT_RESULTS=1 $(BIN)/python -m pytest -q tests/test_expected_results.py

docs: $(VENV)/dev.done
	$(BIN)/python docs/make.py

# Resolves anew; the files name no index.
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet pip-tools
	$(VENV)-lock/bin/python requirements/lock.py
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) $(DEMO) node_modules .mutation .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
