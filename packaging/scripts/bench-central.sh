#!/usr/bin/env bash
# Prints the central service's figures beside their targets: the store beside the
# disk and beside one commit for each request, live streams and boards, calling at
# 64 windows, a city of 500 halls, and numbers over HTTP beside PocketBase 0.39.0,
# which is built here from a module of its own. A missed target is printed as missed;
# the script fails when something could not be measured or missed a target its test
# insists on. It takes about twelve minutes;
# leave the machine alone meanwhile. Needs the Debian package postgresql.
set -euo pipefail
cd "$(dirname "$0")/../.."
GO=${GO:-go}
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

echo "Building (PocketBase takes some minutes the first time) …"
(cd packaging/bench/pocketbase && $GO build -o "$work/pocketbase" .)
failed=()

# measure PACKAGE TEST [FLAG…]: built first and then run by itself, so that nothing
# of the go command runs while something is measured.
measure() {
	local dir=$1 name=$2
	shift 2
	$GO test -c -tags bench,headless -o "$work/$name" "./$dir"
	mkdir "$work/tmp-$name"
	echo
	echo "== $name"
	(cd "$dir" && TMPDIR="$work/tmp-$name" exec "$work/$name" -test.v -test.run "^$name\$" "$@") \
		> >(grep --line-buffered -v -e '^PASS$' -e '^=== RUN') &
	running=$!
	wait "$running" || failed+=("$name")
	running=
}

echo "$(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg)"
measure app/central/internal/store TestFiguresStore
# The streams' figures stand where the streams are.
streams=$(grep -rl --include='*_test.go' 'func TestFiguresStreams(' app/central || true)
if [ -n "$streams" ]; then
	measure "$(dirname "$streams")" TestFiguresStreams
fi
measure app/central TestFiguresBoards
measure app/internal/centralbench TestFiguresCalls
measure app/internal/centralbench TestFiguresCity
measure app/internal/centralbench TestFiguresHTTP -bench.pocketbase "$work/pocketbase"

echo
if [ ${#failed[@]} -gt 0 ]; then
	echo "MISSED or not measured: ${failed[*]}"
	exit 1
fi
