#!/bin/sh
# Runs a command beside a PostgreSQL of its own and ends that with it.
# Usage: with-postgres.sh COMMAND [ARGUMENT…]
# The server lies in a temporary folder, is reached by a Unix socket only, and
# flushes to the disk as in service. The command finds its address in
# HALL_TEST_POSTGRES. Needs the package postgresql, not a running service.
set -eu

[ $# -gt 0 ] || { echo "usage: with-postgres.sh COMMAND [ARGUMENT…]" >&2; exit 2; }

# The newest of Debian's, else the one in PATH.
bin=
for initdb in "$(command -v initdb || true)" $(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -t/ -k5 -n); do
	[ -z "$initdb" ] || bin=${initdb%/initdb}
done
[ -n "$bin" ] || { echo "with-postgres.sh: no PostgreSQL here: install the package postgresql" >&2; exit 1; }

# Short, because the path of a socket may have 107 bytes: not TMPDIR.
folder=$(mktemp -d /tmp/hallpg.XXXXXX)

# PostgreSQL refuses to run as root.
as=
if [ "$(id -u)" = 0 ]; then
	owner=postgres
	id "$owner" >/dev/null 2>&1 || owner=nobody
	chown "$owner" "$folder"
	as="setpriv --reuid=$owner --regid=$(id -g "$owner") --clear-groups"
fi

end() {
	status=$?
	trap - EXIT
	(cd "$folder" && $as "$bin/pg_ctl" stop -s -m immediate -D "$folder/data" >/dev/null 2>&1) || true
	rm -rf "$folder"
	exit "$status"
}
trap end EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

(
	cd "$folder"
	$as mkdir socket
	$as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync
	$as sh -c 'printf "fsync = on\nsynchronous_commit = on\nmax_connections = 200\nshared_buffers = 64MB\nlog_min_messages = fatal\n" >>"$1/data/postgresql.conf"' sh "$folder"
	$as "$bin/pg_ctl" start -s -w -D "$folder/data" -l "$folder/data/log" \
		-o "-c listen_addresses='' -c unix_socket_directories='$folder/socket'"
) >"$folder.log" 2>&1 || { cat "$folder.log" >&2; rm -f "$folder.log"; exit 1; }
rm -f "$folder.log"

HALL_TEST_POSTGRES="postgres://postgres@/postgres?host=$folder/socket" "$@"
