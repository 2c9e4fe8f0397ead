# PIE Desktop. Bare `make` prints the targets.
.DEFAULT_GOAL := help
GO ?= go
LINT := $(GO) tool -modfile=tools/go.mod golangci-lint
NPM_CI := npm ci --no-audit --no-fund --loglevel=error
AUTHORITY := backend/oauth/oauthtest
TAGS := desktop,production,webkit2_41
RACE := $(if $(shell command -v gcc),-race)
HAS_DISPLAY := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname -s)),yes)

.PHONY: help run test dev lint fmt gen build terminal bench fuzz packages node page page-check vet unit window-packages provider-check test262

help: ## print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

ifeq ($(HAS_DISPLAY),yes)
run: build ## start the program; without a display it plays the whole story in the terminal
	@build/bin/pie
else
run: terminal
	@echo "There is no display here, so there is no window: the whole story plays in the terminal."
	@build/bin/pie-terminal demo
endif

terminal: ## build the program without its window into build/bin; needs nothing but Go
	@mkdir -p build/bin
	@CGO_ENABLED=0 $(GO) build -trimpath -o build/bin/pie-terminal .

build: window-packages page ## build the program with its window into build/bin
	@mkdir -p build/bin
	CGO_ENABLED=1 $(GO) build -tags $(TAGS) -trimpath -ldflags '-s -w' -o build/bin/pie .

dev: window-packages page ## start the window over a home of its own, build/dev
	@mkdir -p build/bin build/dev
	CGO_ENABLED=1 $(GO) build -tags $(TAGS) -o build/bin/pie-dev .
	@PIE_HOME=build/dev PIE_KEY_SOURCE=keyfile PIE_KEY_FILE=build/dev/key build/bin/pie-dev

test: packages node page vet lint unit page-check ## install what is missing and pass every check

packages:
	@tools/packages.sh test || [ $$? -eq 3 ]

window-packages:
	@tools/packages.sh window

node:
	@cd $(AUTHORITY) && $(NPM_CI)

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	@cd frontend && $(NPM_CI)

page: frontend/node_modules/.package-lock.json
	@cd frontend && npm run --silent build

page-check:
	@cd frontend && npm run --silent check && npm run --silent test

vet:
	$(GO) vet ./...
	CGO_ENABLED=0 GOOS=windows $(GO) vet -tags desktop,production ./...
	CGO_ENABLED=0 GOOS=darwin $(GO) vet ./...

lint: ## check style and shape
	$(LINT) run

unit: ## run the Go tests
	$(GO) test $(RACE) -shuffle=on -timeout 60m ./...
	$(if $(RACE),$(GO) test -shuffle=on ./backend/hostile)

fmt: ## format the code
	$(LINT) fmt
	@cd frontend && npm run --silent format

gen: ## write again what is made from the code
	UPDATE=1 $(GO) test ./backend/provider ./backend/agent/typings ./backend/plugin ./app/...

bench: ## print ratios against the real alternatives
	$(GO) test -run '^$$' -bench . ./...
	cd bench && $(GO) test -run '^$$' -bench . ./...

fuzz: ## try what parses strangers' bytes, 30 s each
	@for pkg in $$($(GO) list ./...); do for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	  $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime 30s $$pkg || exit 1; done; done

test262: ## run the language's conformance suite as agents: make test262 TEST262=DIR [ONLY=language/statements]
ifdef TEST262
	$(GO) test -count=1 -timeout 0 -run TestSuite -v ./backend/agent/test262 -suite $(abspath $(TEST262)) -only '$(ONLY)'
else
	@echo "The suite is not here. Give a checkout of test262: make test262 TEST262=DIR"
endif

provider-check: ## check every file of the catalogue
	$(GO) test -count=1 ./backend/provider
