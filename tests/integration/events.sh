#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# events: statistics in runc's form, lack of memory, the end of the process.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-e
sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')

# What consumers of runc's events read, with and without v1.
shape='.type == "stats" and .id == $id and (.data |
	(.cpu.usage | (.total > 0) and has("kernel") and has("user")) and
	(.cpuset | has("cpu_exclusive") and has("sched_relax_domain_level")) and
	(.memory | [.usage, .swap, .kernel, .kernelTCP | has("limit") and has("failcnt")] | all) and
	(.pids | type == "object") and (.blkio | type == "object") and (.hugetlb | type == "object") and
	.intel_rdt == {} and has("network_interfaces"))'

# stats [CONTAINER]: one statistics line.
stats()
{
	runtime events --stats "${1:-$id}"
}

one_stats()
{
	local out

	runtime run -d -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
	out=$(stats)
	check_equal "$1: events --stats prints one line" 1 "$(wc -l <<<"$out")"
	check_match "$1: it begins as runc's" "^\\{\"type\":\"stats\",\"id\":\"$id\",\"data\":\\{\"cpu\":" "$out"
	check_equal "$1: it has what is read of runc's" true "$(jq --arg id "$id" "$shape" <<<"$out")"
	if [ -e "$(v2_root)/cpu.pressure" ]; then
		check_equal "$1: pressure of cpu, memory and io" 'true true true' "$(jq -r '[.data.cpu, .data.memory, .data.blkio |
			[.psi.some, .psi.full | has("avg10") and has("avg60") and has("avg300") and has("total")] | all] |
			map(tostring) | join(" ")' <<<"$out")"
	else
		skip "$1: pressure" 'no pressure files on this host'
	fi
	runtime delete --force "$id"
}
one_stats 'host layout'
wrapper=(on_v2)
one_stats 'v2 alone'
wrapper=()

