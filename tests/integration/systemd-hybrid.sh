#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The systemd cgroup manager where systemd has its controllers in cgroup v1: as `make check-vm-hybrid` boots it.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
if [ ! -d /run/systemd/system ] || [ ! -d /sys/fs/cgroup/systemd ]; then
	skip "systemd with cgroup v1" "this host does not run systemd, or has no v1 hierarchy of systemd's"
	suite_end
fi
before=$(snapshot)
unit=silo-$PREFIX-one.scope
place=system.slice/$unit

show()
{
	systemctl show --value --property="$1" "$unit"
}
# The scope's limits as the kernel has them, one a line.
files()
{
	(cd /sys/fs/cgroup && cat "pids/$place/pids.max" "cpu,cpuacct/$place/cpu.shares" \
		"cpu,cpuacct/$place/cpu.cfs_quota_us" "devices/$place/devices.list")
}
in_scope()
{
	local dir

	dir=$(bundle run "$1 | .process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$2") &&
		timeout 30 "$RUNTIME" --root "$STATE" --systemd-cgroup run -b "$dir" "$PREFIX-run" 2>&1 </dev/null
}

dir=$(bundle one '.process.args = ["sleep", "1000"] | .linux.resources = {pids: {limit: 20},
	cpu: {shares: 512, quota: 50000, period: 100000}, devices: [{allow: false, access: "rwm"}]}')
check "a container is started" runtime --systemd-cgroup run -d -b "$dir" "$PREFIX-one"
check_equal "in every hierarchy it is in the scope's cgroup" 0 \
	"$(grep -vc ":/$place\$" "/proc/$(runtime state "$PREFIX-one" | jq .pid)/cgroup")"
check_equal "systemd knows of pids.limit" 20 "$(show TasksMax)"
check_equal "...cpu.shares" 512 "$(show CPUShares)"
check_equal "...cpu.quota" 500ms "$(show CPUQuotaPerSecUSec)"
check_equal "...the device rules" strict "$(show DevicePolicy)"
written=$(files)
check_equal "limits are in the files" "20 512 50000" "$(head -n 3 <<<"$written" | xargs)"
check_match "...device rules, too" '^c 1:3 rwm$' "$written"
check "daemon-reload" systemctl daemon-reload
check_equal "...leaves all of them as they are" "$written" "$(files)"
check_match "exec is held to them" 'Resource temporarily unavailable' \
	"$(runtime exec "$PREFIX-one" sh -c 'i=0; while [ $i -lt 30 ]; do sleep 3 & i=$((i + 1)); done; echo all' 2>&1 </dev/null)"
check "update" runtime update --pids-limit 25 "$PREFIX-one"
check_equal "...reaches the file and systemd" "25 25" "$(cat "/sys/fs/cgroup/pids/$place/pids.max") $(show TasksMax)"
check "pause" runtime pause "$PREFIX-one"
check_equal "...is seen" paused "$(status_of "$PREFIX-one")"
check "delete --force of a paused one" runtime delete --force "$PREFIX-one"
check_equal "...removes the unit" inactive "$(show ActiveState)"
check_match "a device that no rule allows cannot be opened" 'Operation not permitted' \
	"$(in_scope '.process.capabilities |= map_values(. + ["CAP_MKNOD"])' 'mknod /tmp/d b 7 0 && head -c 1 /tmp/d; rm -f /tmp/d')"
if grep -qw memory /sys/fs/cgroup/unified/cgroup.controllers 2>/dev/null; then
	check_equal "memory.limit kills, where v2 has memory alone" 0 \
		"$(in_scope '.linux.resources.memory = {limit: 16777216, swap: 16777216}' \
			'x=$(head -c 33554432 /dev/zero | tr "\0" x); echo survived' | grep -c survived)"
else
	skip "memory.limit in the v2 tree" "v1 has the memory controller"
fi
in_scope '.process.args = ["/no/such/program"]' x >/dev/null
check_unchanged "nothing is left behind" "$before"
check_equal "no scope of ours is loaded" "" "$(systemctl list-units --all --plain --no-legend "*$PREFIX*")"
suite_end
