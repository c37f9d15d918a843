# Assay's commands. Each target does all of its own set-up; `make` alone lists them.
GO      ?= go
BIN     := bin
export CGO_ENABLED := 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X github.com/assay-gan/assay/command.version=$(VERSION)

.PHONY: help build bench-all test test-short test-long test-race check fmt-check vet lint generate generate-check gate bench glyphnet selftest fuzz clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

build: ## build the binary bin/assay
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/assay ./cmd/assay

.PHONY: man
man: build ## write the manual pages to bin/man/man1 (look at them with man -M bin/man assay)
	$(BIN)/assay man --out $(BIN)/man/man1

bench-all: build ## the main job: train, sample, score and report every model on embedded data (at most 10 minutes on two cores)
	$(BIN)/assay bench default -v

test: ## all tests (no network once modules are cached, no other package)
	$(GO) test -timeout 20m ./...

test-short: ## the tests that take seconds
	$(GO) test -short ./...

test-long: ## also the tests that take many minutes
	ASSAY_LONG=1 $(GO) test -timeout 3h ./...

test-race: ## the tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short -timeout 60m ./...

.PHONY: test-arm64
test-arm64: ## the kernels' tests for arm64 under qemu (apt install qemu-user)
	@command -v qemu-aarch64 >/dev/null || { echo "qemu-aarch64 is not installed: apt install qemu-user"; exit 1; }
	GOARCH=arm64 $(GO) test -short -exec qemu-aarch64 -timeout 60m ./internal/kernel

check: fmt-check vet lint generate-check build selftest test external ## everything that a change must pass

.PHONY: external
external: ## a module outside this one builds on the public packages, obeys the laws and benches its suite (examples/external)
	cd examples/external && $(GO) vet ./... && $(GO) test -timeout 5m ./...

fmt-check:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "not gofmt-ed: run gofmt -w on:"; echo "$$bad"; exit 1; fi

vet:
	$(GO) vet ./...
	GOARCH=arm64 $(GO) vet ./internal/kernel/

GOLANGCI := v2.15.0
# One copy for all clones: by its version, and by the Go that it was built with, because it refuses code newer than that.
LINTER = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/assay/golangci-lint-$(GOLANGCI)-$(shell $(GO) env GOVERSION)/golangci-lint
lint: ## golangci-lint, the pinned one: installed at the first run (two minutes), skipped where it cannot be had
	@if [ ! -x $(LINTER) ] && timeout 20 env GOFLAGS=-mod=mod $(GO) list -m github.com/golangci/golangci-lint/v2@$(GOLANGCI) >/dev/null 2>&1; then \
	echo "installing golangci-lint $(GOLANGCI) into $(dir $(LINTER))"; $(MAKE) --no-print-directory lint-install || true; fi
	@if [ -x $(LINTER) ]; then $(LINTER) run --max-issues-per-linter 0 --max-same-issues 0 ./...; \
	else echo "golangci-lint $(GOLANGCI) is not installed and the Go module proxy does not answer: SKIPPED (the floors are checked by a test all the same)"; fi

.PHONY: lint-install
lint-install: ## install the pinned golangci-lint into the user's cache
	@mkdir -p $(dir $(LINTER))
	GOBIN=$(patsubst %/,%,$(dir $(LINTER))) GOFLAGS= $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)

generate: ## write generated sources again (assembly, tables)
	$(GO) generate ./...

generate-check: ## fail if generated sources are not what their generators write
	@before=$$(git ls-files -s -m | sha256sum; git diff | sha256sum); $(GO) generate ./... ; after=$$(git ls-files -s -m | sha256sum; git diff | sha256sum); \
	if [ "$$before" != "$$after" ]; then echo "generated files are stale: run make generate and commit"; git status --short; exit 1; fi

selftest: build ## the conformance table: golden values that anyone can check
	$(BIN)/assay selftest

gate: build ## the regression gate on a small suite against the stored baseline (exit 0 pass, 1 regression, 3 inconclusive)
	$(BIN)/assay bench gate --out runs/gate --quiet
	$(BIN)/assay gate --baseline testdata/gate/baseline.jsonl runs/gate

bench: ## Go benchmarks of every package
	$(GO) test -run '^$$' -bench . -benchmem ./...

glyphnet: ## train the embedded glyph classifier again
	$(GO) run ./featurizer/internal/trainglyphnet

FUZZTIME ?= 10m
fuzz: ## every fuzz target for FUZZTIME each, on one core; writes docs/results/fuzz.jsonl
	fuzz/run.sh $(FUZZTIME)

.PHONY: laboratory
laboratory: ## every hostile file against every reader, and runs killed at system calls (apt install strace); writes docs/results/reliability.json
	ASSAY_LONG=1 UPDATE_GOLDEN=1 $(GO) test ./command -timeout 3h -run 'Laboratory$$|SystemCallKiller'

.PHONY: faults
faults: ## processes of a study are killed, cut off and robbed, and a thousand workers simulated; writes docs/results/faults.json and scale.json
	ASSAY_LONG=1 UPDATE_GOLDEN=1 $(GO) test ./runners/queue -timeout 1h -run 'Fault|Scale'