limited=$(bundle limited '.process.args = ["sleep", "1000"] |
	.linux.resources += {memory: {limit: 33554432, swap: 33554432}, pids: {limit: 50}}')
if has_controller memory && has_controller pids; then
	runtime run -d -b "$limited" "$id" >"$WORK/log" 2>&1 </dev/null
	out=$(stats)
	check_equal 'memory: the limit' 33554432 "$(jq .data.memory.usage.limit <<<"$out")"
	check_equal 'memory: the limit of memory and swap' 33554432 "$(jq .data.memory.swap.limit <<<"$out")"
	check_equal 'memory: usage, below its peak, below the limit' true \
		"$(jq '.data.memory.usage | 0 < .usage and .usage <= (.max // .usage) and .usage < .limit' <<<"$out")"
	check_equal 'memory: the raw counters' true "$(jq '.data.memory.raw | length > 20' <<<"$out")"
	check_equal 'pids: present and limit' '1 50' "$(jq -r '.data.pids | "\(.current) \(.limit)"' <<<"$out")"
	check_equal 'pids: another one' 2 "$(runtime exec -d "$id" sleep 1000 >/dev/null 2>&1 </dev/null && stats | jq .data.pids.current)"
	used=$(jq .data.cpu.usage.total <<<"$out")
	runtime exec "$id" sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done'
	check_equal 'cpu: what was used is counted' true "$(stats | jq ".data.cpu.usage.total > $used + 10000000")"
	if [ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] && has_controller hugetlb && { [ "$(id -u)" -eq 0 ] || has_delegation hugetlb; }; then
		check_equal 'hugetlb: by page size' true "$(jq '.data.hugetlb["2MB"] | has("failcnt")' <<<"$out")"
	else
		skip 'hugetlb: by page size' 'no hugetlb controller on this host, or for this user'
	fi
	runtime delete --force "$id"
else
	skip 'values of limits' 'no memory and pids controllers on this host'
fi

# The stream: every interval one line, until the process ends.
lines()
{
	[ "$(grep -c "$1" "$WORK/events")" -ge "$2" ]
}
runtime run -d -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
runtime events --interval 100ms "$id" >"$WORK/events" 2>"$WORK/log" &
job=$!
check 'events --interval: a line each time' wait_until 20 lines '"type":"stats"' 4
check_equal 'events: every line is an object' true "$(head -4 "$WORK/events" | jq -s 'map(.type == "stats") | all')"
runtime pause "$id"
seen=$(wc -l <"$WORK/events")
check 'events: they go on while the container is paused' wait_until 20 lines '"type":"stats"' $((seen + 2))
runtime delete --force "$id"
ended()
{
	! kill -0 "$job" 2>/dev/null
}
check 'events ends when the container is deleted' wait_until 10 ended
wait "$job"
check_equal '...with status 0' 0 $?
check_match '...and the last line says that the process ended' "^\\{\"type\":\"exit\",\"id\":\"$id\"[,}]" "$(tail -1 "$WORK/events")"
check_equal '...lack of memory was not its reason' 0 "$(grep -c oom "$WORK/events")"
runtime run -d -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
runtime events --interval 5m "$id" >"$WORK/events" &
job=$!
is_watching()
{
	[ -n "$(ls "/proc/$(pgrep -P "$job")/fdinfo" 2>/dev/null | xargs -I{} grep -s '^Pid:' "/proc/$(pgrep -P "$job")/fdinfo/{}")" ]
}
wait_until 20 is_watching
check_equal 'events: nothing before the first interval' '' "$(cat "$WORK/events")"
runtime kill "$id" KILL
check 'events ends when the process does' wait_until 10 ended
wait "$job"
check_equal '...with status 0, and that alone was told' '0 exit' "$? $(jq -r .type "$WORK/events" | xargs)"
runtime events --interval 10ms "$id" >"$WORK/log" 2>&1
check_refused 'events of a stopped container' runtime events "$id"
check_match '...says so' 'container not running' "$(runtime events --stats "$id" 2>&1)"
runtime delete --force "$id"

# How it ended, told to those who are not its parent.  That is `run` here, which stands still until the end was told.
ender=$(bundle ender '.process.args = ["sh", "-c", "read x; exit 42"]')
mkfifo "$WORK/end"
exec 7<>"$WORK/end"
# exit_event SIGNAL COMMAND...: what is told when COMMAND ends the container, whose parent got SIGNAL before.
exit_event()
{
	local parent

	"$RUNTIME" --root "$STATE" run -b "$ender" "$id" >"$WORK/log" 2>&1 <"$WORK/end" &
	parent=$!
	wait_until 20 status_is "$id" running
	: >"$WORK/events"
	runtime events --interval 100ms "$id" >"$WORK/events" 2>"$WORK/log" &
	job=$!
	# It watches by then.
	wait_until 20 lines '"type":"stats"' 1
	kill "-$1" "$parent"
	"${@:2}"
	wait "$job"
	kill -CONT "$parent" 2>/dev/null
	wait "$parent"
	jq -c 'select(.type == "exit").data' "$WORK/events"
}
end_it()
{
	echo >&7
}
check_equal 'exit: the status, before the parent waited' '{"status":42}' "$(exit_event STOP end_it)"
check_equal 'exit: the signal' '{"status":137,"signal":9}' "$(exit_event STOP runtime kill "$id" KILL)"
if printf '%s\n' 6.15 "$(uname -r)" | sort -V -C; then
	check_equal 'exit: the status, when the parent waits at once' '{"status":42}' "$(exit_event CONT end_it)"
else
	skip 'exit: the status, when the parent waits at once' 'kernels before 6.15 forget it then'
fi
exec 7>&-

if has_controller memory; then
	# The kernel may kill more than one until memory is free again: the first process is the last that it would take.
	hog=$(bundle hog '.process.args = ["sh", "-c", "read x; sh -c \"echo 1000 >/proc/self/oom_score_adj; x=\\$(head -c 50000000 /dev/zero | tr \\\"\\\\0\\\" x)\"; sleep 1000"] |
		.linux.resources.memory = {limit: 16777216, swap: 16777216}')
	mkfifo "$WORK/go"
	exec 8<>"$WORK/go"
	runtime run -d -b "$hog" "$id" >"$WORK/log" 2>&1 <"$WORK/go"
	: >"$WORK/events"
	runtime events --interval 100ms "$id" >"$WORK/events" 2>"$WORK/log" &
	job=$!
	# It watches by then.
	wait_until 20 lines '"type":"stats"' 1
	check_equal 'oom: not yet' 0 "$(grep -c oom "$WORK/events")"
	echo go >&8
	check 'oom: an event' wait_until 20 lines "^{\"type\":\"oom\",\"id\":\"$id\"}\$" 1
	check_equal 'oom: the container lives' running "$(status_of "$id")"
	runtime delete --force "$id"
	check 'oom: events ends' wait_until 10 ended
	exec 8>&-
else
	skip 'oom: an event' 'no memory controller on this host'
fi

runtime create -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
check_equal 'events --stats of a created container' "$id" "$(stats | jq -r .id)"
for duration in '' 0 0s -1s 5 s 1x 1.5.5 1.5.5s 0x5s abc 1d 999999999h '1 s'; do
	check_refused "events --interval '$duration'" timeout 5 "$RUNTIME" --root "$STATE" events --interval "$duration" "$id"
done
for duration in 1ns 100us 1.5ms .5s 1m30s 1h; do
	check "events --interval $duration" runtime events --stats --interval "$duration" "$id"
done
runtime delete --force "$id"
check_refused 'events of a missing container' runtime events --stats "$id"
check_refused 'events without a container' runtime events
"$RUNTIME" --root "$STATE" --cgroup-manager=disabled run -d -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
check_refused 'events of a container without a cgroup' runtime events --stats "$id"
runtime delete --force "$id"
check_unchanged 'nothing is left behind' "$before"
suite_end
