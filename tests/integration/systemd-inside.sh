#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A container whose own systemd is its process 1, with a cgroup namespace and cgroups delegated to it.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
debian=/usr/local/share/silo-tests/debian-systemd
if [ ! -d "$debian" ]; then
	skip "systemd in a container" "no root file system with systemd in $debian, as the machine of tests/vm has it"
	suite_end
fi
if [ ! -f /sys/fs/cgroup/cgroup.controllers ]; then
	skip "systemd in a container" "this host does not use cgroup v2 alone"
	suite_end
fi
before=$(snapshot)

# A copy that may be written to, of one that many use.
mkdir "$WORK/inner" "$WORK/upper" && mount -t tmpfs tmpfs "$WORK/upper" &&
	mkdir "$WORK/upper/upper" "$WORK/upper/work" && mount -t overlay overlay \
	-o "lowerdir=$debian,upperdir=$WORK/upper/upper,workdir=$WORK/upper/work" "$WORK/inner" || {
	fail "a root file system is made"
	suite_end
}
echo inner >"$WORK/inner/etc/hostname"
for unit in systemd-logind.service getty.target systemd-networkd.service; do
	ln -sf /dev/null "$WORK/inner/etc/systemd/system/$unit"
done

# What Docker and Podman grant, and a cgroup file system that may be written to.
config='.root = {path: $inner, readonly: false} | .process.args = ["/sbin/init", "--log-target=console", "--show-status=no"]
	| .process.env = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "container=oci"] | .process.noNewPrivileges = false
	| .process.capabilities |= map_values(["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
		"CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"])
	| .process.rlimits = [] | .linux.resources = {pids: {limit: 300}, memory: {limit: 268435456}}
	| .linux.namespaces += [{type: "cgroup"}] | .linux.namespaces |= unique_by(.type)
	| .mounts |= map(select(.destination != "/sys/fs/cgroup")) + [
		{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "rw"]},
		{destination: "/run", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "mode=755"]},
		{destination: "/run/lock", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "mode=755"]},
		{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "mode=1777"]}]'

inside()
{
	timeout 60 "$RUNTIME" --root "$STATE" exec "$id" "$@" 2>&1 </dev/null
}
# It says "running" or "degraded" once all that starts at boot was started.
booted()
{
	[[ $(inside systemctl is-system-running) =~ ^(running|degraded)$ ]]
}

# check_system NAME OPTION...: the whole life of one, with the runtime's global OPTIONs.
check_system()
{
	local name=$1 dir pid path out
	shift
	id=$PREFIX-inside
	dir=$(bundle inside "$config" --arg inner "$WORK/inner") || return
	if ! runtime "$@" run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null; then
		fail "$name: it is started" "$(cat "$WORK/log")"
		return
	fi
	if ! wait_until 20 booted; then
		fail "$name: it boots" "$(inside systemctl is-system-running; inside systemctl --no-pager list-jobs; tail -n 30 "$WORK/log")"
		runtime delete --force "$id"
		return
	fi
	pass "$name: it boots"
	check_equal "$name: nothing in it failed" "" "$(inside systemctl --no-pager --plain --no-legend list-units --failed)"
	pid=$(runtime state "$id" | jq .pid)
	path=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
	check_equal "$name: it has put itself into a cgroup of its own" init.scope "$(basename "$path")"
	path=${path%/init.scope}
	check "$name: ...below the container's" test -d "$path/system.slice"
	check_equal "$name: which it sees as the root" 0::/init.scope "$(inside cat /proc/1/cgroup)"
	check_equal "$name: the limits are those outside" "300 268435456" "$(inside cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/memory.max | xargs)"
	inside sh -c 'echo max >/sys/fs/cgroup/pids.max' >"$WORK/log"
	check_equal "$name: ...and cannot be lifted inside" 300 "$(cat "$path/pids.max")"
	check_equal "$name: controllers are passed on to its services" 33554432 \
		"$(inside systemd-run --quiet --wait --pipe -p MemoryMax=32M sh -c 'cat /sys/fs/cgroup$(sed s/0:://  /proc/self/cgroup)/memory.max')"
	out=$(inside systemd-run --quiet --wait --pipe -p TasksMax=8 sh -c 'i=0; while [ $i -lt 20 ]; do sleep 5 & i=$((i + 1)); done; echo all')
	check_equal "$name: a service that exceeds its own limit is stopped" 0 "$(grep -c '^all' <<<"$out")"
	# Real-time signal 3 (systemd(1)): halt.
	check "$name: RTMIN+3 is sent" runtime kill "$id" "$(($(kill -l RTMIN) + 3))"
	check "$name: it shuts down" wait_until 20 status_is "$id" stopped
	check "$name: it is deleted" runtime delete "$id"
	check "$name: with its cgroup" test ! -e "$path"
}

check_system cgroupfs
if [ -d /run/systemd/system ]; then
	check_system systemd --systemd-cgroup
	check_equal "no scope of ours is loaded" "" "$(systemctl list-units --all --plain --no-legend "*$PREFIX*")"
else
	skip "started through systemd" "this host does not run systemd"
fi
umount "$WORK/inner" "$WORK/upper"
check_unchanged "nothing is left behind" "$before"
suite_end
