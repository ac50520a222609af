#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Usage: run-captured.sh RUNTIME [CONFIG...]
#
# Run `/bin/echo ok` under RUNTIME with each captured CONFIG (default: all of tests/data/managers),
# adapted to this host, in a busybox root file system.  One line for each: its result, and for
# a failure the runtime's last line.  Exit status 1 when any failed.
set -euo pipefail

runtime=${1:?runtime missing}
shift
tests=$(cd "${0%/*}/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../lib/rootfs.sh
. "$tests/lib/rootfs.sh"
[ $# -gt 0 ] || set -- "$tests"/data/managers/*.json

work=$(mktemp -d)
chmod 0755 "$work"
state=$work/state
peer=
find /sys/fs/cgroup -maxdepth 5 -type d >"$work/cgroups" 2>/dev/null || true

cleanup()
{
	[ -z "$peer" ] || kill -KILL "$peer" 2>/dev/null || true
	rm -rf --one-file-system -- "$work"
}
trap cleanup EXIT

# Something to join for configs of a second container of a pod.
# (unshare ignores SIGTERM while it waits: it is killed, and its child with it.)
unshare --fork --kill-child --pid --ipc --uts --net sleep infinity >/dev/null 2>&1 &
peer=$!
for _ in $(seq 50); do
	member=$(pgrep -P "$peer" || true)
	[ -n "$member" ] && break
	sleep 0.1
done

# remove_cgroup_parents CONFIG: a runtime leaves the parents in cgroupsPath (/docker, /kubepods/...)
# to the manager; remove those that were not there before.
remove_cgroup_parents()
{
	local parents hierarchy path

	parents=$(jq -r '.linux.cgroupsPath // "" | ltrimstr("/") | split("/")[:-1] | join("/")' "$1")
	for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*/; do
		path=$parents
		while [ -n "$path" ] && [ -d "${hierarchy%/}/$path" ] &&
			! grep -qxF "${hierarchy%/}/$path" "$work/cgroups"; do
			rmdir -- "${hierarchy%/}/$path" 2>/dev/null || break
			case $path in
			*/*) path=${path%/*} ;;
			*) path= ;;
			esac
		done
	done
}

# run_config CONFIG: prints what the container and the runtime wrote.
run_config()
{
	local config=$1 name dir id

	name=$(basename -- "$config" .json)
	dir=$work/$name
	id=captured-$$-$name
	mkdir -- "$dir"
	cp -a -- "$work/rootfs" "$dir/rootfs"
	own_rootfs "$dir/rootfs" "$config"
	mkdir -p -- "$dir/bundle"
	"$tests/lib/adapt-config" -T -a '["/bin/echo","ok"]' -i "$id" -n "$member" \
		"$config" "$dir/rootfs" "$dir" >"$dir/bundle/config.json"
	timeout $((30 * ${SILO_TIME_FACTOR:-1})) "$runtime" --root "$state" run --bundle "$dir/bundle" "$id" </dev/null 2>&1 || true
	timeout $((30 * ${SILO_TIME_FACTOR:-1})) "$runtime" --root "$state" delete --force "$id" >/dev/null 2>&1 || true
	remove_cgroup_parents "$dir/bundle/config.json"
}

make_busybox_rootfs "$work/rootfs"
passed=0 failed=0
for config; do
	output=$(run_config "$config")
	# Warnings may stand before what the container wrote.
	if [ "$(tail -n 1 <<<"$output")" = ok ]; then
		passed=$((passed + 1))
		echo "ok      $(basename -- "$config")"
	else
		failed=$((failed + 1))
		echo "failed  $(basename -- "$config"): $(tail -n 1 <<<"$output")"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
