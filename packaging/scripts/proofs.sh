#!/usr/bin/env bash
# Tries what the README promises: processes are killed, the power is cut, cables
# are pulled, days are simulated, terminals and windows press together. Usage:
#
#   proofs.sh quick   a minute or two; part of `make test`
#   proofs.sh ci      about ten minutes; what continuous integration runs
#   proofs.sh soak    hours; `make soak`
#
# The sizes can be set one by one as well, see below. Every step prints its figures
# and its seed, and says when it has to skip something on this machine and why
# (power cuts and partitions need root). HALL_SEED=N repeats the decisions of
# another run.
set -uo pipefail
cd "$(dirname "$0")/../.."
GO=${GO:-go}
began=$SECONDS
failed=()

sizes() { # sizes KILLS CUTS SEEDS PARTITIONS EVENTS VERIFY-SECONDS SCHEDULES HOURS
	export HALL_KILLS=${HALL_KILLS:-$1} HALL_CUTS=${HALL_CUTS:-$2} HALL_SEEDS=${HALL_SEEDS:-$3} \
		HALL_PARTITIONS=${HALL_PARTITIONS:-$4} HALL_SYNC_EVENTS=${HALL_SYNC_EVENTS:-$5} \
		HALL_VERIFY_SECONDS=${HALL_VERIFY_SECONDS:-$6} HALL_SCHEDULES=${HALL_SCHEDULES:-$7} HALL_SIM_HOURS=${HALL_SIM_HOURS:-$8}
}
case ${1:-} in
quick) sizes 40 60 100 2 5000 3 50 0.5 ;;
ci) sizes 2000 600 2000 6 10000 10 200 2 ;;
soak) sizes 10000 3000 20000 30 100000 60 10000 24 ;;
*) echo "usage: proofs.sh quick|ci|soak" >&2; exit 2 ;;
esac

# The programs are built once, with failpoints; see app/internal/failpoint.
mkdir -p build/test
export CGO_ENABLED=0
$GO build -tags headless,failpoints -o build/test/hallcentral ./app || exit 1
export HALL_TEST_PROGRAM=$PWD/build/test/hallcentral

# prove NAME PACKAGE [TEST]: one after the other, so that nothing slows down what
# has deadlines. Only figures, skips and failures are shown.
prove() {
	local from=$SECONDS out=build/test/proof-$1.log
	if $GO test -tags headless -count 1 -timeout 5h -v ${3:+-run "$3"} "$2" >"$out" 2>&1; then
		grep -E '^ +[a-z_]+\.go:[0-9]+: |^--- SKIP|^[a-z].*: ' "$out" | grep -v '^=== ' | cut -c1-400 | sed 's/^ *[a-z_]*\.go:[0-9]*: /  /' || true
		echo "-- $1: ok, $((SECONDS - from)) s"
	else
		tail -n 200 "$out"
		echo "-- $1: FAILED, $((SECONDS - from)) s (all of it: $out)"
		failed+=("$1")
	fi
}

prove kills ./app/internal/killtest
prove power-cuts ./app/internal/powercut
prove numbering ./app/kiosk/internal/numsim
prove partitions-and-sync ./app/internal/nettest
prove verify ./app/central/verify '^TestCentralService$'
prove printing ./app/kiosk/internal/peripherals '^TestRandomSchedules$'
prove device-hours ./devices/simulator '^TestHoursOfUse'

if [ ${#failed[@]} -gt 0 ]; then
	echo "NOT PROVEN: $(IFS=,; echo "${failed[*]}") — $((SECONDS - began)) s in all"
	exit 1
fi
echo "proofs: all hold, $((SECONDS - began)) s in all"
