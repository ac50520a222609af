#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Podman with systemd as its cgroup manager, as root and as an ordinary user, on a host that runs systemd.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
if [ ! -d /run/systemd/system ] || ! command -v podman >/dev/null || ! id tester >/dev/null 2>&1; then
	skip "Podman with systemd" "needs a host that runs systemd, podman, and the user tester"
	suite_end
fi
debian=/usr/local/share/silo-tests/debian-systemd
before=$(snapshot)
mkdir "$WORK/podman"
cp -a "$WORK/rootfs" "$WORK/podman/rootfs"
user=

# podman_ ARGUMENT...: with this runtime; as $user when one is set.
podman_()
{
	local -a command=(podman --cgroup-manager=systemd --runtime "$RUNTIME" "$@")

	if [ -n "$user" ]; then
		command=(runuser -u "$user" -- env XDG_RUNTIME_DIR=/run/user/1000
			DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus "${command[@]}")
	fi
	(cd "$WORK/podman" && timeout 60 "${command[@]}" 2>&1 </dev/null)
}
# systemctl_ ARGUMENT...: of the instance that has the containers.
systemctl_()
{
	if [ -n "$user" ]; then
		XDG_RUNTIME_DIR=/run/user/1000 runuser -u "$user" -- systemctl --user "$@"
	else
		systemctl "$@"
	fi
}
cgroup_of()
{
	cat "/proc/$(podman_ inspect -f '{{.State.Pid}}' "$1")/cgroup"
}

# check_podman NAME SLICES
check_podman()
{
	local name=$1 id=$PREFIX-one

	check_match "$name: run" '^hello$' "$(podman_ run --rm --network=none --rootfs "$WORK/podman/rootfs" echo hello)"
	check "$name: run -d" podman_ run -d --name "$id" --network=none --memory 64m --pids-limit 30 --rootfs \
		"$WORK/podman/rootfs" sleep 1000
	check_match "$name: it is in a scope of Podman's" "^0::$2/libpod-[0-9a-f]*\\.scope/container\$" "$(cgroup_of "$id")"
	check_equal "$name: exec, and the limits inside" "30 67108864" \
		"$(podman_ exec "$id" cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/memory.max | xargs)"
	check "$name: update" podman_ update --pids-limit 50 "$id"
	check_equal "$name: ...reaches systemd" TasksMax=50 "$(systemctl_ show -p TasksMax 'libpod-*.scope')"
	check_match "$name: stats" '[0-9.]+[kM]?B / 67\.11MB' "$(podman_ stats --no-stream "$id")"
	check "$name: pause" podman_ pause "$id"
	check "$name: unpause" podman_ unpause "$id"
	check "$name: rm" podman_ rm -f -t 1 "$id"
	check_equal "$name: no scope is left" "" "$(systemctl_ list-units --all --plain --no-legend 'libpod-*.scope')"
}

booted()
{
	[ "$(podman_ exec "$PREFIX-two" systemctl is-system-running)" = running ]
}

check_podman root /machine.slice
if [ -d "$debian" ]; then
	cp -a "$debian" "$WORK/podman/inner"
	check "systemd in it: run" podman_ run -d --name "$PREFIX-two" --systemd=always --network=none --rootfs \
		"$WORK/podman/inner" /sbin/init
	check "systemd in it: boots" wait_until 20 booted
	check "systemd in it: stop" podman_ stop -t 60 "$PREFIX-two"
	check "systemd in it: rm" podman_ rm "$PREFIX-two"
else
	skip "systemd in it" "no root file system with systemd in $debian, as the machine of tests/vm has it"
fi
chown -R tester "$WORK/podman"
user=tester
check_podman user /user.slice/user-1000.slice/user@1000.service/user.slice
check_unchanged "nothing is left behind" "$before"
suite_end
