#!/usr/bin/env bash
# Runs every test: the cheap ones first, the one build with graphics last.
# `make test` calls it; HALL_PROOFS=ci makes the last step long. Leaves a screenshot of the real window in
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

# The central service as it is shipped: no cgo, no graphics; on SQLite and on a
# PostgreSQL that is started for it.
headless() {
	CGO_ENABLED=0 $GO vet -tags headless ./... &&
		HALL_REQUIRE_POSTGRES=1 CGO_ENABLED=0 $GO test -tags headless $(go_packages headless)
}

# Screens, drawn by Fyne in software: no cgo and no display either.
screens() {
	CGO_ENABLED=0 $GO vet -tags "$UITAGS" ./app/... &&
		CGO_ENABLED=0 $GO test -tags "$UITAGS" ./app ./app/kiosk/handwriting ./app/kiosk/internal/touch ./app/kiosk/internal/wording ./app/kiosk/screens
}

# All packages but those that are tested with the screens, and the proofs.
go_packages() {
	$GO list -tags "$1" ./... | grep -v -e '/internal/touch$' -e '/internal/wording$' -e '/kiosk/screens$' \
		-e '/internal/killtest$' -e '/internal/powercut$' -e '/internal/nettest$' -e '/internal/numsim$'
}

# Where goroutines meet: the terminal, the drivers, the central service.
race() {
	CGO_ENABLED=1 $GO test -race -short -tags headless $(go_packages headless | grep -e /app/kiosk -e /app/central -e /devices/)
}

build() {
	$GO build -tags "$TAGS" -ldflags "-s -w" -o build/hallkiosk ./app &&
		CGO_ENABLED=0 $GO build -tags headless -ldflags "-s -w" -o build/hallcentral ./app
}

if [ "${1:-}" = only ]; then # one of the steps above, beside a database
	"$2"
	exit
fi

step "formatting" formatted
export GO TAGS UITAGS
step "headless tests" packaging/scripts/with-postgres.sh packaging/scripts/test.sh only headless
step "screens" screens
step "race detector" packaging/scripts/with-postgres.sh packaging/scripts/test.sh only race
step "build with graphics" build
step "the real window takes a ticket" packaging/scripts/window-test.sh
# Every decoder of a device, 30 seconds each; the small run has the corpora as
# ordinary tests, and make soak fuzzes everything.
[ "${HALL_PROOFS:-quick}" = quick ] || step "fuzzing" packaging/scripts/fuzz.sh 30 devices
step "proofs" packaging/scripts/with-postgres.sh packaging/scripts/proofs.sh "${HALL_PROOFS:-quick}"

echo
if [ ${#failed[@]} -gt 0 ]; then
	echo "FAILED: $(IFS=,; echo "${failed[*]}") — $((SECONDS - began)) s in all"
	exit 1
fi
echo "All tests passed — $((SECONDS - began)) s in all"
