#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pause and resume, on this host's own layout of cgroups and on the v2 tree alone.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-p

# A process that counts, in a file on the host, and a child that does as well.
mkdir "$WORK/count" && chmod 0777 "$WORK/count"
counting='.mounts += [{destination: "/count", source: $dir, type: "bind", options: ["bind"]}] |
	.process.args = ["sh", "-c", "while :; do echo >>/count/b; sleep 0.02; done &
		while :; do echo >>/count/a; sleep 0.02; done"]'
counter=$(bundle counter "$counting" --arg dir "$WORK/count")

lines()
{
	wc -l <"$WORK/count/$1"
}

advances()
{
	local was
	was=$(lines "$1")
	wait_until 10 eval "[ \$(lines $1) -gt $was ]"
}

stands_still()
{
	local a b
	a=$(lines a) b=$(lines b)
	sleep 0.3
	[ "$a $b" = "$(lines a) $(lines b)" ]
}

# life WHERE [WRAPPER]: the same on both layouts; $runner is what reaches the runtime.
life()
{
	local where=$1 started
	shift
	runner=("$@" timeout 60 "$RUNTIME" --root "$STATE")
	: >"$WORK/count/a" >"$WORK/count/b"
	"${runner[@]}" run -d -b "$counter" "$id" >"$WORK/log" 2>&1 </dev/null
	check "$where: the container runs" advances b
	check "$where: pause" "${runner[@]}" pause "$id"
	check "$where: no process of it goes on" stands_still
	check_equal "$where: state is paused" paused "$("${runner[@]}" state "$id" | jq -r .status)"
	check_equal "$where: list says paused" paused "$("${runner[@]}" list -f json | jq -r '.[0].status')"
	check_refused "$where: pause of a paused container" "${runner[@]}" pause "$id"
	check_match "$where: ...says so" 'container not running' "$("${runner[@]}" pause "$id" 2>&1)"
	check_refused "$where: delete of a paused container" "${runner[@]}" delete "$id"
	check "$where: ...leaves it as it was" stands_still
	check "$where: resume" "${runner[@]}" resume "$id"
	check "$where: the process goes on" advances a
	check "$where: its child goes on" advances b
	check_equal "$where: state is running" running "$("${runner[@]}" state "$id" | jq -r .status)"
	check_refused "$where: resume of a running container" "${runner[@]}" resume "$id"
	check_match "$where: ...says so" 'container not paused' "$("${runner[@]}" resume "$id" 2>&1)"

	"${runner[@]}" pause "$id"
	check "$where: kill KILL ends a paused container" "${runner[@]}" kill "$id" KILL
	check "$where: ...it is stopped" wait_until 10 is_stopped
	check_refused "$where: pause of a stopped container" "${runner[@]}" pause "$id"
	check_refused "$where: resume of a stopped container" "${runner[@]}" resume "$id"
	check "$where: delete" "${runner[@]}" delete "$id"

	"${runner[@]}" run -d -b "$counter" "$id" >"$WORK/log" 2>&1 </dev/null
	"${runner[@]}" pause "$id"
	started=$SECONDS
	check "$where: delete --force of a paused container" "${runner[@]}" delete --force "$id"
	check "$where: ...without waiting for what is frozen to end" test $((SECONDS - started)) -lt $((8 * SILO_TIME_FACTOR))

	"${runner[@]}" create -b "$counter" "$id" >"$WORK/log" 2>&1 </dev/null
	check "$where: pause of a created container" "${runner[@]}" pause "$id"
	check_equal "$where: ...is paused" paused "$("${runner[@]}" state "$id" | jq -r .status)"
	check_refused "$where: start of a paused container" "${runner[@]}" start "$id"
	check "$where: resume of it" "${runner[@]}" resume "$id"
	check_equal "$where: ...is created again" created "$("${runner[@]}" state "$id" | jq -r .status)"
	check "$where: start" "${runner[@]}" start "$id"
	check "$where: the process runs" advances a
	"${runner[@]}" delete --force "$id"
}

is_stopped()
{
	[ "$("${runner[@]}" state "$id" | jq -r .status)" = stopped ]
}

# stuck WHERE [WRAPPER]: a process that waits, uninterruptibly, for the lock of a directory in which
# another waits for a FUSE file system nobody serves. Neither version's freezer gets hold of it.
stuck()
{
	local where=$1 dir=$WORK/outer/fuse status=0 hung
	shift
	runner=("$@" timeout 60 "$RUNTIME" --root "$STATE")
	: >"$WORK/count/a" >"$WORK/count/b"
	mkdir -p "$dir"
	exec 7<>/dev/fuse
	if ! mount -i -t fuse -o fd=7,rootmode=40000,user_id=0,group_id=0,allow_other fuse "$dir" 2>/dev/null; then
		exec 7>&-
		skip "$where: a pause that cannot complete" "FUSE cannot be mounted here"
		return
	fi
	hung=$(bundle hung "$counting | .mounts += [{destination: \"/outer\", source: \$outer, type: \"bind\",
		options: [\"rbind\"]}] | .process.args[2] = \"ls /outer/fuse/x & sleep 0.2; mkdir /outer/fuse/y & \" + .process.args[2]" \
		--arg dir "$WORK/count" --arg outer "$WORK/outer")
	"${runner[@]}" run -d -b "$hung" "$id" >"$WORK/log" 2>&1 </dev/null 7>&-
	check "$where: a container with a process that cannot be frozen" advances a
	"${runner[@]}" pause "$id" >"$WORK/log" 2>&1 7>&- || status=$?
	check_equal "$where: pause gives up" 1 "$status"
	check_match "$where: ...and says what did not work" "pause the processes in cgroup .*$id.*timed out" \
		"$(cat "$WORK/log")"
	check "$where: ...the others go on" advances a
	check_equal "$where: ...it is not paused" running "$("${runner[@]}" state "$id" | jq -r .status)"
	exec 7>&-
	check "$where: ...and can be deleted" "${runner[@]}" delete --force "$id"
	umount -l "$dir"
}

life 'host layout'
stuck 'host layout'
if on_v2 true 2>/dev/null; then
	life 'v2 alone' on_v2
	stuck 'v2 alone' on_v2
else
	skip 'v2 alone' 'the v2 tree cannot be mounted'
fi

check_refused "pause of a missing container" runtime pause "$id"
check_refused "resume of a missing container" runtime resume "$id"
check_refused "pause without a container" runtime pause
check_refused "pause of two containers" runtime pause a b
check_refused "pause with an unknown option" runtime pause --frozen a
none=$(bundle none '.process.args = ["sleep", "1000"]')
"$RUNTIME" --root "$STATE" --cgroup-manager=disabled run -d -b "$none" "$id" >"$WORK/log" 2>&1 </dev/null ||
	fail "run without cgroups" "$(cat "$WORK/log")"
check_refused "pause of a container without a cgroup" runtime pause "$id"
check_match "...says why" 'has no cgroup' "$(runtime pause "$id" 2>&1)"
runtime delete --force "$id"
check_unchanged 'nothing is left behind' "$before"
suite_end
