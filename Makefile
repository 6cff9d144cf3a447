# Hallkiosk. `make` lists the targets; the README explains them.

# One set of flags for every build with graphics: other flags would cost a
# second cold build of several minutes.
tags   := x11,handwriting,no_emoji,no_metadata,migrated_fynedo,no_animations
uitags := ci,handwriting,no_emoji,no_metadata,migrated_fynedo,no_animations
GO     ?= go
export GOFLAGS := -mod=readonly -trimpath

.PHONY: help run test soak lint gallery terminal central simulate bench screenshots fonts clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## install what is missing, build, and start the demonstration hall
	@packaging/scripts/debian-packages.sh run
	@$(MAKE) --no-print-directory terminal
	@exec build/hallkiosk demo

test: ## install what is missing and run every test
	@packaging/scripts/debian-packages.sh test
	@GO="$(GO)" TAGS="$(tags)" UITAGS="$(uitags)" packaging/scripts/test.sh

soak: ## the proofs at full length: 10,000 kills, 3,000 power cuts, 20,000 simulated days, fuzzing … (hours)
	@packaging/scripts/debian-packages.sh test
	@GO="$(GO)" packaging/scripts/with-postgres.sh packaging/scripts/proofs.sh soak
	@GO="$(GO)" packaging/scripts/fuzz.sh 600

lint: ## formatting and go vet, without graphics
	@test -z "$$(gofmt -l app devices assets)" || { gofmt -l app devices assets; exit 1; }
	CGO_ENABLED=0 $(GO) vet -tags headless ./...

terminal: ## build the terminal's program, build/hallkiosk
	@echo "Building the terminal (the first time takes some minutes) …"
	$(GO) build -tags $(tags) -ldflags "-s -w" -o build/hallkiosk ./app

central: ## build the central service, build/hallcentral (static, no graphics)
	CGO_ENABLED=0 $(GO) build -tags headless -ldflags "-s -w" -o build/hallcentral ./app

simulate: terminal ## simulated printer, reader and scanner for a terminal on this machine, with a page of buttons
	@exec build/hallkiosk simulate -page 127.0.0.1:7090

gallery: ## every screen as a picture, into build/gallery, without a display
	CGO_ENABLED=0 $(GO) run -tags $(uitags) ./app gallery -out build/gallery

screenshots: ## make the README's pictures anew
	@packaging/scripts/debian-packages.sh test
	@GO="$(GO)" UITAGS="$(uitags)" packaging/scripts/screenshots.sh

bench: ## figures, beside Chromium showing an equal page and beside PocketBase
	@packaging/scripts/debian-packages.sh bench
	@$(MAKE) --no-print-directory terminal central
	@GO="$(GO)" UITAGS="$(uitags)" packaging/scripts/bench.sh
	@GO="$(GO)" packaging/scripts/bench-central.sh
	@GO="$(GO)" packaging/scripts/bench-search.sh

fonts: ## make the bundled fonts anew from Debian's fonts-noto-cjk
	packaging/scripts/fonts.sh

clean: ## remove what was built
	rm -rf build
