#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Limits, by their effect: through the runtime on this host's own layout and on the v2 tree alone,
# and by the program tests/integration/cgroup, which `make check-integration` builds.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)

# limited RESOURCES COMMAND: what COMMAND printed in a container of these limits.
limited()
{
	run_in ".linux.resources += $1" "$2" 2>&1
}

has_controller()
{
	[ -d "/sys/fs/cgroup/$1" ] || grep -qw "$1" /sys/fs/cgroup/cgroup.controllers 2>/dev/null
}

if has_controller memory; then
	# Twice what is allowed, held in the shell's own memory. A swap device would take the rest.
	out=$(limited '{memory: {limit: 8388608}}' 'x=$(head -c 16777216 /dev/zero | tr "\0" x); echo survived')
	check_equal 'memory.limit kills what exceeds it' 0 "$(grep -c survived <<<"$out")"
	out=$(limited '{memory: {limit: 67108864}}' 'x=$(head -c 16777216 /dev/zero | tr "\0" x); echo survived')
	check_equal 'memory.limit leaves alone what stays below' 1 "$(grep -c survived <<<"$out")"
else
	skip 'memory.limit' 'no memory controller on this host'
fi

if has_controller pids; then
	out=$(limited '{pids: {limit: 8}}' 'i=0; while [ $i -lt 20 ]; do sleep 5 & i=$((i + 1)); done; echo all')
	check_equal 'pids.limit stops a fork bomb' 0 "$(grep -c '^all' <<<"$out")"
	check_match 'pids.limit is what fork fails by' 'Resource temporarily unavailable' "$out"
else
	skip 'pids.limit' 'no pids controller on this host'
fi

if has_controller cpuset; then
	out=$(limited '{cpu: {cpus: "0"}}' 'grep Cpus_allowed_list /proc/self/status')
	check_match 'cpu.cpus is where the process may run' 'Cpus_allowed_list:[[:space:]]*0$' "$out"
else
	skip 'cpu.cpus' 'no cpuset controller on this host'
fi

denied='mknod /tmp/d b 7 0 && head -c 1 /tmp/d'
with_mknod='.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .root.readonly = false'
out=$(run_in "$with_mknod" "$denied; rm -f /tmp/d" 2>&1)
check_match 'a device that no rule allows cannot be opened' 'Operation not permitted' "$out"
out=$(run_in '.' 'head -c 4 /dev/zero | wc -c; echo x >/dev/null && echo written' 2>&1)
check_match 'the default devices can' '^written$' "$out"

out=$(limited '{memory: {limit: 4096}}' 'echo ran' || true)
check_match 'a limit too small to start says so' 'memory' "$out"
out=$(limited '{unified: {"nonsense.max": "1"}}' 'echo ran' || true)
check_match 'a controller that does not exist is named' '/linux/resources/unified.*nonsense' "$out"

# Device rules are a BPF program there.
v2=$(bundle v2 "$with_mknod | .linux.namespaces |= map(select(.type != \"cgroup\")) | .process.args = [\"sh\", \"-c\", \"cat /proc/self/cgroup | grep ^0; echo x >/dev/null && echo written; $denied; rm -f /tmp/d\"]")
out=$(on_v2 "$RUNTIME" --root "$STATE" run -b "$v2" "$PREFIX-v2" 2>&1 </dev/null)
check_match 'v2: the container is in its cgroup' "$PREFIX-v2" "$out"
check_match 'v2: the default devices can be used' '^written$' "$out"
check_match 'v2: a device that no rule allows cannot be opened' 'Operation not permitted' "$out"

program=$(dirname "$(command -v "$RUNTIME")")/tests/integration/cgroup
if [ -x "$program" ]; then
	check 'the cgroup code, made for real on every layout' timeout 200 "$program"
else
	skip 'the cgroup code, made for real on every layout' 'tests/integration/cgroup is not built beside the runtime'
fi
check_unchanged 'nothing is left behind' "$before"
suite_end
