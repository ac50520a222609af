#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Cgroups by delegation: the cgroup v2 that an ordinary user was given holds the containers' cgroups,
# and their limits have their effect.  tests/rootless/run gives the user one; with SILO_NO_DELEGATION=1 it
# does not, and containers run without limits, if they ask for none.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
if [ "$(id -u)" -eq 0 ]; then
	skip "cgroups by delegation" "tests/rootless/run has this run by a user to whom a cgroup is delegated"
	suite_end
fi
id=$PREFIX-run
before=$(snapshot)

# --- without: no limits, and whatever needs a cgroup says so
# refuses NAME PATTERN COMMAND...: in one line
refuses()
{
	local out status

	out=$("${@:3}" 2>&1 </dev/null)
	status=$?
	check_match "$1" "$2" "$out"
	check_equal "$1: it fails, in one line" "1 1" "$((status != 0)) $(wc -l <<<"$out")"
}

limited()
{
	run_in ".linux.resources = {$1}" true
}

if ! has_delegation; then
	check_equal "no delegation, no limits: it runs" ran "$(run_in . 'echo ran')"
	check_equal "...limits that limit nothing are none" ran \
		"$(run_in '.linux.resources = {memory: {}, devices: [{allow: false, access: "rwm"}]}' 'echo ran')"
	for limit in 'memory: {limit: 67108864}' 'pids: {limit: 100}' 'cpu: {quota: 50000, period: 100000}' 'cpuset: {cpus: "0"}' \
		'io: {weight: 100}' 'unified: {"cgroup.max.depth": "3"}'; do
		# Where the kernel has a controller in v1, that is what is said.
		if [ "${limit%%:*}" != unified ] && ! grep -qw "${limit%%:*}" /sys/fs/cgroup/cgroup.controllers; then
			skip "no delegation: $limit" "the controller is not in the v2 tree"
			continue
		fi
		limit=${limit/#cpuset:/cpu:} limit=${limit/#io:/blockIO:}
		refuses "no delegation: $limit" \
			"/linux/resources.*the limits need a cgroup that user $(id -u) may make.*systemd-run --user --scope --property=Delegate=yes" \
			limited "$limit"
	done
	refuses "no delegation, --rootless=false" "may make.*systemd-run --user" timeout 30 "$RUNTIME" --rootless=false --root "$STATE" \
		run -b "$(bundle strict '.linux.namespaces += [{type: "user"}]')" "$id"
	runtime run -d -b "$(bundle sleeper '.process.args = ["sleep", "1000"]')" "$id" >/dev/null 2>&1 </dev/null
	for command in "ps $id" "pause $id" "events --stats $id" "update --pids-limit 5 $id"; do
		# shellcheck disable=SC2086
		refuses "no delegation: ${command%% *}" "container $id has no cgroup" runtime $command
	done
	check_equal "no delegation: exec" 0 "$(runtime exec "$id" id -u 2>&1 </dev/null)"
	check_equal "no delegation: kill --all is all of a pid namespace" "" "$(runtime kill --all "$id" KILL 2>&1)"
	check "...it ends" wait_until 30 status_is "$id" stopped
	check "...delete" runtime delete "$id"
	runtime run -d -b "$(bundle outside '.process.args = ["sleep", "1000"] | .linux.namespaces |= map(select(.type != "pid"))')" "$id" \
		>/dev/null 2>&1 </dev/null
	check_match "no delegation, no pid namespace: kill --all says what it cannot" "$id has neither a cgroup nor a pid namespace" \
		"$(runtime kill --all "$id" KILL 2>&1)"
	check "...the first process ends" wait_until 30 status_is "$id" stopped
	check "...delete" runtime delete "$id"
	check_unchanged "nothing left" "$before"
	suite_end
fi

# --- with
above=/sys/fs/cgroup$(dirname -- "$(sed -n 's/^0:://p' /proc/self/cgroup)")

check_equal "the container's cgroup is beside the caller's" "${above#/sys/fs/cgroup}/$id" \
	"$(run_in '.linux.namespaces |= map(select(.type != "cgroup"))' 'sed -n "s/^0:://p" /proc/self/cgroup')"
check_equal "in a cgroup namespace it is the root" / \
	"$(run_in '.linux.namespaces |= map(select(.type != "cgroup")) + [{type: "cgroup"}]' 'sed -n "s/^0:://p" /proc/self/cgroup')"
check_equal "a limit that needs no controller" 3 \
	"$(run_in '.linux.resources.unified = {"cgroup.max.depth": "3"}' "cat '$above/$id/cgroup.max.depth' 2>/dev/null || cat /sys/fs/cgroup/cgroup.max.depth")"
check_match "a path outside of what is delegated" "the limits need a cgroup that user $(id -u) may make.*systemd-run --user" \
	"$(run_in '.linux.cgroupsPath = "/not-mine" | .linux.resources.unified = {"cgroup.max.depth": "3"}' true)"
check_equal "...without a limit: no cgroup" ran "$(run_in '.linux.cgroupsPath = "/not-mine"' 'echo ran')"
check_match "...with --rootless=false it is an error" "may make" \
	"$(timeout 30 "$RUNTIME" --rootless=false --root "$STATE" run -b "$(bundle strict '.linux.namespaces += [{type: "user"}] | .linux.cgroupsPath = "/not-mine"')" "$id" 2>&1 </dev/null)"
if has_delegation memory; then
	out=$(run_in '.linux.resources.memory.limit = 8388608' 'x=$(head -c 16777216 /dev/zero | tr "\0" x); echo survived')
	check_equal "memory.limit kills what exceeds it" 0 "$(grep -c survived <<<"$out")"
	out=$(run_in '.linux.resources.memory.limit = 67108864' 'x=$(head -c 16777216 /dev/zero | tr "\0" x); echo survived')
	check_equal "memory.limit leaves alone what stays below" 1 "$(grep -c survived <<<"$out")"
else
	skip "memory.limit" "no memory controller is delegated to the user"
fi
if has_delegation pids; then
	out=$(run_in '.linux.resources.pids.limit = 8' 'i=0; while [ $i -lt 20 ]; do sleep 5 & i=$((i + 1)); done; echo all')
	check_equal "pids.limit stops a fork bomb" 0 "$(grep -c '^all' <<<"$out")"
else
	skip "pids.limit" "no pids controller is delegated to the user"
fi
if grep -qw hugetlb /sys/fs/cgroup/cgroup.controllers && ! has_delegation hugetlb; then
	check_match "a controller that systemd gives to no user" \
		"hugepageLimits.*hugetlb is not delegated to user $(id -u).*systemd delegates none of this kind" \
		"$(run_in '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 0}]' true)"
else
	skip "a controller that systemd gives to no user" "the user has hugetlb, or nobody has"
fi
check_unchanged "nothing left" "$before"
suite_end
