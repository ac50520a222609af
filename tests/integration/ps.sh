#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ps: numbers, and what ps(1) says about them.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-ps
sleepers=$(bundle sleepers '.process.args = ["sh", "-c", "sleep 1001 & sleep 1002 & wait"]')

runtime run -d -b "$sleepers" "$id" >"$WORK/log" 2>&1 </dev/null
pid=$(runtime state "$id" | jq .pid)
# A child of the shell's is one more process from its fork on, and what it executes only later.
executed()
{
	pgrep -P "$pid" -fx 'sleep 1001' && pgrep -P "$pid" -fx 'sleep 1002'
}
wait_until 20 executed
check_equal 'ps -f json: an array of all pids' 3 "$(runtime ps -f json "$id" | jq length)"
check_equal 'ps -f json: the container process is one' true "$(runtime ps -f json "$id" | jq "index($pid) != null")"
check_equal 'ps -f json: on one line' 1 "$(runtime ps --format json "$id" | wc -l)"
check_equal 'ps -f json: the same as ps knows them' "$(pgrep -P "$pid" | sort -n | xargs)" \
	"$(runtime ps -f json "$id" | jq -r "map(select(. != $pid)) | sort | join(\" \")")"
if command -v ps >/dev/null && ps -ef >/dev/null 2>&1; then
	out=$(runtime ps "$id")
	check_equal 'ps: the heading is that of ps -ef' "$(ps -ef | head -1)" "$(head -1 <<<"$out")"
	check_equal 'ps: one line each' 4 "$(wc -l <<<"$out")"
	check_match 'ps: a process of the container' "[[:space:]]$pid[[:space:]].*sh -c sleep 1001" "$out"
	check_match 'ps: another one' ' sleep 1002$' "$out"
	check_equal 'ps -f table is the default' "$(awk '{ print $2 }' <<<"$out")" \
		"$(runtime ps -f table "$id" | awk '{ print $2 }')"
	check_match 'ps: options of ps follow the container' '^ *PID COMMAND$' "$(runtime ps "$id" -eo pid,comm)"
	check_equal 'ps: ...and choose the columns' "$pid sh" \
		"$(runtime ps "$id" -eo pid,comm | awk -v pid="$pid" '$1 == pid { print $1, $2 }')"
	check_match 'ps: -e -x as runc takes it' ' sleep 1001' "$(runtime ps "$id" -e -x)"
	check_refused 'ps: no PID column' runtime ps "$id" -eo comm
	check_match 'ps: ...says so' "couldn't find PID field" "$(runtime ps "$id" -eo comm 2>&1)"
	check_refused 'ps: options that ps does not know' runtime ps "$id" --no-such-option
	check_refused 'ps: no ps in PATH' env PATH=/nonexistent "$RUNTIME" --root "$STATE" ps "$id"
	check_equal 'ps: json needs none' 3 \
		"$(env PATH=/nonexistent "$RUNTIME" --root "$STATE" ps -f json "$id" | jq length)"
else
	skip 'ps: table' 'no ps(1) on this host'
fi
check_refused 'ps: a format that does not exist' runtime ps -f yaml "$id"
runtime pause "$id"
check_equal 'ps of a paused container' 3 "$(runtime ps -f json "$id" | jq length)"
runtime resume "$id"
runtime kill "$id" KILL
wait_until 10 status_is "$id" stopped
check_equal 'ps -f json of a stopped container: none, and no error' '[] 0' "$(runtime ps -f json "$id") $?"
runtime delete --force "$id"
check_refused 'ps of a missing container' runtime ps "$id"
check_refused 'ps without a container' runtime ps
runtime create -b "$sleepers" "$id" >"$WORK/log" 2>&1 </dev/null
check_equal 'ps of a created container: its process' "[$(runtime state "$id" | jq .pid)]" "$(runtime ps -f json "$id")"
runtime delete --force "$id"
check_unchanged 'nothing is left behind' "$before"
suite_end