clean: ## remove what was built
	rm -rf $(BIN)

.PHONY: zoo-cards
CARDS := cards modes spread translation sequences
CARDS_DATA ?= $(or $(ASSAY_DATA),$(wildcard ../data))
zoo-cards: build ## measure every model again for docs/zoo (35 minutes of one core; with data files in ASSAY_DATA or ../data, 75); goes on where it stopped
	@set -e; for s in $(CARDS) $(if $(CARDS_DATA),mnist20 conditional cifar10); do echo "== $$s"; $(BIN)/assay bench $$s --out runs/zoo/$$s $(if $(CARDS_DATA),--data $(CARDS_DATA)) > /dev/null; \
	$(GO) run ./cmd/zoo-cards collect runs/zoo/$$s; done
	$(GO) run ./cmd/zoo-cards pages

.PHONY: created-equal
STUDIES := created-equal-mini created-equal-points
created-equal: build ## the studies of docs/CREATED-EQUAL.md again, and the page from them (an hour or two of two cores); goes on where it stopped
	@set -e; for s in $(STUDIES); do echo "== $$s"; $(BIN)/assay bench $$s --out runs/$$s > /dev/null; $(GO) run ./cmd/created-equal collect runs/$$s; done
	$(GO) run ./cmd/created-equal pages

.PHONY: papers
PAPERS := papers-unrolled papers-veegan papers-cfm papers-seqgan $(if $(wildcard $(CARDS_DATA)/oracle.npz),papers-seqgan-log)
papers: build ## run the tables of docs/PAPERS.md again (about two hours of one core; MNIST's files in ASSAY_DATA or ../data for some); goes on where it stopped
	@set -e; for s in $(PAPERS); do echo "== $$s"; $(BIN)/assay bench $$s $(if $(CARDS_DATA),--data $(CARDS_DATA)) --out runs/papers/$$s > /dev/null; $(GO) run ./cmd/zoo-cards papers runs/papers/$$s; done
	$(if $(CARDS_DATA),$(GO) run ./cmd/zoo-cards measures $(CARDS_DATA); $(GO) run ./cmd/zoo-cards rates $(CARDS_DATA))
	$(GO) run ./cmd/zoo-cards pages

.PHONY: sanity
SANITY_ARGS ?=
sanity: build ## the published sanity checks on every metric; writes docs/results/sanity.jsonl and docs/SANITY.md (about an hour of one core); goes on where it stopped
	$(BIN)/assay audit --sanity --out runs/sanity --format jsonl $(SANITY_ARGS) > $(BIN)/sanity.jsonl && mv $(BIN)/sanity.jsonl docs/results/sanity.jsonl
	UPDATE_GOLDEN=1 $(GO) test -run SanityPage ./runners/audit

.PHONY: verdicts
comma := ,
verdicts: ## how often each word of a verdict is right: what docs/results/verdicts.jsonl lacks, and docs/VERDICTS.md (an hour of one core in all; MNIST and CIFAR-10 in ASSAY_DATA or ../data); goes on where it stopped
	$(GO) run ./cmd/verdicts run $(if $(CARDS_DATA),-data $(CARDS_DATA),-only ring$(comma)mixture)
	$(GO) run ./cmd/verdicts page

.PHONY: bench-peers conformance docs
PEERS_ARGS ?=
bench-peers: ## the same work in today's tools and here, in turns; writes docs/PERFORMANCE.md (a virtual environment in bin/, about 6 GB, where pip reaches packages, else this system's python)
	@cmd/bench-peers/python/environment.sh $(BIN)/peers-env
	$(GO) run ./cmd/bench-peers $(PEERS_ARGS)

CONFORMANCE_ARGS ?=
AUTHORS = nicolassalvy/ClippedDensityCoverage kdst-team/Probablistic_precision_recall mahyarkoy/emergent_asymmetry_pr buyeah1109/KEN hichoe95/Rarity-Score layer6ai-labs/dgm-eval
conformance: ## the tools whose names the protocols bear and the authors' own code of newer measures, run on the same files; writes docs/CONFORMANCE.md (a virtual environment in bin/, about 6 GB, needs pip and git)
	@test -x $(BIN)/conformance-env/bin/python || python3 -m venv $(BIN)/conformance-env
	$(BIN)/conformance-env/bin/pip install -q -r cmd/conformance/python/requirements.txt
	@for r in $(AUTHORS); do d=$(BIN)/conformance-authors/$${r#*/}; test -d $$d || git clone -q --depth 1 https://github.com/$$r $$d || echo "conformance: $$r is left out"; done
	$(GO) run ./cmd/conformance $(CONFORMANCE_ARGS)

docs: ## write the generated tables of README and docs from the recorded runs, and the outputs that pages show
	UPDATE_GOLDEN=1 $(GO) test -run 'README|Docs|Generated' ./command ./cmd/assay ./zoo ./cmd/zoo-cards ./cmd/created-equal ./cmd/verdicts
	$(GO) run ./cmd/scale page
