# Everything a newcomer needs: make demo, make test. Nothing but Python 3.11+, make and git is needed beforehand.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?=
INTERNVL ?=
LLAVA ?=
OUT ?= demo
MODEL ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test test-all test-data test-browser test-parity check docs bench bench-peers consumers clean install

install: $(VENV)/.installed

# The exact torch version first: with it pip takes the small CPU build where one is offered.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q "$$(grep '^torch==' constraints.txt)" -c constraints.txt
	$(PIP) install -q -e '.[train,llm,wsi,video,dicom,neuro,watch,serve,dev]' -c constraints.txt
	touch $@

demo: install
	$(BIN)/gmai demo -o $(OUT) $(if $(DATA),--data=$(DATA))

test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-all: install
	$(BIN)/python -m pytest -m "not gpu and not parity" $(if $(DATA),--data=$(DATA)) tests

test-data: install
	$(BIN)/python -m pytest -n 2 --dist loadfile -m data --data=$(DATA) tests

test-browser: install
	$(BIN)/python -m pytest -m browser

# Pixels, counts and token ids beside transformers' whole processors, which need torchvision: an environment of its own.
# With MODEL=FOLDER, that model's folder too.
test-parity: .venv-parity/.installed
	.venv-parity/bin/python -m pytest -m parity $(if $(MODEL),--model=$(MODEL)) tests/parity

.venv-parity/.installed: tests/parity/requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv-parity
	.venv-parity/bin/python -m pip --disable-pip-version-check install -q -r tests/parity/requirements.txt -e .
	touch $@

check: install
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: install
	$(BIN)/python docs/build_reference.py
	$(BIN)/python docs/build_catalogue.py

bench: install
	$(BIN)/python -m benchmarks

# What gmai is measured beside, in environments of their own; used by `python -m benchmarks ingest|llm|train`.
bench-peers:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check install -q -r benchmarks/ingest/peers.txt
	for needs in benchmarks/llm/needs/*.txt; do peer=.venv-peers-llm/$$(basename $$needs .txt); \
	  $(PYTHON) -m venv $$peer && $$peer/bin/python -m pip --disable-pip-version-check install -q -r $$needs; done
	$(PYTHON) -m venv .venv-peers-train
	.venv-peers-train/bin/python -m pip --disable-pip-version-check install -q -r benchmarks/train/peers.txt -e .
	$(PYTHON) -m venv .venv-peers-swift
	.venv-peers-swift/bin/python -m pip --disable-pip-version-check install -q -r benchmarks/train/peers-swift.txt -e .

# Loaders that exports are made for, each in an environment of its own: make consumers INTERNVL=checkout LLAVA=checkout DATA=folder
consumers: install
	for each in plain llama-factory swift trainers; do \
		$(PYTHON) -m venv .venv-consumers/$$each && \
		.venv-consumers/$$each/bin/python -m pip --disable-pip-version-check install -q \
			-r benchmarks/consumers/environments/$$each.txt || exit 1; \
	done
	$(BIN)/python -m benchmarks consumers $(if $(INTERNVL),--internvl=$(INTERNVL)) $(if $(LLAVA),--llava=$(LLAVA)) \
		$(if $(DATA),--data=$(DATA))

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache
