# Everything sets itself up: a virtualenv from hashed requirements, and the embedded broker at first use.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SOURCE ?= flights

.PHONY: help setup demo test check bench bench-detection chaos clean
.DEFAULT_GOAL := help

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

setup: $(READY)  ## the virtualenv with everything in it

$(READY): requirements/app.txt requirements/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

demo: setup  ## real flights, a blizzard, one mail per customer (SOURCE=shop: a simulated shop)
	$(BIN)/python -m beforehand demo --source $(SOURCE)

test: setup  ## all tests but the long ones
	$(BIN)/python -m pytest tests -m "not chaos" -n 2 --dist loadfile --no-loadscope-reorder --durations 15

check: setup  ## style, types, architecture, no look-ahead
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/architecture tests/units/test_offline_no_look_ahead.py tests/units/test_olist_no_look_ahead.py

bench: setup  ## figures, as tables and in bench/results/*.json
	$(BIN)/python -m bench

bench-detection: setup  ## how well trouble is foretold, all data sets, in one table
	$(BIN)/python -m bench.detection_table

chaos: setup  ## the long tests
	$(BIN)/python -m pytest tests -m chaos

clean:  ## remove what was made here, the virtualenv too
	rm -rf $(VENV) .venv-peers .cache .run .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
