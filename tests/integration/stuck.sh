#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A command that does not come to its end, most likely since a hook does not, has the container's lock: what the others
# do then.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
id=$PREFIX-stuck
before=$(snapshot)
sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')

# A hook that says that it runs and then waits until it is killed, or the test lets it go on.
mkfifo "$WORK/gate"
cat >"$WORK/hook" <<-HOOK
	#!/bin/sh
	echo \$\$ >"$WORK/reached"
	exec cat "$WORK/gate" >/dev/null
HOOK
chmod 0755 "$WORK/hook"
# stuck KIND: a bundle with that hook.
stuck()
{
	rm -f "$WORK/reached"
	bundle "stuck" ".process.args = [\"sleep\", \"1000\"] | .hooks.$1 = [{path: \"$WORK/hook\"}]"
}
reached()
{
	wait_until 30 test -s "$WORK/reached"
}
gone()
{
	! kill -0 "$(cat "$WORK/reached")"
}

# create: its init is found and killed, upon which it gives up, and takes back what it has made.
dir=$(stuck createRuntime)
"$RUNTIME" --root "$STATE" create -b "$dir" "$id" >"$WORK/create" 2>&1 </dev/null &
creator=$!
reached
check_equal "create in a hook: state" creating "$(status_of "$id")"
check "...with the pid that hooks are told, too" test "$(runtime state "$id" | jq .pid)" -gt 0
check_match "...list" creating "$(runtime list)"
check_match "...kill is refused, at once, with the way out" 'still being created.*delete --force' "$(timeout 50 "$RUNTIME" --root "$STATE" kill "$id" KILL 2>&1)"
check_match "...so is delete, which says who is at work" "is being worked on by process $creator \(.*create" \
	"$(timeout 50 "$RUNTIME" --root "$STATE" delete "$id" 2>&1)"
check "...delete --force succeeds" timeout 50 "$RUNTIME" --root "$STATE" delete --force "$id"
status=0
wait "$creator" || status=$?
check_equal "...create has failed" 1 "$status"
check_match "...and says why" 'createRuntime hook.*was killed: init had ended' "$(cat "$WORK/create")"
check "...its hook is gone" gone
check_unchanged "...nothing is left" "$before"

# A create that was killed in its hook leaves an init that is found by the pid, whatever there is of cgroups.
dir=$(stuck createRuntime)
"$RUNTIME" --root "$STATE" --cgroup-manager=disabled create -b "$dir" "$id" >"$WORK/create" 2>&1 </dev/null &
creator=$!
reached
kill -KILL "$creator"
wait "$creator" 2>/dev/null
check "create killed in a hook, without a cgroup: delete --force" runtime delete --force "$id"
kill -KILL "$(cat "$WORK/reached")"
check_unchanged "...nothing is left" "$before"

# poststart: the container runs, and is anybody's to work on.
for command in start "run --detach -b $WORK/stuck"; do
	name="${command%% *} in a poststart hook"
	dir=$(stuck poststart)
	[ "$command" != start ] || runtime create -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
	# shellcheck disable=SC2086
	"$RUNTIME" --root "$STATE" $command "$id" >"$WORK/out" 2>&1 </dev/null &
	starter=$!
	reached
	check_equal "$name: state" running "$(status_of "$id")"
	check "...kill" timeout 50 "$RUNTIME" --root "$STATE" kill "$id" KILL
	check "...reaches the container" wait_until 20 status_is "$id" stopped
	check "...delete" timeout 50 "$RUNTIME" --root "$STATE" delete "$id"
	check "...its ID is free" runtime run --detach -b "$sleeper" "$id"
	kill -KILL "$(cat "$WORK/reached")"
	status=0
	wait "$starter" || status=$?
	check_equal "...a hook that fails then makes it fail" 1 "$status"
	check_equal "...and undoes nothing of the one that has the ID now" running "$(status_of "$id")"
	runtime delete --force "$id"
	check_unchanged "...nothing is left" "$before"
done
dir=$(stuck poststart)
"$RUNTIME" --root "$STATE" run -b "$dir" "$id" >"$WORK/out" 2>&1 </dev/null &
starter=$!
reached
check "run in a poststart hook: delete --force" timeout 50 "$RUNTIME" --root "$STATE" delete --force "$id"
echo >"$WORK/gate"
status=0
wait "$starter" || status=$?
check_equal "...run ends with its process's status" 137 "$status"
check_unchanged "...nothing is left" "$before"

# poststop: what delete waits for is nobody else's to end, but they are told who it is.
dir=$(stuck poststop)
runtime run --detach -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
runtime kill "$id" KILL
wait_until 20 status_is "$id" stopped
"$RUNTIME" --root "$STATE" delete "$id" >"$WORK/out" 2>&1 </dev/null &
deleter=$!
reached
check_equal "delete in a poststop hook: state" stopped "$(status_of "$id")"
check_match "...kill" 'not running' "$(timeout 50 "$RUNTIME" --root "$STATE" kill "$id" KILL 2>&1)"
check_match "...another delete" "is being worked on by process $deleter \(.*delete" "$(timeout 50 "$RUNTIME" --root "$STATE" delete "$id" 2>&1)"
"$RUNTIME" --root "$STATE" delete --force "$id" >"$WORK/second" 2>&1 </dev/null &
second=$!
echo >"$WORK/gate"
check "...it ends with its hook" wait "$deleter"
check "...one that waited finds it gone" wait "$second"
check_unchanged "...nothing is left" "$before"

# Whoever only looks has the lock for a moment, which is no reason to be refused.
bad=
for ((round = 0; round < 20; round++)); do
	runtime create -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
	runtime kill "$id" KILL
	wait_until 20 status_is "$id" stopped
	runtime list >/dev/null &
	out=$(runtime delete "$id" 2>&1) || bad+="$out; "
	wait "$!"
	runtime delete --force "$id"
done
check_equal "delete while others look" "" "$bad"
check_unchanged "...nothing is left" "$before"
suite_end
