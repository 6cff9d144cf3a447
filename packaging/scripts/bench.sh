#!/usr/bin/env bash
# Prints the figures of the built programs beside their targets: numbers and
# paper, then the window beside Chromium. `make bench` calls it, after it has
# installed Chromium and built both programs. A missed target is printed as
# missed; the script fails only when something could not be measured. It takes
# about ten minutes; leave the machine alone meanwhile.
set -euo pipefail
cd "$(dirname "$0")/../.."
GO=${GO:-go}
# The tags of the screens' tests; see the Makefile.
UITAGS=${UITAGS:-ci,handwriting,no_emoji,no_metadata,migrated_fynedo,no_animations}
BUILD=${BUILD:-$PWD/build}
export GOFLAGS=${GOFLAGS:--mod=readonly -trimpath} CGO_ENABLED=0

work=$(mktemp -d)
running=
finish() { # whatever ends the script ends what it measures, too
	if [ -n "$running" ]; then
		kill "$running" 2>/dev/null || true
		wait "$running" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# measure PACKAGE TEST TAGS [FLAG…]: built first and then run by itself, so that
# nothing of the go command runs while something is measured.
measure() {
	local dir=$1 name=$2 tags=$3
	shift 3
	$GO test -c -tags "bench,$tags" -o "$work/$name" "./$dir"
	mkdir "$work/tmp-$name"
	(cd "$dir" && TMPDIR="$work/tmp-$name" exec "$work/$name" -test.run "^$name\$" "$@") \
		> >(grep --line-buffered -v '^PASS$') &
	running=$!
	wait "$running"
	running=
}

measure app/kiosk TestFigures headless
measure app TestBench "$UITAGS" -bench.build "$BUILD"
