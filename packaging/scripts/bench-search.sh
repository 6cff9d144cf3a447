#!/usr/bin/env bash
# Prints what the guides' search finds and costs beside SQLite's FTS5 and bleve,
# which is built here from a module of its own. Fails when the search is not better
# than both at finding, or misses its target of time or memory. It takes about two
# minutes; leave the machine alone meanwhile.
set -euo pipefail
cd "$(dirname "$0")/../.."
GO=${GO:-go}
export GOFLAGS=${GOFLAGS:--mod=readonly -trimpath} CGO_ENABLED=0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "Building (bleve takes some minutes the first time) …"
(cd packaging/bench/search && $GO build -o "$work/search" .)
echo "$(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg)"
"$work/search"
