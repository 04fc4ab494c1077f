# `make demo` and `make test` each set everything up on a fresh machine (Python 3.11+, pip, make).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WEIGHTS := whisper-tiny.en transnetv2 efficientnet-lite0 minilm-l6-v2 rife-4.6 blazeface centerface voice-embedding
# `make demo TORCH=cpu` installs torch without CUDA; other names of PyTorch's index do as well (cu128).
TORCH ?=
TORCH_INDEX ?= https://download.pytorch.org/whl/$(TORCH)
CLIPS := sample_media/harbour.mp4 sample_media/match.mp4 sample_media/sky.mp4

.PHONY: demo test test-all check page dist fresh audit resolution constraints docs site media weights bench clean

demo: $(STAMP)
	@$(BIN)/smartcut models pull $(WEIGHTS)
	@mkdir -p out
	@$(BIN)/smartcut run pipelines/highlight_reel.yaml $(CLIPS) \
		--set duration=30s --set music=sample_media/music.m4a \
		--set 'prompt=[a sailing boat, a soccer ball in a goal, hot-air balloons]' \
		-o out/reel.mp4
	@echo
	@echo "the reel           out/reel.mp4"
	@echo "its subtitles      out/reel.srt"
	@echo "contact sheet      out/reel.sheet.png"
	@echo "where it is from   out/reel.manifest.json"

test: $(STAMP) weights
	@$(BIN)/pytest -n 2

test-all: $(STAMP) weights
	@$(BIN)/pip install --quiet -c constraints.txt -e '.[dev,dev-all]'
	@$(BIN)/smartcut models pull piper-joe >/dev/null
	@$(BIN)/pytest -m "not gpu or gpu" -n 2

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m smartcut.report.docs --check
	@$(MAKE) --no-print-directory page resolution audit dist test

# The studio's page: its types, style and unit tests. Node 20 or later and npm are needed for this alone.
page:
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		npm --prefix tools/page run --silent unit && \
		if test tools/page/node_modules -nt tools/page/package-lock.json || \
			{ npm --prefix tools/page ci --silent --no-fund --no-audit --fetch-retries 1 && \
				touch tools/page/node_modules; }; then \
			npm --prefix tools/page run --silent types && npm --prefix tools/page run --silent lint; \
		else echo "WARNING: npm reaches no registry; the types and style of the studio's page were not checked"; fi; \
	else echo "WARNING: node and npm are not at hand; the studio's page was not checked"; fi

# The wheel and the sdist in dist/, each installed into a fresh environment in which it renders;
# make dist DEPENDENCIES=1 installs what they depend on there as well.
dist: $(STAMP)
	@DEPENDENCIES=$(DEPENDENCIES) tools/dist.sh $(BIN)/python

# As on a fresh machine: a new clone of what is committed, below a folder of mode 700, with an empty home.
fresh:
	@PYTHON=$(PYTHON) TORCH=$(TORCH) tools/fresh.sh demo test

# Whether constraints.txt resolves for a user without any configuration, on all systems.
resolution: $(STAMP) build/resolve/.installed
	@test ! -e build/resolve/.installed || $(BIN)/python -m tools.resolution check

# Makes constraints.txt again, after a change of pyproject.toml; UPGRADE=--upgrade takes newer versions.
constraints: $(STAMP) build/resolve/.installed
	@$(BIN)/python -m tools.resolution remake $(UPGRADE)

build/resolve/.installed:
	@$(PYTHON) -m venv build/resolve
	@build/resolve/bin/pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9 && \
		touch $@ || echo "WARNING: no index can be reached; the constraints are not checked"

# Known weaknesses of the pinned dependencies fail; an advisory service that cannot be reached warns.
audit: build/audit/.installed
	@rm -f build/audit.txt
	@build/audit/bin/pip-audit -r constraints.txt --no-deps --disable-pip --progress-spinner off \
		-o build/audit.txt 2>build/audit.log || \
		if test -s build/audit.txt; then grep -v 'not be audited' build/audit.txt; exit 1; fi
	@if test -s build/audit.txt; then \
		unknown=$$(grep -c 'not be audited' build/audit.txt); \
		test $$unknown -eq 0 || echo "WARNING: no advisories were to be had for $$unknown packages"; \
	else echo "WARNING: the dependencies were not audited; build/audit.log says why"; fi

build/audit/.installed:
	@$(PYTHON) -m venv build/audit
	@build/audit/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1 && touch $@ || true

# Speed beside peers, all rows or some: make bench ROWS="cuts start-up" RUNS=5; QUICK=1 tries it out.
bench: $(STAMP) weights
	@$(BIN)/python -m benchmarks $(ROWS) $(if $(RUNS),--runs $(RUNS)) $(if $(QUICK),--quick)

# The pages that are made from the code, then the site.
docs: $(STAMP)
	@$(BIN)/python -m smartcut.report.docs
	@$(MAKE) --no-print-directory site

# In build/site/html; a link that leads nowhere fails. (--quiet would hide warnings from --strict.)
site: $(VENV)/.site
	@$(BIN)/python -m tools.site_pages
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -f build/site/mkdocs.yml \
		>build/site/log 2>&1 || { grep -v '^INFO' build/site/log; exit 1; }
	@echo "the site           build/site/html/index.html"

$(VENV)/.site: $(STAMP)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

# The clips in sample_media are committed; this makes them again.
media: $(STAMP)
	@$(BIN)/pip install --quiet -c constraints.txt '.[voice]'
	@$(BIN)/smartcut models pull piper-joe
	@$(BIN)/python sample_media/make_media.py

# Tests that need weights are skipped, and say so, where the weights cannot be fetched.
weights: $(STAMP)
	@$(BIN)/smartcut models pull $(WEIGHTS) >/dev/null || \
		echo "WARNING: the weights cannot be fetched; the tests that need them are skipped"

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "smartcut needs Python 3.11 or later: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) tools/downloads.py $(TORCH)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (a few minutes the first time)"
	@test -z "$(TORCH)" || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --index-url $(TORCH_INDEX) -c constraints.txt torch torchvision
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt -e '.[dev]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache *.egg-info
