# Everything a developer or a user types. Each target sets up what it needs and is quick when that is done.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# PyTorch's CPU index may be named here (TORCH_INDEX=https://download.pytorch.org/whl/cpu): a smaller download.
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: agent-pages bench-agent help install demo test gate simulate lint format formats bench clean bench-sweep bench-generation near-misses abstention faults ablation encoders bench-index bench-tokens bench-retrieval bench-quality test-vllm bench-tools eval-agent red-team

help: ## Say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(STAMP) ## Set up .venv with every package at its pinned version, and nothing else

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit(f"make: Ardoise needs Python 3.11 to 3.13, and $(PYTHON) is {v[0]}.{v[1]}: name another with make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "make: $(PYTHON) cannot make a virtual environment: on Debian, apt install python3-venv"; exit 1; }
	@echo "Installing into $(VENV), a few minutes the first time…"
	@{ $(PIP) install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX),) torch==2.13.0 && \
	   $(PIP) install --quiet --constraint constraints.txt --editable '.[ragas,ray,redis,postgres,mcp,dev]'; } || \
	   { echo "make: the packages could not be installed: the lines above say why. Is the network there?"; exit 1; }
	@touch $@

demo: $(STAMP) ## Ingest the handbook, ask one question, then serve the page (PORT=8000) until Ctrl-C
	@$(BIN)/ardoise demo --port $(PORT)

test: lint gate ## Lint, type-check, hold retrieval against its stored scores and run every test
	@$(BIN)/python -m pytest -n 2

gate: $(STAMP) ## Fail if retrieval on the handbook has dropped below its stored scores
	@$(BIN)/ardoise eval gate eval/expected/handbook.yaml

simulate: $(STAMP) ## Plant effects in simulated sweeps and count what is found (RUNS="DIR DIR": real scores of two runs)
	@$(BIN)/python infra/scripts/simulate_sweeps.py $(RUNS)

lint: $(STAMP) ## Check style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(STAMP) ## Put the code in the house style and refresh the map in ARCHITECTURE.md
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@$(BIN)/python infra/scripts/map_tree.py

formats: $(STAMP) ## Write the handbook's PDF, DOCX and HTML pages anew from docs/handbook_sources
	@$(BIN)/python infra/scripts/make_formats.py

bench: $(STAMP) ## Measure retrieval on the handbook, or on the BEIR folders below DATA=DIR
	@$(BIN)/ardoise eval bench $(or $(DATA),eval/data/handbook)

bench-sweep: $(STAMP) ## Time a sweep of 105 configurations against as many single runs (DATA=DIR, ARGS=--full)
	@$(BIN)/python infra/scripts/bench_sweep.py $(or $(DATA),eval/data/handbook) $(ARGS)

bench-generation: $(STAMP) ## Measure our client's overhead, a storm and an outage, into docs/benchmarks-generation.md
	@$(BIN)/python infra/scripts/bench_generation.py

near-misses: $(STAMP) ## Count what the semantic cache would take for the same question, into docs/generation.md
	@$(BIN)/python infra/scripts/near_misses.py

abstention: $(STAMP) ## Calibrate when extraction abstains on dev, report it on test, into docs/generation.md
	@$(BIN)/ardoise ingest docs/handbook
	@$(BIN)/python infra/scripts/calibrate_abstention.py

ablation: $(STAMP) ## Write docs/ablation.md anew over the BEIR folders DATA="DIR DIR" (ARGS="--arms sparse,rrf60")
	@$(BIN)/python infra/scripts/ablation.py $(or $(DATA),eval/data/handbook) --split dev $(ARGS)

encoders: $(STAMP) ## Write docs/encoders.md anew over the BEIR folders DATA="DIR DIR": quality and speed (ARGS=--fresh)
	@$(BIN)/python infra/scripts/bench_encoders.py $(or $(DATA),eval/data/handbook) --split dev $(ARGS)

