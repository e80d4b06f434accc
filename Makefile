# `make train` and `make test` set everything up on a fresh machine: virtual environment, packages, world, then the run.
#
#   PYTHON       the interpreter to build the environment with (3.11 or newer)
#   TORCH_INDEX  package index to take PyTorch from, e.g. the one with CPU-only builds; empty: pip's own configuration
#   ARGS         passed on: make test ARGS="-k proof", make train ARGS="--seed 2"

PYTHON ?= python3
TORCH_INDEX ?=
VENV ?= .venv
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TORCH := torch==2.13.0
STAMPS := $(VENV)/.installed
SOURCES := toolservers envs policies trainer benchmarks commands divegym.py tests

.PHONY: help train test lint format lock clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

train: $(STAMPS)/train ## set up, then train the demo policy: a learning curve and a table at the end
	$(BIN)/divegym world build
	$(BIN)/divegym train --preset cpu-demo $(ARGS)

test: $(STAMPS)/dev ## set up, then run every test
	$(BIN)/divegym world build
	$(BIN)/python -m pytest $(ARGS)

lint: $(STAMPS)/dev ## style and types
	$(BIN)/ruff check $(wildcard $(SOURCES))
	$(BIN)/mypy

format: $(STAMPS)/dev ## let ruff mend what it can
	$(BIN)/ruff check --fix $(wildcard $(SOURCES))

clean: ## remove the virtual environment and caches; runs/ stays
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The lock files pin every package with hashes, but for PyTorch: its CPU and CUDA builds share a version and differ in
# dependencies, so it is installed by version after its other requirements stand, which the lock files do hold.
$(STAMPS)/%: requirements/%.lock pyproject.toml | $(BIN)/python
	$(PIP) install --no-deps --require-hashes -r $<
	$(PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	$(PIP) install --no-deps --no-build-isolation --editable .
	@mkdir -p $(@D) && touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Made on Python 3.11, Linux, where pip finds PyTorch's CPU build first.
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --unsafe-package torch \
	--constraint requirements/constraints.txt --build-deps-for editable

lock: $(STAMPS)/dev ## make the lock files anew from pyproject.toml
	$(PIP) install pip-tools
	$(COMPILE) --extra cluster --output-file requirements/base.lock pyproject.toml
	$(COMPILE) --extra cluster --extra train --output-file requirements/train.lock pyproject.toml
	$(COMPILE) --extra cluster --extra train --extra dev --output-file requirements/dev.lock pyproject.toml
