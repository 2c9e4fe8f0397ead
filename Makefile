# PIE Desktop. Bare `make` prints the targets.
.DEFAULT_GOAL := help
export CGO_ENABLED ?= 1
GO ?= go
LINT := $(GO) tool -modfile=tools/go.mod golangci-lint
NODE_TESTS := backend/oauth/oauthtest

.PHONY: help run test packages node lint vet unit fmt build bench fuzz

help: ## print the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## build the program into build/bin
	@mkdir -p build/bin
	CGO_ENABLED=0 $(GO) build -trimpath -o build/bin/pie .

run: build ## start the program; without a window it plays the whole story here
	@echo "This build has no window, so the whole story plays here in the terminal."
	@build/bin/pie demo

test: packages node vet lint unit ## install what is missing and pass every check

packages:
	@tools/packages.sh

node:
	@if [ -f $(NODE_TESTS)/package-lock.json ]; then cd $(NODE_TESTS) && npm ci --no-audit --no-fund --loglevel=error; fi

vet:
	$(GO) vet ./...

lint: ## check style and shape
	$(LINT) run

unit: ## run the Go tests
	$(GO) test -race -shuffle=on -timeout 15m ./...

fmt: ## format the code
	$(LINT) fmt

bench: ## print ratios against the real alternatives
	$(GO) test -run '^$$' -bench . ./...

fuzz: ## try what parses strangers' bytes, 30 s each
	@for pkg in $$($(GO) list ./...); do for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	  $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime 30s $$pkg || exit 1; done; done
