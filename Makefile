# Everything sets itself up in .venv; a second run starts at once.
SHELL := /bin/bash
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP = $(BIN)/python -m pip install --disable-pip-version-check -c requirements.lock

.PHONY: help run test lint format benchmark clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run  ## open the page on http://127.0.0.1:7860; options: make run ARGS="--port 8000"
	$(BIN)/python app.py $(ARGS)

test: $(VENV)/.dev  ## all tests; a part: make test PYTEST_ARGS="tests/cli -x"
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev  ## check style
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(VENV)/.dev  ## mend style
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

benchmark: $(VENV)/.run  ## speed against a plain transformers loop
	$(BIN)/python -m inspector benchmark $(ARGS)

clean:  ## remove what the other commands made; runs/ stays
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(VENV)/.run: pyproject.toml requirements.lock
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@[ -x $(BIN)/python ] || echo "Setting up $(VENV): a few minutes, once."
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
# --no-deps: that index holds torch, and other packages at other versions than the lock's.
	$(if $(TORCH_INDEX),$(PIP) --index-url $(TORCH_INDEX) --no-deps torch)
	$(PIP) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) -e '.[dev]'
	@touch $@