bench-quality: $(STAMP) ## Measure what retrieval finds as installed, on the BEIR folders DATA="DIR DIR"
	@test -n "$(DATA)" || { echo 'make: say where test collections are, in BEIR'"'"'s layout: make bench-quality DATA="DIR DIR"'; exit 1; }
	@$(BIN)/python infra/scripts/bench_quality.py $(DATA) $(ARGS)

PEERS := .venv-peers
PEERS_LIST := infra/scripts/bench_retrieval/requirements.txt

bench-retrieval: $(STAMP) $(PEERS)/.installed ## Time our retrieval beside the popular frameworks', on scifact in DATA=DIR (ARGS="--sizes 5000")
	@test -n "$(DATA)" || { echo "make: say where scifact is, in BEIR's layout: make bench-retrieval DATA=DIR"; exit 1; }
	@PYTHONPATH=infra/scripts $(BIN)/python -m bench_retrieval $(DATA) --peers $(PEERS)/bin/python $(ARGS)

bench-index: $(STAMP) ## Measure the index as it grows, on scifact in DATA=DIR: ms, recall, memory, disk (ARGS="--sizes 5000")
	@test -n "$(DATA)" || { echo "make: say where scifact is, in BEIR's layout: make bench-index DATA=DIR"; exit 1; }
	@$(BIN)/python infra/scripts/bench_index.py $(DATA) $(ARGS)

bench-tokens: $(STAMP) ## Measure late interaction with token vectors kept in the index against computed ones, on scifact in DATA=DIR
	@test -n "$(DATA)" || { echo "make: say where scifact is, in BEIR's layout: make bench-tokens DATA=DIR"; exit 1; }
	@$(BIN)/python infra/scripts/bench_tokens.py $(DATA) $(ARGS)

$(PEERS)/.installed: $(PEERS_LIST)
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@echo "Installing the peers into $(PEERS)…"
	@$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --requirement $(PEERS_LIST)
	@touch $@

VLLM := .venv-vllm

test-vllm: $(STAMP) $(VLLM)/.installed ## Start a real vLLM without a GPU and test our client and prompts against it
	@$(BIN)/python -m pytest tests/vllm -m vllm -s

$(VLLM)/.installed: infra/vllm/setup.sh infra/vllm/requirements.txt infra/vllm/convert_gguf.py
	@TORCH_INDEX=$(TORCH_INDEX) infra/vllm/setup.sh $(VLLM) $(PYTHON)
	@touch $@

faults: $(STAMP) ## Write docs/faults.md anew: what a caller sees for each fault of a provider
	@$(BIN)/python infra/scripts/fault_matrix.py

agent-pages: $(STAMP) ## Write the graph's picture in docs/agent.md and the runs in docs/traces.md anew
	@$(BIN)/python infra/scripts/draw_graph.py && $(BIN)/python infra/scripts/write_traces.py

bench-tools: $(STAMP) ## Measure the choice among 5, 20 and 100 tools, and write its tables in docs/agent.md anew
	@$(BIN)/python infra/scripts/bench_tools.py --embedder $(or $(EMBEDDER),bilingual) --write

eval-agent: $(STAMP) ## Measure the agent against the chain on the handbook's test questions, into docs/agent-evaluation.md
	@$(BIN)/ardoise ingest docs/handbook
	@$(BIN)/ardoise eval agent --split test --also eval/data/agent_unseen/questions.jsonl --out runs/agent
	@cp runs/agent/report.md docs/agent-evaluation.md
	@PYTHONPATH=infra/scripts $(BIN)/python -c "from page_section import provenance; print('\n' + provenance('make eval-agent') + '.')" >> docs/agent-evaluation.md

red-team: $(STAMP) ## Write docs/red-team.md anew: what text that the agent reads can make it do
	@$(BIN)/ardoise eval redteam --out docs/red-team.md

bench-agent: $(STAMP) ## Measure the graph's own time a step and how a thread of 200 turns grows on disk, into docs/agent.md
	@$(BIN)/python infra/scripts/bench_agent.py --write

clean: ## Remove what was installed and built; indexes in .ardoise stay
	rm -rf $(VENV) $(PEERS) $(VLLM) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
