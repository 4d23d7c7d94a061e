# Everything here sets itself up: Python 3.11 or newer, pip and make are enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := demo

.PHONY: demo test lint bench mutate expected docs lock clean browser

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

test: $(VENV)/dev.done browser
	$(BIN)/python -m pytest $(TESTS)

lint: $(VENV)/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

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
	rm -rf $(VENV) $(DEMO) .mutation .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
