# make install | demo | quick | test | check | bench | coverage | golden | messages | release | screenshots | sbom | docs (quick, bench and test take ARGS="...")
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

help:
	@echo "make install      .venv with everything that hlv and its tests need"
	@echo "make demo         the demonstration study, served on http://127.0.0.1:8000"
	@echo "make quick        lint, types, contracts and the tests nearest to what changed, within a minute"
	@echo "make test         make check, then the suite on PostgreSQL and Redis, and its core on SQLite"
	@echo "make check        lint, format, types and the direction of imports"
	@echo "make bench        speed beside other libraries, as ratios"
	@echo "make coverage     how often the intervals hold a known truth, in simulations"
	@echo "make release      make test with the slow tests, a mutation pass, the demonstration on the lowest versions"
	@echo "make golden       rewrites the golden outputs of the demonstration"
	@echo "make messages     catalogues of hlv/locale in step with the source; a new one with LANGUAGE=fr"
	@echo "make sbom         dist/sbom.json: packages that hlv needs, with their licences (CycloneDX)"
	@echo "make docs         the docs site in dist/docs; look at it with python -m http.server --directory dist/docs"
	@echo "make screenshots  draws docs/pictures again from a running demonstration"

install: $(STAMP)

$(STAMP): requirements.txt pyproject.toml .ci/install
	@PYTHON="$(PYTHON)" .ci/install
	@touch $@

demo: install
	@HLV_DATA_DIR="$${HLV_DEMO_DIR:-demo-data}" exec $(BIN)/hlv demo

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

quick: install
	$(BIN)/python -m tests.quick $(ARGS)

test: check
	$(BIN)/python -m tests $(ARGS)

bench: install
	$(BIN)/python -m benchmarks $(ARGS)

coverage: install
	$(BIN)/python -m benchmarks.coverage

release: check
	$(BIN)/python -m tests --release
	$(BIN)/python -m tests.mutation --sample 40
	$(BIN)/python -m tests.release.lowest

golden: install
	$(BIN)/python -m tests.golden --write

messages: install
	$(BIN)/python -m tests.catalogues $(LANGUAGE)

sbom: install
	$(BIN)/python -m tests.release.sbom

docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

screenshots: install
	$(BIN)/python -m tests.journeys.pictures

.PHONY: help install demo check quick test bench coverage golden messages release sbom docs screenshots
