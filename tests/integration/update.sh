#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# update: limits of a container that runs, from options and from files, seen by their effect.
# Works with v1's controllers and with v2's, whichever the host has.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-u
data=$HARNESS_DIR/../data/managers/resources
silo=("$RUNTIME" --root "$STATE")

# Where we may make cgroups, and with which controllers: an ordinary user beside the own one.
base=
[ "$(id -u)" -eq 0 ] || base=$(dirname -- "$(sed -n 's/^0:://p' /proc/self/cgroup)")
may_limit()
{
	has_controller "$1" && { [ "$(id -u)" -eq 0 ] || has_delegation "$1"; }
}

# cg V1-CONTROLLER V1-FILE V2-FILE: what the container's cgroup has there.
cg()
{
	cgroup_value "$base/$id" "$@"
}

# begin [FILTER]: a fresh container, whose process sleeps.
begin()
{
	local dir
	runtime delete --force "$id"
	dir=$(bundle update ".linux.cgroupsPath = \"$base/$id\" | .process.args = [\"sleep\", \"1000\"] | ${1:-.}")
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null || fail "a container to update" "$(cat "$WORK/log")"
}

inside()
{
	runtime exec "$id" sh -c "$1" 2>&1 </dev/null
}

mega=$((1 << 20))
# Which the kernel prefers to the container's process.
hog='echo 1000 >/proc/self/oom_score_adj; x=$(head -c 25165824 /dev/zero | tr "\0" x) && echo survived'
if may_limit memory; then
	begin ".linux.resources.memory = {limit: $((16 * mega)), swap: $((16 * mega))}"
	check_equal 'memory: 24 MiB are too much for 16' 0 "$(inside "$hog" | grep -c survived)"
	check 'update --memory and --memory-swap beyond the old swap limit' \
		runtime update --memory 128M --memory-swap 256M "$id"
	check_equal 'memory: now they are not' 1 "$(inside "$hog" | grep -c survived)"
	check_equal 'memory: the limit is' $((128 * mega)) "$(cg memory memory.limit_in_bytes memory.max)"
	if v1_has memory; then
		check_equal 'memory: memory and swap' $((256 * mega)) "$(cg memory memory.memsw.limit_in_bytes -)"
	else
		check_equal 'memory: swap beyond memory' $((128 * mega)) "$(cg memory - memory.swap.max)"
	fi
	check 'update lowers both' runtime update "$id" --memory 16777216 --memory-swap 16777216
	check_equal 'memory: 24 MiB are too much again' 0 "$(inside "$hog" | grep -c survived)"
	check 'update --memory-reservation' runtime update --memory-reservation 8M "$id"
	check_equal 'memory: the reservation is' $((8 * mega)) "$(cg memory memory.soft_limit_in_bytes memory.low)"
	check_equal 'memory: the limit stayed' $((16 * mega)) "$(cg memory memory.limit_in_bytes memory.max)"
	check 'update --memory-swap alone' runtime update --memory-swap 1g "$id"
	if v1_has memory; then
		check_equal 'memory: memory and swap' $((1024 * mega)) "$(cg memory memory.memsw.limit_in_bytes -)"
	else
		check_equal 'memory: swap beyond memory' $((1008 * mega)) "$(cg memory - memory.swap.max)"
	fi
	check 'update --memory -1' runtime update --memory -1 "$id"
	check_match 'memory: unlimited, and swap with it' '^(max|9223372036854771712)$' \
		"$(cg memory memory.memsw.limit_in_bytes memory.swap.max)"
	check_equal 'memory: unlimited' 1 "$(inside "$hog" | grep -c survived)"
	out=$(runtime update --resources - "$id" 2>&1 <<<'{"memory": {"limit": 4096, "checkBeforeUpdate": true}}')
	check_match 'RME-08 checkBeforeUpdate refuses less than is used' 'rejecting memory limit' "$out"
	check_equal 'RME-08 ...the process lives' running "$(status_of "$id")"
else
	skip 'update --memory' 'no memory controller on this host'
fi

if may_limit pids; then
	begin
	forks='for i in 1 2 3 4 5 6; do sleep 3 & done; wait; echo all'
	check_equal 'pids: six forks' 1 "$(inside "$forks" | grep -c '^all')"
	check 'update --pids-limit' runtime update --pids-limit 4 "$id"
	check_equal 'pids: are too many now' 0 "$(inside "$forks" | grep -c '^all')"
	check 'update --pids-limit -1' runtime update --pids-limit=-1 "$id"
	check_equal 'pids: no limit is max' max "$(cg pids pids.max pids.max)"
	check 'update --pids-limit 0' runtime update --pids-limit 0 "$id"
	check_equal 'RPI-01 pids: 0 is a limit' 0 "$(cg pids pids.max pids.max)"
