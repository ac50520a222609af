#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Cgroups by delegation: the cgroup v2 that an ordinary user was given holds the containers' cgroups,
# and their limits have their effect.  tests/rootless/run gives the user one.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
if [ "$(id -u)" -eq 0 ] || ! has_delegation; then
	skip "cgroups by delegation" "tests/rootless/run has this run by a user to whom a cgroup is delegated"
	suite_end
fi
above=/sys/fs/cgroup$(dirname -- "$(sed -n 's/^0:://p' /proc/self/cgroup)")
id=$PREFIX-run
before=$(snapshot)

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
check_unchanged "nothing left" "$before"
suite_end
