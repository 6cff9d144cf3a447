#!/bin/sh
# The built program's real window, driven by a synthetic mouse under a virtual
# display. Leaves pictures of it in build/test.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/test
HALLKIOSK_BINARY=$PWD/build/hallkiosk HALLKIOSK_PICTURES=$PWD/build/test CGO_ENABLED=0 \
	"${GO:-go}" test -tags "$UITAGS" -count=1 -run TestRealWindow -v ./app