else
	skip 'update --pids-limit' 'no pids controller on this host'
fi

if may_limit cpu; then
	begin '.process.args = ["sh", "-c", "while :; do :; done"] | .linux.resources.cpu = {shares: 512}'
	# throttled: microseconds or a count that only grows while a quota holds the process back.
	throttled()
	{
		cg cpu cpu.stat cpu.stat | awk '$1 == "nr_throttled" { print $2 }'
	}
	check_match 'cpu: not held back at first' '^0?$' "$(throttled)"
	check 'update --cpu-quota and --cpu-period' runtime update --cpu-period 50000 --cpu-quota 10000 "$id"
	held_back()
	{
		[ "$(throttled)" -ge 5 ]
	}
	check 'cpu: held back now' wait_until 20 held_back
	if v1_has cpu; then
		check_equal 'cpu: the shares stayed' 512 "$(cg cpu cpu.shares -)"
	else
		check_equal 'cpu: quota and period' '10000 50000' "$(cg cpu - cpu.max)"
	fi
	check 'update --cpu-quota alone' runtime update --cpu-quota 20000 "$id"
	check 'update --cpu-period alone' runtime update --cpu-period 100000 "$id"
	if v1_has cpu; then
		check_equal 'cpu: both are in force' '20000 100000' "$(cg cpu cpu.cfs_quota_us) $(cg cpu cpu.cfs_period_us)"
	else
		check_equal 'cpu: both are in force' '20000 100000' "$(cg cpu - cpu.max)"
	fi
	check 'update --cpu-share' runtime update --cpu-share 2048 "$id"
	check_match 'cpu: the weight of 2048 shares' '^(2048|174)$' "$(cg cpu cpu.shares cpu.weight)"
	check 'update --cpu-quota -1' runtime update --cpu-quota -1 "$id"
	check_match 'cpu: no quota' '^(-1|max 100000)$' "$(cg cpu cpu.cfs_quota_us cpu.max)"
	if cg cpu cpu.idle cpu.idle >/dev/null 2>&1; then
		check 'update --cpu-idle 1' runtime update --cpu-idle 1 "$id"
		check_equal 'cpu: idle' 1 "$(cg cpu cpu.idle cpu.idle)"
		check 'update --cpu-idle 0 and --cpu-share at once' runtime update --cpu-idle 0 --cpu-share 512 "$id"
		check_equal 'cpu: not idle' 0 "$(cg cpu cpu.idle cpu.idle)"
		check_match 'cpu: ...512 shares' '^(512|59)$' "$(cg cpu cpu.shares cpu.weight)"
		check_refused 'update --cpu-idle 2' runtime update --cpu-idle 2 "$id"
	fi
	if cg cpu cpu.cfs_burst_us cpu.max.burst >/dev/null 2>&1; then
		check 'update --cpu-burst' runtime update --cpu-quota 20000 --cpu-burst 10000 "$id"
		check_equal 'cpu: the burst is' 10000 "$(cg cpu cpu.cfs_burst_us cpu.max.burst)"
		check 'update of quota and burst to less than the old burst' \
			runtime update --cpu-quota 5000 --cpu-burst 1000 "$id"
		check_equal 'cpu: the burst is' 1000 "$(cg cpu cpu.cfs_burst_us cpu.max.burst)"
		check_refused 'update --cpu-burst beyond the quota' runtime update --cpu-quota 5000 --cpu-burst 6000 "$id"
	fi
	# All or nothing: the period is fine, the quota below the least one is not.
	runtime update --cpu-quota 20000 --cpu-period 100000 --cpu-share 512 "$id"
	saved=$(cg cpu cpu.shares cpu.weight)$(cg cpu cpu.cfs_period_us cpu.max)$(cg cpu cpu.cfs_quota_us cpu.max)
	check_refused 'update with one value that the kernel refuses' \
		runtime update --cpu-share 77 --cpu-period 50000 --cpu-quota 5 "$id"
	check_equal '...takes the others back' "$saved" \
		"$(cg cpu cpu.shares cpu.weight)$(cg cpu cpu.cfs_period_us cpu.max)$(cg cpu cpu.cfs_quota_us cpu.max)"
	check_equal '...and leaves the saved config alone' 512 "$(jq .linux.resources.cpu.shares "$STATE/$id/config.json")"
	check_refused 'update --cpu-period 1' runtime update --cpu-period 1 "$id"
