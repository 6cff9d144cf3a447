#!/bin/sh
# Fuzzes every decoder, each for so many seconds, as many at a time as there are
# processors:
#
#   packaging/scripts/fuzz.sh 30           every target
#   packaging/scripts/fuzz.sh 600 devices  those below a folder
#
# What the fuzzer finds worth keeping stays in Go's cache and is used again by the
# next run; a failing input is written to testdata/fuzz of its package, as Go does.
# Each target's line says how many inputs were tried, and how many are kept.
set -eu
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0

if [ "${1:-}" = one ]; then # one SECONDS PACKAGE TARGET, for xargs
	if said=$("${GO:-go}" test -trimpath -tags headless,ci,no_emoji,no_metadata,migrated_fynedo,no_animations -run '^$' -fuzz "^$4\$" -fuzztime "$2s" -fuzzminimizetime 10x -parallel 1 "$3" 2>&1); then
		echo "  $3 $4: $(echo "$said" | sed -n 's/.*\(execs: [0-9]*\).*\((total: [0-9]*)\).*/\1 \2/p' | tail -n 1)"
		exit 0
	fi
	case $said in
	# Time that is up while an input is made smaller ends go test with this error; a
	# finding is always written to a file.
	*"Failing input written"*) ;;
	*"context deadline exceeded"*)
		echo "  $3 $4: $(echo "$said" | sed -n 's/.*\(execs: [0-9]*\).*\((total: [0-9]*)\).*/\1 \2/p' | tail -n 1)"
		exit 0
		;;
	esac
	echo "$said"
	echo "  $3 $4: FAILED"
	exit 1
fi

seconds=${1:-30}
under=${2:-.}
for file in $(grep -rl --include='*_test.go' '^func Fuzz' "$under" | sort); do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$file"); do
		case $(head -n 1 "$file") in
		*go:build*) "${GO:-go}" list -tags headless -f '{{.TestGoFiles}}{{.XTestGoFiles}}' "./$(dirname "$file")" | grep -q "$(basename "$file")" || continue ;;
		esac
		echo "./$(dirname "${file#./}") $target"
	done
done | xargs -P "$(nproc)" -L 1 "$0" one "$seconds" || { echo "fuzz.sh: a decoder failed" >&2; exit 1; }
