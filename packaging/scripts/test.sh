#!/usr/bin/env bash
# Runs every test: the cheap ones first, the one build with graphics last.
# `make test` calls it. Leaves a screenshot of the real window in
# build/test/window.png. Prints how long each step and the whole took.
set -uo pipefail
cd "$(dirname "$0")/../.."
GO=${GO:-go}
: "${TAGS:?}" "${UITAGS:?}"
mkdir -p build/test
began=$SECONDS
failed=()

step() { # step NAME COMMAND…
	local name=$1 from=$SECONDS
	shift
	echo
	echo "== $name"
	if "$@"; then
		echo "-- $name: ok, $((SECONDS - from)) s"
	else
		echo "-- $name: FAILED, $((SECONDS - from)) s"
		failed+=("$name")
	fi
}

formatted() {
	local files
	files=$(gofmt -l app devices assets packaging)
	[ -z "$files" ] || { echo "not gofmt'ed: $files"; return 1; }
}

# The central service as it is shipped: no cgo, no graphics.
headless() {
	CGO_ENABLED=0 $GO vet -tags headless ./... &&
		CGO_ENABLED=0 $GO test -tags headless $(go_packages headless)
}

# Screens, drawn by Fyne in software: no cgo and no display either.
screens() {
	CGO_ENABLED=0 $GO vet -tags "$UITAGS" ./app/... &&
		CGO_ENABLED=0 $GO test -tags "$UITAGS" ./app ./app/kiosk/internal/touch ./app/kiosk/internal/wording ./app/kiosk/screens
}

# All packages but those that are tested with the screens.
go_packages() {
	$GO list -tags "$1" ./... | grep -v -e '/internal/touch$' -e '/internal/wording$' -e '/kiosk/screens$'
}

# Where goroutines meet: the terminal, the drivers, the central service.
race() {
	CGO_ENABLED=1 $GO test -race -short -tags headless \
		./app/kiosk ./app/kiosk/internal/... ./app/central/... ./app/centralapi ./devices/...
}

build() {
	$GO build -tags "$TAGS" -ldflags "-s -w" -o build/hallkiosk ./app &&
		CGO_ENABLED=0 $GO build -tags headless -ldflags "-s -w" -o build/hallcentral ./app
}

step "formatting" formatted
step "headless tests" headless
step "screens" screens
step "race detector" race
step "build with graphics" build
step "the real window takes a ticket" packaging/scripts/window-test.sh

echo
if [ ${#failed[@]} -gt 0 ]; then
	echo "FAILED: $(IFS=,; echo "${failed[*]}") — $((SECONDS - began)) s in all"
	exit 1
fi
echo "All tests passed — $((SECONDS - began)) s in all"
