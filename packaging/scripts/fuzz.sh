#!/bin/sh
# Fuzzes every decoder, one after the other, each for so many seconds:
#
#   packaging/scripts/fuzz.sh 30           every target
#   packaging/scripts/fuzz.sh 600 devices  those below a folder
#
# What the fuzzer finds worth keeping stays in Go's cache and is used again by the
# next run; a failing input is written to testdata/fuzz of its package, as Go does.
# The last line of each target says how many inputs were tried.
set -eu
cd "$(dirname "$0")/../.."
go=${GO:-go}
seconds=${1:-30}
under=${2:-.}
export CGO_ENABLED=0
tags=${FUZZTAGS:-headless}

failed=
for file in $(grep -rl --include='*_test.go' '^func Fuzz' "$under" | sort); do
	package=./$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$file"); do
		echo "== $package $target"
		if ! "$go" test -trimpath -tags "$tags" -run '^$' -fuzz "^$target\$" -fuzztime "${seconds}s" -fuzzminimizetime 5s -parallel "${FUZZPARALLEL:-2}" "$package" | grep -v 'gathering\|^PASS'; then
			failed="$failed $package:$target"
		fi
	done
done
[ -z "$failed" ] || { echo "fuzz.sh: failed:$failed" >&2; exit 1; }
