# Python 3.11+ and make are all that has to be there; everything else goes into .venv, in the versions of constraints.txt.
.DEFAULT_GOAL := help
.PHONY: help demo demo-images test test-without-torch check bench quality serve train clean

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
MODELS ?= models

help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

demo: .venv/train ## train on a simulated rig, serve, score over HTTP (or DATA=clean.csv TEST=labelled.csv LABEL=column)
	$(BIN)/python -m examples.demo $(if $(DATA),--data "$(DATA)") $(if $(TEST),--test "$(TEST)") $(if $(LABEL),--label "$(LABEL)") $(if $(CONFIG),--config "$(CONFIG)")

demo-images: .venv/train ## the same with images: one hand-written digit is clean, the others are found
	$(BIN)/python -m examples.digits

test: .venv/dev ## run all tests
	$(BIN)/pytest -n auto --dist loadfile

test-without-torch: .venv-service/dev ## run the tests of what serves, and of its client, in an environment that has no torch
	! .venv-service/bin/python -c 'import torch' 2>/dev/null
	.venv-service/bin/pytest -n auto --dist loadfile tests/service tests/plumbline_client tests/attacks tests/golden

check: .venv/dev ## lint, formatting, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint docker/*.Dockerfile

bench: .venv/dev ## measure training, serving and re-scoring on this machine
	$(BIN)/python -m benchmarks

quality: .venv/dev ## rank the sets of folder DATA under the published protocol, beside published figures
	$(BIN)/python -m benchmarks.quality --data "$(DATA)"

serve: .venv/train ## serve MODELS on PORT
	$(BIN)/plumbline-serve --models "$(MODELS)" --port $(PORT)

train: .venv/train ## train on DATA, into OUT
	$(BIN)/plumbline-train "$(DATA)" --out "$(OUT)"

clean: ## remove the environment, the demo and every cache
	rm -rf .venv .venv-* demo build *.egg-info plumbline_client/build plumbline_client/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Plumbline needs Python 3.11 or newer, found " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv

# Stamps: an environment is made again when what it is made from has changed.
.venv/train: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train]'
	@touch $@

.venv/dev: pyproject.toml plumbline_client/pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train,dev]' -e ./plumbline_client
	@touch $@ .venv/train

.venv-service/dev: pyproject.toml plumbline_client/pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-service
	.venv-service/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' -e ./plumbline_client
	@touch $@
