#!/bin/sh
# Installs the Debian packages that building, running or testing needs, and says
# which. Usage: debian-packages.sh GROUP… with the groups run, test and bench.
# Does nothing, quickly, where everything is there already. Needs root or sudo
# only when something is missing.
set -eu

# What `make run` needs: the compiler and headers for Fyne, OpenGL in software,
# and a virtual display for machines that have none.
run="gcc libc6-dev pkg-config ca-certificates
libgl-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev
libgl1-mesa-dri xvfb"
# What the tests need besides: synthetic mouse input, a QR reader that is not
# ours, a browser for the web pages, a font with Chinese for the browser, a tool
# for pictures, the city's database, file systems to cut the power of, network
# namespaces to cut the cables of, and npm for ESC/POS programs that are not ours.
test="$run xdotool zbar-tools chromium fonts-noto-cjk imagemagick
postgresql e2fsprogs mount iproute2"
# Where npm came with Node.js from elsewhere, Debian's package would not go beside it.
command -v npm >/dev/null 2>&1 || test="$test npm"
# What the benchmarks need besides: nothing.
bench="$test"

wanted=
for group in "$@"; do
	case $group in
	run) wanted="$wanted $run" ;;
	test) wanted="$wanted $test" ;;
	bench) wanted="$wanted $bench" ;;
	*) echo "debian-packages.sh: unknown group $group (run, test, bench)" >&2; exit 2 ;;
	esac
done

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "This is not Debian. Install the equivalents of these packages yourself:" >&2
	echo $wanted >&2
	exit 0
fi

missing=
for p in $wanted; do
	case " $missing " in *" $p "*) continue ;; esac
	status=$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "These Debian packages are missing, and there is neither root nor sudo to install them:" >&2
		echo " $missing" >&2
		echo "Ask an administrator to run: apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
	as_root=sudo
fi
echo "Installing Debian packages:$missing"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
case " $missing " in *" postgresql "*)
	# Only the programs are wanted: the tests start servers of their own. Without
	# this, Debian would set up one that runs from now on.
	if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
		$as_root mkdir -p /etc/postgresql-common
		echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
	fi ;;
esac
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
	-o Dpkg::Options::=--force-confold $missing