else
	skip 'update --cpu-quota' 'no cpu controller on this host'
fi

if may_limit cpuset && [ "$(nproc)" -gt 1 ]; then
	begin '.linux.resources.cpu = {cpus: "0-1"}'
	pid=$(runtime state "$id" | jq .pid)
	check 'update --cpuset-cpus' runtime update --cpuset-cpus 1 "$id"
	check_match 'cpuset: the process may use' '^Cpus_allowed_list:[[:space:]]1$' "$(cat "/proc/$pid/status")"
	check 'update --cpuset-cpus, a list in another spelling' runtime update --cpuset-cpus 0,1 --cpuset-mems 0 "$id"
	check_match 'cpuset: the process may use' '^Cpus_allowed_list:[[:space:]]0-1$' "$(cat "/proc/$pid/status")"
	check_refused 'update --cpuset-cpus with a CPU that is none' runtime update --cpuset-cpus 5000 "$id"
	check_refused 'update --cpuset-cpus with letters' runtime update --cpuset-cpus a "$id"
	check_match '...leaves it' '^Cpus_allowed_list:[[:space:]]0-1$' "$(cat "/proc/$pid/status")"
else
	skip 'update --cpuset-cpus' 'no cpuset controller, or one CPU only, on this host'
fi

# Devices: a shell that opens /dev/null all the while never fails, whatever rules are replaced.
fuse='{allow: true, type: "c", major: 10, minor: 229}'
opens='exec 3</tmp/fuse && echo opened'
# devices [RULE]: an update that denies all but the defaults and RULE.
devices()
{
	jq -n "{devices: [{allow: false}, ${1:-empty}]}" | runtime update -r - "$id"
}
# update_devices WHERE
update_devices()
{
	local loop i

	begin ".process.capabilities |= map_values(. + [\"CAP_MKNOD\"]) |
		.linux.resources.devices = [{allow: false, access: \"rwm\"}, $fuse]"
	inside 'mknod /tmp/fuse c 10 229' >/dev/null
	if [ "$(inside "$opens")" = opened ]; then
		inside 'i=0; while [ $i -lt 30000 ]; do : </dev/null || echo failed; i=$((i + 1)); done; echo done' >"$WORK/null" &
		loop=$!
		for ((i = 0; i < 10; i++)); do
			devices '{allow: true, type: "c", major: 10, minor: 237}' && devices || fail "update of devices, round $i"
		done
		wait "$loop"
		check_equal "$1: /dev/null can be opened all the while" done "$(cat "$WORK/null")"
		check_match "$1: what is no longer allowed cannot be opened" 'Operation not permitted' "$(inside "$opens")"
		check "$1: update allows it again" devices "$fuse"
		check_equal "$1: it can be opened" opened "$(inside "$opens")"
		check "$1: update of something else" runtime update -r <(echo '{"unified": {"cgroup.max.depth": "9"}}') "$id"
		check_equal "$1: an update without them changes none" opened "$(inside "$opens")"
		check "$1: update denies all" devices
		check_match "$1: it cannot be opened" 'Operation not permitted' "$(inside "$opens")"
		check "$1: update allows all" runtime update -r <(echo '{"devices": [{"allow": true}]}') "$id"
		check_equal "$1: it can be opened" opened "$(inside "$opens")"
		check "$1: update denies reading" runtime update -r <(jq -n "{devices: [{allow: true}, $fuse + {allow: false, access: \"r\"}]}") "$id"
		check_match "$1: it cannot be read" 'Operation not permitted' "$(inside "$opens")"
		check_equal "$1: it can be written" opened "$(inside 'exec 3>/tmp/fuse && echo opened')"
		check "$1: update denies all but the default" devices
		check_match "$1: it cannot be opened" 'Operation not permitted' "$(inside "$opens")"
	else
		skip "$1: update" 'this kernel has no /dev/fuse'
	fi
	inside 'rm -f /tmp/fuse' >/dev/null
}
if [ "$(id -u)" -eq 0 ]; then
	update_devices 'devices, host layout'
	runtime delete --force "$id"
	wrapper=(on_v2)
	update_devices 'devices, v2 alone'
	runtime delete --force "$id"
	wrapper=()
else
	skip 'devices' 'only root attaches device rules'
fi

# v1: rules that the parent refuses, under another default, whose exceptions the kernel does not show.
parent=/sys/fs/cgroup/devices/$id-parent
if v1_has devices && mkdir "$parent"; then
	echo 'c 10:229 rwm' >"$parent/devices.deny"
	begin ".process.capabilities |= map_values(. + [\"CAP_MKNOD\"]) | .linux.cgroupsPath = \"/$id-parent/$id\" |
		.linux.resources.devices = [{allow: true}, {allow: false, type: \"c\", major: 10, minor: 237, access: \"rw\"}]"
	inside 'mknod /tmp/denied c 10 237; mknod /tmp/mem c 1 1' >/dev/null
	seen()
	{
		inside 'for device in denied mem; do (exec 3</tmp/$device) 2>&1 | grep -c "not permitted"; done' | xargs
	}
	check_equal 'devices, v1: what the rules deny' '1 0' "$(seen)"
	check_refused 'devices, v1: an update that the parent refuses in part' devices "$fuse"
	check_equal '...takes itself back, with exceptions that only the config has' '1 0' "$(seen)"
	inside 'rm -f /tmp/denied /tmp/mem' >/dev/null
	runtime delete --force "$id"
	find /sys/fs/cgroup -depth -type d -name "$id-parent" -exec rmdir {} +
else
	skip 'devices, v1: an update that the parent refuses in part' "no v1 devices controller on this host"
fi

# What managers send. A repeated update writes nothing.
if may_limit memory && may_limit cpu && may_limit pids; then
	begin
	for manager in docker podman containerd-cri; do
		check "update --resources FILE as $manager sends it" runtime update --resources "$data/$manager-update.json" "$id"
		check "update --resources - as $manager sends it" sh -c \
			"'$RUNTIME' --root '$STATE' update --resources - $id <'$data/$manager-update.json'"
	done
	check_equal 'the last one is in force' $((32 * mega)) "$(cg memory memory.limit_in_bytes memory.max)"
	check_equal "what it does not name is the other's still" 50 "$(cg pids pids.max pids.max)"
	check_equal 'the saved config has all of it' '33554432 512 20000 50' \
		"$(jq -r '.linux.resources | "\(.memory.limit) \(.cpu.shares) \(.cpu.quota) \(.pids.limit)"' "$STATE/$id/config.json")"
	if command -v strace >/dev/null && strace -qo /dev/null true 2>/dev/null; then
		strace -f -qq -e trace=pwrite64 -o "$WORK/trace" "${silo[@]}" update --resources "$data/containerd-cri-update.json" "$id"
		check_equal 'an update that changes nothing writes nothing' 0 "$(grep -c pwrite64 "$WORK/trace")"
		strace -f -qq -e trace=pwrite64 -o "$WORK/trace" "${silo[@]}" update --pids-limit 51 --cpu-share 512 "$id"
		check_equal 'an update writes only what is another' 1 "$(grep -c pwrite64 "$WORK/trace")"
	else
		skip 'an update that changes nothing writes nothing' 'no strace that works on this host'
	fi
	check 'names of properties in any case, as Go reads them' sh -c \
		"echo '{\"Memory\": {\"LIMIT\": 41943040, \"Swap\": 41943040}}' | '$RUNTIME' --root '$STATE' update -r - $id"
	check_equal '...in force' $((40 * mega)) "$(cg memory memory.limit_in_bytes memory.max)"
	check 'options count for more than the file' runtime update -r "$data/docker-update.json" --pids-limit 60 "$id"
	check_equal '...in force' "60 $((64 * mega))" "$(cg pids pids.max pids.max) $(cg memory memory.limit_in_bytes memory.max)"
	runtime pause "$id"
	check 'update of a paused container' runtime update --pids-limit 61 "$id"
	check_equal '...leaves it paused' paused "$(status_of "$id")"
	runtime resume "$id"
else
	skip 'update --resources' 'no memory, cpu and pids controllers on this host'
fi

# Bad input: refused with a reason, and nothing changed.
begin
unchanged=$(cat "$STATE/$id/config.json")
# refused NAME WORDS COMMAND...: with a message that has these words: what is refused for something else shows nothing.
refused()
{
	check_refused "update refuses $1" "${@:3}"
	check_match "...and says why" "$2" "$(cat "$WORK/check.out")"
}
while read -r name arguments; do
	case $name in
	nothing) words='at least one limit' ;;
	# Or that it cannot be limited at all, where the controller lacks.
	swap-below*) words='memory.swap 33554432 is less|memory.limit cannot be applied' ;;
	shares-beyond*) words='cpu.shares is too large' ;;
	*-below--1) words='pids.limit (-2 is not valid|cannot be applied)' ;;
	an-idle*) words='cpu.idle (is 3|cannot be applied)' ;;
	a-weight-of-9) words='blockIO.weight (9 is not|cannot be applied)' ;;
	*missing | *directory) words="${arguments#* }: (No such file|Is a directory)" ;;
	an-unknown-option) words='unknown option' ;;
	two-containers) words='too many arguments' ;;
	*) words="invalid value for ${arguments%%[ =]*}:" ;;
	esac
	# shellcheck disable=SC2086
	refused "$name" "$words" runtime update $arguments "$id"
done <<'EOF'
nothing
a-negative-memory --memory -5
memory-with-an-unknown-unit --memory 5x
memory-with-two-numbers --memory 5m5
an-empty-memory --memory=
a-huge-memory --memory 99999999999999999999
a-huge-memory-with-a-unit --memory 9999999p
a-memory-of-letters --memory lots
swap-below-memory --memory 64m --memory-swap 32m
a-negative-share --cpu-share -1
a-share-beyond-64-bits --cpu-share 18446744073709551616
shares-beyond-the-kernels --cpu-share 18446744073709551615
a-period-of-letters --cpu-period x
a-quota-with-a-fraction --cpu-quota 1.5
a-pids-limit-below--1 --pids-limit -2
a-pids-limit-of-letters --pids-limit many
an-idle-of-3 --cpu-idle 3
a-weight-of-9 --blkio-weight 9
a-weight-beyond-16-bits --blkio-weight 65546
a-file-that-is-missing --resources /nonexistent
a-directory --resources /
an-unknown-option --memory-limit 5
two-containers another
EOF
# Each line: what the message says, and the JSON. Page sizes are known where the controller is: systemd gives no user hugetlb.
while IFS=' ' read -r words json; do
	# shellcheck disable=SC2016
	refused "$json" "resources -: ${words//_/ }" sh -c 'printf "%s" "$1" | "$2" --root "$3" update -r - "$4"' - "$json" "$RUNTIME" "$STATE" "$id"
done <<'EOF'
.*invalid_JSON:.*premature
.*invalid_JSON:.*premature {
.*expected_an_object []
.*expected_an_object null
.*expected_an_object "memory"
/memory_ {"memory": []}
/memory/limit_ {"memory": {"limit": "5m"}}
/memory/limit_ {"memory": {"limit": 1.5}}
/memory/limit_ {"memory": {"limit": -2}}
/memory/limit_ {"memory": {"limit": 99999999999999999999}}
/memory_.*twice {"memory": {"limit": 1}, "Memory": {"limit": 2}}
/cpu/cpus_ {"cpu": {"cpus": "x"}}
/pids/limit_ {"pids": {"limit": true}}
/devices/0/access_ {"devices": [{"allow": false, "access": "x"}]}
/devices/0_.*allow {"devices": [{"type": "c"}]}
/unified/ {"unified": {"../memory.max": "1"}}
/unified/nonsense.max_ {"unified": {"nonsense.max": "1"}}
/hugepageLimits/0|hugetlb_is_not_delegated {"hugepageLimits": [{"pageSize": "3MB", "limit": 1}]}
.*trailing {"pids": {"limit": 5}} {}
EOF
check_equal 'after all these the saved config is the same' "$unchanged" "$(cat "$STATE/$id/config.json")"
out=$(runtime update -r - "$id" 2>&1 <<<$'{"memory":\n {"limit": -2}}')
check_match 'an error names file, property and line' 'resources -: /memory/limit \(line 2\): memory.limit -2' "$out"
check_equal 'the container runs on' running "$(status_of "$id")"
runtime kill "$id" KILL
wait_until 10 status_is "$id" stopped
check_refused 'update of a stopped container' runtime update --pids-limit 5 "$id"
check_match '...says so' 'container not running' "$(runtime update --pids-limit 5 "$id" 2>&1)"
runtime delete --force "$id"
check_refused 'update of a missing container' runtime update --pids-limit 5 "$id"
check_refused 'update without a container' runtime update --pids-limit 5
check_unchanged 'nothing is left behind' "$before"
suite_end
